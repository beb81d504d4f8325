"""Local data that was cut short is refused with a sentence, never taken for less than it was."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.kept_data import FORMAT, DataRefused, KeptData, NotSaved
from infra.local.state_folder import StateFolder

STARTED = datetime.now(UTC) - timedelta(hours=2)
STOPPED = STARTED + timedelta(hours=1)
PARTS = ("dynamodb", "kms", "s3", "sqs", "ssm")


def write(path: Path, content: str, at: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))


def save_emulator(folder: StateFolder, at: datetime) -> None:
    """What ministack does when it is asked to stop."""
    for part in PARTS:
        write(folder.ministack / "state" / f"{part}.json", '{"payload": {}}', at)


def write_beside(folder: StateFolder, at: datetime, told: str) -> None:
    """What the clock, Stripe's simulator, the mailbox and S3 write as things happen."""
    kept = {"offset_seconds": 0, "followed_to": at.isoformat(), "jobs": {}}
    write(folder.clock, json.dumps({**kept, "told": told}), at)
    write(folder.stripe, json.dumps({"version": 1, "objects": {}, "told": told}), at)
    write(folder.mails / f"{told}.eml", told, at)
    write(folder.ministack / "s3" / "documents" / f"{told}.pdf", told, at)


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    """A folder whose stack was stopped in order an hour ago."""
    folder = StateFolder(tmp_path)
    folder.mark_complete({"format": FORMAT})
    KeptData(folder).note_open()
    write_beside(folder, STOPPED, "before")
    save_emulator(folder, STOPPED)
    KeptData(folder).note_saved(STOPPED - timedelta(seconds=1))
    return folder


def opened_an_hour_ago(folder: StateFolder) -> None:
    write(folder.opened, json.dumps({"at": (STOPPED + timedelta(minutes=1)).isoformat()}), STOPPED)


def test_what_was_saved_whole_is_taken_without_a_word(folder: StateFolder) -> None:
    assert KeptData(folder).check() == ""


def test_a_run_ended_before_it_saved_is_told_and_refused(folder: StateFolder) -> None:
    # Given a run that did things, and a power cut
    opened_an_hour_ago(folder)
    write_beside(folder, STOPPED + timedelta(minutes=5), "after")
    before = {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}
    # When it is started, then it says since when things are lost, and touches nothing
    with pytest.raises(DataRefused, match=r"since \d{4}-\d\d-\d\d \d\d:\d\d is lost(.|\n)*reset"):
        KeptData(folder).check()
    after = {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}
    assert after == before
    # And whoever accepts the loss finds every part as it was at the last saving
    assert "is lost" in KeptData(folder).check(accept_loss=True)
    assert json.loads(folder.clock.read_text())["told"] == "before"
    assert json.loads(folder.stripe.read_text())["told"] == "before"
    assert [path.stem for path in folder.mails.iterdir()] == ["before"]
    assert [path.stem for path in (folder.ministack / "s3").rglob("*.pdf")] == ["before"]


def test_a_first_run_ended_before_it_saved_has_nothing_to_go_on_from(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    folder.mark_complete({"format": FORMAT})
    KeptData(folder).note_open()
    for accepted in (False, True):
        with pytest.raises(DataRefused, match="is lost") as refused:
            KeptData(folder).check(accept_loss=accepted)
        assert "--accept-loss" not in str(refused.value)


def test_a_killed_parent_whose_emulator_saved_by_itself_is_told(folder: StateFolder) -> None:
    opened_an_hour_ago(folder)
    save_emulator(folder, STOPPED + timedelta(minutes=30))
    assert "saved all the same" in KeptData(folder).check()


def test_a_run_killed_in_a_movement_goes_back_to_where_the_movement_began(
    folder: StateFolder,
) -> None:
    # Given a run that did things, then moved the clock over memory, and whose parent was killed
    opened_an_hour_ago(folder)
    write_beside(folder, STOPPED + timedelta(minutes=5), "meanwhile")
    KeptData(folder).note_ahead()
    began = datetime.now(UTC)
    write_beside(folder, began + timedelta(minutes=1), "ahead")
    # When the emulator has saved what it knew, which is less
    save_emulator(folder, began + timedelta(minutes=2))
    # Then that is told, and refused
    with pytest.raises(DataRefused, match=r"is lost(.|\n)*--accept-loss"):
        KeptData(folder).check()
    # and whoever accepts it has what there was before the movement, not before the run
    KeptData(folder).check(accept_loss=True)
    assert json.loads(folder.clock.read_text())["told"] == "meanwhile"
    assert json.loads(folder.stripe.read_text())["told"] == "meanwhile"
    assert {path.stem for path in folder.mails.iterdir()} == {"before", "meanwhile"}


def test_a_movement_that_came_to_its_end_leaves_nothing_to_lose(folder: StateFolder) -> None:
    opened_an_hour_ago(folder)
    KeptData(folder).note_ahead()
    KeptData(folder).note_level()
    save_emulator(folder, datetime.now(UTC))
    assert "saved all the same" in KeptData(folder).check()


@pytest.mark.parametrize("name", ["dynamodb.json", "sqs.json"])
@pytest.mark.parametrize("left", ["", '{"payload": {', None])
def test_a_file_cut_short_or_gone_is_named(
    folder: StateFolder, name: str, left: str | None
) -> None:
    path = folder.ministack / "state" / name
    if left is None:
        path.unlink()
    else:
        path.write_text(left)
    with pytest.raises(DataRefused, match=rf"{name} is .*\n`make reset`"):
        KeptData(folder).check()


def test_a_part_that_is_gone_is_named(folder: StateFolder) -> None:
    folder.stripe.unlink()
    with pytest.raises(DataRefused, match=r"stripe\.json is missing"):
        KeptData(folder).check()


@pytest.mark.parametrize("part", ["clock", "stripe"])
@pytest.mark.parametrize("left", ["", "{", "[]", "{}", "\udcff"])
def test_a_corrupt_clock_or_stripe_is_a_sentence(folder: StateFolder, part: str, left: str) -> None:
    path: Path = getattr(folder, part)
    path.write_bytes(left.encode(errors="surrogateescape"))
    with pytest.raises(DataRefused, match=rf"{part}.json is broken or cut short"):
        KeptData(folder).check()


def test_data_of_an_earlier_form_of_the_project_is_refused(folder: StateFolder) -> None:
    for written in ({}, {"format": FORMAT - 1}, {"format": FORMAT + 1}):
        folder.mark_complete(written)
        with pytest.raises(DataRefused, match=r"another form of this project(.|\n)*make reset"):
            KeptData(folder).check()


def test_a_stop_that_could_not_write_everything_is_an_error(folder: StateFolder) -> None:
    # Given a stack that runs
    kept = KeptData(folder)
    kept.note_open()
    save_emulator(folder, STOPPED + timedelta(minutes=10))
    (folder.ministack / "state" / "dynamodb.json").touch()
    # When the emulator says that the disk was full
    said = "ERROR Persistence: failed to save dynamodb: [Errno 28] No space left on device"
    folder.log("ministack").write_text(said)
    with pytest.raises(NotSaved, match="No space left on device"):
        kept.note_saved(STOPPED)
    # or wrote nothing at all
    folder.log("ministack").unlink()
    with pytest.raises(NotSaved, match="not written: dynamodb, kms, s3, sqs, ssm"):
        kept.note_saved(datetime.now(UTC) + timedelta(seconds=1))
    # Then the next start knows
    with pytest.raises(DataRefused, match="unsaved"):
        KeptData(folder).check()


def test_a_start_that_came_to_nothing_leaves_the_data_trusted(folder: StateFolder) -> None:
    kept = KeptData(folder)
    kept.note_open()
    kept.note_untouched()
    assert KeptData(folder).check() == ""
    # but takes nothing back of what an earlier run left
    opened_an_hour_ago(folder)
    kept = KeptData(folder)
    kept.note_open()
    kept.note_untouched()
    with pytest.raises(DataRefused, match="unsaved"):
        KeptData(folder).check()
