"""What every kind of dated figures says of itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar


@dataclass(frozen=True, kw_only=True)
class DatedRow:
    """Figures from a Paris day on; ``published_by`` is "" for those shipped.

    ``reason`` says where they come from.
    """

    from_on: date
    reason: str = ""
    published_at: datetime | None = None
    published_by: str = ""
    version: int = 0


Row = TypeVar("Row", bound=DatedRow)
