"""Permissions: what each function is seen asking of AWS, against its policy.

Every suite compares (tests/fakes/aws_calls.py).  Here the local stack does: two months are played
through the real jobs and workers, then every page and every form of the console is used; each call
that botocore makes is recorded with the function that made it.
"""

from pathlib import Path

import pytest

from infra.checks.permissions import read_recording
from infra.cloudformation.functions import function_names
from infra.cloudformation.permissions import needs
from infra.cloudformation.permissions.needs import (
    all_needs,
    learn,
    normalised,
    pairs,
)
from infra.local.company import CONSUMER, OPERATOR, OWNER, USER
from tests.fakes.aws_calls import ADAPTERS, SEEN, Seen, permitted
from tests.fakes.console_tour import Tour
from tests.fakes.local_stack import calls_file, played_history, running_stack, shared_folder

FORBIDDEN = ("mail-worker", "dynamodb:DeleteItem", "journal")


def test_the_local_stack_calls_nothing_that_is_not_permitted(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # Given two months played, when every page is visited and every form sent
    shared = shared_folder(tmp_path_factory.getbasetemp())
    state = played_history(shared, tmp_path_factory.mktemp("permissions") / "local")
    with running_stack(state) as stack:
        for user in (OPERATOR, OWNER, CONSUMER, USER):
            tour = Tour(stack.addresses.console)
            tour.sign_in(user)
            tour.walk("/")
        Tour(stack.addresses.console).walk("/sign-up")
        stack.move_clock(move="day")
    # Then whatever was called is permitted (else this test fails as every other), and all worked
    recording = read_recording(calls_file(shared / "played-history"), calls_file(state))
    SEEN.add(recording, {})
    assert recording.keys() == set(function_names())


def test_policies_are_written_for_the_functions_that_exist() -> None:
    assert all_needs().keys() == set(function_names())


def test_what_is_not_permitted_is_a_fault() -> None:
    seen = Seen()
    function, *need = FORBIDDEN
    seen.add({function: [need]}, {"KmsVault.encrypt": [("kms:Decrypt", "")]})
    assert seen.faults == [FORBIDDEN, ("KmsVault.encrypt", "kms:Decrypt", "")]


def test_what_is_permitted_and_never_asked_is_unused() -> None:
    seen = Seen()
    seen.add(permitted(), ADAPTERS)
    assert seen.unused() == {}
    seen.functions["mail-worker"].remove(("ses:SendRawEmail", ""))
    seen.adapters["KmsVault.encrypt"].clear()
    assert seen.unused() == {
        "mail-worker": [("ses:SendRawEmail", "")],
        "KmsVault.encrypt": [("kms:Encrypt", "")],
    }


def test_the_data_learns_and_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "permissions.json"
    data.write_text('{"api": {"kms:Decrypt": [""]}}', encoding="utf-8")
    monkeypatch.setattr(needs, "DATA", data)
    learn({"api": [("kms:Encrypt", "")]}, forget=False)
    assert set(pairs(all_needs()["api"])) == {("kms:Decrypt", ""), ("kms:Encrypt", "")}
    learn({"api": [("kms:Encrypt", "")]}, forget=True)
    assert all_needs() == {"api": {"kms:Encrypt": [""]}}


@pytest.mark.parametrize(
    ("action", "resource", "name"),
    [
        ("dynamodb:Query", "omny-local-orders/index/listing", "orders/index/listing"),
        ("s3:GetObject", "omny-local-documents/invoices", "invoices"),
        ("s3:ListBucket", "omny-local-exchange/platform", "platform"),
        ("ssm:PutParameter", "/omny/local/desktops/dsk_1/secret", "desktops"),
        ("ssm:GetParametersByPath", "/omny/local/console/", "console"),
        ("ec2:StopInstances", "i-1", ""),
    ],
)
def test_what_is_called_is_named_without_stage_nor_identifier(
    action: str, resource: str, name: str
) -> None:
    assert normalised(action, resource) == (action, name)
