"""The days of follow-up: retries of a refused card, reminders, notice (CGV art. 8.2; PAY-3, PAY-6).

Dated data: those shipped in ``dunning.json``, then those an operator publishes from a day to come.
An invoice is followed to its end by the days in force when its follow-up began (its first day in
default; for retries, the day of the first refusal): a change never touches what was announced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.errors import FieldErrors
from chalicelib.legal.policies import start_errors
from chalicelib.payments.terms.dated_terms import DatedTerms
from chalicelib.payments.terms.dunning_steps import DunningPolicy

FILE = Path(__file__).parent / "dunning.json"
_LONGEST_DAY = 90
_MOST = 10


@dataclass(kw_only=True)
class DunningPolicies:
    """Tells which days apply, and publishes others."""

    terms: DatedTerms[DunningPolicy]

    def on(self, day: date) -> DunningPolicy:
        """Give the days in force on a Paris day."""
        found = self.terms.on(day)
        if found is None:
            raise ValueError(f"no follow-up is known on {day}")
        return found

    def history(self) -> list[DunningPolicy]:
        """Give every state, in the order they apply."""
        return self.terms.history()

    def retries(self, first_declined_at: datetime | None) -> list[date]:
        """Give the Paris days on which a refused card is tried again; none before a refusal."""
        if first_declined_at is None:
            return []
        first = paris_day(first_declined_at)
        return [first + timedelta(days=count) for count in self.on(first).retry_days]

    def publish(self, policy: DunningPolicy, *, day: date, by: str) -> None:
        """Publish other days, for what begins from a day to come (P8).  Raises FieldErrors."""
        errors = start_errors(policy.from_on, day)
        for name in ("retry_days", "reminder_days"):
            if not _are_days(getattr(policy, name)):
                errors[name] = "Indiquez des jours croissants, de 1 à 90, séparés par des espaces."
        last = max(policy.reminder_days, default=0)
        if not last < policy.formal_notice_day <= _LONGEST_DAY:
            errors["formal_notice_day"] = (
                "La mise en demeure vient après la dernière relance, au jour 90 au plus tard."
            )
        for name in ("notice_days_professional", "notice_days_consumer"):
            if not 1 <= getattr(policy, name) <= _LONGEST_DAY:
                errors[name] = "Le préavis va de 1 à 90 jours."
        if errors:
            raise FieldErrors(errors)
        self.terms.publish(policy, by=by)


def _are_days(days: Sequence[int]) -> bool:
    """Tell whether some days are there, each once, in order."""
    ordered = list(days) == sorted(set(days))
    return 1 <= len(days) <= _MOST and ordered and days[0] >= 1 and days[-1] <= _LONGEST_DAY
