"""Public prices and the operator's catalogue page (CAT-1, CAT-2, CAT-3, CON-4)."""

import json
import re
from html import unescape

import pytest

from tests.fakes.accounts import an_account, an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.ordering import DEMO


@pytest.fixture
def console(browsing: Browsing) -> Browsing:
    browsing.world.services.catalogue.load_file(DEMO)
    return browsing


def plain(html: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def edited(console: Browsing) -> str:
    """The text that the operator's page offers to edit."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", console.text, re.S)
    assert found
    return unescape(found.group(1))


@pytest.mark.contract("CAT-1", "CAT-2", "CAT-3", "CON-4")
def test_anybody_reads_prices_with_and_without_vat(console: Browsing) -> None:
    # Given nobody signed in, when the prices are read
    assert console.get("/prices").status == 200
    text = plain(console.text)
    # Then: Standard 29.00, 34.80 with 20 %; Pro falls to 66.00 on 1 January, 79.20 with VAT
    for shown in ("29,00 €", "34,80 €", "149,00 €", "1er janvier 2027", "66,00 €", "79,20 €"):
        assert shown in text, shown
    for shown in ("Standard", "Essentiel", "Pro", "Graphique", "OmnyPod supplémentaire", "99,9 %"):
        assert shown in text, shown


@pytest.mark.contract("CAT-3")
def test_programs_read_them_as_json(console: Browsing) -> None:
    console.get("/prices.json")
    assert console.headers["Content-Type"].startswith("application/json")
    document = json.loads(console.text)
    standard = next(price for price in document["prices"] if price["code"] == "standard")
    assert standard == {
        "code": "standard",
        "from_on": "2026-01-01",
        "monthly_excl_vat": "29.00",
        "vat_percent": "20",
        "monthly_incl_vat": "34.80",
    }
    assert "instance_type" not in console.text


@pytest.mark.contract("CAT-3", "OPS-1")
def test_the_operator_announces_a_price(console: Browsing) -> None:
    # Given the text of the page, with a line more
    signed_in(console, an_operator(console.world))
    console.get("/operator/catalogue")
    line = '{"code": "standard", "from_on": "2026-12-01", "monthly_excl_vat": "31.00"}'
    text = edited(console).replace('"prices": [', f'"prices": [\n    {line},')
    # When it is published
    console.post("/operator/catalogue", {"document": text})
    assert console.status == 303
    # Then the page says so, and the public prices announce it
    assert "Le catalogue est publié" in console.follow().text
    assert "31,00 €" in plain(console.get("/prices").text)


@pytest.mark.contract("CAT-3", "OPS-1")
def test_what_is_wrong_is_shown_with_its_line_and_nothing_changes(console: Browsing) -> None:
    # Given a past price lowered
    signed_in(console, an_operator(console.world))
    console.get("/operator/catalogue")
    text = edited(console).replace('"29.00"', '"19.00"')
    number = next(n for n, line in enumerate(text.splitlines(), 1) if '"19.00"' in line)
    # When it is published
    console.post("/operator/catalogue", {"document": text})
    # Then the line is named, the text kept, the price unchanged
    assert console.status == 422
    assert f"ligne {number} · prices[0]" in console.text
    assert edited(console) == text
    assert "29,00 €" in plain(console.get("/prices").text)


@pytest.mark.parametrize("text", ["", "{", "[]", "<script>alert(1)</script>"])
def test_nonsense_is_refused_and_shown_as_text(console: Browsing, text: str) -> None:
    signed_in(console, an_operator(console.world))
    console.post("/operator/catalogue", {"document": text})
    assert console.status == 422
    assert "<script>alert" not in console.text
    assert console.world.services.catalogue.current().version == 1


def test_the_catalogue_is_the_operators(console: Browsing) -> None:
    _, owner = an_account(console.world)
    signed_in(console, owner)
    assert console.get("/operator/catalogue").status == 404
    assert console.post("/operator/catalogue", {"document": "{}"}).status == 404
    assert console.get("/operator/orders").status == 404


def test_the_first_catalogue_can_be_published_from_the_page(browsing: Browsing) -> None:
    # Given no catalogue at all
    browsing.world.services.legal.documents.load_samples(browsing.world.clock.now().date())
    signed_in(browsing, an_operator(browsing.world))
    assert "Aucun catalogue" in browsing.get("/operator/catalogue").text
