"""However much there is to settle, one transaction holds what it issues (BIL-3, BIL-4)."""

import pytest

from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.tables import MAX_WRITES, Write
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.fakes.clock import paris
from tests.fakes.tables import InMemoryTables

ACCOUNTS = 32  # as many as one transaction issues where there is nothing else to settle
OPERATOR = "operator:usr_1"


class MeasuredTables(InMemoryTables):
    """Tables that remember how large their transactions were."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def commit(self, *writes: Write) -> None:
        self.sizes.append(len(writes))
        super().commit(*writes)


def charges_of(account_id: str, charges: int) -> int:
    """How many charges an account has."""
    return charges + 1 if charges and account_id == "acc_00" else charges


def a_month(charges: int, credits: int) -> tuple[BillingWorld, MeasuredTables]:
    """Thirty-two accounts, each with a desktop in October, charges and credits to settle.

    The first has one charge more, so that the rest does not fill a transaction to the last write.
    """
    tables = MeasuredTables()
    accounts = [an_account(f"acc_{number:02}") for number in range(ACCOUNTS)]
    world = BillingWorld(*accounts, now="2026-09-20 10:00", tables=tables)
    world.metering.desktops = [a_desktop(account.id) for account in accounts]
    for account in accounts:
        for number in range(credits):
            world.credits.grant(
                account.id, "dsk", "Compta", 100, reason="Panne.", by=OPERATOR, key=str(number)
            )
        for number in range(charges_of(account.id, charges)):
            world.charges.add(
                account.id,
                "pod_loss",
                Label("OmnyPod perdu", "OmnyPod lost"),
                unit_excl_vat_cents=1000,
                quantity=1,
                on=paris("2026-09-12 10:00").date(),
                reason="Boîtier volé.",
                evidence="PV",
                by=OPERATOR,
                key=str(number),
            )
    world.clock.set("2026-11-01 05:00")
    return world, tables


@pytest.mark.contract("BIL-3", "BIL-4", "BIL-8", "BIL-9")
@pytest.mark.parametrize(
    ("charges", "credits"),
    [
        pytest.param(0, 0, id="invoices alone"),
        pytest.param(1, 0, id="a charge each"),
        pytest.param(0, 1, id="a credit each"),
        pytest.param(3, 4, id="several of both"),
    ],
)
def test_thirty_two_accounts_with_charges_and_credits_are_all_issued(
    charges: int, credits: int
) -> None:
    # Given as many accounts drafted as one transaction may issue, each with more to settle
    world, tables = a_month(charges, credits)
    tables.sizes.clear()
    # When their month is run
    world.invoice_month("2026-10")
    # Then each has its invoice, with its charges and credits, the numbers without a gap
    assert world.numbers() == [f"F-2026-{number:06}" for number in range(1, ACCOUNTS + 1)]
    for account_id in world.accounts.by_id:
        invoice = world.the_invoice(account_id)
        assert len(invoice.charges) == charges_of(account_id, charges)
        assert len(invoice.allowances) == credits
    # And no transaction was larger than DynamoDB takes, though some came near it
    assert MAX_WRITES - 10 < max(tables.sizes) <= MAX_WRITES
