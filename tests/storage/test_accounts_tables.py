"""Accounts, sessions and legal documents on the real table adapter, where conditions are tried."""

import threading
from collections.abc import Callable

import pytest

from chalicelib.accounts.access.attempts import TooManyAttempts
from chalicelib.accounts.access.sign_in import SignInRefusedError
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.messages import Queue
from tests.fakes.accounts import (
    PASSWORD,
    a_consumer,
    an_account,
    an_operator,
    consumer_form,
    registration,
    with_documents,
)
from tests.fakes.world import World
from tests.storage.conftest import make_tables

EMAIL = consumer_form()["email"]


@pytest.fixture
def stored(access: AwsAccess) -> World:
    """A world whose tables are DynamoDB's."""
    world = World()
    vars(world.adapters)["tables"] = make_tables(access, "accounts", "legal", "journal", "outbox")
    return world


def all_at_once(count: int, act: Callable[[int], None]) -> None:
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.contract("ACC-1", "ACC-2", "ACC-3")
def test_a_registration_is_read_back_as_it_was_written(stored: World) -> None:
    account, owner = a_consumer(stored, vat_number="")
    services = stored.services

    assert services.accounts.service.all_accounts() == [account]
    assert services.accounts.service.users_of(account.id) == [owner]
    assert {one.kind for one in services.legal.acceptances.of_account(account.id)} == {
        "cgv",
        "charter",
    }
    assert services.base.journal.verify(account.id) is None
    assert services.legal.documents.all_kinds()[:2] == ["cgv", "charter"]
    assert an_operator(stored).account_id is None


@pytest.mark.contract("ACC-1", "ACC-3")
def test_simultaneous_registrations_of_an_address_open_one_account(stored: World) -> None:
    with_documents(stored)
    form = registration(consumer_form())

    all_at_once(4, lambda number: stored.services.accounts.service.register(form) and None)

    assert len(stored.services.accounts.service.all_accounts()) == 1
    sent = [message.body["template"] for message in stored.adapters.queues.of(Queue.MAIL)]
    assert sent.count("verify_email") == 1


@pytest.mark.contract("ACC-3")
def test_simultaneous_wrong_tries_get_no_more_than_the_bucket_holds(stored: World) -> None:
    a_consumer(stored)
    answers: list[type] = []

    def guess(number: int) -> None:
        try:
            stored.services.accounts.sign_in.sign_in(EMAIL, f"faux {number}", "203.0.113.7")
        except (SignInRefusedError, TooManyAttempts) as refused:
            answers.append(type(refused))

    all_at_once(8, guess)

    assert len(answers) == 8
    assert answers.count(SignInRefusedError) <= 5


@pytest.mark.contract("ACC-3")
def test_a_session_lives_is_listed_and_ended_for_good(stored: World) -> None:
    a_consumer(stored)
    service = stored.services.accounts.sign_in
    token = service.sign_in(EMAIL, PASSWORD, "203.0.113.7", browser="Navigateur")
    stored.clock.advance(minutes=5)
    visitor = service.resolve(token)
    assert visitor
    [session] = service.sessions_of(visitor.user)
    assert (session.browser, session.seen_at) == ("Navigateur", stored.clock.now())
    # When it is ended while another request still holds it, then it does not come back
    service.sign_out(token)
    with pytest.raises(ConflictError):
        stored.services.base.work.commit(service.access.save_session(session))
    assert service.resolve(token) is None


@pytest.mark.contract("OPS-1")
def test_accounts_are_found_by_name_and_address_page_by_page(stored: World) -> None:
    for number in range(4):
        an_account(stored, legal_name=f"Client {number}", email=f"c{number}@lumen.example")
    store = stored.services.accounts.service.store
    first = list(store.named("client", "", 3))
    rest = list(store.named("client", first[-1][0], 3))

    assert [place.split("#")[0] for place, _ in first + rest] == [f"client {n}" for n in range(4)]
    assert [place for place, _ in store.mailed("c", "c1@lumen.example", 9)] == [
        "c2@lumen.example",
        "c3@lumen.example",
    ]
    ids = sorted(account.id for account in stored.services.accounts.service.all_accounts())
    assert [one.id for one in stored.services.accounts.service.all_accounts(after=ids[1])] == ids[
        2:
    ]
