"""What the catalogue's service needs from outside: one store, kept by ``storage.py``."""

from typing import Any, Protocol

from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.foundation.tables import Put


class CatalogueStore(Protocol):
    """The published catalogue and every state it went through."""

    def current(self) -> tuple[dict[str, Any], Catalogue] | None:
        """Read what is published: the document, and the catalogue it is."""

    def version(self, version: int) -> Catalogue | None:
        """Read a state that was once published."""

    def publish(
        self, document: dict[str, Any], version: int, published_at: str, by: str
    ) -> tuple[Put, Put]:
        """Give the writes that replace version ``version`` and keep the new state for ever."""
