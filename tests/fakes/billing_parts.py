"""Billing's services over given tables, clock and neighbours: one place that puts them together."""

from datetime import date
from typing import Any

from chalicelib.accounts.account import Account
from chalicelib.billing.basis_service import InvoiceBases
from chalicelib.billing.charges_service import Charges
from chalicelib.billing.contract import Contract
from chalicelib.billing.corrections import Corrections
from chalicelib.billing.credit_note_service import CreditNotes
from chalicelib.billing.dry_run import DryRun
from chalicelib.billing.issue import InvoiceIssuer
from chalicelib.billing.ledger_storage import LedgerStorage
from chalicelib.billing.run_progress import InvoiceRunProgress
from chalicelib.billing.run_service import InvoiceRunService
from chalicelib.billing.sales_service import SalesJournal
from chalicelib.billing.sales_storage import SalesStorage
from chalicelib.billing.service import BillingService
from chalicelib.billing.service_credit_service import ServiceCredits
from chalicelib.billing.storage import BillingStorage
from chalicelib.billing.vat import VatTreatment, vat_of
from chalicelib.legal.journal import Journal
from chalicelib.legal.policies import ContractPolicies
from chalicelib.legal.policies_storage import PolicyStorage
from tests.fakes.outside import InMemoryDocuments
from tests.fakes.world import COMPANY


class VatByPlace:
    """VAT from the dated table alone, nothing being known of the client's status."""

    def treatment(self, account: Account, on: date) -> VatTreatment:
        return vat_of(account, on)


class AgreedContracts:
    """Contracts agreed to, as given."""

    def __init__(self, *contracts: Contract) -> None:
        self.contracts = contracts

    def agreed_of(self, account_id: str) -> list[Contract]:
        return [each for each in self.contracts if each.account_id == account_id]


class BillingParts:
    """Every service of billing but the drawing of documents."""

    def __init__(
        self,
        *,
        tables: Any,
        work: Any,
        clock: Any,
        accounts: Any,
        metering: Any,
        desktops: Any,
        catalogue: Any,
        documents: Any = None,
        contracts: Any = None,
    ) -> None:
        journal = Journal(tables, clock)
        shared: dict[str, Any] = {"work": work, "journal": journal, "clock": clock}
        self.storage = BillingStorage(tables)
        self.ledger = LedgerStorage(tables)
        self.policies = ContractPolicies(storage=PolicyStorage(tables), **shared)
        self.bases = InvoiceBases(
            storage=self.storage,
            ledger=self.ledger,
            metering=metering,
            desktops=desktops,
            catalogue=catalogue,
            policies=self.policies,
            vat=VatByPlace(),
            contracts=contracts or AgreedContracts(),
        )
        self.billing = BillingService(
            storage=self.storage,
            bases=self.bases,
            accounts=accounts,
            documents=documents or InMemoryDocuments(),
            clock=clock,
        )
        self.sales = SalesStorage(tables)
        issuing: dict[str, Any] = {
            "storage": self.storage,
            "ledger": self.ledger,
            "sales": self.sales,
        }
        self.credit_notes = CreditNotes(company=lambda: COMPANY, **issuing, **shared)
        self.sales_journal = SalesJournal(
            storage=self.sales,
            series=self.storage,
            documents=documents or InMemoryDocuments(),
            work=work,
            clock=clock,
        )
        self.corrections = Corrections(
            storage=self.storage, bases=self.bases, credit_notes=self.credit_notes
        )
        self.charges = Charges(storage=self.ledger, accounts=accounts, **shared)
        self.credits = ServiceCredits(storage=self.ledger, **shared)
        self.issuer = InvoiceIssuer(company=lambda: COMPANY, **issuing, **shared)
        self.run = InvoiceRunService(
            storage=self.storage,
            billing=self.billing,
            corrections=self.corrections,
            issuer=self.issuer,
            accounts=accounts,
            metering=metering,
            **shared,
        )
        self.run_progress = InvoiceRunProgress(storage=self.storage, clock=clock)
        self.dry_run = DryRun(
            storage=self.storage, billing=self.billing, accounts=accounts, clock=clock
        )
