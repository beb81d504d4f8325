"""What may be credited: never more than is left of the invoice, line by line and in all (BIL-5)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec import structs

from chalicelib.billing.invoices.credit_note import CreditLine, CreditNote
from chalicelib.billing.invoices.invoice import ChargeLine, Invoice, InvoiceLine
from chalicelib.billing.invoices.line_text import billed_quantity
from chalicelib.billing.invoices.totals import Totals, VatTotal, totals_from, totals_of, vat_on
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

    ``by_vat`` is less than the sum of the lines when the invoice has allowances; ``vat_cents`` is
    the VAT left of each treatment.
    """

    lines: tuple[LineLeft, ...]
    by_vat: dict[VatTreatment, int]
    vat_cents: dict[VatTreatment, int]

    @property
    def excl_vat_cents(self) -> int:
        """What can still be credited in all."""
        return sum(self.by_vat.values())


def credit_left(invoice: Invoice, notes: Iterable[CreditNote]) -> CreditLeft:
    """Tell what is left of an invoice after its credit notes (BIL-5)."""
    cents: Counter[str] = Counter()
    days: Counter[str] = Counter()
    by_vat = {part.vat: part.base_cents for part in invoice.totals.by_rate}
    vat_cents = {part.vat: part.vat_cents for part in invoice.totals.by_rate}
    for note in notes:
        for part in note.totals.by_rate:
            by_vat[part.vat] -= part.base_cents
            vat_cents[part.vat] -= part.vat_cents
        for line in note.lines:
            cents[line.line_key] += line.amount_excl_vat_cents
            days[line.line_key] += line.days
    used: list[LineLeft] = [
        LineLeft(line, line.amount_excl_vat_cents - cents[line.key], line.days - days[line.key])
        for line in invoice.lines
    ]
    charged: list[LineLeft] = [
        LineLeft(charge, charge.amount_excl_vat_cents - cents[charge.key], 0)
        for charge in invoice.charges
    ]
    return CreditLeft((*used, *charged), by_vat, vat_cents)


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


def credit_totals(left: CreditLeft, lines: Iterable[CreditLine]) -> Totals:
    """Add up a credit note's lines so that all credit notes make the invoice, to the cent (BIL-5).

    VAT is base × rate, half up, as of any document; the credit note that leaves nothing of a rate
    takes exactly the VAT that is left.  So that this last one is never more than a cent away from
    its own base × rate, one that would leave more takes the cent itself (decision 0023).
    """
    plain = totals_of((line.amount_excl_vat_cents, line.vat) for line in lines)
    return totals_from(
        VatTotal(part.vat, part.base_cents, _vat_taken(left, part)) for part in plain.by_rate
    )


def _vat_taken(left: CreditLeft, part: VatTotal) -> int:
    rate = part.vat.rate_percent
    base_after = left.by_vat[part.vat] - part.base_cents
    vat_left = left.vat_cents[part.vat]
    fair_after = vat_on(base_after, rate)
    most_apart = 0 if base_after == 0 else 1
    least, most = (vat_left - fair_after - most_apart, vat_left - fair_after + most_apart)
    return min(max(part.vat_cents, least, 0), most, vat_left)


def credited_incl_vat_cents(invoice: Invoice, notes: Iterable[CreditNote]) -> int:
    """Give what its credit notes took off an invoice, VAT included (BIL-5)."""
    return sum(note.totals.incl_vat_cents for note in notes if note.invoice.id == invoice.id)


def taken_off_cents(invoice: Invoice, notes: Iterable[CreditNote], note: CreditNote) -> int:
    """Give what one credit note takes off its invoice: its own total, VAT included (BIL-5)."""
    return credited_incl_vat_cents(invoice, [one for one in notes if one.id == note.id])


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
