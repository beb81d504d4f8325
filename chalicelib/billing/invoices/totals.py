"""Totals of an invoice: VAT on the sum of the lines of each rate, never line by line (BIL-10)."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.foundation.money import from_cents, round_half_up, to_cents


class VatTotal(Struct, frozen=True, array_like=True):
    """The lines of one VAT treatment: their sum and the VAT on it, in cents."""

    vat: VatTreatment
    base_cents: int
    vat_cents: int


class Totals(Struct, frozen=True, array_like=True):
    """Sums of an invoice in cents; ``by_rate`` has the highest rate first."""

    by_rate: tuple[VatTotal, ...]
    excl_vat_cents: int
    vat_cents: int
    incl_vat_cents: int


def totals_of(amounts: Iterable[tuple[int, VatTreatment]]) -> Totals:
    """Add up amounts (cents excl. VAT, each with its treatment) (BIL-10).

    The VAT of a rate is base × rate, rounded half up once.
    """
    bases: dict[VatTreatment, int] = {}
    for cents, vat in amounts:
        bases[vat] = bases.get(vat, 0) + cents
    by_rate = tuple(
        VatTotal(vat, base, vat_on(base, vat.rate_percent))
        for vat, base in sorted(
            bases.items(), key=lambda part: (-part[0].rate_percent, part[0].category)
        )
    )
    return totals_from(by_rate)


def totals_from(parts: Iterable[VatTotal]) -> Totals:
    """Add up what is known of each VAT treatment, in the order given."""
    by_rate = tuple(parts)
    excl_vat = sum(part.base_cents for part in by_rate)
    vat_cents = sum(part.vat_cents for part in by_rate)
    return Totals(by_rate, excl_vat, vat_cents, excl_vat + vat_cents)


def vat_on(base_cents: int, rate_percent: Decimal) -> int:
    """Give the VAT in cents on a base in cents, half up."""
    return to_cents(round_half_up(from_cents(base_cents) * rate_percent / 100))
