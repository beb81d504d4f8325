"""The published catalogue, one record; and each state it went through (CAT-3, LEG-5)."""

from typing import Any

from chalicelib.catalogue.catalogue import Catalogue, catalogue_of
from chalicelib.foundation.old_records import JSONAttribute, OldRecord, UnicodeAttribute, old_put
from chalicelib.foundation.tables import Put, Tables


class CatalogueRecord(OldRecord):
    """A whole catalogue; the one in force is also kept under ``CURRENT``."""

    class Meta:
        table_name = "catalogue"

    document = JSONAttribute()
    published_at = UnicodeAttribute()
    published_by = UnicodeAttribute()


class CatalogueStorage:
    """Reads and writes the catalogue's records."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def current(self) -> tuple[dict[str, Any], Catalogue] | None:
        """Read what is published: the document, and the catalogue it is."""
        record = self._tables.get_record(CatalogueRecord, "CATALOGUE", "CURRENT")
        if record is None:
            return None
        return record.document, catalogue_of(record.document, int(record.version))

    def version(self, version: int) -> Catalogue | None:
        """Read a state that was once published."""
        record = self._tables.get_record(CatalogueRecord, "CATALOGUE", f"VERSION#{version:06d}")
        return catalogue_of(record.document, version) if record else None

    def publish(
        self, document: dict[str, Any], version: int, published_at: str, by: str
    ) -> tuple[Put, Put]:
        """Give the writes that replace version ``version`` and keep the new state for ever."""
        current = CatalogueRecord(
            pk="CATALOGUE",
            sk="CURRENT",
            version=version,
            document=document,
            published_at=published_at,
            published_by=by,
        )
        kept = CatalogueRecord(
            pk="CATALOGUE",
            sk=f"VERSION#{version + 1:06d}",
            document=document,
            published_at=published_at,
            published_by=by,
        )
        return old_put(current), old_put(kept)
