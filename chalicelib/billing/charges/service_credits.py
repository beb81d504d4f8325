"""Service credits: granted after an outage, used the month after, never cash (CGV art. 16; BIL-8).

P14: granted in month C, a credit is usable only against usage of month C+1, whenever that invoice
is really made; what remains then expires.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.invoices.invoice import Allowance, InvoiceLine
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId, CreditId

MOST_ON_AN_INVOICE = 20


@dataclass(frozen=True)
class ServiceCredit:
    """A credit in cents excl. VAT for an outage of a desktop.

    ``used_cents`` is what the invoice ``invoice_id`` took of it, once issued.
    """

    id: CreditId
    account_id: AccountId
    desktop_id: str
    desktop_name: str
    amount_excl_vat_cents: int
    granted_at: datetime
    reason: str
    granted_by: str
    used_cents: int = 0
    invoice_id: str = ""
    version: int = 0

    @property
    def usable_month(self) -> BillingMonth:
        """The only month whose usage it can be used against (P14)."""
        return usable_month(self.granted_at)

    @property
    def left_cents(self) -> int:
        """What no invoice took: usable in its month, expired after."""
        return self.amount_excl_vat_cents - self.used_cents

    def used_on(self, invoice_id: str, cents: int) -> "ServiceCredit":
        """Give it used by an invoice.  Raises DomainError when one used it before."""
        if self.invoice_id:
            raise DomainError("Ce crédit de service a déjà été utilisé.")
        return replace(self, used_cents=cents, invoice_id=invoice_id)


@dataclass(frozen=True)
class CreditUse:
    """What becomes of a credit: used by month, in cents, and what expires."""

    usable_month: BillingMonth
    used: tuple[tuple[BillingMonth, int], ...]
    expired_cents: int


def usable_month(granted_at: datetime) -> BillingMonth:
    """Give the month after the Paris month of the grant (CGV art. 16; P14)."""
    return BillingMonth.of(paris_day(granted_at)).next


def use_of(
    granted_at: datetime, amount_cents: int, usage: Iterable[tuple[BillingMonth, int]]
) -> CreditUse:
    """Tell what becomes of a credit, from what desktops cost each month in cents (P14; BIL-8)."""
    month = usable_month(granted_at)
    billed = sum(cents for each, cents in usage if each == month)
    used = min(amount_cents, billed)
    return CreditUse(month, ((month, used),) if used else (), amount_cents - used)


def credit_id_of(account_id: str, key: str) -> CreditId:
    """Name the credit of a decision: a double click grants one."""
    fact = f"credit:{account_id}:{key}"
    return CreditId("crd_" + hashlib.sha256(fact.encode()).hexdigest()[:24])


def billed_for_desktops(
    lines: Iterable[InvoiceLine], committed_cents: int, month: BillingMonth
) -> int:
    """Add up what a document bills for desktops of its month: what credits may take (BIL-8).

    ``committed_cents`` is what it bills for desktops committed to for that very month.  Options,
    days and terms of other months, complements and one-off charges are not among it.
    """
    used = (
        line.amount_excl_vat_cents
        for line in lines
        if line.kind == "desktop" and line.month == month
    )
    return sum(used) + committed_cents


def allowances_of(
    credits: Sequence[ServiceCredit], month: BillingMonth, most_cents: int, vat: VatTreatment
) -> tuple[Allowance, ...]:
    """Use the credits of a month, the oldest first, up to ``most_cents`` in all (P14; BIL-8)."""
    usable = [
        credit for credit in credits if credit.usable_month == month and not credit.invoice_id
    ]
    usable.sort(key=lambda credit: (credit.granted_at, credit.id))
    allowances = []
    for credit in usable[:MOST_ON_AN_INVOICE]:
        cents = sum(
            used
            for _, used in use_of(
                credit.granted_at, credit.amount_excl_vat_cents, [(month, most_cents)]
            ).used
        )
        if cents:
            allowances.append(_allowance(credit, cents, vat))
            most_cents -= cents
    return tuple(allowances)


def _allowance(credit: ServiceCredit, cents: int, vat: VatTreatment) -> Allowance:
    return Allowance(
        key=f"credit:{credit.id}",
        label=Label(
            f"Crédit de service – {credit.desktop_name}", f"Service credit – {credit.desktop_name}"
        ),
        reason=credit.reason,
        vat=vat,
        amount_excl_vat_cents=cents,
        credit_id=credit.id,
        desktop_id=credit.desktop_id,
    )
