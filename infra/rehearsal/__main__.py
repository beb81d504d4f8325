"""`make rehearse`: the package deployed on one machine, the main job played, every handler run.

python -m infra.rehearsal [--package dist] [--only cloud | handlers] [--keep]
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

_MEMORY = Path("/dev/shm")  # noqa: S108 - packages are unpacked for each function: not on a disk


def main() -> int:
    """Rehearse; give the exit status."""
    given = _arguments()
    stay_local()
    began = time.monotonic()
    try:
        with _folder(keep=given.keep) as folder:
            package = given.package or _packaged(folder)
            if given.only != "handlers":
                from infra.rehearsal.on_the_cloud import rehearse_cloud

                rehearse_cloud(package, folder)
            if given.only != "cloud":
                from infra.rehearsal.each_handler import rehearse_handlers

                rehearse_handlers(package, folder)
    except RehearsalFailed as failed:
        print(f"\nThe rehearsal failed: {failed}", file=sys.stderr)
        return 1
    print(f"\nRehearsed in {time.monotonic() - began:.0f} s.")
    return 0


def _packaged(folder: Path) -> Path:
    """Make the package for the Python that runs here, which runs it."""
    from infra.package import build

    print("Packaging", flush=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    build(folder / "dist", version)
    return folder / "dist"


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    made = tempfile.mkdtemp(prefix="rehearsal-", dir=_MEMORY if _MEMORY.is_dir() else None)
    try:
        yield Path(made)
    finally:
        if keep:
            print(f"Kept: {made}")
        else:
            shutil.rmtree(made, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make rehearse", description="Deploy on this machine.")
    parser.add_argument("--package", type=Path, help="a packaged folder, not made anew")
    parser.add_argument("--only", choices=("cloud", "handlers"), help="one half")
    parser.add_argument("--keep", action="store_true", help="keep the logs and what was unpacked")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
