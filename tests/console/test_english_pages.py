"""Every page and mail in English: nothing French is left, but what is marked as French.

Marked (``lang="fr"``) are the legal documents and the words an invoice is bound to.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po

from chalicelib.console.framework.access import Access
from chalicelib.console.routes import ROUTES
from chalicelib.orders.model.request import LineRequest, OrderRequest
from infra.generate.messages import CATALOGUE
from tests.fakes.accounts import an_account
from tests.fakes.browsing import Browsing
from tests.fakes.two_clients import DEMO, TwoClients, two_clients
from tests.fakes.world import World

PAGES = [
    route
    for route in ROUTES
    if route.method == "GET" and not route.path.startswith("/static") and "." not in route.path
]
VISITORS = {
    Access.PUBLIC: "anonymous",
    Access.CLIENT: "owner",
    Access.MANAGER: "owner",
    Access.BILLING: "owner",
    Access.OPERATOR: "operator",
}
PLACE = re.compile(r"%\(\w+\)s")
VOID = {"meta", "link", "input", "br", "hr", "img", "use", "path", "rect", "line", "circle"}
SUMMARY = (
    "/order/summary?configuration=standard&quantity=2&name-1=Omega&name-2=Zeta&option-backup=1"
    "&line1=1+Example+Street&postal_code=75002&city=Paris&express_request=yes"
    "&express_acknowledged=yes"
)


class Texts(HTMLParser):
    """The texts a page shows or says aloud, without those marked as French."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        french = given.get("lang", "fr" if self._french else "en") == "fr"
        if not french:
            self.found += [given[name] or "" for name in ("aria-label", "alt") if name in given]
        if tag not in VOID:
            self._open.append((tag, french))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        hidden = self._open and self._open[-1][0] in {"script", "style", "pre", "textarea"}
        if data.strip() and not self._french and not hidden:
            self.found.append(" ".join(data.split(" ")).strip(" \n"))

    @property
    def _french(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def known_french() -> re.Pattern[str]:
    """Match every French text of the catalogue that English says otherwise."""
    with CATALOGUE.open("rb") as source:
        messages = [message for message in read_po(source, locale="en") if message.id]
    pairs = [
        (french, english)
        for message in messages
        for french, english in zip(
            [message.id] if isinstance(message.id, str) else message.id,
            [message.string] if isinstance(message.string, str) else message.string,
            strict=True,
        )
    ]
    english = {written for _, written in pairs}
    return re.compile(
        "|".join(
            ".*".join(re.escape(part.replace("%%", "%")) for part in PLACE.split(french))
            for french, written in pairs
            # A text that begins and ends with its values says nothing by itself.
            if french not in english and written != french and re.match(r"\w", french)
        )
    )


FRENCH = known_french()
TYPOGRAPHY = re.compile("[\u00a0\u202f][:;?!%€]|[«»]")


def french_on(page: str) -> list[str]:
    texts = Texts()
    texts.feed(page)
    return [text for text in texts.found if FRENCH.fullmatch(text) or TYPOGRAPHY.search(text)]


@pytest.fixture(scope="module")
def clients() -> TwoClients:
    """Two clients, each with an order, a desktop and an invoice; and an operator."""
    return two_clients(World("2026-11-05 10:00"))


@pytest.fixture
def browser(clients: TwoClients, visitor: str) -> Iterator[Browsing]:
    """A browser of that visitor, who has chosen English."""
    with Browsing(clients.world) as browsing:
        if visitor != "anonymous":
            clients.sign_in(browsing, visitor)
        browsing.post("/language", {"language": "en", "back": "/"})
        yield browsing


@pytest.mark.contract("CON-1")
@pytest.mark.parametrize("visitor", ["anonymous", "owner", "operator"])
def test_every_page_is_in_english_to_its_end(
    visitor: str, browser: Browsing, clients: TwoClients
) -> None:
    read = 0
    for path in [
        *(clients.own_path(route.path) for route in PAGES if VISITORS[route.access] == visitor),
        *([SUMMARY] if visitor == "owner" else []),
        "/a-page-that-does-not-exist",
    ]:
        # When the visitor opens a page
        browser.get(path)
        # Then nothing on it is in French
        if "text/html" in str(browser.headers.get("Content-Type")) and browser.text:
            # The clients' own words stay as they wrote them.
            shown = browser.text.replace(clients.mine.desktop.name, "Lumen")
            shown = shown.replace(clients.other.desktop.name, "Vasseur")
            assert french_on(shown) == [], path
            read += 1
    assert read > 5


@pytest.mark.contract("CON-1")
def test_the_mails_of_a_client_who_reads_english_are_in_english(world: World) -> None:
    # Given a client who chose English, pays on invoice and orders a desktop
    world.services.catalogue.load_file(DEMO)
    account, owner = an_account(world, language="en", vat_number="", email="lumen@example.com")
    world.services.accounts.service.set_order_limit(account.id, 100_00, by="operator:usr_test")
    world.services.accounts.service.approve_invoice_mode(account.id, by="operator:usr_test")
    account = world.services.accounts.service.account(account.id)
    request = OrderRequest((LineRequest("standard", desktop_names=("Omega",)),))
    world.services.orders.service.place(account, owner, request, "en".zfill(32))
    world.pump()
    # When the desktop is there and the month is invoiced
    world.clock.set("2026-12-01 06:00")
    world.services.metering.service.meter_due()
    world.services.billing.run.run_due()
    world.pump()
    # Then every mail is in English, in both of its forms
    mails = world.mails.to("lumen@example.com")
    assert len(mails) >= 4
    for mail in mails:
        html = mail.get_body(("html",))
        assert html is not None
        lines = [str(mail["Subject"]), *world.mails.text_of(mail).splitlines()]
        assert not [line for line in lines if FRENCH.fullmatch(line) or TYPOGRAPHY.search(line)]
        assert '<html lang="en">' in html.get_content()
        assert french_on(html.get_content()) == []


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ("<p>Tableau de bord</p>", ["Tableau de bord"]),
        ("<p>Bonjour Claire,</p>", ["Bonjour Claire,"]),
        ('<nav aria-label="Fil d’Ariane"></nav>', ["Fil d’Ariane"]),
        ("<p>Standard\u00a0: 1 day</p>", ["Standard\u00a0: 1 day"]),
        ('<div lang="fr"><p>Tableau de bord</p><br></div><p>Dashboard</p>', []),
        ("<p>Atelier Lumen</p><style>Bonjour</style>", []),
    ],
)
def test_french_left_on_a_page_is_found(page: str, left: list[str]) -> None:
    assert french_on(page) == left
