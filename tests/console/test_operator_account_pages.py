"""The operators' pages on accounts (OPS-1, CAT-4, ORD-2, ORD-3, EVD-1)."""

import pytest

from chalicelib.accounts.clients.account import PaymentMode
from tests.fakes.accounts import an_account, an_operator, signed_in
from tests.fakes.browsing import Browsing


@pytest.fixture
def office(browsing: Browsing) -> Browsing:
    """A console where an operator is signed in."""
    signed_in(browsing, an_operator(browsing.world))
    return browsing


@pytest.mark.contract("OPS-1")
def test_an_account_is_found_and_shown_with_its_journal(office: Browsing) -> None:
    account, owner = an_account(office.world)
    assert account.name in office.get("/operator/accounts?q=ateli").text
    assert "Aucun client" in office.get("/operator/accounts?q=zzz").text

    office.get(f"/operator/accounts/{account.id}")

    for text in (account.name, owner.email, "account.registered", "Chaîne intacte"):
        assert text in office.text
    assert "quick:" not in office.text  # no password hash is ever shown


@pytest.mark.contract("OPS-1")
def test_a_second_page_is_offered_when_there_is_one(office: Browsing) -> None:
    for number in range(26):
        an_account(office.world, legal_name=f"Client {number:02d}", email=f"c{number}@l.example")
    assert "Client 25" not in office.get("/operator/accounts").text
    following = office.text.split('class="btn btn-quiet" href="/operator/accounts?')[1]

    office.get("/operator/accounts?" + following.split('"')[0].replace("&amp;", "&"))

    assert "Client 25" in office.text
    assert "Page suivante" not in office.text


@pytest.mark.contract("ORD-3")
@pytest.mark.parametrize(
    ("typed", "cents"), [("500", 50_000), ("1 299,90 €", 129_990), ("0", 0), ("12.5", 1_250)]
)
def test_the_order_limit_is_set_in_euros(office: Browsing, typed: str, cents: int) -> None:
    account, _ = an_account(office.world)

    office.post(f"/operator/accounts/{account.id}/order-limit", {"order_limit": typed})

    assert office.follow().status == 200
    assert office.world.services.accounts.service.account(account.id).order_limit_cents == cents


@pytest.mark.contract("ORD-3")
@pytest.mark.parametrize("typed", ["", "beaucoup", "-1", "1,999", "NaN", "1e9"])
def test_a_limit_that_is_no_amount_is_refused_beside_the_field(
    office: Browsing, typed: str
) -> None:
    account, _ = an_account(office.world)

    office.post(f"/operator/accounts/{account.id}/order-limit", {"order_limit": typed})

    assert (office.status, 'id="order_limit-error"' in office.text) == (422, True)
    assert office.world.services.accounts.service.account(account.id) == account


@pytest.mark.contract("CAT-4", "ORD-2")
def test_payment_on_invoice_is_approved_and_taken_back(office: Browsing) -> None:
    account, _ = an_account(office.world)
    path = f"/operator/accounts/{account.id}/payment-mode"
    for mode in (PaymentMode.INVOICE, PaymentMode.CARD):
        office.post(path, {"payment_mode": mode.value})
        assert office.world.services.accounts.service.account(account.id).payment_mode is mode
    assert office.post(path, {"payment_mode": "gold"}).status == 422


@pytest.mark.contract("EVD-1")
def test_a_broken_chain_is_shown_with_its_first_bad_entry(office: Browsing) -> None:
    # Given a journal whose second entry was changed behind our back
    account, _ = an_account(office.world)
    items = office.world.adapters.tables.contents()
    entry = items[("journal", account.id, "0000000002")]["body"]
    entry["S"] = entry["S"].replace('"by":', '"by":"nobody","was":')
    # Then the page says where
    assert "Chaîne rompue à l’écriture 2" in office.get(f"/operator/accounts/{account.id}").text


def test_an_unknown_account_is_a_page_not_found(office: Browsing) -> None:
    assert office.get("/operator/accounts/acc_none").status == 404
    assert (
        office.post("/operator/accounts/acc_none/order-limit", {"order_limit": "1"}).status == 404
    )


@pytest.mark.contract("OPS-1")
def test_clients_do_not_learn_that_the_back_office_exists(browsing: Browsing) -> None:
    account, owner = an_account(browsing.world)
    signed_in(browsing, owner)

    for path in ("/operator/accounts", f"/operator/accounts/{account.id}", "/operator/security"):
        assert browsing.get(path).status == 404
