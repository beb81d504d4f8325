"""Negotiated contracts, for operators: propose, record a signature, end (BIL-6, CAT-4, OPS-1)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from chalice.app import Response

from chalicelib.accounts.account import Account
from chalicelib.billing.contracts.contract import Contract, ContractBilling
from chalicelib.billing.contracts.terms import MOST_COMMITTED, ContractTerms
from chalicelib.console.contracts.contract_pages import terms_shown, use_of
from chalicelib.console.framework.typed_fields import TypedFields
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import AccountId, new_id

_ACCOUNT, _CONTRACT = "contracts/operator_account.html", "contracts/operator_contract.html"
_STARTS = 12  # months offered to begin with


def contracts(visit: Visit) -> Response:
    """List every contract, the one that began last first."""
    services = visit.services
    day = today(services.clock)
    every = services.contracts.all_contracts()
    names = {each: services.accounts.account(each).name for each in {c.account_id for c in every}}
    rows = [(each, each.phase(day), names[each.account_id]) for each in every]
    return visit.page("contracts/operator_contracts.html", rows=rows)


def account(visit: Visit, account_id: str) -> Response:
    """Show a client's contracts and the form that proposes one."""
    found = visit.services.accounts.account(AccountId(account_id))
    return visit.page(_ACCOUNT, fields={}, errors={}, refusal=None, **_account_shown(visit, found))


def propose(visit: Visit, account_id: str) -> Response:
    """Propose a contract to a client (CGV art. 8.1(b))."""
    found = visit.services.accounts.account(AccountId(account_id))
    try:
        contract = visit.services.contracts.propose(
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
        lambda: visit.services.contracts.record_signature(
            account_id, contract_id, reference, by=_by(visit)
        ),
    )


def withdraw(visit: Visit, account_id: str, contract_id: str) -> Response:
    """Withdraw a proposal that has no answer."""
    reason = visit.fields.get("reason", "")
    return _done(
        visit,
        (account_id, contract_id),
        lambda: visit.services.contracts.refuse(
            account_id, contract_id, reason, by=_by(visit), by_client=False
        ),
    )


def terminate(visit: Visit, account_id: str, contract_id: str) -> Response:
    """End a contract before its term, by agreement (CGV art. 17)."""

    def end() -> Contract:
        try:
            month = BillingMonth.parse(visit.fields.get("month", ""))
        except ValueError as unreadable:
            raise FieldErrors({"month": "Choisissez un mois."}) from unreadable
        reason = visit.fields.get("reason", "")
        return visit.services.contracts.terminate(
            account_id, contract_id, month, reason, by=_by(visit)
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
    day = today(services.clock)
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
        "rows": [(each, each.phase(day)) for each in services.contracts.contracts_of(found.id)],
        "use": use_of(services, found),
        "starts": starts,
        "offers": offers,
        "most": MOST_COMMITTED,
        "form_key": new_id("req"),
    }


def _contract_shown(visit: Visit, account_id: str, contract_id: str) -> dict[str, Any]:
    services = visit.services
    found = services.accounts.account(AccountId(account_id))
    contract = services.contracts.contract(account_id, contract_id)
    return {
        "account": found,
        "each": terms_shown(services, found, contract),
        "ends": _ends(contract, BillingMonth.of(today(services.clock))),
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
    typed = TypedFields(fields)
    quantities = {
        name.removeprefix("quantity_"): typed.number(name, 0)
        for name in fields
        if name.startswith("quantity_")
    }
    months = typed.number("months")
    terms_days = typed.number("terms_days") if fields.get("terms_days", "").strip() else None
    try:
        starts_on = BillingMonth.parse(fields.get("start", "")).first_day
    except ValueError:
        typed.errors["start"] = "Choisissez un mois."
    discount = typed.percent_if_any("discount") or Decimal(0)
    late_rate = typed.percent_if_any("late_rate")
    if fields.get("billing") not in list(ContractBilling):
        typed.errors["billing"] = "Choisissez une des possibilités proposées."
    typed.require_right()
    return ContractTerms(
        reference=fields.get("reference", ""),
        starts_on=starts_on,
        months=months,
        billing=ContractBilling(fields["billing"]),
        discount_percent=discount,
        quantities=quantities,
        terms_days=terms_days,
        late_rate_percent=late_rate,
    )


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"
