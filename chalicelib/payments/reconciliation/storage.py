"""Records of the comparison with Stripe, in one partition of the payments table."""

from datetime import datetime

from chalicelib.foundation.instants import iso
from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.money.ledger_storage import MoneyRecord
from chalicelib.payments.money.record_json import from_json, to_json
from chalicelib.payments.reconciliation.difference import Difference, ReconciliationRun

_PK = "RECONCILIATION"


class ReconciliationStorage:
    """Reads them and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def last_until(self) -> datetime | None:
        """Give the instant up to which the comparison was made."""
        run = self.run()
        return run.until if run else None

    def run(self) -> ReconciliationRun | None:
        """Give the last comparison."""
        record = self._tables.get_record(MoneyRecord, _PK, "LAST")
        return from_json(ReconciliationRun, record.body, int(record.version)) if record else None

    def save_run(self, run: ReconciliationRun) -> Put:
        """Make the write of a comparison, the last one made."""
        return old_put(MoneyRecord(pk=_PK, sk="LAST", body=to_json(run), version=run.version))

    def difference(self, name: str) -> Difference | None:
        """Give a difference by its name."""
        record = self._tables.get_record(MoneyRecord, _PK, f"DIFFERENCE#{name}")
        return from_json(Difference, record.body, int(record.version)) if record else None

    def differences(self, *, still_open: bool, limit: int | None = None) -> list[Difference]:
        """Give the differences to examine, or the last ones over, newest first."""
        key = "DIFFERENCES_OPEN" if still_open else "DIFFERENCES"
        found = self._tables.listing_records(MoneyRecord, key, newest_first=True, limit=limit)
        return [from_json(Difference, record.body, int(record.version)) for record in found]

    def save_difference(self, difference: Difference) -> Put:
        """Make the write of a difference."""
        return old_put(
            MoneyRecord(
                pk=_PK,
                sk=f"DIFFERENCE#{difference.name}",
                body=to_json(difference),
                list_key="DIFFERENCES_OPEN" if difference.is_open else "DIFFERENCES",
                list_sort=f"{iso(difference.found_at)}#{difference.name}",
                version=difference.version,
            )
        )
