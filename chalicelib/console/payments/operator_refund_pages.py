"""Refunds to make by the bank, and disputes, as operators see them (BIL-5, PAY-5, OPS-1)."""

from typing import Annotated

from chalice.app import Response

from chalicelib.console.accounts.client_names import client_names
from chalicelib.console.framework.fields import Day, text
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import FieldErrors

_REFUNDS = "/operator/payments/refunds"
_SHOWN = 50


class MadeForm(Form):
    """The transfer by which money was sent back."""

    reference: Annotated[str, text(140)]
    paid_on: Day


def refunds(visit: Visit) -> Response:
    """List the refunds with something to do, then the last ones made."""
    return _shown(visit)


def made(visit: Visit, account_id: str, refund_id: str) -> Response:
    """Record that a refund was sent by the bank."""
    try:
        form = read_form(MadeForm, visit.fields)
        visit.services.payments.refunds.made_by_bank(
            account_id,
            refund_id,
            reference=form.reference,
            paid_on=form.paid_on,
            by=f"operator:{visit.user.id}",
        )
    except FieldErrors as refused:
        return _shown(visit, refused, refund_id)
    return visit.see_other(f"{_REFUNDS}?told=made")


def keep(visit: Visit, account_id: str, refund_id: str) -> Response:
    """Leave the money with the account, for its next invoices."""
    visit.services.payments.refunds.keep(account_id, refund_id, by=f"operator:{visit.user.id}")
    return visit.see_other(f"{_REFUNDS}?told=kept")


def disputes(visit: Visit) -> Response:
    """List the disputes, those that wait first, then the newest."""
    disputes = visit.services.payments.disputes
    found = [*disputes.waiting(), *disputes.over(_SHOWN)]
    return visit.page(
        "payments/operator_disputes.html",
        disputes=found,
        clients=client_names(visit, found),
    )


def dispute_seen(visit: Visit, account_id: str, dispute_id: str) -> Response:
    """Note that a lost dispute was seen: it leaves what waits."""
    visit.services.payments.disputes.seen(account_id, dispute_id, by=f"operator:{visit.user.id}")
    return visit.see_other("/operator/payments/disputes")


def _shown(visit: Visit, refused: FieldErrors | None = None, about: str = "") -> Response:
    waiting, closed = (
        visit.services.payments.refunds.to_make(),
        visit.services.payments.refunds.closed(_SHOWN),
    )
    return visit.page(
        "payments/operator_refunds.html",
        422 if refused else 200,
        waiting=waiting,
        closed=closed,
        clients=client_names(visit, [*waiting, *closed]),
        today=today(visit.services.base.clock),
        told=visit.query.get("told", ""),
        about=about,
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
    )
