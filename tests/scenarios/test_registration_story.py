"""A client registers, verifies the address, and what is kept of it (CGV art. 3, 4)."""

import threading
from datetime import date

import pytest

from chalicelib.accounts.access.mail_links import LinkError
from chalicelib.accounts.clients.account import PaymentMode, Role
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.messages import Queue
from tests.fakes.accounts import (
    PASSWORD,
    a_consumer,
    an_account,
    an_operator,
    company_form,
    consumer_form,
    registration,
    token_mailed,
    with_documents,
)
from tests.fakes.world import World

EMAIL = consumer_form()["email"]


@pytest.fixture
def registered(world: World) -> World:
    """A world where Camille has just sent the form."""
    with_documents(world)
    world.services.accounts.service.register(registration(consumer_form()))
    return world


def mails(world: World, to: str = EMAIL) -> list[str]:
    sent = world.adapters.queues.of(Queue.MAIL)
    return [message.body["template"] for message in sent if message.body["to"] == to]


@pytest.mark.contract("ACC-1", "ACC-2", "ACC-3")
def test_a_person_registers_and_verifies_the_address(registered: World) -> None:
    services = registered.services
    # Given the mailed link
    token = token_mailed(registered, "verify_email", EMAIL)
    # When it is opened, nothing changes; when it is confirmed, the address is verified
    assert not services.accounts.service.check_verification_link(token).is_verified
    user = services.accounts.service.verify_email(token)
    assert user.is_verified
    assert user.role is Role.OWNER
    # Then the account is there, and pays by card until an operator decides otherwise
    assert user.account_id
    account = services.accounts.service.account(user.account_id)
    assert (account.name, account.payment_mode) == ("Camille Morel", PaymentMode.CARD)
    assert services.accounts.service.users_of(account.id) == [
        services.accounts.service.user(user.id)
    ]


@pytest.mark.contract("ACC-2", "EVD-1")
def test_what_was_accepted_is_recorded_with_version_and_hash(world: World) -> None:
    # Given a registration with the marketing box ticked
    account, owner = a_consumer(world, marketing="yes")
    # Then CGV and charter are recorded apart, as in force that day
    documents = [
        world.services.legal.documents.in_force(kind, date(2026, 11, 5))
        for kind in ("cgv", "charter")
    ]
    accepted = world.services.legal.acceptances.of_account(account.id)
    assert sorted((one.kind, one.version, one.sha256) for one in accepted) == [
        document.reference for document in documents
    ]
    assert {one.user_id for one in accepted} == {owner.id}
    # And the journal says so too, with the marketing choice and the declaration
    first, second = world.services.base.journal.entries(account.id)
    assert (first.kind, second.kind) == ("account.registered", "user.email_verified")
    assert first.facts["accepted"] == [list(document.reference) for document in documents]
    assert (first.facts["marketing"], first.facts["declared_exact"]) == (True, True)
    assert "password" not in str(first.facts)
    assert world.services.base.journal.verify(account.id) is None


@pytest.mark.contract("ACC-2")
def test_a_version_published_since_the_page_was_shown_is_not_accepted_unseen(world: World) -> None:
    with_documents(world)
    form = consumer_form(cgv_version="0", charter_version="1")

    with pytest.raises(FieldErrors) as refused:
        world.services.accounts.service.register(registration(form))

    assert set(refused.value.errors) == {"cgv"}
    assert world.services.accounts.service.all_accounts() == []


@pytest.mark.contract("ACC-3")
def test_a_known_address_opens_nothing_and_its_holder_is_told(registered: World) -> None:
    # When somebody else registers with Camille's address
    registered.services.accounts.service.register(registration(company_form(email=EMAIL)))
    # Then there is still one account, and only the holder of the mailbox learns of it
    assert [one.name for one in registered.services.accounts.service.all_accounts()] == [
        "Camille Morel"
    ]
    assert mails(registered) == ["verify_email", "account_exists"]


@pytest.mark.contract("ACC-3")
@pytest.mark.parametrize("email", [EMAIL, "inconnu@courriel.example"])
def test_a_page_too_old_is_refused_for_known_and_unknown_addresses(
    registered: World, email: str
) -> None:
    # Given a form that names another version of the terms than the one in force
    form = registration(company_form(email=email, cgv_version="0"))
    # When it is posted, then it is refused whoever's address it is
    with pytest.raises(FieldErrors):
        registered.services.accounts.service.register(form)


@pytest.mark.contract("ACC-1", "ACC-3")
def test_two_simultaneous_registrations_of_an_address_open_one_account(world: World) -> None:
    with_documents(world)
    forms = [registration(consumer_form(last_name=f"Morel{name}")) for name in "abcdef"]
    gate = threading.Barrier(len(forms))

    def register(number: int) -> None:
        gate.wait()
        world.services.accounts.service.register(forms[number])

    threads = [threading.Thread(target=register, args=(number,)) for number in range(len(forms))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(world.services.accounts.service.all_accounts()) == 1
    assert sorted(mails(world)) == ["account_exists"] * 5 + ["verify_email"]


def test_mails_to_an_address_not_proved_say_nothing_that_its_visitor_typed(world: World) -> None:
    # Given somebody who opens an account with a stranger's address, and other words for a name
    with_documents(world)
    typed = {"legal_name": "Gagnez 900 sur piege.example", "first_name": "Visitez piege.example"}
    accounts = world.services.accounts.service
    accounts.register(registration(company_form(email=EMAIL, **typed)))
    # When they have every mail sent that a stranger can be sent
    accounts.resend_verification(EMAIL)
    accounts.register(registration(company_form(email=EMAIL)))
    world.services.accounts.sign_in.request_password_reset(EMAIL)
    world.pump()
    # Then none carries those words
    sent = [world.mails.text_of(each) for each in world.mails.to(EMAIL)]
    assert len(sent) == 4
    assert "piege.example" not in " ".join(sent)


@pytest.mark.contract("ACC-3")
def test_a_link_serves_once_and_for_a_day(registered: World) -> None:
    accounts = registered.services.accounts.service
    token = token_mailed(registered, "verify_email", EMAIL)
    # Given a link left for a day
    registered.clock.advance(hours=24)
    with pytest.raises(LinkError, match="expiré"):
        accounts.verify_email(token)
    # When a new one is asked for, then it serves, once
    accounts.resend_verification(EMAIL)
    newer = token_mailed(registered, "verify_email", EMAIL)
    assert newer != token
    accounts.verify_email(newer)
    with pytest.raises(LinkError, match="déjà servi"):
        accounts.verify_email(newer)


@pytest.mark.contract("ACC-3")
@pytest.mark.parametrize("token", ["", "x", "é" * 500])
def test_a_wrong_link_verifies_nobody(registered: World, token: str) -> None:
    with pytest.raises(LinkError, match="pas valable"):
        registered.services.accounts.service.verify_email(token)


@pytest.mark.contract("ACC-3")
def test_a_reset_link_does_not_verify_and_a_token_is_stored_as_a_digest(registered: World) -> None:
    registered.services.accounts.sign_in.request_password_reset(EMAIL)
    token = token_mailed(registered, "reset_password", EMAIL)

    with pytest.raises(LinkError):
        registered.services.accounts.service.verify_email(token)
    assert not any(token in key[1] for key in registered.adapters.tables.contents())


@pytest.mark.contract("ACC-3")
def test_a_new_link_for_an_unknown_address_is_never_mailed(registered: World) -> None:
    registered.services.accounts.service.resend_verification("inconnu@courriel.example")

    assert mails(registered, "inconnu@courriel.example") == []


@pytest.mark.contract("ACC-4")
def test_an_account_has_several_named_users_each_with_an_own_address(world: World) -> None:
    account, _ = an_account(world)
    add = world.services.accounts.service.add_user
    # When a colleague is added
    colleague = add(account.id, "Lea@lumen.example", "Léa Perrin", Role.USER, PASSWORD, by="system")
    assert (colleague.email, colleague.is_verified) == ("lea@lumen.example", True)
    # Then the address is taken, whatever its case, and no operator hides in an account
    with pytest.raises(DomainError, match="déjà"):
        add(account.id, "LEA@lumen.example", "Autre", Role.BILLING, PASSWORD, by="system")
    with pytest.raises(DomainError):
        add(account.id, "x@lumen.example", "Autre", Role.OPERATOR, PASSWORD, by="system")
    with pytest.raises(FieldErrors) as refused:
        add(account.id, "lumen.example", "", Role.USER, "court", by="system")
    assert set(refused.value.errors) == {"email", "full_name", "password"}
    assert len(world.services.accounts.service.users_of(account.id)) == 2


def test_an_operator_has_no_account(world: World) -> None:
    operator = an_operator(world)

    assert (operator.is_operator, operator.account_id) == (True, None)
    assert world.services.accounts.service.all_accounts() == []


@pytest.mark.contract("CAT-4", "ORD-2", "ORD-3", "EVD-1")
def test_an_operators_decisions_are_kept_and_journaled_once(world: World) -> None:
    account, _ = an_account(world)
    accounts = world.services.accounts.service
    # When an operator decides, and sends the same form twice
    for _ in range(2):
        accounts.set_order_limit(account.id, 50_000, by="operator:usr_1")
        decided = accounts.approve_invoice_mode(account.id, by="operator:usr_1")
    # Then both decisions stand, each journaled once with old and new value
    assert (decided.order_limit_cents, decided.payment_mode) == (50_000, PaymentMode.INVOICE)
    *_, limit, mode = world.services.base.journal.entries(account.id)
    assert limit.facts == {"order_limit_cents": {"old": 30_000, "new": 50_000}}
    assert mode.facts == {
        "invoice_approved": {"old": False, "new": True},
        "payment_mode": {"old": "card", "new": "invoice"},
    }
    assert len(list(world.services.base.journal.entries(account.id))) == 4
    # And what makes no sense is refused
    with pytest.raises(FieldErrors):
        accounts.set_order_limit(account.id, -1, by="operator:usr_1")
    with pytest.raises(NotFoundError):
        accounts.set_order_limit(type(account.id)("acc_none"), 1, by="operator:usr_1")


@pytest.mark.contract("OPS-1")
def test_accounts_are_found_by_name_or_address_page_by_page(world: World) -> None:
    names = ["Édith Roux", "Atelier Lumen", "atelier brun"]
    for number, name in enumerate(names):
        an_account(world, legal_name=name, email=f"c{number}@lumen.example")
    find = world.services.accounts.service.find

    assert [one.name for one in find("").accounts] == [
        "atelier brun",
        "Atelier Lumen",
        "Édith Roux",
    ]
    assert [one.name for one in find("ÉDI").accounts] == ["Édith Roux"]
    assert [one.name for one in find("c1@").accounts] == ["Atelier Lumen"]
    assert [one.name for one in find("c2").accounts] == ["atelier brun"]
    assert find("zzz").accounts == ()


@pytest.mark.contract("OPS-1")
def test_pages_of_accounts_lose_and_repeat_none(world: World) -> None:
    for number in range(30):
        an_account(world, legal_name=f"Client {number:02d}", email=f"c{number}@lumen.example")
    first = world.services.accounts.service.find("client")
    second = world.services.accounts.service.find("client", first.next_after)

    names = [one.name for one in (*first.accounts, *second.accounts)]
    assert names == [f"Client {number:02d}" for number in range(30)]
    assert (len(first.accounts), second.next_after) == (25, "")
    ids = [one.id for one in world.services.accounts.service.all_accounts(limit=7)]
    rest = [one.id for one in world.services.accounts.service.all_accounts(after=ids[-1])]
    assert len({*ids, *rest}) == 30
