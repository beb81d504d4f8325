"""Publishing legal documents, and which version is in force on a day (CGV art. 2; LEG-1)."""

import hashlib
from datetime import date

import pytest

from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.legal.documents import LegalDocument
from chalicelib.legal.library import SAMPLES
from tests.fakes.world import World


def publish(world: World, version: str, effective_on: date, body: str = "Texte.") -> LegalDocument:
    return world.services.legal.documents.publish(
        "cgv", version, "Conditions", body, effective_on, by="operator:usr_1"
    )


@pytest.mark.contract("LEG-1")
def test_a_version_is_in_force_from_its_day_until_the_next_one(world: World) -> None:
    documents = world.services.legal.documents
    # Given a version since January and one published on 5 November for 10 December
    publish(world, "1", date(2026, 1, 1))
    second = publish(world, "2", date(2026, 12, 10), "Autre texte.")
    # Then each is in force in its time, and both can be read at any time
    assert documents.in_force("cgv", date(2026, 12, 9)).version == "1"
    assert documents.in_force("cgv", date(2026, 12, 10)).version == "2"
    assert documents.version("cgv", "2") == second
    assert [one.version for one in documents.versions("cgv")] == ["2", "1"]
    assert second.sha256 == hashlib.sha256(b"Autre texte.").hexdigest()
    with pytest.raises(NotFoundError):
        documents.in_force("cgv", date(2025, 12, 31))
    with pytest.raises(NotFoundError):
        documents.version("cgv", "3")


@pytest.mark.contract("LEG-1")
def test_publishing_again_changes_nothing_and_a_version_is_never_rewritten(world: World) -> None:
    first = publish(world, "1", date(2026, 1, 1))
    world.clock.advance(days=1)
    assert publish(world, "1", date(2026, 1, 1)) == first

    with pytest.raises(DomainError, match="autre contenu"):
        publish(world, "1", date(2026, 1, 1), "Texte changé.")
    assert world.services.legal.documents.version("cgv", "1").body_markdown == "Texte."


@pytest.mark.contract("LEG-1")
@pytest.mark.parametrize("effective_on", [date(2026, 1, 1), date(2026, 6, 1), date(2026, 11, 5)])
def test_what_was_in_force_on_a_past_day_never_changes(world: World, effective_on: date) -> None:
    publish(world, "1", date(2026, 1, 1))

    with pytest.raises(DomainError, match="prend effet après"):
        publish(world, "2", effective_on)


@pytest.mark.parametrize(("version", "body"), [("", "x"), ("a b", "x"), ("../1", "x"), ("1", " ")])
def test_a_document_needs_a_plain_version_and_a_text(world: World, version: str, body: str) -> None:
    with pytest.raises(DomainError):
        publish(world, version, date(2026, 1, 1), body)


@pytest.mark.contract("LEG-1")
def test_samples_are_loaded_once_and_do_not_replace_what_the_operator_published(
    world: World,
) -> None:
    documents = world.services.legal.documents
    publish(world, "2026-10", date(2026, 10, 1), "Les conditions de l’exploitant.")

    loaded = documents.load_samples(date(2026, 1, 1))

    assert {one.kind for one in loaded} == {file.stem for file in SAMPLES.glob("*.md")} - {"cgv"}
    assert documents.all_kinds()[:3] == ["cgv", "charter", "withdrawal-form"]
    assert documents.in_force("cgv", date(2026, 11, 5)).version == "2026-10"
    assert all(one.title and "#" not in one.title for one in loaded)
    assert documents.load_samples(date(2026, 1, 1)) == []
