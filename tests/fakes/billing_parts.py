"""Billing's services over given tables, clock and neighbours: one place that puts them together."""

from typing import Any

from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.charges.service import Charges
from chalicelib.billing.charges.service_credit_service import ServiceCredits
from chalicelib.billing.contracts.contract import Contract
from chalicelib.billing.credits.corrections import Corrections
from chalicelib.billing.credits.credit_note_service import CreditNotes
from chalicelib.billing.credits.early_ends import EarlyEnds
from chalicelib.billing.drafts.basis_service import InvoiceBases
from chalicelib.billing.drafts.service import BillingService
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.issuing.dry_run import DryRun
from chalicelib.billing.issuing.issue import InvoiceIssuer
from chalicelib.billing.issuing.run_progress import InvoiceRunProgress
from chalicelib.billing.issuing.run_service import InvoiceRunService
from chalicelib.billing.sales.service import SalesJournal
from chalicelib.billing.sales.storage import SalesStorage
from chalicelib.billing.vat.rules import vat_of
from chalicelib.legal.journal import Journal
from chalicelib.legal.policies_storage import PolicyStorage
from chalicelib.legal.published_policies import ContractPolicies
from chalicelib.legal.recording import Recording
from tests.fakes.outside import InMemoryDocuments
from tests.fakes.world import COMPANY


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
        contracts = contracts or AgreedContracts()
        self.storage = BillingStorage(tables)
        self.ledger = LedgerStorage(tables)
        recorded: dict[str, Any] = {"recording": Recording(work=work, journal=journal, clock=clock)}
        self.policies = ContractPolicies(
            storage=PolicyStorage(tables),
            recording=Recording(work=work, journal=journal, clock=clock),
        )
        self.bases = InvoiceBases(
            storage=self.storage,
            ledger=self.ledger,
            metering=metering,
            desktops=desktops,
            catalogue=catalogue,
            policies=self.policies,
            vat=vat_of,
            contracts=contracts,
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
        self.credit_notes = CreditNotes(company=lambda: COMPANY, **issuing, **recorded)
        self.sales_journal = SalesJournal(
            storage=self.sales,
            series=self.storage,
            documents=documents or InMemoryDocuments(),
            **recorded,
        )
        self.corrections = Corrections(
            storage=self.storage, bases=self.bases, credit_notes=self.credit_notes
        )
        self.charges = Charges(storage=self.ledger, accounts=accounts, **recorded)
        self.credits = ServiceCredits(storage=self.ledger, **recorded)
        self.issuer = InvoiceIssuer(
            company=lambda: COMPANY, terms_days=lambda day: 30, **issuing, **recorded
        )
        self.run = InvoiceRunService(
            storage=self.storage,
            billing=self.billing,
            corrections=self.corrections,
            early_ends=EarlyEnds(
                storage=self.storage,
                contracts=contracts,
                credit_notes=self.credit_notes,
            ),
            issuer=self.issuer,
            accounts=accounts,
            metering=metering,
            **recorded,
        )
        self.run_progress = InvoiceRunProgress(storage=self.storage, clock=clock)
        self.dry_run = DryRun(
            storage=self.storage, billing=self.billing, accounts=accounts, clock=clock
        )
