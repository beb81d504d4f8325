"""Money in the demo history: a contract, a transfer, a credit note paid back, an intervention."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.billing.contracts.contract import ContractBilling
from chalicelib.billing.contracts.terms import ContractTerms
from chalicelib.billing.credits.credit_rules import CreditRequest
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.clock import today
from chalicelib.payments.transfers.service import ReceivedTransfer
from infra.local.demo.client import DemoClient

if TYPE_CHECKING:
    from chalicelib.billing.invoices.invoice import Invoice
    from chalicelib.wiring import Services

_DAYS_LOST = 2


class DemoMoney:
    """What the operator does of an account’s money."""

    def __init__(self, services: "Services", operator: str) -> None:
        self._services = services
        self._operator = operator

    def let_pay_on_invoice(self, client: DemoClient) -> None:
        """Open payment on invoice, and the annual commitment with it."""
        account = client.account
        self._services.accounts.service.approve_invoice_mode(account.id, by=self._operator)
        self._services.accounts.service.enable_annual(account.id, by=self._operator)

    def agree(self, client: DemoClient, starts_on: date, quantities: dict[str, int]) -> None:
        """Propose a contract of a year; the client accepts what it reads."""
        terms = ContractTerms(
            reference=f"Devis {starts_on:%Y-%m}-01",
            starts_on=starts_on,
            months=12,
            billing=ContractBilling.MONTHLY,
            discount_percent=Decimal(10),
            quantities=quantities,
        )
        contracts, account_id = self._services.billing.contracts, client.account.id
        proposed = contracts.propose(account_id, terms, by=self._operator, key="demo")
        contracts.accept(account_id, proposed.id, proposed.digest, by=client.user.id)

    def receive_transfer(self, client: DemoClient) -> None:
        """Record the transfer that pays the first invoice."""
        invoice = self._first_invoice(client)
        received = ReceivedTransfer(
            account_id=client.account.id,
            amount_cents=invoice.totals.incl_vat_cents,
            received_on=today(self._services.base.clock),
            reference=f"VIR SEPA {invoice.number}",
            invoice_id=invoice.id,
        )
        self._services.payments.transfers.record(received, by=self._operator)

    def credit(self, client: DemoClient) -> None:
        """Take back the price of two days of a line of the first invoice: its card is paid back."""
        invoice = self._first_invoice(client)
        line = invoice.lines[0]
        cents = line.amount_excl_vat_cents * _DAYS_LOST // line.days
        self._services.billing.credit_notes.issue(
            invoice.id,
            (CreditRequest(line.key, cents),),  # a gesture: its days stay billed
            reason="Bureau inutilisable deux jours, signalé au support.",
            by=self._operator,
            key="demo",
        )

    def charge_intervention(self, client: DemoClient) -> None:
        """Have an intervention whose quote was accepted billed with the month."""
        self._services.billing.charges.add(
            client.account.id,
            "intervention",
            Label("Reprise de données, devis accepté", "Data recovery, quote accepted"),
            unit_excl_vat_cents=60_00,
            quantity=1,
            on=today(self._services.base.clock),
            reason="Devis accepté par courriel.",
            by=self._operator,
            key="demo",
            evidence="Devis 2026-118",
        )

    def grant_credit(self, client: DemoClient, desktop_name: str) -> None:
        """Grant a service credit, which the next month's usage will consume."""
        desktop = client.desktop(desktop_name)
        self._services.billing.service_credits.grant(
            client.account.id,
            desktop.id,
            desktop.name,
            15_00,
            reason="Indisponibilité au-delà de l’engagement de service.",
            by=self._operator,
            key="demo",
        )

    def _first_invoice(self, client: DemoClient) -> "Invoice":
        return self._services.billing.service.invoices_of(client.account.id)[-1]
