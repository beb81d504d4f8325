"""Published figures in the payments table: ``TERMS#{name}`` / the first day of each state."""

from typing import Generic, TypeVar

from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.money.ledger_storage import MoneyRecord
from chalicelib.payments.money.record_json import from_json, to_json
from chalicelib.payments.terms.dated_terms import DatedRow

Row = TypeVar("Row", bound=DatedRow)


class DatedTermsStorage(Generic[Row]):
    """Keeps one kind of figures."""

    def __init__(self, tables: Tables, kind: type[Row], name: str) -> None:
        self._tables = tables
        self._kind = kind
        self._pk = f"TERMS#{name.upper()}"

    def rows(self) -> list[Row]:
        """Read every state ever published, in the order they apply."""
        found = self._tables.query_records(MoneyRecord, self._pk)
        return [from_json(self._kind, record.body, int(record.version)) for record in found]

    def save_row(self, row: Row) -> Put:
        """Make the write of a state, refused when somebody wrote it since."""
        body, day = to_json(row), str(row.from_on)
        return old_put(MoneyRecord(pk=self._pk, sk=day, body=body, version=row.version))
