"""What an OmnyPod must be before it is sent, and what a lost one costs (POD-1, POD-2)."""

from datetime import date

import pytest

from chalicelib.equipment.model.cases import Cause, Decision, Outcome
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.pod_prices import PodPrice
from chalicelib.equipment.model.pod_states import PodEvent, PodState, allows
from chalicelib.foundation.errors import DomainError
from tests.fakes.clock import paris
from tests.fakes.pods import OPERATOR, Lending


@pytest.mark.contract("POD-1")
@pytest.mark.parametrize("state", [state for state in PodState if state is not PodState.RESERVED])
def test_only_a_reserved_pod_is_shipped(state: PodState) -> None:
    # Given an OmnyPod that is not reserved for anybody's parcel
    pod = Pod("OP-0001", "OmnyPod 2", date(2026, 11, 2), state=state)
    # Then it can be sent to nobody, and stays what it is
    assert not allows(state, PodEvent.SHIP)
    with pytest.raises(DomainError):
        pod.after(PodEvent.SHIP, at=paris("2026-11-05 10:00"), by=OPERATOR)


@pytest.mark.contract("POD-1")
def test_a_parcel_leaves_with_what_is_reserved_for_it_and_nothing_else() -> None:
    # Given an order of two pods, only one of which is in stock
    lending = Lending()
    client = lending.client()
    first = lending.order(client)
    with pytest.raises(DomainError, match="Rien n’est réservé"):
        lending.ship(first)
    assert lending.mails_of("pod_shipped") == []
    # When one comes, it is reserved for that order, and leaves once
    lending.stock("OP-0001")
    second = lending.order(client, key="1" * 32)
    with pytest.raises(DomainError, match="Rien n’est réservé"):
        lending.ship(second)
    lending.ship(first)
    assert [slot.serial for slot in lending.dispatch(first).slots] == ["OP-0001"]
    # Then the second order still waits, and nothing more leaves for the first
    assert lending.dispatch(second).missing == 1
    with pytest.raises(DomainError):
        lending.ship(first, tracking="LP999")
    assert lending.pod("OP-0001").tracking == "LP123"


@pytest.mark.contract("POD-2", "BIL-9")
def test_a_lost_pod_costs_the_price_of_the_day_it_was_lost() -> None:
    # Given 149,00 for a loss, 180,00 from 20 November, and a pod lost on the 12th
    lending = Lending()
    account, user = lending.client()
    lending.lent((account, user), "OP-0001")
    dearer = PodPrice(Cause.LOSS, date(2026, 11, 20), 180_00)
    lending.services.equipment.prices.announce(dearer, OPERATOR)
    lending.world.clock.set("2026-11-25 09:00")
    case = lending.services.equipment.custody.report(
        account.id, "OP-0001", Cause.LOSS, "Train.", on=date(2026, 11, 12), by=user.id
    )
    # When the operator sees the case and bills it on the 25th, then at the price of the 12th
    assert lending.services.equipment.cases.listed_price(case) == 149_00
    decision = Decision(Outcome.BILLED, Cause.LOSS, "Examiné avec le client.")
    lending.services.equipment.cases.decide(account.id, case.id, decision, OPERATOR)
    lending.world.pump()
    charges = lending.services.billing.charges.pending(account.id)
    assert [(each.kind, each.unit_excl_vat_cents) for each in charges] == [("pod_loss", 149_00)]
