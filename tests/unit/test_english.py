"""The English of the console: complete, faithful to its French and up to date with the sources."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from infra.generate.messages import CATALOGUE, collect, french_of, update

# What a translation keeps as it is: places for values, a literal per cent sign, tags, entities.
KEPT = re.compile(r"%\(\w+\)s|%%|<[^>]+>|&\w+;")
# What French typography has and English does not: a space before a sign, French quotation marks.
FRENCH_TYPOGRAPHY = re.compile("[\u00a0\u202f ][:;?!»]|[«»]|'")


@pytest.fixture(scope="module")
def english() -> Catalog:
    """The committed catalogue."""
    return read(CATALOGUE)


@pytest.fixture(scope="module")
def sources() -> Catalog:
    """Every text of the sources, read once: nobody changes it."""
    return collect()


def read(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale="en")


def entries(path: Path) -> list[str]:
    return sorted(path.read_text(encoding="utf-8").strip().split("\n\n"))


def forms(texts: object) -> tuple[str, ...]:
    """Give the forms of a text: one, or the singular and the plural."""
    return (texts,) if isinstance(texts, str) else tuple(texts or ("",))  # type: ignore[arg-type]


def faults(message: Message) -> list[str]:
    """Say what is wrong with the English of a text."""
    french, written = forms(message.id), forms(message.string)
    if message.fuzzy or len(written) != len(french) or not all(written):
        return ["no English"]
    found = []
    for source, text in zip(french, written, strict=True):
        if sorted(KEPT.findall(source)) != sorted(KEPT.findall(text)):
            found.append("not the same places")
        if FRENCH_TYPOGRAPHY.search(text):
            found.append("French typography")
        if len(source) > 1 and source.endswith((".", "?", "!")) and not text.endswith(source[-1]):
            found.append("does not end as the French does")
    return found


def test_every_text_of_the_sources_is_in_the_catalogue_and_nothing_else(
    english: Catalog, sources: Catalog
) -> None:
    wanted = {(message.context, message.id) for message in sources if message.id}
    kept = {(message.context, message.id) for message in english if message.id}
    assert wanted - kept == set(), "new texts: run make messages, then translate them"
    assert kept - wanted == set(), "texts that are gone: run make messages"


def test_every_text_has_its_english(english: Catalog) -> None:
    wrong = {message.id: faults(message) for message in english if message.id and faults(message)}
    assert not wrong


def test_the_committed_file_is_what_the_sources_make_of_it(
    tmp_path: Path, sources: Catalog
) -> None:
    # Given the committed catalogue
    copy = tmp_path / "console.po"
    shutil.copy(CATALOGUE, copy)
    # When it is brought up to date
    update(sources, copy)
    # Then nothing changes, but for the order of texts that moved inside their file
    assert entries(copy) == entries(CATALOGUE), "run make messages"


@pytest.mark.parametrize(
    ("french", "text", "fault"),
    [
        ("Bonjour %(name)s,", "", "no English"),
        ("Bonjour %(name)s,", "Hello,", "not the same places"),
        ("Bonjour %(name)s,", "Hello %(nom)s,", "not the same places"),
        ("%(rate)s\u00a0%%", "%(rate)s", "not the same places"),
        ("Le <strong>bureau</strong>", "The desktop", "not the same places"),
        ("Raison\u00a0:", "Reason\u00a0:", "French typography"),
        ("L’adresse du client.", "The client's address.", "French typography"),
        ("Ce lien a expiré.", "This link has expired", "does not end as the French does"),
        (("%(num)s jour", "%(num)s jours"), ("%(num)s day", ""), "no English"),
        (("%(num)s jour", "%(num)s jours"), ("%(num)s day", "days"), "not the same places"),
    ],
)
def test_a_wrong_translation_is_named(
    french: str | tuple[str, str], text: str | tuple[str, str], fault: str
) -> None:
    assert fault in faults(Message(french, text))


def test_a_text_that_awaits_its_english_is_found(tmp_path: Path) -> None:
    # Given a catalogue without one of the texts
    template = Catalog()
    template.add("Un texte connu.")
    path = tmp_path / "console.po"
    update(template, path)
    # When a text is added to the sources
    template.add("Un texte tout neuf.")
    update(template, path)
    # Then it is there, without English
    added = read(path).get("Un texte tout neuf.")
    assert added is not None
    assert faults(added) == ["no English"]


def test_french_is_told_from_the_rest_of_the_code() -> None:
    source = '''
"""A docstring. With sentences."""
TABLE = "accounts"
def refuse(name):
    """Say no."""
    log("order refused", order=name)
    raise DomainError("Ce compte est fermé.", key=f"é{name}")
CHOICE = "Choisissez un mois."
'''
    found = [text for _, text in french_of(source)]
    assert sorted(found) == ["Ce compte est fermé.", "Choisissez un mois."]
