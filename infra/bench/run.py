"""A whole invoice run on the local DynamoDB: python -m infra.bench.run [ACCOUNTS] [--no-documents].

Real accounts, desktops, usage, transactions and documents; queues and the document store are in
memory.  Units are counted by DynamoDB's rules from the sizes of the items: the emulator tells none.
"""

import argparse
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.dynamodb import DynamoTables
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.records import Record
from chalicelib.foundation.tables import MAX_WRITES, Delete, Unchanged, Write
from chalicelib.metering.storage import UsageStorage
from chalicelib.metering.usage import usage_on
from chalicelib.queues import handle
from infra.bench.ratio import Figure
from infra.cloudformation.resources import TABLES, table_definition
from infra.local.programs.processes import Ministack, free_port
from tests.fakes.billing import a_desktop
from tests.fakes.billing import an_account as an_account_of_ours
from tests.fakes.ordering import DEMO
from tests.fakes.world import World

MONTH = BillingMonth(2026, 10)
DESKTOPS_EACH = 5
PRICES = Path(__file__).with_name("dynamodb_prices.json")
_WRITE_BYTES, _READ_BYTES = 1024, 4096
FLAT_MIB = 10.0  # what the allocator keeps differs from run to run


def size_of(record: Record) -> int:
    """Give the bytes of an item: names and values."""
    return sum(
        len(name) + len(str(next(iter(value.values()))).encode())
        for name, value in record.serialize().items()
    )


def units(size: int, unit: int) -> int:
    """Round a size up to whole units, one at least."""
    return max(1, -(-size // unit))


class _Weighed:
    """A kind that weighs what it reads."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self.table: str = kind.table
        self.size = 0

    def read(self, record: Record) -> Any:
        """Read an object, and add what its record weighs."""
        self.size += size_of(record)
        return self._kind.read(record)


class CountedTables:
    """The tables, counting what DynamoDB would bill: transactions twice, the listing once more."""

    def __init__(self, tables: DynamoTables) -> None:
        self._tables = tables
        self.writes = self.reads = 0
        self.write_calls = 0

    def get(self, kind: Any, pk: str, sk: str) -> Any:
        """Read one object, strongly."""
        weighed = _Weighed(kind)
        found = self._tables.get(weighed, pk, sk)
        self.reads += units(weighed.size, _READ_BYTES)
        return found

    def query(self, kind: Any, pk: str, **given: Any) -> Iterator[Any]:
        """Read a partition, strongly."""
        weighed = _Weighed(kind)
        yield from self._tables.query(weighed, pk, **given)
        self.reads += units(weighed.size, _READ_BYTES)

    def listing(self, kind: Any, list_key: str, **given: Any) -> Iterator[Any]:
        """Read the index, eventually consistent: half a unit."""
        weighed = _Weighed(kind)
        yield from self._tables.listing(weighed, list_key, **given)
        self.reads += -(-units(weighed.size, _READ_BYTES) // 2)

    def count(self, kind: Any, list_key: str, **given: Any) -> int:
        """Count by the index: half of what reading it costs."""
        return sum(1 for _ in self.listing(kind, list_key, **given))

    def commit(self, *writes: Write) -> None:
        """Commit, and count the items written with their copies in the index."""
        self._tables.commit(*writes)
        self.write_calls += 1
        factor = 2 if len(writes) > 1 else 1
        for write in writes:
            if isinstance(write, Unchanged):
                self.reads += 2
                continue
            if isinstance(write, Delete):
                self.writes += factor
                continue
            amount = units(size_of(write.record), _WRITE_BYTES)
            self.writes += factor * amount
            self.writes += amount if write.record.list_key else 0


class BenchWorld(World):
    """The system on the emulator: accounts, desktops and a month of usage."""

    def __init__(self, tables: DynamoTables, *, documents: bool) -> None:
        super().__init__("2026-09-01 10:00")
        self.counted = CountedTables(tables)
        self.adapters.__dict__["tables"] = self.counted
        self._documents = documents
        self.services.catalogue.load_file(DEMO)

    def fill(self, accounts: int) -> None:
        """Store accounts, their desktops and October's usage."""
        writes: list[Write] = []
        usage = UsageStorage(self.counted)
        desktops = DesktopStorage(self.counted)
        catalogue = self.services.catalogue.current()
        for number in range(accounts):
            account = an_account_of_ours(f"acc_{number:06d}", created_at=self.clock.now())
            rented = [
                a_desktop(account.id, f"Bureau {n}", created="2026-10-01 08:00")
                for n in range(DESKTOPS_EACH)
            ]
            writes += _accounts_writes(self, account)
            writes += [desktops.save_desktop(each) for each in rented]
            for day in MONTH.days:
                counted = usage_on(account.id, rented, day, catalogue)
                writes += (
                    usage.save_day(replace(counted, recorded_at=self.clock.now()))
                    if counted
                    else []
                )
            while len(writes) >= MAX_WRITES:
                self.counted.commit(*writes[:MAX_WRITES])
                del writes[:MAX_WRITES]
        writes.append(usage.save_progress(MONTH.last_day, 0))
        for start in range(0, len(writes), MAX_WRITES):
            self.counted.commit(*writes[start : start + MAX_WRITES])
        self.counted.writes = self.counted.reads = self.counted.write_calls = 0
        self.clock.set("2026-11-01 05:00")

    def run(self) -> None:
        """Run October until its charges are queued; they, mails and the platform are left there."""
        self.services.billing.run.start_run(MONTH, by="system")
        while (message := self.adapters.queues.take()) is not None:
            if self._is_ours(message):
                handle(message.queue, message.text, self.services)

    def _is_ours(self, message: Message) -> bool:
        ours = {Queue.DRAFTS, Queue.ISSUE, *((Queue.DOCUMENTS,) if self._documents else ())}
        self.adapters.queues.sent.clear()  # what was sent is kept for tests alone
        self.adapters.documents.stored.clear()
        return message.queue in ours


def _accounts_writes(world: BenchWorld, account: Any) -> list[Any]:
    from chalicelib.accounts.clients.storage import AccountsStorage

    return list(AccountsStorage(world.counted).save_account(account))


def cost_of(reads: float, writes: float) -> Decimal:
    """Price units at the dated prices, in dollars."""
    prices = json.loads(PRICES.read_text(encoding="utf-8"))
    read = Decimal(prices["per_million_read_units"]) * Decimal(reads)
    written = Decimal(prices["per_million_write_units"]) * Decimal(writes)
    return (read + written) / 1_000_000


@dataclass(frozen=True)
class Measured:
    """What a run took, and a second one of the same month wrote."""

    seconds: float
    reads: int
    writes: int
    written_again: int


def measure(accounts: int, *, documents: bool) -> Measured:
    """Run a month for so many accounts on an emulator of its own, twice."""
    with Ministack(free_port(), services=("dynamodb",)) as emulator:
        key = "000000000001"
        access = AwsAccess(endpoint_url=emulator.url, access_key=key, secret_key="test")  # noqa: S106
        client = access.client("dynamodb")
        for table in TABLES:
            client.create_table(**table_definition("omny-bench-", table))
        world = BenchWorld(DynamoTables(access, "omny-bench-"), documents=documents)
        world.fill(accounts)
        started = time.monotonic()
        world.run()
        seconds, counted = time.monotonic() - started, world.counted
        issued = world.services.billing.storage.series().last
        if issued != accounts:
            raise RuntimeError(f"{issued} invoices of {accounts} were issued")
        reads, writes, calls = counted.reads, counted.writes, counted.write_calls
        world.run()
    return Measured(seconds, reads, writes, counted.write_calls - calls)


def run_figures(accounts: int, *, documents: bool = True) -> list[Figure]:
    """Measure a run; its memory against that of a run for a fifth of the accounts before it."""
    measure(max(1, accounts // 5), documents=documents)
    before = _peak_mib()
    run = measure(accounts, documents=documents)
    grown = _peak_mib() - before
    reads, writes = run.reads / accounts, run.writes / accounts
    cost = cost_of(reads, writes) / DESKTOPS_EACH * 1000
    return [
        Figure(f"a run of {accounts} accounts: invoices per second", accounts / run.seconds),
        Figure("  write units per invoice", writes),
        Figure("  read units per invoice", reads),
        Figure("  dollars per 100,000 desktop-months", float(cost) * 100),
        Figure("  MiB more at its peak than with a fifth of them", grown, FLAT_MIB),
        Figure("  writes of a second run of the month", run.written_again, 0.0),
    ]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures of a run of so many accounts."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench.run", description=__doc__)
    parser.add_argument("accounts", type=int, nargs="?", default=2000)
    parser.add_argument("--no-documents", action="store_true", help="stop at the numbers")
    given = parser.parse_args()
    for figure in run_figures(given.accounts, documents=not given.no_documents):
        print(figure)


if __name__ == "__main__":
    main()
