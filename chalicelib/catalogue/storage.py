"""The published catalogue, one record; and each state it went through (CAT-3, LEG-5)."""

from dataclasses import dataclass
from typing import Any

from chalicelib.catalogue.catalogue import Catalogue, catalogue_of
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables


@dataclass(frozen=True)
class CatalogueState:
    """A whole catalogue as it was published once, for ever."""

    document: dict[str, Any]
    published_at: str
    published_by: str


@dataclass(frozen=True)
class CurrentCatalogue:
    """The catalogue in force; its version counts the states there were."""

    document: dict[str, Any]
    published_at: str
    published_by: str
    version: int = 0


_STATES = Kind("catalogue", "state", CatalogueState)
_CURRENT = Kind("catalogue", "catalogue", CurrentCatalogue)
_PK = "CATALOGUE"


class CatalogueStorage:
    """Reads and writes the catalogue's records."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def current(self) -> tuple[dict[str, Any], Catalogue] | None:
        """Read what is published: the document, and the catalogue it is."""
        current = self._tables.get(_CURRENT, _PK, "CURRENT")
        if current is None:
            return None
        return current.document, catalogue_of(current.document, current.version)

    def version(self, version: int) -> Catalogue | None:
        """Read a state that was once published."""
        state = self._tables.get(_STATES, _PK, f"VERSION#{version:06d}")
        return catalogue_of(state.document, version) if state else None

    def publish(
        self, document: dict[str, Any], version: int, published_at: str, by: str
    ) -> tuple[Put, Put]:
        """Give the writes that replace version ``version`` and keep the new state for ever."""
        current = CurrentCatalogue(document, published_at, by, version)
        kept = CatalogueState(document, published_at, by)
        return (
            _CURRENT.put(current, _PK, "CURRENT"),
            _STATES.put(kept, _PK, f"VERSION#{version + 1:06d}"),
        )
