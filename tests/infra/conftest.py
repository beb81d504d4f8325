"""The package and the template, built once for all."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.local_stack import shared_folder
from tests.fakes.packaged import built_package


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the package."""
    return built_package(shared_folder(tmp_path_factory.getbasetemp()))


@pytest.fixture(scope="session")
def template(package: Path) -> dict[str, Any]:
    """Give the template as it is deployed."""
    read: dict[str, Any] = yaml.safe_load((package / "template.yaml").read_text(encoding="utf-8"))
    return read
