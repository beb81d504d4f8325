"""Legal documents: versioned, dated, hashed, public (CGV art. 2, 6, 19; LEG-1, LEG-3)."""

from dataclasses import dataclass
from datetime import date, datetime

CGV = "cgv"
CHARTER = "charter"
WITHDRAWAL_FORM = "withdrawal-form"
LICENCE = "licence-"  # kinds of licence terms begin so, one per system or application


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
