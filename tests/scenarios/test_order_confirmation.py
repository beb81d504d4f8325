"""CGV art. 6: the confirmation on a durable medium, with every document, once."""

import hashlib
from datetime import date

import pytest

from chalicelib.accounts.clients.account import Account, AccountKind, User
from chalicelib.foundation.errors import NotFoundError, TemporaryGatewayError
from chalicelib.foundation.messages import Message, Queue
from chalicelib.orders.model.order import Order
from tests.fakes.ordering import KEY, Ordering, a_request


@pytest.fixture
def shop() -> Ordering:
    shop = Ordering()
    shop.open_for_business()
    return shop


def order(shop: Ordering, client: tuple[Account, User], key: str, code: str) -> Order:
    placed = shop.orders.place(*client, a_request(configuration_code=code, quantity=1), key)
    shop.clock.advance(minutes=1)
    return placed


def confirmations(shop: Ordering) -> list[Message]:
    """One per key: the mail worker drops repetitions."""
    sent = {message.key: message for message in shop.queues.of(Queue.MAIL)}
    return [message for key, message in sent.items() if key.startswith("order_confirmed:")]


def attached(message: Message) -> list[str]:
    return [name for _, name in message.body["attachments"]]


@pytest.mark.contract("LEG-4")
def test_a_confirmation_carries_the_order_and_its_documents(shop: Ordering) -> None:
    # Given a consumer's order
    client = shop.client(kind=AccountKind.CONSUMER)
    placed = order(shop, client, KEY, "standard")
    # When it is confirmed
    shop.confirmation().send(placed.id)
    # Then the mail has the PDF, the terms of sale, the withdrawal form and the licences
    (message,) = confirmations(shop)
    assert attached(message) == [
        f"commande-{placed.number}.pdf",
        "cgv-1.txt",
        "withdrawal-form-1.txt",
        "licence-windows-server-1.txt",
        "licence-libreoffice-1.txt",
        "licence-firefox-1.txt",
    ]
    # And each is stored, the terms being exactly those accepted
    for key, _ in message.body["attachments"]:
        assert shop.documents.read(key)
    assert shop.documents.read(placed.document_key).startswith(b"%PDF")
    stored = shop.documents.read("legal/cgv/1.txt")
    assert hashlib.sha256(stored).hexdigest() == placed.terms[0].sha256
    assert shop.orders.any(placed.id).confirmed_at is not None


@pytest.mark.contract("LEG-4")
def test_licences_go_with_the_first_order_that_contains_them(shop: Ordering) -> None:
    # Given three orders: Standard, Graphique, which brings two applications more, and it again
    client = shop.client()
    codes = ["standard", "graphique", "graphique"]
    placed = [order(shop, client, f"key-{n}", code) for n, code in enumerate(codes)]
    # When they are confirmed, in any order
    for each in reversed(placed):
        shop.confirmation().send(each.id)
    # Then each licence goes once
    messages = {message.key.partition(":")[2]: message for message in confirmations(shop)}
    licences = [
        [name for name in attached(messages[each.id]) if name.startswith("licence-")]
        for each in placed
    ]
    assert licences == [
        ["licence-windows-server-1.txt", "licence-libreoffice-1.txt", "licence-firefox-1.txt"],
        ["licence-blender-1.txt", "licence-gimp-1.txt"],
        [],
    ]


@pytest.mark.contract("LEG-4")
def test_the_terms_sent_are_those_accepted_not_those_of_the_day(shop: Ordering) -> None:
    # Given an order under version 1, confirmed once version 2 is in force
    placed = order(shop, shop.client(), KEY, "standard")
    shop.library.publish("cgv", "2", "CGV", "# CGV\nAutre.", date(2026, 11, 6), by="operator:usr")
    shop.clock.set("2026-11-07 08:00")
    shop.confirmation().send(placed.id)
    assert "cgv-1.txt" in attached(confirmations(shop)[0])


@pytest.mark.contract("LEG-4")
def test_a_repeated_message_confirms_once(shop: Ordering) -> None:
    placed = order(shop, shop.client(), KEY, "standard")
    shop.confirmation().send(placed.id)
    pdf = shop.documents.read(placed.document_key)
    shop.clock.advance(hours=1)
    shop.confirmation().send(placed.id)
    assert len(shop.queues.of(Queue.MAIL)) == 1
    assert shop.documents.read(placed.document_key) is pdf


class DyingDocuments:
    """Stores, then dies at the n-th call, before or after storing."""

    def __init__(self, shop: Ordering, at: int, *, after: bool) -> None:
        self._documents = shop.documents
        self._left = at
        self._after = after

    def store(self, key: str, content: bytes, content_type: str) -> None:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise TemporaryGatewayError("died before storing")
        self._documents.store(key, content, content_type)
        if self._left == 0:
            raise TemporaryGatewayError("died after storing")

    def read(self, key: str) -> bytes:
        return self._documents.read(key)

    def link(self, key: str, file_name: str) -> str:
        return self._documents.link(key, file_name)


@pytest.mark.contract("LEG-4")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 4])
def test_dying_at_any_document_leaves_one_confirmation(
    shop: Ordering, at: int, after: bool
) -> None:
    # Given a worker that dies at one of the documents
    placed = order(shop, shop.client(), KEY, "standard")
    worker = shop.confirmation()
    worker.documents = DyingDocuments(shop, at, after=after)
    with pytest.raises(TemporaryGatewayError):
        worker.send(placed.id)
    assert confirmations(shop) == []
    # When the message comes again
    shop.confirmation().send(placed.id)
    # Then the client gets the one confirmation, complete
    (message,) = confirmations(shop)
    assert len(attached(message)) == 6


@pytest.mark.contract("LEG-4")
def test_an_order_not_validated_is_not_confirmed(shop: Ordering) -> None:
    placed = order(shop, shop.client(order_limit_cents=0), KEY, "standard")
    shop.confirmation().send(placed.id)
    assert confirmations(shop) == []
    assert placed.document_key not in shop.documents.stored
    with pytest.raises(NotFoundError):
        shop.confirmation().send("ord_unknown")
