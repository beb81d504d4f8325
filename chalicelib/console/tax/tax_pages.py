"""Which VAT the client pays and why: its number in VIES, where it is (BIL-10)."""

from typing import Any

from chalice.app import Response

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.vat.rules import in_another_member_state
from chalicelib.billing.vat.tax_status import country_proved
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError


def tax(visit: Visit) -> Response:
    """Show the VAT of the account and what decides it."""
    return visit.page("tax/tax.html", refusal=None, **tax_shown(visit, visit.account))


def check(visit: Visit) -> Response:
    """Ask VIES for the account's number now."""
    try:
        visit.services.taxes.vat.check_number(visit.account.id, by=visit.user.id)
    except DomainError as refused:
        return visit.form_again("tax/tax.html", refused, **tax_shown(visit, visit.account))
    return visit.see_other("/account/tax")


def tax_shown(visit: Visit, account: Account) -> dict[str, Any]:
    """Give what is known of an account for VAT, for its client or for an operator."""
    vat, day = visit.services.taxes.vat, today(visit.services.base.clock)
    proofs = vat.proofs(account)
    return {
        "account": account,
        "treatment": vat.treatment(account, day),
        "known": vat.status_of(account),
        "number_state": vat.number_state(account).value,
        "is_elsewhere": in_another_member_state(account),
        "proofs": proofs,
        "proved": country_proved(proofs),
    }
