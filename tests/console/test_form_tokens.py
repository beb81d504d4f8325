"""A form's token serves the session it was shown to, and no other (ACC-3, CON-1)."""

import pytest

from tests.fakes.accounts import a_consumer, an_account, signed_in
from tests.fakes.browsing import Browsing

SESSION = "__Host-session"


def sent_with(browsing: Browsing, token: str) -> int:
    """Post a small form with a token; tell the status."""
    return browsing.post_raw("/language", {"language": "en", "csrf_token": token}).status


@pytest.mark.contract("ACC-3")
def test_the_token_of_another_session_of_the_same_browser_is_refused(browsing: Browsing) -> None:
    # Given a browser in which a first person is signed in, and the token of a page shown to them
    _, first = an_account(browsing.world)
    _, second = a_consumer(browsing.world)
    signed_in(browsing, first)
    token = browsing.token()
    kept = browsing.cookies["__Host-browser"]
    # When somebody else signs in there, the cookie of the browser staying the same
    signed_in(browsing, second)
    assert browsing.get("/account").status == 200
    assert browsing.cookies["__Host-browser"] == kept
    # Then the form of the former page is refused, and one of a new page is taken
    assert sent_with(browsing, token) == 403
    assert sent_with(browsing, browsing.token()) == 303


@pytest.mark.contract("ACC-3")
def test_the_token_shown_before_signing_in_or_after_signing_out_is_refused(
    browsing: Browsing,
) -> None:
    _, owner = an_account(browsing.world)
    stranger = browsing.token()
    signed_in(browsing, owner)
    assert sent_with(browsing, stranger) == 403
    of_the_session = browsing.token()
    assert sent_with(browsing, of_the_session) == 303
    del browsing.cookies[SESSION]
    assert sent_with(browsing, of_the_session) == 403
