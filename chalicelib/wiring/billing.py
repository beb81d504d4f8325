"""Contracts, charges, drafts, invoices, credit notes, the month-end run."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.accounts import Accounts
from chalicelib.wiring.base import Base
from chalicelib.wiring.desktops import Desktops
from chalicelib.wiring.legal import Legal
from chalicelib.wiring.metering import Metering
from chalicelib.wiring.orders import Orders

if TYPE_CHECKING:
    from datetime import date

    from chalicelib.accounts.clients.account import Account
    from chalicelib.billing.charges.ledger_storage import LedgerStorage
    from chalicelib.billing.charges.service import Charges
    from chalicelib.billing.charges.service_credit_service import ServiceCredits
    from chalicelib.billing.contracts.service import ContractService
    from chalicelib.billing.credits.corrections import Corrections
    from chalicelib.billing.credits.credit_note_service import CreditNotes
    from chalicelib.billing.credits.early_ends import EarlyEnds
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
    from chalicelib.catalogue.service import CatalogueService


@dataclass(kw_only=True, eq=False)
class Billing:
    """Contracts, charges, drafts, invoices, credit notes, the month-end run."""

    base: Base
    legal: Legal
    accounts: Accounts
    catalogue: "CatalogueService"
    orders: Orders
    desktops: Desktops
    metering: Metering
    # Whose service looks at drafts in turn: asked when needed.
    vat_due: Callable[["Account", "date"], "VatTreatment"]
    # Days to pay an invoice on a Paris day: payments, which come later, keep them.
    terms_days: Callable[["date"], int]

    @cached_property
    def storage(self) -> "BillingStorage":
        """Billing's records."""
        from chalicelib.billing.invoices.storage import BillingStorage

        return BillingStorage(self.base.adapters.tables)

    @cached_property
    def ledger(self) -> "LedgerStorage":
        """Charges, service credits and credit notes."""
        from chalicelib.billing.charges.ledger_storage import LedgerStorage

        return LedgerStorage(self.base.adapters.tables)

    @cached_property
    def sales(self) -> "SalesStorage":
        """Rows of the sales journal."""
        from chalicelib.billing.sales.storage import SalesStorage

        return SalesStorage(self.base.adapters.tables)

    @cached_property
    def sales_journal(self) -> "SalesJournal":
        """The sales journal and its closings."""
        from chalicelib.billing.sales.service import SalesJournal

        return SalesJournal(
            storage=self.sales,
            series=self.storage,
            documents=self.base.adapters.documents,
            recording=self.base.recording,
        )

    @cached_property
    def contracts(self) -> "ContractService":
        """Negotiated contracts."""
        from chalicelib.billing.contracts.service import ContractService
        from chalicelib.billing.contracts.storage import ContractStorage

        return ContractService(
            storage=ContractStorage(self.base.adapters.tables),
            accounts=self.accounts.service,
            catalogue=self.catalogue,
            recording=self.base.recording,
        )

    @cached_property
    def bases(self) -> "InvoiceBases":
        """What an invoice follows from."""
        from chalicelib.billing.drafts.basis_service import InvoiceBases

        return InvoiceBases(
            storage=self.storage,
            ledger=self.ledger,
            metering=self.metering.service,
            desktops=self.desktops.service,
            catalogue=self.catalogue,
            policies=self.legal.policies,
            vat=self.vat_due,
            delivered_to=self.orders.service.last_delivery_address,
            ordered=self.orders.service.of_account,
            contracts=self.contracts,
        )

    @cached_property
    def service(self) -> "BillingService":
        """Drafts, the current invoice, issued invoices."""
        from chalicelib.billing.drafts.service import BillingService

        return BillingService(
            storage=self.storage,
            bases=self.bases,
            accounts=self.accounts.service,
            documents=self.base.adapters.documents,
            clock=self.base.clock,
        )

    @cached_property
    def credit_notes(self) -> "CreditNotes":
        """Takes back invoices in part or whole."""
        from chalicelib.billing.credits.credit_note_service import CreditNotes

        return CreditNotes(
            storage=self.storage,
            ledger=self.ledger,
            sales=self.sales,
            recording=self.base.recording,
            company=lambda: self.base.settings.company,
        )

    @cached_property
    def corrections(self) -> "Corrections":
        """Settles months whose usage is no longer what was billed."""
        from chalicelib.billing.credits.corrections import Corrections

        return Corrections(
            storage=self.storage,
            bases=self.bases,
            credit_notes=self.credit_notes,
        )

    @cached_property
    def early_ends(self) -> "EarlyEnds":
        """Ends contracts before their term."""
        from chalicelib.billing.credits.early_ends import EarlyEnds

        return EarlyEnds(
            storage=self.storage, contracts=self.contracts, credit_notes=self.credit_notes
        )

    @cached_property
    def usage_corrections(self) -> "InvoicedUsageCorrections":
        """Corrects usage, and the invoices that billed it."""
        from chalicelib.billing.credits.usage_corrections import InvoicedUsageCorrections

        return InvoicedUsageCorrections(
            storage=self.storage,
            usage=self.metering.corrections,
            corrections=self.corrections,
            clock=self.base.clock,
        )

    @cached_property
    def charges(self) -> "Charges":
        """What is billed once."""
        from chalicelib.billing.charges.service import Charges

        return Charges(
            storage=self.ledger,
            accounts=self.accounts.service,
            recording=self.base.recording,
        )

    @cached_property
    def service_credits(self) -> "ServiceCredits":
        """The ledger of service credits."""
        from chalicelib.billing.charges.service_credit_service import ServiceCredits

        return ServiceCredits(storage=self.ledger, recording=self.base.recording)

    @cached_property
    def dry_run(self) -> "DryRun":
        """What a run would issue."""
        from chalicelib.billing.issuing.dry_run import DryRun

        return DryRun(
            storage=self.storage,
            billing=self.service,
            accounts=self.accounts.service,
            clock=self.base.clock,
        )

    @cached_property
    def run_progress(self) -> "InvoiceRunProgress":
        """How the month-end runs go."""
        from chalicelib.billing.issuing.run_progress import InvoiceRunProgress

        return InvoiceRunProgress(storage=self.storage, clock=self.base.clock)

    @cached_property
    def run(self) -> "InvoiceRunService":
        """The month-end run."""
        from chalicelib.billing.issuing.issue import InvoiceIssuer
        from chalicelib.billing.issuing.run_service import InvoiceRunService

        return InvoiceRunService(
            storage=self.storage,
            billing=self.service,
            corrections=self.corrections,
            early_ends=self.early_ends,
            issuer=InvoiceIssuer(
                storage=self.storage,
                ledger=self.ledger,
                sales=self.sales,
                recording=self.base.recording,
                company=lambda: self.base.settings.company,
                terms_days=self.terms_days,
            ),
            accounts=self.accounts.service,
            metering=self.metering.service,
            recording=self.base.recording,
        )
