"""Daily backups of a desktop that has the option, kept seven days (CGV art. 13; DSK-5)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec import Struct

KEPT_FOR = timedelta(days=7)


class Backup(Struct, frozen=True, array_like=True):
    """A copy of the disk for a Paris day; ``is_complete`` once the cloud has written it all."""

    snapshot_id: str
    taken_on: date
    taken_at: datetime
    is_complete: bool = False


def kept(backups: Iterable[Backup], today: date) -> tuple[Backup, ...]:
    """Give the backups still to be kept, oldest first: those of the last seven days."""
    return tuple(
        sorted(
            (each for each in backups if today - each.taken_on < KEPT_FOR),
            key=lambda each: each.taken_on,
        )
    )


def expired(backups: Iterable[Backup], today: date) -> tuple[Backup, ...]:
    """Give the backups whose seven days are over."""
    return tuple(each for each in backups if today - each.taken_on >= KEPT_FOR)
