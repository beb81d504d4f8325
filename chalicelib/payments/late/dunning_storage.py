"""Records of dunning in the payments table: ``DUNNING#invoice`` and ``SUSPENSION#day``.

Both in the account's partition; suspensions announced or applied are in the listing.
"""

from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.late.suspension import Suspension
from chalicelib.payments.money.ledger_storage import MoneyRecord
from chalicelib.payments.money.record_json import from_json, to_json
from chalicelib.payments.terms.dunning_steps import Dunning


class DunningStorage:
    """Reads them and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def dunning(self, account_id: str, invoice_id: str) -> Dunning | None:
        """Give what was sent for an invoice."""
        record = self._tables.get_record(MoneyRecord, f"ACC#{account_id}", f"DUNNING#{invoice_id}")
        return from_json(Dunning, record.body, int(record.version)) if record else None

    def dunnings(self, account_id: str) -> list[Dunning]:
        """Give what was sent for each invoice of an account."""
        found = self._tables.query_records(MoneyRecord, f"ACC#{account_id}", starts_with="DUNNING#")
        return [from_json(Dunning, record.body, int(record.version)) for record in found]

    def save_dunning(self, dunning: Dunning) -> Put:
        """Make the write of what was sent."""
        return old_put(
            MoneyRecord(
                pk=f"ACC#{dunning.account_id}",
                sk=f"DUNNING#{dunning.invoice_id}",
                body=to_json(dunning),
                version=dunning.version,
            )
        )

    def suspensions(self, account_id: str) -> list[Suspension]:
        """Give the suspensions of an account, the newest first."""
        found = self._tables.query_records(
            MoneyRecord, f"ACC#{account_id}", starts_with="SUSPENSION#", newest_first=True
        )
        return [from_json(Suspension, record.body, int(record.version)) for record in found]

    def open_suspensions(self) -> list[Suspension]:
        """Give those announced or applied, the oldest first."""
        found = self._tables.listing_records(MoneyRecord, "SUSPENSIONS")
        return [from_json(Suspension, record.body, int(record.version)) for record in found]

    def save_suspension(self, suspension: Suspension) -> Put:
        """Make the write of a suspension."""
        listed = suspension.is_open
        return old_put(
            MoneyRecord(
                pk=f"ACC#{suspension.account_id}",
                sk=f"SUSPENSION#{suspension.announced_on}",
                body=to_json(suspension),
                list_key="SUSPENSIONS" if listed else None,
                list_sort=f"{suspension.announced_on}#{suspension.account_id}" if listed else None,
                version=suspension.version,
            )
        )
