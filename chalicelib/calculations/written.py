"""How answers write amounts and rates."""

from decimal import Decimal

from chalicelib.foundation.money import from_cents


def euros(cents: int) -> str:
    """Write cents as euros with two decimals: ``20.29``."""
    return f"{from_cents(cents):.2f}"


def rate(percent: Decimal) -> str:
    """Write a rate without needless zeros: ``20``, ``8.5``."""
    return f"{percent.normalize():f}"
