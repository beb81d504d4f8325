"""Argon2id with the parameters the issue fixes, and nobody's hash."""

import pytest
from argon2 import PasswordHasher

from chalicelib.accounts.access.passwords import NOBODY, Passwords


@pytest.mark.contract("ACC-3")
def test_the_parameters_are_those_decided() -> None:
    stored = Passwords().hash("une girafe ponctuelle")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords().matches(stored, "une girafe ponctuelle")
    assert not Passwords().matches(stored, "une girafe en retard")


@pytest.mark.contract("ACC-3")
def test_an_unknown_user_costs_as_much_as_a_known_one_and_never_matches() -> None:
    # Given nobody's hash, made with today's parameters: checking it takes as long
    assert not Passwords().is_outdated(NOBODY)
    # Then no password matches it
    assert not Passwords().matches(None, "une girafe ponctuelle")


def test_a_hash_with_other_parameters_is_outdated_and_a_broken_one_never_matches() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("une girafe")

    assert Passwords().is_outdated(cheap)
    assert Passwords().matches(cheap, "une girafe")
    assert not Passwords().matches("not a hash", "une girafe")


@pytest.mark.contract("ACC-3")
@pytest.mark.parametrize(
    ("chosen", "typed"),
    [
        ("une pe\u0301niche re\u0302veuse", "une péniche rêveuse"),
        ("une péniche rêveuse", "une pe\u0301niche re\u0302veuse"),
        ("onze ﬂamants ﬁns", "onze flamants fins"),
    ],
)
def test_a_password_is_one_however_the_keyboard_writes_its_letters(chosen: str, typed: str) -> None:
    assert Passwords().matches(Passwords().hash(chosen), typed)


@pytest.mark.contract("ACC-3")
def test_an_endless_password_matches_nothing() -> None:
    stored = Passwords().hash("e" * 128)

    assert Passwords().matches(stored, "e" * 128)
    assert not Passwords().matches(stored, "e" * 129)
    assert not Passwords().matches(stored, "e" * 100_000)
