"""The one-stop shop: from which supply on consumers of the Union are taxed at home (BIL-10).

The threshold (law, VAT) is for all such consumers together, excluding VAT, over a calendar year.
Above it in the year before, the whole year is taxed at home; crossed within a year, from the supply
that crosses it.  The supplies of a month all end on its last day: they count in the order of the
accounts' ids, so that the answer is the same however the run is spread.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.foundation.civil_time import BillingMonth

WHOLE_MONTH = "*"


@dataclass(frozen=True)
class OssLine:
    """What one invoice or credit note supplied to a consumer of another member state, in cents.

    Negative for a credit note.  ``country`` is whose VAT it bears: "FR" below the threshold.
    ``proofs`` says what showed where the consumer is.
    """

    document_id: str
    number: str
    month: BillingMonth
    consumer_country: str
    country: str
    rate_percent: Decimal
    base_cents: int
    vat_cents: int
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True)
class OssMonth:
    """How a month is taxed: from which account on, "" for none, WHOLE_MONTH for all."""

    month: BillingMonth
    opening_cents: int
    previous_year_cents: int
    threshold_cents: int
    from_account: str
    version: int = 0

    def taxes_at_home(self, account_id: str) -> bool:
        """Tell whether an account's supplies of the month are taxed in its own country."""
        if not self.from_account:
            return False
        return self.from_account == WHOLE_MONTH or account_id >= self.from_account


def decide(
    month: BillingMonth,
    *,
    previous_year_cents: int,
    opening_cents: int,
    supplies: Iterable[tuple[str, int]],
    threshold_cents: int,
) -> OssMonth:
    """Decide a month, from what was supplied before it and what each account uses in it (BIL-10).

    ``supplies`` (account, cents excl. VAT) are looked at only while they may matter.
    """
    from_account = ""
    if max(previous_year_cents, opening_cents) > threshold_cents:
        from_account = WHOLE_MONTH
    else:
        total = opening_cents
        for account_id, cents in sorted(supplies):
            total += cents
            if total > threshold_cents:
                from_account = account_id
                break
    return OssMonth(month, opening_cents, previous_year_cents, threshold_cents, from_account)


def total_cents(lines: Iterable[OssLine]) -> int:
    """Add up what was supplied, credit notes taken off."""
    return sum(line.base_cents for line in lines)


def by_country_and_rate(lines: Iterable[OssLine]) -> list[tuple[str, Decimal, int, int]]:
    """Add up base and VAT by country and rate: what the one-stop shop's return asks."""
    sums: dict[tuple[str, Decimal], tuple[int, int]] = {}
    for line in lines:
        if line.country != "FR":
            base, vat = sums.get((line.country, line.rate_percent), (0, 0))
            sums[line.country, line.rate_percent] = (base + line.base_cents, vat + line.vat_cents)
    return [(*key, *sums[key]) for key in sorted(sums)]
