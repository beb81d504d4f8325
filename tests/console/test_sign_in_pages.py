"""Signing in and out, and the forgotten password, through the console (ACC-3)."""

import pytest

from tests.fakes.accounts import PASSWORD, a_consumer, an_operator, consumer_form, links_in
from tests.fakes.browsing import Browsing
from tests.fakes.world import CONSOLE_URL

EMAIL = consumer_form()["email"]
NEW = "douze hiboux sans lunettes"


@pytest.fixture
def console(browsing: Browsing) -> Browsing:
    """A console where Camille has an account."""
    a_consumer(browsing.world)
    return browsing


def sign_in(console: Browsing, **changed: str) -> Browsing:
    return console.post("/sign-in", {"email": EMAIL, "password": PASSWORD, **changed})


@pytest.mark.contract("ACC-3")
def test_the_session_cookie_is_this_hosts_alone_and_new_each_time(console: Browsing) -> None:
    sign_in(console)
    first = console.cookies["__Host-session"]
    cookie = next(one for one in console.headers["Set-Cookie"] if "session=" in one)
    for part in ("__Host-", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"):
        assert part in cookie

    sign_in(console)
    assert console.cookies["__Host-session"] != first
    # and the one this browser had before is worth nothing any more
    assert console.world.services.accounts.sign_in.resolve(first) is None


@pytest.mark.contract("ACC-3")
def test_unknown_wrong_and_right_before_verification_get_the_same_page(console: Browsing) -> None:
    pages = set()
    for email, password in [(EMAIL, "faux"), ("inconnu@courriel.example", PASSWORD)]:
        sign_in(console, email=email, password=password)
        assert console.status == 422
        pages.add(console.text.replace(email, "…"))
        assert "__Host-session" not in console.cookies
    assert len(pages) == 1
    assert PASSWORD not in pages.pop()


@pytest.mark.contract("ACC-3")
def test_tries_are_limited_and_the_page_says_when_to_come_back(console: Browsing) -> None:
    for _ in range(5):
        sign_in(console, password="faux")
    sign_in(console)

    assert (console.status, "Réessayez dans 60 secondes" in console.text) == (422, True)


@pytest.mark.contract("ACC-3")
def test_signing_in_leads_where_the_visitor_was_heading_on_this_site_only(
    console: Browsing,
) -> None:
    console.get("/account/security")
    assert (console.status, console.location) == (303, "/sign-in?next=/account/security")
    assert 'name="next" value="/account/security"' in console.follow().text
    assert sign_in(console, next="/account/security").location == "/account/security"
    console.post("/sign-out")
    for elsewhere in ("//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y"):
        assert sign_in(console, next=elsewhere).location == "/"
        console.post("/sign-out")


@pytest.mark.contract("ACC-3")
def test_signing_out_ends_the_session_itself(console: Browsing) -> None:
    sign_in(console)
    stolen = console.cookies["__Host-session"]
    console.post("/sign-out")
    assert "__Host-session" not in console.cookies

    console.cookies["__Host-session"] = stolen
    assert console.get("/account").status == 303


@pytest.mark.contract("ACC-3")
def test_a_forgotten_password_is_replaced_by_the_mailed_link(console: Browsing) -> None:
    # Given the same answer for both addresses
    for email in ("inconnu@courriel.example", EMAIL):
        console.post("/forgotten-password", {"email": email})
        assert console.location == "/forgotten-password/sent"
    assert console.follow().status == 200
    console.world.pump()
    [mail] = [one for one in console.world.mails.to(EMAIL) if "mot de passe" in one["Subject"]]
    [link] = [one for one in links_in(console.world.mails.text_of(mail)) if "/reset" in one]
    path = link.removeprefix(CONSOLE_URL)
    # When a weak one is chosen, the page says so; when a good one is, it is set
    assert EMAIL in console.get(path).text
    console.post(path, {"password": "court"})
    assert (console.status, 'id="password-error"' in console.text) == (422, True)
    assert console.post(path, {"password": NEW}).location == "/sign-in?changed=yes"
    # Then the link is spent, the new password signs in, a mail says it changed
    assert console.get(path).status == 410
    assert console.post(path, {"password": NEW}).status == 410
    assert 'action="/forgotten-password"' in console.text
    assert sign_in(console, password=NEW).status == 303
    console.world.pump()
    assert "a changé" in str(console.world.mails.to(EMAIL)[-1]["Subject"])


def test_an_operator_signs_in_to_the_back_office(console: Browsing) -> None:
    operator = an_operator(console.world)
    sign_in(console, email=operator.email)

    assert console.follow().location == "/operator/today"
    assert console.get("/operator/security").status == 200
    assert console.get("/account/security").status == 404
