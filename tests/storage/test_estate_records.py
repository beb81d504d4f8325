"""Desktops, OmnyPods, usage days and policies, stored in memory and by DynamoDB."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.desktops.model.access_code import AccessCode, AccessLink
from chalicelib.desktops.model.desktop import Desktop, Mark
from chalicelib.desktops.model.storage import DesktopKey, DesktopStorage
from chalicelib.desktops.reconciliation.findings import Finding
from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage
from chalicelib.equipment.model.cases import PodCase
from chalicelib.equipment.model.dispatch import Dispatch, Slot
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.pod_prices import PodPrice
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.equipment.model.storage import EquipmentStorage
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Tables
from chalicelib.legal.policies import ContractPolicy
from chalicelib.legal.policies_storage import PolicyStorage
from chalicelib.metering.correction import UsageCorrection
from chalicelib.metering.storage import UsageStorage
from chalicelib.metering.usage import UsageDay, UsageItem
from chalicelib.orders.model.limits import MonthlyCommitment
from chalicelib.orders.model.storage import OrderStorage
from tests.fakes.filled import filled, sparse
from tests.storage.kept import Again, Kept

LUMEN = AccountId("acc_lumen")
NOW = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)
DAY = date(2026, 11, 5)
Make = Callable[..., object]
BOTH = pytest.mark.parametrize("make", [filled, sparse])
TABLES = ("desktops", "equipment", "metering", "legal", "orders")


@BOTH
@pytest.mark.contract("DSK-1")
def test_desktops_with_options_measures_and_backups(tables: Tables, make: Make) -> None:
    storage = DesktopStorage(tables)
    Kept(
        make(Desktop, id="dsk_1", account_id=LUMEN),
        storage.save_desktop,
        (
            lambda: storage.desktop(LUMEN, "dsk_1"),
            lambda: storage.of_account(LUMEN),
            storage.all,
        ),
    ).try_out(tables)
    assert list(storage.of_account("acc_lume")) == []


def test_a_desktop_enters_and_leaves_the_lists_that_it_concerns(tables: Tables) -> None:
    # Given a desktop that everything is happening to
    storage = DesktopStorage(tables)
    busy = replace(filled(Desktop, id="dsk_1", account_id=LUMEN), listed=frozenset())
    tables.commit(*storage.save(busy))
    stored = storage.desktop(LUMEN, "dsk_1")
    assert stored is not None
    assert stored == replace(busy, listed=busy.marks, version=1)
    assert {mark for mark in Mark if [*storage.marked(mark)] == [stored]} == busy.marks
    assert Mark.SCHEDULED in busy.marks
    # When its scheduled change is given up
    tables.commit(*storage.save(replace(stored, scheduled=None)))
    # Then it has left that list alone, and stays one desktop of its account
    assert {mark for mark in Mark if [*storage.marked(mark)]} == busy.marks - {Mark.SCHEDULED}
    assert len([*storage.of_account(LUMEN)]) == 1
    # and who read it before loses
    with pytest.raises(ConflictError):
        tables.commit(*storage.save(stored))


@BOTH
def test_access_codes_links_and_machines(tables: Tables, make: Make) -> None:
    storage = DesktopStorage(tables)
    code = make(AccessCode, desktop_id="dsk_1")
    Kept(code, storage.save_code, (lambda: storage.code("dsk_1"),)).try_out(tables)
    link = filled(AccessLink, digest="d" * 64)
    ways = (lambda: storage.link("d" * 64),)
    Kept(link, lambda one: storage.save_link(one, forget_at=NOW), ways, Again.REFUSED).try_out(
        tables
    )
    for _ in range(2):
        tables.commit(storage.save_owner("i-1", filled(Desktop, id="dsk_1", account_id=LUMEN)))
    assert storage.owner_of("i-1") == DesktopKey(LUMEN, "dsk_1")
    assert storage.owner_of("i-2") is None


@BOTH
def test_findings(tables: Tables, make: Make) -> None:
    storage = FindingsStorage(tables)
    lists = (storage.open_findings, lambda: storage.closed_findings(5))
    shown, other = lists[::-1] if make is filled else lists
    Kept(
        make(Finding, id="orphan-i-1"), storage.save, (lambda: storage.finding("orphan-i-1"), shown)
    ).try_out(tables)
    assert list(other()) == []


@BOTH
@pytest.mark.contract("POD-1")
def test_pods_and_whose_they_are(tables: Tables, make: Make) -> None:
    storage = EquipmentStorage(tables)
    state = PodState.DELIVERED
    Kept(
        make(Pod, serial="OP-1", account_id=LUMEN, state=state),
        storage.save_pod,
        (
            lambda: storage.pod("OP-1"),
            lambda: storage.pods_of(LUMEN),
            lambda: storage.in_state(state),
        ),
    ).try_out(tables)
    (pod,) = storage.pods_of(LUMEN)
    back = replace(pod, account_id="", state=PodState.IN_STOCK)
    tables.commit(*storage.save_pod(back, was_of=LUMEN))
    assert list(storage.pods_of(LUMEN)) == list(storage.in_state(state)) == []
    assert [each.serial for each in storage.in_state(PodState.IN_STOCK)] == ["OP-1"]


@BOTH
def test_cases_and_prices_of_pods(tables: Tables, make: Make) -> None:
    storage = EquipmentStorage(tables)
    is_open = make is sparse
    Kept(
        make(PodCase, id="OP-1-3", account_id=LUMEN),
        storage.save_case,
        (
            lambda: storage.case(LUMEN, "OP-1-3"),
            lambda: storage.cases_of(LUMEN),
            lambda: storage.cases(is_open=is_open),
        ),
    ).try_out(tables)
    assert list(storage.cases(is_open=not is_open)) == []
    Kept(filled(PodPrice), storage.add_price, (storage.prices,), Again.REFUSED).try_out(tables)


def test_a_dispatch_is_awaited_until_everything_came(tables: Tables) -> None:
    storage = EquipmentStorage(tables)
    Kept(
        filled(Dispatch, id="ord_1", account_id=LUMEN, slots=(Slot("dsk_1"), Slot("dsk_2"))),
        storage.save_dispatch,
        (
            lambda: storage.dispatch(LUMEN, "ord_1"),
            lambda: storage.dispatches_of(LUMEN),
            storage.awaited,
        ),
    ).try_out(tables)
    (dispatch,) = storage.awaited()
    slots = (filled(Slot), filled(Slot))
    tables.commit(storage.save_dispatch(replace(dispatch, slots=slots, due_on=None)))
    assert list(storage.awaited()) == []
    ended = storage.dispatch(LUMEN, "ord_1")
    assert ended == replace(dispatch, slots=slots, due_on=None, version=3)


@pytest.mark.parametrize("page_bytes", [300_000, 400])
@pytest.mark.contract("MET-1", "MET-4")
def test_usage_days_whole_or_in_pages_and_their_corrections(
    tables: Tables, page_bytes: int
) -> None:
    storage = UsageStorage(tables, page_bytes)
    item = filled(UsageItem)
    items = tuple(replace(item, desktop_id=f"dsk_{n}") for n in range(9))
    day = UsageDay(LUMEN, DAY, items, NOW)
    correction = filled(UsageCorrection, account_id=LUMEN, day=DAY)

    def read() -> list[UsageDay]:
        return [*storage.days(LUMEN, DAY, DAY)]

    # Given a day recorded and corrected
    tables.commit(*storage.pages(day), *storage.save_day(day))
    Kept(
        correction, storage.save_correction, (lambda: storage.corrections(LUMEN, DAY, DAY),)
    ).try_out(tables)
    (first,) = read()
    assert replace(first, version=0, pages=0) == day
    assert (first.pages > 0) is (page_bytes == 400)
    with pytest.raises(ConflictError):
        tables.commit(*storage.save_day(day))
    # When it is recorded anew
    anew = replace(first, items=items[:5])
    tables.commit(*storage.pages(anew), *storage.save_day(anew))
    # Then the new items alone are there
    (second,) = read()
    assert (second.items, second.version) == (items[:5], 2)
    # and removed, nothing is, but for what was corrected
    tables.commit(*storage.remove_day(second))
    assert read() == []
    assert len([*storage.corrections(LUMEN, DAY, DAY)]) == 1
    assert [*storage.corrections(LUMEN, date(2026, 11, 6), date(2026, 11, 30))] == []


def test_how_far_the_daily_job_came(tables: Tables) -> None:
    storage = UsageStorage(tables)
    assert storage.progress().metered_on is None
    tables.commit(storage.save_progress(DAY, 0))
    assert (storage.progress().metered_on, storage.progress().version) == (DAY, 1)
    with pytest.raises(ConflictError):
        tables.commit(storage.save_progress(DAY, 0))


@BOTH
@pytest.mark.contract("ORD-3")
def test_what_an_account_is_committed_to(tables: Tables, make: Make) -> None:
    storage = OrderStorage(tables)
    assert storage.commitment(LUMEN) == MonthlyCommitment(LUMEN)
    commitment = make(MonthlyCommitment, account_id=LUMEN)
    tables.commit(storage.save_commitment(commitment))
    assert storage.commitment(LUMEN) == replace(commitment, version=1)
    # and of two who read the same, the second is refused
    with pytest.raises(ConflictError):
        tables.commit(storage.save_commitment(commitment))


@BOTH
def test_policies(tables: Tables, make: Make) -> None:
    storage = PolicyStorage(tables)
    policy = make(ContractPolicy, code="P1")
    Kept(policy, storage.save_policy, (storage.policies,)).try_out(tables)
