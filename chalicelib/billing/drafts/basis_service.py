"""Gathers what an invoice follows from (CGV art. 8.1, 9, 16; BIL-1, BIL-2, BIL-7, BIL-8, BIL-9)."""

from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy

from chalicelib.accounts.clients.account import Account, PostalAddress
from chalicelib.billing.contracts.billing import covered
from chalicelib.billing.drafts.complement import ends_with_first_month
from chalicelib.billing.drafts.drafting import DraftBasis
from chalicelib.billing.drafts.usage_lines import EarlierMonth, billed_days, days_of
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice, invoice_id_of
from chalicelib.billing.ports import (
    BillingStore,
    Catalogues,
    Contracts,
    Desktops,
    LedgerStore,
    Metering,
    Policies,
    VatTreatments,
)
from chalicelib.desktops.model.usage_history import charged_days
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.legal.policies import FIRST_MONTH_FULL
from chalicelib.metering.usage import Key, UsageDay, key_of

# How late the company may validate an order and still have its first days billed.
MONTHS_BACK = 3


class InvoiceBases:
    """Reads the basis of an account's invoice; run, dry run and preview share it (BIL-7)."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: BillingStore,
        ledger: LedgerStore,
        metering: Metering,
        desktops: Desktops,
        catalogue: Catalogues,
        policies: Policies,
        vat: VatTreatments,
        contracts: Contracts,
        delivered_to: Callable[[AccountId], PostalAddress | None] = lambda account_id: None,
    ) -> None:
        self._storage = storage
        self._ledger = ledger
        self._metering = metering
        self._desktops = desktops
        self._catalogue = catalogue
        self._policies = policies
        self._vat = vat
        self._contracts = contracts
        self._delivered_to = delivered_to

    def basis(
        self,
        account: Account,
        month: BillingMonth,
        *,
        computed: Sequence[UsageDay] = (),
        earlier: Sequence[EarlierMonth] = (),
    ) -> DraftBasis:
        """Gather all that an account's month follows from; computed days replace recorded ones."""
        contracts = self._contracts.agreed_of(account.id)
        under_contract = any(each.covers(month.first_day) for each in contracts)
        return DraftBasis(
            usage=[*self._metering.usage(account.id, month), *computed],
            catalogue=self._catalogue.current(),
            vat=lambda day: self._vat.treatment(account, day),
            earlier=earlier,
            charges=list(self._ledger.charges_of(account.id)),
            credits=list(self._ledger.credits_of(account.id)),
            contracts=contracts,
            delivered_to=lambda: self._delivered_to(account.id),
            complement=not under_contract and self._is_completed(account, month, earlier),
        )

    def with_vat(self, vat: VatTreatments) -> "InvoiceBases":
        """Give the same bases with VAT from elsewhere."""
        other = copy(self)
        other._vat = vat
        return other

    def usage_alone(self, account: Account, usage: Sequence[UsageDay]) -> DraftBasis:
        """Give the basis that prices days by themselves (MET-3)."""
        return DraftBasis(
            usage,
            self._catalogue.current(),
            lambda day: self._vat.treatment(account, day),
            contracts=self._contracts.agreed_of(account.id),
        )

    def so_far(self, account_id: AccountId) -> list[UsageDay]:
        """Compute the days not recorded yet, by the function that will record them (BIL-7)."""
        return list(self._metering.today_so_far(account_id))

    def earlier(
        self, account_id: AccountId, month: BillingMonth, computed: Sequence[UsageDay] = ()
    ) -> list[EarlierMonth]:
        """Give the months just before whose invoicing is over, without a break.

        Behind a month that is still to be invoiced, that month's own invoice looks further back:
        so no day is billed by two.
        """
        months: list[EarlierMonth] = []
        contracts = None
        invoices: list[tuple[Invoice, list[CreditNote]]] = []
        while len(months) < MONTHS_BACK:
            month = month.previous
            entry = self._storage.entry(account_id, month)
            if entry is None or not entry.is_over:
                break
            invoice = self._storage.invoice(invoice_id_of(account_id, month))
            if invoice is not None:
                invoices.append((invoice, self._notes(invoice)))
            usage = days_of(month, (*self._metering.usage(account_id, month), *computed))
            if contracts is None:
                contracts = self._contracts.agreed_of(account_id)
            owed = tuple(covered(usage, contracts))
            months.append(EarlierMonth(month, owed, _billed(invoices, month), _in_full(invoice)))
        return months

    def closed(self, account_id: AccountId, month: BillingMonth) -> EarlierMonth | None:
        """Give one month whose invoicing is over, with all that later invoices bill of it."""
        entry = self._storage.entry(account_id, month)
        if entry is None or not entry.is_over:
            return None
        invoices, later = [], month
        for _ in range(MONTHS_BACK + 1):
            invoice = self._storage.invoice(invoice_id_of(account_id, later))
            if invoice is not None:
                invoices.append((invoice, self._notes(invoice)))
            later = later.next
        own = self._storage.invoice(invoice_id_of(account_id, month))
        usage = days_of(month, self._metering.usage(account_id, month))
        owed = tuple(covered(usage, self._contracts.agreed_of(account_id)))
        return EarlierMonth(month, owed, _billed(invoices, month), _in_full(own))

    def _notes(self, invoice: Invoice) -> list[CreditNote]:
        ids = self._ledger.credited(invoice.id).credit_note_ids
        notes = (self._ledger.credit_note(each) for each in ids)
        return [note for note in notes if note is not None]

    def _is_completed(
        self, account: Account, month: BillingMonth, earlier: Sequence[EarlierMonth]
    ) -> bool:
        """Tell whether the first month complement is due (BIL-2, P1); most months cost no read."""
        if any(past.usage or past.billed for past in earlier):
            return False
        spans = [
            charged_days(desktop)
            for desktop in self._desktops.of_account(account.id)
            if desktop.failed_at is None
        ]
        return (
            ends_with_first_month(month, spans)
            and self._policies.applies(
                FIRST_MONTH_FULL, professional=account.is_professional, on=month.last_day
            )
            and not self._ledger.complement_waived(account.id)
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
