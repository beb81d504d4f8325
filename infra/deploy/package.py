"""`make package`: dist/deployment.zip, dist/template.yaml and dist/sbom.json.

Chalice writes its template from app.py, ours is merged into it; the zip is made here: Chalice's own
would take whatever Python runs it, and untrimmed packages without bytecode.  The same sources give
the same bytes.

python -m infra.deploy.package [--target dist] [--python 3.13 | PATH]
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chalicelib.foundation.aws import REGION
from chalicelib.foundation.messages import Queue
from infra.cloudformation.functions import function_names, is_asynchronous, worker_of
from infra.cloudformation.names import API_FUNCTION
from infra.cloudformation.permissions.policies import policy_of
from infra.cloudformation.template import merge_template
from infra.deploy.package_contents import add_application, install, trim
from infra.project import ROOT
from infra.terminal import ended

WANTED = "3.13"
LARGEST_UNZIPPED_MB, LARGEST_ZIPPED_MB = 100, 40
_SHOWN = "/var/task"  # where Lambda unpacks
_COMPILERS = 2
_MB = 1024 * 1024
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the first date a zip can tell


@dataclass(frozen=True)
class Package:
    """What was written, and of which size in bytes."""

    zip: Path
    template: Path
    sbom: Path
    python_version: str
    unzipped: int
    zipped: int


def build(target: Path, python: str | None = None) -> Package:
    """Write the three files; ``python`` is a version or an interpreter's path."""
    interpreter, version = find_python(python)
    target.mkdir(parents=True, exist_ok=True)
    work = target.resolve() / "work"
    shutil.rmtree(work, ignore_errors=True)
    contents = work / "contents"
    contents.mkdir(parents=True)
    install(contents, version)
    trim(contents)
    add_application(contents)
    compile_modules(contents, interpreter)
    package = Package(
        zip=target / "deployment.zip",
        template=target / "template.yaml",
        sbom=target / "sbom.json",
        python_version=version,
        unzipped=sum(path.stat().st_size for path in contents.rglob("*") if path.is_file()),
        zipped=write_zip(contents, target / "deployment.zip"),
    )
    write_template(work / "project", package.template, f"python{version}")
    write_sbom(package.sbom)
    shutil.rmtree(work)
    return package


def find_python(wanted: str | None = None) -> tuple[str, str]:
    """Give an interpreter and its version: the one asked for, else 3.13, else this one's.

    A command may stand for another (pyenv's do), and an environment has packages of its own: what
    is given is the program itself, with nothing installed beside.
    """
    asked = "import sys; print(sys._base_executable, '%d.%d' % sys.version_info[:2])"
    for candidate in [wanted] if wanted else [WANTED, sys.executable]:
        for path in _interpreters(candidate):
            told = subprocess.run(
                [path, "-c", asked],
                capture_output=True,
                text=True,
                check=False,  # pyenv has commands for versions that are not there
            )
            if told.returncode == 0:
                interpreter, version = told.stdout.split()
                return interpreter, version
    raise SystemExit(f"There is no Python {wanted} here.")


def _interpreters(candidate: str) -> list[str]:
    if "/" in candidate:
        return [candidate]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{candidate}")]
    found += [str(path) for path in sorted(pyenv.glob(f"{candidate}.*/bin/python"))]
    return [path for path in found if path]


def compile_modules(contents: Path, interpreter: str) -> None:
    """Compile every module with the package's own Python."""
    running = [
        subprocess.Popen(
            [
                *(
                    interpreter,
                    "-S",
                    str(ROOT / "infra" / "deploy" / "compile_modules.py"),
                    str(contents),
                ),
                *(_SHOWN, str(part), str(_COMPILERS)),
            ],
            # Sets of constants are written in the order of their hashes.
            env={"PYTHONHASHSEED": "0", "PATH": os.environ["PATH"]},
        )
        for part in range(_COMPILERS)
    ]
    statuses = [each.wait() for each in running]
    if any(statuses):
        raise SystemExit("A module does not compile.")


def write_zip(contents: Path, target: Path) -> int:
    """Write the zip, entries sorted, without times nor owners; give its size."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as written:
        for path in sorted(path for path in contents.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(contents).as_posix(), _BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if path.suffix == ".so" else 0o100644) << 16
            written.writestr(entry, path.read_bytes())
    return target.stat().st_size


# --- The template --------------------------------------------------------------------------------


def write_template(project: Path, target: Path, runtime: str) -> None:
    """Let Chalice write its template from app.py, with ours merged in and our policies."""
    project.mkdir(parents=True)
    shutil.copy(ROOT / "app.py", project)
    (project / "chalicelib").symlink_to(ROOT / "chalicelib")
    (project / "requirements.txt").write_text("", encoding="utf-8")
    settings = project / ".chalice"
    settings.mkdir()
    write_json(settings / "config.json", chalice_config(settings))
    write_json(project / "merge.json", merge_template(runtime))
    command = "from chalice.cli import main; main()"
    done = subprocess.run(
        [
            *(sys.executable, "-c", command, "package", "--stage", "dev"),
            *("--merge-template", "merge.json", "out"),
        ],
        cwd=project,
        env={**os.environ, "AWS_DEFAULT_REGION": REGION, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"chalice package failed:\n{done.stdout}{done.stderr}")
    template = json.loads((project / "out" / "sam.json").read_text(encoding="utf-8"))
    target.write_text(as_yaml(template), encoding="utf-8")


def chalice_config(settings: Path) -> dict[str, Any]:
    """Give Chalice's configuration: the project's, with a policy of its own for each function."""
    config: dict[str, Any] = json.loads((ROOT / ".chalice" / "config.json").read_text())
    consumed: dict[str, list[str]] = {}
    for queue in Queue:
        consumed.setdefault(worker_of(queue), []).append(queue.value)
    functions = {}
    for name in function_names():
        file = f"policy-{name}.json"
        policy = policy_of(name, consumed.get(name, ()), is_asynchronous=is_asynchronous(name))
        write_json(settings / file, policy)
        chalices = "api_handler" if name == API_FUNCTION else name
        functions[chalices] = {"iam_policy_file": file}
    for stage in config["stages"].values():
        stage["lambda_functions"] = functions
    return config


def write_json(path: Path, content: Any) -> None:
    """Write JSON."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def as_yaml(template: dict[str, Any]) -> str:
    """Write a template as YAML, without anchors, long texts on one line."""

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    text: str = yaml.dump(template, Dumper=Plain, allow_unicode=True, sort_keys=True, width=1000)
    return text


def write_sbom(target: Path) -> None:
    """List what the package contains, from the lock, as CycloneDX."""
    subprocess.run(
        [
            *(sys.executable, "-m", "cyclonedx_py", "requirements", ROOT / "requirements.txt"),
            *("--pyproject", ROOT / "pyproject.toml", "--mc-type", "application"),
            *("--output-reproducible", "--of", "JSON", "-o", target),
        ],
        check=True,
        capture_output=True,
    )
    # Two modules of Chalice go with it; the rest of Chalice is for those who develop.
    bill = json.loads(target.read_text(encoding="utf-8"))
    version = importlib.metadata.version("chalice")
    bill["components"].append(
        {
            "bom-ref": "chalice",
            "type": "library",
            "name": "chalice",
            "version": version,
            "purl": f"pkg:pypi/chalice@{version}",
        }
    )
    target.write_text(json.dumps(bill, indent=1), encoding="utf-8")


def main() -> int:
    """Build, and say what came out; exit 1 when it is too large."""
    parser = argparse.ArgumentParser(prog="make package", description=__doc__)
    parser.add_argument("--target", type=Path, default=ROOT / "dist")
    parser.add_argument("--python", help="version or path; 3.13 where there is one")
    given = parser.parse_args()
    began = time.monotonic()
    package = build(given.target, given.python)
    for path in (package.zip, package.template, package.sbom):
        print(f"{path}  {path.stat().st_size / _MB:.1f} MB")
    unzipped, zipped = package.unzipped / _MB, package.zipped / _MB
    print(
        f"Python {package.python_version}: {zipped:.1f} MB zipped (at most {LARGEST_ZIPPED_MB}), "
        f"{unzipped:.1f} MB unzipped (at most {LARGEST_UNZIPPED_MB}), "
        f"in {time.monotonic() - began:.0f} s."
    )
    return int(unzipped > LARGEST_UNZIPPED_MB or zipped > LARGEST_ZIPPED_MB)


if __name__ == "__main__":
    sys.exit(ended(main))
