"""The CPU of an issued invoice against that of one `put_item` of boto3, the network stubbed.

Counted for each invoice: pricing and drafting, its share of the numbering transaction (reading the
drafts, all the records, their serialisation, signature and answer) and its Factur-X XML.  Not
counted: drawing the PDF, sending the messages afterwards.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

from chalicelib.billing.issuing.issue import ISSUE_AT_ONCE
from chalicelib.billing.papers.facturx import xml
from chalicelib.foundation.aws import REGION, AwsAccess
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.dynamodb import DynamoTables
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Write
from chalicelib.metering.usage import UsageDay
from infra.bench.ratio import Figure, ratio, timed
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.fakes.tables import InMemoryTables

MONTH = BillingMonth(2026, 10)
DESKTOPS_EACH = 5
GOAL = 2.0
_ACCESS = AwsAccess(endpoint_url="http://127.0.0.1:1", access_key="none", secret_key="none")  # noqa: S106


def stub(client: Any) -> None:
    """Have a client of boto3 or botocore answered at once, everything but the network done."""
    raw = SimpleNamespace(stream=lambda **_: iter([b"{}"]))
    headers = {"x-amzn-RequestId": "0", "content-type": "application/x-amz-json-1.0"}

    def answer(**_: Any) -> AWSResponse:
        return AWSResponse("http://127.0.0.1:1", 200, headers, raw)

    client.meta.events.register("before-send", answer)


class StubbedWrites(InMemoryTables):
    """Reads from memory; once told, transactions go to a stubbed DynamoDB and are forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.is_stubbed = False
        self.dynamo = DynamoTables(_ACCESS, "omny-bench-")
        stub(self.dynamo._connection.client)

    def commit(self, *writes: Write) -> None:
        """Commit; the removal of a message sent is left out."""
        if not self.is_stubbed:
            super().commit(*writes)
        elif len(writes) > 1:
            self.dynamo.commit(*writes)


class PreparedMetering:
    """Usage read beforehand: what reading it costs is not part of the figure."""

    def __init__(self, usage: dict[str, list[UsageDay]]) -> None:
        self._usage = usage

    def read_anew(self) -> None:
        """Forget what drafting worked out of the days: each draft starts from what is read."""
        self._usage = {each: [replace(day) for day in days] for each, days in self._usage.items()}

    def usage(self, account_id: str, month: BillingMonth) -> list[UsageDay]:
        """Give the days of a month."""
        return self._usage[account_id] if month == MONTH else []

    def metered_until(self) -> date:
        """Give the last day metered."""
        return MONTH.last_day

    def today_so_far(self, account_id: str) -> list[UsageDay]:
        """Give nothing: all is recorded."""
        return []


def a_month_drafted() -> tuple[BillingWorld, StubbedWrites, PreparedMetering, list[Any]]:
    """Draft October for as many accounts as a transaction issues, each with five desktops."""
    ids = [f"acc_{number:02d}" for number in range(ISSUE_AT_ONCE)]
    tables = StubbedWrites()
    world = BillingWorld(*map(an_account, ids), tables=tables)
    world.metering.desktops = [
        a_desktop(account_id, f"Bureau {n}", created="2026-10-01 08:00")
        for account_id in ids
        for n in range(DESKTOPS_EACH)
    ]
    world.metering.meter_due()
    read = {each: world.metering.usage(each, MONTH) for each in ids}  # type: ignore[arg-type]
    metering = PreparedMetering(read)
    world.run.start_run(MONTH, by="system")
    for account_id in ids:
        world.run.draft(AccountId(account_id), MONTH)
    world.parts.bases._metering = metering  # type: ignore[assignment]
    return world, tables, metering, ids


def put_timer(item: dict[str, Any]) -> Callable[[], float]:
    """Give what measures one stubbed `put_item` of an item, in CPU seconds."""
    client = boto3.client("dynamodb", region_name=REGION, **_credentials())
    stub(client)
    calls = 200

    def put() -> float:
        def all_calls() -> None:
            for _ in range(calls):
                client.put_item(TableName="omny-bench", Item=item)

        return timed(all_calls) / calls

    return put


def invoice_figures() -> list[Figure]:
    """Measure an invoice from its usage to its XML, and what of it is its share of the issue."""
    world, tables, metering, ids = a_month_drafted()
    tables.is_stubbed = True
    issued = world.parts.issuer.issue(MONTH, ids)
    if len(issued) != ISSUE_AT_ONCE:
        raise RuntimeError(f"{len(issued)} invoices were issued")
    put = put_timer(world.storage.add_invoice(issued[0]).record.serialize())

    def whole() -> None:
        for account_id in ids:
            world.billing.draft(account_id, MONTH)
        for invoice in world.parts.issuer.issue(MONTH, ids):
            xml(invoice)

    def share() -> None:
        world.parts.issuer.issue(MONTH, ids)

    def each(work: Any) -> float:
        def ours() -> float:
            metering.read_anew()
            return timed(work) / ISSUE_AT_ONCE

        return ratio(ours, put, rounds=21)

    return [
        Figure(f"an invoice of {DESKTOPS_EACH} desktops / one put_item (CPU)", each(whole), GOAL),
        Figure("  of which its share of the transaction", each(share)),
    ]


def _credentials() -> dict[str, str]:
    return {
        "endpoint_url": str(_ACCESS.endpoint_url),
        "aws_access_key_id": "none",
        "aws_secret_access_key": "none",
    }
