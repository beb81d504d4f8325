"""One-off charges and service credits of a client, decided by operators (BIL-8, BIL-9, CON-3)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from chalice.app import Response

from chalicelib.billing.charges.charge import ONE_OFF_KINDS, ChargeState
from chalicelib.billing.charges.service import MOST_CENTS
from chalicelib.billing.charges.service_credits import ServiceCredit
from chalicelib.catalogue.catalogue import Label
from chalicelib.console.framework.fields import Day, euros, text, whole
from chalicelib.console.framework.forms import CHOOSE, Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import AccountId, ChargeId, new_id

_TEMPLATE = "charges/operator_account.html"


class ChargeForm(Form):
    """A charge."""

    kind: Literal[
        "pod_loss",
        "failed_delivery",
        "intervention",
        "withdrawal_indemnity",
        "correction",
        "other",
    ]
    label: Annotated[str, text(120)]
    label_en: Annotated[str, text(120, empty=True)] = ""
    amount: Annotated[int, euros(MOST_CENTS)]
    quantity: Annotated[int, whole(1, 1000)] = 1
    on: Day
    reason: Annotated[str, text(2000)]
    evidence: Annotated[str, text(2000, empty=True)] = ""
    key: Annotated[str, text(60)]


class CreditForm(Form):
    """A service credit."""

    desktop_id: Annotated[str, text(80)]
    credit_amount: Annotated[int, euros(MOST_CENTS)]
    credit_reason: Annotated[str, text(500)]
    key: Annotated[str, text(60)]


def charges(visit: Visit) -> Response:
    """List what waits for the next invoices, and what the last ones billed."""
    services = visit.services
    pending = services.billing.charges.recent(ChargeState.PENDING)
    billed = services.billing.charges.recent(ChargeState.BILLED)
    accounts = {charge.account_id for charge in (*pending, *billed)}
    clients = {each: services.accounts.service.account(each).name for each in accounts}
    return visit.page(
        "charges/operator_charges.html", pending=pending, billed=billed, clients=clients
    )


def account(visit: Visit, account_id: str) -> Response:
    """Show a client's charges and credits, with the forms that add some."""
    return visit.page(_TEMPLATE, fields={}, errors={}, refusal=None, **_shown(visit, account_id))


def add(visit: Visit, account_id: str) -> Response:
    """Have something billed once to a client (BIL-9)."""
    shown = _shown(visit, account_id)
    try:
        form = read_form(ChargeForm, visit.fields)
        visit.services.billing.charges.add(
            shown["account"].id,
            form.kind,
            Label(form.label, form.label_en),
            unit_excl_vat_cents=form.amount,
            quantity=form.quantity,
            on=form.on,
            reason=form.reason,
            evidence=form.evidence,
            by=f"operator:{visit.user.id}",
            key=f"form:{form.key}",
        )
    except DomainError as refused:
        return visit.form_again(_TEMPLATE, refused, **shown)
    return visit.see_other(f"/operator/accounts/{account_id}/charges")


def cancel(visit: Visit, account_id: str, charge_id: str) -> Response:
    """Cancel a charge before it is billed (BIL-9)."""
    shown = _shown(visit, account_id)
    try:
        visit.services.billing.charges.cancel(
            shown["account"].id,
            ChargeId(charge_id),
            reason=visit.fields.get("reason", ""),
            by=f"operator:{visit.user.id}",
        )
    except FieldErrors as refused:
        errors = {f"cancel-{charge_id}": refused.errors["reason"]}
        return visit.form_again(_TEMPLATE, FieldErrors(errors), **shown)
    return visit.see_other(f"/operator/accounts/{account_id}/charges")


def grant(visit: Visit, account_id: str) -> Response:
    """Grant a service credit for a desktop, usable against next month's usage (BIL-8, P14)."""
    shown = _shown(visit, account_id)
    try:
        form = read_form(CreditForm, visit.fields)
        visit.services.billing.service_credits.grant(
            shown["account"].id,
            form.desktop_id,
            _name_of(form.desktop_id, shown["desktops"]),
            form.credit_amount,
            reason=form.credit_reason,
            by=f"operator:{visit.user.id}",
            key=f"form:{form.key}",
        )
    except FieldErrors as refused:
        renamed = {"amount": "credit_amount", "reason": "credit_reason"}
        errors = {renamed.get(name, name): text for name, text in refused.errors.items()}
        return visit.form_again(_TEMPLATE, FieldErrors(errors), **shown)
    return visit.see_other(f"/operator/accounts/{account_id}/charges#credits")


def _name_of(desktop_id: str, desktops: Sequence[Desktop]) -> str:
    """Name one of the client's desktops.  Raises FieldErrors for any other."""
    for desktop in desktops:
        if desktop.id == desktop_id:
            return desktop.name
    raise FieldErrors({"desktop_id": CHOOSE})


def _closed(visit: Visit, account_id: AccountId, credits: Sequence[ServiceCredit]) -> set[str]:
    """Name the months of credits whose invoicing is over: what nothing used has expired (P14)."""
    months = {credit.usable_month for credit in credits if not credit.invoice_id}
    return {
        str(month)
        for month in months
        if visit.services.billing.run_progress.is_closed(account_id, month)
    }


def _shown(visit: Visit, account_id: str) -> dict[str, Any]:
    services = visit.services
    found = services.accounts.service.account(AccountId(account_id))
    credits = services.billing.service_credits.of_account(found.id)
    month = BillingMonth.of(today(services.base.clock))
    return {
        "account": found,
        "charges": services.billing.charges.of_account(found.id),
        "credits": credits,
        "closed": _closed(visit, found.id, credits),
        "invoices": services.billing.service.invoices_of(found.id, limit=24),
        "notes": services.billing.credit_notes.of_account(found.id),
        "desktops": services.desktops.service.of_account(found.id),
        "kinds": ONE_OFF_KINDS,
        "day": today(services.base.clock),
        "month": month,
        "form_key": new_id("req"),
    }
