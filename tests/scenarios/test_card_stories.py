"""A client's cards: saved with authentication, chosen, replaced, removed (PAY-1)."""

from collections.abc import Callable

import pytest

from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import T
from tests.fakes.card_processor import GOOD, MASTERCARD
from tests.fakes.payments import ACCOUNT, OTHER_ACCOUNT, Collecting
from tests.fakes.tables import InMemoryTables


def open_page(at: Collecting, account_id: str = ACCOUNT) -> str:
    """Ask for the hosted page; give its session."""
    url = at.cards.start_saving(
        account_id, success_url="https://c/ok", cancel_url="https://c/no", language="fr"
    )
    return url.rsplit("/", 1)[1]


@pytest.mark.contract("PAY-1", "ORD-2")
def test_a_card_is_saved_by_coming_back_before_the_notice() -> None:
    # Given a client who filled in the hosted page
    at = Collecting()
    session_id = open_page(at)
    at.stripe.type_card(session_id)
    # When the browser comes back first, then both notices come
    card = at.cards.note_saved(ACCOUNT, session_id)
    at.deliver()
    # Then the card is there once, is charged by default, and was told once
    assert card is not None
    assert [(known.brand, known.last4) for known in at.cards.cards_of(ACCOUNT)] == [
        ("visa", "4242")
    ]
    assert at.cards.has_card(ACCOUNT)
    assert at.journaled() == ["card.saved"]
    assert len(at.mails("card_saved")) == 1
    # And the orders that waited for it were told
    assert set(at.orders.announced) == {ACCOUNT}


class OvertakenTables(InMemoryTables):
    """Lets somebody else write just after a card was looked for and not found."""

    def __init__(self) -> None:
        super().__init__()
        self.overtake: Callable[[], object] | None = None

    def get(self, kind: Kind[T], pk: str, sk: str) -> T | None:
        found = super().get(kind, pk, sk)
        if sk.startswith("CARD#") and found is None and self.overtake:
            overtake, self.overtake = self.overtake, None
            overtake()
        return found


@pytest.mark.contract("PAY-1", "PAY-2")
def test_a_card_saved_by_the_notice_while_the_client_comes_back_is_there_once() -> None:
    # Given a notice handled between the return page's look and its write
    at = Collecting()
    at.tables = OvertakenTables()
    at.build()
    session_id = open_page(at)
    at.stripe.type_card(session_id)
    at.tables.overtake = at.deliver
    # When the client comes back
    card = at.cards.note_saved(ACCOUNT, session_id)
    # Then nothing breaks, and the card is there once
    assert card is not None
    assert [known.id for known in at.cards.cards_of(ACCOUNT)] == [card.id]
    assert at.journaled() == ["card.saved"]


@pytest.mark.contract("PAY-1", "PAY-2")
def test_a_card_is_saved_by_the_notice_alone() -> None:
    # Given a client who closed the browser on the hosted page's last screen
    at = Collecting()
    at.stripe.type_card(open_page(at))
    # When the notices come
    at.deliver()
    # Then
    assert at.cards.has_card(ACCOUNT)
    assert at.journaled() == ["card.saved"]
    assert at.orders.announced


def test_leaving_the_page_saves_nothing() -> None:
    at = Collecting()
    session_id = open_page(at)
    assert at.cards.note_saved(ACCOUNT, session_id) is None
    assert not at.cards.has_card(ACCOUNT)


def test_another_accounts_session_is_not_found() -> None:
    # Given a session of one account
    at = Collecting()
    session_id = open_page(at)
    at.stripe.type_card(session_id)
    # When another account comes back with it, then
    with pytest.raises(NotFoundError):
        at.cards.note_saved(OTHER_ACCOUNT, session_id)
    assert not at.cards.has_card(OTHER_ACCOUNT)


def test_the_last_card_saved_is_charged_and_another_can_be_chosen() -> None:
    # Given two cards
    at = Collecting()
    first = at.save_card(GOOD)
    at.clock.advance(hours=1)
    second = at.save_card(MASTERCARD)
    assert at.cards.default_card(ACCOUNT) == at.cards.cards_of(ACCOUNT)[0]
    # When the first is chosen, then its old notice comes again
    at.cards.make_default(ACCOUNT, first.id, by="usr_1")
    at.deliver()
    # Then it stays chosen
    default = at.cards.default_card(ACCOUNT)
    assert default is not None
    assert default.id == first.id != second.id


def test_the_same_number_saved_again_is_listed_once() -> None:
    at = Collecting()
    at.save_card(GOOD)
    at.clock.advance(days=1)
    renewed = at.save_card(GOOD)
    assert [card.id for card in at.cards.cards_of(ACCOUNT)] == [renewed.id]


@pytest.mark.contract("PAY-1")
def test_the_last_card_stays_while_something_is_owed() -> None:
    # Given one card and something owed
    at = Collecting()
    card = at.save_card()
    at.costs.owed = True
    # When the client removes it, then it is refused and stays
    with pytest.raises(DomainError, match="seule carte"):
        at.cards.remove(ACCOUNT, card.id, by="usr_1")
    assert at.cards.has_card(ACCOUNT)
    # When nothing is owed any more, then it goes, here and at Stripe
    at.costs.owed = False
    at.cards.remove(ACCOUNT, card.id, by="usr_1")
    assert not at.cards.has_card(ACCOUNT)
    assert at.stripe.cards == {}
    # And its late notice does not bring it back
    at.deliver()
    assert not at.cards.has_card(ACCOUNT)


def test_removing_the_card_charged_makes_another_one_charged() -> None:
    at = Collecting()
    first = at.save_card(GOOD)
    at.clock.advance(hours=1)
    second = at.save_card(MASTERCARD)
    at.costs.owed = True
    at.cards.remove(ACCOUNT, second.id, by="usr_1")
    default = at.cards.default_card(ACCOUNT)
    assert default is not None
    assert default.id == first.id


def test_another_accounts_card_is_not_found() -> None:
    at = Collecting()
    card = at.save_card()
    at.save_card(account_id=OTHER_ACCOUNT)
    with pytest.raises(NotFoundError):
        at.cards.make_default(OTHER_ACCOUNT, card.id, by="usr_2")
    with pytest.raises(NotFoundError):
        at.cards.remove(OTHER_ACCOUNT, card.id, by="usr_2")
