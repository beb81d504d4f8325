"""The emulators start, keep their data, stop, and never outlive the program that started them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.desktops.clouds.machines import LaunchRequest, MachineStatus
from chalicelib.desktops.clouds.workspaces_provider import WorkspacesProvider
from infra.local.outside.provisioning import local_access
from infra.local.programs.processes import (
    HOST,
    REGION,
    WORKSPACES_DIRECTORY,
    LocalProgram,
    Ministack,
    MotoServer,
    NotReady,
    PortTaken,
    Program,
    free_port,
    require_free_port,
)
from infra.project import ROOT

TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
CONTEXT = {"account": "acc_1"}


def connect(service: Any, program: LocalProgram, account: str = "000000000001") -> Any:
    """A client of `service` in one of the emulator's isolated accounts."""
    return boto3.client(
        service,
        endpoint_url=program.url,
        region_name=REGION,
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )


def is_listening(port: int, host: str = HOST) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def eventually(happens: Callable[[], bool], seconds: float = 300) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def web_server(
    port: int, served: int | None = None, option: str = "--protocol=HTTP/1.1"
) -> LocalProgram:
    """The quickest program to start, the standard library's; `served` when not `port` itself."""
    arguments = (str(served or port), "--bind", HOST, option)
    return LocalProgram(Program(name="web", module="http.server", arguments=arguments), port)


def test_data_survives_a_graceful_stop_even_on_another_port(tmp_path: Path) -> None:
    # Given one thing of each kind
    first = Ministack(free_port(), tmp_path)
    with first:
        connect("dynamodb", first).create_table(**TABLE)
        connect("dynamodb", first).put_item(
            TableName="things", Item={"id": {"S": "one"}, "seal": {"B": b"\x00\xff"}}
        )
        old_queue = connect("sqs", first).create_queue(QueueName="jobs")["QueueUrl"]
        connect("sqs", first).send_message(QueueUrl=old_queue, MessageBody="à faire")
        connect("s3", first).create_bucket(
            Bucket="documents", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        connect("s3", first).put_object(Bucket="documents", Key="a/1.pdf", Body=b"%PDF\x00")
        key = connect("kms", first).create_key()["KeyMetadata"]["KeyId"]
        connect("kms", first).create_alias(AliasName="alias/journal", TargetKeyId=key)
        sealed = connect("kms", first).encrypt(
            KeyId="alias/journal", Plaintext=b"secret", EncryptionContext=CONTEXT
        )["CiphertextBlob"]
        connect("ssm", first).put_parameter(Name="/omny/x", Value="v", Type="SecureString")

    # When it was stopped and another one takes over its data elsewhere
    with Ministack(free_port(), tmp_path) as second:
        # Then each is there
        item = connect("dynamodb", second).get_item(TableName="things", Key={"id": {"S": "one"}})
        assert item["Item"]["seal"]["B"] == b"\x00\xff"
        # and making the queue again finds the same one, with its message
        queue = connect("sqs", second).create_queue(QueueName="jobs")["QueueUrl"]
        assert queue != old_queue
        messages = connect("sqs", second).receive_message(QueueUrl=queue)["Messages"]
        assert [message["Body"] for message in messages] == ["à faire"]
        stored = connect("s3", second).get_object(Bucket="documents", Key="a/1.pdf")
        assert stored["Body"].read() == b"%PDF\x00"
        opened = connect("kms", second).decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)
        assert opened["Plaintext"] == b"secret"
        parameter = connect("ssm", second).get_parameter(Name="/omny/x", WithDecryption=True)
        assert parameter["Parameter"]["Value"] == "v"


def test_ministack_forgets_without_a_folder_and_isolates_accounts() -> None:
    # Given a server that keeps nothing, and a table in one account
    server = Ministack(free_port())
    with server:
        connect("dynamodb", server).create_table(**TABLE)
        # Then another account does not see it
        assert connect("dynamodb", server, "000000000002").list_tables()["TableNames"] == []
        # and only 127.0.0.1 answers: a server open to all would also answer here
        assert not is_listening(server.port, "127.0.0.2")

    # When it starts again
    with server:
        # Then the table is gone
        assert connect("dynamodb", server).list_tables()["TableNames"] == []


def test_the_emulated_cloud_has_all_that_a_desktop_on_workspaces_needs() -> None:
    # Given our provider on the server as the stack starts it
    with MotoServer(free_port()) as server:
        access = local_access("http://127.0.0.1:1", server.url)
        workspaces = WorkspacesProvider(access, "local", WORKSPACES_DIRECTORY)
        # When a desktop lives there, then each call does what AWS's does
        made = workspaces.launch(a_launch("dsk_1", "STANDARD"))

        def status() -> MachineStatus:
            return workspaces.describe([made])[made].status

        assert status() is MachineStatus.RUNNING
        workspaces.restart(made)
        workspaces.stop(made)
        assert status() is MachineStatus.STOPPED
        workspaces.change_type(made, "POWER", 80)
        assert workspaces.describe([made])[made].instance_type == "POWER"
        workspaces.start(made)
        assert status() is MachineStatus.RUNNING
        for action, isolated in (("isolate", True), ("reconnect", False)):
            getattr(workspaces, action)(made)
            assert workspaces.describe([made])[made].isolated is isolated
        workspaces.terminate(made)
        assert status() is MachineStatus.GONE


def a_launch(desktop_id: str, compute_type: str) -> LaunchRequest:
    """What a desktop is made from."""
    return LaunchRequest(
        token=f"{desktop_id}-1",
        desktop_id=desktop_id,
        account_id="acc_1",
        instance_type=compute_type,
        image="wsb-clj85qzj1",
        os="Windows Server 2022",
        storage_gib=80,
        secret_parameter="/nowhere",
    )


def test_moto_runs_machines() -> None:
    # Given a moto server
    with MotoServer(free_port()) as server:
        ec2 = connect("ec2", server)
        # When a machine is launched
        launched = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]
        # Then it is seen
        found = ec2.describe_instances(InstanceIds=[launched["InstanceId"]])
        assert found["Reservations"][0]["Instances"][0]["InstanceId"] == launched["InstanceId"]
        assert not is_listening(server.port, "127.0.0.2")


def test_a_taken_port_is_said_in_one_sentence() -> None:
    # Given a port in use
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        # When a program wants it, then the message names both
        with pytest.raises(PortTaken, match=rf"^Port {port} is already taken, so web cannot"):
            web_server(port).start()
        with pytest.raises(PortTaken, match="the console"):
            require_free_port(port, "the console")
    # And once it is free, nothing is raised
    require_free_port(port, "the console")


def test_a_program_that_ends_at_once_shows_its_last_words() -> None:
    # Given a program that refuses its arguments
    program = web_server(free_port(), option="--no-such-option")
    # When it is started, then its own words are in the error
    with pytest.raises(NotReady, match="unrecognized arguments: --no-such-option"):
        program.start()
    assert not program.is_running


def test_a_program_that_stays_silent_is_stopped() -> None:
    # Given a program that serves another port than the one it is asked on
    program = web_server(free_port(), served=free_port())
    # When it does not answer in time, then it is stopped
    with pytest.raises(NotReady, match="no answer, and did nothing for 0 s"):
        program.start(timeout=0.3)
    assert not program.is_running


def test_a_program_deaf_to_the_request_is_killed() -> None:
    # Given a program that ignores the request to stop
    port = free_port()
    deaf = Program(name="deaf", module="tests.local.deaf_server", arguments=(str(port),))
    program = LocalProgram(deaf, port)
    program.start()
    # When it is stopped with little patience
    program.stop(timeout=0.2)
    # Then it is gone
    assert not program.is_running
    assert not is_listening(port)


def test_children_of_a_killed_parent_save_and_end(tmp_path: Path) -> None:
    # Given a parent with ministack as its child, and something stored
    port = free_port()
    source = (
        "from pathlib import Path\n"
        "from infra.local.programs.processes import Ministack\n"
        f"Ministack({port}, Path({str(tmp_path)!r})).start()\n"
        "print('ready', flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", source],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        child = Ministack(port)
        connect("ssm", child).put_parameter(Name="/omny/x", Value="v", Type="String")
        # When the parent is killed outright
        os.kill(parent.pid, signal.SIGKILL)
        # Then the child ends by itself
        assert eventually(lambda: not is_listening(port))
    # and has saved what it held
    saved = tmp_path / "state" / "ssm.json"
    assert eventually(saved.exists)
    assert "/omny/x" in json.dumps(json.loads(saved.read_text()))
