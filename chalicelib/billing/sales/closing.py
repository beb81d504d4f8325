"""The closing of a month of sales, chained to the month before (BIL-12)."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from msgspec import structs

from chalicelib.billing.sales.journal import SalesSummary
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.hash_chain import GENESIS, link_digest
from chalicelib.foundation.instants import iso


@dataclass(frozen=True)
class SalesClosing:
    """A month closed for good.

    ``last`` is the last number given of each series at the end of the month, whether the month
    gave any or not; ``csv_sha256`` is the digest of its journal as stored, under a key named by it.
    """

    month: BillingMonth
    summary: SalesSummary
    last: dict[str, int]
    csv_sha256: str
    closed_at: datetime
    previous: str = GENESIS
    digest: str = ""

    @property
    def document_key(self) -> str:
        """Where its journal is kept in the document store."""
        return f"sales/{self.month}-{self.csv_sha256[:16]}.csv"

    def follows(self, last: "SalesClosing | None") -> "SalesClosing":
        """Chain it to the month before."""
        linked = replace(self, previous=last.digest if last else GENESIS)
        return replace(linked, digest=digest_of(linked))


@dataclass(frozen=True)
class SalesFault:
    """A month whose closing does not hold, and why."""

    month: BillingMonth
    reason: str


def digest_of(closing: SalesClosing) -> str:
    """Compute the SHA-256 of a closing, its own digest left out."""
    summary = closing.summary
    return link_digest(
        {
            "month": str(closing.month),
            "ranges": [asdict(each) for each in summary.ranges],
            "amounts": [
                {**structs.asdict(each), "rate_percent": str(each.rate_percent)}
                for each in summary.amounts
            ],
            "last": closing.last,
            "csv_sha256": closing.csv_sha256,
            "closed_at": iso(closing.closed_at),
            "previous": closing.previous,
        }
    )


def fault_of(
    stored: SalesClosing, before: SalesClosing | None, kept: bytes, again: bytes, sha256: str
) -> str:
    """Say what is wrong with a closing, "" when nothing is (BIL-12).

    ``kept`` is the stored journal, ``again`` the one written anew from the records, ``sha256`` the
    digest of the stored one.
    """
    if digest_of(stored) != stored.digest:
        return "the closing was changed"
    if stored.previous != (before.digest if before else GENESIS):
        return "the closing does not follow the one before"
    if before and before.month.next != stored.month:
        return "a month is missing before it"
    if sha256 != stored.csv_sha256:
        return "the stored journal was changed"
    if kept != again:
        return "the records are not those of the stored journal"
    return ""
