"""What is played over memory ends as what is played through the emulator, and is seen meanwhile."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from chalicelib.desktops.clouds.machines import LaunchRequest
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.records import Record
from chalicelib.foundation.sqs import queue_name
from chalicelib.foundation.tables import Delete, Put
from infra.cloudformation.resources import dead_letter_name
from infra.local.memory.adapters import MemoryAdapters
from infra.local.memory.machines import RememberedMachines
from infra.local.memory.queues import MemorySqs
from infra.local.memory.tables import TakenTables
from infra.local.outside.adapters import LocalAdapters
from infra.local.outside.mailbox import Mailbox
from infra.local.outside.provisioning import PREFIX, local_access, local_settings, provision
from infra.local.programs.processes import Ministack, free_port
from infra.local.stack.queue_pump import Arrivals, QueuePump
from tests.fakes.clock import StoppedClock
from tests.fakes.local_stack import (
    ANSWER_SECONDS,
    LocalStackProcess,
    played_history,
    running_stack,
    shared_folder,
)
from tests.fakes.machines import FakeMachines
from tests.fakes.stored import stored_items

NOW = "2026-11-05 10:00"
FAILED = {"batchItemFailures": [{"itemIdentifier": "memory-1"}]}


def test_the_story_is_the_same_as_through_the_emulator(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # Given two months played over memory, as every first start does, and stopped
    shared = shared_folder(tmp_path_factory.getbasetemp())
    folder = tmp_path_factory.mktemp("memory") / "local"
    quick = played_history(shared, folder)
    # When they are played through the emulator, call by call
    slow = tmp_path_factory.mktemp("emulator") / "local"
    with running_stack(slow, "--through-emulator", history=True):
        pass
    days = {(state / "started.json").stat().st_mtime // 86_400 for state in (slow, quick)}
    if len(days) > 1:
        pytest.skip("midnight passed between the two")
    # Then everything stored is the same but for ids, instants and digests
    assert held_by(quick) == held_by(slow)


def held_by(state: Path) -> list[Counter[str]]:
    """Count what the tables hold, the files, the mails by subject, and Stripe's objects."""
    with Ministack(free_port(), state / "ministack") as ministack:
        items = stored_items(local_access(ministack.url, ""))
    stripe = json.loads((state / "stripe.json").read_text())["objects"]
    mails = Mailbox(state / "mails").newest_first()
    files = [path for path in (state / "ministack" / "s3").rglob("*") if path.is_file()]
    return [
        items,
        Counter({kind: len(objects) for kind, objects in stripe.items()}),
        Counter(f"{mail.to} {mail.subject.split(' ')[0]}" for mail in mails),
        Counter(path.suffix for path in files),
    ]


def test_a_page_tells_how_far_the_first_start_has_come(tmp_path: Path) -> None:
    # Given a first start that plays its story
    stack = LocalStackProcess(tmp_path / "local", history=True)
    stack.wait_for("and orders four desktops")
    # When somebody opens the console's address
    answer = requests.get(f"http://127.0.0.1:{stack.port}/sign-in", timeout=ANSWER_SECONDS)
    # Then a page tells where the story is, asks for itself again, and is no answer of the console
    assert answer.status_code == 503
    assert 'http-equiv="refresh"' in answer.text
    assert "Alix Mercier, a consumer, signs up" in answer.text
    assert "<progress" in answer.text
    assert stack.stop() == 130


@pytest.fixture(scope="module")
def ministack() -> Any:
    with Ministack(free_port()) as running:
        provision(local_access(running.url, ""))
        yield running


def a_record(key: str, body: str, *, version: int = 0, listed: str = "") -> Record:
    listing = {"list_key": "ALL", "list_sort": listed} if listed else {}
    return Record(pk=key, sk="A", version=version, kind="thing", shape=1, body=body, **listing)


def test_items_are_taken_and_what_changed_is_written_back(ministack: Ministack) -> None:
    # Given a hundred items, and two to change
    access = local_access(ministack.url, "")
    adapters = LocalAdapters(local_settings(access, "", ""), StoppedClock(NOW), Mailbox(Path()))
    for number in range(100):
        adapters.tables.commit(Put("legal", a_record(f"K{number:03d}", "{}", listed="x")))
    # When they are taken into memory, one changed there, one removed, and thirty added
    memory = MemoryAdapters(adapters)
    memory.take()
    memory.tables.commit(
        Put("legal", a_record("K001", '{"n":1}', version=1, listed="x")),
        Delete("legal", "K002", "A"),
        *(Put("orders", a_record(f"N{number}", "{}")) for number in range(30)),
    )
    memory.give_back()
    # Then DynamoDB holds the same, at the same versions, and nothing is left to write
    again = TakenTables(access.client("dynamodb"), PREFIX)
    again.take(("legal", "orders"))
    assert again.contents() == memory.tables.contents()
    assert again.contents()["legal", "K001", "A"]["version"] == {"N": "2"}
    assert len(again.contents()) == 100 - 1 + 30
    assert memory.tables.write_back() == 0


def test_a_message_that_nobody_could_handle_is_given_to_the_real_queues(
    ministack: Ministack,
) -> None:
    # Given queues in memory, a worker that fails on one message, and one that is held back
    access = local_access(ministack.url, "")
    adapters = LocalAdapters(local_settings(access, "", ""), StoppedClock(NOW), Mailbox(Path()))
    memory = MemoryAdapters(adapters)
    seen: list[str] = []

    def worker(event: dict[str, Any], context: Any) -> dict[str, Any]:
        seen.extend(record["body"] for record in event["Records"])
        return FAILED

    pump = QueuePump(access.client("sqs"), PREFIX, {Queue.MAIL: worker}, Arrivals())
    pump.carry_from(memory.sqs)
    memory.queues.send(*(Message(Queue.MAIL, key, f'{{"key":"{key}"}}') for key in ("bad", "good")))
    memory.queues.send(Message(Queue.MAIL, "later", "{}", delay_seconds=60))
    # When the queue is emptied
    pump.look()
    pump.drain()
    # Then the good one came once, the bad one as often as is allowed, the other one not yet
    assert [json.loads(body)["key"] for body in seen] == ["bad", "good", "bad", "bad"]
    # and both that are left are where they belong
    memory.give_back()
    sqs = access.client("sqs")
    mail = queue_name(PREFIX, Queue.MAIL)
    found = {
        name: sqs.get_queue_attributes(
            QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=["All"]
        )["Attributes"]
        for name in (mail, dead_letter_name(mail))
    }
    assert found[mail]["ApproximateNumberOfMessagesDelayed"] == "1"
    assert found[dead_letter_name(mail)]["ApproximateNumberOfMessages"] == "1"


def test_a_message_held_back_is_due_by_the_clock_that_is_moved() -> None:
    clock = StoppedClock(NOW)
    sqs = MemorySqs(clock, PREFIX)
    entry = {"Id": "0", "MessageBody": "{}", "DelaySeconds": 60}
    sqs.send_message_batch(QueueUrl="q", Entries=[entry])
    assert sqs.receive_message(QueueUrl="q", MaxNumberOfMessages=10)["Messages"] == []
    clock.advance(seconds=60)
    assert len(sqs.receive_message(QueueUrl="q", MaxNumberOfMessages=10)["Messages"]) == 1


def test_an_inventory_is_remembered_until_something_is_asked_of_a_machine() -> None:
    # Given a cloud with one machine at rest
    cloud = FakeMachines(looks_needed=0)
    made = cloud.launch(a_launch())
    cloud.describe([made])
    remembered = RememberedMachines(cloud, StoppedClock(NOW))
    assert [each.id for each in remembered.inventory()] == [made]
    # When it is listed and looked at again and again, then it is asked once
    pages = cloud.inventory_pages
    remembered.describe([made])
    assert [each.id for each in remembered.inventory()] == [made]
    assert cloud.inventory_pages == pages
    # When something is asked of the machine, then it is listed anew
    remembered.terminate(made)
    assert list(remembered.inventory()) == []
    assert cloud.inventory_pages == pages + 1


def test_backups_are_promised_and_only_those_still_kept_are_made() -> None:
    # Given a machine with a backup of the day before
    cloud = FakeMachines(looks_needed=0)
    made = cloud.launch(a_launch())
    before = cloud.back_up("dsk_1", made, date(2026, 11, 4))
    remembered = RememberedMachines(cloud, StoppedClock(NOW))
    # When three nights pass, the middle one's copy is removed, and the former one too
    nights = [remembered.back_up("dsk_1", made, date(2026, 11, day)) for day in (5, 6, 7)]
    assert remembered.back_up("dsk_1", made, date(2026, 11, 7)) == nights[2]
    remembered.delete_backup(nights[1].snapshot_id)
    remembered.delete_backup(before.snapshot_id)
    assert remembered.backups("dsk_1") == [nights[0], nights[2]]
    assert cloud.backups("dsk_1") == []
    # Then two are made in the end, and each says the id it has
    ids = remembered.keep_promises()
    copies = cloud.backups("dsk_1")
    assert [copy.taken_on.day for copy in copies] == [5, 7]
    assert [ids[night.snapshot_id] for night in (nights[0], nights[2])] == [
        copy.snapshot_id for copy in copies
    ]


def a_launch() -> LaunchRequest:
    return LaunchRequest(
        token="dsk_1-1",
        desktop_id="dsk_1",
        account_id="acc_1",
        instance_type="t3.large",
        image="ami-1",
        os="Windows Server 2022",
        storage_gib=80,
        secret_parameter="/nowhere",
    )


def test_the_ids_that_promised_backups_get_are_the_ones_stored(ministack: Ministack) -> None:
    tables = TakenTables(local_access(ministack.url, "").client("dynamodb"), PREFIX)
    tables.commit(Put("desktops", a_record("D1", '{"backups":["snap-a","snap-b"]}')))
    tables.rename("desktops", {"snap-a": "snap-1"})
    stored = tables.contents()["desktops", "D1", "A"]
    assert stored["body"] == {"S": '{"backups":["snap-1","snap-b"]}'}
    assert tables.write_back() == 1
