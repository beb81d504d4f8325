"""Changes at a chosen time, options, backups, reinstallations: dated stories (DSK-4, DSK-5)."""

import json
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.desktops.model.desktop import Operation, OptionsFrom
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.options import MOST_CHANGES, check_options
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.foundation.errors import DomainError, FieldErrors, FinalGatewayError
from tests.fakes.clock import paris
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.ordering import DEMO, demo_document

OWNER = "usr_acc_lumen"


@pytest.fixture
def renting() -> Renting:
    return Renting()


@pytest.mark.contract("DSK-4", "DSK-1")
def test_a_change_begins_at_its_time_whoever_wakes_the_job_and_how_often(renting: Renting) -> None:
    # given a change to Pro asked for the 20th at 20:00
    desktop = renting.rent()
    at = paris("2026-11-20 20:00")
    renting.desktops.schedule_change(ACCOUNT, desktop.id, "pro", at, by=OWNER)
    renting.desktops.schedule_change(ACCOUNT, desktop.id, "pro", at, by=OWNER)
    # when the job wakes before
    renting.clock.set("2026-11-20 19:55")
    renting.desktops.watch()
    renting.pump()
    assert renting.now_of(desktop).configuration_code == "standard"
    # when it wakes late, twice
    renting.clock.set("2026-11-20 21:10")
    renting.desktops.watch()
    renting.desktops.watch()
    renting.pump()
    # then it is Pro, asked by who asked
    changed = renting.now_of(desktop)
    assert (changed.configuration_code, changed.scheduled) == ("pro", None)
    assert [s.by for s in changed.history if s.event == "reconfigure"] == [OWNER]
    assert len(renting.mails("desktop_changed")) == 1


@pytest.mark.contract("DSK-4")
def test_a_change_is_scheduled_neither_too_soon_nor_too_far(renting: Renting) -> None:
    desktop = renting.rent()
    for at in ("2026-11-05 10:05", "2026-11-04 10:00", "2027-02-01 10:00"):
        with pytest.raises(FieldErrors) as refused:
            renting.desktops.schedule_change(ACCOUNT, desktop.id, "pro", paris(at), by=OWNER)
        assert set(refused.value.errors) == {"at"}


@pytest.mark.contract("DSK-4")
def test_a_scheduled_change_not_possible_any_more_is_dropped_and_told(renting: Renting) -> None:
    # given a change to Pro in two weeks, and Pro no longer proposed then
    desktop = renting.rent()
    at = paris("2026-11-20 20:00")
    renting.desktops.schedule_change(ACCOUNT, desktop.id, "pro", at, by=OWNER)
    document = demo_document()
    for each in document["configurations"]:
        if each["code"] == "pro":
            each["on_sale_until"] = "2026-11-19"
    renting.catalogue.publish(document, "operator:1")
    # when its time comes
    renting.clock.set("2026-11-20 20:00")
    renting.desktops.watch()
    renting.pump()
    # then
    kept = renting.now_of(desktop)
    assert (kept.configuration_code, kept.scheduled) == ("standard", None)
    assert kept.history[-1].event == "change_dropped"
    assert renting.mails("desktop_unchanged")


@pytest.mark.contract("DSK-4", "ORD-3")
def test_a_change_beyond_the_accounts_limit_is_refused_and_says_what_to_do(
    renting: Renting,
) -> None:
    # given an account that may rent 20 euros a month more
    desktop = renting.rent()
    renting.limits.left_cents = 20_00
    # then Pro (69.00 instead of 29.00) is refused, Essentiel (39.00) is not
    with pytest.raises(DomainError, match="Écrivez-nous"):
        renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "pro", by=OWNER)
    assert renting.now_of(desktop).state is State.RUNNING
    renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "essentiel", by=OWNER)
    renting.pump()
    assert renting.now_of(desktop).configuration_code == "essentiel"


@pytest.mark.contract("CAT-2", "DSK-4", "MET-1")
def test_options_are_charged_from_their_day_and_up_to_their_last(renting: Renting) -> None:
    # given a desktop of the 5th, a backup added on the 10th and removed on the 12th
    desktop = renting.rent()
    renting.clock.set("2026-11-10 18:00")
    renting.desktops.change_options(ACCOUNT, desktop.id, (("backup", 1),), by=OWNER)
    renting.clock.set("2026-11-12 08:00")
    renting.desktops.change_options(ACCOUNT, desktop.id, (("backup", 0),), by=OWNER)
    # then
    changed = renting.now_of(desktop)
    days = [
        day
        for day in range(5, 16)
        if any(item.kind == "option" for item in charged_items(changed, date(2026, 11, day)))
    ]
    assert days == [10, 11, 12]
    assert len(renting.mails("desktop_options")) == 2


@pytest.mark.contract("CAT-2")
def test_a_desktop_whose_options_change_without_end_can_still_be_written(renting: Renting) -> None:
    # given a desktop whose options a script added and removed, over and over
    desktop = renting.rent()
    script = tuple(OptionsFrom((), desktop.created_at) for _ in range(MOST_CHANGES))
    worn = replace(renting.now_of(desktop), options_history=script)
    renting.desktop_work.commit(*renting.desktop_storage.save(worn))
    # then it is stopped, long before the record is too large to be suspended or deleted
    with pytest.raises(DomainError, match="trop souvent"):
        renting.desktops.change_options(ACCOUNT, desktop.id, (("backup", 1),), by=OWNER)
    assert renting.desktops.suspend_account(ACCOUNT, why="essai", by="system") == 1


@pytest.mark.contract("DSK-4", "CAT-2")
def test_extra_storage_is_charged_once_the_disk_has_grown(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    # when 20 GB are asked for late on the 5th, and the cloud is done on the 6th
    asked = renting.desktops.change_options(ACCOUNT, desktop.id, (("storage-10gb", 2),), by=OWNER)
    assert (asked.operation, asked.option_codes) == (Operation.GROWING, ())
    renting.clock.set("2026-11-06 00:10")
    renting.pump()
    # then
    grown = renting.now_of(desktop)
    assert grown.option_codes == (("storage-10gb", 2),)
    assert renting.machines.alive[0].storage_gib == 70
    assert [i.kind for i in charged_items(grown, date(2026, 11, 5))] == ["desktop"]
    assert [i.kind for i in charged_items(grown, date(2026, 11, 6))] == ["desktop", "option"]
    # and it neither shrinks, nor grows again before six hours
    with pytest.raises(FieldErrors, match="à corriger"):
        renting.desktops.change_options(ACCOUNT, desktop.id, (("storage-10gb", 1),), by=OWNER)
    with pytest.raises(DomainError, match="six heures"):
        renting.desktops.change_options(ACCOUNT, desktop.id, (("storage-10gb", 3),), by=OWNER)
    renting.clock.set("2026-11-06 06:11")
    renting.desktops.change_options(ACCOUNT, desktop.id, (("storage-10gb", 3),), by=OWNER)
    renting.pump()
    assert renting.machines.alive[0].storage_gib == 80


@pytest.mark.contract("CAT-2", "DSK-2")
def test_a_workspace_has_neither_backup_nor_extra_storage(renting: Renting) -> None:
    desktop = replace(renting.rent(), provider="workspaces")
    catalogue = renting.catalogue.current()
    assert [option.code for option in catalogue.options_on("workspaces")] == ["extra-pod"]
    for code in ("backup", "storage-10gb"):
        with pytest.raises(FieldErrors) as refused:
            check_options(catalogue, desktop, ((code, 1),))
        assert set(refused.value.errors) == {code}


@pytest.mark.contract("DSK-4", "DSK-2")
def test_a_workspace_changes_to_what_has_the_disk_of_its_bundle(renting: Renting) -> None:
    # given three configurations on WorkSpaces, one of them with a larger disk
    document = json.loads(DEMO.read_text(encoding="utf-8"))
    for code, size in [("nomade", 80), ("nomade-plus", 80), ("nomade-max", 175)]:
        entry = {**document["configurations"][0], "code": code, "provider": "workspaces"}
        document["configurations"].append(
            {**entry, "storage_gib": size, "on_sale_from": "2026-11-06"}
        )
        price = {"code": code, "from_on": "2026-11-06", "monthly_excl_vat": "35.00"}
        document["prices"].append(price)
    renting.catalogue.publish(document, "system")
    renting.clock.set("2026-11-06 10:00")
    # when
    desktop = renting.rent(configuration="nomade")
    # then
    assert desktop.provider == "workspaces"
    assert [each.code for each in renting.desktops.changes_for(desktop)] == ["nomade-plus"]
    with pytest.raises(FieldErrors):
        renting.desktops.request_reconfigure(ACCOUNT, desktop.id, "nomade-max", by=OWNER)


@pytest.mark.contract("DSK-4")
def test_a_disk_that_cannot_grow_changes_neither_options_nor_price(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    renting.machines.refuse_growth = FinalGatewayError(
        "EC2", code="VolumeModificationRateExceeded", reference="req-1"
    )
    # when
    renting.desktops.change_options(ACCOUNT, desktop.id, (("storage-10gb", 1),), by=OWNER)
    renting.pump()
    # then
    kept = renting.now_of(desktop)
    assert (kept.option_codes, kept.operation, kept.wanted_options) == ((), None, None)
    assert kept.history[-1].why == "VolumeModificationRateExceeded (req-1)"
    assert renting.mails("desktop_not_grown")


@pytest.mark.contract("DSK-5")
def test_a_backup_a_day_is_kept_seven_days_and_none_without_the_option(renting: Renting) -> None:
    # given a desktop with the option, and one without
    desktop = renting.rent(options=(("backup", 1),))
    renting.rent("Atelier")
    # when the job runs each night, twice, for ten days
    for day in range(6, 16):
        renting.clock.set(f"2026-11-{day:02d} 03:30")
        renting.desktops.ask_backups()
        renting.desktops.ask_backups()
        renting.pump()
    # then
    kept = [backup.taken_on.day for backup in renting.now_of(desktop).backups]
    assert kept == [9, 10, 11, 12, 13, 14, 15]
    assert len(renting.machines.copies) == 7
    # when the option is removed, then the last ones go as they age
    renting.desktops.change_options(ACCOUNT, desktop.id, (), by=OWNER)
    for day in range(16, 24):
        renting.clock.set(f"2026-11-{day:02d} 03:30")
        renting.desktops.ask_backups()
        renting.pump()
    assert renting.now_of(desktop).backups == ()
    assert not renting.machines.copies
    assert renting.desktops.ask_backups() == 0


@pytest.mark.contract("DSK-5")
def test_a_stopped_desktop_returns_to_a_backup_and_stays_stopped(renting: Renting) -> None:
    # given
    desktop = renting.rent(options=(("backup", 1),))
    renting.desktops.ask_backups()
    renting.pump()
    (backup,) = renting.now_of(desktop).backups
    renting.desktops.request_stop(ACCOUNT, desktop.id, by=OWNER)
    renting.pump()
    # when
    renting.desktops.request_restore(ACCOUNT, desktop.id, backup.snapshot_id, "Accueil", by=OWNER)
    renting.pump()
    # then
    assert renting.now_of(desktop).state is State.STOPPED
    assert renting.machines.alive[0].content == backup.snapshot_id
    assert renting.mails("desktop_restored")


@pytest.mark.contract("DSK-5")
def test_a_backup_that_is_gone_leaves_the_desktop_as_it_was(renting: Renting) -> None:
    # given a backup that the cloud has lost
    desktop = renting.rent(options=(("backup", 1),))
    renting.desktops.ask_backups()
    renting.pump()
    (backup,) = renting.now_of(desktop).backups
    renting.machines.copies.clear()
    # when
    renting.desktops.request_restore(ACCOUNT, desktop.id, backup.snapshot_id, "Accueil", by=OWNER)
    renting.pump()
    # then
    back = renting.now_of(desktop)
    assert (back.state, back.restoring) == (State.RUNNING, None)
    assert renting.machines.alive[0].content == "image"
    assert renting.mails("desktop_not_restored")


@pytest.mark.contract("DSK-5")
def test_a_return_given_up_between_two_disks_brings_the_former_disk_back(renting: Renting) -> None:
    # given a cloud that takes the disk off, then refuses to put the other one on
    desktop = renting.rent(options=(("backup", 1),))
    renting.desktops.ask_backups()
    renting.pump()
    (backup,) = renting.now_of(desktop).backups
    renting.machines.refuse_disks = FinalGatewayError("no", code="InvalidVolume.ZoneMismatch")
    # when
    renting.desktops.request_restore(ACCOUNT, desktop.id, backup.snapshot_id, "Accueil", by=OWNER)
    renting.pump()
    # then
    assert renting.now_of(desktop).state is State.RUNNING
    assert renting.machines.alive[0].content == "image"
    assert renting.mails("desktop_not_restored")


@pytest.mark.contract("DSK-5", "DSK-7", "ORD-4")
def test_a_reinstallation_makes_another_machine_with_another_secret(renting: Renting) -> None:
    # given a desktop whose code was revealed
    desktop = renting.rent()
    first = renting.codes.reveal(renting.link(), ACCOUNT, renting.owner).secret
    renting.pump()
    # when
    renting.desktops.request_reinstall(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.pump()
    # then one machine runs, another one, with the code that the new link reveals
    again = renting.now_of(desktop)
    assert (again.state, again.replaced_machine_id) == (State.RUNNING, None)
    assert [machine.id for machine in renting.machines.alive] == [again.machine_id]
    assert again.machine_id != desktop.machine_id
    link = renting.link("desktop_reinstalled")
    second = renting.codes.reveal(link, ACCOUNT, renting.owner).secret
    assert second != first
    assert renting.secrets.laid[desktop.id] == second


@pytest.mark.contract("DSK-6", "DSK-5")
def test_a_deleted_desktop_leaves_no_backup(renting: Renting) -> None:
    desktop = renting.rent(options=(("backup", 1),))
    renting.desktops.ask_backups()
    renting.pump()
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    renting.pump()
    assert renting.now_of(desktop).state is State.DELETED
    assert not renting.machines.copies
    assert not renting.machines.alive
