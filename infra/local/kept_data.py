"""Whether the data of a state folder can be trusted: read before a start, noted after a stop.

The emulator holds DynamoDB, queues, keys and parameters in memory and writes them when it is asked
to stop.  It begins empty where a file of it is missing or cut short, and would then write that
emptiness over what is left: such data is refused here, with a sentence, and nothing is touched.
"""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local.state_folder import StateFolder, write_json

# Goes up when data written before can no longer be read: an object is stored in another form
# without a reader of the former one, or a key changes.
FORMAT = 2
# What the emulator writes at every stop, among others.
_ALWAYS_SAVED = ("dynamodb", "kms", "s3", "sqs", "ssm")
# Without these members a file is not what it should be, whatever it is.
_MEMBERS = {
    "clock.json": {"offset_seconds", "followed_to", "jobs"},
    "stripe.json": {"version", "objects"},
    "open.json": {"at"},
    "kept.json": {"files"},
}
_FORGET = "`make reset` forgets the local data; the next `make run` then starts from nothing."
_ACCEPT = "`make run ARGS=--accept-loss` goes on from what was last saved;"
_NOT_SAVED = "Persistence: failed to save"


class DataRefused(RuntimeError):  # noqa: N818 (read as a sentence at the terminal)
    """The data cannot be used as it is; says why, and what can be done."""


class NotSaved(RuntimeError):  # noqa: N818
    """What happened since the start could not be written."""


class KeptData:
    """The marks beside the data: `open.json` while a stack runs, `kept.json` once all is saved.

    What Stripe's simulator and the clock keep is written at each change, so it runs ahead of the
    emulator's; a copy of both goes with each whole saving.
    """

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._saved = folder.ministack / "state"
        self._log = folder.log("ministack")
        self._log_read = 0
        self._has_opened = False

    # before
    def check(self, *, accept_loss: bool = False) -> str:
        """Give what there is to tell of the last stop, or an empty text.

        Raises DataRefused when the data is of an earlier form of the project, broken, or not whole;
        ``accept_loss`` takes what was last saved for the whole.
        """
        self._refuse_another_format()
        kept, opened = _read(self._folder.kept), _read(self._folder.opened)
        for path in self._expected(kept):
            _refuse_broken(path)
        if opened is None:
            return ""
        since, when = datetime.fromisoformat(opened["at"]), "last-saved"
        is_saved = self._is_saved_since(since, kept)
        if is_saved and "ahead" not in opened:
            return "The last run was ended from outside; its data was saved all the same."
        if is_saved:  # but for what was in memory then
            since, when = datetime.fromisoformat(opened["ahead"]), "before-movement"
        lost = f"what happened since {_shown(since)} is lost: it was ended before it could save."
        if not (kept or is_saved):
            raise DataRefused(f"The last run left its data unsaved, and {lost}\n{_FORGET}")
        if not accept_loss:
            raise DataRefused(
                f"The last run left its data unsaved, and {lost}\n{_ACCEPT} {_FORGET}"
            )
        self._return_to(since, when)
        return f"Going on from what was last saved: {lost}"

    def _refuse_another_format(self) -> None:
        found = _read(self._folder.finished) or {}
        if found.get("format") != FORMAT:
            raise DataRefused(
                f"The data in {self._folder.root} was written by another form of this project,"
                f" which cannot be read any more.\n{_FORGET}"
            )

    def _expected(self, kept: dict[str, Any] | None) -> list[Path]:
        """Name the files that must be there and whole."""
        beside = (self._folder.clock, self._folder.stripe)
        if not kept:  # the first start was the last
            return [path for path in beside if path.exists()]
        return [*beside, *(self._saved / name for name in kept["files"])]

    def _is_saved_since(self, opened: datetime, kept: dict[str, Any] | None) -> bool:
        """Tell whether the emulator saved by itself when its parent was killed."""
        names = {f"{name}.json" for name in _ALWAYS_SAVED} | set((kept or {}).get("files", ()))
        paths = [self._saved / name for name in names]
        whole = all(path.exists() and path.stat().st_mtime > opened.timestamp() for path in paths)
        if whole:
            for path in paths:
                _refuse_broken(path)
        return whole

    def _return_to(self, since: datetime, when: str) -> None:
        """Drop what was written since beside the emulator's memory: files, mails, Stripe."""
        for copied in (self._folder.clock, self._folder.stripe):
            shutil.copyfile(_copy_of(copied, when), copied)
        for folder in (self._folder.mails, self._folder.ministack / "s3"):
            for path in folder.rglob("*"):
                if path.is_file() and path.stat().st_mtime > since.timestamp():
                    path.unlink()

    # while it runs
    def note_open(self) -> None:
        """Note that a stack works on the data from now on."""
        self._log_read = self._log.stat().st_size if self._log.exists() else 0
        if self._opened_at() is None:
            write_json(self._folder.opened, {"at": datetime.now(UTC).isoformat()})
            self._has_opened = True

    def note_untouched(self) -> None:
        """Note that the stack never came to work: the data is what it was."""
        if self._has_opened:
            self._folder.opened.unlink()

    def note_ahead(self) -> None:
        """Note that from now on the emulator knows less than what happens."""
        opened = self._opened_at() or datetime.now(UTC)
        for ahead in (self._folder.clock, self._folder.stripe):
            if ahead.exists():
                shutil.copyfile(ahead, _copy_of(ahead, "before-movement"))
        now = datetime.now(UTC).isoformat()
        write_json(self._folder.opened, {"at": opened.isoformat(), "ahead": now})

    def note_level(self) -> None:
        """Note that the emulator knows everything again."""
        opened = self._opened_at() or datetime.now(UTC)
        write_json(self._folder.opened, {"at": opened.isoformat()})

    def _opened_at(self) -> datetime | None:
        found = _read(self._folder.opened)
        return datetime.fromisoformat(found["at"]) if found else None

    # after
    def note_saved(self, stopping: datetime) -> None:
        """Note that everything was written by a stop that began at this instant.

        Raises NotSaved, with the emulator's own words, when something was not.
        """
        written = {path.name: path.stat().st_mtime for path in self._saved.glob("*.json")}
        began = stopping.timestamp()
        behind = [name for name in _ALWAYS_SAVED if written.get(f"{name}.json", 0.0) < began]
        complaints = self._complaints()
        if behind or complaints:
            raise NotSaved(
                "The data could not be saved"
                f" ({'; '.join(complaints) or 'not written: ' + ', '.join(behind)}):"
                f" what happened since the start is lost. {self._log} says more."
            )
        for copied in (self._folder.clock, self._folder.stripe):
            shutil.copyfile(copied, _copy_of(copied))
        write_json(
            self._folder.kept,
            {"at": datetime.now(UTC).isoformat(), "files": sorted(written)},
        )
        self._folder.opened.unlink(missing_ok=True)

    def _complaints(self) -> list[str]:
        """Give what the emulator said of its saving since the start."""
        if not self._log.exists():
            return []
        with self._log.open("rb") as log:
            log.seek(self._log_read)
            said = log.read().decode(errors="replace")
        lines = said.splitlines()
        return [at[at.index(_NOT_SAVED) :] for at in lines if _NOT_SAVED in at]


def _copy_of(path: Path, when: str = "last-saved") -> Path:
    return path.with_name(f"{path.stem}.{when}.json")


def _read(path: Path) -> dict[str, Any] | None:
    """Read one of our marks; None when it is not there.  Raises DataRefused."""
    if not path.exists():
        return None
    _refuse_broken(path)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _refuse_broken(path: Path) -> None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        whole = isinstance(found, dict) and found.keys() >= _MEMBERS.get(path.name, set())
    except FileNotFoundError:
        raise DataRefused(f"{path} is missing from the local data.\n{_FORGET}") from None
    except ValueError:  # of JSON, of UTF-8
        whole = False
    if not whole:
        raise DataRefused(f"{path} is broken or cut short: it cannot be read.\n{_FORGET}")


def _shown(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"
