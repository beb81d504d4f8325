"""What an account must declare, and what the company must approve first (ACC-1, ORD-2, CAT-4)."""

import pytest

from chalicelib.accounts.clients.account import AccountKind, PaymentMode
from chalicelib.accounts.registration.form import read_registration
from chalicelib.foundation.errors import DomainError, FieldErrors
from tests.fakes.accounts import an_account, company_form, consumer_form
from tests.fakes.ordering import KEY, Ordering, a_request
from tests.fakes.world import World

OPERATOR = "operator:usr_op"
SOLE_TRADER = {"kind": "sole_trader", "siren": "900 000 019"}


@pytest.mark.contract("ACC-1")
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(consumer_form(), id="a consumer"),
        pytest.param(consumer_form(**SOLE_TRADER), id="a sole trader"),
    ],
)
@pytest.mark.parametrize("ticked", ["", "no", None])
def test_every_natural_person_declares_full_age(form: dict[str, str], ticked: str | None) -> None:
    # Given a form with everything right
    assert read_registration(form).kind is not AccountKind.COMPANY
    # When full age is not declared, then that field alone is named
    without = {name: value for name, value in form.items() if name != "full_age"}
    if ticked is not None:
        without["full_age"] = ticked
    with pytest.raises(FieldErrors) as refused:
        read_registration(without)
    assert list(refused.value.errors) == ["full_age"]


@pytest.mark.contract("ACC-1")
def test_a_company_has_no_age_to_declare() -> None:
    without = {name: value for name, value in company_form().items() if name != "full_age"}
    assert read_registration(without).kind is AccountKind.COMPANY


@pytest.mark.contract("ORD-2", "CAT-4")
def test_nobody_pays_on_invoice_before_the_operator_approves_it(world: World) -> None:
    # Given an account that pays by card
    account, owner = an_account(world)
    accounts = world.services.accounts.service
    # When it chooses the invoice, whatever way the request came, then it is refused
    with pytest.raises(DomainError, match="pas ouvert"):
        accounts.choose_payment_mode(account.id, PaymentMode.INVOICE, by=owner.id)
    kept = accounts.account(account.id)
    assert (kept.payment_mode, kept.invoice_approved) == (PaymentMode.CARD, False)
    kinds = [entry.kind for entry in world.services.base.journal.entries(account.id)]
    assert "account.payment_mode_chosen" not in kinds
    # Once approved, it may choose, and go back and forth
    accounts.approve_invoice_mode(account.id, by=OPERATOR)
    for mode in (PaymentMode.CARD, PaymentMode.INVOICE, PaymentMode.CARD):
        assert accounts.choose_payment_mode(account.id, mode, by=owner.id).payment_mode is mode
    # And no more once the approval is withdrawn
    accounts.approve_invoice_mode(account.id, by=OPERATOR, approved=False)
    with pytest.raises(DomainError, match="pas ouvert"):
        accounts.choose_payment_mode(account.id, PaymentMode.INVOICE, by=owner.id)


@pytest.mark.contract("ORD-2", "CAT-4")
def test_no_order_is_placed_on_invoice_without_approval() -> None:
    # Given an account without approval nor card, then with the approval
    ordering = Ordering()
    ordering.open_for_business()
    account, user = ordering.client(card=False)
    request = a_request(payment_mode="invoice")
    with pytest.raises(FieldErrors) as refused:
        ordering.orders.place(account, user, request, KEY)
    assert list(refused.value.errors) == ["payment_mode"]
    assert ordering.orders.of_account(account.id) == []
    approved, user = ordering.client(card=False, invoice_approved=True)
    assert ordering.orders.place(approved, user, request, KEY).payment_mode == "invoice"
