"""Cases of loss, theft, damage, fault and missed return, and who bears them (CGV art. 7, 17; P11).

A defect of the device is never billed.  What the client owes follows from the dated price list; a
missed return costs a professional one month's fee, and a consumer the actual loss, at most that
fee (POD-2, POD-3).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.foundation.errors import DomainError, FieldErrors

REASON_LENGTH = 1000


class Cause(StrEnum):
    """What happened to an OmnyPod."""

    FAULT = "fault"
    DAMAGE = "damage"
    LOSS = "loss"
    THEFT = "theft"
    NOT_RETURNED = "not_returned"


class Outcome(StrEnum):
    """What the operator decides."""

    BILLED = "billed"
    WAIVED = "waived"
    DEFECT = "defect"  # of the device itself: replaced free of charge
    RETURNED = "returned"  # it came back before any decision


PRICED = (Cause.LOSS, Cause.THEFT, Cause.DAMAGE)


@dataclass(frozen=True)
class PodCase:
    """Something that happened to an OmnyPod in a client's custody, until it is decided.

    ``fee_cents`` is, for a missed return, the month's fee the indemnity is measured by.
    """

    id: str
    account_id: str
    serial: str
    cause: Cause
    happened_on: date
    description: str
    opened_at: datetime
    opened_by: str
    fee_cents: int = 0
    outcome: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    amount_excl_vat_cents: int = 0
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the operator still has to decide."""
        return not self.outcome


@dataclass(frozen=True)
class Decision:
    """What the operator decides of a case; ``typed_cents`` is a consumer's actual loss (P11)."""

    outcome: Outcome
    cause: Cause
    reason: str
    typed_cents: int | None = None
    replace_it: bool = False


def amount_owed(
    case: PodCase, decision: Decision, listed_cents: int | None, *, is_professional: bool
) -> int:
    """Give what a decision bills, in cents excl. VAT (CGV art. 7, 17; POD-2, POD-3, P11).

    ``listed_cents`` is the price list's on the day it happened.  Raises FieldErrors beside what is
    missing, or DomainError for what is never billed.
    """
    if not decision.reason.strip():
        raise FieldErrors({"reason": "Donnez la raison\u00a0: elle est envoyée au client."})
    if len(decision.reason) > REASON_LENGTH:
        raise FieldErrors({"reason": "Cette raison est trop longue (1 000 caractères au plus)."})
    if decision.outcome is not Outcome.BILLED:
        return 0
    if decision.cause is Cause.FAULT:
        raise DomainError(
            "Un défaut propre au matériel n’est jamais facturé\u00a0: si le client a causé le "
            "dommage, changez la cause.",
            article="7",
        )
    if decision.cause is Cause.NOT_RETURNED:
        return _indemnity(case, decision.typed_cents, is_professional=is_professional)
    if listed_cents is None:
        raise DomainError("La grille tarifaire n’a pas de prix à cette date\u00a0: complétez-la.")
    return listed_cents


def _indemnity(case: PodCase, typed_cents: int | None, *, is_professional: bool) -> int:
    if is_professional:
        return case.fee_cents
    if typed_cents is None:
        raise FieldErrors({"amount": "Indiquez le préjudice réel, en euros hors taxes."})
    if not 0 < typed_cents <= case.fee_cents:
        raise FieldErrors(
            {"amount": "Le préjudice d’un consommateur est plafonné à un mois d’abonnement."}
        )
    return typed_cents
