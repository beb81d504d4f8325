"""The rate of late interest between professionals, half-year by half-year (PAY-6).

The higher of what was agreed and three times the legal rate; where nothing was agreed, the
refinancing rate of the European Central Bank on the half-year's first day plus points
(``billing/invoices/late_payment.json``, as invoices say).  Both rates are published by the
half-year: those known ship in ``late_rates.json``, and an operator adds the next on a page.  No
rate stands for that of another half-year: what needs one that is not known waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from chalicelib.billing.invoices.late_terms import late_terms_on
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.payments.terms.dated_row import DatedRow
from chalicelib.payments.terms.dated_terms import DatedTerms

FILE = Path(__file__).parent / "late_rates.json"
_LEGAL_TIMES = 3
_HIGHEST_PERCENT = 30
_DECIMALS = 2
_JULY = 7
_PAST_HALVES = 4


@dataclass(frozen=True, kw_only=True)
class LateRate(DatedRow):
    """The rates of a half-year, in percent a year; ``from_on`` is its first Paris day."""

    legal_percent: Decimal
    ecb_percent: Decimal


class UnknownRateError(DomainError):
    """The rates of a half-year are not known yet."""


def half_year(day: date) -> date:
    """Give the first day of the half-year of a Paris day."""
    return date(day.year, _JULY if day.month >= _JULY else 1, 1)


def next_half_year(start: date) -> date:
    """Give the first day of the half-year after one."""
    return date(start.year, _JULY, 1) if start.month < _JULY else date(start.year + 1, 1, 1)


@dataclass(kw_only=True)
class LateRates:
    """Tells which rate applies, and publishes those of a half-year."""

    terms: DatedTerms[LateRate]

    def history(self) -> list[LateRate]:
        """Give the half-years known, in order."""
        return self.terms.history()

    def known_on(self, day: date) -> LateRate | None:
        """Give the rates of the half-year of a Paris day; None when they are not known."""
        found = self.terms.on(day)
        return found if found and found.from_on == half_year(day) else None

    def rate(self, agreed_percent: Decimal | None = None) -> Callable[[date], Decimal]:
        """Give what tells the annual rate in percent of a Paris day.

        ``agreed_percent`` is what the invoice's contract says, None when it is silent.  What is
        given raises UnknownRateError for a half-year whose rates are not known.
        """
        rows = {row.from_on: row for row in self.history()}

        def rate_on(day: date) -> Decimal:
            row = rows.get(half_year(day))
            if row is None:
                raise UnknownRateError(
                    "Le taux d’intérêt légal du semestre commencé le %(day)s n’est pas enregistré.",
                    day=str(half_year(day)),
                )
            agreed = agreed_percent
            if agreed is None:
                agreed = row.ecb_percent + late_terms_on(day).points_above_ecb_rate
            return max(agreed, _LEGAL_TIMES * row.legal_percent)

        return rate_on

    def half_years(self, day: date) -> list[date]:
        """Give the half-years whose rates may be published: some past ones, this and the next."""
        starts = [next_half_year(half_year(day)), half_year(day)]
        while len(starts) < _PAST_HALVES + 2:
            starts.append(half_year(starts[-1] - timedelta(days=1)))
        return starts

    def publish(self, rate: LateRate, *, day: date, by: str) -> None:
        """Publish the rates of a half-year; claims already fixed stay (PAY-6).

        Raises FieldErrors for what is no half-year, no percentage, or has no source.
        """
        errors = {}
        if rate.from_on not in self.half_years(day):
            errors["from_on"] = "Choisissez un semestre de la liste."
        for name, percent in (("legal", rate.legal_percent), ("ecb", rate.ecb_percent)):
            if not is_percent(percent):
                errors[name] = "Indiquez un taux de 0 à 30\u00a0%, avec deux décimales au plus."
        if errors:
            raise FieldErrors(errors)
        self.terms.publish(rate, by=by)


def is_percent(percent: Decimal) -> bool:
    """Tell whether a number may be an annual rate: 0 to 30, two decimals at most."""
    exponent = percent.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else _DECIMALS + 1
    return decimals <= _DECIMALS and 0 <= percent <= _HIGHEST_PERCENT
