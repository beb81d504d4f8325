"""What contracts change in an invoice: days they cover, lines they add (CGV art. 8.1(b); BIL-6).

A commitment is billed whether it is used or not.  Up to its quantity, a day of use costs nothing
more; beyond, each day is owed at the monthly rates like any other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from chalicelib.billing.contracts.contract import Commitment, Contract, ContractBilling
from chalicelib.billing.invoices.invoice import ChargeLine
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.metering.usage import UsageDay, UsageItem
from chalicelib.texts.french_text import HARD, day_text, percent_text


def covered(usage: Iterable[UsageDay], contracts: Sequence[Contract]) -> list[UsageDay]:
    """Give the usage that contracts leave to bill by the day: the overage (BIL-6).

    Each day, as many of a configuration or option as are committed to are left out: those first
    used first, so that the same desktops stay covered all along.
    """
    days = list(usage)
    if not contracts:
        return days
    left = ((day, _overage(day, ranks, contracts)) for ranks in [_ranks(days)] for day in days)
    return [replace(day, items=items) for day, items in left if items]


def coverage(usage: Iterable[UsageDay], contracts: Sequence[Contract]) -> list[UsageDay]:
    """Give the usage that contracts cover: what ``covered`` leaves out (BIL-6; MET-3)."""
    days = list(usage)
    left = {day.day: _quantities(day.items) for day in covered(days, contracts)}
    result = []
    for day in days:
        items = _less(day.items, left.get(day.day, Counter()))
        if items:
            result.append(replace(day, items=items))
    return result


def committed_on(contracts: Iterable[Contract], day: date) -> Counter[str]:
    """Add up, by code, the quantities committed to on a Paris day."""
    committed: Counter[str] = Counter()
    for contract in contracts:
        if contract.covers(day):
            committed.update({each.code: each.quantity for each in contract.commitments})
    return committed


def commitment_lines(
    contracts: Iterable[Contract], month: BillingMonth, vat: VatTreatment
) -> tuple[ChargeLine, ...]:
    """Make the lines that bill commitments on the invoice of a month (BIL-6).

    Billed by the month: each month within the contract, whole.  Billed ahead: the whole term, on
    the invoice made on the contract's first day, which is that of the month before.
    """
    lines: list[ChargeLine] = []
    for contract in sorted(contracts, key=lambda each: (each.starts_on, each.id)):
        if contract.billing is ContractBilling.MONTHLY and contract.covers(month.first_day):
            lines += [_line(contract, each, 1, month, vat) for each in contract.commitments]
        if (
            _is_ahead(contract)
            and month.next == contract.first_month
            and contract.covers(contract.starts_on)
        ):
            # Ended before it is billed, it is billed for the months it lasts.
            months = contract.months_until(BillingMonth.of(contract.last_on))
            lines += [_line(contract, each, months, month, vat) for each in contract.commitments]
    return tuple(lines)


def committed_desktops_cents(contracts: Iterable[Contract], month: BillingMonth) -> int:
    """Add up what a month's invoice bills for desktops committed to in that month (BIL-6, BIL-8).

    In cents excl. VAT; a term billed ahead is of the months to come, not of this one.
    """
    return sum(
        contract.unit_cents(part) * part.quantity
        for contract in contracts
        if contract.billing is ContractBilling.MONTHLY and contract.covers(month.first_day)
        for part in contract.commitments
        if part.kind == "desktop"
    )


def terms_days_of(contracts: Iterable[Contract], month: BillingMonth) -> int | None:
    """Give the days to pay agreed for the invoice of a month; None when nothing was (art. 8.2).

    That of a month within a contract, or of the month before one billed ahead.
    """
    agreed = [contract.terms_days for contract in _of_invoice(contracts, month)]
    return max((days for days in agreed if days is not None), default=None)


def late_rate_of(contracts: Iterable[Contract], month: BillingMonth) -> Decimal | None:
    """Give the yearly rate of late interest agreed for the invoice of a month, in percent.

    None when no contract says one (PAY-6); of several, the one that asks least of the client.
    """
    agreed = [contract.late_rate_percent for contract in _of_invoice(contracts, month)]
    return min((rate for rate in agreed if rate is not None), default=None)


def _of_invoice(contracts: Iterable[Contract], month: BillingMonth) -> Iterator[Contract]:
    """Give the contracts that the invoice of a month follows."""
    for contract in contracts:
        ahead = _is_ahead(contract) and contract.first_month == month.next
        if contract.covers(month.last_day) or ahead:
            yield contract


def commitment_key(contract: Contract, part: Commitment, month: BillingMonth) -> str:
    """Name the line that bills a commitment on the invoice of a month."""
    return f"commitment:{contract.id}:{part.code}:{month}"


def _is_ahead(contract: Contract) -> bool:
    return contract.billing is ContractBilling.UPFRONT


def _line(
    contract: Contract, part: Commitment, months: int, month: BillingMonth, vat: VatTreatment
) -> ChargeLine:
    unit = contract.unit_cents(part) * months
    return ChargeLine(
        key=commitment_key(contract, part, month),
        kind="commitment",
        label=_label(contract, part),
        detail=_detail(contract, None if _is_ahead(contract) else month),
        quantity=part.quantity,
        unit_excl_vat_cents=unit,
        list_unit_excl_vat_cents=part.list_monthly_excl_vat_cents * months,
        vat=vat,
        amount_excl_vat_cents=unit * part.quantity,
    )


def _label(contract: Contract, part: Commitment) -> Label:
    return Label(
        f"{part.label.fr} – engagement de {contract.months}{HARD}mois",
        f"{part.label.en} – {contract.months}-month commitment",
    )


def _detail(contract: Contract, month: BillingMonth | None) -> Label:
    """Say which days the amount is for, and the discount."""
    first = month.first_day if month else contract.starts_on
    last = month.last_day if month else contract.last_on
    discount = contract.discount_percent
    french = f", remise de {percent_text(discount)} déduite" if discount else ""
    english = f", {discount.normalize():f}% discount deducted" if discount else ""
    ahead = ("", "") if month else (", payé d’avance", ", paid in advance")
    return Label(
        f"Du {day_text(first)} au {day_text(last)}{ahead[0]}{french}",
        f"From {first.day} {first:%B %Y} to {last.day} {last:%B %Y}{ahead[1]}{english}",
    )


def _ranks(usage: Iterable[UsageDay]) -> dict[str, tuple[date, str]]:
    """Rank desktops by their first day of use, then by id."""
    first: dict[str, date] = {}
    for day in usage:
        for item in day.items:
            first[item.desktop_id] = min(first.get(item.desktop_id, day.day), day.day)
    return {desktop_id: (day, desktop_id) for desktop_id, day in first.items()}


def _overage(
    day: UsageDay, ranks: dict[str, tuple[date, str]], contracts: Sequence[Contract]
) -> tuple[UsageItem, ...]:
    free = committed_on(contracts, day.day)
    if not free:
        return day.items
    beyond: Counter[tuple[str, str]] = Counter()
    for item in sorted(day.items, key=lambda each: ranks[each.desktop_id]):
        taken = min(free[item.code], item.quantity)
        free[item.code] -= taken
        beyond[item.desktop_id, item.code] = item.quantity - taken
    return tuple(
        replace(item, quantity=quantity)
        for item in day.items
        if (quantity := beyond[item.desktop_id, item.code])
    )


def _quantities(items: Iterable[UsageItem]) -> Counter[tuple[str, str]]:
    quantities: Counter[tuple[str, str]] = Counter()
    for item in items:
        quantities[item.desktop_id, item.code] += item.quantity
    return quantities


def _less(items: Iterable[UsageItem], left: Counter[tuple[str, str]]) -> tuple[UsageItem, ...]:
    return tuple(
        replace(item, quantity=quantity)
        for item in items
        if (quantity := item.quantity - left[item.desktop_id, item.code])
    )
