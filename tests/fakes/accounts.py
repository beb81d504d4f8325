"""Passwords without the cost, sample forms, and accounts ready to use."""

import hashlib
import re
from typing import TYPE_CHECKING, Any

from chalicelib.accounts.access.passwords import Passwords, composed
from chalicelib.accounts.clients.account import Account, Role, User
from chalicelib.accounts.registration.form import Registration, read_registration
from chalicelib.foundation.messages import Queue

if TYPE_CHECKING:
    from tests.fakes.world import World

PASSWORD = "vingt tournesols penchent"
OPERATOR_EMAIL = "exploitation@exemple-bureau.example"


class QuickPasswords(Passwords):
    """Hashes in no time; counts what it was asked to verify."""

    def __init__(self) -> None:
        self.verified = 0

    def hash(self, password: str) -> str:
        return "quick:" + hashlib.sha256(composed(password).encode()).hexdigest()

    def matches(self, stored: str | None, password: str) -> bool:
        self.verified += 1
        return stored == self.hash(password)

    def is_outdated(self, stored: str) -> bool:
        return not stored.startswith("quick:")


def consumer_form(**changed: str) -> dict[str, str]:
    """What a private person types, everything right."""
    return {
        "kind": "consumer",
        "first_name": "Camille",
        "last_name": "Morel",
        "email": "camille.morel@courriel.example",
        "phone": "01 99 00 12 34",
        "line1": "8 quai des Exemples",
        "line2": "",
        "postal_code": "69002",
        "city": "Lyon",
        "country": "FR",
        "password": PASSWORD,
        "full_age": "yes",
        "on_honour": "yes",
        "cgv": "yes",
        "charter": "yes",
        **changed,
    }


def company_form(**changed: str) -> dict[str, str]:
    """What the signatory of a company types, everything right."""
    return {
        **consumer_form(),
        "kind": "company",
        "legal_name": "Atelier Lumen",
        "legal_form": "SARL",
        "siren": "900 000 019",
        "vat_number": "FR25 900000019",
        "email": "contact@atelier-lumen.example",
        **changed,
    }


def registration(form: dict[str, str]) -> Registration:
    """Read a form that is right."""
    return read_registration(form)


def with_documents(world: "World") -> None:
    """Put the sample legal documents in force, long ago."""
    world.services.legal.documents.load_samples(world.clock.now().date().replace(month=1, day=1))


def token_mailed(world: "World", template: str, to: str) -> str:
    """Give the token of the last mail of a kind to an address."""
    sent = [
        message.body
        for message in world.adapters.queues.of(Queue.MAIL)
        if message.body["template"] == template and message.body["to"] == to
    ]
    context = sent[-1]["context"]
    token: str = context.get("token") or context["path"].rsplit("/", 1)[-1]
    return token


def an_account(world: "World", **changed: str) -> tuple[Account, User]:
    """Register a company through the services, its owner's address verified by the mailed link."""
    return _registered(world, company_form(**changed))


def a_consumer(world: "World", **changed: str) -> tuple[Account, User]:
    """Register a private person likewise."""
    return _registered(world, consumer_form(**changed))


def _registered(world: "World", form: dict[str, str]) -> tuple[Account, User]:
    with_documents(world)
    accounts = world.services.accounts.service
    read = registration(form)
    accounts.register(read)
    owner = accounts.verify_email(token_mailed(world, "verify_email", read.email))
    assert owner.account_id
    return accounts.account(owner.account_id), accounts.user(owner.id)


def an_operator(world: "World") -> User:
    """Add a member of the staff."""
    return world.services.accounts.service.create_operator(OPERATOR_EMAIL, "Noa Exemple", PASSWORD)


def a_user(world: "World", account: Account, role: Role, email: str) -> User:
    """Add a user to an account."""
    return world.services.accounts.service.add_user(
        account.id, email, "Sacha Petit", role, PASSWORD, by="system"
    )


def signed_in(browsing: Any, user: User) -> None:
    """Give a browser a session of a user, as the sign-in page does."""
    token = browsing.world.services.accounts.sign_in.sign_in(user.email, PASSWORD, "203.0.113.7")
    prefix = "__Host-"
    browsing.cookies[f"{prefix}session"] = token


def links_in(text: str) -> list[str]:
    """Give the addresses written in a mail."""
    return re.findall(r"https?://[^\s\"<>]+", text)
