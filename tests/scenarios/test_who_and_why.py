"""Every transition of a desktop names the person it is due to, and why (DSK-1, EVD-1)."""

import pytest

from chalicelib.desktops.model.desktop import AS_ASKED, ASKED
from tests.fakes.clock import paris
from tests.fakes.desktops import ACCOUNT, Renting

OTHER = "usr_marc"


def told(renting: Renting, name: str = "Accueil") -> list[tuple[str, str, str]]:
    return [(step.event, step.by, step.why) for step in renting.named(name).history]


@pytest.mark.contract("DSK-1", "EVD-1")
def test_what_the_worker_does_names_who_asked_for_it_and_why() -> None:
    # Given a desktop ordered by its owner, stopped and started by another, then deleted
    renting = Renting()
    owner = renting.owner.id
    desktop = renting.rent()
    renting.desktops.request_stop(ACCOUNT, desktop.id, by=OTHER)
    renting.pump()
    renting.desktops.request_start(ACCOUNT, desktop.id, by=OTHER)
    renting.pump()
    renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "pro", by=OTHER)
    renting.pump()
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=owner)
    renting.pump()
    # Then each step says who and why
    assert told(renting) == [
        ("ordered", owner, "C-ord_1"),
        ("provision", owner, AS_ASKED),
        ("be_ready", owner, AS_ASKED),
        ("stopping", OTHER, ASKED),
        ("stop", OTHER, AS_ASKED),
        ("starting", OTHER, ASKED),
        ("start", OTHER, AS_ASKED),
        ("reconfigure", OTHER, "standard → pro"),
        ("end_running", OTHER, AS_ASKED),
        ("delete", owner, ASKED),
        ("be_deleted", owner, AS_ASKED),
    ]
    # and so does its evidence
    entries = [
        (entry.facts["event"], entry.by, entry.facts["why"])
        for entry in renting.journal.entries(ACCOUNT)
        if entry.kind == "desktop.transition"
    ]
    assert ("stop", OTHER, AS_ASKED) in entries
    assert ("be_deleted", owner, AS_ASKED) in entries
    assert all(by and why for _, by, why in entries)


@pytest.mark.contract("DSK-1", "DSK-8")
def test_a_measure_names_its_operator_until_it_is_carried_out_and_lifted() -> None:
    renting = Renting()
    desktop = renting.rent()
    renting.desktops.take_measure(
        ACCOUNT, desktop.id, "isolation", "Envoi de spam.", by="operator:usr_op", key="msr_1"
    )
    renting.pump()
    renting.desktops.lift_measure(ACCOUNT, desktop.id, "msr_1", why="Réglé.", by="operator:usr_2")
    renting.pump()
    assert told(renting)[3:] == [
        ("measure_isolation", "operator:usr_op", "Envoi de spam."),
        ("isolate", "operator:usr_op", "Envoi de spam."),
        ("held", "operator:usr_op", AS_ASKED),
        ("lifted", "operator:usr_2", "Réglé."),
        ("release", "operator:usr_2", "Réglé."),
        ("released", "operator:usr_2", AS_ASKED),
    ]


@pytest.mark.contract("DSK-1")
def test_what_nobody_asked_for_is_said_to_come_from_the_cloud() -> None:
    # Given a desktop restarted by somebody, then stopped from inside
    renting = Renting()
    desktop = renting.rent()
    renting.desktops.request_restart(ACCOUNT, desktop.id, by=OTHER)
    renting.pump()
    renting.clock.set("2026-11-06 09:00")
    renting.machines.stop(desktop.machine_id or "")
    renting.machines.describe([desktop.machine_id or ""])
    renting.desktops.machine_changed(desktop.machine_id or "")
    renting.pump()
    last = renting.named("Accueil").history[-1]
    assert (last.event, last.by, last.why) == ("stop", "system", "in the cloud")
    assert last.at == paris("2026-11-06 09:00")
