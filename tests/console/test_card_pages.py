"""The cards' pages: add, come back, choose, remove (PAY-1, CON-1)."""

import re

import pytest

from tests.fakes.accounts import a_consumer, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.card_processor import GOOD, MASTERCARD
from tests.fakes.paying import PayingClient
from tests.fakes.world import CONSOLE_URL, World


@pytest.fixture
def client(world: World, browsing: Browsing) -> PayingClient:
    """A client signed in."""
    client = PayingClient(world)
    signed_in(browsing, client.owner)
    return client


def hosted_session(browsing: Browsing) -> str:
    """Ask to add a card; give the session of the hosted page one is sent to."""
    assert browsing.status == 303
    assert browsing.location.startswith("https://checkout.stripe.com/")
    return browsing.location.rsplit("/", 1)[1]


@pytest.mark.contract("PAY-1", "CON-1")
def test_a_card_is_added_on_the_hosted_page_and_listed(
    client: PayingClient, browsing: Browsing
) -> None:
    # Given no card
    page = browsing.get("/cards")
    assert "Moyens de paiement" in page.title
    assert "Aucune carte n’est enregistrée." in page.text
    # When one is entered on the hosted page, and the browser comes back before the notice
    session_id = hosted_session(browsing.post("/cards"))
    client.stripe.type_card(session_id, GOOD)
    browsing.get(f"/cards/return?session_id={session_id}&next=")
    assert browsing.location == "/cards?told=saved"
    page = browsing.follow()
    # Then it is listed, charged by default, and its mail goes out
    assert "La carte est enregistrée." in page.text
    assert "Visa\u00a0••••\u00a04242" in page.text
    assert "12/2032" in page.text
    client.world.pump()
    mail = client.world.mails.to(client.account.email)[-1]
    assert mail["Subject"] == "Votre carte Visa\u00a0••••\u00a04242 est enregistrée"
    assert f"{CONSOLE_URL}/cards" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.contract("PAY-1")
def test_one_comes_back_to_where_the_card_was_wanted(
    client: PayingClient, browsing: Browsing
) -> None:
    # Given a client sent from an invoice
    page = browsing.get("/cards?told=needed&next=/invoices/inv_1")
    assert 'name="next" value="/invoices/inv_1"' in page.text
    session_id = hosted_session(browsing.post("/cards", {"next": "/invoices/inv_1"}))
    client.stripe.type_card(session_id)
    # When the browser comes back, then
    browsing.get(f"/cards/return?session_id={session_id}&next=/invoices/inv_1")
    assert browsing.location == "/invoices/inv_1"


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "/orders/../sign-out", "/cards"]
)
def test_one_is_sent_back_to_our_own_pages_only(
    next_page: str, client: PayingClient, browsing: Browsing
) -> None:
    session_id = hosted_session(browsing.post("/cards", {"next": next_page}))
    client.stripe.type_card(session_id)
    browsing.get(f"/cards/return?session_id={session_id}&next={next_page}")
    assert browsing.location == "/cards?told=saved"


def test_leaving_the_hosted_page_is_told(client: PayingClient, browsing: Browsing) -> None:
    session_id = hosted_session(browsing.post("/cards"))
    browsing.get(f"/cards/return?session_id={session_id}&next=")
    assert "Aucune carte n’a été enregistrée." in browsing.follow().text


def test_coming_back_by_way_of_the_sign_in_page_shows_the_cards(
    client: PayingClient, browsing: Browsing
) -> None:
    assert browsing.get("/cards/return").location == "/cards"


def test_another_accounts_session_is_not_found(
    world: World, client: PayingClient, browsing: Browsing
) -> None:
    # Given a session of this client
    session_id = hosted_session(browsing.post("/cards"))
    client.stripe.type_card(session_id)
    # When somebody else comes back with it
    _, stranger = a_consumer(world)
    signed_in(browsing, stranger)
    page = browsing.get(f"/cards/return?session_id={session_id}&next=")
    # Then it is not found, and nothing is kept
    assert page.status == 404
    assert not world.services.payments.cards.has_card(client.account.id)


@pytest.mark.contract("PAY-1")
def test_another_card_is_chosen_and_one_removed(client: PayingClient, browsing: Browsing) -> None:
    # Given two cards, the Mastercard charged
    client.save_card(GOOD)
    client.world.clock.advance(minutes=10)
    client.save_card(MASTERCARD)
    page = browsing.get("/cards")
    (other,) = re.findall(r'action="/cards/(pm_\w+)/default"', page.text)
    # When the other one is chosen, then removed
    browsing.post(f"/cards/{other}/default")
    default = client.world.services.payments.cards.default_card(client.account.id)
    assert default is not None
    assert default.id == other
    browsing.post(f"/cards/{other}/removal")
    # Then the Mastercard is left, and charged
    page = browsing.follow()
    assert "La carte est retirée." in page.text
    assert "4242" not in page.text
    assert "Mastercard" in page.text


@pytest.mark.contract("PAY-1")
def test_the_last_card_stays_while_a_desktop_runs(client: PayingClient, browsing: Browsing) -> None:
    client.save_card()
    (card,) = client.world.services.payments.cards.cards_of(client.account.id)
    page = browsing.post(f"/cards/{card.id}/removal")
    assert page.status == 409
    assert "Ajoutez d’abord une autre carte" in page.text
    assert client.world.services.payments.cards.has_card(client.account.id)


def test_stripe_being_down_is_told(client: PayingClient, browsing: Browsing) -> None:
    client.stripe.down = True
    page = browsing.post("/cards")
    assert page.status == 409
    assert "ne répond pas" in page.text
