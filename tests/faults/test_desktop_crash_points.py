"""Each long work on a desktop, killed before or after each of its outside calls, then taken up.

Whatever the boundary: one machine, the state asked for, a journal that holds, and nothing for the
next comparison with the cloud to find.
"""

from collections.abc import Callable
from functools import cache

import pytest

from chalicelib.desktops.desktop import Desktop
from chalicelib.desktops.lifecycle import State
from tests.fakes.crash_points import Killed
from tests.fakes.desktops import ACCOUNT
from tests.faults.test_launch_crash_points import Crashing

OWNER = "usr_acc_lumen"


def resize(renting: Crashing, desktop: Desktop) -> None:
    renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "pro", by=OWNER)


def grow(renting: Crashing, desktop: Desktop) -> None:
    renting.desktops.change_options(
        ACCOUNT, desktop.id, (("backup", 1), ("storage-10gb", 2)), by=OWNER
    )


def reinstall(renting: Crashing, desktop: Desktop) -> None:
    renting.desktops.request_reinstall(ACCOUNT, desktop.id, "Accueil", by=OWNER)


def restore(renting: Crashing, desktop: Desktop) -> None:
    (backup,) = desktop.backups
    renting.desktops.request_restore(ACCOUNT, desktop.id, backup.snapshot_id, "Accueil", by=OWNER)


def delete(renting: Crashing, desktop: Desktop) -> None:
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)


def suspend_and_resume(renting: Crashing, desktop: Desktop) -> None:
    renting.desktops.suspend_account(ACCOUNT, why="Facture impayée", by="system")
    renting.work_until_killed()
    renting.desktops.resume_account(ACCOUNT, by="system")


STORIES = {
    story.__name__: story
    for story in (resize, grow, reinstall, restore, delete, suspend_and_resume)
}


def carried_out(story: Callable[[Crashing, Desktop], None], kill_at: int | None) -> Crashing:
    """Have a desktop with a backup, then the story, killed once at that boundary."""
    renting = Crashing()
    renting.validate("Accueil", options=(("backup", 1),))
    renting.work_until_killed()
    renting.desktops.ask_backups()
    renting.work_until_killed()
    renting.switch.arm(kill_at)
    try:
        story(renting, renting.named("Accueil"))
    except Killed:
        # The client's click died: what it committed goes on, and it clicks again.
        renting.switch.arm(None)
        renting.desktop_work.relay_pending()
        desktop = renting.named("Accueil")
        if story is suspend_and_resume or (desktop.is_active and not desktop.is_moving):
            story(renting, desktop)
    renting.work_until_killed()
    return renting


@cache
def boundaries(name: str) -> int:
    return len(carried_out(STORIES[name], None).switch.passed)


CASES = [(name, kill_at) for name in STORIES for kill_at in range(boundaries(name))]


@pytest.mark.contract("DSK-1", "DSK-2", "DSK-9")
@pytest.mark.parametrize(("name", "kill_at"), CASES)
def test_a_work_killed_anywhere_comes_to_its_end(name: str, kill_at: int) -> None:
    # when
    renting = carried_out(STORIES[name], kill_at)
    # then what was asked is so, and nothing is under way
    desktop = renting.named("Accueil")
    assert not desktop.is_moving
    assert renting.journal.verify(ACCOUNT) is None
    alive = renting.machines.alive
    if name == "delete":
        assert desktop.state is State.DELETED
        assert not alive
        assert not renting.machines.copies
    else:
        assert desktop.state is State.RUNNING
        assert [machine.id for machine in alive] == [desktop.machine_id]
    check_work(name, renting, desktop)
    # and the comparison with the cloud finds nothing
    assert renting.reconciliation.run().is_clean


def check_work(name: str, renting: Crashing, desktop: Desktop) -> None:
    """What each work leaves behind, once."""
    machines = renting.machines.alive
    if name == "resize":
        assert [tariff.configuration_code for tariff in desktop.tariffs] == ["standard", "pro"]
        pro = renting.catalogue.current().configuration("pro")
        assert machines[0].instance_type == pro.instance_type
    elif name == "grow":
        assert dict(desktop.option_codes)["storage-10gb"] == 2
        assert machines[0].storage_gib == 70
        assert len(desktop.options_history) == 2
    elif name == "reinstall":
        assert len(renting.machines.machines) == 2, "the former one, and one new one"
        token = renting.link("desktop_reinstalled")
        secret = renting.codes.reveal(token, ACCOUNT, renting.owner).secret
        assert renting.secrets.laid[desktop.id] == secret
    elif name == "restore":
        assert machines[0].content == desktop.backups[0].snapshot_id
