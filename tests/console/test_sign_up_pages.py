"""Registration and address verification through the console (ACC-1, ACC-2, ACC-3)."""

import re

import pytest

from tests.fakes.accounts import a_consumer, company_form, consumer_form, links_in, with_documents
from tests.fakes.browsing import Browsing
from tests.fakes.world import CONSOLE_URL

EMAIL = consumer_form()["email"]


@pytest.fixture
def console(browsing: Browsing) -> Browsing:
    """A console whose legal documents are published."""
    with_documents(browsing.world)
    return browsing


def mailed_path(console: Browsing, to: str = EMAIL) -> str:
    """Follow the pump, then read our link in the last mail received."""
    console.world.pump()
    text = console.world.mails.text_of(console.world.mails.to(to)[-1])
    [link] = [one for one in links_in(text) if one.startswith(CONSOLE_URL + "/verify")]
    return link.removeprefix(CONSOLE_URL)


@pytest.mark.contract("ACC-1", "ACC-2", "ACC-3")
@pytest.mark.parametrize("form", [consumer_form(), company_form()], ids=["person", "company"])
def test_a_newcomer_signs_up_verifies_and_signs_in(console: Browsing, form: dict[str, str]) -> None:
    # Given the form, sent
    assert console.get("/sign-up").status == 200
    console.post("/sign-up", {**form, "cgv_version": "1", "charter_version": "1"})
    assert (console.status, console.location) == (303, "/sign-up/sent")
    assert "messagerie" in console.follow().title
    # When the mailed link is opened, it changes nothing until its button is pressed
    path = mailed_path(console, form["email"])
    for _ in range(2):
        assert form["email"] in console.get(path).text
    console.post(path)
    assert "vérifiée" in console.follow().text
    # Then the newcomer signs in
    console.post("/sign-in", {"email": form["email"], "password": form["password"]})
    assert (console.status, console.location) == (303, "/")
    assert console.get("/account").status == 200


@pytest.mark.contract("ACC-1")
@pytest.mark.parametrize(
    ("kind", "shown", "hidden"),
    [
        ("company", "legal_name", "full_age"),
        ("sole_trader", "siren", "legal_name"),
        ("consumer", "full_age", "siren"),
        ("elephant", "legal_name", "full_age"),
    ],
)
def test_the_form_asks_what_the_kind_of_client_must_declare(
    console: Browsing, kind: str, shown: str, hidden: str
) -> None:
    console.get(f"/sign-up?kind={kind}")

    assert f'name="{shown}"' in console.text
    assert f'name="{hidden}"' not in console.text


@pytest.mark.contract("ACC-2")
def test_marketing_is_a_third_box_left_unticked(console: Browsing) -> None:
    console.get("/sign-up?kind=consumer")

    boxes = re.findall(r'<input class="form-check-input"[^>]*>', console.text)
    assert [re.search(r'name="(\w+)"', box).group(1) for box in boxes] == [  # type: ignore[union-attr]
        *("full_age", "on_honour", "cgv", "charter", "marketing"),
    ]
    assert not any(" checked" in box for box in boxes)
    assert "required" not in boxes[-1]


@pytest.mark.contract("ACC-1")
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(
    console: Browsing,
) -> None:
    # Given a company's form with three mistakes
    wrong = {"siren": "443061842", "postal_code": "", "cgv": "", "line2": '"><script>'}
    # When it is sent
    console.post("/sign-up", company_form(**wrong))
    # Then each is named, all is kept but the password, nothing is created
    assert console.status == 422
    for name in ("siren", "postal_code", "cgv"):
        assert f'id="{name}-error"' in console.text
    assert 'id="email-error"' not in console.text
    assert 'value="Atelier Lumen"' in console.text
    assert 'value="&#34;&gt;&lt;script&gt;"' in console.text
    assert company_form()["password"] not in console.text
    assert console.world.services.accounts.service.all_accounts() == []


@pytest.mark.contract("ACC-3")
def test_a_known_address_gets_the_same_page_and_a_mail_of_its_own(console: Browsing) -> None:
    a_consumer(console.world)
    console.post("/sign-up", company_form(email="neuf@lumen.example"))
    unknown = (console.status, console.location)

    console.post("/sign-up", company_form(email=EMAIL))

    assert (console.status, console.location) == unknown
    console.world.pump()
    assert "déjà" in str(console.world.mails.to(EMAIL)[-1]["Subject"])


@pytest.mark.contract("ACC-3")
def test_a_wrong_or_used_link_says_so_and_offers_a_new_one(console: Browsing) -> None:
    console.post("/sign-up", consumer_form())
    path = mailed_path(console)
    console.post(path)
    for link in (path, "/verify-email/wrong"):
        for _ in (console.get(link), console.post(link)):
            assert console.status == 410
            assert 'action="/verify-email"' in console.text


@pytest.mark.contract("ACC-3")
def test_a_new_link_is_offered_to_known_and_unknown_addresses_alike(console: Browsing) -> None:
    console.post("/sign-up", consumer_form())
    answers = set()
    for email in (EMAIL, "inconnu@courriel.example"):
        console.post("/verify-email", {"email": email})
        answers.add((console.status, console.location))
    assert answers == {(303, "/sign-up/sent")}
    assert console.post(mailed_path(console)).location == "/sign-in?verified=yes"
    console.post("/verify-email", {"email": "pas une adresse"})
    assert (console.status, 'id="email-error"' in console.text) == (422, True)


@pytest.mark.contract("ACC-3")
def test_a_robot_is_slowed_down(console: Browsing) -> None:
    for _ in range(5):
        console.post("/verify-email", {"email": EMAIL})
    console.post("/verify-email", {"email": EMAIL})

    assert console.status == 422
    assert "Réessayez dans" in console.text


def test_the_pages_exist_in_english(console: Browsing) -> None:
    console.get("/sign-up", **{"Accept-Language": "en"})

    assert '<html lang="en">' in console.text
    assert "France" in console.text
