"""Usage known late: orders validated days after they were placed, desktops that fail at night."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.billing.drafts.service import BillingService
from chalicelib.billing.invoices.run import RunState
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import TemporaryGatewayError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put, Write
from tests.fakes.aws_calls import meanwhile
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.fakes.billing_parts import BillingParts
from tests.fakes.clock import paris
from tests.fakes.desktops import ACCOUNT, Renting

OCTOBER, NOVEMBER = BillingMonth(2026, 10), BillingMonth(2026, 11)
LUMEN = AccountId("acc_lumen")


def billing_of(renting: Renting) -> BillingService:
    return BillingParts(
        tables=renting.tables,
        work=renting.desktop_work,
        clock=renting.clock,
        accounts=renting.known,
        metering=renting.metering,
        desktops=renting.desktops,
        catalogue=renting.catalogue,
    ).billing


@pytest.mark.contract("BIL-7", "MET-3")
def test_the_current_invoice_counts_a_late_desktop_before_the_next_metering() -> None:
    # Given an account metered to the 8th, whose order of the 6th is validated on the 9th
    renting = Renting()
    renting.rent("Accueil")
    renting.clock.set("2026-11-09 00:15")
    renting.metering.meter_due()
    renting.clock.set("2026-11-09 14:00")
    renting.rent("Atelier", placed_at=paris("2026-11-06 17:00"))
    # When the client looks at once
    billing = billing_of(renting)
    before = billing.current(AccountId(ACCOUNT))
    shown = renting.metering.usage_so_far(ACCOUNT, NOVEMBER)
    # Then one counts from the 5th, the other from the 9th, the day of its confirmation (P2)
    assert [(line.desktop_name, line.days) for line in before.lines] == [
        ("Accueil", 5),
        ("Atelier", 1),
    ]
    assert [len(usage.items) for usage in shown] == [1, 1, 1, 1, 2]
    # and the night's metering changes nothing of what was shown
    renting.clock.set("2026-11-09 23:59")
    renting.metering.meter_due()
    assert billing.current(AccountId(ACCOUNT)).lines == before.lines


class Interleaved:
    """Tables, and something that happens just before the first usage day is written."""

    def __init__(self, tables: Any, meanwhile: Callable[[], None]) -> None:
        self._tables = tables
        self._meanwhile: list[Callable[[], None]] = [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def commit(self, *writes: Write) -> None:
        first = writes[0]
        if isinstance(first, Put) and first.record.sk.startswith("DAY#") and self._meanwhile:
            meanwhile(self._meanwhile.pop())
        self._tables.commit(*writes)


@pytest.mark.contract("MET-1", "MET-2")
def test_a_desktop_that_fails_while_its_day_is_written_is_not_billed() -> None:
    # Given a desktop still being made when the night's metering starts
    renting = Renting("2026-11-05 23:30")
    renting.machines.looks_needed = 10_000
    renting.validate("Atelier")
    for _ in range(2):
        renting.handle(renting.queues.take())
    renting.queues.waiting.clear()
    renting.clock.set("2026-11-06 01:31")

    def give_up() -> None:
        renting.look(renting.named("Atelier"))
        renting.pump()

    # When it is given up, and forgotten, after metering read it and before metering writes
    tables: Any = Interleaved(renting.tables, give_up)
    renting.build(tables, renting.machines, renting.secrets)
    renting.metering.meter_due()
    # Then nothing of it is left (P2)
    assert renting.named("Atelier").failed_at is not None
    assert renting.metering.usage(ACCOUNT, NOVEMBER) == []


@pytest.mark.contract("MET-2")
def test_an_account_whose_records_do_not_answer_stops_no_other() -> None:
    # Given two accounts, the store of one failing for a moment
    renting = Renting()
    renting.rent("Accueil")
    renting.clock.set("2026-11-06 00:15")

    def throttled() -> None:
        raise TemporaryGatewayError("throttled")

    tables: Any = Interleaved(renting.tables, throttled)
    renting.build(tables, renting.machines, renting.secrets)
    # When the job runs, then it names the account, and the mark stays where it was
    run = renting.metering.meter_due()
    assert run.failed == (ACCOUNT,)
    assert renting.metering.metered_until() is None
    # and the next run records what is missing
    assert renting.metering.meter_due().recorded_days == 1


def october_then_a_late_order() -> BillingWorld:
    """October invoiced for Compta; Atelier, ordered on 30 October, validated on 3 November."""
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(name="Compta")]
    world.invoice_month("2026-10")
    come_late(world)
    return world


def come_late(world: BillingWorld) -> None:
    world.metering.desktops.append(a_desktop(name="Atelier", created="2026-10-30 17:00"))
    world.metering.until = None  # the next run records the days before the mark too


@pytest.mark.contract("BIL-1", "BIL-7")
def test_days_known_after_the_invoice_are_billed_with_the_next_one() -> None:
    # Given an order of 30 October, validated when October was invoiced already
    world = october_then_a_late_order()
    october = world.the_invoice()
    # When the client looks on the last day of November, and November is run
    world.clock.set("2026-11-30 12:00")
    world.metering.meter_due()
    preview = world.billing.current(LUMEN)
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    # Then Atelier owes 30 and 31 October too (P2): 29,00 × 2 / 31 = 1,87; November whole, each
    november, still = world.billing.invoices_of(LUMEN)
    assert still == october
    assert [
        (line.label.fr, line.days, line.days_in_month, line.amount_excl_vat_cents)
        for line in november.lines
    ] == [
        ("Standard – octobre\u00a02026", 2, 31, 187),
        ("Standard", 30, 30, 2900),
        ("Standard", 30, 30, 2900),
    ]
    assert [line.desktop_name for line in november.lines] == ["Atelier", "Atelier", "Compta"]
    assert november.totals.excl_vat_cents == 5987
    # and what was shown is what is issued, to the digest of the usage
    assert (preview.lines, preview.usage_digest) == (november.lines, november.usage_digest)
    # When December is run, then October comes no third time
    world.clock.set("2027-01-01 05:00")
    world.invoice_month("2026-12")
    december = world.billing.invoices_of(LUMEN)[0]
    assert [line.amount_excl_vat_cents for line in december.lines] == [2900, 2900]


@pytest.mark.contract("BIL-1", "BIL-4")
def test_a_month_closed_without_an_invoice_is_billed_with_the_next_and_only_there() -> None:
    # Given October run while nothing was known of it
    world = BillingWorld(now="2026-11-01 05:00")
    world.invoice_month("2026-10")
    come_late(world)
    # When November is run, and October once more, and retried
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    world.invoice_month("2026-10")
    world.run.retry(OCTOBER, LUMEN, by="usr_operator")
    world.pump()
    # Then one invoice bills the two days of October and November
    invoice = world.the_invoice()
    assert (invoice.month, [line.days for line in invoice.lines]) == (NOVEMBER, [2, 30])
    assert world.storage.entry(LUMEN, OCTOBER).state is RunState.NOTHING  # type: ignore[union-attr]


@pytest.mark.contract("BIL-1", "BIL-4")
def test_late_days_are_billed_once_when_an_earlier_month_is_issued_last() -> None:
    # Given a late order, and November failing for want of a product in the catalogue
    world = october_then_a_late_order()
    world.metering.desktops.append(
        a_desktop(
            name="Dessin",
            created="2026-11-05 10:00",
            deleted="2026-11-20 10:00",
            configuration="graphique",
        )
    )
    world.clock.set("2026-12-01 05:00")
    world.metering.meter_due()
    whole = world.catalogues.offer
    kept = tuple(c for c in whole.configurations if c.code != "graphique")
    world.catalogues.offer = type(whole)(kept, whole.options, whole.prices)
    world.invoice_month("2026-11")
    # When December is invoiced first, then November once the catalogue is mended
    world.clock.set("2027-01-01 05:00")
    world.catalogues.offer = whole
    world.invoice_month("2026-12")
    world.run.retry(NOVEMBER, LUMEN, by="usr_operator")
    world.pump()
    # Then the days of October are on November's invoice alone
    billed = {
        str(invoice.month): [line.days for line in invoice.lines if line.month == OCTOBER]
        for invoice in world.billing.invoices_of(LUMEN)
    }
    assert billed == {"2026-10": [31], "2026-11": [2], "2026-12": []}


@pytest.mark.contract("BIL-4")
def test_a_run_that_stands_still_is_taken_up_again_the_next_day() -> None:
    # Given a run whose messages were put aside, during an outage longer than their patience
    since = paris("2026-10-05 10:00")
    accounts = [an_account(name, created_at=since) for name in (LUMEN, "acc_other")]
    world = BillingWorld(*accounts, now="2026-11-01 05:00")
    world.metering.desktops = [
        a_desktop(name, created="2026-10-05 12:00") for name in (LUMEN, "acc_other")
    ]
    world.metering.meter_due()
    world.run.start_run(OCTOBER, by="system")
    world.run.list_accounts(OCTOBER)
    world.run.draft(LUMEN, OCTOBER)
    world.queues.waiting.clear()
    # When the schedule wakes up the next day
    world.clock.set("2026-11-02 05:00")
    assert world.run.run_due() == [OCTOBER]
    world.pump()
    # Then the one drafted and the one still waiting have their invoices
    assert world.numbers() == ["F-2026-000001", "F-2026-000002"]
    assert world.run.run_due() == []
