"""Legal documents: versioned, dated, hashed, public (CGV art. 2, 6, 19; LEG-1, LEG-3)."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import ConflictError, DomainError, NotFoundError
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict

CGV = "cgv"
CHARTER = "charter"
WITHDRAWAL_FORM = "withdrawal-form"
LICENCE = "licence-"  # kinds of licence terms begin so, one per system or application
SAMPLES = Path(__file__).parent / "samples"
_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_TITLE = "# "


@dataclass(frozen=True)
class LegalDocument:
    """One version of a document; ``sha256`` is that of the text as downloaded, in UTF-8."""

    kind: str
    version: str
    title: str
    body_markdown: str
    effective_on: date
    sha256: str
    published_at: datetime
    published_by: str

    @property
    def reference(self) -> tuple[str, str, str]:
        """What an acceptance or an order keeps of it: kind, version, digest."""
        return self.kind, self.version, self.sha256


class DocumentStore(Protocol):
    """Where versions are kept; one stored is never rewritten."""

    def version(self, kind: str, version: str) -> LegalDocument | None:
        """Read one version."""

    def versions(self, kind: str) -> Iterator[LegalDocument]:
        """Read the versions of a kind."""

    def kinds(self) -> Iterator[str]:
        """Name every kind that has a version."""

    def save(self, document: LegalDocument) -> list[Put]:
        """Give the writes that keep a new version."""


class LegalDocuments:
    """Publishes documents and finds the version in force on a day."""

    def __init__(self, *, store: DocumentStore, work: UnitOfWork, clock: Clock) -> None:
        self._store = store
        self._work = work
        self._clock = clock

    def publish(  # noqa: PLR0913 - what a version is made of
        self, kind: str, version: str, title: str, body: str, effective_on: date, *, by: str
    ) -> LegalDocument:
        """Publish a version; the same one again changes nothing.

        A later version takes effect after the earlier ones and not before today, so that what was
        in force on a past day never changes.  Raises DomainError otherwise (LEG-1).
        """
        for slug in (kind, version):
            if not _SLUG.fullmatch(slug):
                raise DomainError(
                    "Nom de document ou de version non valable\u00a0: %(slug)s.", slug=slug
                )
        if not title.strip() or not body.strip():
            raise DomainError("Un document légal a un titre et un texte.")
        document = LegalDocument(
            kind=kind,
            version=version,
            title=title.strip(),
            body_markdown=body,
            effective_on=effective_on,
            sha256=hashlib.sha256(body.encode()).hexdigest(),
            published_at=self._clock.now(),
            published_by=by,
        )
        return retry_on_conflict(lambda: self._publish(document))

    def _publish(self, document: LegalDocument) -> LegalDocument:
        stored = self._store.version(document.kind, document.version)
        if stored:
            if (stored.sha256, stored.effective_on) != (document.sha256, document.effective_on):
                raise DomainError(
                    "La version %(version)s est déjà publiée avec un autre contenu.",
                    version=document.version,
                )
            return stored
        earlier = [version.effective_on for version in self._store.versions(document.kind)]
        if earlier and document.effective_on <= max(*earlier, today(self._clock)):
            raise DomainError(
                "Une nouvelle version prend effet après aujourd’hui et après les précédentes."
            )
        self._work.commit(*self._store.save(document))
        return document

    def in_force(self, kind: str, on: date) -> LegalDocument:
        """Give the version in force on a Paris day.  Raises NotFoundError when there is none."""
        in_force = [version for version in self._store.versions(kind) if version.effective_on <= on]
        if not in_force:
            raise NotFoundError
        return max(in_force, key=lambda version: version.effective_on)

    def version(self, kind: str, version: str) -> LegalDocument:
        """Give one version, in force or not.  Raises NotFoundError."""
        found = self._store.version(kind, version)
        if found is None:
            raise NotFoundError
        return found

    def versions(self, kind: str) -> list[LegalDocument]:
        """Give every version of a kind, the latest first."""
        return sorted(self._store.versions(kind), key=lambda one: one.effective_on, reverse=True)

    def all_kinds(self) -> list[str]:
        """Name the kinds that have a version, CGV and charter first."""
        first = [CGV, CHARTER, WITHDRAWAL_FORM]
        kinds = set(self._store.kinds())
        return [kind for kind in first if kind in kinds] + sorted(kinds - set(first))

    def load_samples(self, effective_on: date, *, by: str = "system") -> list[LegalDocument]:
        """Publish the sample documents for the kinds that have none yet, as version 1."""
        kinds = set(self._store.kinds())
        published = []
        for file in sorted(SAMPLES.glob("*.md")):
            if file.stem in kinds:
                continue
            body = file.read_text(encoding="utf-8")
            title = body.partition("\n")[0].removeprefix(_TITLE)
            try:
                published.append(self.publish(file.stem, "1", title, body, effective_on, by=by))
            except ConflictError:
                continue  # another set-up running at once published it
        return published
