"""What the services of payments ask of storage; saving gives the writes to commit."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from chalicelib.foundation.tables import Put
from chalicelib.payments.payment import (
    Card,
    Collection,
    InvoicePlace,
    PayingCustomer,
    Settlement,
)
from chalicelib.payments.ports import Event


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

    def owner(self, customer_id: str) -> str | None:
        """Find the account of a customer."""

    def save_owner(self, customer: PayingCustomer) -> Put:
        """Make the write that tells which account a customer is."""


class PaymentsStore(Protocol):
    """Collections, the ledger, notices handled."""

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

    def settlements(self, account_id: str, invoice_id: str = "") -> list[Settlement]:
        """Give the ledger of one invoice, or of all the account's."""

    def save_settlement(self, settlement: Settlement) -> Put:
        """Make the write of a movement; one already there makes the commit fail."""

    def event_handled(self, event_id: str) -> bool:
        """Tell whether a notice was handled."""

    def save_event(self, event: Event, handled_at: datetime) -> Put:
        """Make the write that marks a notice handled; a second one makes the commit fail."""
