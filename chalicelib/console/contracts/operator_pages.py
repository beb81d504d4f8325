"""Negotiated contracts, for operators: propose, record a signature, end (BIL-6, CAT-4, OPS-1)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from chalice.app import Response

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.contracts.contract import Contract, ContractBilling
from chalicelib.billing.contracts.terms import MOST_COMMITTED, ContractTerms
from chalicelib.console.contracts.contract_pages import terms_shown, use_of
from chalicelib.console.framework.fields import Month, PercentIfAny, whole, whole_if_any
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId, new_id

_ACCOUNT, _CONTRACT = "contracts/operator_account.html", "contracts/operator_contract.html"
_STARTS = 12  # months offered to begin with


class ContractForm(Form):
    """The terms proposed; ``quantities`` are those of configurations and options, by code."""

    families: ClassVar[Mapping[str, str]] = {"quantities": "quantity_"}

    reference: str = ""
    start: Month
    months: Annotated[int, whole()]
    billing: ContractBilling
    discount: PercentIfAny = None
    quantities: dict[str, Annotated[int, whole(empty=0)]]
    terms_days: Annotated[int | None, whole_if_any()] = None
    late_rate: PercentIfAny = None


class EndForm(Form):
    """The last month of a contract that ends early, and why."""

    month: Month
    reason: str = ""


def contracts(visit: Visit) -> Response:
    """List every contract, the one that began last first."""
    services = visit.services
    day = today(services.base.clock)
    every = services.billing.contracts.all_contracts()
    names = {
        each: services.accounts.service.account(each).name for each in {c.account_id for c in every}
    }
    rows = [(each, each.phase(day), names[each.account_id]) for each in every]
    return visit.page("contracts/operator_contracts.html", rows=rows)


def account(visit: Visit, account_id: str) -> Response:
    """Show a client's contracts and the form that proposes one."""
    found = visit.services.accounts.service.account(AccountId(account_id))
    return visit.page(_ACCOUNT, fields={}, errors={}, refusal=None, **_account_shown(visit, found))


def propose(visit: Visit, account_id: str) -> Response:
    """Propose a contract to a client (CGV art. 8.1(b))."""
    found = visit.services.accounts.service.account(AccountId(account_id))
    try:
        contract = visit.services.billing.contracts.propose(
            found.id,
            _read(visit.fields),
            by=_by(visit),
            key=visit.fields.get("key", "")[:60],
        )
    except DomainError as refused:
        return visit.form_again(_ACCOUNT, refused, **_account_shown(visit, found))
    return visit.see_other(f"/operator/accounts/{found.id}/contracts/{contract.id}")


def contract(visit: Visit, account_id: str, contract_id: str) -> Response:
    """Show a contract with what can be done of it."""
    shown = _contract_shown(visit, account_id, contract_id)
    return visit.page(_CONTRACT, fields={}, errors={}, refusal=None, **shown)


def sign(visit: Visit, account_id: str, contract_id: str) -> Response:
    """Record that the client signed on paper."""
    reference = visit.fields.get("signature", "")
    return _done(
        visit,
        (account_id, contract_id),
        lambda: visit.services.billing.contracts.record_signature(
            account_id, contract_id, reference, by=_by(visit)
        ),
    )


def withdraw(visit: Visit, account_id: str, contract_id: str) -> Response:
    """Withdraw a proposal that has no answer."""
    reason = visit.fields.get("reason", "")
    return _done(
        visit,
        (account_id, contract_id),
        lambda: visit.services.billing.contracts.refuse(
            account_id, contract_id, reason, by=_by(visit), by_client=False
        ),
    )


def terminate(visit: Visit, account_id: str, contract_id: str) -> Response:
    """End a contract before its term, by agreement (CGV art. 17)."""

    def end() -> Contract:
        form = read_form(EndForm, visit.fields)
        return visit.services.billing.early_ends.end(
            account_id, contract_id, form.month, form.reason, by=_by(visit)
        )

    return _done(visit, (account_id, contract_id), end)


def _done(visit: Visit, place: tuple[str, str], act: Callable[[], Contract]) -> Response:
    account_id, contract_id = place
    shown = _contract_shown(visit, account_id, contract_id)
    try:
        act()
    except DomainError as refused:
        return visit.form_again(_CONTRACT, refused, **shown)
    return visit.see_other(f"/operator/accounts/{account_id}/contracts/{contract_id}")


def _account_shown(visit: Visit, found: Account) -> dict[str, Any]:
    services = visit.services
    day = today(services.base.clock)
    catalogue = services.catalogue.current()
    starts, month = [], BillingMonth.of(day)
    for _ in range(_STARTS):
        month = month.next
        starts.append(month)
    offers = [
        (each.code, each.name, catalogue.price_on(each.code, day))
        for each in catalogue.on_sale(day)
    ]
    offers += [
        (each.code, each.name, price)
        for each in catalogue.options
        if (price := catalogue.known_price_on(each.code, day)) is not None
    ]
    return {
        "account": found,
        "rows": [
            (each, each.phase(day)) for each in services.billing.contracts.contracts_of(found.id)
        ],
        "use": use_of(services, found),
        "starts": starts,
        "offers": offers,
        "most": MOST_COMMITTED,
        "form_key": new_id("req"),
    }


def _contract_shown(visit: Visit, account_id: str, contract_id: str) -> dict[str, Any]:
    services = visit.services
    found = services.accounts.service.account(AccountId(account_id))
    contract = services.billing.contracts.contract(account_id, contract_id)
    return {
        "account": found,
        "each": terms_shown(services, found, contract),
        "ends": [
            (month, services.billing.early_ends.unused(contract, month))
            for month in _ends(contract, BillingMonth.of(today(services.base.clock)))
        ],
    }


def _ends(contract: Contract, now: BillingMonth) -> list[BillingMonth]:
    """Give the months that a contract may be ended with, before its own last one."""
    months, month = [], max(now, contract.first_month.previous)
    while month.last_day < contract.last_on:
        months.append(month)
        month = month.next
    return months


def _read(fields: dict[str, str]) -> ContractTerms:
    """Read the form.  Raises FieldErrors for what is no month, number or percentage."""
    form = read_form(ContractForm, fields)
    return ContractTerms(
        reference=form.reference,
        starts_on=form.start.first_day,
        months=form.months,
        billing=form.billing,
        discount_percent=form.discount or Decimal(0),
        quantities=form.quantities,
        terms_days=form.terms_days,
        late_rate_percent=form.late_rate,
    )


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"
