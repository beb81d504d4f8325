"""A real browser on the whole local stack."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.fakes.local_stack import (
    LocalStackProcess,
    played_history,
    running_stack,
    shared_folder,
)

CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# Of one wait for a page: against a hang alone, for a busy machine takes long.
LONGEST_MS = 180_000
expect.set_options(timeout=LONGEST_MS)
WIDE, NARROW = (1280, 900), (390, 844)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium; without it these tests are skipped, but not on CI."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: apt-get install chromium")
        pytest.skip("chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStackProcess]:
    """The stack with two past months of the demo clients."""
    shared = shared_folder(tmp_path_factory.getbasetemp())
    state = played_history(shared, tmp_path_factory.mktemp("browser") / "local")
    with running_stack(state) as stack:
        yield stack


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStackProcess]:
    """A stack on which nobody has signed up yet."""
    state: Path = tmp_path_factory.mktemp("fresh") / "local"
    with running_stack(state) as stack:
        yield stack


def context(
    browser: Browser, size: tuple[int, int], *, scripts: bool = True, language: str = "fr-FR"
) -> BrowserContext:
    """Open a window of a size."""
    opened = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    opened.set_default_timeout(LONGEST_MS)
    return opened
