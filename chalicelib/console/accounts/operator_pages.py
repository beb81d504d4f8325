"""The accounts, for operators: find one, decide its limits, read its journal (OPS-1, CAT-4)."""

from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.accounts.clients.account import Account, PaymentMode
from chalicelib.console.framework.fields import euros
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.money import from_cents

_ENTRIES = 50
_HIGHEST_CENTS = 100_000_000


class LimitForm(Form):
    """Up to how much the account's orders validate themselves."""

    order_limit: Annotated[int, euros(_HIGHEST_CENTS)]


def accounts(visit: Visit) -> Response:
    """List accounts, or those whose name or address begins as asked."""
    text = visit.query.get("q", "")[:100]
    found = visit.services.accounts.service.find(text, visit.query.get("after", ""))
    following = urlencode({"q": text, "after": found.next_after}) if found.next_after else ""
    return visit.page("accounts/operator_accounts.html", found=found, q=text, following=following)


def account(visit: Visit, account_id: str) -> Response:
    """Show an account, its users, what operators decide on it, and its journal."""
    shown = visit.services.accounts.service.account(AccountId(account_id))
    fields = {"order_limit": f"{from_cents(shown.order_limit_cents)}".replace(".", ",")}
    return visit.page(
        "accounts/operator_account.html",
        fields=fields,
        errors={},
        refusal=None,
        **_shown(visit, shown),
    )


def set_order_limit(visit: Visit, account_id: str) -> Response:
    """Set the amount up to which the account's orders validate themselves (ORD-3)."""
    accounts = visit.services.accounts.service
    shown = accounts.account(AccountId(account_id))
    try:
        form = read_form(LimitForm, visit.fields)
        accounts.set_order_limit(shown.id, form.order_limit, by=_by(visit))
    except FieldErrors as refused:
        return visit.form_again("accounts/operator_account.html", refused, **_shown(visit, shown))
    return visit.see_other(f"/operator/accounts/{shown.id}")


def set_payment_mode(visit: Visit, account_id: str) -> Response:
    """Let the account pay on invoice, or bring it back to the card (ORD-2, CAT-4)."""
    accounts = visit.services.accounts.service
    shown = accounts.account(AccountId(account_id))
    mode = visit.fields.get("payment_mode", "")
    if mode not in list(PaymentMode):
        refused = FieldErrors({"payment_mode": "Choisissez la carte ou la facture."})
        return visit.form_again("accounts/operator_account.html", refused, **_shown(visit, shown))
    accounts.approve_invoice_mode(shown.id, by=_by(visit), approved=mode == PaymentMode.INVOICE)
    return visit.see_other(f"/operator/accounts/{shown.id}")


def set_annual(visit: Visit, account_id: str) -> Response:
    """Open the annual commitment to the account, or close it (CGV art. 8.1; CAT-4)."""
    enabled = visit.fields.get("annual") == "yes"
    visit.services.accounts.service.enable_annual(
        AccountId(account_id), by=_by(visit), enabled=enabled
    )
    return visit.see_other(f"/operator/accounts/{account_id}")


def _shown(visit: Visit, account: Account) -> dict[str, Any]:
    journal = visit.services.base.journal
    return {
        "account": account,
        "effective_on": visit.services.accounts.service.effective_on(account.id),
        "users": visit.services.accounts.service.users_of(account.id),
        "acceptances": visit.services.legal.acceptances.of_account(account.id),
        "entries": list(islice(journal.entries(account.id, newest_first=True), _ENTRIES)),
        "fault": journal.verify(account.id),
        "limit_use": visit.services.orders.service.limit_use(account),
    }


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"
