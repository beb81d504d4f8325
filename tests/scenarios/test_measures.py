"""What the company imposes on desktops: suspended, isolated, lifted, contested (DSK-8, PRI-5)."""

from datetime import date

import pytest

from chalicelib.desktops.clouds.machines import MachineStatus
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.errors import DomainError, FieldErrors
from tests.fakes.desktops import ACCOUNT, Renting

OWNER = "usr_acc_lumen"
OPERATOR = "operator:usr_op"


@pytest.fixture
def renting() -> Renting:
    return Renting()


@pytest.mark.contract("DSK-8", "DSK-1")
def test_an_account_suspended_and_resumed_finds_its_desktops_as_they_were(renting: Renting) -> None:
    # given one desktop that runs and one that is stopped
    running = renting.rent("Accueil")
    stopped = renting.rent("Atelier")
    renting.desktops.request_stop(ACCOUNT, stopped.id, by=OWNER)
    renting.pump()
    # when the account is suspended, twice
    assert renting.desktops.suspend_account(ACCOUNT, why="Facture impayée", by="system") == 2
    assert renting.desktops.suspend_account(ACCOUNT, why="Facture impayée", by="system") == 0
    renting.pump()
    # then no machine runs
    for desktop in (running, stopped):
        held = renting.now_of(desktop)
        assert (held.state, held.operation, held.address) == (State.SUSPENDED, None, None)
    assert {m.status for m in renting.machines.alive} == {MachineStatus.STOPPED}
    # when it is resumed, twice
    assert renting.desktops.resume_account(ACCOUNT, by="system") == 2
    assert renting.desktops.resume_account(ACCOUNT, by="system") == 0
    renting.pump()
    # then each is what it was
    assert renting.now_of(running).state is State.RUNNING
    assert renting.now_of(running).address
    assert renting.now_of(stopped).state is State.STOPPED
    assert renting.now_of(running).operation is renting.now_of(stopped).operation is None


@pytest.mark.contract("DSK-8")
def test_a_measure_taken_during_an_operation_waits_for_its_end(renting: Renting) -> None:
    # given a desktop that is changing configuration
    desktop = renting.rent()
    renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "pro", by=OWNER)
    # when its account is suspended meanwhile
    renting.desktops.suspend_account(ACCOUNT, why="Facture impayée", by="system")
    assert renting.now_of(desktop).state is State.RECONFIGURING
    renting.pump()
    # then the change is complete, and the desktop suspended
    held = renting.now_of(desktop)
    assert (held.state, held.configuration_code) == (State.SUSPENDED, "pro")
    # and it comes back to what it was
    renting.desktops.resume_account(ACCOUNT, by="system")
    renting.pump()
    assert renting.now_of(desktop).state is State.RUNNING


@pytest.mark.contract("DSK-8")
def test_a_desktop_being_made_while_its_account_is_suspended_ends_suspended(
    renting: Renting,
) -> None:
    renting.validate("Accueil")
    renting.handle(renting.queues.take())
    renting.desktops.suspend_account(ACCOUNT, why="Facture impayée", by="system")
    renting.pump()
    assert renting.named("Accueil").state is State.SUSPENDED


@pytest.mark.contract("DSK-8", "DSK-1")
def test_lifting_one_measure_leaves_the_others(renting: Renting) -> None:
    # given a desktop isolated, then suspended with its account
    desktop = renting.rent()
    take(renting, desktop, "isolation", "Minage")
    renting.pump()
    assert renting.machines.alive[0].isolated
    renting.desktops.suspend_account(ACCOUNT, why="Facture impayée", by="system")
    renting.pump()
    assert renting.now_of(desktop).state is State.SUSPENDED
    # when the account pays
    renting.desktops.resume_account(ACCOUNT, by="system")
    renting.pump()
    # then it is isolated still
    assert renting.now_of(desktop).state is State.ISOLATED
    # when that is lifted too
    renting.desktops.lift_measure(ACCOUNT, desktop.id, "m1", why="Nettoyé", by=OPERATOR)
    renting.pump()
    # then it runs, connected
    back = renting.now_of(desktop)
    assert (back.state, back.operation, bool(back.address)) == (State.RUNNING, None, True)
    assert not renting.machines.alive[0].isolated
    # and every step is in the journal with who and why
    told = [(e.kind, e.by) for e in renting.journal.entries(ACCOUNT) if "measure" in e.kind]
    assert told == [
        ("desktop.measure_taken", OPERATOR),
        ("desktop.measure_taken", "system"),
        ("desktop.measure_lifted", "system"),
        ("desktop.measure_lifted", OPERATOR),
    ]


@pytest.mark.contract("DSK-8")
def test_an_update_not_made_by_its_date_isolates_the_desktop(renting: Renting) -> None:
    # given an update required by 10 November
    desktop = renting.rent()
    take(renting, desktop, "update", "Faille connue", due_on=date(2026, 11, 10))
    renting.pump()
    assert renting.now_of(desktop).state is State.RUNNING
    # when its last day is not over, then nothing happens
    renting.clock.set("2026-11-10 23:55")
    renting.desktops.watch()
    renting.pump()
    assert renting.now_of(desktop).state is State.RUNNING
    # when it is, however often the job runs
    renting.clock.set("2026-11-11 00:05")
    renting.desktops.watch()
    renting.desktops.watch()
    renting.pump()
    # then it is isolated, and the client is told that nobody decided it
    assert renting.now_of(desktop).state is State.ISOLATED
    told = [mail["context"] for mail in renting.mails("desktop_measure")]
    assert [(mail["what"], mail["automatic"]) for mail in told] == [
        ("taken", False),
        ("applied", True),
    ]


@pytest.mark.contract("PRI-5", "DSK-8")
def test_a_contested_measure_waits_for_a_human(renting: Renting) -> None:
    # given an update required by 10 November, contested
    desktop = renting.rent()
    take(renting, desktop, "update", "Faille connue", due_on=date(2026, 11, 10))
    renting.desktops.contest_measure(ACCOUNT, desktop.id, "m1", "Déjà à jour", by=OWNER)
    renting.desktops.contest_measure(ACCOUNT, desktop.id, "m1", "Encore", by=OWNER)
    # when its date passes
    renting.clock.set("2026-11-12 00:05")
    renting.desktops.watch()
    renting.pump()
    # then no machine decided
    contested = renting.now_of(desktop)
    assert (contested.state, contested.measures[0].contest) == (State.RUNNING, "Déjà à jour")
    # when an operator upholds it
    renting.desktops.uphold_measure(
        ACCOUNT, desktop.id, "m1", why="Version vulnérable", by=OPERATOR
    )
    renting.desktops.watch()
    renting.pump()
    # then it applies
    assert renting.now_of(desktop).state is State.ISOLATED


@pytest.mark.contract("DSK-8", "DSK-5")
def test_a_reinstallation_required_ends_its_isolation_once_done(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    take(renting, desktop, "reinstallation", "Machine compromise")
    renting.pump()
    assert renting.now_of(desktop).state is State.ISOLATED
    with pytest.raises(DomainError, match="isolé"):
        renting.desktops.request_restart(ACCOUNT, desktop.id, by=OWNER)
    # when
    renting.desktops.request_reinstall(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.pump()
    # then
    done = renting.now_of(desktop)
    assert (done.state, done.measures) == (State.RUNNING, ())
    assert not renting.machines.alive[0].isolated


@pytest.mark.contract("DSK-8", "DSK-6")
def test_a_deletion_required_is_over_with_the_desktop(renting: Renting) -> None:
    desktop = renting.rent()
    take(renting, desktop, "deletion", "Contenu illicite")
    renting.pump()
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.pump()
    assert (renting.now_of(desktop).state, renting.now_of(desktop).measures) == (State.DELETED, ())
    assert renting.desktops.measured() == []


@pytest.mark.contract("DSK-8")
def test_a_measure_needs_a_kind_a_reason_and_for_an_update_a_date(renting: Renting) -> None:
    desktop = renting.rent()
    for kind, reason, due_on, field in [
        ("other", "Raison", None, "kind"),
        ("isolation", "  ", None, "reason"),
        ("isolation", "x" * 1001, None, "reason"),
        ("update", "Faille", None, "due_on"),
        ("update", "Faille", date(2026, 11, 5), "due_on"),
    ]:
        with pytest.raises(FieldErrors) as refused:
            take(renting, desktop, kind, reason, due_on=due_on)
        assert set(refused.value.errors) == {field}
    assert renting.now_of(desktop).measures == ()


def take(
    renting: Renting, desktop: Desktop, kind: str, reason: str, due_on: date | None = None
) -> None:
    renting.desktops.take_measure(
        ACCOUNT, desktop.id, kind, reason, by=OPERATOR, key="m1", due_on=due_on
    )
