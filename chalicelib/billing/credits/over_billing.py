"""Days billed that usage no longer has, and what a credit note takes back for them (BIL-5, MET-4).

A desktop that finally failed is never billed (P2); a day that an operator corrected is not either.
What is taken back of a line is its amount less what its remaining days would have cost: so line and
credit note together are exactly the price of the days used.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chalicelib.billing.credits.credit_rules import CreditLeft, CreditRequest, LineLeft
from chalicelib.billing.drafts.usage_lines import EarlierMonth, counted_days, days_of
from chalicelib.billing.invoices.invoice import InvoiceLine
from chalicelib.billing.invoices.proration import prorate
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.money import to_cents
from chalicelib.metering.usage import Key, key_of


def over_billed(past: EarlierMonth) -> Counter[Key]:
    """Count the days of a closed month that are billed and not used (P2; MET-4).

    A desktop whose month was due in full owes it as long as it was used at all (P1).
    """
    used = counted_days(days_of(past.month, past.usage))
    owed = {key[0] for key in used} & past.in_full
    return Counter({key: days for key, days in (past.billed - used).items() if key[0] not in owed})


def take_back(
    left: CreditLeft, month: BillingMonth, over: Counter[Key], gone: frozenset[str]
) -> list[CreditRequest]:
    """Give what to credit of an invoice for days billed too much; ``over`` is reduced by them.

    ``gone`` names the desktops not used at all: the complement of their month goes too.  Never
    more than is left in all: what a service credit took off was not paid (BIL-8).
    """
    requests = []
    for each in left.lines:
        line = each.line
        if isinstance(line, InvoiceLine):
            days = min(over[key_of(line)], each.left_days) if line.month == month else 0
            if days:
                over[key_of(line)] -= days
                requests.append(CreditRequest(line.key, _cents(each, line, days), days))
        elif line.kind == "complement" and line.desktop_id in gone:
            requests.append(CreditRequest(line.key, each.left_cents))
    return list(_within(left, requests))


def _within(left: CreditLeft, requests: Iterable[CreditRequest]) -> Iterator[CreditRequest]:
    room = dict(left.by_vat)
    treatments = {each.line.key: each.line.vat for each in left.lines}
    for request in requests:
        vat = treatments[request.line_key]
        cents = min(request.amount_excl_vat_cents, room[vat])
        if cents > 0:
            room[vat] -= cents
            yield replace(request, amount_excl_vat_cents=cents)


def _cents(left: LineLeft, line: InvoiceLine, days: int) -> int:
    def price(counted: int) -> int:
        return to_cents(prorate(line.monthly_price, counted, line.month).charged)

    return min(left.left_cents, price(left.left_days) - price(left.left_days - days))
