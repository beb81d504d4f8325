"""Reading the catalogue, and publishing another state of it (CAT-1, CAT-2, CAT-3)."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.catalogue.catalogue import Catalogue, catalogue_of, coming_prices
from chalicelib.catalogue.storage import CatalogueStorage
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.instants import iso
from chalicelib.foundation.messages import Message, Queue
from chalicelib.legal.recording import Recording

KEPT_FOR = timedelta(seconds=30)
JOURNAL = "company"  # the chain of what the company decides for all its clients


@dataclass(kw_only=True)
class CatalogueService:
    """The offer: read by every page, worker and job; changed by the operator."""

    storage: CatalogueStorage
    recording: Recording
    _kept: tuple[datetime, dict[str, Any], Catalogue] | None = field(default=None, init=False)

    def current(self) -> Catalogue:
        """Give the published catalogue, at most 30 seconds old.

        Raises DomainError while nothing is published.
        """
        return self._read()[1]

    def version(self, version: int) -> Catalogue:
        """Give the catalogue as it was published that time (LEG-5).  Raises NotFoundError."""
        published = self.storage.version(version)
        if published is None:
            raise NotFoundError
        return published

    def document(self) -> dict[str, Any]:
        """Give the published document as the operator edits it.  Raises like ``current``."""
        return self._read()[0]

    def public_document(self) -> dict[str, Any]:
        """Give what anybody may read as JSON: the offer without what runs behind it (CAT-3)."""
        hidden = {"provider", "instance_type", "image"}
        document = self.document()
        return {
            "currency": "EUR",
            "period": "month",
            "configurations": [
                {name: value for name, value in entry.items() if name not in hidden}
                for entry in document["configurations"]
            ],
            "options": document["options"],
            "prices": document["prices"],
        }

    def publish(self, document: object, by: str) -> Catalogue:
        """Replace the catalogue, whole, or refuse it and change nothing (CAT-3).

        ``by`` names who publishes ("operator:usr_…", "system").  The same document again changes
        nothing.  Whoever rents what gets another price to come is written to.  Raises FieldErrors
        keyed by the places in the document.
        """
        from chalicelib.catalogue.document import checked  # pydantic: only when publishing

        def attempt() -> None:
            day, published = self.recording.today(), self.storage.current()
            current = published[1] if published else None
            normal = checked(document, current, day)
            if published and normal == published[0]:
                return
            version = current.version if current else 0
            told = []
            if current and coming_prices(catalogue_of(normal, version + 1), current, day):
                body = {"do": "announce-prices", "version": version + 1}
                told = [Message(Queue.DESKTOPS, f"announce-prices:{version + 1}", body)]
            digest = hashlib.sha256(json.dumps(normal, sort_keys=True).encode()).hexdigest()
            facts = {"version": version + 1, "sha256": digest}
            self.recording.commit(
                *self.storage.publish(normal, version, iso(self.recording.now()), by),
                self.recording.entry(JOURNAL, "catalogue.published", facts, by=by),
                *told,
            )

        self.recording.again(attempt)
        self._kept = None
        return self.current()

    def publish_text(self, text: str, by: str) -> Catalogue:
        """Publish a JSON text; refusals also name the line (CAT-1).

        Raises FieldErrors keyed by "ligne 12 · prices[3].from_on".
        """
        from chalicelib.catalogue.json_lines import line_of, lines_of

        try:
            document = json.loads(text)
        except json.JSONDecodeError as unreadable:
            raise FieldErrors({_at(unreadable.lineno): "Ce n’est pas du JSON valide."}) from (
                unreadable
            )
        except (RecursionError, ValueError) as unreadable:  # too deep, or digits without end
            raise FieldErrors({_at(1): "Ce n’est pas du JSON valide."}) from unreadable
        try:
            return self.publish(document, by)
        except FieldErrors as refused:
            lines = lines_of(text)
            raise FieldErrors(
                {
                    _at(line_of(place, lines), place): sentence
                    for place, sentence in refused.errors.items()
                }
            ) from refused

    def load_file(self, path: Path | str, by: str = "system") -> Catalogue:
        """Publish the JSON file of that path.  Raises FieldErrors like ``publish_text``."""
        return self.publish_text(Path(path).read_text(encoding="utf-8"), by)

    def _read(self) -> tuple[dict[str, Any], Catalogue]:
        now = self.recording.now()
        # A local clock may be moved either way: only a fresh reading is kept.
        if self._kept and timedelta(0) <= now - self._kept[0] < KEPT_FOR:
            return self._kept[1:]
        published = self.storage.current()
        if published is None:
            raise DomainError("Aucun catalogue n’est publié pour le moment.")
        self._kept = (now, *published)
        return published


def _at(line: int | None, place: str = "") -> str:
    return " · ".join(part for part in (f"ligne {line}" if line else "", place) if part)
