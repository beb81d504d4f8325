"""CGV art. 7, 17: states of OmnyPods, delivery notes, prices, indemnities (POD-1 to POD-3)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.equipment.model.cases import Cause, Decision, Outcome, PodCase, amount_owed
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.pod_prices import PodPrice, check_new, first_prices, price_on
from chalicelib.equipment.model.pod_states import TRANSITIONS, PodEvent, PodState
from chalicelib.equipment.stock.delivery_note import read_csv
from chalicelib.foundation.errors import DomainError, FieldErrors
from tests.fakes.pods import note

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
TODAY = date(2026, 11, 5)
CASE = PodCase("OP-1-3", "acc_1", "OP-1", Cause.LOSS, TODAY, "Perdu", NOW, "usr_1")


@pytest.mark.contract("POD-1")
@given(st.lists(st.sampled_from(PodEvent), max_size=30))
def test_whatever_is_tried_a_pod_only_makes_the_moves_of_the_table(events: list[PodEvent]) -> None:
    # Given a pod in stock, and any sequence of events
    pod = Pod("OP-1", "OmnyPod 2", TODAY)
    for event in events:
        before = pod
        try:
            pod = pod.after(event, at=NOW, by="usr_1")
        except DomainError:
            # Then what the table does not have changes nothing
            assert (before.state, event) not in TRANSITIONS
            assert pod == before
        else:
            # and what it has is noted, with who and why
            assert TRANSITIONS[before.state, event] is pod.state
            assert pod.movement_count == before.movement_count + 1
            assert (pod.movements[-1].event, pod.movements[-1].by) == (event.value, "usr_1")


@pytest.mark.contract("POD-1")
def test_every_state_can_be_reached_and_left() -> None:
    reached = set(TRANSITIONS.values())
    left = {state for state, _ in TRANSITIONS}
    assert reached | {PodState.IN_STOCK} == set(PodState)
    assert left == set(PodState)


@pytest.mark.contract("POD-1")
def test_a_delivery_note_is_read_with_either_separator() -> None:
    semicolons = read_csv(note("op-0001", "OP-0002"), TODAY)
    commas = read_csv(note("op-0001", "OP-0002").replace(";", ","), TODAY)
    assert semicolons == commas
    assert [(line.number, line.serial) for line in semicolons] == [(2, "OP-0001"), (3, "OP-0002")]


@pytest.mark.contract("POD-1")
@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", {"csv"}),
        ("serial;model", {"ligne 1"}),
        ("serial;model;received_on", {"csv"}),
        (note("OP-0001", "x", "OP-0001"), {"ligne 3", "ligne 4"}),
        (note("OP-0001", received_on="2026-11-06"), {"ligne 2"}),
        (note("OP-0001", received_on="5/11/2026"), {"ligne 2"}),
        (note("OP-0001", model=" "), {"ligne 2"}),
        ("serial;model;received_on\nOP-0001;OmnyPod", {"ligne 2"}),
    ],
)
def test_each_bad_line_of_a_delivery_note_is_named(text: str, places: set[str]) -> None:
    with pytest.raises(FieldErrors) as refused:
        read_csv(text, TODAY)
    assert set(refused.value.errors) == places


@pytest.mark.contract("POD-1")
def test_a_delivery_note_with_a_quotation_mark_left_open_is_refused() -> None:
    endless = note("OP-0001") + '\nOP-0002;"' + "x" * 200_000
    with pytest.raises(FieldErrors) as refused:
        read_csv(endless, TODAY)
    assert set(refused.value.errors) == {"csv"}


@pytest.mark.contract("POD-2")
def test_the_price_is_that_of_the_day_it_happened() -> None:
    # Given 149 euros from January, and 159 announced for December
    prices = [*first_prices(), PodPrice(Cause.LOSS, date(2026, 12, 1), 159_00)]
    # When a pod is lost the day before, and on the day
    assert price_on(prices, Cause.LOSS, date(2026, 11, 30)) == 149_00
    assert price_on(prices, Cause.LOSS, date(2026, 12, 1)) == 159_00
    # Then before the first price there is none, and other causes keep theirs
    assert price_on(prices, Cause.LOSS, date(2025, 12, 31)) is None
    assert price_on(prices, Cause.DAMAGE, date(2026, 12, 1)) == 89_00


@pytest.mark.contract("POD-2")
@pytest.mark.parametrize(
    ("price", "field"),
    [
        (PodPrice(Cause.LOSS, TODAY, 100_00), "from_on"),
        (PodPrice(Cause.FAULT, date(2026, 12, 1), 100_00), "cause"),
        (PodPrice(Cause.LOSS, date(2026, 12, 1), 0), "price"),
        (PodPrice(Cause.LOSS, date(2026, 12, 1), 5000_01), "price"),
    ],
)
def test_a_price_that_cannot_be_is_refused(price: PodPrice, field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        check_new(price, TODAY)
    assert set(refused.value.errors) == {field}


def decision(outcome: Outcome = Outcome.BILLED, **changes: object) -> Decision:
    return replace(Decision(outcome, Cause.LOSS, "Perdu par le client."), **changes)  # type: ignore[arg-type]


@pytest.mark.contract("POD-2")
def test_a_defect_of_the_device_is_never_billed() -> None:
    # Given a fault the operator would bill, then what else may be decided of it
    with pytest.raises(DomainError) as refused:
        amount_owed(CASE, decision(cause=Cause.FAULT), 149_00, is_professional=True)
    assert refused.value.article == "7"
    for outcome in (Outcome.DEFECT, Outcome.WAIVED):
        assert amount_owed(CASE, decision(outcome), 149_00, is_professional=True) == 0


@pytest.mark.contract("POD-2")
def test_a_decision_has_a_reason_and_a_price() -> None:
    assert amount_owed(CASE, decision(), 149_00, is_professional=False) == 149_00
    with pytest.raises(FieldErrors):
        amount_owed(CASE, decision(reason=" "), 149_00, is_professional=True)
    with pytest.raises(DomainError):
        amount_owed(CASE, decision(), None, is_professional=True)


@pytest.mark.contract("POD-3")
def test_a_missed_return_costs_a_professional_one_month_and_a_consumer_at_most_that() -> None:
    # Given a pod lent with a desktop at 39 euros a month
    case = replace(CASE, cause=Cause.NOT_RETURNED, fee_cents=39_00)
    missed = decision(cause=Cause.NOT_RETURNED)
    # Then a professional owes the month, whatever is typed (P11)
    typed = replace(missed, typed_cents=10_00)
    assert amount_owed(case, typed, None, is_professional=True) == 39_00
    # and a consumer the loss shown, never more than the month
    assert amount_owed(case, typed, None, is_professional=False) == 10_00
    for cents in (None, 0, 39_01):
        with pytest.raises(FieldErrors) as refused:
            amount_owed(case, replace(missed, typed_cents=cents), None, is_professional=False)
        assert set(refused.value.errors) == {"amount"}
