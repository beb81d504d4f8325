"""Instants as text in keys: text order is time order."""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Write a UTC instant so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read what ``iso`` wrote."""
    return datetime.fromisoformat(text)
