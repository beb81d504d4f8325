"""What an accredited platform says of a document handed over to it (law, electronic invoices).

Only such a platform transmits an invoice; it tells back what became of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.money import to_cents

_LONGEST_REASON = 500
_LONGEST_NUMBER = 30
# What nobody means would be written with as many digits as its exponent says.
_MOST_EUROS, _WHOLE, _LEAST = 10**9, 100, Decimal("0.0001")


class StatusCode(StrEnum):
    """The statuses taken back, by their number in the French standard."""

    DEPOSITED = "200"
    REFUSED = "210"
    COLLECTED = "212"
    REJECTED = "213"


WITH_REASON = {StatusCode.REFUSED, StatusCode.REJECTED}


@dataclass(frozen=True)
class StatusEvent:
    """One status at an instant: with a reason, or with what was collected at which rate."""

    code: StatusCode
    at: datetime
    reason: str = ""
    amount_cents: int = 0
    rate_percent: str = ""
    by: str = "platform"


@dataclass(frozen=True)
class PlatformStatus:
    """A document at the platform, with every status taken back, in order of time."""

    number: str
    document_id: str
    account_id: AccountId
    handed_over_at: datetime
    events: tuple[StatusEvent, ...] = ()
    version: int = 0

    @property
    def latest(self) -> StatusEvent | None:
        """The last status; None while the platform said nothing."""
        return self.events[-1] if self.events else None

    @property
    def needs_care(self) -> bool:
        """Whether the document did not reach its client: somebody must look."""
        return self.latest is not None and self.latest.code in WITH_REASON

    def told(self, event: StatusEvent) -> "PlatformStatus":
        """Add a status; one told twice changes nothing."""
        if any((each.code, each.at) == (event.code, event.at) for each in self.events):
            return self
        events = sorted((*self.events, event), key=lambda each: each.at)
        return replace(self, events=tuple(events))


def read_event(  # noqa: PLR0913 - what a status is made of
    code: str, at: datetime, *, reason: str = "", amount: str = "", rate: str = "", by: str
) -> StatusEvent:
    """Read a status.  Raises FieldErrors: reason, or amount and rate, as its code asks."""
    errors = {}
    if code not in list(StatusCode):
        raise FieldErrors({"code": "Choisissez un statut de la liste."})
    status = StatusCode(code)
    reason = " ".join(reason.split())
    cents, percent = 0, ""
    if status in WITH_REASON and not 0 < len(reason) <= _LONGEST_REASON:
        errors["reason"] = "Indiquez le motif donné, en 500 caractères au plus."
    if status is StatusCode.COLLECTED:
        try:
            cents = to_cents(_decimal(amount, _MOST_EUROS))
            errors |= {} if cents > 0 else {"amount": "Indiquez un montant positif."}
        except (InvalidOperation, ValueError):
            errors["amount"] = "Indiquez le montant encaissé, par exemple 34,80."
        try:
            percent = f"{_decimal(rate, _WHOLE).normalize():f}"
        except (InvalidOperation, ValueError):
            errors["rate"] = "Indiquez le taux de TVA, par exemple 20."
    if errors:
        raise FieldErrors(errors)
    return StatusEvent(status, at, reason if status in WITH_REASON else "", cents, percent, by)


def _decimal(text: str, most: int) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("longer than any number meant")
    value = Decimal("".join(text.split()).replace("€", "").replace("%", "").replace(",", "."))
    if not (value.is_finite() and abs(value) <= most) or (value and abs(value) < _LEAST):
        raise ValueError("beyond any number meant")
    return value
