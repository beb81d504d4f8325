"""CGV art. 3, 16: what can be ordered, what it costs a month, by when it is delivered."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.clients.account import Account, AccountKind, PostalAddress
from chalicelib.catalogue.catalogue import Catalogue, catalogue_of
from chalicelib.catalogue.document import checked
from chalicelib.foundation.errors import FieldErrors
from chalicelib.orders.model.commitments import desktops_due_on, pods_due_on
from chalicelib.orders.model.order import order_id_of, order_number
from chalicelib.orders.model.request import LineRequest, OrderRequest, check
from chalicelib.orders.placing.summary import OrderSummary, price_incl_vat, summarise
from tests.fakes.clock import StoppedClock
from tests.fakes.ordering import a_request, an_account, demo_document

TODAY = date(2026, 11, 5)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of(checked(demo_document(), None, TODAY), 1)


def account(**changes: Any) -> Account:
    return an_account(StoppedClock(), **changes)


def refusals(catalogue: Catalogue, request: OrderRequest, of: Account | None = None) -> set[str]:
    with pytest.raises(FieldErrors) as refused:
        check(request, catalogue, TODAY, of or account(), frozenset({"usr_1"}))
    return set(refused.value.errors)


def summary(catalogue: Catalogue, request: OrderRequest, rate: str = "20") -> OrderSummary:
    return summarise(
        request, account(), catalogue, on=TODAY, vat_rate_percent=Decimal(rate), terms=()
    )


@pytest.mark.contract("ORD-1")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"configuration_code": "gold"}, "configuration", id="unknown configuration"),
        pytest.param({"configuration_code": ""}, "configuration", id="none chosen"),
        pytest.param({"quantity": 0}, "quantity", id="no desktop"),
        pytest.param({"quantity": 21}, "quantity", id="too many"),
        pytest.param({"desktop_names": ("A", "a ")}, "name-2", id="same name twice"),
        pytest.param({"desktop_names": ("x" * 41,)}, "name-1", id="long name"),
        pytest.param({"desktop_names": ("a\u202eb",)}, "name-1", id="a name that turns the text"),
        pytest.param({"user_ids": ("", "usr_2")}, "user-2", id="a person of another account"),
        pytest.param({"options": (("gpu", 1),)}, "option-gpu", id="unknown option"),
        pytest.param({"options": (("backup", 2),)}, "option-backup", id="too much of an option"),
        pytest.param({"options": (("backup", -1),)}, "option-backup", id="less than none"),
    ],
)
def test_what_cannot_be_ordered_is_named(
    catalogue: Catalogue, changes: dict[str, Any], field: str
) -> None:
    assert refusals(catalogue, a_request(**changes)) == {field}


@pytest.mark.contract("ORD-1")
def test_an_option_is_ordered_only_where_its_cloud_has_it(catalogue: Catalogue) -> None:
    # Given the Standard configuration on WorkSpaces
    standard, *others = catalogue.configurations
    elsewhere = replace(standard, provider="workspaces")
    moved = replace(catalogue, configurations=(elsewhere, *others))
    options = (("backup", 1), ("storage-10gb", 2), ("extra-pod", 1))
    request = OrderRequest((LineRequest("standard", options=options),))
    # Then what it cannot do is refused beside its field, before anything is billed
    check(request, catalogue, TODAY, account(), frozenset())
    assert refusals(moved, request) == {"option-backup", "option-storage-10gb"}


def test_every_refusal_comes_at_once(catalogue: Catalogue) -> None:
    request = a_request(configuration_code="", quantity=0, options=(("gpu", 1),))
    assert refusals(catalogue, request) == {"configuration", "quantity", "option-gpu"}


@pytest.mark.contract("ORD-1")
def test_an_omnypod_needs_an_address_to_go_to(catalogue: Catalogue) -> None:
    # Given an address without street nor city, and a wrong postal code
    nowhere = PostalAddress(" ", "", "6900", "", "FR")
    missing = {"line1", "city", "postal_code"}
    # When a configuration with OmnyPod is ordered, or one without but with the option
    included = a_request(configuration_code="pro", delivery_address=nowhere)
    extra = a_request(options=(("extra-pod", 1),), delivery_address=nowhere)
    # Then the address is refused; without any OmnyPod it does not matter
    assert refusals(catalogue, included) == missing
    assert refusals(catalogue, extra) == missing
    check(a_request(delivery_address=nowhere), catalogue, TODAY, account(), frozenset())


@pytest.mark.parametrize("line", ["1 rue\r\nBcc: x", "1 rue\0", "1 rue \u202e", "x" * 101])
def test_a_line_of_an_address_is_a_line_that_can_be_read(catalogue: Catalogue, line: str) -> None:
    address = PostalAddress(line, "", "69002", "Lyon", "FR")
    request = a_request(configuration_code="pro", delivery_address=address)
    assert refusals(catalogue, request) == {"line1"}


@pytest.mark.contract("ORD-1")
def test_a_consumer_asks_expressly_for_the_service_to_start(catalogue: Catalogue) -> None:
    # Given a consumer who ticks one of the two boxes only
    consumer = account(kind=AccountKind.CONSUMER)
    asks = a_request(express_request=True, express_acknowledged=False)
    knows = a_request(express_request=False, express_acknowledged=True)
    # When they order, then the other box is asked for; neither is fine: the service waits
    assert refusals(catalogue, asks, consumer) == {"express_acknowledged"}
    assert refusals(catalogue, knows, consumer) == {"express_request"}
    check(replace(asks, express_request=False), catalogue, TODAY, consumer, frozenset())
    # and a company is never asked
    check(asks, catalogue, TODAY, account(), frozenset())


def test_a_desktop_without_a_name_is_numbered() -> None:
    one = a_request(quantity=3, desktop_names=("  Salle   A ", ""))
    assert one.names == (("Salle A", "Bureau 2", "Bureau 3"),)
    # and goes on counting from one line to the next
    lines = (LineRequest("standard", 2), LineRequest("pro", 1))
    assert a_request(lines=lines).names == (("Bureau 1", "Bureau 2"), ("Bureau 3",))


@pytest.mark.contract("LEG-3", "CAT-3")
def test_a_summary_prices_desktops_and_options(catalogue: Catalogue) -> None:
    # Given three Pro desktops, each with 20 GB more and a backup
    request = a_request(
        configuration_code="pro", quantity=3, options=(("storage-10gb", 2), ("backup", 1))
    )
    # When they are summarised
    shown = summary(catalogue, request)
    # Then: 69 + 2 x 2 + 5 = 78 a desktop; 3 x 78 = 234; VAT 20 % = 46.80
    assert shown.lines[0].monthly_excl_vat_cents == 78_00
    assert (shown.monthly_excl_vat_cents, shown.monthly_vat_cents) == (234_00, 46_80)
    assert shown.monthly_incl_vat_cents == 280_80
    assert shown.delivery_address == account().address


@pytest.mark.contract("CAT-3")
def test_vat_is_rounded_once_half_up() -> None:
    # 8.5 % of 29.00 is 2.465: 2.47
    assert price_incl_vat(29_00, Decimal("8.5")) == 31_47
    assert price_incl_vat(29_00, Decimal(0)) == 29_00


@pytest.mark.contract("ORD-5")
def test_delays_count_french_working_days() -> None:
    # Given a confirmation on Monday 23 November 2026
    # Then 7 working days later is 2 December, and 30, past Christmas and New Year, 6 January
    assert desktops_due_on(date(2026, 11, 23)) == date(2026, 12, 2)
    assert pods_due_on(date(2026, 11, 23)) == date(2027, 1, 6)


def test_only_an_order_with_an_omnypod_has_a_delivery(catalogue: Catalogue) -> None:
    without, included = (
        summary(catalogue, a_request()),
        summary(catalogue, a_request(configuration_code="pro")),
    )
    assert (without.pod_due_on, without.delivery_address) == (None, None)
    assert included.pod_due_on == pods_due_on(TODAY)


@pytest.mark.contract("ORD-1")
@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_an_order_is_named_by_its_account_and_form(one: str, other: str, key: str) -> None:
    # The same form of the same account names one order, whatever else
    assert order_id_of(one, key) == order_id_of(one, key)
    assert (order_id_of(one, key) == order_id_of(other, key)) == (one == other)
    assert order_id_of(one, key).isascii()


def test_an_order_has_a_number_people_can_read_out() -> None:
    assert order_number("ord_7h3kqxyz", TODAY) == "C-20261105-7H3KQ"


@pytest.mark.contract("LEG-3")
def test_what_the_click_binds_to_changes_with_price_rate_and_documents(
    catalogue: Catalogue,
) -> None:
    # Given a summary, and others that differ in one thing
    first = summary(catalogue, a_request())
    others = [
        summary(catalogue, a_request(), rate="8.5"),
        summary(catalogue, a_request(quantity=3)),
        summary(catalogue, a_request(options=(("backup", 1),))),
        summary(catalogue, a_request(configuration_code="pro")),
    ]
    # Then none can pass for the first
    assert first.shown not in {other.shown for other in others}
    assert first.shown == summary(catalogue, a_request()).shown
