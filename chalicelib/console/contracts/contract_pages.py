"""The client's contracts: terms, what is used of them, answers to proposals (BIL-6, CON-1)."""

from datetime import timedelta
from typing import Any

from chalice.app import Response

from chalicelib.accounts.clients.account import Account, manages
from chalicelib.billing.contracts.contract import Contract, Phase
from chalicelib.billing.contracts.use import CommitmentUse, commitment_use
from chalicelib.billing.invoices.totals import vat_on
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.wiring import Services


def contracts(visit: Visit) -> Response:
    """Show proposals, contracts in force with their use, and those over."""
    return visit.page("contracts/contracts.html", refusal=None, **_shown(visit))


def accept(visit: Visit, contract_id: str) -> Response:
    """Accept a proposal, as it was shown (CGV art. 8.1(b))."""
    digest = visit.fields.get("digest", "")
    return _answered(
        visit,
        lambda: visit.services.billing.contracts.accept(
            visit.account.id, contract_id, digest, by=visit.user.id
        ),
    )


def refuse(visit: Visit, contract_id: str) -> Response:
    """Decline a proposal."""
    reason = visit.fields.get("reason", "")
    return _answered(
        visit,
        lambda: visit.services.billing.contracts.refuse(
            visit.account.id, contract_id, reason, by=visit.user.id, by_client=True
        ),
    )


def use_of(services: Services, account: Account) -> list[CommitmentUse]:
    """Tell what an account uses today of what it committed to."""
    agreed = services.billing.contracts.agreed_of(account.id)
    day = today(services.base.clock)
    if not any(contract.covers(day) for contract in agreed):
        return []
    usage = services.metering.service.usage_so_far(account.id, BillingMonth.of(day))
    return commitment_use(agreed, usage, day)


def terms_shown(services: Services, account: Account, contract: Contract) -> dict[str, Any]:
    """Give what the page says of one contract."""
    day = today(services.base.clock)
    rate = services.taxes.vat.treatment(account, day).rate_percent
    return {
        "contract": contract,
        "phase": contract.phase(day),
        "parts": [(each, contract.unit_cents(each)) for each in contract.commitments],
        "answer_by": contract.starts_on - timedelta(days=1),
        "monthly_incl_vat_cents": contract.monthly_cents + vat_on(contract.monthly_cents, rate),
        "term_incl_vat_cents": contract.term_cents + vat_on(contract.term_cents, rate),
    }


def _answered(visit: Visit, answer: Any) -> Response:
    try:
        answer()
    except NotFoundError:
        raise
    except DomainError as refused:
        return visit.page("contracts/contracts.html", 409, **{**_shown(visit), "refusal": refused})
    return visit.see_other("/contract")


def _shown(visit: Visit) -> dict[str, Any]:
    services, account = visit.services, visit.account
    shown = [
        terms_shown(services, account, contract)
        for contract in services.billing.contracts.contracts_of(account.id)
    ]
    order = [Phase.PROPOSED, Phase.IN_FORCE, Phase.TO_COME]
    current = [each for phase in order for each in shown if each["phase"] is phase]
    return {
        "current": current,
        "past": [each for each in shown if each["phase"] not in order],
        "use": use_of(services, account),
        "month": BillingMonth.of(today(services.base.clock)),
        "may_answer": manages(visit.user.role),
    }
