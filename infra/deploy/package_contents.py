"""What goes into the package and what stays out: the locked packages trimmed to what serves.

A test imports and uses what remains (tests/infra/test_package.py).
"""

import gzip
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from chalicelib.foundation.aws import REGION
from infra.cloudformation.permissions.needs import all_needs
from infra.project import ROOT

PLATFORM = "x86_64-manylinux_2_28"  # Amazon Linux 2023 has glibc 2.34
_BOTOCORE_KEPT = {"endpoints", "partitions", "sdk-default-configuration", "_retry"}
_LOCALES = {"root", "fr", "fr_FR", "en", "en_001", "en_150", "en_GB"}
_NEVER = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.h", "*.cpp", "*.po", "*.pot", "py.typed")
_FOLDERS_NEVER = ("__pycache__", "tests")
_DIST_INFO_KEPT = ("METADATA", "licenses", "LICENSE*", "COPYING*", "NOTICE*", "AUTHORS*")
# Formats, bindings and types that nothing of ours uses.
_UNUSED = (
    ".lock",
    "bin",
    "share",
    "PIL/_avif*.so",
    "PIL/_imagingcms*.so",
    "PIL/_imagingft*.so",
    "PIL/_imagingtk*.so",
    "PIL/_webp*.so",
    "pillow.libs/libavif-*",
    "pillow.libs/libfreetype-*",
    "pillow.libs/libharfbuzz-*",
    "pillow.libs/liblcms2-*",
    "pillow.libs/libsharpyuv-*",
    "pillow.libs/libwebp*",
    # Twins, faster on curves, of modules that are there in Python: subsetting leaves curves alone.
    "fontTools/*/*.so",
    "stdnum/oui.dat",
    "stdnum/imsi.dat",
    "stripe/params",  # types of arguments, for checkers only
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",
)


def boto_services() -> set[str]:
    """Name the AWS services the code calls."""
    return {action.split(":")[0] for needs in all_needs().values() for action in needs} | {
        "dynamodb",
        "ec2",
        "kms",
        "s3",
        "ses",
        "sqs",
        "ssm",
    }


def install(folder: Path, python_version: str) -> None:
    """Install the locked packages for Lambda, hashes checked."""
    subprocess.run(
        [
            ROOT / ".venv" / "bin" / "uv",
            *("pip", "install", "--quiet", "--target", folder, "--no-compile-bytecode"),
            *("--python-platform", PLATFORM, "--python-version", python_version),
            *("--only-binary", ":all:", "--require-hashes", "-r", ROOT / "requirements.txt"),
        ],
        check=True,
    )


def trim(folder: Path) -> None:
    """Remove from the installed packages what never serves in a Lambda."""
    for pattern in _NEVER:
        for path in list(folder.rglob(pattern)):
            path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and path.name in _FOLDERS_NEVER:
            shutil.rmtree(path)
    for pattern in _UNUSED:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _trim_botocore(folder / "botocore" / "data")
    _trim_babel(folder / "babel" / "locale-data")
    _trim_holidays(folder / "holidays")
    shutil.rmtree(folder / "boto3" / "data", ignore_errors=True)
    (folder / "boto3" / "data").mkdir()
    for info in folder.glob("*.dist-info"):
        _trim_dist_info(info)


def _trim_botocore(data: Path) -> None:
    kept = boto_services()
    for path in data.iterdir():
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path)
        elif path.is_file() and path.name.split(".")[0] not in _BOTOCORE_KEPT:
            path.unlink()
    for service in kept:
        # botocore takes the latest version of a service; paginators and waiters go with it.
        for older in sorted((data / service).iterdir())[:-1]:
            shutil.rmtree(older)
        for examples in (data / service).rglob("examples-1.json*"):
            examples.unlink()
    for model in [*data.rglob("*.json"), *data.rglob("*.json.gz")]:
        _lighten(model)


def _lighten(model: Path) -> None:
    """Take the documentation out of a model, and unpack it: it is parsed at each cold start."""
    read = gzip.decompress if model.suffix == ".gz" else bytes
    content = json.loads(read(model.read_bytes()))
    for described in ("operations", "shapes"):  # elsewhere botocore reads what is written of it
        if described in content:
            content[described] = _undocumented(content[described])
    if model.name == "endpoints.json":
        content = _of_one_region(content)
    model.unlink()
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    model.with_name(model.name.removesuffix(".gz")).write_text(text, encoding="utf-8")


def _undocumented(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            name: _undocumented(value)
            for name, value in node.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_undocumented(each) for each in node] if isinstance(node, list) else node


def _of_one_region(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Keep of the list of endpoints what tells of our region; unlisted services follow a rule."""
    (ours,) = [each for each in endpoints["partitions"] if REGION in each["regions"]]
    services = {
        name: {**service, "endpoints": {REGION: service["endpoints"][REGION]}}
        for name, service in ours["services"].items()
        if name in boto_services() and REGION in service.get("endpoints", {})
    }
    regions = {REGION: ours["regions"][REGION]}
    return {**endpoints, "partitions": [{**ours, "regions": regions, "services": services}]}


def _trim_babel(locales: Path) -> None:
    for path in locales.glob("*.dat"):
        if path.stem not in _LOCALES:
            path.unlink()


def _trim_holidays(folder: Path) -> None:
    for kind, kept in (("countries", {"france"}), ("financial", set())):
        for path in (folder / kind).glob("*.py"):
            if path.stem not in {*kept, "__init__"}:
                path.unlink()
        # It would import every country; the registry names each country's module by itself.
        (folder / kind / "__init__.py").write_text("", encoding="utf-8")
    for path in (folder / "locale").glob("*"):
        if not path.name.startswith(("fr", "en")):
            shutil.rmtree(path)


def _trim_dist_info(info: Path) -> None:
    kept = {path for pattern in _DIST_INFO_KEPT for path in info.glob(pattern)}
    for path in info.iterdir():
        if path not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def add_application(folder: Path) -> None:
    """Add our code, Chalice's runtime and the templates, compiled."""
    import chalice
    import chalice.app as router

    (folder / "chalice").mkdir()
    for module in (chalice, router):
        if module.__file__:
            shutil.copy(module.__file__, folder / "chalice" / Path(module.__file__).name)
    shutil.copy(ROOT / "app.py", folder)
    shutil.copytree(
        ROOT / "chalicelib",
        folder / "chalicelib",
        ignore=shutil.ignore_patterns("__pycache__", *_NEVER),
    )
    compile_templates(folder / "templates" / "compiled")


def compile_templates(target: Path) -> None:
    """Write each template as a Python module, for texts/templates.py to load."""
    from jinja2 import FileSystemLoader

    from chalicelib.texts.templates import TEMPLATES, environment_of

    target.mkdir(parents=True)
    environment = environment_of("fr", FileSystemLoader(TEMPLATES))
    # What is constant would be computed now, by the filters of one language.
    environment.optimized = False
    environment.compile_templates(target, zip=None, ignore_errors=False)
