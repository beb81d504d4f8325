"""Usage corrected by an operator: kept, journaled, honoured, billed (MET-2, MET-4, BIL-5)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.messages import Queue
from chalicelib.metering.correction_service import CorrectionRequest
from chalicelib.queues import handle
from tests.fakes.accounts import an_account
from tests.fakes.billing import a_desktop
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World

OCTOBER, NOVEMBER = BillingMonth(2026, 10), BillingMonth(2026, 11)
OPERATOR = "operator:usr_op"


class Office:
    """One Standard desktop at 29,00 € since 1 October; metered to 9 November."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.clock.set("2026-09-30 10:00")
        world.services.catalogue.load_file(DEMO)
        self.account, _ = an_account(world)
        self.desktop = a_desktop(self.account.id, "Compta", created="2026-10-01 09:00")
        self.store(self.desktop)
        self.at("2026-11-10 08:00")

    def store(self, desktop: Any) -> None:
        storage = DesktopStorage(self.world.adapters.tables)
        self.world.services.base.work.commit(*storage.save(desktop))

    def at(self, moment: str) -> None:
        """Go on to an instant, with what jobs and queues do; no charge nor document."""
        self.world.clock.set(moment)
        self.world.services.metering.service.meter_due()
        self.world.services.billing.run.run_due()
        while (message := self.world.adapters.queues.take()) is not None:
            if message.queue not in {Queue.COLLECTION, Queue.DESKTOPS, Queue.DOCUMENTS}:
                handle(message.queue, message.text, self.world.services)

    def ask(self, first: int, last: int, /, **changes: Any) -> CorrectionRequest:
        """Ask to take days of November back."""
        request = CorrectionRequest(
            desktop_id=self.desktop.id,
            kind="desktop",
            code="standard",
            quantity=0,
            first=date(2026, 11, first),
            last=date(2026, 11, last),
            reason="Panne de notre fait",
        )
        return replace(request, **changes)

    def correct(self, request: CorrectionRequest) -> None:
        corrections = self.world.services.metering.corrections
        corrections.correct(self.account.id, request, by=OPERATOR)
        self.world.services.billing.corrections.settle_month(
            self.account.id, request.month, reason=request.reason, by=OPERATOR
        )

    def days(self, month: BillingMonth = NOVEMBER) -> list[int]:
        return [
            day.day.day
            for day in self.world.services.metering.service.usage(self.account.id, month)
        ]

    def entries(self) -> list[Any]:
        found = self.world.services.base.journal.entries(self.account.id)
        return [entry for entry in found if entry.kind == "usage.corrected"]


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


@pytest.mark.contract("MET-4", "MET-2")
def test_days_taken_back_stay_so_however_often_usage_is_computed(office: Office) -> None:
    # Given 1 to 9 November recorded
    assert office.days() == list(range(1, 10))
    metering = office.world.services.metering.service
    # When the 3rd and 4th are taken back, by a double click
    for _ in range(2):
        office.correct(office.ask(3, 4))
    # Then they are gone, the journal says once who, why, what before and after
    assert office.days() == [1, 2, 5, 6, 7, 8, 9]
    (entry,) = office.entries()
    assert entry.by == OPERATOR
    assert entry.facts["reason"] == "Panne de notre fait"
    assert entry.facts["changed"][0] == {
        "day": "2026-11-03",
        "before": [["desktop", "standard", 1, 2900]],
        "after": [],
    }
    # And recomputing finds no difference, the job changes nothing, the preview is without them
    assert metering.recompute(office.account.id, NOVEMBER) == []
    office.at("2026-11-20 08:00")
    assert 3 not in office.days()
    assert metering.recompute(office.account.id, NOVEMBER) == []
    (line,) = office.world.services.billing.service.current(office.account.id).lines
    assert line.days == 18  # 1 to 20 November less two


@pytest.mark.contract("MET-4", "CAT-2")
def test_an_option_forgotten_is_added_and_put_right_again(office: Office) -> None:
    # Given three backups too many on the 5th, then one, then none
    for quantity, expected in ((3, [3]), (1, [1]), (0, [])):
        office.correct(office.ask(5, 5, kind="option", code="backup", quantity=quantity))
        (day,) = [
            d
            for d in office.world.services.metering.service.usage(office.account.id, NOVEMBER)
            if d.day.day == 5
        ]
        found = [item.quantity for item in day.items if item.code == "backup"]
        # Then the last correction alone counts, beside the desktop
        assert found == expected
        assert [item.code for item in day.items if item.kind == "desktop"] == ["standard"]
    assert len(office.entries()) == 3


@pytest.mark.contract("MET-4", "BIL-5")
def test_after_the_invoice_days_taken_back_are_credited_at_once(office: Office) -> None:
    # Given October invoiced: 29,00 for the whole month
    (invoice,) = office.world.services.billing.service.invoices_of(office.account.id)
    assert invoice.totals.excl_vat_cents == 2900
    # When 10 days of it are taken back, twice
    request = office.ask(1, 1, first=date(2026, 10, 1), last=date(2026, 10, 10))
    for _ in range(2):
        office.correct(request)
    # Then one credit note: 29,00 − 29,00 × 21 / 31 = 29,00 − 19,65 = 9,35
    (note,) = office.world.services.billing.credit_notes.of_account(office.account.id)
    assert note.totals.excl_vat_cents == 935
    assert note.reason == "Panne de notre fait"
    # And the next run has nothing to add to it
    office.at("2026-12-01 06:00")
    assert len(office.world.services.billing.credit_notes.of_account(office.account.id)) == 1
    december = office.world.services.billing.service.invoices_of(office.account.id)[0]
    assert december.totals.excl_vat_cents == 2900


@pytest.mark.contract("MET-4")
def test_after_the_invoice_days_added_go_with_the_next_one(office: Office) -> None:
    # Given a second desktop, deleted on 20 October, which really served until the 22nd; the company
    # recorded it on 10 November, its days go with November's invoice
    other = a_desktop(
        office.account.id, "Prêt", created="2026-10-15 09:00", deleted="2026-10-20 12:00"
    )
    office.store(replace(other, recorded_at=office.world.clock.now()))
    office.at("2026-11-12 08:00")
    assert set(range(15, 21)) <= set(office.days(OCTOBER))
    billed = office.world.services.billing.service.invoices_of(office.account.id)
    # When two days are added in November
    request = office.ask(
        1, 1, desktop_id=other.id, quantity=1, first=date(2026, 10, 21), last=date(2026, 10, 22)
    )
    office.correct(request)
    # Then October's usage has them, its invoice stays, and November's bills them
    assert {21, 22} <= set(office.days(OCTOBER))
    assert office.world.services.billing.service.invoices_of(office.account.id) == billed
    office.at("2026-12-01 06:00")
    november = office.world.services.billing.service.invoices_of(office.account.id)[0]
    late = [
        line for line in november.lines if line.month == OCTOBER and line.desktop_id == other.id
    ]
    assert [line.days for line in late] == [8]  # 15 to 22 October
    assert office.world.services.metering.service.recompute(office.account.id, OCTOBER) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": date(2026, 11, 5), "last": date(2026, 11, 4)}, "last"),
        ({"last": date(2026, 11, 10)}, "last"),
        ({"first": date(2026, 10, 31)}, "last"),
        ({"first": date(2026, 9, 29), "last": date(2026, 9, 30)}, "first"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 2}, "quantity"),
        ({"code": "pro", "quantity": 1}, "item"),
        ({"kind": "option", "code": "backup", "quantity": 101}, "quantity"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(
    office: Office, changes: dict[str, Any], field: str
) -> None:
    before = office.world.adapters.tables.contents()
    with pytest.raises(FieldErrors) as refused:
        office.correct(office.ask(3, 4, **changes))
    assert set(refused.value.errors) == {field}
    assert office.world.adapters.tables.contents() == before


@pytest.mark.contract("MET-1", "MET-4")
def test_a_day_is_moved_to_another_configuration_never_counted_in_two(office: Office) -> None:
    # Given the 3rd and 4th at Standard: they cannot count as Pro too
    with pytest.raises(FieldErrors, match="champs"):
        office.correct(office.ask(3, 4, code="pro", quantity=1))
    # When Standard is taken back first
    office.correct(office.ask(3, 4))
    office.correct(office.ask(3, 4, code="pro", quantity=1))
    # Then the month still has each day once
    draft = office.world.services.billing.service.current(office.account.id)
    assert sorted(line.days for line in draft.lines) == [2, 8]
    # And the other way round
    with pytest.raises(FieldErrors, match="champs"):
        office.correct(office.ask(4, 4, quantity=1))


def test_what_is_not_theirs_or_was_never_made_is_not_corrected(office: Office) -> None:
    # Given a desktop of somebody else, one that failed, and a code without price
    failed = a_desktop(office.account.id, "Raté", created="2026-11-01 09:00")
    office.store(replace(failed, failed_at=failed.created_at))
    # Then
    with pytest.raises(NotFoundError):
        office.correct(office.ask(3, 4, desktop_id="dsk_other"))
    with pytest.raises(DomainError, match="échoué"):
        office.correct(office.ask(3, 4, desktop_id=failed.id, quantity=1))
    with pytest.raises(DomainError, match="prix"):
        office.correct(office.ask(3, 4, code="abacus", quantity=1))
    assert office.days() == list(range(1, 10))


@pytest.mark.contract("MET-2", "MET-4")
def test_a_desktop_that_fails_after_a_correction_costs_nothing(office: Office) -> None:
    # Given a day counted by hand
    office.correct(office.ask(3, 3))
    office.correct(office.ask(3, 3, quantity=1))
    # When the desktop turns out to have failed for good
    storage = DesktopStorage(office.world.adapters.tables)
    stored = storage.desktop(office.account.id, office.desktop.id)
    assert stored is not None
    office.store(replace(stored, failed_at=stored.created_at))
    office.world.services.metering.service.forget_failed(office.account.id, office.desktop.id)
    # Then nothing is counted (P2)
    assert office.days() == []
