"""How amounts, dates and rates are written in French documents, with their no-break spaces."""

from datetime import date
from decimal import Decimal

THIN = "\u202f"  # groups of thousands
HARD = "\u00a0"  # before a unit

_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def money_text(cents: int) -> str:
    """Write cents as euros: ``1 234,56 €``."""
    sign = "−" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    return f"{sign}{euros:,}".replace(",", THIN) + f",{rest:02d}{HARD}€"


def day_text(day: date) -> str:
    """Write a date in full: ``1er novembre 2026``."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{HARD}{_MONTHS[day.month - 1]}{HARD}{day.year}"


def month_text(day: date) -> str:
    """Write the month of a day: ``novembre 2026``."""
    return f"{_MONTHS[day.month - 1]}{HARD}{day.year}"


def percent_text(percent: Decimal) -> str:
    """Write a rate in percent: ``20 %``, ``8,5 %``."""
    plain = f"{percent.normalize():f}"
    return plain.replace(".", ",") + f"{HARD}%"


def days_text(days: int) -> str:
    """Count days: ``1 jour``, ``19 jours``."""
    return f"{days}{HARD}jour{'s' if days > 1 else ''}"


def grouped_digits(digits: str) -> str:
    """Write a SIREN in groups of three: ``123 456 782``."""
    return HARD.join(digits[start : start + 3] for start in range(0, len(digits), 3))
