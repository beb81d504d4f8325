"""The limit up to which requests validate themselves holds, whatever is clicked (art. 3; ORD-3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.rented import rented_desktops
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError
from chalicelib.orders.model.limits import RentedDesktop
from chalicelib.orders.model.order import OrderState
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.ordering import a_request

OWNER = "usr_acc_lumen"
NAMES = tuple(f"Poste {n}" for n in range(6))


class Judged(Renting):
    """An account of 300 euros a month, with six "standard" desktops of 29: 174 rented."""

    def __init__(self) -> None:
        super().__init__()
        self.open_for_business()
        limited = replace(self.account, order_limit_cents=300_00)
        self.known.accounts[self.account.id] = self.account = limited
        self.orders.rented = self._rented
        self.desktops.limits = self.orders
        self.validate(*NAMES)
        self.pump()

    def _rented(self, account_id: str) -> list[RentedDesktop]:
        mine = self.desktops.of_account(account_id)
        return rented_desktops(mine, self.catalogue, today(self.clock))

    @property
    def rented_cents(self) -> int:
        return self.orders.limit_use(self.account).rented_cents

    def in_the_middle(self, meanwhile: Callable[[], object]) -> None:
        """Have something happen after the next request added up, before it commits."""
        query = self.tables.query
        waiting = [meanwhile]

        def overtaken(kind, pk, **narrowed):  # type: ignore[no-untyped-def]
            if kind.name == "entry" and waiting:
                waiting.pop()()
            return query(kind, pk, **narrowed)

        self.tables.query = overtaken  # type: ignore[method-assign]


@pytest.fixture
def judged() -> Judged:
    return Judged()


def now(judged: Judged, desktop: Desktop, code: str) -> None:
    judged.desktops.request_reconfigure(ACCOUNT, desktop.id, code, by=OWNER)


def later(judged: Judged, desktop: Desktop, code: str) -> None:
    at = judged.clock.now() + timedelta(minutes=30)
    judged.desktops.schedule_change(ACCOUNT, desktop.id, code, at, by=OWNER)


def accepted(judged: Judged, ask: Callable[[Judged, Desktop, str], None], code: str) -> int:
    count = 0
    for name in NAMES:
        try:
            ask(judged, judged.named(name), code)
        except DomainError:
            continue
        count += 1
    return count


@pytest.mark.contract("ORD-3", "DSK-4")
@pytest.mark.parametrize("ask", [now, later])
def test_changes_asked_for_count_before_they_are_done(
    judged: Judged, ask: Callable[[Judged, Desktop, str], None]
) -> None:
    # Given 174 rented of 300, and "pro" at 69: 40 more each
    assert judged.rented_cents == 174_00
    # When all six ask for "pro", none being done yet
    count = accepted(judged, ask, "pro")
    # Then three are let through: 174 + 3 × 40 = 294
    assert (count, judged.rented_cents) == (3, 294_00)
    # and for a desktop more the company decides
    order = judged.orders.place(judged.account, judged.owner, a_request(), "key")
    assert order.state is OrderState.AWAITING_VALIDATION


@pytest.mark.contract("ORD-3", "DSK-4")
@pytest.mark.parametrize("ask", [now, later])
def test_what_would_pass_the_limit_is_refused_though_nothing_is_done_yet(
    judged: Judged, ask: Callable[[Judged, Desktop, str], None]
) -> None:
    # When all six ask for "graphique", then as many are let through as the limit holds
    catalogue, day = judged.catalogue.current(), today(judged.clock)
    more = catalogue.price_on("graphique", day) - 29_00
    fits = 126_00 // more
    assert accepted(judged, ask, "graphique") == fits
    assert judged.rented_cents == 174_00 + fits * more <= 300_00
    # and all are carried out when their time comes: they were counted when they were asked for
    judged.clock.set("2026-11-05 11:00")
    judged.desktops.watch()
    judged.pump()
    done = [each for each in map(judged.named, NAMES) if each.configuration_code == "graphique"]
    assert len(done) == fits
    # A change given up gives its room back
    assert judged.rented_cents == 174_00 + fits * more


@pytest.mark.contract("ORD-3", "CAT-2")
def test_options_and_storage_asked_for_count_before_they_are_done(judged: Judged) -> None:
    # Given a limit with 10 euros left
    limited = replace(judged.account, order_limit_cents=184_00)
    judged.known.accounts[ACCOUNT] = judged.account = limited
    price = judged.catalogue.current().price_on("storage-10gb", today(judged.clock))
    most = 10_00 // price
    # When one desktop asks for that much storage, not grown yet
    wanted = (("storage-10gb", most),)
    judged.desktops.change_options(ACCOUNT, judged.named(NAMES[0]).id, wanted, by=OWNER)
    assert judged.rented_cents == 174_00 + most * price
    # Then another cannot have as much
    with pytest.raises(DomainError, match="montant mensuel"):
        judged.desktops.change_options(ACCOUNT, judged.named(NAMES[1]).id, wanted, by=OWNER)


@pytest.mark.contract("ORD-3", "ORD-1")
def test_of_orders_at_the_same_time_those_beyond_the_limit_wait(judged: Judged) -> None:
    # Given 126 left, and two orders of 87 (three "standard") at the same time
    request = a_request(quantity=3, desktop_names=("A", "B", "C"))
    other = a_request(quantity=3, desktop_names=("D", "E", "F"))

    def overtake() -> None:
        judged.orders.place(judged.account, judged.owner, other, "key-2")

    judged.in_the_middle(overtake)
    first = judged.orders.place(judged.account, judged.owner, request, "key-1")
    # Then the one that committed first is validated, the other is for the company to decide
    states = {each.id: each.state for each in judged.orders.of_account(ACCOUNT)}
    assert sorted(states.values()) == [OrderState.AWAITING_VALIDATION, OrderState.VALIDATED]
    assert states[first.id] is OrderState.AWAITING_VALIDATION
    assert judged.rented_cents == 174_00 + 87_00


@pytest.mark.contract("ORD-3", "DSK-4")
def test_an_order_and_a_change_at_the_same_time_are_counted_together(judged: Judged) -> None:
    # Given 126 left, an order of 116 (four "standard"), and a change of 40 meanwhile
    names = ("A", "B", "C", "D")
    request = a_request(quantity=4, desktop_names=names)
    judged.in_the_middle(lambda: now(judged, judged.named(NAMES[0]), "pro"))
    order = judged.orders.place(judged.account, judged.owner, request, "key-1")
    assert order.state is OrderState.AWAITING_VALIDATION
    # and the other way round: 86 left, an order of 58 overtakes a change of 40
    small = a_request(desktop_names=("E", "F"))
    judged.in_the_middle(lambda: judged.orders.place(judged.account, judged.owner, small, "key-2"))
    with pytest.raises(DomainError, match="montant mensuel"):
        now(judged, judged.named(NAMES[1]), "pro")
    assert judged.rented_cents == 174_00 + 40_00 + 58_00


@pytest.mark.contract("ORD-3")
def test_an_order_that_an_operator_confirms_meanwhile_is_counted(judged: Judged) -> None:
    # Given 126 left, a large order in the queue, and a small one placed while it is confirmed
    large = a_request(quantity=5, desktop_names=("A", "B", "C", "D", "E"))
    waiting = judged.orders.place(judged.account, judged.owner, large, "key-1")
    assert waiting.state is OrderState.AWAITING_VALIDATION
    judged.in_the_middle(lambda: judged.orders.validate(waiting.id, "operator:1"))
    small = judged.orders.place(judged.account, judged.owner, a_request(), "key-2")
    assert small.state is OrderState.AWAITING_VALIDATION
