"""Keeps the one-stop shop's ledger and decides how each month is taxed (BIL-10)."""

from chalicelib.accounts.clients.account import AccountKind
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Buyer, Invoice
from chalicelib.billing.one_stop_shop.oss import OssLine, OssMonth, decide, total_cents
from chalicelib.billing.one_stop_shop.vat_ports import Amounts, OssStore, TaxStatusStore
from chalicelib.billing.ports import Accounts
from chalicelib.billing.vat.rules import (
    in_another_member_state,
    one_stop_shop_threshold_cents,
    place_of,
)
from chalicelib.billing.vat.tax_status import TaxStatus
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork


class OssService:
    """What VAT asks about consumers of other member states."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: OssStore,
        statuses: TaxStatusStore,
        accounts: Accounts,
        amounts: Amounts,
        work: UnitOfWork,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._statuses = statuses
        self._accounts = accounts
        self._amounts = amounts
        self._work = work
        self._clock = clock

    def month(self, month: BillingMonth) -> OssMonth:
        """Tell how a month is taxed; once the month is over the answer is kept (BIL-10)."""
        decided = self._storage.oss_month(month)
        if decided is not None:
            return decided
        decided = self._decide(month)
        if today(self._clock) > month.last_day:
            try:
                self._work.commit(self._storage.save_oss_month(decided))
            except ConflictError:
                # Somebody decided first, maybe from other figures: theirs binds everybody.
                return self._storage.oss_month(month) or decided
        return decided

    def _decide(self, month: BillingMonth) -> OssMonth:
        threshold = one_stop_shop_threshold_cents(month.last_day)
        if threshold is None:
            return OssMonth(month, 0, 0, 0, "")
        before = [line for line in self._storage.oss_lines(month.year) if line.month < month]
        previous, opening = self.year_cents(month.year - 1), total_cents(before)
        supplies: list[tuple[str, int]] = []
        if max(previous, opening) <= threshold:
            supplies = [
                (status.account_id, self._amounts.excl_vat_cents(status.account_id, month))
                for status in self._consumers()
            ]
        return decide(
            month,
            previous_year_cents=previous,
            opening_cents=opening,
            supplies=supplies,
            threshold_cents=threshold,
        )

    def _consumers(self) -> list[TaxStatus]:
        found = []
        for status in self._statuses.tax_statuses():
            account = self._accounts.account(status.account_id)
            if not account.is_professional and in_another_member_state(account):
                found.append(status)
        return found

    def year_cents(self, year: int) -> int:
        """Give what was supplied in a calendar year, in cents excl. VAT."""
        return total_cents(self._storage.oss_lines(year))

    def lines(self, year: int) -> list[OssLine]:
        """Give every supply of a calendar year, in order."""
        return list(self._storage.oss_lines(year))

    def counted(self, document: Invoice | CreditNote, proofs: tuple[str, ...]) -> list[Put]:
        """Give the writes that count a document in the ledger: none for most clients.

        ``proofs`` say what shows where the consumer is.
        """
        if not _is_consumer_elsewhere(document.buyer):
            return []
        sign = 1 if isinstance(document, Invoice) else -1
        return [
            self._storage.save_oss_line(
                OssLine(
                    document_id=document.id,
                    number=document.number,
                    month=document.month,
                    consumer_country=document.buyer.country,
                    country=part.vat.country,
                    rate_percent=part.vat.rate_percent,
                    base_cents=sign * part.base_cents,
                    vat_cents=sign * part.vat_cents,
                    proofs=proofs,
                )
            )
            for part in document.totals.by_rate
        ]


def _is_consumer_elsewhere(buyer: Buyer) -> bool:
    return buyer.kind is AccountKind.CONSUMER and (
        place_of(buyer.country, buyer.postal_code) == "union"
    )
