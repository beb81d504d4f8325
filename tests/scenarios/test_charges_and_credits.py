"""One-off charges and service credits on the next invoice (CGV art. 6, 16; BIL-8, BIL-9, P14)."""

from datetime import date

import pytest

from chalicelib.billing.charges.charge import ChargeState
from chalicelib.billing.charges.service_credits import use_of
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId
from tests.fakes.billing import BillingWorld, a_desktop
from tests.fakes.clock import paris

LUMEN = AccountId("acc_lumen")
OCTOBER, NOVEMBER = BillingMonth(2026, 10), BillingMonth(2026, 11)
BY = "operator:usr_1"


def a_world(now: str = "2026-10-20 10:00") -> BillingWorld:
    """One account with a desktop at 29,00 since September."""
    world = BillingWorld(now=now)
    world.metering.desktops = [a_desktop(created="2026-09-01 10:00")]
    return world


def add(world: BillingWorld, **changes: object) -> object:
    facts = {
        "unit_excl_vat_cents": 12000,
        "quantity": 1,
        "on": date(2026, 10, 12),
        "reason": "Boîtier volé, plainte déposée.",
        "by": BY,
        "key": "pod-1",
        "evidence": "PV 2026/118",
        **changes,
    }
    label = Label("OmnyPod perdu", "OmnyPod lost")
    return world.charges.add(LUMEN, "pod_loss", label, **facts)  # type: ignore[arg-type]


@pytest.mark.contract("BIL-9", "BIL-7")
def test_a_charge_is_billed_once_by_the_next_invoice() -> None:
    # Given a pod lost in October, added twice by a double click
    world = a_world()
    assert add(world) == add(world)
    # When October and November are invoiced
    shown = world.billing.current(LUMEN)
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    # Then October's bills it, as goods, and November's does not
    november, october = world.billing.invoices_of(LUMEN)
    (line,) = october.charges
    assert (line.amount_excl_vat_cents, line.nature) == (12000, "goods")
    assert line.label.en == "OmnyPod lost"
    assert october.totals.excl_vat_cents == 2900 + 12000
    assert shown.charges == october.charges
    assert not november.charges
    # and the charge says where
    (charge,) = world.charges.of_account(LUMEN)
    assert (charge.state, charge.invoice_id) == (ChargeState.BILLED, october.id)
    kinds = [entry.kind for entry in world.journal.entries(LUMEN)]
    assert kinds == ["charge.added", "invoice.issued", "invoice.issued"]


@pytest.mark.contract("BIL-9")
def test_a_charge_known_after_its_month_goes_with_the_next_invoice() -> None:
    # Given October invoiced, then a delivery of October found to have failed
    world = a_world("2026-11-01 05:00")
    world.invoice_month("2026-10")
    add(world)
    # When November is invoiced, then it bills it
    world.clock.set("2026-12-01 05:00")
    world.invoice_month("2026-11")
    assert [len(invoice.charges) for invoice in world.billing.invoices_of(LUMEN)] == [1, 0]


@pytest.mark.contract("BIL-9")
def test_a_charge_cancelled_before_the_issue_is_not_billed() -> None:
    # Given a charge, and a draft of October that has it
    world = a_world("2026-11-01 05:00")
    charge = add(world)
    world.metering.meter_due()
    world.run.draft(LUMEN, OCTOBER)
    # When it is cancelled before the draft gets its number
    world.charges.cancel(LUMEN, charge.id, reason="Boîtier retrouvé.", by=BY)  # type: ignore[attr-defined]
    world.pump()
    # Then the draft was made again without it
    assert not world.the_invoice().charges
    # and it can be neither cancelled again nor billed
    with pytest.raises(DomainError):
        world.charges.cancel(LUMEN, charge.id, reason="Encore.", by=BY)  # type: ignore[attr-defined]


@pytest.mark.contract("BIL-9")
def test_a_charge_billed_can_only_be_credited() -> None:
    # Given
    world = a_world("2026-11-01 05:00")
    charge = add(world)
    world.invoice_month("2026-10")
    # When cancelled, then refused
    with pytest.raises(DomainError, match="avoir"):
        world.charges.cancel(LUMEN, charge.id, reason="Trop tard.", by=BY)  # type: ignore[attr-defined]


@pytest.mark.contract("BIL-9")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_excl_vat_cents": 0}, "amount"),
        ({"unit_excl_vat_cents": -100}, "amount"),
        ({"quantity": 0}, "quantity"),
        ({"on": date(2026, 10, 21)}, "on"),
        ({"on": date(2025, 12, 31)}, "on"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_a_charge_that_makes_no_sense_is_refused(change: dict[str, object], field: str) -> None:
    # Given 20 October 2026, an account of January
    world = a_world()
    # When added, then refused beside the field, and nothing is kept
    with pytest.raises(FieldErrors) as refused:
        add(world, **change)
    assert list(refused.value.errors) == [field]
    assert not world.charges.of_account(LUMEN)


def test_a_charge_of_an_unknown_account_is_not_found() -> None:
    world = a_world()
    with pytest.raises(NotFoundError):
        world.charges.add(
            AccountId("acc_other"),
            "other",
            Label("Frais", ""),
            unit_excl_vat_cents=1,
            quantity=1,
            on=date(2026, 10, 1),
            reason="r",
            by=BY,
            key="k",
        )


@pytest.mark.contract("BIL-8")
def test_a_credit_is_used_against_the_month_after_its_grant_and_the_rest_expires() -> None:
    # Given credits of 12,00 and 30,00 granted in October, for desktops that cost 29,00 a month
    world = a_world()
    for name, cents in (("Compta", 1200), ("Accueil", 3000)):
        world.clock.advance(minutes=1)
        world.credits.grant(LUMEN, "dsk_1", name, cents, reason="Panne.", by=BY, key=name)
    # When October, November and December are invoiced, November's late
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    world.clock.set("2027-01-01 05:00")
    world.invoice_month("2026-11")
    world.invoice_month("2026-12")
    december, november, october = world.billing.invoices_of(LUMEN)
    # Then only November's has them, the first granted first, never above what it bills
    assert not october.allowances
    assert not december.allowances
    assert [each.amount_excl_vat_cents for each in november.allowances] == [1200, 1700]
    # and, brought to 0, it is issued all the same: it is where the credits are used
    assert november.totals.incl_vat_cents == 0
    used = {credit.desktop_name: credit for credit in world.credits.of_account(LUMEN)}
    assert (used["Compta"].left_cents, used["Accueil"].left_cents) == (0, 1300)
    assert {credit.invoice_id for credit in used.values()} == {november.id}


@pytest.mark.contract("BIL-8")
def test_a_credit_takes_nothing_off_charges_and_options() -> None:
    # Given a desktop at 29,00 with a backup at 4,20, a charge, and a credit of 100,00
    world = BillingWorld(now="2026-10-20 10:00")
    world.metering.desktops = [a_desktop(created="2026-09-01 10:00", options=(("backup", 1),))]
    world.credits.grant(LUMEN, "dsk_1", "Compta", 10000, reason="Panne.", by=BY, key="1")
    world.clock.set("2026-12-01 05:00")
    add(world, on=date(2026, 11, 12))
    # When November is invoiced, then 4,20 + 120,00 are left
    world.invoice_month("2026-10")
    world.invoice_month("2026-11")
    november, _ = world.billing.invoices_of(LUMEN)
    assert november.totals.excl_vat_cents == 420 + 12000


@pytest.mark.contract("BIL-8")
def test_what_becomes_of_a_credit_is_one_pure_rule() -> None:
    # Given the worked example: 12,00 granted on 10 February 2024
    usage = [(BillingMonth(2024, 3), 3000), (BillingMonth(2024, 4), 3000)]
    use = use_of(paris("2024-02-10 10:00"), 1200, usage)
    # Then it is used in March
    assert (str(use.usable_month), use.used, use.expired_cents) == (
        "2024-03",
        ((BillingMonth(2024, 3), 1200),),
        0,
    )
    # and above what March costs, the rest expires
    assert use_of(paris("2024-02-10 10:00"), 5000, usage).expired_cents == 2000
    # The last instant of February in Paris is still February
    assert str(use_of(paris("2024-02-29 23:59:59"), 1, []).usable_month) == "2024-03"


@pytest.mark.contract("BIL-8")
@pytest.mark.parametrize(
    ("cents", "reason", "field"), [(0, "r", "amount"), (-1, "r", "amount"), (5, " ", "reason")]
)
def test_a_credit_that_makes_no_sense_is_refused(cents: int, reason: str, field: str) -> None:
    world = a_world()
    with pytest.raises(FieldErrors) as refused:
        world.credits.grant(LUMEN, "dsk_1", "Compta", cents, reason=reason, by=BY, key="1")
    assert list(refused.value.errors) == [field]
