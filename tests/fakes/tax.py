"""VIES and an accredited platform, in memory."""

from typing import Any

from chalicelib.billing.platform.port import News
from chalicelib.billing.vat.vies import Consultation, ViesUnavailableError
from chalicelib.foundation.errors import TemporaryGatewayError
from tests.fakes.aws_calls import stands_for


class FakeVies:
    """Knows the numbers it is given; is silent when ``down`` says so, in VIES's own words."""

    def __init__(self, *valid: str) -> None:
        self.valid = set(valid)
        self.down = ""
        self.asked: list[str] = []

    def check(self, vat_number: str) -> Consultation:
        self.asked.append(vat_number)
        if self.down:
            raise ViesUnavailableError(self.down)
        number = f"WAPI{len(self.asked):06d}"
        return Consultation(vat_number in self.valid, number, "Lumière SA", "Rue Exemple 1")


@stands_for("FileDropPlatform")
class FakePlatform:
    """Keeps what is handed over, and gives the news put in it until they are acknowledged."""

    def __init__(self) -> None:
        self.deposited: dict[str, bytes] = {}
        self.waiting: list[News] = []
        self.taken: list[str] = []
        self.aside: list[str] = []
        self.down = False
        self.immovable: set[str] = set()

    def deposit(self, number: str, pdf: bytes) -> None:
        if self.down:
            raise TemporaryGatewayError("platform: 503")
        self.deposited.setdefault(number, pdf)

    def tell(self, **content: Any) -> None:
        """Leave a status."""
        self.waiting.append(News(f"{len(self.waiting):04d}.json", content))

    def news(self) -> list[News]:
        done = {*self.taken, *self.aside}
        return [news for news in self.waiting if news.name not in done]

    def acknowledge(self, news: News, *, taken: bool) -> None:
        if news.name in self.immovable:
            raise TemporaryGatewayError("platform: KeyTooLongError")
        (self.taken if taken else self.aside).append(news.name)
