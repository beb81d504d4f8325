"""Keeps closings in the payments table, written once: one partition per kind of period."""

from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.closings.closing import Closing, Period

CLOSINGS = Kind("payments", "closing", Closing)


class ClosingStorage:
    """Reads closings and makes the writes that store them; kept for six years and more."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def last(self, period: Period) -> Closing | None:
        """Give the last closing of a kind."""
        return next(iter(self.newest(period, 1)), None)

    def closings(self, period: Period, starts_with: str = "") -> list[Closing]:
        """Give the closings of a kind, the oldest first."""
        found = self._tables.query(CLOSINGS, f"CLOSINGS#{period}", starts_with=starts_with)
        return list(found)

    def newest(self, period: Period, limit: int) -> list[Closing]:
        """Give the last closings of a kind, the newest first."""
        pk = f"CLOSINGS#{period}"
        return list(self._tables.query(CLOSINGS, pk, newest_first=True, limit=limit))

    def save(self, closing: Closing) -> Put:
        """Make the write of a closing; one already there makes the commit fail."""
        return CLOSINGS.put(closing, f"CLOSINGS#{closing.period}", closing.name)
