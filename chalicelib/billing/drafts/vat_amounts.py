"""What accounts use, whatever their VAT: the drafts of their invoices, summed (BIL-10)."""

from chalicelib.billing.drafts.service import BillingService
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId


class DraftAmounts:
    """Amounts from drafts that take VAT from the address alone, so that VAT may depend on them."""

    def __init__(self, billing: BillingService) -> None:
        self._billing = billing

    def excl_vat_cents(self, account_id: AccountId, month: BillingMonth) -> int:
        """Give what an account owes for a month, excl. VAT, as its draft has it now."""
        return self._billing.current(account_id, month).totals.excl_vat_cents
