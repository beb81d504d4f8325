"""What DynamoDB's refusals mean: a conflict to decide anew, a fault to wait for, or neither."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pynamodb.exceptions import PynamoDBException

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.dynamodb import DynamoTables
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.mapping import Kind

COLOURS = Kind("catalogue", "colour", str)


class Refusing(BaseHTTPRequestHandler):
    """Answers every call with the one refusal the server was given."""

    code = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{self.code}"}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[tuple[DynamoTables, type[Refusing]]]:
    handler = type("Handler", (Refusing,), {})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield DynamoTables(AwsAccess(address, access_key="test", secret_key="test"), "t-"), handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "code", ["ConditionalCheckFailedException", "TransactionConflictException"]
)
def test_a_write_refused_for_another_is_a_conflict(
    refusing: tuple[DynamoTables, type[Refusing]], code: str
) -> None:
    tables, answers = refusing
    answers.code = code
    for write in (COLOURS.put("red", "P", "RED"), COLOURS.delete("P", "RED")):
        with pytest.raises(ConflictError):
            tables.commit(write)


def test_a_reading_that_failed_over_there_is_worth_another_try(
    refusing: tuple[DynamoTables, type[Refusing]],
) -> None:
    tables, answers = refusing
    answers.code = "InternalServerError"
    with pytest.raises(TemporaryGatewayError):
        tables.get(COLOURS, "P", "RED")


def test_what_will_never_pass_stays_what_it_is(
    refusing: tuple[DynamoTables, type[Refusing]],
) -> None:
    tables, answers = refusing
    answers.code = "ValidationException"
    with pytest.raises(PynamoDBException):
        list(tables.query(COLOURS, "P"))


def test_no_answer_is_worth_another_try() -> None:
    nobody = DynamoTables(AwsAccess("http://127.0.0.1:9", access_key="x", secret_key="x"), "t-")
    with pytest.raises(TemporaryGatewayError):
        list(nobody.query(COLOURS, "P"))
