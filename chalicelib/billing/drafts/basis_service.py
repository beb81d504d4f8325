"""Gathers what an invoice follows from (CGV art. 8.1, 9, 16; BIL-1, BIL-2, BIL-7, BIL-8, BIL-9)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.accounts.clients.account import Account, PostalAddress
from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.contracts.billing import covered
from chalicelib.billing.contracts.contract import Contract
from chalicelib.billing.contracts.service import ContractService
from chalicelib.billing.drafts.complement import is_first_and_last
from chalicelib.billing.drafts.drafting import DraftBasis
from chalicelib.billing.drafts.usage_lines import EarlierMonth, billed_days, days_of
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice, invoice_id_of
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.requests.service import DesktopService
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.legal.policies import FIRST_MONTH_FULL
from chalicelib.legal.published_policies import ContractPolicies
from chalicelib.metering.service import MeteringService
from chalicelib.metering.usage import Key, UsageDay, key_of
from chalicelib.orders.model.order import Order

# How late the company may validate an order and still have its first days billed.
MONTHS_BACK = 3


@dataclass(kw_only=True)
class InvoiceBases:
    """Reads the basis of an account's invoice; run, dry run and preview share it (BIL-7).

    ``vat`` gives the VAT due from an account on a Paris day: its service looks at drafts in turn.
    ``delivered_to`` gives where goods of an account went, ``ordered`` all its orders.
    """

    storage: BillingStorage
    ledger: LedgerStorage
    metering: MeteringService
    desktops: DesktopService
    catalogue: CatalogueService
    policies: ContractPolicies
    vat: Callable[[Account, date], VatTreatment]
    contracts: ContractService
    delivered_to: Callable[[AccountId], PostalAddress | None] = lambda account_id: None
    ordered: Callable[[AccountId], Iterable[Order]] = lambda account_id: ()

    def basis(
        self,
        account: Account,
        month: BillingMonth,
        *,
        computed: Sequence[UsageDay] = (),
        earlier: Sequence[EarlierMonth] = (),
        contracts: Sequence[Contract] | None = None,
    ) -> DraftBasis:
        """Gather all that an account's month follows from; computed days replace recorded ones.

        ``contracts`` are those the account agreed to, read unless given.
        """
        if contracts is None:
            contracts = self.contracts.agreed_of(account.id)
        return DraftBasis(
            usage=[*self.metering.usage(account.id, month), *computed],
            catalogue=self.catalogue.current(),
            vat=lambda day: self.vat(account, day),
            earlier=earlier,
            charges=list(self.ledger.charges_of(account.id)),
            credits=list(self.ledger.credits_of(account.id)),
            contracts=contracts,
            delivered_to=lambda: self.delivered_to(account.id),
            complement=self._is_completed(account, month, earlier, contracts),
        )

    def with_vat(self, vat: Callable[[Account, date], VatTreatment]) -> "InvoiceBases":
        """Give the same bases with VAT from elsewhere."""
        return replace(self, vat=vat)

    def usage_alone(self, account: Account, usage: Sequence[UsageDay]) -> DraftBasis:
        """Give the basis that prices days by themselves (MET-3)."""
        return DraftBasis(
            usage,
            self.catalogue.current(),
            lambda day: self.vat(account, day),
            contracts=self.contracts.agreed_of(account.id),
        )

    def so_far(self, account_id: AccountId) -> list[UsageDay]:
        """Compute the days not recorded yet, by the function that will record them (BIL-7)."""
        return list(self.metering.today_so_far(account_id))

    def earlier(
        self,
        account_id: AccountId,
        month: BillingMonth,
        computed: Sequence[UsageDay] = (),
        contracts: Sequence[Contract] | None = None,
    ) -> list[EarlierMonth]:
        """Give the months just before whose invoicing is over, without a break.

        Behind a month that is still to be invoiced, that month's own invoice looks further back:
        so no day is billed by two.
        """
        months: list[EarlierMonth] = []
        invoices: list[tuple[Invoice, list[CreditNote]]] = []
        while len(months) < MONTHS_BACK:
            month = month.previous
            entry = self.storage.entry(account_id, month)
            if entry is None or not entry.is_over:
                break
            invoice = self.storage.invoice(invoice_id_of(account_id, month))
            if invoice is not None:
                invoices.append((invoice, self._notes(invoice)))
            usage = days_of(month, (*self.metering.usage(account_id, month), *computed))
            if contracts is None:
                contracts = self.contracts.agreed_of(account_id)
            owed = tuple(covered(usage, contracts))
            months.append(EarlierMonth(month, owed, _billed(invoices, month), _in_full(invoice)))
        return months

    def closed(self, account_id: AccountId, month: BillingMonth) -> EarlierMonth | None:
        """Give one month whose invoicing is over, with all that later invoices bill of it."""
        entry = self.storage.entry(account_id, month)
        if entry is None or not entry.is_over:
            return None
        invoices, later = [], month
        for _ in range(MONTHS_BACK + 1):
            invoice = self.storage.invoice(invoice_id_of(account_id, later))
            if invoice is not None:
                invoices.append((invoice, self._notes(invoice)))
            later = later.next
        own = self.storage.invoice(invoice_id_of(account_id, month))
        usage = days_of(month, self.metering.usage(account_id, month))
        owed = tuple(covered(usage, self.contracts.agreed_of(account_id)))
        return EarlierMonth(month, owed, _billed(invoices, month), _in_full(own))

    def _notes(self, invoice: Invoice) -> list[CreditNote]:
        ids = self.ledger.credited(invoice.id).credit_note_ids
        notes = (self.ledger.credit_note(each) for each in ids)
        return [note for note in notes if note is not None]

    def ends_with_first_month(
        self,
        account_id: AccountId,
        month: BillingMonth,
        contracts: Sequence[Contract] | None = None,
    ) -> bool:
        """Tell whether a subscription began and ended with a month, as far as is known now (P1).

        A contract that covers the month or begins right after it makes it go on.
        """
        if contracts is None:
            contracts = self.contracts.agreed_of(account_id)
        days = (month.first_day, month.next.first_day)
        if any(contract.covers(day) for contract in contracts for day in days):
            return False
        desktops = self.desktops.of_account(account_id)
        return is_first_and_last(month, desktops, lambda: self.ordered(account_id))

    def _is_completed(
        self,
        account: Account,
        month: BillingMonth,
        earlier: Sequence[EarlierMonth],
        contracts: Sequence[Contract],
    ) -> bool:
        """Tell whether the first month complement is due (BIL-2, P1); most months cost no read."""
        if any(past.usage or past.billed for past in earlier):
            return False
        return (
            self.ends_with_first_month(account.id, month, contracts)
            and self.policies.applies(
                FIRST_MONTH_FULL, professional=account.is_professional, on=month.last_day
            )
            and not self.ledger.complement_waived(account.id)
        )


def _billed(
    invoices: Sequence[tuple[Invoice, Sequence[CreditNote]]], month: BillingMonth
) -> Counter[Key]:
    """Count the days of a month that invoices bill, less those credit notes took back."""
    billed: Counter[Key] = Counter()
    for invoice, notes in invoices:
        billed += billed_days(invoice.lines, month)
        keys = {line.key: key_of(line) for line in invoice.lines if line.month == month}
        for note in notes:
            for line in note.lines:
                if line.days and line.line_key in keys:
                    billed[keys[line.line_key]] -= line.days
    return +billed


def _in_full(invoice: Invoice | None) -> frozenset[str]:
    charges = invoice.charges if invoice else ()
    return frozenset(charge.desktop_id for charge in charges if charge.kind == "complement")
