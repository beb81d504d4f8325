"""What every suite shares."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from infra.cloudformation.permissions.needs import learn
from tests.fakes.aws_calls import SEEN, watch_calls
from tests.fakes.browsing import Browsing
from tests.fakes.world import World

# Nothing here may reach real AWS, whatever the machine's own configuration.
os.environ.update(
    AWS_ACCESS_KEY_ID="000000000000",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="eu-west-3",
    AWS_EC2_METADATA_DISABLED="true",
)
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
watch_calls(World().services)


@pytest.fixture
def world() -> World:
    """The whole system over fakes."""
    return World()


@pytest.fixture
def browsing(world: World) -> Iterator[Browsing]:
    """A browser on the console of that world."""
    with Browsing(world) as browser:
        yield browser


# --- Permissions: what functions ask of AWS in whatever test, against their policies ------------


@pytest.fixture(autouse=True)
def _nothing_beyond_the_policies() -> Iterator[None]:
    """Fail a test in which a function asks what its policy lacks (docs/decisions/0106)."""
    known = len(SEEN.faults)
    yield
    assert not SEEN.faults[known:], f"asked of AWS and not permitted: {SEEN.faults[known:]}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let what was seen be written down."""
    told = "add what was seen to the recorded permissions, and after a whole run forget the rest"
    parser.addoption("--learn-permissions", action="store_true", help=told)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Gather what each process saw; after a whole run, refuse what is permitted and unused."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["seen"] = [
            {name: sorted(calls) for name, calls in each.items()}
            for each in (SEEN.functions, SEEN.adapters)
        ]
    elif config.getoption("learn_permissions"):
        learn(SEEN.functions, forget=_is_whole(config) and session.exitstatus == 0)
    elif _is_whole(config) and session.exitstatus == 0 and (unused := SEEN.unused()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        config.stash[_UNUSED] = unused


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what is permitted and unused."""
    for name, calls in config.stash.get(_UNUSED, {}).items():
        terminalreporter.write_line(f"PERMITTED AND NEVER USED: {name} {json.dumps(calls)}")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a process of pytest-xdist saw."""
    SEEN.add(*getattr(node, "workeroutput", {}).get("seen", ({}, {})))


def _is_whole(config: pytest.Config) -> bool:
    """Tell whether every test was to run: a part of them proves nothing of what is unused."""
    chosen = ("keyword", "markexpr", "lf", "ignore", "ignore_glob", "deselect")
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not any(
        config.getoption(name, default=None) for name in chosen
    )


_UNUSED = pytest.StashKey[dict[str, list[tuple[str, str]]]]()
