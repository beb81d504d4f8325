"""Cases of loss, theft, damage, fault and missed return: the operator decides (POD-2, POD-3)."""

from typing import Annotated, Any, Literal

from chalice.app import Response

from chalicelib.console.framework.fields import Ticked, euros_if_any
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.equipment.model.cases import PRICED, Cause, Decision, Outcome, PodCase
from chalicelib.equipment.model.pod_prices import HIGHEST_CENTS
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId

_CASE = "equipment/operator_case.html"


class DecisionForm(Form):
    """What is decided of a case."""

    outcome: Literal["billed", "waived", "defect"]
    cause: Literal["fault", "damage", "loss", "theft", "not_returned"]
    reason: str
    amount: Annotated[int | None, euros_if_any(HIGHEST_CENTS)] = None
    replacement: Ticked = False


def cases(visit: Visit) -> Response:
    """List the cases to decide, then the last ones decided."""
    service = visit.services.equipment.cases
    waiting, decided = service.open(), service.decided()
    ids = {case.account_id for case in [*waiting, *decided]}
    return visit.page(
        "equipment/operator_cases.html",
        waiting=waiting,
        decided=decided,
        accounts={each: visit.services.accounts.service.account(AccountId(each)) for each in ids},
    )


def case(visit: Visit, account_id: str, case_id: str) -> Response:
    """Show a case, and the decision to take."""
    found = visit.services.equipment.cases.get(account_id, case_id)
    fields = {"cause": found.cause.value}
    return visit.page(_CASE, fields=fields, errors={}, refusal=None, **_shown(visit, found))


def decide(visit: Visit, account_id: str, case_id: str) -> Response:
    """Decide a case: billed by the price list, waived, or a defect of ours."""
    found = visit.services.equipment.cases.get(account_id, case_id)
    try:
        form = read_form(DecisionForm, visit.fields)
        decision = Decision(
            Outcome(form.outcome),
            Cause(form.cause),
            form.reason,
            typed_cents=form.amount,
            replace_it=form.replacement,
        )
        visit.services.equipment.cases.decide(
            account_id, case_id, decision, f"operator:{visit.user.id}"
        )
    except DomainError as refused:
        return visit.form_again(_CASE, refused, **_shown(visit, found))
    return visit.see_other(f"/operator/pod-cases/{account_id}/{case_id}")


def _shown(visit: Visit, found: PodCase) -> dict[str, Any]:
    services = visit.services
    return {
        "case": found,
        "client": services.accounts.service.account(AccountId(found.account_id)),
        "listed": {
            cause.value: services.equipment.prices.price_on(cause, found.happened_on)
            for cause in PRICED
        },
    }
