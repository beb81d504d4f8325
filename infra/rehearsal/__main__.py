"""`make rehearse`: the package deployed on one machine, the main job played, every handler run.

The package is made for Lambda's Python, and run by that Python where there is one here; else for
and by the one that runs this.  Which, is said.

python -m infra.rehearsal [--python 3.13 | PATH] [--only cloud | handlers] [--keep]
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.real_aws import stay_local
from infra.rehearsal.checks import RehearsalFailed
from infra.terminal import ended

_MEMORY = Path("/dev/shm")  # noqa: S108 - packages are unpacked for each function: not on a disk
_MEMORY_WANTED = 4 * 1024**3  # bytes; a container often has far less there


def main() -> int:
    """Rehearse; give the exit status."""
    given = _arguments()
    stay_local()
    began = time.monotonic()
    try:
        with _folder(keep=given.keep) as folder:
            package, interpreter = _packaged(folder, given.python)
            if given.only != "handlers":
                from infra.rehearsal.on_the_cloud import rehearse_cloud

                rehearse_cloud(package, interpreter, folder)
            if given.only != "cloud":
                from infra.rehearsal.each_handler import rehearse_handlers

                rehearse_handlers(package, interpreter, folder)
    except RehearsalFailed as failed:
        print(f"\nThe rehearsal failed: {failed}", file=sys.stderr)
        return 1
    print(f"\nRehearsed in {time.monotonic() - began:.0f} s.")
    return 0


def _packaged(folder: Path, python: str | None) -> tuple[Path, str]:
    """Make the package; give its folder and the interpreter that will run it."""
    from infra.deploy.package import WANTED, build, find_python

    interpreter, version = find_python(python)
    print(f"Packaging for Python {version}, run by {interpreter}", flush=True)
    if version != WANTED:
        print(f"  Lambda will run {WANTED}, which is not here: what is rehearsed is {version}")
    build(folder / "dist", interpreter)
    return folder / "dist", interpreter


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_WANTED
    made = tempfile.mkdtemp(prefix="rehearsal-", dir=_MEMORY if in_memory else None)
    try:
        yield Path(made)
    finally:
        if keep:
            print(f"Kept: {made}")
        else:
            shutil.rmtree(made, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make rehearse", description="Deploy on this machine.")
    parser.add_argument("--python", help="version or path; Lambda's where there is one")
    parser.add_argument("--only", choices=("cloud", "handlers"), help="one half")
    parser.add_argument("--keep", action="store_true", help="keep the logs and what was unpacked")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(ended(main))
