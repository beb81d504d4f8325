"""The month-end run over real DynamoDB calls: full transactions, conditions, listings."""

import pytest

from chalicelib.billing.invoices.run import RunState
from chalicelib.billing.issuing.issue import ISSUE_AT_ONCE
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import ConflictError
from tests.fakes.billing import BillingWorld, a_desktop, an_account
from tests.storage.conftest import make_tables

OCTOBER = BillingMonth(2026, 10)


@pytest.mark.contract("BIL-3", "BIL-4")
def test_a_full_transaction_of_invoices_is_issued_and_once(access: AwsAccess) -> None:
    # Given more accounts than one transaction issues
    accounts = [an_account(f"acc_{n:02d}") for n in range(ISSUE_AT_ONCE + 3)]
    tables = make_tables(access, "billing", "journal", "outbox")
    world = BillingWorld(*accounts, now="2026-11-01 05:00", tables=tables)
    world.metering.desktops = [
        a_desktop(account.id, options=(("storage-10gb", 3), ("backup", 1))) for account in accounts
    ]
    # When October is run, and once more
    world.invoice_month("2026-10")
    world.invoice_month("2026-10")
    # Then each has its invoice, the numbers without a gap
    count = len(accounts)
    assert world.numbers() == [f"F-2026-{n:06d}" for n in range(1, count + 1)]
    status = world.progress.status(OCTOBER)
    assert status is not None
    assert status.count(RunState.ISSUED) == count
    assert all(world.journal.verify(account.id) is None for account in accounts)
    # and neither an invoice nor a number is written twice
    invoice = world.the_invoice("acc_00")
    with pytest.raises(ConflictError):
        tables.commit(world.storage.add_invoice(invoice))
    assert world.storage.invoice(invoice.id) == invoice
