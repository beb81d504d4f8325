"""An invoice on paper, with every mention of the law (BIL-11).

The PDF/A-3 and its Factur-X XML belong to a later issue: they will be added to the same drawing.
"""

from collections.abc import Sequence
from itertools import groupby

from chalicelib.accounts.account import PaymentMode
from chalicelib.billing.invoice import Invoice, InvoiceLine
from chalicelib.billing.line_text import billed_quantity, desktop_title
from chalicelib.billing.party_text import buyer_lines, seller_lines
from chalicelib.foundation.french_text import (
    day_text,
    money_text,
    month_text,
    percent_text,
)
from chalicelib.foundation.pdf import Column, Group, PdfDocument, Row, Total

_COLUMNS = (
    Column("Désignation", 38),
    Column("Quantité", 19, "R"),
    Column("Prix mensuel HT", 17, "R"),
    Column("TVA", 9, "R"),
    Column("Montant HT", 17, "R"),
)


def invoice_pdf(invoice: Invoice) -> bytes:
    """Draw an invoice; the same invoice always gives the same bytes (BIL-11)."""
    title = f"Facture {invoice.number}"
    paper = PdfDocument(title=title, company=invoice.seller, created_at=invoice.issued_at)
    paper.title(title, f"Services rendus en {month_text(invoice.month.first_day)}")
    paper.parties(("Vendeur", seller_lines(invoice.seller)), ("Client", buyer_lines(invoice.buyer)))
    paper.facts(facts_of(invoice))
    paper.table(_COLUMNS, rows_of(invoice.lines))
    paper.totals(totals_of_invoice(invoice))
    paper.legal((_how_computed(), *invoice.mentions))
    return paper.content()


def facts_of(invoice: Invoice) -> list[tuple[str, str]]:
    """Give date, due date, period and means of payment."""
    by_card = invoice.payment_mode is PaymentMode.CARD
    return [
        ("Date d’émission", day_text(invoice.issued_on)),
        ("Échéance", day_text(invoice.due_on)),
        ("Période", f"1er au {day_text(invoice.month.last_day)}"),
        ("Paiement", "Carte bancaire" if by_card else "Virement"),
    ]


def rows_of(lines: Sequence[InvoiceLine]) -> list[Row | Group]:
    """Give the table's rows, desktop by desktop."""
    rows: list[Row | Group] = []
    for (_, name), of_desktop in groupby(lines, lambda line: (line.desktop_id, line.desktop_name)):
        rows.append(Group(desktop_title(name)))
        for line in of_desktop:
            rows.append(
                Row(
                    (
                        line.label.fr,
                        billed_quantity(line),
                        money_text(line.monthly_excl_vat_cents),
                        percent_text(line.vat.rate_percent),
                        money_text(line.amount_excl_vat_cents),
                    )
                )
            )
    return rows


def totals_of_invoice(invoice: Invoice) -> list[Total]:
    """Give the block of totals: one line per rate."""
    totals = invoice.totals
    several = len(totals.by_rate) > 1
    vat_lines = [
        Total(
            f"TVA {percent_text(part.vat.rate_percent)}"
            + (f" sur {money_text(part.base_cents)}" if several else ""),
            money_text(part.vat_cents),
        )
        for part in totals.by_rate
    ]
    return [
        Total("Total HT", money_text(totals.excl_vat_cents)),
        *vat_lines,
        Total("Total TTC", money_text(totals.incl_vat_cents), strong=True),
    ]


def _how_computed() -> str:
    return (
        "Chaque montant est le prix mensuel multiplié par les jours d’utilisation et divisé par "
        "les jours du mois, arrondi une fois au centime. Un jour commencé compte en entier."
    )
