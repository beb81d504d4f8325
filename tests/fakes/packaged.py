"""The package, built once per run of the tests whatever the number of processes that share them."""

import fcntl
import sys
import zipfile
from pathlib import Path

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def built_package(shared: Path) -> Path:
    """Give a folder with deployment.zip, template.yaml, sbom.json and the zip's content unpacked.

    Built by the first who asks, with the Python that runs the tests; nobody may change it.
    """
    from infra.deploy.package import build

    folder = shared / "package"
    with (shared / "package.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            build(folder, sys.executable)
            with zipfile.ZipFile(folder / "deployment.zip") as package:
                package.extractall(folder / "contents")
            (folder / "built").touch()
    return folder
