"""Signing in, staying signed in, and getting a lost password back (ACC-3)."""

import pytest

from chalicelib.accounts.access.attempts import TooManyAttempts
from chalicelib.accounts.access.mail_links import LinkError
from chalicelib.accounts.access.sign_in import SignInRefusedError, Visitor
from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.foundation.messages import Queue
from tests.fakes.accounts import (
    PASSWORD,
    a_consumer,
    an_account,
    an_operator,
    consumer_form,
    registration,
    token_mailed,
    with_documents,
)
from tests.fakes.world import World

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
NEW = "douze hiboux sans lunettes"
EMAIL = consumer_form()["email"]


@pytest.fixture
def camille(world: World) -> World:
    """A world where Camille has a verified account."""
    a_consumer(world)
    return world


def sign_in(world: World, password: str = PASSWORD, email: str = EMAIL, at: str = HOME) -> str:
    return world.services.accounts.sign_in.sign_in(email, password, at)


def visitor(world: World, token: str) -> Visitor:
    found = world.services.accounts.sign_in.resolve(token)
    assert found
    return found


@pytest.mark.contract("ACC-3")
def test_each_sign_in_is_a_new_session_stored_as_a_digest(camille: World) -> None:
    first, second = sign_in(camille), sign_in(camille, email=" " + EMAIL.upper())

    assert first != second
    assert len(first) >= 22  # 128 bits in base 64
    assert visitor(camille, first).user.email == EMAIL
    assert visitor(camille, first).account == visitor(camille, second).account
    stored = str(camille.adapters.tables.contents())
    assert first not in stored
    assert PASSWORD not in stored


@pytest.mark.contract("ACC-1", "ACC-3")
def test_an_international_address_signs_in_as_it_signed_up(world: World) -> None:
    # Given a client whose domain is written with an umlaut
    typed = "nom@münchen.example"
    a_consumer(world, email=typed)
    # Then they sign in with it, in either of its forms, and get a forgotten password back
    for written in (typed, "NOM@MÜNCHEN.example", "nom@xn--mnchen-3ya.example"):
        assert visitor(world, sign_in(world, email=written)).user.is_verified
    world.services.accounts.sign_in.request_password_reset(typed)
    assert token_mailed(world, "reset_password", "nom@xn--mnchen-3ya.example")


@pytest.mark.contract("ACC-3")
def test_unknown_wrong_and_unverified_get_the_same_answer_and_the_same_work(world: World) -> None:
    # Given one verified client and one who has not followed the link
    a_consumer(world)
    world.services.accounts.service.register(
        registration(consumer_form(email="neuf@courriel.example"))
    )
    answers, checked = set(), set()
    for email, password in [
        (EMAIL, "une girafe ponctuelle"),
        ("inconnu@courriel.example", PASSWORD),
        ("neuf@courriel.example", PASSWORD),
        ("x" * 2_000_000, PASSWORD),
        ("", ""),
    ]:
        # When each tries
        before = world.adapters.passwords.verified
        with pytest.raises(SignInRefusedError) as refused:
            sign_in(world, password, email)
        answers.add((refused.value.message, str(refused.value.values)))
        checked.add(world.adapters.passwords.verified - before)
    # Then nothing tells them apart, and one password was verified each time
    assert len(answers) == 1
    assert checked == {1}


@pytest.mark.contract("ACC-3")
def test_tries_are_counted_before_hashing_and_the_right_password_must_wait_too(
    camille: World,
) -> None:
    # Given five wrong tries
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            sign_in(camille, "faux")
    hashed = camille.adapters.passwords.verified
    # When a sixth comes, then nothing is hashed, even for the right password
    with pytest.raises(TooManyAttempts) as refused:
        sign_in(camille)
    assert camille.adapters.passwords.verified == hashed
    assert refused.value.retry_at > camille.clock.now()
    # A minute later it may
    camille.clock.advance(minutes=1)
    assert sign_in(camille)


@pytest.mark.contract("ACC-3")
def test_a_stranger_who_tries_without_end_does_not_keep_the_user_out(camille: World) -> None:
    # Given somebody elsewhere who tries Camille's address all day long
    for _ in range(200):
        with pytest.raises((SignInRefusedError, TooManyAttempts)):
            sign_in(camille, "faux", at=ELSEWHERE)
        camille.clock.advance(seconds=15)
    # Then Camille signs in as ever
    assert sign_in(camille, at=HOME)


@pytest.mark.contract("ACC-3")
def test_an_account_is_not_guessed_from_many_places_together(camille: World) -> None:
    # Given wrong tries from a hundred places
    for number in range(100):
        with pytest.raises(SignInRefusedError):
            sign_in(camille, "faux", at=f"198.51.100.{number}")
    # When one more comes from yet another, then it must wait
    with pytest.raises(TooManyAttempts):
        sign_in(camille, "faux", at="192.0.2.1")


@pytest.mark.contract("ACC-3")
def test_the_addresses_of_one_network_are_one_place(camille: World) -> None:
    # Given a machine that tries from one address after another of its IPv6 network
    for number in range(20):
        with pytest.raises(SignInRefusedError):
            sign_in(
                camille, "faux", f"inconnu{number}@courriel.example", f"2001:db8:1:2::{number:x}"
            )
    # When it goes on from another one, then it must wait; the neighbour need not
    with pytest.raises(TooManyAttempts):
        sign_in(camille, at="2001:db8:1:2:ffff::1")
    assert sign_in(camille, at="2001:db8:1:3::1")


@pytest.mark.contract("ACC-3")
def test_one_place_cannot_try_many_accounts(camille: World) -> None:
    for number in range(20):
        with pytest.raises(SignInRefusedError):
            sign_in(camille, "faux", f"inconnu{number}@courriel.example", ELSEWHERE)

    with pytest.raises(TooManyAttempts):
        sign_in(camille, at=ELSEWHERE)
    assert sign_in(camille, at=HOME)


def test_signing_in_rightly_is_never_limited(camille: World) -> None:
    assert len({sign_in(camille) for _ in range(30)}) == 30


@pytest.mark.contract("ACC-3")
def test_a_session_ends_after_half_an_hour_idle(camille: World) -> None:
    token = sign_in(camille)
    camille.clock.advance(minutes=29, seconds=59)
    assert visitor(camille, token)
    camille.clock.advance(minutes=29, seconds=59)
    assert visitor(camille, token)
    camille.clock.advance(minutes=30)
    assert camille.services.accounts.sign_in.resolve(token) is None


@pytest.mark.contract("ACC-3")
def test_a_session_ends_after_twelve_hours_however_busy(camille: World) -> None:
    token = sign_in(camille)
    for _ in range(71):
        camille.clock.advance(minutes=10)
        assert visitor(camille, token)
    camille.clock.advance(minutes=10)

    assert camille.services.accounts.sign_in.resolve(token) is None


def test_the_last_use_is_written_once_a_minute_at_most(camille: World) -> None:
    token = sign_in(camille)
    before = camille.adapters.tables.commits
    for _ in range(59):
        camille.clock.advance(seconds=1)
        visitor(camille, token)
    assert camille.adapters.tables.commits == before
    camille.clock.advance(seconds=1)
    visitor(camille, token)
    assert camille.adapters.tables.commits == before + 1


@pytest.mark.contract("ACC-3")
def test_signing_out_ends_that_session_and_a_late_use_does_not_bring_it_back(
    camille: World,
) -> None:
    # Given two sessions, one of which is read, then ended before its use is written
    token, other = sign_in(camille), sign_in(camille)
    camille.clock.advance(minutes=5)
    access = camille.services.accounts.sign_in.access
    read = access.session(visitor(camille, token).session_id)
    assert read
    camille.services.accounts.sign_in.sign_out(token)
    camille.services.accounts.sign_in.sign_out(token)
    # Then it is gone for good, the other is not
    assert camille.services.accounts.sign_in.resolve(token) is None
    with pytest.raises(Exception, match="SESSION"):
        camille.services.base.work.commit(access.save_session(read))
    assert visitor(camille, other)


@pytest.mark.contract("ACC-3")
def test_sessions_are_listed_and_ended_one_by_one_or_all_at_once(camille: World) -> None:
    service = camille.services.accounts.sign_in
    tokens = [sign_in(camille) for _ in range(3)]
    user = visitor(camille, tokens[0]).user
    assert len(service.sessions_of(user)) == 3
    # When one is ended, then two are left
    service.end_session(user, visitor(camille, tokens[1]).session_id)
    assert [service.resolve(token) is not None for token in tokens] == [True, False, True]
    # When all are, then none
    service.sign_out_everywhere(user.id)
    assert [service.resolve(token) for token in tokens] == [None, None, None]


@pytest.mark.contract("ACC-3")
def test_nobody_ends_the_session_of_another(camille: World) -> None:
    _, other = an_account(camille)
    token = sign_in(camille)

    with pytest.raises(NotFoundError):
        camille.services.accounts.sign_in.end_session(other, visitor(camille, token).session_id)
    assert visitor(camille, token)


@pytest.mark.contract("ACC-3")
def test_a_forgotten_password_is_replaced_by_a_mailed_link(camille: World) -> None:
    service = camille.services.accounts.sign_in
    # Given an open session and two links asked for
    session = sign_in(camille)
    service.request_password_reset(EMAIL)
    older = token_mailed(camille, "reset_password", EMAIL)
    service.request_password_reset(EMAIL.upper())
    token = token_mailed(camille, "reset_password", EMAIL)
    # When a weak password is chosen, the link still serves
    with pytest.raises(FieldErrors):
        service.reset_password(token, "court")
    service.reset_password(token, NEW)
    # Then only the new password signs in, the session ended, and no link serves any more
    assert service.resolve(session) is None
    with pytest.raises(SignInRefusedError):
        sign_in(camille)
    assert sign_in(camille, NEW)
    for spent in (token, older):
        with pytest.raises(LinkError):
            service.reset_password(spent, PASSWORD)
    templates = [message.body["template"] for message in camille.adapters.queues.of(Queue.MAIL)]
    assert templates[-1] == "password_changed"


@pytest.mark.contract("ACC-3")
def test_a_reset_link_lasts_half_an_hour(camille: World) -> None:
    camille.services.accounts.sign_in.request_password_reset(EMAIL)
    token = token_mailed(camille, "reset_password", EMAIL)
    camille.clock.advance(minutes=30)

    with pytest.raises(LinkError, match="expiré"):
        camille.services.accounts.sign_in.reset_password(token, NEW)


@pytest.mark.contract("ACC-3")
def test_a_reset_proves_the_address_and_voids_the_password_of_whoever_registered_it(
    world: World,
) -> None:
    # Given somebody who registered Camille's address with a password of their own
    with_documents(world)
    world.services.accounts.service.register(registration(consumer_form(password=NEW)))
    verify = token_mailed(world, "verify_email", EMAIL)
    # When Camille takes the mailbox's word for it
    world.services.accounts.sign_in.request_password_reset(EMAIL)
    world.services.accounts.sign_in.reset_password(
        token_mailed(world, "reset_password", EMAIL), PASSWORD
    )
    # Then Camille signs in, they do not, and the first link verifies nothing
    assert sign_in(world)
    with pytest.raises(SignInRefusedError):
        sign_in(world, NEW)
    with pytest.raises(LinkError):
        world.services.accounts.service.verify_email(verify)


@pytest.mark.contract("ACC-3")
def test_changing_the_password_keeps_this_browser_signed_in_alone(camille: World) -> None:
    service = camille.services.accounts.sign_in
    here, there = sign_in(camille), sign_in(camille)
    user = visitor(camille, here).user
    # When it is changed, after a wrong and a weak try
    with pytest.raises(FieldErrors) as wrong:
        service.change_password(user, "faux", NEW, HOME)
    with pytest.raises(FieldErrors) as weak:
        service.change_password(user, PASSWORD, "camille morel", HOME)
    assert (set(wrong.value.errors), set(weak.value.errors)) == (
        {"current_password"},
        {"new_password"},
    )
    token = service.change_password(user, PASSWORD, NEW, HOME)
    # Then this browser has a new session, the old ones ended
    assert visitor(camille, token).user.email == EMAIL
    assert (service.resolve(here), service.resolve(there)) == (None, None)
    assert camille.services.base.journal.verify(str(user.account_id)) is None


@pytest.mark.contract("ACC-3")
def test_an_unknown_address_is_mailed_nothing(camille: World) -> None:
    before = len(camille.adapters.queues.of(Queue.MAIL))

    camille.services.accounts.sign_in.request_password_reset("inconnu@courriel.example")

    assert len(camille.adapters.queues.of(Queue.MAIL)) == before


def test_an_outdated_hash_is_made_again_at_sign_in(world: World) -> None:
    operator = an_operator(world)
    store, passwords = world.services.accounts.sign_in.accounts, world.adapters.passwords
    outdated = type(operator)(**{**vars(operator), "password_hash": "old", "version": 1})
    world.services.base.work.commit(store.save_user(outdated))
    passwords.matches = lambda stored, password: True  # type: ignore[method-assign]

    world.services.accounts.sign_in.sign_in(operator.email, PASSWORD, HOME)

    assert world.services.accounts.service.user(operator.id).password_hash == passwords.hash(
        PASSWORD
    )
