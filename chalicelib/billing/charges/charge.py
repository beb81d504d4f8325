"""One-off charges: what is billed once, beside usage (CGV art. 6, 7, 13, 17; BIL-9).

A pod lost, a delivery that failed through a wrong address, an intervention whose quote was
accepted, a withdrawal indemnity.  Each is a decision with a reason; the next invoice bills it once.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.billing.invoices.invoice import ChargeKind, ChargeLine, Nature
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId, ChargeId

# Of one invoice: the others go with the next, so that an issue stays one transaction.
MOST_ON_AN_INVOICE = 50
ONE_OFF_KINDS: tuple[ChargeKind, ...] = (
    "pod_loss",
    "failed_delivery",
    "intervention",
    "withdrawal_indemnity",
    "correction",
    "other",
)


class ChargeState(StrEnum):
    """Where a one-off charge stands."""

    PENDING = "pending"
    BILLED = "billed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class OneOffCharge:
    """Something to bill once: a unit price in cents excl. VAT times a quantity.

    ``on`` is the Paris day of the fact; ``reason`` and ``evidence`` are kept for the file, the
    client reads ``label``.
    """

    id: ChargeId
    account_id: AccountId
    kind: ChargeKind
    label: Label
    unit_excl_vat_cents: int
    quantity: int
    on: date
    reason: str
    evidence: str
    added_at: datetime
    added_by: str
    state: ChargeState = ChargeState.PENDING
    invoice_id: str = ""
    cancelled_reason: str = ""
    version: int = 0

    @property
    def amount_excl_vat_cents(self) -> int:
        """Its price times its quantity."""
        return self.unit_excl_vat_cents * self.quantity

    @property
    def nature(self) -> Nature:
        """A thing that is not given back is goods, all else services (law: VAT)."""
        return "goods" if self.kind == "pod_loss" else "services"

    def billed_on(self, invoice_id: str) -> "OneOffCharge":
        """Give it billed by an invoice.  Raises DomainError when it no longer waits (BIL-9)."""
        self._require_pending()
        return replace(self, state=ChargeState.BILLED, invoice_id=invoice_id)

    def cancelled(self, reason: str) -> "OneOffCharge":
        """Give it cancelled.  Raises DomainError once it is billed: then a credit note is due."""
        self._require_pending()
        return replace(self, state=ChargeState.CANCELLED, cancelled_reason=reason)

    def _require_pending(self) -> None:
        if self.state is ChargeState.BILLED:
            raise DomainError(
                "Ces frais sont déjà facturés\u00a0: pour les reprendre, émettez un avoir."
            )
        if self.state is ChargeState.CANCELLED:
            raise DomainError("Ces frais sont déjà annulés.")


def charge_id_of(account_id: str, key: str) -> ChargeId:
    """Name the charge of a fact: a double click or a replay adds one (BIL-9)."""
    fact = f"charge:{account_id}:{key}"
    return ChargeId("chg_" + hashlib.sha256(fact.encode()).hexdigest()[:24])


def billable(charges: Iterable[OneOffCharge], month: BillingMonth) -> list[OneOffCharge]:
    """Give what the invoice of a month bills: all that waits since the month or before (BIL-9)."""
    waiting = [
        charge
        for charge in charges
        if charge.state is ChargeState.PENDING and charge.on <= month.last_day
    ]
    waiting.sort(key=lambda charge: (charge.on, charge.added_at, charge.id))
    return waiting[:MOST_ON_AN_INVOICE]


def charge_line(charge: OneOffCharge, vat: VatTreatment) -> ChargeLine:
    """Make the line that bills a charge (BIL-9)."""
    return ChargeLine(
        key=f"charge:{charge.id}",
        kind=charge.kind,
        label=charge.label,
        detail=Label(f"Le {charge.on:%d/%m/%Y}", f"On {charge.on:%d/%m/%Y}"),
        quantity=charge.quantity,
        unit_excl_vat_cents=charge.unit_excl_vat_cents,
        list_unit_excl_vat_cents=charge.unit_excl_vat_cents,
        vat=vat,
        amount_excl_vat_cents=charge.amount_excl_vat_cents,
        nature=charge.nature,
        charge_id=charge.id,
    )
