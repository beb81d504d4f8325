"""Wires drafts, invoices, their run and their documents."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.desktops import DesktopServices

if TYPE_CHECKING:
    from datetime import date

    from chalicelib.accounts.clients.account import Account, PostalAddress
    from chalicelib.billing.charges.ledger_storage import LedgerStorage
    from chalicelib.billing.charges.service import Charges
    from chalicelib.billing.charges.service_credit_service import ServiceCredits
    from chalicelib.billing.contracts.service import ContractService
    from chalicelib.billing.credits.corrections import Corrections
    from chalicelib.billing.credits.credit_note_service import CreditNotes
    from chalicelib.billing.credits.usage_corrections import InvoicedUsageCorrections
    from chalicelib.billing.drafts.basis_service import InvoiceBases
    from chalicelib.billing.drafts.service import BillingService
    from chalicelib.billing.invoices.storage import BillingStorage
    from chalicelib.billing.issuing.dry_run import DryRun
    from chalicelib.billing.issuing.run_progress import InvoiceRunProgress
    from chalicelib.billing.issuing.run_service import InvoiceRunService
    from chalicelib.billing.sales.service import SalesJournal
    from chalicelib.billing.sales.storage import SalesStorage
    from chalicelib.billing.vat.rules import VatTreatment
    from chalicelib.legal.published_policies import ContractPolicies


class BillingServices(DesktopServices):
    """Wires drafts, invoices, their run and their documents."""

    @cached_property
    def billing_storage(self) -> "BillingStorage":
        """Billing's records."""
        from chalicelib.billing.invoices.storage import BillingStorage

        return BillingStorage(self.adapters.tables)

    @cached_property
    def billing_ledger(self) -> "LedgerStorage":
        """Charges, service credits and credit notes."""
        from chalicelib.billing.charges.ledger_storage import LedgerStorage

        return LedgerStorage(self.adapters.tables)

    @cached_property
    def _sales_storage(self) -> "SalesStorage":
        from chalicelib.billing.sales.storage import SalesStorage

        return SalesStorage(self.adapters.tables)

    @cached_property
    def sales_journal(self) -> "SalesJournal":
        """The sales journal and its closings."""
        from chalicelib.billing.sales.service import SalesJournal

        return SalesJournal(
            storage=self._sales_storage,
            series=self.billing_storage,
            documents=self.adapters.documents,
            work=self.work,
            clock=self.clock,
        )

    @cached_property
    def policies(self) -> "ContractPolicies":
        """The readings of the contract that are switches."""
        from chalicelib.legal.policies_storage import PolicyStorage
        from chalicelib.legal.published_policies import ContractPolicies

        return ContractPolicies(
            storage=PolicyStorage(self.adapters.tables), recording=self.recording
        )

    @cached_property
    def contracts(self) -> "ContractService":
        """Negotiated contracts."""
        from chalicelib.billing.contracts.service import ContractService
        from chalicelib.billing.contracts.storage import ContractStorage

        return ContractService(
            storage=ContractStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogue=self.catalogue,
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def invoice_bases(self) -> "InvoiceBases":
        """What an invoice follows from."""
        from chalicelib.billing.drafts.basis_service import InvoiceBases

        return InvoiceBases(
            storage=self.billing_storage,
            ledger=self.billing_ledger,
            metering=self.metering,
            desktops=self.desktops,
            catalogue=self.catalogue,
            policies=self.policies,
            vat=_Vat(self),
            delivered_to=self._delivered_to,
            contracts=self.contracts,
        )

    def _delivered_to(self, account_id: str) -> "PostalAddress | None":
        """Give where an account's OmnyPods were last sent."""
        addresses = (order.delivery_address for order in self.orders.of_account(account_id))
        return next((address for address in addresses if address), None)

    @cached_property
    def billing(self) -> "BillingService":
        """Drafts, the current invoice, issued invoices."""
        from chalicelib.billing.drafts.service import BillingService

        return BillingService(
            storage=self.billing_storage,
            bases=self.invoice_bases,
            accounts=self.accounts,
            documents=self.adapters.documents,
            clock=self.clock,
        )

    @cached_property
    def credit_notes(self) -> "CreditNotes":
        """Takes back invoices in part or whole."""
        from chalicelib.billing.credits.credit_note_service import CreditNotes

        return CreditNotes(
            storage=self.billing_storage,
            ledger=self.billing_ledger,
            sales=self._sales_storage,
            work=self.work,
            journal=self.journal,
            clock=self.clock,
            company=lambda: self.settings.company,
        )

    @cached_property
    def corrections(self) -> "Corrections":
        """Settles months whose usage is no longer what was billed."""
        from chalicelib.billing.credits.corrections import Corrections

        return Corrections(
            storage=self.billing_storage,
            bases=self.invoice_bases,
            credit_notes=self.credit_notes,
        )

    @cached_property
    def invoiced_usage(self) -> "InvoicedUsageCorrections":
        """Corrects usage, and the invoices that billed it."""
        from chalicelib.billing.credits.usage_corrections import InvoicedUsageCorrections

        return InvoicedUsageCorrections(
            storage=self.billing_storage,
            usage=self.usage_corrections,
            corrections=self.corrections,
            clock=self.clock,
        )

    @cached_property
    def charges(self) -> "Charges":
        """What is billed once."""
        from chalicelib.billing.charges.service import Charges

        return Charges(
            storage=self.billing_ledger,
            accounts=self.accounts,
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def service_credits(self) -> "ServiceCredits":
        """The ledger of service credits."""
        from chalicelib.billing.charges.service_credit_service import ServiceCredits

        return ServiceCredits(
            storage=self.billing_ledger, work=self.work, journal=self.journal, clock=self.clock
        )

    @cached_property
    def dry_run(self) -> "DryRun":
        """What a run would issue."""
        from chalicelib.billing.issuing.dry_run import DryRun

        return DryRun(
            storage=self.billing_storage,
            billing=self.billing,
            accounts=self.accounts,
            clock=self.clock,
        )

    @cached_property
    def run_progress(self) -> "InvoiceRunProgress":
        """How the month-end runs go."""
        from chalicelib.billing.issuing.run_progress import InvoiceRunProgress

        return InvoiceRunProgress(storage=self.billing_storage, clock=self.clock)

    @cached_property
    def invoice_run(self) -> "InvoiceRunService":
        """The month-end run."""
        from chalicelib.billing.issuing.issue import InvoiceIssuer
        from chalicelib.billing.issuing.run_service import InvoiceRunService

        return InvoiceRunService(
            storage=self.billing_storage,
            billing=self.billing,
            corrections=self.corrections,
            issuer=InvoiceIssuer(
                storage=self.billing_storage,
                ledger=self.billing_ledger,
                sales=self._sales_storage,
                work=self.work,
                journal=self.journal,
                clock=self.clock,
                company=lambda: self.settings.company,
            ),
            accounts=self.accounts,
            metering=self.metering,
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )


class _Vat:
    """What drafting asks of VAT, whose service looks at drafts in turn: looked up when asked."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def treatment(self, account: "Account", on: "date") -> "VatTreatment":
        """Give the VAT due from an account on a Paris day."""
        treatment: VatTreatment = self._services.vat.treatment(account, on)
        return treatment
