"""OmnyPods reserved and billed by a worker killed at each of its outside calls (POD-1, POD-2).

Whatever the boundary, each pod is in one place, and what was decided is billed once.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from chalicelib.equipment.model.cases import Cause, Decision, Outcome
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.orders.model.request import LineRequest
from chalicelib.queues import handle
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.pods import OPERATOR, Lending, note

CALLS = frozenset({"commit", "send"})  # what has an effect; a reading killed is one not made


class Crashing(Lending):
    """A lending that can be killed at any call to its tables or queues, then taken up again."""

    def __init__(self) -> None:
        super().__init__()
        self.switch = KillSwitch()
        adapters = self.world.adapters
        self.real = adapters.tables, adapters.queues

    def arm(self, kill_at: int | None) -> None:
        """Put mortal tables and queues under services built afresh."""
        adapters = self.world.adapters
        tables, queues = (Mortal(each, self.switch, CALLS) for each in self.real)
        adapters.__dict__.update(tables=tables, queues=queues)
        self.services = self.world.services = type(self.services)(adapters)
        self.switch.arm(kill_at)

    def put_back(self, kept: Any) -> None:
        """Start again from tables as they were, and with empty queues."""
        tables, queues = self.real
        partitions, listed = deepcopy(kept)
        tables._partitions, tables._listed = partitions, listed
        queues.waiting.clear()
        queues.sent.clear()
        self.recover()

    @property
    def kept(self) -> Any:
        """A copy of what the tables hold."""
        tables = self.real[0]
        return deepcopy((tables._partitions, tables._listed))

    def recover(self) -> None:
        """Begin again with the outbox, as a new process would."""
        tables, queues = self.real
        self.world.adapters.__dict__.update(tables=tables, queues=queues)
        self.services = self.world.services = type(self.services)(self.world.adapters)
        self.services.base.work.relay_pending()
        self.world.pump()

    def work(self) -> None:
        """Handle the messages; one whose handling is killed comes back, as SQS gives it back."""
        queues = self.real[1]
        while (message := queues.take()) is not None:
            try:
                handle(message.queue, message.text, self.services)
            except Killed:
                queues.send(message)
                raise

    def killed(self, act: Callable[["Crashing"], object], kill_at: int | None) -> None:
        """Do something, killed at that boundary; then do it again as a person would, and settle."""
        self.arm(kill_at)
        try:
            act(self)
        except Killed:
            self.recover()
            act(self)
        self.recover()


def crashes(lending: Crashing, act: Callable[[Crashing], object]) -> Iterator[int]:
    """Do something from the same beginning, killed at each boundary in turn; yield after each."""
    kept = lending.kept
    lending.killed(act, None)
    for kill_at in range(len(lending.switch.passed)):
        lending.put_back(kept)
        lending.killed(act, kill_at)
        yield kill_at


def fill(lending: Crashing) -> None:
    lending.services.equipment.reservations.fill_shortages()


@pytest.mark.contract("POD-1")
def test_a_reservation_killed_anywhere_reserves_each_pod_once() -> None:
    # Given four desktops that wait for pods, and three in stock
    lending = Crashing()
    client = lending.client()
    lending.order(client, LineRequest("essentiel", 4))
    lending.services.equipment.stock.import_csv(note("OP-0001", "OP-0002", "OP-0003"), OPERATOR)
    # When the worker that reserves is killed at each boundary, then started again
    tried = 0
    for tried in crashes(lending, fill):
        # Then all three are reserved, each in one slot, and the fourth is still wanted
        (dispatch,) = lending.services.equipment.dispatches.open()
        serials = [slot.serial for slot in dispatch.slots if slot.serial]
        assert sorted(serials) == ["OP-0001", "OP-0002", "OP-0003"], tried
        assert {lending.pod(serial).slot for serial in serials} == {0, 1, 2}, tried
        assert {lending.pod(serial).state for serial in serials} == {PodState.RESERVED}, tried
        assert dispatch.missing == 1, tried
        assert lending.services.base.journal.verify(dispatch.account_id) is None
    assert tried


def bill(lending: Crashing) -> None:
    service = lending.services.equipment.cases
    for case in [*service.open(), *service.decided()]:
        decision = Decision(Outcome.BILLED, Cause.LOSS, "Perdu par le client.", replace_it=True)
        service.decide(case.account_id, case.id, decision, OPERATOR)
    lending.work()


@pytest.mark.contract("POD-2", "BIL-9")
def test_a_decision_killed_anywhere_bills_once() -> None:
    # Given a pod reported lost
    lending = Crashing()
    client = lending.client()
    lending.lent(client, "OP-0001")
    lending.services.equipment.custody.report(
        client[0].id, "OP-0001", Cause.LOSS, "Perdu", on=lending.today, by=client[1].id
    )
    # When the decision, or a worker behind it, is killed at each boundary, then taken again
    tried = 0
    for tried in crashes(lending, bill):
        # Then it stands once: one charge, one replacement, one mail
        (case,) = lending.services.equipment.cases.decided()
        charges = lending.services.billing.charges.pending(case.account_id)  # type: ignore[arg-type]
        assert [charge.unit_excl_vat_cents for charge in charges] == [149_00], tried
        replacements = [
            d for d in lending.services.equipment.dispatches.open() if d.id == f"rpl-{case.id}"
        ]
        assert len(replacements) == 1, tried
        assert len(lending.mails_of("pod_decision")) == 1, tried
    assert tried > 5
