"""Around the rehearsal's functions: the console's clock is moved, and another Python runs them."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.project import ROOT

AROUND = ROOT / "infra" / "rehearsal" / "around_functions"
_NOW = "from chalicelib.foundation.clock import SystemClock; print(SystemClock().now().isoformat())"


def now_of(environment: dict[str, str]) -> datetime:
    """Ask a new process, as Lambda's are, for the console's instant."""
    done = subprocess.run(
        [sys.executable, "-c", _NOW],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "infra/rehearsal/around_functions"),
            **environment,
        },
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


def test_functions_are_run_by_the_python_that_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.executable)"],
        env={**os.environ, "PYTHONPATH": str(AROUND), "REHEARSAL_PYTHON": "/opt/python3.13"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "/opt/python3.13"
