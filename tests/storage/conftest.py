"""One ministack for the run; each worker and test has an account of its own on it."""

import itertools
import os
from collections.abc import Iterator

import boto3
import pytest

from chalicelib.foundation.aws import REGION, AwsAccess
from chalicelib.foundation.dynamodb import DynamoTables
from chalicelib.foundation.tables import Tables
from infra.cloudformation.resources import table_definition
from infra.local.programs.processes import Ministack, free_port
from tests.fakes.tables import InMemoryTables

_accounts = itertools.count(1)


@pytest.fixture(scope="session")
def ministack() -> Iterator[str]:
    """Start the emulator; give its address."""
    with Ministack(free_port()) as emulator:
        yield emulator.url


@pytest.fixture
def access(ministack: str) -> AwsAccess:
    """Give an empty AWS account of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    key = f"{worker:04d}{next(_accounts):08d}"
    return AwsAccess(endpoint_url=ministack, access_key=key, secret_key="test")


def make_tables(access: AwsAccess, *names: str) -> DynamoTables:
    """Create tables of our shape and give the adapter on them."""
    client = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=access.endpoint_url,
        aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
    )
    for name in names:
        client.create_table(**table_definition("omny-test-", name))
    return DynamoTables(access, "omny-test-")


@pytest.fixture(params=["memory", "dynamodb"])
def tables(request: pytest.FixtureRequest) -> Tables:
    """Give the fake and the real adapter in turn: the suite holds for both.

    A module names in ``TABLES`` those it needs.
    """
    if request.param == "memory":
        return InMemoryTables()
    names = getattr(request.module, "TABLES", ("catalogue", "journal", "outbox"))
    return make_tables(request.getfixturevalue("access"), *names)
