"""Whoever leaves within the first month owes it in full, if the policy says so (BIL-2, P1)."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.accounts.clients.account import AccountKind
from chalicelib.billing.drafts.complement import complement_lines
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.legal.policies import FIRST_MONTH_FULL
from chalicelib.metering.usage import UsageDay, UsageItem
from chalicelib.orders.model.order import Order, OrderState
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.fakes.clock import paris
from tests.fakes.contracts import a_contract
from tests.fakes.filled import sparse

OCTOBER = BillingMonth(2026, 10)
LUMEN = AccountId("acc_lumen")
STAYED = {"created": "2026-10-10 10:00", "deleted": "2026-10-19 18:00"}  # ten days


def a_world(**account: object) -> BillingWorld:
    """One account, whose only desktop lived from 10 to 19 October."""
    world = BillingWorld(an_account(**account), now="2026-10-20 10:00")
    world.metering.desktops = [a_desktop(**STAYED)]  # type: ignore[arg-type]
    return world


@pytest.mark.contract("BIL-2", "BIL-7")
def test_a_professional_who_leaves_in_the_first_month_owes_it_in_full() -> None:
    # Given ten days of October at 29,00 a month: 29,00 × 10 / 31 = 9,35
    world = a_world()
    # When the client looks, then October is invoiced
    shown = world.billing.current(LUMEN, OCTOBER)
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    invoice = world.the_invoice()
    # Then a line of its own brings it to 29,00: 19,65
    (line,), (complement,) = invoice.lines, invoice.charges
    assert (line.amount_excl_vat_cents, complement.amount_excl_vat_cents) == (935, 1965)
    assert invoice.totals.excl_vat_cents == 2900
    assert (complement.kind, complement.desktop_id) == ("complement", line.desktop_id)
    assert "21 jours non utilisés sur 31" in complement.detail.fr.replace("\u00a0", " ")
    # and the preview said so
    assert (shown.lines, shown.charges, shown.totals) == (
        invoice.lines,
        invoice.charges,
        invoice.totals,
    )


@pytest.mark.contract("BIL-2")
@pytest.mark.parametrize(
    ("desktops", "why"),
    [
        ([a_desktop(**STAYED), a_desktop(name="Deux", created="2026-10-12 09:00")], "one goes on"),
        ([a_desktop(created="2026-09-30 10:00", deleted="2026-10-02 10:00")], "second month"),
        ([a_desktop(created="2026-10-10 10:00", deleted="2026-11-01 00:00:01")], "2nd month begun"),
    ],
)
def test_who_goes_on_or_leaves_later_owes_no_complement(desktops: list, why: str) -> None:  # type: ignore[type-arg]
    # Given
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.desktops = desktops
    # When October is invoiced
    world.invoice_month("2026-09")
    world.invoice_month("2026-10")
    # Then
    invoices = world.billing.invoices_of(LUMEN)
    assert invoices, why
    assert not any(invoice.charges for invoice in invoices), why


@pytest.mark.contract("BIL-2")
def test_a_deletion_at_midnight_sharp_ends_the_subscription_with_its_month() -> None:
    # Given a desktop deleted at 00:00:00 on 1 November: that day has not begun
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(created="2026-10-22 10:00", deleted="2026-11-01 00:00:00")]
    # When October is invoiced, then 10 of 31 days and the rest
    world.invoice_month("2026-10")
    assert world.the_invoice().totals.excl_vat_cents == 2900
    assert [charge.kind for charge in world.the_invoice().charges] == ["complement"]


@pytest.mark.contract("BIL-2")
def test_a_consumer_owes_the_days_alone_and_the_switch_is_data() -> None:
    # Given a consumer, under the policy shipped
    world = a_world(kind=AccountKind.CONSUMER)
    # Then the first month is by the day
    assert not world.billing.current(LUMEN, OCTOBER).charges
    # When the operator turns the policy round from 31 October
    world.policies.publish(
        FIRST_MONTH_FULL,
        from_on=date(2026, 10, 31),
        professionals=False,
        consumers=True,
        reason="Relecture de l’article 9.",
        by="operator:usr_1",
    )
    # Then October, judged on its last day, is owed in full
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    assert [charge.kind for charge in world.the_invoice().charges] == ["complement"]
    # and a professional's is not
    (rule,) = [each for each in world.policies.history(FIRST_MONTH_FULL) if each.version]
    assert not rule.professionals


@pytest.mark.contract("BIL-2")
def test_a_withdrawal_spares_the_complement_for_good() -> None:
    # Given an account spared after a withdrawal
    world = a_world()
    world.charges.waive_complement(LUMEN, reason="Rétractation", by="system")
    # Then its days alone are owed
    assert not world.billing.current(LUMEN, OCTOBER).charges


@pytest.mark.contract("BIL-2")
def test_a_failed_desktop_does_not_keep_the_subscription_alive() -> None:
    # Given beside the deleted desktop one whose launch failed for good
    world = a_world()
    failed = replace(a_desktop(name="Deux"), failed_at=paris("2026-10-12 10:00"))
    world.metering.desktops.append(failed)
    # Then the first month is still complete
    (complement,) = world.billing.current(LUMEN, OCTOBER).charges
    assert complement.desktop_name == "Compta"


def test_the_days_not_used_are_owed_at_what_the_desktop_was_last() -> None:
    # Given five days at 29,00, then five at 64,50 with a backup at 4,20, of 31
    def item(kind: str, code: str, cents: int) -> UsageItem:
        return UsageItem("dsk_1", "Compta", kind, code, 1, cents)  # type: ignore[arg-type]

    small = item("desktop", "standard", 2900)
    large = (item("desktop", "pro", 6450), item("option", "backup", 420))
    usage = [
        UsageDay(LUMEN, date(2026, 10, n), (small,) if n <= 5 else large) for n in range(1, 11)
    ]
    # When completed
    (line,) = complement_lines(usage, OCTOBER, VatTreatment(rate_percent=20))  # type: ignore[arg-type]
    # Then 21 days: 64,50 × 26/31 = 54,10 less 64,50 × 5/31 = 10,40; 4,20: 3,52 less 0,68
    assert line.amount_excl_vat_cents == (5410 - 1040) + (352 - 68)


def an_order(world: BillingWorld, accepted: str, **changes: object) -> Order:
    """An order of the account, placed at an instant; what the bases read of orders is this one."""
    order = sparse(
        Order,
        id="ord_2",
        account_id=LUMEN,
        accepted_at=paris(accepted),
        terms=(),
        state=OrderState.VALIDATED,
    )
    order = replace(order, **changes)  # type: ignore[arg-type]
    world.parts.bases.ordered = lambda account_id: [order]
    return order


@pytest.mark.contract("BIL-2")
@pytest.mark.parametrize("state", [OrderState.AWAITING_VALIDATION, OrderState.AWAITING_START])
def test_an_order_of_the_month_that_waits_makes_the_subscription_go_on(state: OrderState) -> None:
    # Given a desktop of 5 to 20 October, then an order of 30 October not launched by 1 November
    world = a_world()
    an_order(world, "2026-10-30 18:00", state=state)
    # When October is invoiced, then its days alone
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    assert not world.the_invoice().charges


@pytest.mark.contract("BIL-2")
@pytest.mark.parametrize(
    ("accepted", "state"),
    [
        ("2026-10-30 18:00", OrderState.REFUSED),
        ("2026-10-30 18:00", OrderState.CANCELLED),
        ("2026-10-30 18:00", OrderState.AWAITING_CARD),
        ("2026-11-01 04:00", OrderState.VALIDATED),
    ],
)
def test_an_order_that_came_to_nothing_or_came_later_does_not(
    accepted: str, state: OrderState
) -> None:
    # Given such an order, and, of the one of November, a desktop in use when October is run late
    world = a_world()
    order = an_order(world, accepted, state=state)
    if state is OrderState.VALIDATED:
        later = a_desktop(name="Deux", created="2026-11-01 04:00")
        world.metering.desktops.append(replace(later, order_id=order.id))
    world.clock.set("2026-11-02 05:00")
    world.invoice_month("2026-10")
    assert [charge.kind for charge in world.the_invoice().charges] == ["complement"]


@pytest.mark.contract("BIL-2", "BIL-6")
def test_a_contract_agreed_from_the_next_month_makes_the_subscription_go_on() -> None:
    # Given a desktop of 10 to 19 October, and a year's contract agreed from 1 November
    world = a_world()
    world.contracts.contracts = (a_contract(),)
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    assert not world.the_invoice().charges


@pytest.mark.contract("BIL-2", "BIL-5")
def test_a_complement_that_turns_out_not_to_be_due_is_credited_by_itself() -> None:
    # Given October completed to the fee: 19,65 with its ten days, while an order of 30 October
    # waited for its card
    world = a_world()
    order = an_order(world, "2026-10-30 18:00", state=OrderState.AWAITING_CARD)
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    october = world.the_invoice()
    assert [charge.amount_excl_vat_cents for charge in october.charges] == [1965]
    # When it is confirmed on 2 November, and November is run, twice
    an_order(world, "2026-10-30 18:00")
    later = a_desktop(name="Deux", created="2026-11-02 10:00")
    world.metering.desktops.append(replace(later, order_id=order.id))
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    world.invoice_month("2026-11")
    # Then the complement is given back, once
    (note,) = world.credit_notes.of_invoice(october.id)
    assert note.totals.excl_vat_cents == 1965
    assert "complément de premier mois" in note.reason
