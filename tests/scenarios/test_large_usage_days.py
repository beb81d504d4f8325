"""Days too large for one record: split, whole when read, at any crash (MET-1, MET-2)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal
from chalicelib.legal.recording import Recording
from chalicelib.metering.computation import DayChange, UsageComputation
from chalicelib.metering.service import MeteringService
from chalicelib.metering.storage import UsageStorage
from chalicelib.metering.usage import UsageDay, UsageItem
from tests.fakes.clock import StoppedClock
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.outside import InMemoryQueues
from tests.fakes.tables import InMemoryTables

DAY = date(2026, 11, 5)
NOW = datetime(2026, 11, 6, tzinfo=UTC)


def a_day(count: int, name: str = "Bureau") -> UsageDay:
    items = tuple(
        UsageItem(f"dsk_{n:04d}", f"{name} {n}", "desktop", "standard", 1, 2900)
        for n in range(count)
    )
    return UsageDay("acc_lumen", DAY, items)


class Recorder:
    """Writes days as the job does, into records of at most 500 bytes."""

    def __init__(self) -> None:
        self.tables = InMemoryTables()
        self.storage = UsageStorage(self.tables, page_bytes=500)
        self.computation = UsageComputation(storage=self.storage, catalogues=None)  # type: ignore[arg-type]

    def read(self) -> UsageDay | None:
        return next(iter(self.storage.days("acc_lumen", DAY, DAY)), None)

    def write(self, usage: UsageDay | None, work: UnitOfWork | None = None) -> None:
        change = DayChange(DAY, self.read(), usage)
        clock = StoppedClock("2026-11-06 01:00")
        recording = Recording(
            work=work or UnitOfWork(self.tables, InMemoryQueues()),
            journal=Journal(self.tables, clock),
            clock=clock,
        )
        self.computation.record([change], recording)

    def pages(self) -> int:
        return sum(1 for _, _, sk in self.tables.contents() if sk.startswith("MORE#"))


def test_a_day_is_one_write_until_it_passes_a_record() -> None:
    # Given days of five desktops, then fifty
    recorder = Recorder()
    recorder.write(a_day(5))
    assert recorder.pages() == 0
    recorder.write(a_day(50))
    # Then the larger is split, and read whole, in order
    assert recorder.pages() > 1
    found = recorder.read()
    assert found is not None
    assert found.items == a_day(50).items
    # And shrinking, then removing it, leaves nothing behind
    recorder.write(a_day(30))
    assert recorder.read().items == a_day(30).items  # type: ignore[union-attr]
    recorder.write(a_day(1))
    assert recorder.pages() == 0
    recorder.write(a_day(50))
    recorder.write(None)
    assert (recorder.read(), recorder.pages()) == (None, 0)


@pytest.mark.contract("MET-2")
def test_who_dies_while_writing_a_large_day_leaves_the_former_one_whole() -> None:
    # Given a large day, and its successor whose writing dies before the nth commit
    class Dying(UnitOfWork):
        left = 0

        def commit(self, *changes: object) -> None:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            super().commit(*changes)  # type: ignore[arg-type]

    for commits in range(2):
        recorder = Recorder()
        recorder.write(a_day(40))
        dying = Dying(recorder.tables, InMemoryQueues())
        dying.left = commits
        with pytest.raises(KeyboardInterrupt):
            recorder.write(a_day(60, "Poste"), dying)
        # Then the former one is read, and writing again gives the new one, with no page too many
        assert recorder.read().items == a_day(40).items  # type: ignore[union-attr]
        recorder.write(a_day(60, "Poste"))
        assert recorder.read().items == a_day(60, "Poste").items  # type: ignore[union-attr]
        assert recorder.pages() == recorder.read().pages  # type: ignore[union-attr]


def test_a_day_replaced_while_it_is_read_is_read_again() -> None:
    # Given a reader whose query answered before somebody replaced the day
    class Late(InMemoryTables):
        replaced = False

        def query(self, kind, pk, **narrowed):  # type: ignore[no-untyped-def]
            found = list(super().query(kind, pk, **narrowed))
            if kind.name == "day" and not self.replaced:
                self.replaced = True
                self.meanwhile()
            return iter(found)

        def meanwhile(self) -> None:
            before = next(
                iter(UsageStorage(self, page_bytes=500).days("acc_lumen", DAY, DAY)), None
            )
            if before is None:
                return
            storage = UsageStorage(self, page_bytes=500)
            after = replace(a_day(60, "Poste"), version=before.version, pages=before.pages)
            after = replace(after, recorded_at=NOW)
            self.commit(*storage.pages(after))
            self.commit(*storage.save_day(after))

    tables = Late()
    tables.replaced = True
    storage = UsageStorage(tables, page_bytes=500)
    first = replace(a_day(40), recorded_at=NOW)
    tables.commit(*storage.pages(first))
    tables.commit(*storage.save_day(first))
    tables.replaced = False
    # When read, then all of it is of the later one
    (found,) = storage.days("acc_lumen", DAY, DAY)
    assert found.items == a_day(60, "Poste").items


@pytest.mark.contract("MET-1", "MET-2")
def test_an_account_costs_one_write_a_day_whatever_its_desktops() -> None:
    # Given twelve desktops of an account with options, on the 5th
    renting = Renting()
    renting.validate(*(f"Poste {n}" for n in range(12)), options=(("backup", 1),))
    renting.pump()
    written: list[str] = []

    def watch(writes: list[Write]) -> None:
        written.extend(each.record.sk for each in writes)

    metering = MeteringService(
        storage=UsageStorage(renting.tables),
        desktops=renting.desktops,
        catalogues=renting.catalogue,
        recording=replace(
            renting.recording, work=UnitOfWork(renting.tables, renting.queues, watch)
        ),
    )
    # When the job comes after three days missed, then again and again
    renting.clock.set("2026-11-08 00:15")
    for _ in range(3):
        metering.meter_due()
    # Then three days, three writes, and one of the mark
    assert written == ["DAY#2026-11-05", "DAY#2026-11-06", "DAY#2026-11-07", "METERED"]
    days = list(UsageStorage(renting.tables).days(ACCOUNT, DAY, date(2026, 11, 30)))
    assert [len(day.items) for day in days] == [24, 24, 24]
