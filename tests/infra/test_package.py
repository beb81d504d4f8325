"""The package: all that serves, nothing else, the same bytes each time."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.deploy.compile_modules import main as compile_all
from infra.deploy.package import LARGEST_UNZIPPED_MB, LARGEST_ZIPPED_MB, compile_modules, write_zip

USE = Path(__file__).with_name("use_of_package.py")
ROOT = Path(__file__).parents[2]
MB = 1024 * 1024
SETTINGS = {
    "STAGE": "dev",
    "CONSOLE_URL": "https://console.example",
    "DOCUMENTS_BUCKET": "omny-dev-documents",
    "EXCHANGE_BUCKET": "omny-dev-exchange",
    "KMS_KEY_ID": "alias/nothing",
    "SIGNING_KEY_ID": "alias/nothing",
    "MAIL_FROM": "console@omny.example",
    "AWS_ACCESS_KEY_ID": "000000000000",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-3",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def in_the_package(package: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a script with what is in the zip, and nothing that is installed here."""
    return subprocess.run(
        [sys.executable, "-S", "-E", str(USE), str(package / "contents"), *arguments],
        env={**SETTINGS, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("what", ["modules", "clients", "texts", "documents", "payments"])
def test_what_remains_of_the_packages_is_enough(package: Path, what: str) -> None:
    done = in_the_package(package, what)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("used"), done.stdout


def test_the_package_is_within_its_limits(package: Path) -> None:
    with zipfile.ZipFile(package / "deployment.zip") as zipped:
        unzipped = sum(entry.file_size for entry in zipped.infolist())
        names = zipped.namelist()
    assert unzipped < LARGEST_UNZIPPED_MB * MB
    assert (package / "deployment.zip").stat().st_size < LARGEST_ZIPPED_MB * MB
    for development in ("moto", "pytest", "hypothesis", "playwright", "mypy", "ministack"):
        assert not [name for name in names if name.startswith(f"{development}/")]
    assert "app.py" in names


def test_every_template_is_there_compiled(package: Path) -> None:
    sources = [path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"}]
    assert len(list((package / "contents" / "templates" / "compiled").glob("tmpl_*.py"))) == len(
        sources
    )


def test_every_module_has_bytecode_that_is_never_checked(package: Path) -> None:
    # The flags of a .pyc: bit 0, named after its source's hash; bit 1, to be checked against it.
    tag = sys.implementation.cache_tag
    for module in (package / "contents").rglob("*.py"):
        compiled = module.parent / "__pycache__" / f"{module.stem}.{tag}.pyc"
        assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00", module


def test_the_same_sources_give_the_same_bytes(package: Path, tmp_path: Path) -> None:
    # Given the package’s content without its bytecode (what is downloaded is checked by hash)
    again = tmp_path / "contents"
    shutil.copytree(
        package / "contents", again, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    # When it is compiled and zipped again
    compile_modules(again, sys.executable)
    write_zip(again, tmp_path / "again.zip")
    # Then it is the same, byte for byte
    assert (tmp_path / "again.zip").read_bytes() == (package / "deployment.zip").read_bytes()


def test_a_module_that_does_not_compile_stops_the_packaging(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def", encoding="utf-8")
    with pytest.raises(Exception, match=r"broken\.py"):
        compile_all(str(tmp_path), "/var/task")


def test_the_bill_of_materials_names_every_locked_package(package: Path) -> None:
    bill = json.loads((package / "sbom.json").read_text(encoding="utf-8"))
    named = {f"{each['name']}=={each['version']}" for each in bill["components"]}
    locked = {
        line.split()[0]
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line[:1].isalpha()
    }
    assert locked <= named
    assert bill["bomFormat"] == "CycloneDX"
