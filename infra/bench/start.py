"""What a Lambda pays at each cold start: imports, modules, the package, its templates."""

import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.bench.ratio import Figure, ratio, timed
from infra.project import ROOT

_FLOOR = "import chalice, boto3"
_APPLICATION = "import app"
_WITH_DYNAMODB = (
    "import app; from chalicelib.foundation.dynamodb import DynamoTables; "
    "from chalicelib.foundation.aws import AwsAccess; "
    "DynamoTables(AwsAccess(), 'omny-')._connection.client"
)
_ROUNDS = 9
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}


def start_figures() -> list[Figure]:
    """Measure importing the handler, here and from the package, which is what a Lambda starts."""
    here = [ROOT, Path(sysconfig.get_path("purelib"))]
    cpu(_WITH_DYNAMODB, *here)  # bytecode is written once
    with unzipped_package() as package:
        floor, app, packed, installed, packed_floor = least_cpu(
            (_FLOOR, here),
            (_APPLICATION, here),
            (_WITH_DYNAMODB, [package]),
            (_WITH_DYNAMODB, here),
            (_FLOOR, [package]),
        )
        return [
            Figure("import app / import chalice, boto3 (CPU)", app / floor, 1.10),
            Figure("modules loaded by importing app", modules_loaded(*here), 430),
            Figure(
                "import app and a DynamoDB client / import chalice, boto3",
                packed / packed_floor,
                1.6,
            ),
            Figure("the same, not from the package: botocore untrimmed", installed / floor),
            Figure("import from the package / from a compiled venv", packed / installed, 1.1),
            templates_figure(package / "templates" / "compiled"),
        ]


def least_cpu(*measured: tuple[str, list[Path]]) -> list[float]:
    """Run each statement in new Pythons, all in turn; give the least CPU of each.

    Whatever else runs on the machine only adds: the least is what it takes.
    """
    rounds = [[cpu(statement, *places) for statement, places in measured] for _ in range(_ROUNDS)]
    return [min(each) for each in zip(*rounds, strict=True)]


def cpu(statement: str, *places: Path) -> float:
    """Give the CPU seconds of a new Python that imports from these places alone."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _python(statement, *places)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def modules_loaded(*places: Path) -> int:
    """Count the modules there are once app is imported."""
    return int(_python(f"{_APPLICATION}; print(len(sys.modules))", *places))


def _python(statement: str, *places: Path) -> str:
    paths = [str(place) for place in places]
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {paths}; {statement}"],
        cwd="/",
        env={**_CREDENTIALS, "PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@contextmanager
def unzipped_package() -> Iterator[Path]:
    """Build the package with this Python, and unzip it."""
    from infra.deploy.package import build

    with tempfile.TemporaryDirectory() as folder:
        package = build(Path(folder) / "dist", sys.executable)
        contents = Path(folder) / "contents"
        with zipfile.ZipFile(package.zip) as zipped:
            zipped.extractall(contents)
        yield contents


def templates_figure(compiled: Path) -> Figure:
    """Load every template, compiled by the package, against loading it from its source."""
    from jinja2 import BaseLoader, FileSystemLoader, ModuleLoader

    from chalicelib.texts.templates import TEMPLATES, environment_of

    names = FileSystemLoader(TEMPLATES).list_templates()

    def load(loader: BaseLoader) -> None:
        environment = environment_of("fr", loader)
        for name in names:
            environment.get_template(name)

    measured = ratio(
        lambda: timed(lambda: load(ModuleLoader(compiled))),
        lambda: timed(lambda: load(FileSystemLoader(TEMPLATES))),
        rounds=3,
    )
    return Figure("loading every template, compiled / from its source", measured, 0.05)
