"""Metering, corrections and contracts killed around every outside call (MET-2, MET-4, BIL-6)."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal
from chalicelib.legal.recording import Recording
from chalicelib.metering.computation import UsageComputation
from chalicelib.metering.correction_service import CorrectionRequest, UsageCorrectionService
from chalicelib.metering.service import MeteringService
from chalicelib.metering.storage import UsageStorage
from tests.fakes.accounts import an_account
from tests.fakes.billing import a_desktop
from tests.fakes.crash_points import Killed, KillSwitch, Mortal
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World

NOVEMBER = BillingMonth(2026, 11)
PAGE_BYTES = 300  # so that every day has further records


class Office:
    """An account with six desktops since 30 October, on 15 November, before any metering."""

    def __init__(self) -> None:
        self.world = World("2026-10-30 10:00")
        services = self.world.services
        services.catalogue.load_file(DEMO)
        self.account, _ = an_account(self.world)
        storage = DesktopStorage(self.world.adapters.tables)
        for n in range(6):
            desktop = a_desktop(self.account.id, f"Poste {n}", created="2026-10-30 10:00")
            services.base.work.commit(*storage.save(desktop))
        self.desktop_id = desktop.id
        self.world.clock.set("2026-11-15 00:15")
        self.switch = KillSwitch()
        self.tables: Any = Mortal(self.world.adapters.tables, self.switch, frozenset({"commit"}))

    def parts(self) -> dict[str, Any]:
        services = self.world.services
        return {
            "storage": UsageStorage(self.tables, page_bytes=PAGE_BYTES),
            "desktops": services.desktops.service,
            "recording": Recording(
                work=UnitOfWork(self.tables, self.world.adapters.queues),
                journal=Journal(self.tables, self.world.clock),
                clock=self.world.clock,
            ),
        }

    def metering(self) -> MeteringService:
        return MeteringService(catalogues=self.world.services.catalogue, **self.parts())

    def corrections(self) -> UsageCorrectionService:
        parts = self.parts()
        computation = UsageComputation(
            storage=parts["storage"], catalogues=self.world.services.catalogue
        )
        return UsageCorrectionService(computation=computation, **parts)

    def correct(self) -> None:
        request = CorrectionRequest(
            desktop_id=self.desktop_id,
            kind="desktop",
            code="standard",
            quantity=0,
            first=date(2026, 11, 3),
            last=date(2026, 11, 6),
            reason="Panne",
        )
        self.corrections().correct(self.account.id, request, by="operator:1")

    def facts(self) -> list[tuple[date, Any]]:
        usage = self.metering().usage(self.account.id, NOVEMBER)
        return [
            (day.day, sorted((each.desktop_name, each.code, each.quantity) for each in day.items))
            for day in usage
        ]

    def entries(self) -> int:
        found = self.world.services.base.journal.entries(self.account.id)
        return sum(entry.kind == "usage.corrected" for entry in found)


def disturbed_everywhere(
    act: Callable[[Office], object], prepare: Callable[[Office], object]
) -> Any:
    """Give what an act leaves undisturbed, then killed at each boundary and redone, or overtaken.

    Overtaken: another process does the same there, from beginning to end.
    """
    office = Office()
    prepare(office)
    office.switch.arm(None)
    act(office)
    boundaries = len(office.switch.passed)
    assert boundaries >= 2
    yield office
    for boundary in range(boundaries):
        office = Office()
        prepare(office)
        office.switch.arm(boundary)
        with pytest.raises(Killed):
            act(office)
        office.switch.arm(None)
        act(office)
        yield office
        office = Office()
        prepare(office)
        office.switch.interrupt(boundary, partial(act, office))
        act(office)
        yield office


@pytest.mark.contract("MET-2")
def test_metering_killed_anywhere_and_run_again_records_the_same() -> None:
    # Given the job, never killed, then killed before and after each commit and run again
    first, *others = disturbed_everywhere(lambda o: o.metering().meter_due(), lambda o: None)
    expected = first.facts()
    assert len(expected) == 14
    # Then the days are the same, and are what the histories say
    for office in others:
        assert office.facts() == expected
        assert office.metering().recompute(office.account.id, NOVEMBER) == []
        assert office.metering().metered_until() == date(2026, 11, 14)


@pytest.mark.contract("MET-4")
def test_a_correction_killed_anywhere_and_made_again_is_made_once() -> None:
    # Given a correction of four days, killed everywhere and made again
    first, *others = disturbed_everywhere(Office.correct, lambda o: o.metering().meter_due())
    expected = first.facts()
    # Then the same days are taken back, and the journal has it once
    for office in [first, *others]:
        assert office.facts() == expected
        assert office.entries() == 1
        assert office.metering().recompute(office.account.id, NOVEMBER) == []
