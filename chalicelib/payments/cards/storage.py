"""Keeps customers and cards, in the account's partition of the payments table.

``CUSTOMER`` and ``CARD#id``; beside it ``CUSTOMER#id`` finds the account of a customer.
"""

from dataclasses import dataclass

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.money.payment import Card, PayingCustomer


@dataclass(frozen=True)
class CustomerOwner:
    """Which account a customer of the processor is."""

    customer_id: str
    account_id: str


_CUSTOMERS = Kind("payments", "customer", PayingCustomer)
_CARDS = Kind("payments", "card", Card)
_OWNERS = Kind("payments", "customer_owner", CustomerOwner)


class CardsStorage:
    """Reads customers and cards and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def customer(self, account_id: str) -> PayingCustomer | None:
        """Give the account as the processor knows it."""
        return self._tables.get(_CUSTOMERS, f"ACC#{account_id}", "CUSTOMER")

    def save_customer(self, customer: PayingCustomer) -> Put:
        """Make the write of a customer."""
        return _CUSTOMERS.put(customer, f"ACC#{customer.account_id}", "CUSTOMER")

    def card(self, account_id: str, card_id: str) -> Card | None:
        """Give a card of the account, removed ones too."""
        return self._tables.get(_CARDS, f"ACC#{account_id}", f"CARD#{card_id}")

    def cards(self, account_id: str) -> list[Card]:
        """Give the account's cards, removed ones too."""
        return list(self._tables.query(_CARDS, f"ACC#{account_id}", starts_with="CARD#"))

    def save_card(self, card: Card) -> Put:
        """Make the write of a card."""
        last_month = f"{card.exp_year:04d}-{card.exp_month:02d}"
        return _CARDS.put(
            card,
            f"ACC#{card.account_id}",
            f"CARD#{card.id}",
            listed=None if card.removed_at else ("EXPIRING", f"{last_month}#{card.id}"),
        )

    def expiring(self, month: BillingMonth) -> list[Card]:
        """Give the cards kept whose last month is this one."""
        return list(self._tables.listing(_CARDS, "EXPIRING", starts_with=f"{month}#"))

    def owner(self, customer_id: str) -> str | None:
        """Find the account of a customer."""
        found = self._tables.get(_OWNERS, f"CUSTOMER#{customer_id}", "ACCOUNT")
        return found.account_id if found else None

    def save_owner(self, customer: PayingCustomer) -> Put:
        """Make the write that tells which account a customer is; it is the same for ever."""
        owner = CustomerOwner(customer.customer_id, customer.account_id)
        return _OWNERS.put(owner, f"CUSTOMER#{customer.customer_id}", "ACCOUNT", always=True)
