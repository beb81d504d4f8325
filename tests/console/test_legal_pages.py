"""Legal documents and notice, without an account (LEG-1, LEG-3)."""

import hashlib
from datetime import date

import pytest

from chalicelib.legal.library import SAMPLES
from tests.fakes.accounts import with_documents
from tests.fakes.browsing import Browsing
from tests.fakes.world import COMPANY


@pytest.fixture
def console(browsing: Browsing) -> Browsing:
    """A console whose legal documents are published."""
    with_documents(browsing.world)
    return browsing


@pytest.mark.contract("LEG-1")
def test_every_document_is_listed_read_and_downloaded_without_an_account(
    console: Browsing,
) -> None:
    listed = console.get("/legal").text
    for file in SAMPLES.glob("*.md"):
        # Given each document of the list
        assert f'href="/legal/{file.stem}"' in listed
        # When it is read and downloaded
        page = console.get(f"/legal/{file.stem}").text
        text = console.get(f"/legal/{file.stem}/1").text
        # Then the digest shown is that of the text downloaded
        assert text == file.read_text()
        assert hashlib.sha256(text.encode()).hexdigest() in page
    assert console.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.contract("LEG-1")
def test_a_version_to_come_is_announced_not_shown(console: Browsing) -> None:
    console.world.services.legal.documents.publish(
        "cgv", "2", "Conditions", "# Conditions\n<script>x</script>", date(2026, 12, 10), by="x"
    )
    assert "applicable le 10 décembre 2026" in console.get("/legal/cgv").text
    assert "Version 1" in console.text
    # When its day comes, it is shown, its marks escaped
    console.world.clock.set("2026-12-10 08:00")
    assert "Version 2" in console.get("/legal/cgv").text
    assert "&lt;script&gt;x&lt;/script&gt;" in console.text


@pytest.mark.parametrize("path", ["/legal/none", "/legal/cgv/9", "/legal/none/1"])
def test_an_unknown_document_is_a_page_not_found(console: Browsing, path: str) -> None:
    assert console.get(path).status == 404


@pytest.mark.contract("LEG-3")
def test_the_notice_names_the_company_its_contacts_and_the_mediator(console: Browsing) -> None:
    console.get("/legal-notice")

    for text in (COMPANY.name, COMPANY.siren, COMPANY.email, COMPANY.phone, COMPANY.mediator_url):
        assert text in console.text


def test_the_list_stands_empty_before_anything_is_published(browsing: Browsing) -> None:
    assert browsing.get("/legal").status == 200
