"""Commands typed at a terminal end with an answer or a sentence, and a status that says so."""

import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError

from chalicelib.foundation.errors import DomainError, FieldErrors, TemporaryGatewayError
from infra.operate.commands import arguments, perform
from infra.project import ROOT
from infra.terminal import FAILED, STOPPED, TRACEBACK, UNEXPECTED, ended
from tests.fakes.accounts import an_account
from tests.fakes.world import World


@pytest.mark.contract("EVD-1")
def test_a_journal_that_nobody_wrote_is_not_said_to_be_intact(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given an account with its journal, when its id is mistyped
    account, _ = an_account(world)
    assert perform(world.services, arguments(["verify-journal", account.id])) == 0
    assert f"{account.id}  intact, " in capsys.readouterr().out
    status = perform(world.services, arguments(["verify-journal", account.id, "acc_mistyped"]))
    # Then the command fails, and says which
    assert status == FAILED
    assert "acc_mistyped  UNKNOWN" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["load-catalogue", "publish-legal cgv 9 --on 2027-01-01"])
@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"{"])
def test_a_file_that_cannot_be_used_is_named_in_a_sentence(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    content: bytes | None,
) -> None:
    file = tmp_path / "file.json"
    if content is not None:
        file.write_bytes(content)
    if command.startswith("publish-legal") and content == b"{":
        pytest.skip("a text like any other")
    name, *more = command.split()
    given = arguments([name, *more[:2], str(file), *more[2:]])
    assert perform(world.services, given) == FAILED
    said = capsys.readouterr().err
    assert said.strip()
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("fault", "sentence", "status"),
    [
        (DomainError("Trop de %(n)s.", n=3), "Trop de 3.", FAILED),
        (FieldErrors({"on": "Indiquez une date."}), "on: Indiquez une date.", FAILED),
        (TemporaryGatewayError("Stripe: down"), "An outside service", FAILED),
        (NoCredentialsError(), "AWS refused: ", FAILED),
        (KeyError("body"), "Unexpected error (KeyError)", UNEXPECTED),
        (KeyboardInterrupt(), "Stopped.", STOPPED),
    ],
)
def test_what_goes_wrong_is_said_and_no_traceback_shown(
    fault: BaseException, sentence: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> int:
        raise fault

    assert ended(main) == status
    assert capsys.readouterr().err.startswith(sentence)


def test_who_looks_for_the_fault_may_see_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRACEBACK, "1")
    with pytest.raises(ZeroDivisionError):
        ended(lambda: 1 // 0)


@pytest.mark.parametrize(
    "module",
    ["operate", "operate.restore", "local.operate", "local.run", "deploy", "deploy.package"],
)
def test_every_command_ends_so(module: str) -> None:
    path = ROOT / "infra" / module.replace(".", "/")
    source = (path / "__main__.py" if path.is_dir() else path.with_suffix(".py")).read_text()
    assert "sys.exit(ended(main))" in source


def test_a_stage_out_of_reach_is_a_sentence() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "infra.operate", "--stage", "nope", "verify-sales"],
        cwd=ROOT,
        env={
            "AWS_ACCESS_KEY_ID": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.returncode == FAILED
    assert "Traceback" not in told.stderr
    assert told.stderr.startswith("AWS refused")
