"""Publishes legal documents, and finds the version in force on a day (CGV art. 2, 6; LEG-1)."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chalicelib.foundation.errors import ConflictError, DomainError, NotFoundError
from chalicelib.legal.documents import CGV, CHARTER, WITHDRAWAL_FORM, LegalDocument
from chalicelib.legal.documents_storage import LegalStorage
from chalicelib.legal.recording import Recording

SAMPLES = Path(__file__).parent / "samples"
_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_TITLE = "# "


@dataclass(kw_only=True)
class LegalDocuments:
    """Publishes documents and finds the version in force on a day."""

    store: LegalStorage
    recording: Recording

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
            published_at=self.recording.now(),
            published_by=by,
        )
        return self.recording.again(lambda: self._publish(document))

    def _publish(self, document: LegalDocument) -> LegalDocument:
        stored = self.store.version(document.kind, document.version)
        if stored:
            if (stored.sha256, stored.effective_on) != (document.sha256, document.effective_on):
                raise DomainError(
                    "La version %(version)s est déjà publiée avec un autre contenu.",
                    version=document.version,
                )
            return stored
        earlier = [version.effective_on for version in self.store.versions(document.kind)]
        if earlier and document.effective_on <= max(*earlier, self.recording.today()):
            raise DomainError(
                "Une nouvelle version prend effet après aujourd’hui et après les précédentes."
            )
        self.recording.commit(*self.store.save(document))
        return document

    def in_force(self, kind: str, on: date) -> LegalDocument:
        """Give the version in force on a Paris day.  Raises NotFoundError when there is none."""
        in_force = [version for version in self.store.versions(kind) if version.effective_on <= on]
        if not in_force:
            raise NotFoundError
        return max(in_force, key=lambda version: version.effective_on)

    def version(self, kind: str, version: str) -> LegalDocument:
        """Give one version, in force or not.  Raises NotFoundError."""
        found = self.store.version(kind, version)
        if found is None:
            raise NotFoundError
        return found

    def versions(self, kind: str) -> list[LegalDocument]:
        """Give every version of a kind, the latest first."""
        return sorted(self.store.versions(kind), key=lambda one: one.effective_on, reverse=True)

    def all_kinds(self) -> list[str]:
        """Name the kinds that have a version, CGV and charter first."""
        first = [CGV, CHARTER, WITHDRAWAL_FORM]
        kinds = set(self.store.kinds())
        return [kind for kind in first if kind in kinds] + sorted(kinds - set(first))

    def load_samples(self, effective_on: date, *, by: str = "system") -> list[LegalDocument]:
        """Publish the sample documents for the kinds that have none yet, as version 1."""
        kinds = set(self.store.kinds())
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
