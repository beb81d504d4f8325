"""How long there is to pay, and what is too little to be asked for alone (CGV art. 8.2; P7, PAY-6).

Dated data: those shipped in ``payment_terms.json``, then those an operator publishes from a day to
come.  An invoice keeps the due date written on it.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from chalicelib.foundation.errors import FieldErrors
from chalicelib.legal.policies import start_errors
from chalicelib.payments.stripe.processor import LEAST_CHARGE_CENTS
from chalicelib.payments.terms.dated_row import DatedRow
from chalicelib.payments.terms.dated_terms import DatedTerms, shipped

FILE = Path(__file__).parent / "payment_terms.json"
_LONGEST_DAYS = 60  # that professionals may agree on (C. com. art. L441-10)
_MOST_CARRIED_CENTS = 500


@dataclass(frozen=True, kw_only=True)
class PaymentTerms(DatedRow):
    """Days to pay, from a Paris day on.

    ``card_grace_days`` run from the end of the month of service to the last day before default,
    ``invoice_terms_days`` from the date of an invoice to its due date unless its contract says
    otherwise, ``claim_terms_days`` from the day a late claim is fixed.  What is left of an invoice
    under ``carried_below_cents`` is carried to the next one.
    """

    card_grace_days: int
    invoice_terms_days: int
    claim_terms_days: int
    carried_below_cents: int

    def is_carried(self, left_cents: int) -> bool:
        """Tell whether so little is left, or nothing, that an invoice is no longer asked for alone.

        The one rule for such rests: what is carried stays owed and is added to the next charge, or
        taken from the next transfer; no card is tried for it alone, no reminder sent, no service
        suspended, no card kept; late claims are fixed as if all were paid (PAY-3, PAY-6, P8).
        """
        return left_cents < self.carried_below_cents


def shipped_on(day: date) -> PaymentTerms:
    """Give the terms shipped with the system for a Paris day, for the calculator."""
    rows = shipped(PaymentTerms, FILE)
    return [row for row in rows if row.from_on <= day][-1]


@dataclass(kw_only=True)
class PaymentTermsTable:
    """Tells which terms apply, and publishes others."""

    terms: DatedTerms[PaymentTerms]
    _known: dict[date, PaymentTerms] = field(default_factory=dict, init=False, repr=False)

    def on(self, day: date) -> PaymentTerms:
        """Give the terms in force on a Paris day.

        Those of a day begun cannot change any more: they are read once.
        """
        if day in self._known:
            return self._known[day]
        found = self.terms.on(day)
        if found is None:
            raise ValueError(f"no terms of payment are known on {day}")
        if day <= self.terms.recording.today():
            self._known[day] = found
        return found

    def history(self) -> list[PaymentTerms]:
        """Give every state, in the order they apply."""
        return self.terms.history()

    def publish(self, terms: PaymentTerms, *, day: date, by: str) -> None:
        """Publish other terms, for invoices made from a day to come.  Raises FieldErrors."""
        errors = start_errors(terms.from_on, day)
        for name in ("card_grace_days", "invoice_terms_days", "claim_terms_days"):
            if not 0 <= getattr(terms, name) <= _LONGEST_DAYS:
                errors[name] = "Indiquez un nombre de jours, de 0 à 60."
        if not LEAST_CHARGE_CENTS <= terms.carried_below_cents <= _MOST_CARRIED_CENTS:
            errors["carried_below_cents"] = "Indiquez un montant de 0,50 à 5,00\u00a0€."
        if errors:
            raise FieldErrors(errors)
        self.terms.publish(terms, by=by)
