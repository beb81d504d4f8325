"""What the preview and the dry run show is what the run issues, whatever the account (BIL-7)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.accounts.clients.account import AccountKind
from chalicelib.billing.contracts.contract import (
    Commitment,
    Contract,
    ContractBilling,
    ContractState,
)
from chalicelib.billing.invoices.invoice import Draft, Invoice
from chalicelib.catalogue.catalogue import Label
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId, ContractId
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.fakes.clock import paris
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World

OCTOBER = BillingMonth(2026, 10)
LUMEN = AccountId("acc_lumen")
START = date(2026, 9, 20)

desktops = st.builds(
    lambda start, length, code, options: (start, length, code, options),
    st.integers(0, 41),
    st.none() | st.integers(0, 40),
    st.sampled_from(["standard", "pro", "graphique"]),
    st.lists(st.sampled_from(["storage-10gb", "backup"]), max_size=2, unique=True),
)
charges = st.lists(
    st.tuples(st.integers(1, 50000), st.integers(1, 3), st.integers(0, 31)), max_size=3
)
credits = st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 50)), max_size=3)
commitments = st.none() | st.tuples(st.integers(1, 3), st.sampled_from(ContractBilling))


def owned(drawn: list[tuple[int, int | None, str, list[str]]]) -> list[Desktop]:
    """Build the desktops drawn: begun from 20 September on, deleted or not."""
    found = []
    for number, (start, length, code, options) in enumerate(drawn):
        first = START + timedelta(days=start)
        end = None if length is None else f"{first + timedelta(days=length)} 18:00"
        found.append(
            a_desktop(
                name=f"Bureau {number}",
                created=f"{first} 08:00",
                deleted=end,
                configuration=code,
                options=tuple((option, 1) for option in options),
            )
        )
    return found


def contract(quantity: int, billing: ContractBilling) -> Contract:
    """Agree on some Standard desktops from October on."""
    return Contract(
        id=ContractId("ctr_1"),
        account_id=LUMEN,
        reference="D-1",
        starts_on=date(2026, 10, 1),
        months=12,
        billing=billing,
        commitments=(Commitment("desktop", "standard", Label("S", "S"), quantity, 2900),),
        discount_percent=Decimal("12.5"),
        proposed_at=paris("2026-09-20 10:00"),
        proposed_by="operator:1",
        state=ContractState.ACCEPTED,
    )


def facts(document: Draft | Invoice) -> tuple[object, ...]:
    """All that a document bills."""
    return (
        document.lines,
        document.charges,
        document.allowances,
        document.totals,
        document.usage_digest,
        document.buyer,
    )


@pytest.mark.contract("BIL-7", "BIL-2", "BIL-6", "BIL-8", "BIL-9")
@settings(max_examples=80, deadline=None)
@given(
    st.lists(desktops, max_size=4),
    charges,
    credits,
    commitments,
    st.sampled_from(AccountKind),
    st.sampled_from(["69002", "97110", "97300"]),
    st.integers(0, 30),
)
def test_preview_dry_run_and_run_are_one(  # noqa: PLR0917 - a whole account
    drawn: list[tuple[int, int | None, str, list[str]]],
    extra: list[tuple[int, int, int]],
    granted: list[tuple[int, int]],
    committed: tuple[int, ContractBilling] | None,
    kind: AccountKind,
    postal_code: str,
    metered_day: int,
) -> None:
    # Given any account: kind, place, desktops, charges, credits, contract
    account = an_account(kind=kind)
    account = replace(account, address=replace(account.address, postal_code=postal_code))
    world = BillingWorld(account, now="2026-09-20 06:00")
    if committed:
        world.contracts.contracts = (contract(*committed),)
    world.metering.desktops = owned(drawn)
    for number, (cents, days) in enumerate(sorted(granted, key=lambda each: each[1])):
        world.clock.set(f"{date(2026, 9, 1) + timedelta(days=days)} 10:00")
        world.credits.grant(
            LUMEN, "dsk_1", "Bureau", cents, reason="Panne.", by="operator:1", key=str(number)
        )
    world.clock.set("2026-10-31 22:00")
    for number, (cents, quantity, before) in enumerate(extra):
        world.charges.add(
            LUMEN,
            "intervention",
            Label("Intervention", "Work"),
            unit_excl_vat_cents=cents,
            quantity=quantity,
            on=date(2026, 10, 31) - timedelta(days=before),
            reason="Devis accepté.",
            by="operator:1",
            key=str(number),
        )
    world.clock.set(f"2026-10-{metered_day + 1:02d} 06:00")
    world.invoice_month("2026-09") if metered_day else world.metering.meter_due()
    # When the current invoice is looked at on the last evening
    world.clock.set("2026-10-31 23:59:59")
    preview = world.billing.current(LUMEN)
    trial = world.parts.dry_run.page(OCTOBER).entries[0]
    # and October is run in the morning, after September if that waited
    world.clock.set("2026-11-01 05:00")
    if not metered_day:
        world.invoice_month("2026-09")
        preview = world.billing.current(LUMEN, OCTOBER)
    world.invoice_month("2026-10")
    # Then they bill the same, down to the digest of the usage
    found = [each for each in world.billing.invoices_of(LUMEN) if each.month == OCTOBER]
    assert bool(found) == preview.bills_something
    if found:
        assert facts(found[0]) == facts(preview)
        if metered_day:
            assert trial.draft is not None
            assert facts(found[0]) == facts(trial.draft)
    # and a second run writes nothing
    before = world.memory.contents()
    world.invoice_month("2026-10")
    assert world.memory.contents() == before


@pytest.mark.contract("BIL-4", "BIL-7")
def test_a_second_run_of_the_whole_system_writes_nothing(world: World) -> None:
    # Given the system itself, with a client and October invoiced
    from tests.fakes.accounts import an_account as registered

    world.clock.set("2026-09-30 10:00")
    services = world.services
    services.catalogue.load_file(DEMO)
    account, _ = registered(world)
    desktop = replace(a_desktop(account.id, created="2026-10-05 12:00"), account_id=account.id)
    services.base.work.commit(DesktopStorage(world.adapters.tables).save_desktop(desktop))
    world.clock.set("2026-10-31 23:59")
    preview = services.billing.service.current(account.id)
    world.clock.set("2026-11-01 06:00")
    services.billing.run.run_due()
    world.pump()
    (invoice,) = services.billing.service.invoices_of(account.id)
    assert facts(invoice) == facts(preview)
    # When the schedule and an operator ask for it again
    commits = world.adapters.tables.commits
    services.billing.run.run_due()
    services.billing.run.start_run(OCTOBER, by="operator:1")
    world.pump()
    # Then not one write is made
    assert world.adapters.tables.commits == commits


@pytest.mark.contract("BIL-7", "MET-3")
def test_the_preview_of_the_system_follows_what_is_under_way(world: World) -> None:
    # Given a desktop whose month is half over
    from tests.fakes.accounts import an_account as registered

    world.clock.set("2026-09-30 10:00")
    services = world.services
    services.catalogue.load_file(DEMO)
    account, _ = registered(world)
    desktop = replace(
        a_desktop(account.id, created="2026-10-05 12:00"),
        account_id=account.id,
        created_at=paris("2026-10-05 12:00"),
    )
    services.base.work.commit(DesktopStorage(world.adapters.tables).save_desktop(desktop))
    # When looked at on the 10th, then six days are counted, and nothing is written by looking
    world.clock.set("2026-10-10 09:00")
    before = world.adapters.tables.contents()
    assert [line.days for line in services.billing.service.current(account.id).lines] == [6]
    assert services.billing.dry_run.page(OCTOBER).entries
    assert world.adapters.tables.contents() == before
