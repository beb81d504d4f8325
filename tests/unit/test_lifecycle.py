"""The state machine of desktops: nothing outside its table, whatever happens in what order."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.desktops.model.desktop import Desktop, Tariff
from chalicelib.desktops.model.lifecycle import OVER, TRANSITIONS, Event, State, allows, move
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
ORDERED = Desktop(
    id="dsk_1",
    account_id=AccountId("acc_1"),
    order_id="ord_1",
    name="Accueil",
    configuration_code="standard",
    option_codes=(),
    state=State.ORDERED,
    provider="ec2",
    created_at=NOW,
    recorded_at=NOW,
    tariffs=(Tariff("standard", NOW),),
)


@pytest.mark.contract("DSK-1")
@given(st.lists(st.sampled_from(Event), max_size=30))
def test_any_sequence_of_events_stays_within_the_table(events: list[Event]) -> None:
    # given
    desktop = ORDERED
    for event in events:
        # when
        before = desktop
        try:
            desktop = desktop.after(event, at=NOW, by="usr_1", why="test")
        except DomainError:
            # then a refusal changes nothing
            assert event not in TRANSITIONS[before.state]
            assert desktop == before
        else:
            # then a transition is in the table and names who and why
            assert desktop.state is TRANSITIONS[before.state][event]
            last = desktop.history[-1]
            assert (last.from_state, last.to_state) == (before.state, desktop.state)
            assert (last.event, last.by, last.why) == (event, "usr_1", "test")


@pytest.mark.contract("DSK-1")
def test_the_eleven_states_are_all_reached_and_the_ended_ones_never_left() -> None:
    # given
    reached, edge = {State.ORDERED}, [State.ORDERED]
    # when every transition is followed
    while edge:
        for target in TRANSITIONS[edge.pop()].values():
            if target not in reached:
                reached.add(target)
                edge.append(target)
    # then
    assert reached == set(State)
    assert len(State) == 11
    assert {state for state, moves in TRANSITIONS.items() if not moves} == OVER


@pytest.mark.contract("DSK-1", "DSK-6")
def test_whatever_is_not_over_can_be_deleted_by_its_client() -> None:
    alive = set(State) - OVER - {State.DELETING}
    assert {state for state in State if allows(state, Event.DELETE)} == alive


@pytest.mark.contract("DSK-1")
@pytest.mark.parametrize("state", State)
def test_every_state_refuses_in_words_of_its_own(state: State) -> None:
    refused = next(event for event in Event if not allows(state, event))
    with pytest.raises(DomainError, match="bureau"):
        move(state, refused)
