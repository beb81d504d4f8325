"""Checkout sessions and their hosted pages, as a browser without script sees them."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, cast

import pytest
import requests
import stripe

from simulators.stripe import StripeSimulator

GOOD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Lumen"}


class Page(HTMLParser):
    """The labels, buttons, links and scripts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.labels: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.buttons: list[str] = []
        self.links: list[str] = []
        self.forbidden: list[str] = []
        self.language = ""
        self._open: str | None = None
        self._for = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._open, self._for = tag, given.get("for", "")
        if tag == "html":
            self.language = given["lang"]
        if tag == "input":
            self.values[given["id"]] = given.get("value", "")
        if tag == "a":
            self.links.append(given["href"])
        if tag in ("script", "style") or "style" in given or any(n.startswith("on") for n in given):
            self.forbidden.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open == "label":
            self.labels[self._for] = data
        if self._open == "button":
            self.buttons.append(data)
        self._open = None


@pytest.fixture
def setup_session(client: stripe.StripeClient, customer: str) -> Any:
    return client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": customer,
            "currency": "eur",
            "locale": "fr",
            "success_url": "https://console.example/cards?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://console.example/cancelled",
            "metadata": {"account": "acc_1"},
            "setup_intent_data": {"metadata": {"account": "acc_1"}},
            "payment_method_options": {"card": {"request_three_d_secure": "any"}},
            "client_reference_id": "acc_1",
        }
    )


@pytest.fixture
def payment_session(client: stripe.StripeClient, customer: str) -> Any:
    return client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "customer": customer,
            "locale": "fr",
            "success_url": "https://console.example/paid",
            "line_items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 123450,
                        "product_data": {"name": "Facture F-1"},
                    },
                    "quantity": 2,
                }
            ],
            "payment_intent_data": {
                "metadata": {"invoice": "inv_1"},
                "setup_future_usage": "off_session",
            },
        }
    )


def submit(url: str, **changed: str) -> requests.Response:
    return requests.post(url, data={**GOOD, **changed}, allow_redirects=False, timeout=60)


def answer(site: str, submitted: requests.Response, choice: str) -> str:
    """Press a button of the bank's page to which a submitted card led."""
    assert submitted.status_code == 303
    page = site + submitted.headers["Location"]
    assert Page(requests.get(page, timeout=60).text).buttons == ["Autoriser", "Refuser"]
    decided = requests.post(page, data={"answer": choice}, allow_redirects=False, timeout=60)
    assert decided.status_code == 303
    return decided.headers["Location"]


def test_the_card_page_is_labelled_french_and_without_script(setup_session: Any) -> None:
    page = Page(requests.get(setup_session.url, timeout=60).text)

    assert page.language == "fr"
    assert page.labels == {
        "number": "Numéro de carte",
        "expiry": "Expiration",
        "cvc": "CVC",
        "name": "Nom sur la carte",
    }
    assert set(page.values) == set(page.labels)
    assert page.buttons == ["Enregistrer la carte"]
    assert "https://console.example/cancelled" in page.links
    assert page.forbidden == []


def test_the_pages_have_a_strict_policy_that_lets_forms_return_to_us(
    simulator: StripeSimulator, setup_session: Any
) -> None:
    answered = requests.get(setup_session.url, timeout=60)
    style = requests.get(f"{simulator.url}/pages/pages.css", timeout=60)

    policy = answered.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://console.example;" in policy
    assert "unsafe" not in policy
    assert style.headers["Content-Type"].startswith("text/css")
    assert requests.get(f"{simulator.url}/pages/server.py", timeout=60).status_code == 404


def test_a_card_is_saved_with_authentication(
    simulator: StripeSimulator,
    client: stripe.StripeClient,
    customer: str,
    setup_session: Any,
    charge: Callable[..., Any],
) -> None:
    # when a card is typed and the bank's page says yes
    back = answer(simulator.url, submit(setup_session.url), "allow")

    # then the client returns to us, and the session tells the card, attached to the customer
    assert back == f"https://console.example/cards?session={setup_session.id}"
    session = client.v1.checkout.sessions.retrieve(
        setup_session.id, {"expand": ["setup_intent.payment_method"]}
    )
    intent = cast(Any, session.setup_intent)
    saved = intent.payment_method
    assert (session.status, session.payment_status, session.url) == (
        "complete",
        "no_payment_required",
        None,
    )
    assert (intent.status, intent.metadata["account"]) == ("succeeded", "acc_1")
    assert (saved.customer, saved.card.last4, saved.card.exp_month, saved.card.exp_year) == (
        customer,
        "4242",
        12,
        2034,
    )
    assert charge(1200, payment_method=saved.id).status == "succeeded"
    # and the events end with the session's
    types = [one.type for one in client.v1.events.list({"limit": 100}).data]
    assert types.index("checkout.session.completed") < types.index("setup_intent.succeeded")


def test_a_refused_authentication_saves_nothing_and_the_page_says_so(
    simulator: StripeSimulator, client: stripe.StripeClient, customer: str, setup_session: Any
) -> None:
    back = answer(simulator.url, submit(setup_session.url), "refuse")

    assert back == setup_session.url
    assert "Votre banque n’a pas confirmé" in requests.get(back, timeout=60).text
    assert client.v1.payment_methods.list({"customer": customer}).data == []
    # and another try succeeds
    assert answer(simulator.url, submit(setup_session.url), "allow").startswith("https://console")


@pytest.mark.parametrize(
    ("number", "paid_later"),
    [
        ("4242424242424242", True),
        ("4000002500003155", True),
        ("4000002760003184", False),
        ("4000000000000341", False),
    ],
)
def test_saved_cards_behave_as_their_number_says(
    client: stripe.StripeClient,
    setup_session: Any,
    charge: Callable[..., Any],
    number: str,
    paid_later: bool,
) -> None:
    site = setup_session.url.split("/checkout/")[0]
    answer(site, submit(setup_session.url, number=number), "allow")
    session = client.v1.checkout.sessions.retrieve(setup_session.id, {"expand": ["setup_intent"]})
    saved = cast(Any, session.setup_intent).payment_method

    if paid_later:
        assert charge(1200, payment_method=saved).status == "succeeded"
    else:
        with pytest.raises(stripe.CardError):
            charge(1200, payment_method=saved)


def test_a_card_not_yet_set_up_needs_authentication_off_session(
    charge: Callable[..., Any],
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        charge(1200, payment_method="pm_card_authenticationRequiredOnSetup")

    assert refused.value.code == "authentication_required"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("4000000000000002", "Votre carte a été refusée."),
        ("4000000000009995", "Les fonds disponibles sur votre carte ne suffisent pas."),
        ("4000000000000069", "Votre carte a expiré."),
        ("4111111111111111", "Seules les cartes de test sont acceptées ici."),
    ],
)
def test_a_card_refused_at_once_is_told_on_the_page(
    setup_session: Any, number: str, told: str
) -> None:
    answered = submit(setup_session.url, number=number)

    assert answered.status_code == 200
    assert told in answered.text
    assert Page(answered.text).values["number"] == number


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("number", "4242 4242 4242 4241"),
        ("number", "abc"),
        ("number", "\uff14242 4242 4242 4242"),
        ("expiry", "13 / 34"),
        ("expiry", "12 / 20"),
        ("expiry", ""),
        ("cvc", "12"),
        ("name", " "),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_what_was_typed_is_kept(
    client: stripe.StripeClient, setup_session: Any, field: str, typed: str
) -> None:
    answered = submit(setup_session.url, **{field: typed})

    page = Page(answered.text)
    assert f'id="{field}-error"' in answered.text
    assert answered.text.count('class="wrong"') == 1
    assert page.values["cvc"] == ""
    kept = {name: value for name, value in {**GOOD, field: typed}.items() if name != "cvc"}
    assert {name: page.values[name] for name in kept} == {
        name: value.strip() for name, value in kept.items()
    }
    assert client.v1.setup_intents.list().data[0].status == "requires_payment_method"


def test_a_typed_name_is_escaped(setup_session: Any) -> None:
    answered = submit(setup_session.url, name='"><script>', cvc="")

    assert Page(answered.text).forbidden == []
    assert "<script>" not in answered.text


def test_an_invoice_is_paid_on_the_page(
    client: stripe.StripeClient, customer: str, payment_session: Any
) -> None:
    # given the page of a payment, its amounts written in French
    assert payment_session.amount_total == 246900
    assert payment_session.payment_intent is None
    page = requests.get(payment_session.url, timeout=60).text
    assert "2\u202f469,00\u00a0€" in page
    assert Page(page).buttons == ["Payer"]

    # when a first card is declined and a second accepted
    assert "refusée" in submit(payment_session.url, number="4000000000000002").text
    paid = submit(payment_session.url)

    # then there is one intent, paid, with the invoice's number, and the card is saved
    assert paid.headers["Location"] == "https://console.example/paid"
    session = client.v1.checkout.sessions.retrieve(
        payment_session.id, {"expand": ["payment_intent", "line_items"]}
    )
    intent = cast(Any, session.payment_intent)
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert (intent.status, intent.amount, intent.metadata["invoice"]) == (
        "succeeded",
        246900,
        "inv_1",
    )
    assert len(client.v1.payment_intents.list().data) == 1
    assert cast(Any, session.line_items).data[0].description == "Facture F-1"
    assert len(client.v1.payment_methods.list({"customer": customer}).data) == 1
    # and the page serves once
    assert requests.get(payment_session.url, timeout=60).status_code == 410


def test_a_payment_that_authenticates_goes_by_the_bank(
    simulator: StripeSimulator, client: stripe.StripeClient, payment_session: Any
) -> None:
    submitted = submit(payment_session.url, number="4000002760003184")
    assert client.v1.checkout.sessions.retrieve(payment_session.id).status == "open"

    back = answer(simulator.url, submitted, "allow")

    assert back == "https://console.example/paid"
    assert client.v1.checkout.sessions.retrieve(payment_session.id).payment_status == "paid"


def test_a_session_expires_after_a_day_or_on_demand(
    client: stripe.StripeClient,
    control: Callable[..., Any],
    setup_session: Any,
    payment_session: Any,
) -> None:
    # when one is expired by us and the other by time
    client.v1.checkout.sessions.expire(setup_session.id)
    control("clock", advance_seconds=24 * 3600)

    # then neither page serves, and events tell it
    for session in (setup_session, payment_session):
        assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
        assert requests.get(session.url, timeout=60).status_code == 410
        assert submit(session.url).status_code == 410
    assert len(client.v1.events.list({"type": "checkout.session.expired"}).data) == 2
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(setup_session.id)


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"success_url": "cards"}, "success_url"),
        ({"currency": None}, "currency"),
        ({"mode": "subscription"}, "mode"),
        ({"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
        ({"expires_at": 1}, "expires_at"),
        ({"customer": "cus_0"}, "customer"),
        ({"submit_type": "pay"}, "submit_type"),
    ],
)
def test_a_wrong_session_is_refused(
    client: stripe.StripeClient, changed: dict[str, Any], param: str
) -> None:
    wanted = {"mode": "setup", "currency": "eur", "success_url": "https://console.example/"}
    given = {name: value for name, value in {**wanted, **changed}.items() if value is not None}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(cast(Any, given))

    assert refused.value.param == param


def test_an_english_browser_gets_english(
    client: stripe.StripeClient, simulator: StripeSimulator
) -> None:
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "eur", "success_url": "https://console.example/"}
    )

    page = Page(requests.get(str(session.url), headers={"Accept-Language": "en"}, timeout=60).text)

    assert (page.language, page.buttons) == ("en", ["Save card"])


def test_an_unknown_page_is_404(simulator: StripeSimulator) -> None:
    for path in ("/checkout/cs_test_0", "/authenticate/0"):
        assert requests.get(simulator.url + path, timeout=60).status_code == 404
        assert requests.post(simulator.url + path, data=GOOD, timeout=60).status_code == 404


def test_control_completes_a_session_without_a_browser(
    client: stripe.StripeClient, control: Callable[..., Any], setup_session: Any, customer: str
) -> None:
    refused = control("checkout/complete", session=setup_session.id, number="4000000000000002")
    done = control("checkout/complete", session=setup_session.id)

    assert refused == {"address": None, "refused": "card_declined"}
    assert done["address"].startswith("https://console.example/cards")
    assert len(client.v1.payment_methods.list({"customer": customer}).data) == 1
