"""What VAT keeps in the ``billing`` table.

======================  =======================  =============================================
pk                      sk                       what
======================  =======================  =============================================
``ACC#<account>``       VAT                      VIES's answer, proofs of location; ``VAT``
``OSS#<year>``          LINE#<month>#<document>  a supply to a consumer elsewhere in the Union
``OSS#<year>``          MONTH#<month>            how a month is taxed, decided once
======================  =======================  =============================================
"""

from collections.abc import Iterator

from chalicelib.billing.one_stop_shop.oss import OssLine, OssMonth
from chalicelib.billing.vat.tax_status import TaxStatus
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables

_STATUSES = Kind("billing", "tax status", TaxStatus)
_LINES = Kind("billing", "one-stop shop line", OssLine)
_MONTHS = Kind("billing", "one-stop shop month", OssMonth)
_STATUS = "VAT"


class VatStorage:
    """Reads tax statuses and the one-stop shop's ledger, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def tax_status(self, account_id: AccountId) -> TaxStatus:
        """Read what is known of an account; a new status when nothing is."""
        return self._tables.get(_STATUSES, f"ACC#{account_id}", _STATUS) or TaxStatus(account_id)

    def tax_statuses(self) -> Iterator[TaxStatus]:
        """Read the statuses of every client elsewhere in the Union."""
        return self._tables.listing(_STATUSES, _STATUS)

    def save_tax_status(self, status: TaxStatus) -> Put:
        """Give the write that keeps a status; refused when somebody wrote it since."""
        listed = (_STATUS, status.account_id)
        return _STATUSES.put(status, f"ACC#{status.account_id}", _STATUS, listed=listed)

    def oss_lines(self, year: int) -> Iterator[OssLine]:
        """Read what was supplied to consumers elsewhere in the Union in a calendar year."""
        return self._tables.query(_LINES, f"OSS#{year}", starts_with="LINE#")

    def save_oss_line(self, line: OssLine) -> Put:
        """Give the write of a supply: the same whoever writes it, and however often."""
        sk = f"LINE#{line.month}#{line.document_id}#{line.country}#{line.rate_percent}"
        return _LINES.put(line, f"OSS#{line.month.year}", sk, always=True)

    def oss_month(self, month: BillingMonth) -> OssMonth | None:
        """Read how a month is taxed; None while it is not decided."""
        return self._tables.get(_MONTHS, f"OSS#{month.year}", f"MONTH#{month}")

    def save_oss_month(self, decided: OssMonth) -> Put:
        """Give the write of a decision; refused when there is one already."""
        return _MONTHS.put(decided, f"OSS#{decided.month.year}", f"MONTH#{decided.month}")
