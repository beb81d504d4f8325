"""What metering asks of its storage and of the domains before it."""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.tables import Put, Write
from chalicelib.metering.correction import UsageCorrection
from chalicelib.metering.usage import Prices, Progress, UsageDay


class UsageStore(Protocol):
    """Usage days; saving gives the writes to commit, it writes nothing itself."""

    def days(self, account_id: str, first: date, last: date) -> Iterator[UsageDay]:
        """Read an account's recorded days, both ends included, in order."""

    def progress(self) -> Progress:
        """Read how far the daily job has come."""

    def pages(self, usage: UsageDay) -> list[Write]:
        """Give the writes of a large day's items, to commit before the day; none for others."""

    def save_day(self, usage: UsageDay) -> list[Write]:
        """Give the write of a usage day, refused when somebody wrote it since."""

    def remove_day(self, usage: UsageDay) -> list[Write]:
        """Give the removal of a usage day that nothing is left of."""

    def corrections(self, account_id: str, first: date, last: date) -> Iterator[UsageCorrection]:
        """Read what operators corrected of an account's days, both ends included."""

    def save_correction(self, correction: UsageCorrection) -> Put:
        """Give the write of a correction."""

    def save_progress(self, day: date, version: int) -> Put:
        """Give the write of the day reached."""


class Desktops(Protocol):
    """Where desktops and their histories come from."""

    def all_desktops(self) -> Iterator[Desktop]:
        """Give every desktop there ever was, account after account."""

    def of_account(self, account_id: str) -> list[Desktop]:
        """Give every desktop of an account, deleted ones included."""


class Catalogues(Protocol):
    """Where the dated prices come from."""

    def current(self) -> Prices:
        """Give the catalogue in force, with every price past and announced."""
