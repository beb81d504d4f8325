"""A launch killed before or after each of its outside calls, then taken up again.

Two boundaries a call: killed just before it leaves, and killed once it was carried out but before
its answer is seen.  Whatever the boundary, one machine runs, the desktop is ready and one mail
brings one link.
"""

from dataclasses import replace

import pytest

from chalicelib.desktops.clouds.machines import LaunchRequest
from chalicelib.desktops.model.access_code import link_digest
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.messages import Queue
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.machines import FakeMachines


class Crashing(Renting):
    """A renting whose worker can be killed at any outside call."""

    def __init__(self, machines: FakeMachines | None = None) -> None:
        super().__init__()
        self.machines = machines or self.machines
        self.switch = KillSwitch()
        self.real_queues = self.queues
        self.queues = Mortal(  # type: ignore[assignment]
            self.real_queues, self.switch, frozenset({"send"})
        )
        self.build(
            Mortal(self.tables, self.switch, frozenset({"get", "query", "commit"})),  # type: ignore[arg-type]
            Mortal(self.machines, self.switch),
            Mortal(self.secrets, self.switch, frozenset({"put", "hand_to", "erase"})),
        )
        self.switch.arm(None)

    def work_until_killed(self) -> None:
        """Handle messages; one whose handling is killed comes back, as SQS gives it back."""
        while (message := self.real_queues.take()) is not None:
            if message.queue is not Queue.DESKTOPS:
                continue
            try:
                self.handle(message)
            except Killed:
                self.real_queues.send(message)
                self.switch.arm(None)
                self.desktop_work.relay_pending()


def launch(kill_at: int | None, machines: FakeMachines | None = None) -> Crashing:
    """Have an order of two desktops carried out, killed once at that boundary."""
    renting = Crashing(machines)
    renting.validate("Accueil", "Atelier")
    renting.switch.arm(kill_at)
    renting.work_until_killed()
    return renting


def check(renting: Crashing) -> None:
    """The invariants: one machine each, running, one usable link in one mail."""
    desktops = renting.desktops.of_account(ACCOUNT)
    assert [desktop.state for desktop in desktops] == [State.RUNNING, State.RUNNING]
    assert sorted(m.id for m in renting.machines.machines.values()) == sorted(
        str(desktop.machine_id) for desktop in desktops
    )
    for desktop in desktops:
        mails = {
            message.key: message
            for message in renting.real_queues.of(Queue.MAIL)
            if desktop.id in message.key
        }
        assert len(mails) == 1, "one mail, however often its message was sent"
        (message,) = mails.values()
        token = message.body["context"]["path"].removeprefix("/access/")
        code = renting.desktop_storage.code(desktop.id)
        assert code is not None
        assert code.link_digest == link_digest(token), "the link mailed is the one that works"
        secret = renting.codes.reveal(token, ACCOUNT, renting.owner).secret
        assert renting.secrets.laid[desktop.id] == secret, "the machine has the code revealed"
    assert renting.journal.verify(ACCOUNT) is None
    reached = [e.facts["to"] for e in renting.journal.entries(ACCOUNT) if "event" in e.facts]
    assert sorted(reached[:4]) == sorted(["provisioning", "running"] * 2)


BOUNDARIES = len(launch(None).switch.passed)


def test_the_launch_has_boundaries_enough_to_be_worth_it() -> None:
    labels = launch(None).switch.passed
    assert {"before launch", "after launch", "after commit", "after put"} <= set(labels)
    assert 60 < len(labels) < 400


@pytest.mark.contract("DSK-2", "ORD-4")
@pytest.mark.parametrize("kill_at", range(BOUNDARIES))
def test_a_launch_killed_anywhere_ends_with_one_machine_and_one_mail(kill_at: int) -> None:
    check(launch(kill_at))


class Careless(FakeMachines):
    """A planted bug: neither the token nor the tag is looked at."""

    def launch(self, request: LaunchRequest) -> str:
        nobody = f"{request.desktop_id}-{len(self.machines)}"
        return super().launch(replace(request, desktop_id=nobody, token=nobody))


def test_a_provider_without_its_guards_is_caught() -> None:
    caught = 0
    for kill_at in range(BOUNDARIES):
        try:
            check(launch(kill_at, Careless()))
        except AssertionError:
            caught += 1
    assert caught


@pytest.mark.contract("DSK-2")
def test_the_same_launch_by_many_workers_makes_one_machine() -> None:
    # given the same message four times
    renting = Crashing()
    renting.validate("Accueil", "Atelier")
    renting.work_until_killed()
    repeated = list(renting.real_queues.of(Queue.DESKTOPS)) * 3
    # when
    for message in repeated:
        renting.real_queues.send(message)
    renting.work_until_killed()
    # then
    check(renting)
