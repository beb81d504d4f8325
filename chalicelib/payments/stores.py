"""What the services of payments ask of storage; saving gives the writes to commit."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Protocol

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.tables import Put
from chalicelib.payments.closings.closing import Closing, Period
from chalicelib.payments.late.suspension import Suspension
from chalicelib.payments.money.claim import Claim, WaitingClaim
from chalicelib.payments.money.dispute import Dispute
from chalicelib.payments.money.ledger import Settlement
from chalicelib.payments.money.payment import Card, Collection, InvoicePlace, PayingCustomer
from chalicelib.payments.money.refund_order import RefundOrder
from chalicelib.payments.money.transfer import AccountBalance, Transfer
from chalicelib.payments.reconciliation.difference import Difference, ReconciliationRun
from chalicelib.payments.stripe.processor import Event
from chalicelib.payments.terms.dunning_steps import Dunning


class CardsStore(Protocol):
    """Customers and cards."""

    def customer(self, account_id: str) -> PayingCustomer | None:
        """Give the account as the processor knows it."""

    def save_customer(self, customer: PayingCustomer) -> Put:
        """Make the write of a customer."""

    def card(self, account_id: str, card_id: str) -> Card | None:
        """Give a card of the account, removed ones too."""

    def cards(self, account_id: str) -> list[Card]:
        """Give the account's cards, removed ones too."""

    def save_card(self, card: Card) -> Put:
        """Make the write of a card."""

    def expiring(self, month: BillingMonth) -> list[Card]:
        """Give the cards kept whose last month is this one."""

    def owner(self, customer_id: str) -> str | None:
        """Find the account of a customer."""

    def save_owner(self, customer: PayingCustomer) -> Put:
        """Make the write that tells which account a customer is."""


class PaymentsStore(Protocol):
    """Collections and notices handled."""

    def collection(self, account_id: str, invoice_id: str) -> Collection | None:
        """Give the collection of an invoice."""

    def collections(self, account_id: str) -> list[Collection]:
        """Give every collection of an account."""

    def unpaid(self) -> Iterator[Collection]:
        """Give the collections not settled, the oldest first."""

    def settled(self, limit: int) -> Iterator[Collection]:
        """Give the last collections settled, the newest first."""

    def save_collection(self, collection: Collection) -> Put:
        """Make the write of a collection."""

    def place_of(self, intent_id: str) -> InvoicePlace | None:
        """Find the invoice an intent collects."""

    def save_place(self, intent_id: str, place: InvoicePlace) -> Put:
        """Make the write that tells which invoice an intent collects."""

    def event_handled(self, event_id: str) -> bool:
        """Tell whether a notice was handled."""

    def save_event(self, event: Event, handled_at: datetime) -> Put:
        """Make the write that marks a notice handled; a second one makes the commit fail."""


class LedgerStore(Protocol):
    """The ledger, and what moves it."""

    def settlements(self, account_id: str, invoice_id: str = "") -> list[Settlement]:
        """Give the entries of one invoice, or of all the account's, oldest first."""

    def save_settlement(self, settlement: Settlement) -> list[Put]:
        """Make the writes of an entry; one already there makes the commit fail."""

    def receipts(self, day: date, *, limit: int | None = None) -> Iterator[Settlement]:
        """Give the money entries recorded on a Paris day, in the order of their instants."""

    def balance(self, account_id: str) -> AccountBalance:
        """Give what the account holds with us beyond its invoices."""

    def balances(self) -> list[AccountBalance]:
        """Give the balances that are not nil."""

    def save_balance(self, balance: AccountBalance) -> Put:
        """Make the write of a balance."""

    def transfer(self, transfer_id: str) -> Transfer | None:
        """Give a transfer."""

    def transfers(self, limit: int) -> list[Transfer]:
        """Give the last transfers recorded, newest first."""

    def save_transfer(self, transfer: Transfer) -> Put:
        """Make the write of a transfer."""

    def refund(self, account_id: str, refund_id: str) -> RefundOrder | None:
        """Give a refund."""

    def refunds(self, account_id: str, invoice_id: str = "") -> list[RefundOrder]:
        """Give the refunds of an invoice, or of all the account's."""

    def listed_refunds(self, *, still_open: bool, limit: int | None = None) -> list[RefundOrder]:
        """Give the refunds with something to do, or the last ones closed, newest first."""

    def save_refund(self, refund: RefundOrder) -> Put:
        """Make the write of a refund."""

    def claim(self, claim_id: str) -> Claim | None:
        """Give a claim for having paid late."""

    def claims(self, account_id: str) -> list[Claim]:
        """Give the claims on an account, oldest first."""

    def save_claim(self, claim: Claim) -> Put:
        """Make the write of a claim."""

    def waiting_claim(self, account_id: str, invoice_id: str) -> WaitingClaim | None:
        """Tell whether the claims of an invoice wait for a rate."""

    def waiting_claims(self) -> list[WaitingClaim]:
        """Give the invoices whose claims wait for a rate."""

    def save_waiting_claim(self, waiting: WaitingClaim) -> Put:
        """Make the write that has the claims of an invoice wait."""

    def dispute(self, account_id: str, dispute_id: str) -> Dispute | None:
        """Give a dispute."""

    def disputes(self, limit: int) -> list[Dispute]:
        """Give the last disputes, newest first."""

    def save_dispute(self, dispute: Dispute) -> Put:
        """Make the write of a dispute."""


class DunningStore(Protocol):
    """What was sent to late payers, and their suspensions."""

    def dunning(self, account_id: str, invoice_id: str) -> Dunning | None:
        """Give what was sent for an invoice."""

    def dunnings(self, account_id: str) -> list[Dunning]:
        """Give what was sent for each invoice of an account."""

    def save_dunning(self, dunning: Dunning) -> Put:
        """Make the write of what was sent."""

    def suspensions(self, account_id: str) -> list[Suspension]:
        """Give the suspensions of an account, the newest first."""

    def open_suspensions(self) -> list[Suspension]:
        """Give those announced or applied, the oldest first."""

    def save_suspension(self, suspension: Suspension) -> Put:
        """Make the write of a suspension."""


class ClosingStore(Protocol):
    """Closings of receipts."""

    def last(self, period: Period) -> Closing | None:
        """Give the last closing of a kind."""

    def closings(self, period: Period, starts_with: str = "") -> list[Closing]:
        """Give the closings of a kind, the oldest first."""

    def newest(self, period: Period, limit: int) -> list[Closing]:
        """Give the last closings of a kind, the newest first."""

    def save(self, closing: Closing) -> Put:
        """Make the write of a closing; one already there makes the commit fail."""


class ReconciliationStore(Protocol):
    """What the daily comparison found."""

    def last_until(self) -> datetime | None:
        """Give the instant up to which the comparison was made."""

    def run(self) -> ReconciliationRun | None:
        """Give the last comparison."""

    def save_run(self, run: ReconciliationRun) -> Put:
        """Make the write of a comparison, the last one made."""

    def difference(self, name: str) -> Difference | None:
        """Give a difference by its name."""

    def differences(self, *, still_open: bool, limit: int | None = None) -> list[Difference]:
        """Give the differences to examine, or the last ones over, newest first."""

    def save_difference(self, difference: Difference) -> Put:
        """Make the write of a difference."""
