"""Money: Decimal euros in rules, integer cents in storage and at Stripe."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_half_up(amount: Decimal) -> Decimal:
    """Round euros to the cent, half up: the one rounding of the system (BIL-1)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def to_cents(amount: Decimal) -> int:
    """Express whole-cent euros in cents.  Raises ValueError when cents would be lost."""
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"not a whole number of cents: {amount}")
    return int(cents)


def from_cents(cents: int) -> Decimal:
    """Express cents in euros, with two decimals."""
    return Decimal(cents).scaleb(-2)
