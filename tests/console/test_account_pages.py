"""The account, its password and its sessions, through the console (ACC-3, ACC-4)."""

import re

import pytest

from chalicelib.accounts.clients.account import Role
from tests.fakes.accounts import PASSWORD, a_user, an_account, signed_in
from tests.fakes.browsing import Browsing

NEW = "douze hiboux sans lunettes"


@pytest.mark.contract("ACC-4")
@pytest.mark.parametrize(
    ("role", "sees_client", "sees_users"),
    [
        (Role.OWNER, True, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.BILLING, True, False),
        (Role.USER, False, False),
    ],
)
def test_each_role_sees_its_part_of_the_account(
    browsing: Browsing, role: Role, sees_client: bool, sees_users: bool
) -> None:
    account, owner = an_account(browsing.world)
    user = owner if role is Role.OWNER else a_user(browsing.world, account, role, "s@lumen.example")
    signed_in(browsing, user)

    browsing.get("/account")

    assert browsing.status == 200
    assert ("900 000 019" in browsing.text) is sees_client
    assert ('<th scope="col">Rôle' in browsing.text) is sees_users
    assert user.email in browsing.text


@pytest.mark.contract("ACC-2")
def test_the_account_shows_what_was_accepted(browsing: Browsing) -> None:
    _, owner = an_account(browsing.world)
    signed_in(browsing, owner)

    browsing.get("/account")

    assert "/legal/cgv/1" in browsing.text
    assert "/legal/charter/1" in browsing.text


@pytest.mark.contract("ACC-3")
def test_the_password_is_changed_and_this_browser_alone_stays_signed_in(
    browsing: Browsing,
) -> None:
    # Given two browsers of one user
    _, owner = an_account(browsing.world)
    signed_in(browsing, owner)
    elsewhere = browsing.world.services.accounts.sign_in.sign_in(
        owner.email, PASSWORD, "198.51.100.1"
    )
    # When a wrong, then the right password is given
    browsing.post("/account/security/password", {"current_password": "faux", "new_password": NEW})
    assert (browsing.status, 'id="current_password-error"' in browsing.text) == (422, True)
    browsing.post("/account/security/password", {"current_password": PASSWORD, "new_password": NEW})
    # Then it is changed
    assert browsing.location == "/account/security?changed=yes"
    assert "est changé" in browsing.follow().text
    assert browsing.world.services.accounts.sign_in.resolve(elsewhere) is None


@pytest.mark.contract("ACC-3")
def test_sessions_are_listed_and_ended(browsing: Browsing) -> None:
    # Given a session here and one elsewhere
    account, owner = an_account(browsing.world)
    other = a_user(browsing.world, account, Role.USER, "s@lumen.example")
    sign_in = browsing.world.services.accounts.sign_in
    elsewhere = sign_in.sign_in(owner.email, PASSWORD, "198.51.100.1", browser="Navigateur <b>")
    anothers = sign_in.sign_in(other.email, PASSWORD, "198.51.100.2")
    signed_in(browsing, owner)
    browsing.get("/account/security")
    assert "Navigateur &lt;b&gt;" in browsing.text
    [listed] = re.findall(r'name="session" value="([0-9a-f]{64})"', browsing.text)
    # When the other is ended, then it alone is
    browsing.post("/account/security/end", {"session": listed})
    assert sign_in.resolve(elsewhere) is None
    assert browsing.follow().status == 200
    # When somebody else's is named, it is unknown and stays
    found = sign_in.resolve(anothers)
    assert found
    browsing.post("/account/security/end", {"session": found.session_id})
    assert browsing.status == 404
    assert sign_in.resolve(anothers)
    # When all are ended, so is this one
    browsing.post("/account/security/end-all")
    assert browsing.location == "/sign-in"
    assert browsing.get("/account").status == 303
