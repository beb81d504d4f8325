"""Reaches the local stack from another process, or its saved data when it is not running."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.wiring import Services
from infra.local.clock.clock_keeper import kept_offset
from infra.local.clock.shifted_clock import ShiftedClock
from infra.local.kept_data import DataRefused, KeptData, NotSaved
from infra.local.outside.adapters import LocalAdapters
from infra.local.outside.mailbox import Mailbox
from infra.local.outside.provisioning import local_access, local_settings, provision
from infra.local.programs.processes import Ministack, free_port
from infra.local.real_aws import stay_local
from infra.local.state_folder import DEFAULT, AlreadyOpen, StateFolder


@contextmanager
def local_services(state: Path | None = None) -> Iterator[Services]:
    """Give services on the local stack's data; ministack is started for them where none runs."""
    stay_local()
    folder = StateFolder(state or DEFAULT)
    running = folder.running()
    if running is not None:
        yield _services(folder, running.ministack, running.moto, running.console, running.stripe)
        return
    if not folder.is_complete:
        raise SystemExit("There is no local data yet: `make run` makes it.")
    try:
        with folder.held(), _woken(folder) as services:
            yield services
    except (AlreadyOpen, DataRefused, NotSaved) as refused:
        raise SystemExit(str(refused)) from refused


@contextmanager
def _woken(folder: StateFolder) -> Iterator[Services]:
    """Start ministack alone on the saved data, and have it saved again."""
    kept, nowhere = KeptData(folder), "http://127.0.0.1:9"
    kept.check()
    kept.note_open()
    ministack = Ministack(free_port(), folder.ministack, log=folder.log("ministack"))
    stopping = None
    try:
        with ministack:
            provision(local_access(ministack.url, nowhere))
            try:
                yield _services(folder, ministack.url, nowhere, nowhere, nowhere)
            finally:
                stopping = datetime.now(UTC)
    finally:
        if stopping is None:
            kept.note_untouched()
        else:
            kept.note_saved(stopping)


def _services(
    folder: StateFolder, ministack: str, moto: str, console: str, stripe: str
) -> Services:
    settings = local_settings(local_access(ministack, moto), console, stripe)
    clock = ShiftedClock(kept_offset(folder.clock) or timedelta(0))
    return Services(LocalAdapters(settings, clock, Mailbox(folder.mails)))
