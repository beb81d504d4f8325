"""What may be credited: never more than is left of the invoice, line by line and in all (BIL-5)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec import structs

from chalicelib.billing.invoices.credit_note import CreditLine, CreditNote
from chalicelib.billing.invoices.invoice import ChargeLine, Invoice, InvoiceLine
from chalicelib.billing.invoices.line_text import billed_quantity
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.errors import DomainError


@dataclass(frozen=True)
class CreditRequest:
    """Part of a line to take back, in cents excl. VAT; ``days`` when its days are taken back."""

    line_key: str
    amount_excl_vat_cents: int
    days: int = 0


@dataclass(frozen=True)
class LineLeft:
    """A line of an invoice, and what no credit note took back of it yet."""

    line: InvoiceLine | ChargeLine
    left_cents: int
    left_days: int


@dataclass(frozen=True)
class CreditLeft:
    """What is left to credit of an invoice, in cents excl. VAT.

    ``by_vat`` is less than the sum of the lines when the invoice has allowances.
    """

    lines: tuple[LineLeft, ...]
    by_vat: dict[VatTreatment, int]

    @property
    def excl_vat_cents(self) -> int:
        """What can still be credited in all."""
        return sum(self.by_vat.values())


def credit_left(invoice: Invoice, notes: Iterable[CreditNote]) -> CreditLeft:
    """Tell what is left of an invoice after its credit notes (BIL-5)."""
    cents: Counter[str] = Counter()
    days: Counter[str] = Counter()
    by_vat = {part.vat: part.base_cents for part in invoice.totals.by_rate}
    for note in notes:
        for line in note.lines:
            cents[line.line_key] += line.amount_excl_vat_cents
            days[line.line_key] += line.days
            by_vat[line.vat] -= line.amount_excl_vat_cents
    used: list[LineLeft] = [
        LineLeft(line, line.amount_excl_vat_cents - cents[line.key], line.days - days[line.key])
        for line in invoice.lines
    ]
    charged: list[LineLeft] = [
        LineLeft(charge, charge.amount_excl_vat_cents - cents[charge.key], 0)
        for charge in invoice.charges
    ]
    return CreditLeft((*used, *charged), by_vat)


def requests_for_all(left: CreditLeft) -> list[CreditRequest]:
    """Take back all that is left; where allowances made the total less, the last lines give less.

    Prices are credited, not days: what is waived is not billed again with the next invoice.
    """
    room = dict(left.by_vat)
    requests = []
    for each in left.lines:
        cents = min(each.left_cents, room[each.line.vat])
        if cents:
            room[each.line.vat] -= cents
            requests.append(CreditRequest(each.line.key, cents))
    return requests


def credit_lines(left: CreditLeft, requests: Sequence[CreditRequest]) -> tuple[CreditLine, ...]:
    """Make the lines of a credit note, in the invoice's order (BIL-5).

    Raises DomainError for nothing, a negative amount, an unknown line, or more than is left.
    """
    wanted = {request.line_key: request for request in requests}
    known = {each.line.key: each for each in left.lines}
    if len(wanted) != len(requests) or not wanted.keys() <= known.keys():
        raise DomainError("Une ligne à créditer n’est pas une ligne de cette facture.")
    if any(request.amount_excl_vat_cents <= 0 for request in requests):
        raise DomainError("Un avoir porte sur des montants supérieurs à 0.")
    if not requests:
        raise DomainError("Indiquez le montant à créditer d’une ligne au moins.")
    lines = tuple(
        _credit_line(each, wanted[each.line.key]) for each in left.lines if each.line.key in wanted
    )
    room = dict(left.by_vat)
    for line in lines:
        room[line.vat] -= line.amount_excl_vat_cents
    if any(cents < 0 for cents in room.values()):
        raise DomainError(
            "Cet avoir dépasse ce qui reste de la facture, ses remises étant déduites."
        )
    return lines


def credited_incl_vat_cents(invoice: Invoice, notes: Sequence[CreditNote]) -> int:
    """Give what credit notes took off an invoice, VAT included, never above it (BIL-5).

    The VAT of each document is rounded by itself: parts may make a cent more or less than the
    whole, so an invoice credited in full counts for exactly its amount.
    """
    if notes and not credit_left(invoice, notes).excl_vat_cents:
        return invoice.totals.incl_vat_cents
    credited = sum(note.totals.incl_vat_cents for note in notes)
    return min(credited, invoice.totals.incl_vat_cents)


def taken_off_cents(invoice: Invoice, notes: Sequence[CreditNote], note: CreditNote) -> int:
    """Give what one credit note takes off an invoice, VAT included, for payments (BIL-5).

    ``notes`` are all those of the invoice, in order: together they never take off more than it,
    and exactly it once nothing is left.
    """
    before = [each for each in notes if each.number < note.number]
    with_it = credited_incl_vat_cents(invoice, [*before, note])
    return with_it - credited_incl_vat_cents(invoice, before)


def _credit_line(left: LineLeft, request: CreditRequest) -> CreditLine:
    line = left.line
    if request.amount_excl_vat_cents > left.left_cents or request.days > left.left_days:
        raise DomainError(
            "Un avoir ne peut pas dépasser ce qui reste de la ligne «\u00a0%(line)s\u00a0».",
            line=line.label.fr,
        )
    return CreditLine(
        line_key=line.key,
        label=line.label,
        quantity=_quantity(line, request),
        vat=line.vat,
        amount_excl_vat_cents=request.amount_excl_vat_cents,
        nature=line.nature if isinstance(line, ChargeLine) else "services",
        days=request.days,
        desktop_id=line.desktop_id,
        desktop_name=line.desktop_name,
    )


def _quantity(line: InvoiceLine | ChargeLine, request: CreditRequest) -> Label:
    """Say how much of a line is taken back."""
    if request.amount_excl_vat_cents == line.amount_excl_vat_cents:
        return Label("ligne entière", "whole line")
    if request.days and isinstance(line, InvoiceLine):
        taken = structs.replace(line, days=request.days)
        return Label(billed_quantity(taken), billed_quantity(taken, "en"))
    return Label("en partie", "in part")
