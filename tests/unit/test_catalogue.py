"""CGV art. 5, 9: what is for sale on a day, at which price; what a publication may change."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalogue.catalogue import Catalogue, DatedPrice, catalogue_of
from chalicelib.catalogue.document import checked
from chalicelib.catalogue.json_lines import line_of, lines_of
from chalicelib.foundation.errors import DomainError, FieldErrors
from tests.fakes.ordering import DEMO, demo_document

TODAY = date(2026, 11, 5)


def demo() -> Catalogue:
    return catalogue_of(checked(demo_document(), None, TODAY), 1)


def refusals(document: object, current: Catalogue | None = None) -> dict[str, str]:
    with pytest.raises(FieldErrors) as refused:
        checked(document, current, TODAY)
    return refused.value.errors


@pytest.mark.contract("CAT-1", "CAT-2")
def test_the_demo_offers_four_configurations_and_three_options() -> None:
    # Given the demo catalogue, when it is read
    catalogue = demo()
    # Then only "Standard" comes without an OmnyPod
    assert [(each.code, each.pod_included) for each in catalogue.on_sale(TODAY)] == [
        ("standard", False),
        ("essentiel", True),
        ("pro", True),
        ("graphique", True),
    ]
    assert {each.code for each in catalogue.options} == {"storage-10gb", "backup", "extra-pod"}
    assert catalogue.configuration("pro").licences[0].name == "Windows Server 2022"
    assert catalogue.configuration("graphique").name["en"] == "Graphics"


@pytest.mark.contract("CAT-3")
@pytest.mark.parametrize(
    ("day", "cents"),
    [
        pytest.param(date(2026, 12, 31), 69_00, id="the eve of a change"),
        pytest.param(date(2027, 1, 1), 66_00, id="its day"),
        pytest.param(date(2030, 1, 1), 66_00, id="long after"),
    ],
)
def test_a_price_applies_from_its_date(day: date, cents: int) -> None:
    assert demo().price_on("pro", day) == cents


def test_there_is_no_price_before_the_first_one() -> None:
    with pytest.raises(DomainError):
        demo().price_on("pro", date(2025, 12, 31))


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(DomainError):
        demo().configuration("gold")


@pytest.mark.contract("CAT-1")
def test_a_configuration_is_sold_between_its_two_dates() -> None:
    # Given a configuration sold in November only
    document = demo_document()
    document["configurations"][0] |= {"on_sale_from": "2026-11-01", "on_sale_until": "2026-11-30"}
    catalogue = catalogue_of(checked(document, None, TODAY), 1)
    # When it is looked for, then both ends are included and the days around are not
    sold = [
        "standard" in {each.code for each in catalogue.on_sale(day)}
        for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1))
    ]
    assert sold == [False, True, True, False]


@pytest.mark.contract("CAT-1")
@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        pytest.param(("configurations", 1, "vcpu"), 0, "configurations[1].vcpu", id="no vCPU"),
        pytest.param(("configurations", 1, "vcpu"), "2", "configurations[1].vcpu", id="text"),
        pytest.param(
            ("configurations", 0, "code"), "Big One", "configurations[0].code", id="bad code"
        ),
        pytest.param(
            ("configurations", 0, "os_licence_url"),
            "javascript:alert(1)",
            "configurations[0].os_licence_url",
            id="not a web address",
        ),
        pytest.param(("configurations", 0, "colour"), "red", "configurations[0].colour", id="more"),
        pytest.param(
            ("prices", 2, "monthly_excl_vat"), "39", "prices[2].monthly_excl_vat", id="no cents"
        ),
        pytest.param(
            ("prices", 2, "monthly_excl_vat"), "0.00", "prices[2].monthly_excl_vat", id="free"
        ),
        pytest.param(
            ("prices", 2, "monthly_excl_vat"), "-1.00", "prices[2].monthly_excl_vat", id="negative"
        ),
        pytest.param(
            ("prices", 2, "monthly_excl_vat"), 39.0, "prices[2].monthly_excl_vat", id="float"
        ),
        pytest.param(("prices", 2, "from_on"), "2026-02-30", "prices[2].from_on", id="no such day"),
        pytest.param(("prices", 2, "from_on"), 1767225600, "prices[2].from_on", id="a number"),
        pytest.param(("prices", 2, "code"), "gold", "prices[2].code", id="unknown code"),
        pytest.param(("options", 0, "code"), "gpu", "options[0].code", id="unknown option"),
        pytest.param(("options", 1, "most"), 0, "options[1].most", id="none allowed"),
        pytest.param(
            ("configurations", 3, "on_sale_until"),
            "2025-12-31",
            "configurations[3].on_sale_until",
            id="ends before it starts",
        ),
        pytest.param(
            ("configurations", 3, "on_sale_from"),
            "2025-12-31",
            "configurations[3].on_sale_from",
            id="sold before it has a price",
        ),
    ],
)
def test_what_is_wrong_is_named(place: tuple[Any, ...], value: object, named: str) -> None:
    # Given a catalogue with one thing wrong
    document = demo_document()
    target: Any = document
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    # When it is checked, then that place is named
    assert named in refusals(document)


@pytest.mark.parametrize("document", [None, [], {}, "text", {"configurations": 3}])
def test_what_is_no_catalogue_at_all_is_refused(document: object) -> None:
    assert refusals(document)


def test_a_code_and_a_price_are_given_once() -> None:
    # Given two configurations of one code, and two prices of one day
    document = demo_document()
    document["configurations"][1]["code"] = "standard"
    document["prices"].append(document["prices"][0])
    # When it is checked, then each second one is named
    named = refusals(document)
    assert {"configurations[1].code", f"prices[{len(document['prices']) - 1}].from_on"} <= set(
        named
    )


def with_price(code: str, from_on: str, price: str) -> dict[str, Any]:
    document = demo_document()
    document["prices"].append({"code": code, "from_on": from_on, "monthly_excl_vat": price})
    return document


@pytest.mark.contract("CAT-3")
def test_a_price_may_be_announced_from_tomorrow() -> None:
    # Given a new price from the 6th, published on the 5th
    proposed = with_price("standard", "2026-11-06", "31.00")
    # When it is checked, then it is taken, and the 5th keeps its price
    catalogue = catalogue_of(checked(proposed, demo(), TODAY), 2)
    assert [catalogue.price_on("standard", date(2026, 11, day)) for day in (5, 6)] == [29_00, 31_00]


@pytest.mark.contract("CAT-3")
@pytest.mark.parametrize("from_on", ["2026-02-01", "2026-11-04", "2026-11-05"])
def test_the_price_of_a_day_begun_never_changes(from_on: str) -> None:
    # Given a price dated in the past, or today, when it is checked, then its line is named
    proposed = with_price("standard", from_on, "31.00")
    assert list(refusals(proposed, demo())) == [f"prices[{len(proposed['prices']) - 1}]"]


@pytest.mark.contract("CAT-3")
@pytest.mark.parametrize("change", ["amount", "date", "removal"])
def test_a_past_price_is_neither_altered_nor_removed(change: str) -> None:
    document = demo_document()
    if change == "amount":
        document["prices"][0]["monthly_excl_vat"] = "19.00"
    elif change == "date":
        # Later than the day it began: the days between would have no price.
        document["prices"][0]["from_on"] = "2026-06-01"
        document["configurations"][0]["on_sale_from"] = "2026-06-01"
    else:
        document["prices"][0] |= {"from_on": "2026-12-01"}
        document["configurations"][0]["on_sale_from"] = "2026-12-01"
    assert refusals(document, demo())


@pytest.mark.contract("CAT-3")
def test_an_announced_price_may_still_be_taken_back() -> None:
    # Given the price announced for January, when it is left out in November, then that is taken
    document = demo_document()
    document["prices"] = [price for price in document["prices"] if price["from_on"] < "2027"]
    catalogue = catalogue_of(checked(document, demo(), TODAY), 2)
    assert catalogue.price_on("pro", date(2027, 2, 1)) == 69_00


def test_a_code_that_desktops_may_have_never_disappears() -> None:
    document = demo_document()
    document["configurations"] = document["configurations"][:3]
    document["prices"] = [price for price in document["prices"] if price["code"] != "graphique"]
    assert "code graphique" in refusals(document, demo())


days = st.dates(date(2026, 1, 1), date(2028, 1, 1))


@pytest.mark.contract("CAT-3")
@given(
    st.dictionaries(days, st.integers(1, 500_00), max_size=5),
    st.dictionaries(days, st.integers(1, 500_00), max_size=5),
    days,
)
def test_no_publication_alters_a_day_begun(
    before: dict[date, int], after: dict[date, int], today: date
) -> None:
    # Given any price history, and any other proposed on any day
    def document(prices: dict[date, int]) -> dict[str, Any]:
        whole = demo_document()
        start = date(2026, 1, 1)
        whole["prices"] = [each for each in whole["prices"] if each["code"] != "standard"] + [
            {"code": "standard", "from_on": str(day), "monthly_excl_vat": f"{cents / 100:.2f}"}
            for day, cents in ({start: 29_00} | prices).items()
        ]
        return whole

    current = catalogue_of(checked(document(before), None, today), 1)
    try:
        published = catalogue_of(checked(document(after), current, today), 2)
    except FieldErrors:
        return
    # When it is taken, then every day up to today keeps its price
    for day in {date(2026, 1, 1), today, *before, *after}:
        if day <= today:
            assert published.price_on("standard", day) == current.price_on("standard", day)


def test_a_price_is_found_whatever_the_order_they_are_given_in() -> None:
    prices = (DatedPrice("a", date(2026, 3, 1), 3), DatedPrice("a", date(2026, 1, 1), 1))
    catalogue = Catalogue((), (), prices)
    assert catalogue.price_on("a", date(2026, 2, 1)) == 1
    assert catalogue.next_price("a", date(2026, 2, 1)) == prices[0]


def test_each_place_of_a_text_has_its_line() -> None:
    # Given the demo file as an operator sees it, when its places are looked up
    text = DEMO.read_text(encoding="utf-8")
    lines = lines_of(text)
    numbered = text.splitlines()
    # Then the lines are those
    assert '"vcpu": 2' in numbered[lines["configurations[1].vcpu"] - 1]
    assert '"code": "standard"' in numbered[lines["prices[0].monthly_excl_vat"] - 1]
    assert lines["configurations"] == 2


def test_what_is_missing_has_the_line_of_what_should_hold_it() -> None:
    lines = lines_of('{\n "a": [\n  {"b": "x\\"}{"},\n  {}\n ]\n}')
    assert (line_of("a[1].b", lines), line_of("a[0].b", lines), line_of("z", lines)) == (4, 3, None)


@pytest.mark.contract("CAT-1", "DSK-2")
@pytest.mark.parametrize(("provider", "known"), [("workspaces", True), ("elsewhere", False)])
def test_which_provider_runs_it_is_part_of_a_configuration(provider: str, known: bool) -> None:
    document = demo_document()
    document["configurations"][0]["provider"] = provider
    if known:
        catalogue = catalogue_of(checked(document, None, TODAY), 1)
        assert catalogue.configuration("standard").provider == provider
    else:
        with pytest.raises(FieldErrors) as refused:
            checked(document, None, TODAY)
        assert set(refused.value.errors) == {"configurations[0].provider"}
