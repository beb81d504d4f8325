"""What VAT's services need from storage, from the contract's policies and from billing itself."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.one_stop_shop.oss import OssLine, OssMonth
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.billing.vat.tax_status import TaxStatus
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put


class Vat(Protocol):
    """Which VAT is due from a client."""

    def treatment(self, account: Account, on: date) -> VatTreatment:
        """Give the VAT due from an account on a Paris day."""


class TaxStatusStore(Protocol):
    """Tax statuses; saving gives the write to commit."""

    def tax_status(self, account_id: AccountId) -> TaxStatus:
        """Read what is known of an account."""

    def tax_statuses(self) -> Iterable[TaxStatus]:
        """Read the statuses of every client elsewhere in the Union."""

    def save_tax_status(self, status: TaxStatus) -> Put:
        """Give the write that keeps a status."""


class OssStore(Protocol):
    """The one-stop shop's ledger and decisions; saving gives the write to commit."""

    def oss_lines(self, year: int) -> Iterable[OssLine]:
        """Read the supplies of a calendar year."""

    def save_oss_line(self, line: OssLine) -> Put:
        """Give the write of a supply."""

    def oss_month(self, month: BillingMonth) -> OssMonth | None:
        """Read how a month is taxed."""

    def save_oss_month(self, decided: OssMonth) -> Put:
        """Give the write of a decision."""


class Amounts(Protocol):
    """What accounts use, whatever their VAT."""

    def excl_vat_cents(self, account_id: AccountId, month: BillingMonth) -> int:
        """Give what an account owes for a month, excl. VAT, as its draft has it now."""


class Policies(Protocol):
    """Readings of the contract that are switches."""

    def applies(self, code: str, *, professional: bool, on: date) -> bool:
        """Tell whether a policy is on for a category of client on a Paris day."""
