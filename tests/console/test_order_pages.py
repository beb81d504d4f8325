"""Ordering through the console, from the form to the desk that decides (ORD-1 to 3, LEG-3)."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlencode

import pytest

from chalicelib.accounts.clients.account import Account, Role, User
from chalicelib.catalogue.catalogue import DatedPrice
from chalicelib.foundation.messages import Queue
from chalicelib.orders.model.order import OrderState
from chalicelib.orders.model.storage import OrderStorage
from chalicelib.queues import handle
from tests.fakes.accounts import a_consumer, a_user, an_account, an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.clock import paris
from tests.fakes.ordering import DEMO, demo_document
from tests.fakes.world import COMPANY

BUTTON = "Commande avec obligation de paiement"
TWO_PRO = {
    "configuration": "pro",
    "quantity": "2",
    "name-1": "Accueil",
    "name-2": "Comptabilité",
    "option-storage-10gb": "1",
    "line1": "8 quai des Exemples",
    "line2": "",
    "postal_code": "69002",
    "city": "Lyon",
}


@pytest.fixture
def console(browsing: Browsing) -> Browsing:
    """A console with the demo catalogue and the sample documents."""
    browsing.world.services.catalogue.load_file(DEMO)
    return browsing


@pytest.fixture
def company(console: Browsing) -> tuple[Account, User]:
    """A company, its owner signed in."""
    account, owner = an_account(console.world)
    signed_in(console, owner)
    return account, owner


def saves_card(console: Browsing, account: Account) -> None:
    """The client fills in the hosted page, and comes back or not: the notice is enough."""
    world = console.world
    world.services.payments.cards.start_saving(
        account.id, success_url="https://x", cancel_url="https://x", language="fr"
    )
    processor = world.adapters.card_processor
    session = list(processor.setups)[-1]
    processor.type_card(session)
    world.services.payments.cards.note_saved(account.id, session)


def plain(html: str) -> str:
    """Read a page as a person does."""
    text = re.sub(r"<[^>]+>", " ", html)
    return re.sub(r"[\s\u00a0\u202f]+", " ", unescape(text))


def hidden_fields(html: str, action: str) -> dict[str, str]:
    form = html.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


def summary_of(console: Browsing, fields: dict[str, str]) -> dict[str, str]:
    """Go to the summary; give what its button would send."""
    console.get(f"/order/summary?{urlencode(fields)}")
    assert console.status == 200, plain(console.text)[:500]
    return hidden_fields(console.text, "/orders")


@pytest.mark.contract("LEG-3")
def test_the_summary_shows_everything_on_one_page(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given two Pro desktops with 10 GB more each, asked for on 5 November
    summary_of(console, TWO_PRO)
    text = plain(console.text)
    # Then the page has the characteristics
    for shown in ("4 vCPU, 16 Go", "130 Go", "Windows Server 2022", "LibreOffice, Firefox"):
        assert shown in text
    # And the price: 2 x (69 + 2) = 142, VAT 28.40
    for shown in ("142,00 €", "28,40 €", "170,40 €", "au prorata des jours"):
        assert shown in text
    # And delays, company, guarantees, mediation or complaint, withdrawal, documents
    for shown in (
        "au plus tard le 17 novembre 2026",
        "OmnyPods livrés",
        "8 quai des Exemples",
        COMPANY.name,
        COMPANY.siren,
        COMPANY.email,
        COMPANY.phone,
        "vices cachés",
        "renoncer au contrat pendant 14 jours",
        "Formulaire de rétractation",
        "version 1",
    ):
        assert shown in text, shown
    # And the button reads exactly what the law says
    assert f">{BUTTON}</button>" in console.text
    assert console.text.count('<button class="btn btn-primary w-100">') == 1


@pytest.mark.contract("LEG-3")
def test_a_consumer_also_sees_conformity_and_mediator(console: Browsing) -> None:
    # Given a consumer who asks for the service to start at once
    _, owner = a_consumer(console.world)
    signed_in(console, owner)
    boxes = {"express_request": "yes", "express_acknowledged": "yes"}
    summary_of(console, {"configuration": "standard", **boxes})
    # Then
    text = plain(console.text)
    assert "garantie légale de conformité" in text.lower()
    assert COMPANY.mediator in text
    assert "commence avant la fin de ce délai" in text


@pytest.mark.contract("ORD-1")
def test_a_consumer_ticks_both_boxes_or_neither(console: Browsing) -> None:
    _, owner = a_consumer(console.world)
    signed_in(console, owner)
    console.get("/order/summary?configuration=standard&quantity=1&express_request=yes")
    assert console.status == 422
    assert 'id="express_acknowledged-error"' in console.text
    # Without any, the service waits: 5 November + 14 days is Thursday the 19th
    console.get("/order/summary?configuration=standard&quantity=1")
    assert console.status == 200
    assert "le 20 novembre 2026, après le délai de rétractation" in plain(console.text)


@pytest.mark.contract("ORD-1")
def test_a_wrong_form_keeps_what_was_typed(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given a name twice and a wrong postal code
    fields = {**TWO_PRO, "name-2": "Accueil", "postal_code": "6900"}
    console.get(f"/order/summary?{urlencode(fields)}")
    # Then each is named beside its field and the rest is still there
    assert console.status == 422
    for shown in ('id="name-2-error"', 'id="postal_code-error"', 'value="8 quai des Exemples"'):
        assert shown in console.text
    assert re.search(r'value="pro" checked', console.text)
    assert console.world.services.orders.service.of_account(company[0].id) == []


@pytest.mark.parametrize(
    "query", ["quantity=many", "quantity=99999", "quantity=-1", "configuration=gold", "option-x=1"]
)
def test_nonsense_in_the_address_gives_the_form_again(
    console: Browsing, company: tuple[Account, User], query: str
) -> None:
    assert console.get(f"/order?{query}").status == 200
    assert console.get(f"/order/summary?configuration=standard&{query}").status == 422


@pytest.mark.contract("ORD-1", "ORD-2", "ORD-3")
def test_a_first_order_goes_by_the_card_then_is_launched(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given a summary, and no card saved
    account, _ = company
    posted = summary_of(console, TWO_PRO)
    assert "authentification de votre banque" in console.text
    # When the button is clicked, the browser goes to the hosted page
    console.post("/orders", posted)
    assert console.status == 303
    assert console.location.startswith("https://checkout.stripe.com/")
    (order,) = console.world.services.orders.service.of_account(account.id)
    assert order.state is OrderState.AWAITING_CARD
    console.get(f"/orders/{order.id}")
    assert "Il reste à enregistrer une carte" in console.text
    # And once the card is saved, the order is on its way
    saves_card(console, account)
    console.get(f"/orders/{order.id}")
    assert "Validée" in console.text
    assert "Il reste à enregistrer une carte" not in console.text


@pytest.mark.contract("ORD-1")
def test_a_double_click_makes_one_order(console: Browsing, company: tuple[Account, User]) -> None:
    # Given a client with a card
    account, _ = company
    saves_card(console, account)
    posted = summary_of(console, TWO_PRO)
    # When the same summary is sent twice
    first = console.post("/orders", posted).location
    second = console.post("/orders", posted).location
    # Then both lead to the one order
    assert first == second
    assert re.fullmatch(r"/orders/ord_[0-9a-z]{20}", first)
    assert len(console.world.services.orders.service.of_account(account.id)) == 1
    assert len(console.world.adapters.queues.of(Queue.DESKTOPS)) == 1


@pytest.mark.contract("ORD-1", "CAT-2")
def test_the_form_offers_the_options_that_the_chosen_cloud_has(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given a configuration on WorkSpaces, without backups
    document = demo_document()
    standard = next(each for each in document["configurations"] if each["code"] == "standard")
    day, on_workspaces = "2026-11-06", {"provider": "workspaces", "instance_type": "STANDARD"}
    roaming = {"code": "roaming", "image": "wsb-gk1wpk43z", "on_sale_from": day, **on_workspaces}
    document["configurations"].append({**standard, **roaming})
    document["prices"].append({"code": "roaming", "from_on": day, "monthly_excl_vat": "30.00"})
    console.world.services.catalogue.publish(document, "system")
    console.world.clock.set(f"{day} 10:00")
    signed_in(console, company[1])
    # Then its form has no backup to tick, which the others have
    assert 'name="option-backup"' in console.get("/order?configuration=standard").text
    assert 'name="option-backup"' not in console.get("/order?configuration=roaming").text
    # but where one was asked for all the same, and is refused
    page = console.get("/order/summary?configuration=roaming&option-backup=1")
    assert page.status == 422
    assert 'name="option-backup"' in page.text


@pytest.mark.contract("LEG-3", "CAT-3")
def test_a_price_changed_before_the_click_shows_the_new_summary(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given a summary shown the evening before a price rises
    account, _ = company
    saves_card(console, account)
    document = demo_document()
    document["prices"].append({"code": "pro", "from_on": "2026-11-06", "monthly_excl_vat": "80.00"})
    console.world.services.catalogue.publish(document, "system")
    posted = summary_of(console, TWO_PRO)
    # When the button is clicked after midnight
    console.world.clock.advance(minutes=20)  # within the session
    console.world.clock.set("2026-11-06 00:05")
    signed_in(console, company[1])
    console.post("/orders", posted)
    # Then nothing is ordered and the new summary is there to be confirmed
    assert console.status == 409
    assert "Un prix ou un document a changé" in console.text
    assert console.world.services.orders.service.of_account(account.id) == []
    again = hidden_fields(console.text, "/orders")
    assert console.post("/orders", again).status == 303
    (order,) = console.world.services.orders.service.of_account(account.id)
    assert order.monthly_excl_vat_cents == 2 * 82_00


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "G" * 32])
def test_a_summary_without_its_key_orders_nothing(
    console: Browsing, company: tuple[Account, User], key: str
) -> None:
    posted = summary_of(console, TWO_PRO)
    console.post("/orders", {**posted, "order_key": key})
    assert console.status == 409
    assert console.world.services.orders.service.of_account(company[0].id) == []


@pytest.mark.contract("ACC-4")
@pytest.mark.parametrize("role", [Role.BILLING, Role.USER])
def test_other_roles_do_not_know_of_orders(
    console: Browsing, company: tuple[Account, User], role: Role
) -> None:
    account, _ = company
    signed_in(console, a_user(console.world, account, role, "sacha@atelier-lumen.example"))
    for path in ("/order", "/orders", "/order/summary?configuration=pro"):
        assert console.get(path).status == 404


def test_another_accounts_order_is_not_found(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given an order of one company, and a consumer signed in
    saves_card(console, company[0])
    path = console.post("/orders", summary_of(console, TWO_PRO)).location
    _, stranger = a_consumer(console.world)
    signed_in(console, stranger)
    # When they ask for it in every way, then
    assert console.get(path).status == 404
    assert console.get(f"{path}/document").status == 404
    assert console.post(f"{path}/card").status == 404
    assert console.post(f"{path}/cancellation").status == 404


def test_an_order_waiting_for_a_card_can_be_given_up_or_resumed(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given an order at the card step
    console.post("/orders", summary_of(console, TWO_PRO))
    (order,) = console.world.services.orders.service.of_account(company[0].id)
    # When the card page is asked for again, then given up
    assert "checkout.stripe.com" in console.post(f"/orders/{order.id}/card").location
    assert console.post(f"/orders/{order.id}/cancellation").location == f"/orders/{order.id}"
    # Then it is over
    assert "Annulée" in console.get(f"/orders/{order.id}").text
    assert console.post(f"/orders/{order.id}/card").location == f"/orders/{order.id}"


@pytest.mark.contract("ORD-2")
def test_without_stripe_the_order_waits_and_its_page_offers_the_card(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given a payment company that does not answer
    posted = summary_of(console, TWO_PRO)
    console.world.adapters.card_processor.down = True
    # When the button is clicked, then the order is kept
    console.post("/orders", posted)
    assert re.fullmatch(r"/orders/ord_\w+", console.location)
    assert "Enregistrer une carte" in console.follow().text


@pytest.mark.contract("ORD-3", "ORD-5", "OPS-1")
def test_the_operator_validates_and_refuses(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given two orders beyond the company's limit of 300 euros a month
    account, owner = company
    saves_card(console, account)
    six = {"configuration": "pro", "quantity": "6"}
    first = console.post("/orders", summary_of(console, six)).location.rpartition("/")[2]
    console.world.clock.advance(minutes=5)
    second = console.post("/orders", summary_of(console, six)).location.rpartition("/")[2]
    assert "En cours de validation" in console.get(f"/orders/{first}").text
    # When the operator opens the queue
    signed_in(console, an_operator(console.world))
    page = console.get("/operator/orders").text
    # Then the oldest is first, with the client, the age and the due date
    assert page.index(first) < page.index(second)
    text = plain(page)
    assert "Atelier Lumen" in text
    assert "moins d’une heure" in text
    assert "17 novembre 2026" in text
    # When one is validated and the other refused, first without a reason
    assert console.post(f"/operator/orders/{first}/validation").location == "/operator/orders"
    assert console.post(f"/operator/orders/{second}/refusal", {"reason": " "}).status == 422
    assert 'id="reason-error"' in console.text
    console.post(f"/operator/orders/{second}/refusal", {"reason": "Stock épuisé."})
    # Then the queue is empty and the client reads why
    assert "Aucune commande n’attend" in plain(console.follow().text)
    assert "Stock épuisé." in console.get(f"/operator/orders/{second}").text
    # And a late second decision is refused
    assert console.post(f"/operator/orders/{second}/validation").status == 409
    signed_in(console, owner)
    assert "Stock épuisé." in console.get(f"/orders/{second}").text
    assert "Validée" in console.get(f"/orders/{first}").text


@pytest.mark.contract("LEG-4", "ORD-3")
def test_the_client_receives_the_confirmation_and_downloads_it(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given an order of two Standard desktops
    account, _ = company
    saves_card(console, account)
    path = console.post(
        "/orders", summary_of(console, {"configuration": "standard", "quantity": "2"})
    ).location
    assert console.get(f"{path}/document").status == 404
    # When the workers have confirmed it and mailed it
    world = console.world
    order = world.services.orders.service.of_account(account.id)[0]
    world.services.orders.confirmation.send(order.id)
    (message,) = [
        message
        for message in world.adapters.queues.of(Queue.MAIL)
        if message.key == f"order_confirmed:{order.id}"
    ]
    handle(message.queue, message.text, world.services)
    # Then the mail carries everything
    mail = world.mails.to(account.email)[-1]
    assert order.number in mail["Subject"]
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names[0] == f"commande-{order.number}.pdf"
    assert {"cgv-1.txt", "withdrawal-form-1.txt"} <= set(names)
    assert "69,60" in world.mails.text_of(mail)
    # And the PDF can be fetched from the order's page
    assert f"{path}/document" in console.get(path).text
    assert order.document_key in console.get(f"{path}/document").location


def test_pages_speak_english_too(console: Browsing, company: tuple[Account, User]) -> None:
    console.cookies["__Host-language"] = "en"
    for path in ("/order", "/orders", "/prices"):
        assert 'lang="en"' in console.get(path).text
    assert "Graphics" in console.get("/prices").text


def test_the_list_shows_every_order(console: Browsing, company: tuple[Account, User]) -> None:
    saves_card(console, company[0])
    console.post("/orders", summary_of(console, TWO_PRO))
    number = console.world.services.orders.service.of_account(company[0].id)[0].number
    assert number in console.get("/orders").text


def test_an_announced_price_is_a_price_of_the_catalogue(console: Browsing) -> None:
    prices = console.world.services.catalogue.current().prices
    assert any(isinstance(price, DatedPrice) and price.from_on.year == 2027 for price in prices)


@pytest.mark.contract("ORD-1", "CON-1")
def test_configurations_are_added_and_removed_without_losing_what_was_typed(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given a form with two lines, as the buttons that add one send it
    two = {
        **TWO_PRO,
        "lines": "2",
        "l2-configuration": "standard",
        "l2-quantity": "2",
        "l2-name-1": "Atelier",
        "l2-name-2": "Réserve",
    }
    page = console.get(f"/order?{urlencode(two)}").text
    assert 'value="Accueil"' in page
    assert 'value="Réserve"' in page
    # When the first is removed, the second takes its place
    page = console.get(f"/order?{urlencode({**two, 'without': '1'})}").text
    assert re.search(r'value="standard" checked', page)
    assert 'name="name-2" type="text" value="Réserve"' in page
    assert "l2-" not in page
    # When a third is added with nothing chosen, then the summary asks for it there
    wrong = console.get(f"/order/summary?{urlencode({**two, 'lines': '3'})}")
    assert wrong.status == 422
    assert 'id="l3-configuration-error"' in wrong.text
    # When the two are ordered, then: 2 x (69 + 2) + 2 x 29 = 200
    saves_card(console, company[0])
    posted = summary_of(console, two)
    text = plain(console.text)
    for shown in ("200,00 €", "Accueil (Pro)", "Atelier (Standard)"):
        assert shown in text
    assert console.post("/orders", posted).status == 303
    (order,) = console.world.services.orders.service.of_account(company[0].id)
    assert [(line.configuration_code, line.quantity) for line in order.lines] == [
        ("pro", 2),
        ("standard", 2),
    ]


@pytest.mark.contract("ORD-1", "ORD-3")
def test_a_consumer_who_waits_starts_or_cancels_from_the_order_page(console: Browsing) -> None:
    # Given two orders of a consumer who asked for nothing
    account, owner = a_consumer(console.world)
    signed_in(console, owner)
    saves_card(console, account)
    waits = {"configuration": "standard", "quantity": "1"}
    first = console.post("/orders", summary_of(console, waits)).location
    assert "Début du service : le 20 novembre 2026" in plain(console.get(first).text)
    # When one box is ticked, then both
    console.post(f"{first}/start", {"express_request": "yes"})
    assert console.status == 422
    assert 'id="express_acknowledged-error"' in console.text
    both = {"express_request": "yes", "express_acknowledged": "yes"}
    assert console.post(f"{first}/start", both).location == first
    assert "Validée" in console.get(first).text
    # When the other is cancelled, then it binds nobody
    second = console.post("/orders", summary_of(console, waits)).location
    console.post(f"{second}/cancellation")
    assert "Annulée" in console.get(second).text
    assert console.post(f"{second}/start", both).status == 409
    # And a validated order can no longer be: the page says what to do instead
    assert console.post(f"{first}/cancellation").status == 409
    assert "droit de rétractation" in plain(console.text)


@pytest.mark.contract("ORD-3", "OPS-1")
def test_the_operator_filters_orders_and_sees_what_they_are_judged_by(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given an order that validated itself, and one beyond the limit of 300 euros
    account, _ = company
    saves_card(console, account)
    small = {"configuration": "standard", "quantity": "1"}
    first = console.post("/orders", summary_of(console, small)).location.rpartition("/")[2]
    large = {"configuration": "pro", "quantity": "6"}
    second = console.post("/orders", summary_of(console, large)).location.rpartition("/")[2]
    signed_in(console, an_operator(console.world))
    # When the operator filters, then
    assert first in console.get("/operator/orders?state=validated&q=lumen").text
    assert first not in console.get("/operator/orders?state=refused").text
    assert first not in console.get("/operator/orders?q=vasseur").text
    # and the order to decide shows what is rented already, what it adds, and the limit
    text = plain(console.get(f"/operator/orders/{second}").text)
    for shown in ("29,00 €", "414,00 €", "443,00 €", "300,00 €"):
        assert shown in text, shown


@pytest.mark.contract("ORD-3", "OPS-1")
def test_the_operator_reaches_every_order_by_month_and_page(
    console: Browsing, company: tuple[Account, User]
) -> None:
    # Given 60 orders of 5 November and one of 1 October, at half past midnight in Paris
    account, _ = company
    saves_card(console, account)
    small = {"configuration": "standard", "quantity": "1"}
    first = console.post("/orders", summary_of(console, small)).location.rpartition("/")[2]
    made = console.world.services.orders.service.any(first)
    tables = console.world.adapters.tables
    for n in range(59):
        again = replace(made, id=f"ord_{n:04d}", number=f"CO-{n:04d}", version=0)
        tables.commit(*OrderStorage(tables).add(again))
    early = replace(made, id="ord_early", accepted_at=paris("2026-10-01 00:30"), version=0)
    tables.commit(*OrderStorage(tables).add(early))
    signed_in(console, an_operator(console.world))
    # When the operator turns the pages, then each order is on one of them
    shown = [
        set(re.findall(r"/operator/orders/(ord_\w+)", console.get(f"/operator/orders{query}").text))
        for query in ("?month=2026-11", "?month=2026-11&page=2", "?month=2026-10")
    ]
    assert [len(page) for page in shown] == [50, 10, 1]
    assert not shown[0] & shown[1]
    assert shown[2] == {"ord_early"}
    assert "page=2" in console.get("/operator/orders").text
    # and nonsense in the address gives the list
    for query in ("?month=2026-13", "?page=99", "?page=-1", "?month=é&page=x"):
        assert console.get(f"/operator/orders{query}").status == 200
