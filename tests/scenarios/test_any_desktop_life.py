"""Random lives of a desktop: requests, measures, time and a cloud with its own mind (DSK-1).

Whatever happens in whatever order, a request is either granted or refused in words, the state is
one of the table's, there is at most one machine, and once left alone the desktop comes to rest.
"""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.desktops.clouds.machines import MachineStatus
from chalicelib.desktops.model.desktop import Desktop, Mark
from chalicelib.desktops.model.lifecycle import HELD, OVER, TRANSITIONS, Event, State
from chalicelib.desktops.model.measures import held_state
from chalicelib.foundation.errors import DomainError, FinalGatewayError, TemporaryGatewayError
from tests.fakes.desktops import ACCOUNT, Renting

OWNER, OPERATOR = "usr_acc_lumen", "operator:usr_op"
KINDS = ("suspension", "isolation", "update", "reinstallation", "deletion")


class AnyLife(RuleBasedStateMachine):
    """One desktop, asked anything."""

    def __init__(self) -> None:
        super().__init__()
        self.renting = Renting()
        self.renting.validate("Accueil", options=(("backup", 1),))
        self.renting.handle(self.renting.queues.take())
        self.measures = 0

    @property
    def desktop(self) -> Desktop:
        return self.renting.named("Accueil")

    def ask(self, name: str, *given: object, **named: object) -> None:
        before = self.desktop
        try:
            getattr(self.renting.desktops, name)(ACCOUNT, before.id, *given, by=OWNER, **named)
        except DomainError:
            assert self.desktop == before, "a refusal changes nothing"

    @rule(action=st.sampled_from(["request_start", "request_stop", "request_restart"]))
    def power(self, action: str) -> None:
        self.ask(action)

    @rule(code=st.sampled_from(["standard", "essentiel", "pro", "graphique"]))
    def reconfigure(self, code: str) -> None:
        self.ask("request_reconfigure", code)

    @rule(code=st.sampled_from(["essentiel", "pro"]), hours=st.integers(1, 30))
    def schedule(self, code: str, hours: int) -> None:
        self.ask("schedule_change", code, self.renting.clock.now() + timedelta(hours=hours))

    @rule(count=st.integers(0, 3), backup=st.integers(0, 1))
    def options(self, count: int, backup: int) -> None:
        self.ask("change_options", (("backup", backup), ("storage-10gb", count)))

    @rule()
    def reinstall(self) -> None:
        self.ask("request_reinstall", "Accueil")

    @rule()
    def new_code(self) -> None:
        self.ask("request_new_code")

    @rule()
    def restore(self) -> None:
        for backup in self.desktop.backups[:1]:
            self.ask("request_restore", backup.snapshot_id, "Accueil")

    @precondition(lambda self: self.measures < 3)
    @rule(kind=st.sampled_from(KINDS))
    def take(self, kind: str) -> None:
        self.measures += 1
        due_on = date(2027, 3, 1) if kind == "update" else None
        try:
            self.renting.desktops.take_measure(
                ACCOUNT,
                self.desktop.id,
                kind,
                "Raison",
                by=OPERATOR,
                key=f"m{self.measures}",
                due_on=due_on,
            )
        except DomainError:
            assert not self.desktop.is_active

    @rule()
    def lift(self) -> None:
        for measure in self.desktop.measures[:1]:
            self.renting.desktops.lift_measure(
                ACCOUNT, self.desktop.id, measure.id, why="", by=OPERATOR
            )

    @rule(suspended=st.booleans())
    def account(self, suspended: bool) -> None:
        if suspended:
            self.renting.desktops.suspend_account(ACCOUNT, why="Impayé", by="system")
        else:
            self.renting.desktops.resume_account(ACCOUNT, by="system")

    @rule(count=st.integers(1, 6))
    def some_work(self, count: int) -> None:
        for _ in range(count):
            message = self.renting.queues.take()
            if message is None:
                return
            try:
                self.renting.handle(message)
            except TemporaryGatewayError:
                continue  # lost

    @rule(hours=st.integers(1, 20))
    def time_passes(self, hours: int) -> None:
        self.renting.clock.advance(hours=hours)
        self.renting.desktops.watch()
        self.renting.desktops.ask_backups()
        self.renting.reconciliation.run()

    @rule()
    def the_cloud_stops_it(self) -> None:
        for machine in self.renting.machines.alive:
            if machine.status is MachineStatus.RUNNING:
                self.renting.machines.stop(machine.id)

    @rule()
    def the_cloud_refuses_a_type(self) -> None:
        self.renting.machines.refuse_types = {"m6i.xlarge"}

    @rule()
    def the_disk_does_not_grow(self) -> None:
        self.renting.machines.refuse_growth = FinalGatewayError("EC2", code="Unsupported")

    @rule()
    def delete(self) -> None:
        self.ask("request_delete", "Accueil")

    @invariant()
    def holds(self) -> None:
        desktop = self.desktop
        assert desktop.state in State
        for step in desktop.history:
            if step.event in list(Event):
                assert TRANSITIONS[step.from_state][Event(step.event)] is step.to_state
            assert step.by
        assert len(self.renting.machines.alive) <= 1
        if desktop.state in HELD and not (desktop.measures or desktop.operation):
            # Lifted while it was being carried out: what was carried out is undone next.
            waiting = [message.key for message in self.renting.queues.waiting]
            assert f"settle:{desktop.id}" in waiting
            assert desktop in self.renting.desktop_storage.marked(Mark.MOVING)
        if desktop.state is State.DELETING:
            assert desktop.deleted_at is not None

    def teardown(self) -> None:
        """Left alone, everything comes to its end and agrees with the cloud."""
        for _ in range(4):
            self.renting.desktops.watch()
            self.renting.reconciliation.run()
            self.renting.pump()
        desktop = self.desktop
        assert not desktop.is_moving
        assert self.renting.journal.verify(ACCOUNT) is None
        if desktop.state in OVER:
            assert not self.renting.machines.alive
            return
        wanted = held_state(desktop.measures)
        assert desktop.state is wanted if wanted else desktop.state not in HELD
        assert [machine.id for machine in self.renting.machines.alive] == [desktop.machine_id]
        assert self.renting.reconciliation.run().is_clean


AnyLife.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyLife = pytest.mark.contract("DSK-1", "DSK-8", "DSK-9")(AnyLife.TestCase)


@pytest.mark.contract("DSK-8")
@pytest.mark.parametrize("kind", ["isolation", "suspension"])
@pytest.mark.parametrize("done", range(4))
def test_a_measure_lifted_at_any_point_of_its_being_carried_out(kind: str, done: int) -> None:
    # Given a desktop that runs, and a measure of which some work is done
    life = AnyLife()
    life.some_work(20)
    life.take(kind)
    for _ in range(done):
        life.some_work(1)
    # When it is lifted, then after each message the desktop is as it may be, and it ends free
    life.lift()
    while life.renting.queues.waiting:
        life.some_work(1)
        life.holds()
    assert life.desktop.state is State.RUNNING
    life.teardown()
