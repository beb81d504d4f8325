"""From usage days to the lines of an invoice (CGV art. 8.1, 9; BIL-1, BIL-7).

The month-end run and "my current invoice" both come through here, so they cannot differ.  The
first month complement (BIL-2), allowances (BIL-8) and one-off lines (BIL-9) will join the lines
here too.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.accounts.account import Account
from chalicelib.billing.invoice import Buyer, Draft, InvoiceLine
from chalicelib.billing.proration import prorate
from chalicelib.billing.totals import totals_of
from chalicelib.billing.vat import VatTreatment, vat_of
from chalicelib.catalogue.catalogue import Catalogue, Configuration, Label, Option
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.french_text import month_text
from chalicelib.foundation.money import from_cents, to_cents
from chalicelib.metering.usage import UsageDay, UsageItem, key_of

Key = tuple[str, str, str, int, int]
_NOTHING: Counter[Key] = Counter()


@dataclass(frozen=True)
class EarlierMonth:
    """A month whose invoicing is over: its usage as known now, and the days of it billed."""

    month: BillingMonth
    usage: tuple[UsageDay, ...]
    billed: Counter[Key] = field(default_factory=Counter)


def draft_of(
    account: Account,
    month: BillingMonth,
    usage: Iterable[UsageDay],
    catalogue: Catalogue,
    *,
    earlier: Sequence[EarlierMonth] = (),
) -> Draft:
    """Draw up what an account owes for the days used of a month (BIL-1, BIL-7).

    Days of other months are left out; of a day given twice, the last counts.  What became known of
    ``earlier`` months after their invoices is billed with it, as lines of their own: an order
    placed in October and validated in November is owed from October on (P2).  Raises DomainError
    when a code is no longer in the catalogue or VAT is unknown.
    """
    in_order = _days_of(month, usage)
    vat = vat_of(account, month.last_day)
    lines = lines_of(in_order, month, vat, catalogue)
    for past in sorted(earlier, key=lambda each: each.month, reverse=True):
        known = _days_of(past.month, past.usage)
        late = _late_lines(account, past, known, catalogue)
        if late:
            in_order = [*known, *in_order]
            # Desktop by desktop still, the oldest month first.
            lines = tuple(
                sorted((*late, *lines), key=lambda line: (line.desktop_name, line.desktop_id))
            )
    return Draft(
        account_id=account.id,
        month=month,
        lines=lines,
        totals=totals_of((line.amount_excl_vat_cents, line.vat) for line in lines),
        buyer=Buyer.of(account),
        payment_mode=account.payment_mode,
        usage_digest=digest_of(in_order),
    )


def _days_of(month: BillingMonth, usage: Iterable[UsageDay]) -> list[UsageDay]:
    days = {day.day: day for day in usage if BillingMonth.of(day.day) == month}
    return [days[day] for day in sorted(days)]


def billed_days(lines: Iterable[InvoiceLine], month: BillingMonth) -> Counter[Key]:
    """Count the days of a month that lines bill, by desktop or option and price."""
    billed: Counter[Key] = Counter()
    for line in lines:
        if line.month == month:
            billed[key_of(line)] += line.days
    return billed


def _late_lines(
    account: Account, past: EarlierMonth, known: Iterable[UsageDay], catalogue: Catalogue
) -> tuple[InvoiceLine, ...]:
    vat = vat_of(account, past.month.last_day)
    lines = lines_of(known, past.month, vat, catalogue, billed=past.billed)
    day = past.month.first_day
    return tuple(
        replace(
            line,
            label=Label(f"{line.label.fr} – {month_text(day)}", f"{line.label.en} – {day:%B %Y}"),
        )
        for line in lines
    )


def lines_of(
    usage: Iterable[UsageDay],
    month: BillingMonth,
    vat: VatTreatment,
    catalogue: Catalogue,
    *,
    billed: Counter[Key] = _NOTHING,
) -> tuple[InvoiceLine, ...]:
    """Make one line per desktop or option and price, from usage days in order (BIL-1).

    Days ``billed`` already are left out.

    Lines follow each other desktop by desktop, by name; within one, the configurations in the
    order they were used, then the options.
    """
    items = [item for day in usage for item in day.items]
    facts: list[Key] = [*map(key_of, items)]
    days = Counter(facts)
    if billed:
        days -= billed  # what is left below zero is dropped: that is for a credit note
    latest = dict(zip(facts, items, strict=True))  # in the order first used, with the last name
    names = {item.desktop_id: item.desktop_name for item in latest.values()}
    order = {key: position for position, key in enumerate(latest)}
    keys = sorted(days, key=lambda key: (names[key[0]], key[0], key[1] != "desktop", order[key]))
    return tuple(
        _line(latest[key], names[key[0]], days[key], month, vat, catalogue) for key in keys
    )


def _line(  # noqa: PLR0913, PLR0917 - what one line is made of
    item: UsageItem,
    name: str,
    days: int,
    month: BillingMonth,
    vat: VatTreatment,
    catalogue: Catalogue,
) -> InvoiceLine:
    sold: Configuration | Option = (
        catalogue.configuration(item.code)
        if item.kind == "desktop"
        else catalogue.option(item.code)
    )
    price = from_cents(item.monthly_excl_vat_cents * item.quantity)
    return InvoiceLine(
        desktop_id=item.desktop_id,
        desktop_name=name,
        kind=item.kind,
        code=item.code,
        label=_label(sold),
        quantity=item.quantity,
        monthly_excl_vat_cents=item.monthly_excl_vat_cents,
        days=days,
        month=month,
        vat=vat,
        amount_excl_vat_cents=to_cents(prorate(price, days, month).charged),
    )


def _label(sold: Configuration | Option) -> Label:
    """Name a product; of what may be several, with the unit that is counted."""
    if isinstance(sold, Configuration) or sold.most == 1:
        return sold.name
    return Label(f"{sold.name.fr} ({sold.unit.fr})", f"{sold.name.en} ({sold.unit.en})")


def digest_of(usage: Iterable[UsageDay]) -> str:
    """Digest the usage that an invoice bills, for the journal (EVD-1)."""
    facts = [(day.day.isoformat(), day.keys) for day in usage]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
