"""Published figures in the payments table: ``TERMS#{name}`` / the first day of each state."""

from typing import Generic

from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.terms.dated_row import Row


class DatedTermsStorage(Generic[Row]):
    """Keeps one kind of figures."""

    def __init__(self, tables: Tables, kind: type[Row], name: str) -> None:
        self._tables = tables
        self._rows = Kind("payments", f"terms_{name}", kind)
        self._pk = f"TERMS#{name.upper()}"

    def rows(self) -> list[Row]:
        """Read every state ever published, in the order they apply."""
        return list(self._tables.query(self._rows, self._pk))

    def save_row(self, row: Row) -> Put:
        """Make the write of a state, refused when somebody wrote it since."""
        return self._rows.put(row, self._pk, str(row.from_on))
