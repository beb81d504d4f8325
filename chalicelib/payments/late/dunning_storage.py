"""Keeps dunning in the payments table: ``DUNNING#invoice`` and ``SUSPENSION#day``.

Both in the account's partition; suspensions announced or applied are in the listing.
"""

from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.late.suspension import Suspension
from chalicelib.payments.terms.dunning_steps import Dunning

_DUNNINGS = Kind("payments", "dunning", Dunning)
_SUSPENSIONS = Kind("payments", "suspension", Suspension)


class DunningStorage:
    """Reads them and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def dunning(self, account_id: str, invoice_id: str) -> Dunning | None:
        """Give what was sent for an invoice."""
        return self._tables.get(_DUNNINGS, f"ACC#{account_id}", f"DUNNING#{invoice_id}")

    def dunnings(self, account_id: str) -> list[Dunning]:
        """Give what was sent for each invoice of an account."""
        return list(self._tables.query(_DUNNINGS, f"ACC#{account_id}", starts_with="DUNNING#"))

    def save_dunning(self, dunning: Dunning) -> Put:
        """Make the write of what was sent."""
        return _DUNNINGS.put(dunning, f"ACC#{dunning.account_id}", f"DUNNING#{dunning.invoice_id}")

    def suspensions(self, account_id: str) -> list[Suspension]:
        """Give the suspensions of an account, the newest first."""
        found = self._tables.query(
            _SUSPENSIONS, f"ACC#{account_id}", starts_with="SUSPENSION#", newest_first=True
        )
        return list(found)

    def open_suspensions(self) -> list[Suspension]:
        """Give those announced or applied, the oldest first."""
        return list(self._tables.listing(_SUSPENSIONS, "SUSPENSIONS"))

    def save_suspension(self, suspension: Suspension) -> Put:
        """Make the write of a suspension."""
        listed = ("SUSPENSIONS", f"{suspension.announced_on}#{suspension.account_id}")
        return _SUSPENSIONS.put(
            suspension,
            f"ACC#{suspension.account_id}",
            f"SUSPENSION#{suspension.announced_on}",
            listed=listed if suspension.is_open else None,
        )
