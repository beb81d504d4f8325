"""Statements and bank transfers of an account, as operators record them (PAY-4, OPS-1)."""

from typing import Annotated, Any

from chalice.app import Response

from chalicelib.console.accounts.client_names import client_names
from chalicelib.console.framework.downloads import file_answer
from chalicelib.console.framework.fields import Day, euros, text
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.payments.transfers.service import ReceivedTransfer

_MOST_CENTS = 100_000_000
_TEMPLATE = "payments/operator_statement.html"


class TransferForm(Form):
    """A transfer received."""

    amount: Annotated[int, euros(_MOST_CENTS)]
    received_on: Day
    reference: Annotated[str, text(140)]
    invoice_id: str = ""


def transfers(visit: Visit) -> Response:
    """List the last transfers recorded and the balances held."""
    services = visit.services
    found, balances = services.payments.transfers.recent(), services.payments.spreading.balances()
    return visit.page(
        "payments/operator_transfers.html",
        transfers=found,
        balances=balances,
        clients=client_names(visit, [*found, *balances]),
    )


def statement(visit: Visit, account_id: str) -> Response:
    """Show an account's statement, with the form that records a transfer."""
    return visit.page(_TEMPLATE, **_shown(visit, account_id))


def statement_csv(visit: Visit, account_id: str) -> Response:
    """Give an account's statement as CSV."""
    account = visit.services.accounts.service.account(AccountId(account_id))
    text = visit.services.closings.statements.csv(account.id)
    return file_answer("\ufeff" + text, "text/csv; charset=utf-8", f"releve-{account.id}.csv")


def record(visit: Visit, account_id: str) -> Response:
    """Record a transfer received from this client (PAY-4)."""
    account = visit.services.accounts.service.account(AccountId(account_id))
    try:
        form = read_form(TransferForm, visit.fields)
        received = ReceivedTransfer(
            account_id=account.id,
            amount_cents=form.amount,
            received_on=form.received_on,
            reference=form.reference,
            invoice_id=form.invoice_id,
        )
        visit.services.payments.transfers.record(received, by=f"operator:{visit.user.id}")
    except DomainError as refused:
        return visit.form_again(_TEMPLATE, refused, **_shown(visit, account_id))
    return visit.see_other(f"/operator/accounts/{account.id}/statement?told=recorded")


def reverse(visit: Visit, transfer_id: str) -> Response:
    """Take back a transfer that the bank took back (PAY-4)."""
    visit.services.payments.transfer_reversal.reverse(
        transfer_id, reason=visit.fields.get("reason", ""), by=f"operator:{visit.user.id}"
    )
    return visit.see_other("/operator/payments/transfers?told=reversed")


def refund_balance(visit: Visit, account_id: str) -> Response:
    """Ask that what an account holds with us be sent back by the bank (PAY-4)."""
    account = visit.services.accounts.service.account(AccountId(account_id))
    visit.services.payments.refunds.order_of_balance(account.id, by=f"operator:{visit.user.id}")
    return visit.see_other("/operator/payments/refunds")


def waive(visit: Visit, account_id: str, claim_id: str) -> Response:
    """Give up interest or the fee of a late payer, with a reason (PAY-6)."""
    services = visit.services
    claim = services.late.claims.claim_of(account_id, claim_id)
    try:
        services.late.claims.waive(
            claim.id, reason=visit.fields.get("reason", ""), by=f"operator:{visit.user.id}"
        )
    except FieldErrors as refused:
        shown = _shown(visit, account_id) | {"about": claim.id}
        return visit.form_again(_TEMPLATE, refused, **shown)
    return visit.see_other(f"/operator/accounts/{claim.account_id}/statement?told=waived")


def _shown(visit: Visit, account_id: str) -> dict[str, Any]:
    services = visit.services
    account = services.accounts.service.account(AccountId(account_id))
    lines = services.closings.statements.of(account.id)
    return {
        "client": account,
        "lines": list(reversed(lines)),
        "balance_cents": lines[-1].balance_cents if lines else 0,
        "held": services.payments.spreading.balance_of(account.id),
        "open_invoices": services.payments.spreading.open_invoices(account.id),
        "claims": services.late.claims.of_account(account.id),
        "suspension": services.late.suspensions.current(account.id),
        "today": today(services.base.clock),
        "told": visit.query.get("told", ""),
        "about": "",
    }
