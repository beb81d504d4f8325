"""The port to an accredited platform: documents go out, statuses come back (law; BIL-11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class News:
    """Something the platform left for us; ``name`` is what it is acknowledged by."""

    name: str
    content: dict[str, Any]


class Platform(Protocol):
    """Hands documents over and gives statuses."""

    def deposit(self, number: str, pdf: bytes) -> None:
        """Hand a document over; the same number again changes nothing.

        Raises TemporaryGatewayError when the platform cannot be reached.
        """

    def news(self) -> Iterable[News]:
        """Give what was not acknowledged yet.

        Raises TemporaryGatewayError, after all others, when one could not be fetched.
        """

    def acknowledge(self, news: News, *, taken: bool) -> None:
        """Have news not come again; what could not be ``taken`` is put aside, not lost.

        Raises TemporaryGatewayError when they will come again.
        """
