"""Records of closings in the payments table, written once: one partition per kind of period."""

from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.closings.closing import Closing, Period
from chalicelib.payments.money.ledger_storage import MoneyRecord
from chalicelib.payments.money.record_json import from_json, to_json


class ClosingStorage:
    """Reads closings and makes the writes that store them; kept for six years and more."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def last(self, period: Period) -> Closing | None:
        """Give the last closing of a kind."""
        return next(iter(self._read(period, newest_first=True, limit=1)), None)

    def closings(self, period: Period, starts_with: str = "") -> list[Closing]:
        """Give the closings of a kind, the oldest first."""
        return self._read(period, starts_with=starts_with)

    def newest(self, period: Period, limit: int) -> list[Closing]:
        """Give the last closings of a kind, the newest first."""
        return self._read(period, newest_first=True, limit=limit)

    def save(self, closing: Closing) -> Put:
        """Make the write of a closing; one already there makes the commit fail."""
        return old_put(
            MoneyRecord(
                pk=f"CLOSINGS#{closing.period}",
                sk=closing.name,
                body=to_json(closing),
                version=closing.version,
            )
        )

    def _read(
        self,
        period: Period,
        *,
        starts_with: str = "",
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Closing]:
        found = self._tables.query_records(
            MoneyRecord,
            f"CLOSINGS#{period}",
            starts_with=starts_with,
            newest_first=newest_first,
            limit=limit,
        )
        return [from_json(Closing, record.body, 0) for record in found]
