"""What each function really calls on the local stack, against its policy.

Two months are played through the real jobs and workers, then every page and every form of the
console is used; each call to AWS is recorded with the function that made it.
"""

import json
from pathlib import Path

import pytest

from infra.cloudformation.functions import function_names
from infra.local.demo_company import CONSUMER, OPERATOR, OWNER, USER
from infra.permissions import DATA, all_needs, missing, normalised, pairs, read_recording
from tests.fakes.console_tour import Tour
from tests.fakes.local_stack import calls_file, played_history, running_stack, shared_folder

Calls = dict[str, set[tuple[str, str]]]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Calls:
    """Play and visit; give what each function called."""
    shared = shared_folder(tmp_path_factory.getbasetemp())
    state = played_history(shared, tmp_path_factory.mktemp("permissions") / "local")
    with running_stack(state) as stack:
        for user in (OPERATOR, OWNER, CONSUMER, USER):
            tour = Tour(stack.addresses.console)
            tour.sign_in(user)
            tour.walk("/")
        Tour(stack.addresses.console).walk("/sign-up")
        stack.move_clock(move="day")
    return read_recording(calls_file(shared / "played-history"), calls_file(state))


def test_no_function_lacks_a_permission(recording: Calls) -> None:
    lacking = missing(recording)
    assert not lacking, (
        "called and not permitted (python -m infra.permissions FILE adds them): "
        + json.dumps({function: sorted(calls) for function, calls in lacking.items()}, indent=1)
    )


def test_no_function_has_a_permission_it_does_not_use(recording: Calls) -> None:
    data = json.loads(DATA.read_text(encoding="utf-8"))
    unused = {
        function: sorted(set(pairs(needs)) - recording.get(function, set()))
        for function, needs in data["often"].items()
    }
    assert not {function: calls for function, calls in unused.items() if calls}


def test_the_data_names_functions_that_exist_and_gives_its_reasons() -> None:
    data = json.loads(DATA.read_text(encoding="utf-8"))
    assert all_needs().keys() <= set(function_names())
    for function, reasons in data["seldom"].items():
        for reason, needs in reasons.items():
            assert len(reason.split()) > 3, f"{function}: “{reason}” is no reason"
            assert not set(pairs(needs)) & set(pairs(data["often"].get(function, {}))), function


def test_every_function_was_called(recording: Calls) -> None:
    # A function that nothing calls proves nothing of its policy.
    assert set(function_names()) - recording.keys() <= NEVER_PLAYED


# Functions that use nothing but their log, or that the local stack has no reason to call.
NEVER_PLAYED: set[str] = set()


def test_a_missing_permission_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "calls"
    file.write_text('["mail-worker", "dynamodb:DeleteItem", "omny-local-journal"]\n')
    assert missing(read_recording(file)) == {"mail-worker": {("dynamodb:DeleteItem", "journal")}}


@pytest.mark.parametrize(
    ("action", "resource", "name"),
    [
        ("dynamodb:Query", "omny-local-orders/index/listing", "orders/index/listing"),
        ("s3:GetObject", "omny-local-documents/invoices", "invoices"),
        ("ssm:PutParameter", "/omny/local/desktops/dsk_1/secret", "desktops"),
        ("ssm:GetParametersByPath", "/omny/local/console/", "console"),
        ("ec2:StopInstances", "i-1", ""),
    ],
)
def test_what_is_called_is_named_without_stage_nor_identifier(
    action: str, resource: str, name: str
) -> None:
    assert normalised(action, resource) == (action, name)
