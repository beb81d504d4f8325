"""The main job as a newcomer does it: from `make run` to a paid invoice, in the browser."""

import re
import time
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from infra.local.company import EVERYONE
from tests.browser.conftest import NARROW, WIDE, context
from tests.fakes.local_stack import LocalStackProcess

EMAIL = "jade.exemple@particulier.example"
PASSWORD = "Quatre-Marrons-Dansent-71"
MAIL_SECONDS = 300  # against a hang alone: a busy machine takes long
GOOD_CARD = "4242 4242 4242 4242"


def console(stack: LocalStackProcess, path: str = "/") -> str:
    return stack.addresses.console.rstrip("/") + path


def link_mailed(stack: LocalStackProcess, to: str, path: str) -> str:
    """Give the newest mailed link to a path, as soon as its mail has come."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        for mail in stack.mails(to):
            for link in mail["links"]:
                if path in link:
                    return str(link)
        time.sleep(0.2)
    raise AssertionError(f"no mail to {to} with a link to {path}")


def sign_in(page: Page, stack: LocalStackProcess, email: str, password: str) -> None:
    page.goto(console(stack, "/sign-in"))
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    page.wait_for_url(re.compile(r"/(dashboard|operator/today)$"))


def sign_up(page: Page, stack: LocalStackProcess) -> None:
    page.goto(console(stack))
    page.get_by_role("main").get_by_role("link", name="Créer un compte").click()
    page.get_by_role("link", name="Particulier").click()
    page.get_by_label("Prénom").fill("Jade")
    page.get_by_label("Nom de famille").fill("Exemple")
    page.get_by_label("Adresse e-mail").fill(EMAIL)
    page.get_by_label("Téléphone").fill("01 99 00 45 67")
    page.get_by_label("Numéro et rue").fill("3 rue de l’Essai")
    page.get_by_label("Code postal").fill("35000")
    page.get_by_label("Ville").fill("Rennes")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    for box in page.get_by_role("checkbox").all():
        if box.get_attribute("name") != "marketing":
            box.check()
    page.get_by_role("button", name="Créer mon compte").click()
    # The mailed link changes nothing by itself: its page has a button.
    page.goto(link_mailed(stack, EMAIL, "/verify-email/"))
    page.get_by_role("main").get_by_role("button").click()


def order(page: Page, stack: LocalStackProcess) -> None:
    page.goto(console(stack, "/order"))
    page.get_by_label("Standard").check()
    page.get_by_label("Nom du bureau 1").fill("Atelier de Jade")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Voir le récapitulatif").click()
    expect(page.get_by_role("main")).to_contain_text("34,80")  # 29.00 + 20 % VAT
    page.get_by_role("button", name="Commande avec obligation de paiement").click()


def save_card(page: Page, number: str) -> None:
    page.get_by_label("Numéro de carte").fill(number)
    page.get_by_label("Expiration").fill("12/34")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Nom sur la carte").fill("Jade Exemple")
    page.get_by_role("button", name="Enregistrer la carte").click()
    page.get_by_role("button", name="Autoriser").click()


@pytest.mark.contract("ACC-1", "ORD-1", "ORD-2", "DSK-2", "MET-3", "BIL-1", "PAY-1", "PAY-2")
def test_a_newcomer_goes_from_sign_up_to_a_paid_invoice(
    chromium: Browser, fresh: LocalStackProcess
) -> None:
    page = context(chromium, WIDE).new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    # Given somebody who signs up, verifies the address and signs in
    sign_up(page, fresh)
    sign_in(page, fresh, EMAIL, PASSWORD)
    # When they order a desktop and save a card, with authentication, on the hosted page
    order(page, fresh)
    save_card(page, GOOD_CARD)
    page.wait_for_url(re.compile(r"/orders/ord_"))
    expect(page.get_by_role("main")).to_contain_text("Atelier de Jade")
    # Then the desktop runs, and its code is revealed once by the mailed link
    page.goto(console(fresh, "/desktops"))
    expect(page.get_by_text("En service")).to_be_visible()
    page.goto(link_mailed(fresh, EMAIL, "/access/"))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("main")).to_contain_text("Identifiant")
    page.goto(link_mailed(fresh, EMAIL, "/access/"))
    expect(page.get_by_role("main")).not_to_contain_text("Identifiant")
    # and the console tells the cost of a day begun
    page.goto(console(fresh, "/usage"))
    day_cost = page.get_by_role("main").inner_text()
    assert "€" in day_cost
    # When the clock moves to the next month
    fresh.move_clock(move="month")
    sign_in(page, fresh, EMAIL, PASSWORD)  # the session has ended meanwhile
    # Then the invoice is there, paid by the card, with its document and its receipt
    page.goto(console(fresh, "/invoices"))
    page.get_by_role("link", name=re.compile(r"^F-\d{4}-000001$")).click()
    expect(page.get_by_role("main")).to_contain_text("Payée")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").first.click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    subjects = [mail["subject"] for mail in fresh.mails(EMAIL)]
    assert any("F-" in subject and "acture" in subject for subject in subjects), subjects
    assert any("eçu" in subject or "aiement" in subject for subject in subjects), subjects
    assert not problems


def test_the_clock_leaves_amounts_that_add_up(chromium: Browser, fresh: LocalStackProcess) -> None:
    # Given the invoice of the newcomer's first month
    page = context(chromium, WIDE).new_page()
    sign_in(page, fresh, EMAIL, PASSWORD)
    page.goto(console(fresh, "/invoices"))
    page.get_by_role("link", name=re.compile(r"^F-\d{4}-000001$")).click()
    text = page.get_by_role("main").inner_text()
    # Then the days shown, the monthly price and the amount agree, and VAT is 20 %
    days, month_days = map(int, re.search(r"(\d+)\s+jours?\s+sur\s+(\d+)", text).groups())  # type: ignore[union-attr]
    cents = (2 * 2900 * days + month_days) // (2 * month_days)
    excl, incl = Decimal(cents) / 100, Decimal(cents + (2 * cents * 20 + 100) // 200) / 100
    for amount in (excl, incl):
        assert f"{amount:.2f}".replace(".", ",") in text


@pytest.mark.contract("CON-1", "ORD-3", "OPS-1")
def test_without_scripts_on_a_phone_the_operator_validates_what_a_company_ordered(
    chromium: Browser, played: LocalStackProcess
) -> None:
    # Given the order of the demo company that waits for the operator
    page = context(chromium, NARROW, scripts=False).new_page()
    operator = next(person for person in EVERYONE if "operator" in person.title)
    sign_in(page, played, operator.email, operator.password)
    page.get_by_role("link", name=re.compile("à valider")).click()
    expect(page.get_by_role("main")).to_contain_text("Atelier Lumen")
    # When the operator validates it
    page.get_by_role("button", name=re.compile("^Valider")).first.click()
    # Then the queue is empty and the client sees three desktops more
    page.goto(console(played, "/operator/orders"))
    expect(page.get_by_role("button", name=re.compile("^Valider"))).to_have_count(0)
    owner = next(person for person in EVERYONE if "owner" in person.title)
    client = context(chromium, NARROW, scripts=False).new_page()
    sign_in(client, played, owner.email, owner.password)
    client.goto(console(played, "/desktops"))
    expect(client.get_by_role("article")).to_have_count(7)


@pytest.mark.contract("ORD-1", "CON-1")
def test_what_is_typed_and_chosen_while_the_price_is_worked_out_stays(
    chromium: Browser, played: LocalStackProcess
) -> None:
    # Given a client who chooses a configuration, and a network that answers late
    page = context(chromium, WIDE).new_page()
    owner = next(person for person in EVERYONE if "owner" in person.title)
    sign_in(page, played, owner.email, owner.password)
    page.goto(console(played, "/order"))
    asked = re.compile(r"/order\?")
    late: list[Route] = []
    page.route(asked, lambda route: late.append(route))  # noqa: PLW0108
    with page.expect_request(asked):
        page.get_by_label("Essentiel").check()
    # When they go on meanwhile
    with page.expect_request(asked):
        page.get_by_label("Sauvegarde quotidienne").select_option("1")
    page.get_by_label("Nom du bureau 1").fill("Comptabilité")
    assert len(late) == 2
    for each in late:
        each.continue_()
    # Then the price is that of both, and what they typed is there
    expect(page.locator("#estimate")).to_contain_text("Sauvegarde quotidienne")
    expect(page.get_by_label("Nom du bureau 1")).to_have_value("Comptabilité")
    expect(page.get_by_label("Sauvegarde quotidienne")).to_have_value("1")
