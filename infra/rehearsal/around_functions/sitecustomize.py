"""Stands around the functions of the rehearsal: python reads this when it starts.

REHEARSAL_PYTHON is what ministack runs functions with, instead of its own: Lambda's, and with
nothing to import but what is in the package.  The console's clock is moved in their processes.

The package is run as it ships, and it has no switch that moves its clock: nobody should find one in
production.  The offset, in seconds, is in the file that REHEARSAL_CLOCK names; it is read at each
look at the clock, because functions stay warm while the story moves to the next month.
"""

import importlib.util
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

_CLOCK = "chalicelib.foundation.clock"


class _Finder:
    """Finds the console's clock module, and has it moved once it is loaded."""

    def __init__(self, offset: Path) -> None:
        self._offset = offset

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != _CLOCK:
            return None
        sys.meta_path.remove(self)
        spec: Any = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def load_and_move(module: ModuleType) -> None:
            load(module)
            module.SystemClock.now = lambda _: datetime.now(UTC) + self._moved()

        spec.loader.exec_module = load_and_move
        return spec

    def _moved(self) -> timedelta:
        return timedelta(seconds=float(self._offset.read_text()))


if "REHEARSAL_PYTHON" in os.environ:
    sys.executable = os.environ["REHEARSAL_PYTHON"]
if "REHEARSAL_CLOCK" in os.environ:
    sys.meta_path.insert(0, _Finder(Path(os.environ["REHEARSAL_CLOCK"])))
