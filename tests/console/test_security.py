"""What somebody hostile would try: addresses, headers and forms that our pages never make.

Who may use which route is in ``test_route_table.py``; tokens, origins and cookies in
``test_framework.py``.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest

from chalicelib.console.framework.access import Access, Route
from chalicelib.console.framework.guard import _origin
from chalicelib.console.framework.visit import MAX_FORM_BYTES, own_path
from chalicelib.console.routes import ROUTES
from chalicelib.foundation.errors import DomainError
from chalicelib.payments.stripe.processor import BadWebhook
from chalicelib.payments.stripe.stripe_gateway import StripeGateway
from tests.console.test_framework import has_security_headers
from tests.fakes.accounts import company_form
from tests.fakes.browsing import FORM, Browsing
from tests.fakes.tables import InMemoryTables
from tests.fakes.two_clients import TwoClients, two_clients
from tests.fakes.world import CONSOLE_URL, World

PLACE = re.compile(r"\{(\w+)\}")
ODD = (
    "",
    "a\0b\x1b",
    "\U0001f680\u202e\ufffe",
    "-1",
    "1.5",
    "NaN",
    "9" * 5000,
    "1e99999",
    "\u0663",
    "9999-12",
    "%s %(x)s {0}",
    "<script>alert(1)</script>",
    "http://[",
    "/\t/elsewhere.example\r\nSet-Cookie: session=mine",
    "null",
)


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
        "/\n/elsewhere.example",
        "/desktops\r\nSet-Cookie: session=mine",
        "https://elsewhere.example",
        "javascript:alert(1)",
        "/café",
        "",
    ],
)
def test_a_path_to_go_back_to_never_leaves_the_console(browsing: Browsing, wanted: str) -> None:
    assert own_path(wanted) == "/"
    browsing.post("/language", {"language": "en", "back": wanted})
    assert browsing.location == "/"


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "https://console.example.com@x"])
def test_an_origin_that_is_none_is_refused_like_any_other(browsing: Browsing, origin: str) -> None:
    browsing.post("/language", {"language": "en"}, Origin=origin)
    assert browsing.status == 403
    assert _origin("http://[") != _origin(CONSOLE_URL)


@pytest.mark.parametrize("body", [b"a=" + b"x" * MAX_FORM_BYTES, b"\xff\xfe", b"a=%ff&b=\xc3"])
def test_a_form_too_long_or_not_text_is_refused(browsing: Browsing, body: bytes) -> None:
    browsing.get("/legal-notice")
    browsing.response = browsing._client.http.post(
        "/sign-in", headers={"Content-Type": FORM, "Origin": CONSOLE_URL}, body=body
    )
    assert browsing.status == 409
    assert "pas pu être lu" in browsing.text


def test_links_never_begin_with_what_a_stranger_put_before_the_path(browsing: Browsing) -> None:
    # Given an address whose path begins like another site's
    for before in ("//elsewhere.example", "/a/b", "/<b>"):
        browsing.get(f"{before}/legal-notice")
        # Then no link of the page leads there
        assert f'href="{before}/' not in browsing.text


def test_a_number_without_end_is_not_json(world: World) -> None:
    with pytest.raises(DomainError):
        world.services.catalogue.publish_text("9" * 5000, "operator:usr_test")


@pytest.fixture(scope="module")
def clients() -> TwoClients:
    """Two clients, each with an order, a desktop and an invoice; and an operator."""
    return two_clients(World("2026-11-05 10:00"))


QUERY_NAMES = (
    "next month q after session_id told kind quantity v page lines state provider "
    "configuration cause new known"
)
# By the name of the view: what moves money or equipment, for operators and clients.
MONEY_FORMS: dict[str, dict[str, str]] = {
    "add": {
        "kind": "other",
        "label": "Essai",
        "label_en": "",
        "amount": "1",
        "quantity": "1",
        "on": "2026-12-01",
        "reason": "essai",
        "evidence": "",
        "key": "k",
    },
    "grant": {"desktop_id": "x", "credit_amount": "1", "credit_reason": "essai", "key": "k"},
    "issue": {"scope": "lines", "line-0": "0,01", "reason": "essai", "key": "k"},
    "propose": {
        "reference": "C-1",
        "start": "2027-01",
        "months": "12",
        "billing": "monthly",
        "discount": "10",
        "terms_days": "",
        "quantity_standard": "1",
        "key": "k",
    },
    "terminate": {"month": "2027-01", "reason": "essai"},
    "sign": {"signature": "essai"},
    "withdraw": {"reason": "essai"},
    "accept": {"digest": "x"},
    "refuse": {"reason": "essai"},
    "correct": {
        "desktop_id": "x",
        "item": "desktop:standard",
        "quantity": "0",
        "first": "2026-11-06",
        "last": "2026-11-06",
        "reason": "essai",
        "step": "preview",
    },
    "publish": {
        "from_on": "2027-01-01",
        "professionals": "yes",
        "consumers": "yes",
        "reason": "essai",
    },
    "reverse": {"reason": "essai"},
    "made": {"reference": "VIR", "paid_on": "2026-12-01"},
    "decide": {"outcome": "waived", "cause": "loss", "decision": "uphold", "amount": "1"}
    | {"reason": "essai", "replacement": "yes"},
    "close": {"reason": "essai"},
    "waive": {"reason": "essai"},
    "contest": {"objection": "essai"},
    "cancel": {"reason": "essai"},
    "import_csv": {"csv": "serial;model;received_on\nOP-7777;OmnyPod 2;2026-11-02"},
    "announce_price": {"cause": "loss", "from_on": "2027-01-01", "price": "100"},
    "act": {"why": "essai", "condition": "good"},
    "ship": {"carrier": "Colis", "tracking": "1", "shipped_on": "2026-12-01"},
    "deliver": {"received_on": "2026-12-01"},
    "bring_back": {"failed_on": "2026-12-01", "evidence": "x", "fault": "yes", "cost": "1"},
    "correct_address": {"line1": "1 rue", "line2": "", "postal_code": "75002", "city": "Paris"},
    "report": {"cause": "fault", "description": "essai", "on": "2026-12-01"},
    "record_proof": {"kind": "bank", "country": "DE", "detail": "essai"},
}
TRANSFER = {"amount": "1", "received_on": "2026-12-01", "reference": "VIR", "invoice_id": ""}
STATUS = {"code": "212", "reason": "essai", "amount": "34,80", "rate": "20"}
MONEY_FORMS["record"] = TRANSFER | STATUS


def posting_routes() -> list[Route]:
    """Give the routes that take a form, those that end the session last."""
    posts = [each for each in ROUTES if each.method == "POST" and each.access is not Access.STRIPE]
    return sorted(posts, key=lambda each: "end" in each.view or "sign_out" in each.view)


def fields_of(route: Route, clients: TwoClients) -> dict[str, str]:
    """Give a form of the route, everything plausible: its fields are those of its own page."""
    subject = route.view.rsplit(".", 1)
    order = {
        "configuration": "standard",
        "quantity": "2",
        "name-1": "Bureau",
        "user-1": clients.mine.owner.id,
        "option-backup": "1",
        "line1": "1 rue de l’Exemple",
        "postal_code": "75002",
        "city": "Paris",
        "order_key": "0" * 32,
        "shown": "",
    }
    forms = {
        "framework.language_pages": {"language": "fr", "back": "/"},
        "accounts.sign_in_pages": {
            "email": "inconnu@courriel.example",
            "password": "faux",
            "next": "/",
        },
        "accounts.account_pages": {
            "current_password": "faux",
            "new_password": "faux",
            "session": "x",
        },
        "orders.order_pages": order,
        "desktops.desktop_pages": {
            "name": "Autre",
            "user": clients.mine.owner.id,
            "configuration": "pro",
            "confirmed": "yes",
            "back": "/desktops",
        },
        "desktops.change_pages": {
            "configuration": "pro",
            "when": "later",
            "at": "2026-11-20T20:00",
            "confirmed": "yes",
            "backup": "1",
            "storage-10gb": "1",
            "name": "Accueil",
        },
        "desktops.renewal_pages": {"name": "Accueil", "backup": "snap-1", "contest": "non"},
        "desktops.operator_pages": {
            "kind": "update",
            "reason": "essai",
            "due_on": "2026-12-01",
            "why": "essai",
            "name": "Accueil",
            "key": "msr_x",
        },
        "desktops.operator_machine_pages": {"note": "essai"},
        "payments.card_pages": {"next": "/orders/ord_x"},
        "accounts.operator_pages": {"order_limit": "300", "payment_mode": "card"},
        "orders.operator_pages": {"reason": "essai"},
        "runs.operator_pages": {"month": "2026-11", "account_id": clients.mine.account.id},
        "catalogue.operator_pages": {"document": "{}"},
    }
    if subject[1] == "register":
        return {name: text for name, text in company_form().items() if name != "password"}
    if subject[1] in {"send_new_link", "send_reset"}:
        return {"email": "inconnu@courriel.example"}
    return forms.get(subject[0]) or MONEY_FORMS.get(subject[1], {"anything": "x"})


def shows_no_script(browser: Browsing) -> bool:
    """Tell whether a page repeats no markup as markup; a file is no page."""
    is_page = "text/html" in str(browser.headers.get("Content-Type"))
    return not is_page or "<script>alert" not in browser.text


def odd_forms(form: dict[str, str]) -> Iterator[dict[str, str | list[str]]]:
    """Spoil one field after another, each in every way; then leave it out, then repeat it."""
    yield {}
    for name, right in form.items():
        for odd in ODD:
            yield {**form, name: odd}
        yield {other: text for other, text in form.items() if other != name}
        yield {**form, name: ["", right, "x" * 20_000]}


@pytest.fixture
def browser(clients: TwoClients) -> Iterator[Browsing]:
    with Browsing(clients.world) as browsing:
        yield browsing


def enter(browser: Browsing, route: Route, clients: TwoClients) -> None:
    """Sign in as somebody whom the route lets in; forget what was tried so far."""
    tables = clients.world.adapters.tables
    assert isinstance(tables, InMemoryTables)
    tables.forget_partitions("BUCKET#")
    browser.cookies.clear()
    if route.access is not Access.PUBLIC:
        clients.sign_in(browser, "operator" if route.access is Access.OPERATOR else "owner")


@pytest.mark.contract("ACC-1")
@pytest.mark.parametrize("route", posting_routes(), ids=lambda route: f"{route.path}")
def test_whatever_is_posted_is_answered_by_a_page(
    route: Route, clients: TwoClients, browser: Browsing
) -> None:
    # Given a visitor whom the route lets in
    enter(browser, route, clients)
    token = browser.token()
    path = clients.own_path(route.path)
    for number, form in enumerate(odd_forms(fields_of(route, clients))):
        if number % 15 == 14:  # before tries are limited, or the session has ended
            enter(browser, route, clients)
            token = browser.token()
        # When they post what no page of ours would
        browser.ask(route, path, {"csrf_token": token, **form})
        # Then it is refused or done, with every header; never a failure, never another site
        assert browser.status < 500, form
        assert has_security_headers(browser)
        assert shows_no_script(browser)
        assert browser.location.isprintable()
        assert not browser.location.startswith("//")


# Stripe's webhook takes no address of ours: tests/console/test_webhook_pages.py.
ADDRESSED = [route for route in ROUTES if route.access is not Access.STRIPE]


@pytest.mark.parametrize("route", ADDRESSED, ids=lambda route: f"{route.method} {route.path}")
def test_whatever_stands_in_an_address_is_answered_by_a_page(
    route: Route, clients: TwoClients, browser: Browsing
) -> None:
    enter(browser, route, clients)
    places = PLACE.findall(route.path)
    for odd in ODD[1:]:
        for spoiled in places:
            path = clients.own_path(route.path, **{spoiled: quote(odd, safe="")})
            browser.get(path) if route.method == "GET" else browser.post(path)
            assert browser.status < 500, path
            assert has_security_headers(browser)
        if route.method == "GET":
            names = QUERY_NAMES.split()
            path = clients.own_path(route.path)
            browser.get(f"{path}?{urlencode(dict.fromkeys(names, odd))}")
            assert browser.status < 500, (path, odd)
            assert browser.location.isprintable()
            assert shows_no_script(browser)


@pytest.mark.contract("PAY-2")
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b'{"data": 1}'])
def test_a_forged_notice_is_refused_whatever_its_signature(body: bytes) -> None:
    stripe = StripeGateway("sk_test_x", "whsec_x")
    for signature in ("", "t=1,v1=é", "t=" + "9" * 5000 + ",v1=x", "v1=x", "t=,v1=", "\0", "t,v1"):
        with pytest.raises(BadWebhook):
            stripe.read_event(body, signature)
