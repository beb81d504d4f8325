"""CGV art. 3, 6, 16: stories of orders, from the button to the company's answer."""

import threading
from datetime import date

import pytest

from chalicelib.accounts.clients.account import AccountKind, AccountStatus, PaymentMode, Role
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.messages import Queue
from chalicelib.orders.model.limits import RentedDesktop
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.placing.summary import SummaryChangedError
from tests.fakes.clock import paris
from tests.fakes.ordering import KEY, Ordering, a_request, a_user, demo_document


@pytest.fixture
def shop() -> Ordering:
    shop = Ordering()
    shop.open_for_business()
    return shop


def wakes_desktops(shop: Ordering) -> list[str]:
    return [
        message.body["order_id"]
        for message in shop.queues.of(Queue.DESKTOPS)
        if "order_id" in message.body
    ]


def mails(shop: Ordering) -> list[str]:
    return [message.body["template"] for message in shop.queues.of(Queue.MAIL)]


@pytest.mark.contract("ORD-1", "ORD-3", "ORD-5", "EVD-1")
def test_an_order_within_the_limit_validates_itself(shop: Ordering) -> None:
    # Given a client with a card, who may order up to 500 euros a month
    account, user = shop.client()
    # When two Standard desktops are ordered on Thursday 5 November
    order = shop.orders.place(account, user, a_request(), KEY)
    # Then it is validated at once; 7 working days from then, 11 November left out, is the 17th
    assert order.state is OrderState.VALIDATED
    assert order.placed_at == order.validated_at == paris("2026-11-05 10:00")
    assert order.desktop_due_on == date(2026, 11, 17)
    # And 2 x 29 = 58 a month, 69.60 with VAT
    assert (order.monthly_excl_vat_cents, order.monthly_incl_vat_cents) == (58_00, 69_60)
    # And desktops and documents are under way, the journal tells what was agreed
    assert wakes_desktops(shop) == [order.id]
    assert [m.body["order_id"] for m in shop.queues.of(Queue.DOCUMENTS)] == [order.id]
    entry = list(shop.journal.entries(account.id))[-1]
    assert entry.kind == "order.validated"
    assert entry.facts["terms"][0] == {
        "kind": "cgv",
        "version": "1",
        "sha256": shop.library.in_force("cgv", date(2026, 11, 5)).sha256,
    }
    assert shop.orders.get(account.id, order.id) == shop.orders.any(order.id)


@pytest.mark.contract("ORD-1")
def test_a_double_click_makes_one_order(shop: Ordering) -> None:
    # Given an order, when the same form comes again, much later and after a price change
    account, user = shop.client()
    first = shop.orders.place(account, user, a_request(), KEY)
    document = demo_document()
    document["prices"].append(
        {"code": "standard", "from_on": "2026-11-06", "monthly_excl_vat": "31.00"}
    )
    shop.catalogue.publish(document, "operator:usr_op")
    shop.clock.set("2026-11-20 09:00")
    again = shop.orders.place(account, user, a_request(), KEY, shown="anything")
    # Then it is the same order, and one set of desktops
    assert again.id == first.id
    assert again.monthly_excl_vat_cents == 58_00
    assert wakes_desktops(shop) == [first.id]
    assert shop.kinds_in_journal(account.id) == ["order.validated"]


@pytest.mark.contract("ORD-1")
def test_ten_clicks_at_once_make_one_order(shop: Ordering) -> None:
    # Given ten requests of the same form, each in its own process
    account, user = shop.client()
    placed: list[Order] = []
    gate = threading.Barrier(10)

    def click() -> None:
        service = shop.order_service()
        gate.wait()
        placed.append(service.place(account, user, a_request(), KEY))

    threads = [threading.Thread(target=click) for _ in range(10)]
    # When they come together
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Then all saw the same order
    assert len({order.id for order in placed}) == 1
    assert len(placed) == 10
    assert len(shop.orders.of_account(account.id)) == 1
    assert wakes_desktops(shop) == [placed[0].id]


@pytest.mark.contract("ORD-1")
def test_the_same_key_in_another_account_is_another_order(shop: Ordering) -> None:
    account, user = shop.client()
    other, its_user = shop.client(id="acc_other")
    first = shop.orders.place(account, user, a_request(), KEY)
    second = shop.orders.place(other, its_user, a_request(), KEY)
    assert first.id != second.id
    with pytest.raises(NotFoundError):
        shop.orders.get(other.id, first.id)


@pytest.mark.contract("ORD-3", "LEG-4")
def test_beyond_the_limit_the_company_decides(shop: Ordering) -> None:
    # Given 10 Pro desktops: 690 a month, more than 500
    account, user = shop.client()
    order = shop.orders.place(
        account, user, a_request(configuration_code="pro", quantity=10, desktop_names=()), KEY
    )
    # Then nothing is launched, the client is told, the operator sees it
    assert order.state is OrderState.AWAITING_VALIDATION
    assert wakes_desktops(shop) == []
    assert mails(shop) == ["order_received"]
    assert [waiting.id for waiting in shop.orders.queue()] == [order.id]
    # When the operator validates it the next Monday, twice
    shop.clock.set("2026-11-09 09:00")
    shop.orders.validate(order.id, "operator:usr_op")
    validated = shop.orders.validate(order.id, "operator:usr_op")
    # Then it is launched once; delays count from then, and so do the days owed (P2)
    assert validated.state is OrderState.VALIDATED
    assert validated.placed_at == paris("2026-11-05 10:00")
    assert validated.billable_at == validated.validated_at == paris("2026-11-09 09:00")
    assert validated.desktop_due_on == date(2026, 11, 19)
    assert wakes_desktops(shop) == [order.id]
    assert shop.orders.queue() == []
    assert [recent.id for recent in shop.orders.recent()] == [order.id]
    assert shop.kinds_in_journal(account.id) == ["order.awaiting_validation", "order.validated"]


@pytest.mark.contract("ORD-3")
def test_the_limit_is_that_of_all_an_account_rents(shop: Ordering) -> None:
    # Given a limit of 100 euros, and an order of 58 (two Standard desktops) already validated
    account, user = shop.client(order_limit_cents=100_00)
    first = shop.orders.place(account, user, a_request(), "key-1")
    assert first.state is OrderState.VALIDATED
    # When the same is ordered again, then the company decides: 116 would be rented
    second = shop.orders.place(account, user, a_request(), "key-2")
    assert second.state is OrderState.AWAITING_VALIDATION
    # and once one of the first two is deleted, a third order fits: 29 + 58
    shop.rented.desktops = [
        RentedDesktop(first.id, 29_00, is_active=True),
        RentedDesktop(first.id, 29_00, is_active=False),
    ]
    third = shop.orders.place(account, user, a_request(), "key-3")
    assert third.state is OrderState.VALIDATED


@pytest.mark.contract("ORD-3")
def test_the_limit_itself_is_within(shop: Ordering) -> None:
    # Given a limit of exactly 58 euros, and one of a cent less
    account, user = shop.client(order_limit_cents=58_00)
    other, its_user = shop.client(id="acc_other", order_limit_cents=57_99)
    # When 58 euros are ordered in both, then
    assert shop.orders.place(account, user, a_request(), KEY).state is OrderState.VALIDATED
    waiting = shop.orders.place(other, its_user, a_request(), KEY)
    assert waiting.state is OrderState.AWAITING_VALIDATION


@pytest.mark.contract("ORD-3")
def test_a_refused_order_tells_why_and_launches_nothing(shop: Ordering) -> None:
    # Given an order in the queue
    account, user = shop.client(order_limit_cents=0)
    order = shop.orders.place(account, user, a_request(), KEY)
    # When it is refused, without then with a reason
    with pytest.raises(FieldErrors) as missing:
        shop.orders.refuse(order.id, "  ", "operator:usr_op")
    shop.orders.refuse(order.id, "Adresse introuvable.", "operator:usr_op")
    shop.orders.refuse(order.id, "Adresse introuvable.", "operator:usr_op")
    # Then the reason was asked for, sent once, and nothing runs
    assert set(missing.value.errors) == {"reason"}
    assert mails(shop) == ["order_received", "order_refused"]
    assert shop.queues.of(Queue.MAIL)[-1].body["context"]["reason"] == "Adresse introuvable."
    assert wakes_desktops(shop) == []
    # And it can no longer be validated
    with pytest.raises(DomainError):
        shop.orders.validate(order.id, "operator:usr_op")
    assert shop.orders.any(order.id).state is OrderState.REFUSED


@pytest.mark.contract("ORD-3")
def test_a_validated_order_can_no_longer_be_refused(shop: Ordering) -> None:
    account, user = shop.client()
    order = shop.orders.place(account, user, a_request(), KEY)
    with pytest.raises(DomainError):
        shop.orders.refuse(order.id, "Trop tard.", "operator:usr_op")
    with pytest.raises(DomainError):
        shop.orders.cancel(account.id, order.id, user.id)


@pytest.mark.contract("ORD-3")
def test_the_queue_shows_the_oldest_first(shop: Ordering) -> None:
    account, user = shop.client(order_limit_cents=0)
    first = shop.orders.place(account, user, a_request(), "first-key")
    shop.clock.advance(hours=2)
    second = shop.orders.place(account, user, a_request(), "second-key")
    assert [order.id for order in shop.orders.queue()] == [first.id, second.id]
    assert [order.id for order in shop.orders.of_account(account.id)] == [second.id, first.id]


@pytest.mark.contract("ORD-2")
def test_a_card_is_saved_before_an_order_is_complete(shop: Ordering) -> None:
    # Given a client without a card
    account, user = shop.client(card=False)
    # When they order, then the order waits and nothing is launched
    order = shop.orders.place(account, user, a_request(), KEY)
    assert order.state is OrderState.AWAITING_CARD
    assert order.placed_at is None
    assert wakes_desktops(shop) == []
    # When the card is saved two minutes later, and the news comes twice
    shop.clock.advance(minutes=2)
    shop.cards.accounts.add(account.id)
    shop.orders.card_saved(account.id)
    shop.orders.card_saved(account.id)
    # Then it is complete from then on, once
    placed = shop.orders.get(account.id, order.id)
    assert placed.state is OrderState.VALIDATED
    assert placed.placed_at == paris("2026-11-05 10:02")
    assert wakes_desktops(shop) == [order.id]
    assert shop.kinds_in_journal(account.id) == ["order.awaiting_card", "order.validated"]


@pytest.mark.contract("ORD-2")
def test_a_card_saved_while_the_order_is_written_is_noticed(shop: Ordering) -> None:
    # Given a card that is saved, and announced, between our look and our commit
    account, user = shop.client(card=False)
    answers = iter([False, True])
    shop.orders.has_card = lambda account_id: next(answers, True)
    # When the order is placed, then it does not wait for news already gone
    order = shop.orders.place(account, user, a_request(), KEY)
    assert order.state is OrderState.VALIDATED


@pytest.mark.contract("ORD-2")
def test_an_order_left_at_the_card_step_ends(shop: Ordering) -> None:
    # Given an order left without a card for more than a day
    account, user = shop.client(card=False)
    order = shop.orders.place(account, user, a_request(), KEY)
    shop.clock.advance(days=2)
    # When a card is saved for another reason
    shop.orders.card_saved(account.id)
    # Then the forgotten order does not come to life
    assert shop.orders.get(account.id, order.id).state is OrderState.CANCELLED
    assert wakes_desktops(shop) == []


@pytest.mark.contract("ORD-2")
def test_an_order_taken_up_again_goes_on_or_ends(shop: Ordering) -> None:
    # Given two orders at the card step, and a card whose news never came
    account, user = shop.client(card=False)
    late = shop.orders.place(account, user, a_request(), "late-key")
    shop.clock.advance(hours=25)
    fresh = shop.orders.place(account, user, a_request(), "fresh-key")
    assert shop.orders.resume(account, fresh.id).state is OrderState.AWAITING_CARD
    shop.cards.accounts.add(account.id)
    # When the client takes them up again, then the fresh one goes on, the stale one ends
    assert shop.orders.resume(account, fresh.id).state is OrderState.VALIDATED
    assert shop.orders.resume(account, late.id).state is OrderState.CANCELLED
    assert wakes_desktops(shop) == [fresh.id]


@pytest.mark.contract("ORD-2")
def test_a_client_gives_up_an_order_that_waits_for_a_card(shop: Ordering) -> None:
    account, user = shop.client(card=False)
    order = shop.orders.place(account, user, a_request(), KEY)
    shop.orders.cancel(account.id, order.id, user.id)
    shop.orders.cancel(account.id, order.id, user.id)
    shop.orders.card_saved(account.id)
    assert shop.orders.get(account.id, order.id).state is OrderState.CANCELLED
    assert wakes_desktops(shop) == []


@pytest.mark.contract("ORD-2")
def test_an_invoice_client_needs_no_card(shop: Ordering) -> None:
    account, user = shop.client(card=False, payment_mode=PaymentMode.INVOICE)
    order = shop.orders.place(account, user, a_request(), KEY)
    assert (order.state, order.payment_mode) == (OrderState.VALIDATED, "invoice")


@pytest.mark.contract("LEG-3", "CAT-3")
def test_a_price_changed_since_the_summary_is_shown_again_first(shop: Ordering) -> None:
    # Given a summary of the 5th, and a price that rises on the 6th
    account, user = shop.client()
    document = demo_document()
    document["prices"].append(
        {"code": "standard", "from_on": "2026-11-06", "monthly_excl_vat": "31.00"}
    )
    shop.catalogue.publish(document, "operator:usr_op")
    shown = shop.orders.summarise(account, a_request()).shown
    # When the button is clicked on the 6th
    shop.clock.set("2026-11-06 00:01")
    with pytest.raises(SummaryChangedError):
        shop.orders.place(account, user, a_request(), KEY, shown=shown)
    # Then nothing was ordered; the new summary can be
    assert shop.orders.of_account(account.id) == []
    shown = shop.orders.summarise(account, a_request()).shown
    order = shop.orders.place(account, user, a_request(), KEY, shown=shown)
    assert order.monthly_excl_vat_cents == 62_00


@pytest.mark.contract("LEG-3")
def test_new_terms_of_sale_are_shown_again_first(shop: Ordering) -> None:
    # Given a summary under version 1, and a version 2 from the 6th
    account, user = shop.client()
    shown = shop.orders.summarise(account, a_request()).shown
    shop.library.publish("cgv", "2", "CGV", "# CGV\nAutre.", date(2026, 11, 6), by="operator:usr")
    # When the button is clicked on the 6th, then
    shop.clock.set("2026-11-06 08:00")
    with pytest.raises(SummaryChangedError):
        shop.orders.place(account, user, a_request(), KEY, shown=shown)


@pytest.mark.contract("ORD-1")
def test_without_terms_of_sale_nothing_can_be_ordered() -> None:
    # Given a catalogue and no legal document
    shop = Ordering()
    shop.open_for_business()
    bare = Ordering()
    bare.catalogue.publish(demo_document(), "system")
    account, user = bare.client()
    # When an order is placed, then it is refused
    with pytest.raises(DomainError, match="n’est pas publié"):
        bare.orders.place(account, user, a_request(), KEY)


@pytest.mark.contract("ACC-4", "ORD-1")
@pytest.mark.parametrize("role", [Role.BILLING, Role.USER])
def test_other_roles_do_not_order(shop: Ordering, role: Role) -> None:
    account, _ = shop.client()
    user = a_user(account, shop.clock, role=role)
    with pytest.raises(DomainError):
        shop.orders.place(account, user, a_request(), KEY)
    assert shop.orders.of_account(account.id) == []


@pytest.mark.contract("ORD-1")
def test_a_suspended_account_does_not_order(shop: Ordering) -> None:
    account, user = shop.client(status=AccountStatus.CLOSED)
    with pytest.raises(DomainError) as refused:
        shop.orders.place(account, user, a_request(), KEY)
    assert refused.value.article == "4"


@pytest.mark.contract("ORD-1")
def test_a_consumers_order_keeps_the_express_request(shop: Ordering) -> None:
    account, user = shop.client(kind=AccountKind.CONSUMER)
    order = shop.orders.place(account, user, a_request(), KEY)
    assert order.express_request
    assert list(shop.journal.entries(account.id))[-1].facts["express_request"] is True


def test_an_order_comes_back_from_storage_as_it_was(shop: Ordering) -> None:
    # Given an order that fills every field
    account, user = shop.client(order_limit_cents=1000_00)
    request = a_request(
        configuration_code="pro",
        options=(("storage-10gb", 3), ("extra-pod", 1)),
        user_ids=(user.id, ""),
    )
    order = shop.orders.place(account, user, request, KEY)
    # When it is read, then nothing is lost
    read = shop.orders.any(order.id)
    assert read.version == 1
    assert read.lines == order.lines
    assert read.lines[0].user_ids == (user.id, "")
    assert read.lines[0].option_codes == (("storage-10gb", 3), ("extra-pod", 1))
    assert read.delivery_address == account.address
    assert read.pod_due_on == order.pod_due_on
    assert read.terms == order.terms
