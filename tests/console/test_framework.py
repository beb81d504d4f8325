"""What every page goes through: form tokens, origins, headers, languages, errors."""

import re

import pytest

from tests.fakes.accounts import an_account, signed_in
from tests.fakes.browsing import FORM, Browsing
from tests.fakes.world import CONSOLE_URL, World

HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "Strict-Transport-Security": "max-age=",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def has_security_headers(browsing: Browsing) -> bool:
    return all(text in browsing.headers.get(name, "") for name, text in HEADERS.items())


def test_a_style_sheet_is_served_and_cached_by_its_content(browsing: Browsing) -> None:
    (link,) = re.findall(r'"[^"]*(/static/app.css[?]v=\w+)"', browsing.get("/legal-notice").text)
    browsing.get(link)
    assert browsing.status == 200
    assert browsing.headers["Content-Type"].startswith("text/css")
    assert "immutable" in browsing.headers["Cache-Control"]
    assert has_security_headers(browsing)


@pytest.mark.parametrize("asked", ["", "?v=", "?v=123456789abc", "?v=123"])
def test_the_content_of_another_release_is_not_kept_for_ever(
    browsing: Browsing, asked: str
) -> None:
    """A page of the release before must not have this one's file kept under its own address."""
    browsing.get(f"/static/app.css{asked}")
    assert browsing.status == 200
    assert browsing.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.contract("CON-1")
def test_what_breaks_has_a_page_that_needs_no_database_and_a_reference(
    world: World, browsing: Browsing
) -> None:
    # Given a signed-in client, when the tables answer nobody any more
    _, user = an_account(world)
    signed_in(browsing, user)
    browsing.cookies["__Host-language"] = "en"
    tables = world.adapters.tables
    tables.down = True
    # When they open a page
    browsing.get("/dashboard")
    tables.down = False
    # Then it says so in their language, with what the logs can be searched for
    assert browsing.status == 500
    assert "Something went wrong" in browsing.text
    assert re.search(r'<p class="code">[\w-]{8,}</p>', browsing.text)
    assert has_security_headers(browsing)


def test_a_font_reaches_a_browser_whole(browsing: Browsing) -> None:
    browsing.get("/static/vendor/inter-latin.woff2", Accept="*/*")
    assert browsing.response.body.startswith(b"wOF2")


@pytest.mark.parametrize("name", ["nothing.css", "..%2Fapplication.py", "application.py"])
def test_only_known_files_are_served(browsing: Browsing, name: str) -> None:
    browsing.get(f"/static/{name}")
    assert browsing.status == 404
    assert "Page introuvable" in browsing.text
    assert has_security_headers(browsing)


def test_a_form_without_our_token_is_refused(browsing: Browsing) -> None:
    browsing.post_raw("/language", {"language": "en"})
    assert browsing.status == 403
    assert "omny-language" not in browsing.cookies
    assert has_security_headers(browsing)


def test_a_form_with_the_token_of_another_browser_is_refused(browsing: Browsing) -> None:
    token = browsing.token()
    browsing.cookies.clear()
    browsing.post_raw("/language", {"language": "en", "csrf_token": token})
    assert browsing.status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://console.example.com"])
def test_a_form_sent_from_another_site_is_refused(browsing: Browsing, origin: str) -> None:
    browsing.post("/language", {"language": "en"}, Origin=origin)
    assert browsing.status == 403
    assert "__Host-language" not in browsing.cookies


def test_a_form_without_origin_is_judged_by_its_referer(browsing: Browsing) -> None:
    browsing.post("/language", {"language": "en"}, Origin="", Referer=f"{CONSOLE_URL}/legal-notice")
    assert browsing.status == 303
    browsing.post("/language", {"language": "en"}, Origin="", Referer="")
    assert browsing.status == 403


@pytest.mark.contract("CON-1")
def test_the_language_chosen_stays_and_the_browser_goes_back(browsing: Browsing) -> None:
    browsing.get("/legal-notice")
    assert 'lang="fr"' in browsing.text
    browsing.post("/language", {"language": "en", "back": "/legal-notice"})
    assert (browsing.status, browsing.location) == (303, "/legal-notice")
    browsing.follow()
    assert '<html lang="en">' in browsing.text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_going_back_never_leaves_the_console(browsing: Browsing, back: str) -> None:
    browsing.post("/language", {"language": "en", "back": back})
    assert browsing.location == "/"


def test_cookies_are_for_this_host_alone_and_not_for_scripts(browsing: Browsing) -> None:
    browsing.get("/legal-notice")
    sent = browsing.response.headers["Set-Cookie"]
    for cookie in [sent] if isinstance(sent, str) else sent:
        assert cookie.startswith("__Host-")
        for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert attribute in cookie


def test_a_method_or_type_we_do_not_know_gets_a_page(browsing: Browsing) -> None:
    browsing.post_raw("/legal-notice", {})
    assert browsing.status == 405
    assert "text/html" in browsing.headers["Content-Type"]
    assert has_security_headers(browsing)

    browsing.response = browsing._client.http.post(
        "/language", headers={"Content-Type": "application/xml"}, body=b"<a/>"
    )
    assert browsing.status == 415
    assert "text/html" in browsing.headers["Content-Type"]
    assert has_security_headers(browsing)


def test_a_form_that_cannot_be_read_is_refused(browsing: Browsing) -> None:
    browsing.get("/legal-notice")
    browsing.response = browsing._client.http.post(
        "/language",
        headers={"Content-Type": FORM, "Origin": CONSOLE_URL},
        body=b"&".join(b"a=1" for _ in range(500)),
    )
    assert browsing.status == 409
    assert "pas pu être lu" in browsing.text


def test_a_stranger_is_asked_to_sign_in_and_comes_back(browsing: Browsing) -> None:
    browsing.get("/desktops")
    assert (browsing.status, browsing.location) == (303, "/sign-in?next=/desktops")
