"""The rows of an invoice's or credit note's table on paper, desktop by desktop (BIL-11)."""

from collections.abc import Sequence
from itertools import groupby

from chalicelib.billing.invoices.credit_note import CreditLine, CreditNote
from chalicelib.billing.invoices.invoice import ChargeLine, Invoice, InvoiceLine
from chalicelib.billing.invoices.line_text import billed_quantity, desktop_title
from chalicelib.billing.papers.paper_words import Words
from chalicelib.paper.table import Column, Group, Row
from chalicelib.texts.french_text import HARD


def columns_of(document: Invoice | CreditNote) -> list[Column]:
    """Give the table's columns."""
    words = Words(document.buyer.language)
    return [
        Column(words("Désignation"), 38),
        Column(words("Quantité"), 19, "R"),
        Column(words("Prix unitaire HT"), 17, "R"),
        Column(words("TVA"), 9, "R"),
        Column(words("Montant HT"), 17, "R"),
    ]


def rows_of_document(document: Invoice | CreditNote) -> list[Row | Group]:
    """Give a document's rows."""
    if isinstance(document, CreditNote):
        return _rows_of_credit_note(document)
    return _rows_of_invoice(document)


def _rows_of_invoice(invoice: Invoice) -> list[Row | Group]:
    """Give an invoice's rows: desktops by name, then what is charged besides."""
    words = Words(invoice.buyer.language)
    rows = rows_of(invoice.lines, invoice.buyer.language)
    if invoice.charges:
        # A title only where there is something to tell it from.
        rows += [Group(words("Autres prestations"))] if rows else []
        rows += [_charge(charge, words) for charge in invoice.charges]
    return rows


def rows_of(lines: Sequence[InvoiceLine], language: str = "fr") -> list[Row | Group]:
    """Give the rows of desktops and options, desktop by desktop."""
    words = Words(language)
    rows: list[Row | Group] = []
    for (_, name), of_desktop in groupby(lines, lambda line: (line.desktop_id, line.desktop_name)):
        rows.append(Group(desktop_title(name, language)))
        for line in of_desktop:
            cells = (
                line.label[language],
                billed_quantity(line, language),
                words.money(line.monthly_excl_vat_cents),
                words.percent(line.vat.rate_percent),
                words.money(line.amount_excl_vat_cents),
            )
            rows.append(Row(cells, cents=line.amount_excl_vat_cents))
    return rows


def _charge(charge: ChargeLine, words: Words) -> Row:
    name = charge.label[words.language]
    about = [desktop_title(charge.desktop_name, words.language)] if charge.desktop_name else []
    about += [charge.detail[words.language]] if charge.detail[words.language] else []
    discount = charge.list_unit_excl_vat_cents - charge.unit_excl_vat_cents
    if discount > 0:
        listed = words.money(charge.list_unit_excl_vat_cents)
        about.append(
            words.pick(
                f"remise de {words.money(discount)} sur {listed}",
                f"discount of {words.money(discount)} on {listed}",
            )
        )
    cells = (
        name,
        str(charge.quantity),
        words.money(charge.unit_excl_vat_cents),
        words.percent(charge.vat.rate_percent),
        words.money(charge.amount_excl_vat_cents),
    )
    return Row(cells, note=f"{HARD}· ".join(about), cents=charge.amount_excl_vat_cents)


def _rows_of_credit_note(note: CreditNote) -> list[Row | Group]:
    """Give a credit note's rows: what is taken back of each line, one amount as in its XML."""
    return [_credit(line, Words(note.buyer.language)) for line in note.lines]


def _credit(line: CreditLine, words: Words) -> Row:
    about = [desktop_title(line.desktop_name, words.language)] if line.desktop_name else []
    taken_back = words.money(line.amount_excl_vat_cents)
    cells = (
        line.label[words.language],
        "1",
        taken_back,
        words.percent(line.vat.rate_percent),
        taken_back,
    )
    note = f"{HARD}· ".join([*about, line.quantity[words.language]])
    return Row(cells, note=note, cents=line.amount_excl_vat_cents)
