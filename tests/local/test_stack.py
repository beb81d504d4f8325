"""What `make run` promises: it starts whole, keeps its data, stops at once, leaves nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import requests

from chalicelib.desktops.clouds.machines import MachineStatus
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.civil_time import PARIS
from infra.local.outside.provisioning import PREFIX, local_access
from infra.local.stack.attach import local_services
from infra.project import ROOT
from tests.fakes.local_stack import (
    ANSWER_SECONDS,
    LocalStackProcess,
    played_history,
    running_stack,
    shared_folder,
)

RUN_HOUR = 6  # the invoice run of the 1st is over
LOOPBACK = "0100007F"  # 127.0.0.1, as the kernel writes it
MACHINE_OF = {State.RUNNING: MachineStatus.RUNNING, State.STOPPED: MachineStatus.STOPPED}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of data with two past months."""
    shared = shared_folder(tmp_path_factory.getbasetemp())
    return played_history(shared, tmp_path_factory.mktemp("stack") / "local")


@pytest.fixture(scope="module")
def stack(state: Path) -> Iterator[LocalStackProcess]:
    """A stack started again on them: not the one that played them."""
    with running_stack(state) as running:
        yield running


def desktops(state: Path) -> dict[str, Desktop]:
    with local_services(state) as services:
        return {desktop.id: desktop for desktop in services.desktops.service.all_desktops()}


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def operate(*command: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "STAGE"}
    return subprocess.run(
        [sys.executable, "-m", "infra.operate", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=ANSWER_SECONDS,
    )


def test_the_first_start_plays_two_months(state: Path) -> None:
    told = (state / "first-start.txt").read_text(encoding="utf-8")
    # It showed its progress, and the addresses and sign-ins at the end
    assert told.index("signs up") < told.index("Ready in") < told.index("alix@")
    # in CPU seconds that a busy machine doubles
    assert json.loads((state / "started.json").read_text())["worked_seconds"] < 30
    # and every invoice of two months is there, of one early on the 1st, before the run
    ready = datetime.fromtimestamp((state / "started.json").stat().st_mtime, PARIS)
    is_before_the_run = ready.day == 1 and ready.hour < RUN_HOUR
    with local_services(state) as services:
        months = {
            str(invoice.month)
            for account in services.accounts.service.all_accounts()
            for invoice in services.billing.service.invoices_of(account.id)
        }
    assert len(months) == (1 if is_before_the_run else 2)


def test_a_stack_listens_on_127_0_0_1_alone(stack: LocalStackProcess) -> None:
    assert stack.listening_addresses() == {LOOPBACK}


def test_machines_are_made_again_for_the_same_desktops(
    stack: LocalStackProcess, state: Path
) -> None:
    # Given the desktops of the data, whose machines moto forgot when it stopped
    kept = [desktop for desktop in desktops(state).values() if desktop.state in MACHINE_OF]
    assert {desktop.state for desktop in kept} == {State.RUNNING, State.STOPPED}
    assert {desktop.provider for desktop in kept} == {"ec2", "workspaces"}
    # When the new moto is asked for their machines
    with local_services(state) as services:
        clouds = services.base.adapters.machine_providers
        found = {each.id: clouds[each.provider].find(each.id) for each in kept}
        states = {
            machine: state
            for cloud in clouds.values()
            for machine, state in cloud.describe(filter(None, found.values())).items()
            if state.status not in {MachineStatus.GONE, MachineStatus.UNKNOWN}
        }
    # Then each has one, in the state its client left it, and our record names it
    for desktop in kept:
        assert desktop.machine_id == found[desktop.id]
        assert states[desktop.machine_id].status is MACHINE_OF[desktop.state]


def test_an_unknown_address_has_the_consoles_own_404_page(stack: LocalStackProcess) -> None:
    answer = requests.get(f"{stack.addresses.console}/no/such/page", timeout=ANSWER_SECONDS)
    assert answer.status_code == 404
    assert "<html lang" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_localhost_is_sent_to_127_0_0_1(stack: LocalStackProcess) -> None:
    # Given the address that people type, when HEAD is asked through it
    address = f"http://localhost:{stack.port}/prices"
    answer = requests.head(address, allow_redirects=True, timeout=ANSWER_SECONDS)
    # Then the browser ends at the one address whose cookies and origin are ours
    assert answer.url == f"{stack.addresses.console}/prices"
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_taken_port_is_said_and_leaves_nothing(stack: LocalStackProcess, tmp_path: Path) -> None:
    # Given a console on a port, when another one is started there
    other = LocalStackProcess(tmp_path / "other", port=stack.port)
    # Then it says so in a sentence and ends
    assert other.wait_for_end() == 1
    assert f"Port {stack.port} is already taken" in other.output
    assert "Traceback" not in other.output
    assert [pid for pid in other.processes() if is_alive(pid)] == []


def test_the_same_data_is_not_opened_twice(stack: LocalStackProcess, state: Path) -> None:
    other = LocalStackProcess(state)
    assert other.wait_for_end() == 1
    assert stack.addresses.console in other.output


def test_another_site_cannot_move_the_clock(stack: LocalStackProcess) -> None:
    # Given a page of another site, open in the same browser
    # When it posts to the desk, then it is refused
    answer = requests.post(
        f"{stack.addresses.desk}/clock",
        {"move": "day"},
        headers={"Origin": "https://elsewhere.example"},
        timeout=ANSWER_SECONDS,
    )
    assert answer.status_code == 403


def test_moving_to_the_next_month_fires_what_falls_due(
    stack: LocalStackProcess, state: Path
) -> None:
    # Given the invoices of two months
    with local_services(state) as services:
        before = _invoice_count(services)
    # When the desk moves the clock to the next month
    moved = stack.move_clock(move="month")
    # Then every job has run on the way, the last of them at the end of it
    assert {job["outcome"] for job in moved["jobs"].values()} == {"done"}
    assert moved["jobs"]["run_invoices"]["at"][:10] == moved["now"][:10]
    # and the month that ended is invoiced
    with local_services(state) as services:
        assert _invoice_count(services) > before


def _invoice_count(services) -> int:  # type: ignore[no-untyped-def]
    return sum(
        len(services.billing.service.invoices_of(account.id))
        for account in services.accounts.service.all_accounts()
    )


@pytest.mark.contract("EVD-1")
def test_verify_journal_names_an_entry_changed_behind_our_back(
    stack: LocalStackProcess, state: Path
) -> None:
    # Given journals that hold
    sound = operate("--state", str(state), "verify-journal")
    assert (sound.returncode, "0 broken" in sound.stdout) == (0, True), sound.stdout
    # When the second entry of one is rewritten in the table
    dynamodb = local_access(stack.addresses.ministack, "").client("dynamodb")
    table = f"{PREFIX}journal"
    entries = dynamodb.scan(TableName=table)["Items"]
    entry = sorted(entries, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))[1]
    forged = {**entry, "body": {"S": entry["body"]["S"].replace('"kind":"', '"kind":"not_')}}
    dynamodb.put_item(TableName=table, Item=forged)
    # Then the command fails and names it
    found = operate("--state", str(state), "verify-journal")
    assert found.returncode == 1
    assert "BROKEN at entry" in found.stdout
    dynamodb.put_item(TableName=table, Item=entry)


def test_one_ctrl_c_ends_everything_and_keeps_the_data(state: Path, tmp_path: Path) -> None:
    # Given a small stack with a mail sent
    folder = tmp_path / "local"
    stack = LocalStackProcess(folder).wait_until_ready()
    started = stack.processes()
    assert len(started) == 3  # ours, ministack, moto
    moved = stack.move_clock(move="day")
    # When Ctrl-C is pressed once
    status = stack.stop()
    # Then it ends well, and no process is left
    assert status == 0, stack.output
    assert [pid for pid in started if is_alive(pid)] == []
    # and journals can be checked although nothing runs
    checked = operate("--state", str(folder), "verify-journal")
    assert checked.returncode == 0, checked.stderr
    # And the next start is quick, on the same data, at the same "now"
    with running_stack(folder) as again:
        # (ready in 10 s on two cores that do nothing else; here they run other tests too)
        assert again.cpu_seconds() < 20
        clock = requests.get(f"{again.addresses.desk}/clock.json", timeout=ANSWER_SECONDS).json()
        assert clock["now"] > moved["now"]
        prices = requests.get(f"{again.addresses.console}/prices", timeout=ANSWER_SECONDS)
        assert "Standard" in prices.text


def test_a_first_start_cut_short_begins_again_from_nothing(tmp_path: Path) -> None:
    # Given a first start stopped in the middle of its history
    folder = tmp_path / "local"
    cut = LocalStackProcess(folder, history=True)
    cut.wait_for("and orders a desktop")
    started = cut.processes()
    assert cut.stop() == 130
    assert [pid for pid in started if is_alive(pid)] == []
    # When the stack is started again
    with running_stack(folder), local_services(folder) as services:
        # Then nothing of it is left
        assert services.accounts.service.all_accounts() == []


def test_what_could_not_be_saved_is_said_at_the_stop_and_at_the_next_start(tmp_path: Path) -> None:
    # Given a stack whose disk refuses a file of the emulator
    folder = tmp_path / "local"
    stack = LocalStackProcess(folder).wait_until_ready()
    (folder / "ministack" / "state" / "dynamodb.json.tmp").mkdir(parents=True)
    # When it is stopped, then that is an error, in a sentence
    assert stack.stop() == 1
    assert "could not be saved (Persistence: failed to save dynamodb" in stack.output
    # And the next start says what is lost, and overwrites nothing
    refused = LocalStackProcess(folder)
    assert refused.wait_for_end() == 1
    assert "is lost" in refused.output
    assert "make reset" in refused.output
    for output in (stack.output, refused.output):
        assert "Traceback" not in output
    told = operate("--state", str(folder), "verify-journal")
    assert told.returncode == 1
    assert "is lost" in told.stderr
