"""The rehearsal's clock: another process reads it, and finds the console's clock moved."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.local.processes import ROOT

_NOW = "from chalicelib.foundation.clock import SystemClock; print(SystemClock().now().isoformat())"


def now_of(environment: dict[str, str]) -> datetime:
    """Ask a new process, as Lambda's are, for the console's instant."""
    done = subprocess.run(
        [sys.executable, "-c", _NOW],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "infra/rehearsal/moved_clock"), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return datetime.fromisoformat(done.stdout.strip())


def test_the_console_lives_at_the_instant_of_the_file(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text(str(timedelta(days=40).total_seconds()))
    ahead = now_of({"REHEARSAL_CLOCK": str(offset)}) - datetime.now(UTC)
    assert abs(ahead - timedelta(days=40)) < timedelta(minutes=1)


def test_without_the_file_nothing_is_moved() -> None:
    assert abs(now_of({}) - datetime.now(UTC)) < timedelta(minutes=1)
