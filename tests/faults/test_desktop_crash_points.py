"""Each long work on a desktop, killed before or after each of its outside calls, then taken up.

Whatever the boundary: one machine, the state asked for, a journal that holds, and nothing for the
next comparison with the cloud to find.
"""

from collections.abc import Callable
from functools import cache, partial

import pytest

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.errors import FinalGatewayError
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


def restore_in_vain(renting: Crashing, desktop: Desktop) -> None:
    renting.machines.refuse_disks = FinalGatewayError("no", code="InvalidVolume.ZoneMismatch")
    restore(renting, desktop)


def isolate_and_lift(renting: Crashing, desktop: Desktop) -> None:
    for _ in range(2):  # decided twice, as a second click does
        renting.desktops.take_measure(
            ACCOUNT, desktop.id, "isolation", "Attaque en cours", by="operator:x", key="m1"
        )
    renting.work_until_killed()
    renting.desktops.lift_measure(ACCOUNT, desktop.id, "m1", why="", by="operator:x")


def renew_code(renting: Crashing, desktop: Desktop) -> None:
    renting.desktops.request_new_code(ACCOUNT, desktop.id, by=OWNER)


def remove_options(renting: Crashing, desktop: Desktop) -> None:
    renting.desktops.change_options(ACCOUNT, desktop.id, (), by=OWNER)


# Played whole again where it died: each of its requests changes nothing the second time.
REPEATED = (suspend_and_resume, isolate_and_lift, remove_options)
STORIES = {
    story.__name__: story
    for story in (
        *(resize, grow, reinstall, restore, restore_in_vain, delete, renew_code),
        *REPEATED,
    )
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
        if story in REPEATED or (desktop.is_active and not desktop.is_moving):
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
    if name in CHECKS:
        CHECKS[name](renting, desktop)
    # and the comparison with the cloud finds nothing
    assert renting.reconciliation.run().is_clean


def resized(renting: Crashing, desktop: Desktop) -> None:
    assert [tariff.configuration_code for tariff in desktop.tariffs] == ["standard", "pro"]
    pro = renting.catalogue.current().configuration("pro")
    assert renting.machines.alive[0].instance_type == pro.instance_type


def grown(renting: Crashing, desktop: Desktop) -> None:
    assert dict(desktop.option_codes)["storage-10gb"] == 2
    assert renting.machines.alive[0].storage_gib == 70
    assert len(desktop.options_history) == 2


def reinstalled(renting: Crashing, desktop: Desktop) -> None:
    assert len(renting.machines.machines) == 2, "the former one, and one new one"
    code_works("desktop_reinstalled", renting, desktop)


def restored(renting: Crashing, desktop: Desktop) -> None:
    assert renting.machines.alive[0].content == desktop.backups[0].snapshot_id


def not_restored(renting: Crashing, desktop: Desktop) -> None:
    assert renting.machines.alive[0].content == "image"


def reconnected(renting: Crashing, desktop: Desktop) -> None:
    assert not renting.machines.alive[0].isolated
    assert not desktop.measures


def without_options(renting: Crashing, desktop: Desktop) -> None:
    assert not desktop.option_codes
    assert len(desktop.options_history) == 2


def code_works(mail: str, renting: Crashing, desktop: Desktop) -> None:
    """The code last mailed is the one that the machine has."""
    secret = renting.codes.reveal(renting.link(mail), ACCOUNT, renting.owner).secret
    assert renting.secrets.laid[desktop.id] == secret


# What each work leaves behind, once.
CHECKS: dict[str, Callable[[Crashing, Desktop], None]] = {
    "resize": resized,
    "grow": grown,
    "reinstall": reinstalled,
    "restore": restored,
    "restore_in_vain": not_restored,
    "isolate_and_lift": reconnected,
    "renew_code": partial(code_works, "desktop_code"),
    "remove_options": without_options,
}
