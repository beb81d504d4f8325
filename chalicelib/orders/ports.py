"""What the services of orders need from outside."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol

from chalicelib.accounts.account import Account, User
from chalicelib.catalogue.catalogue import Catalogue, Configuration
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put
from chalicelib.orders.order import AcceptedTerms, Order


class OrderStore(Protocol):
    """Orders; saving gives the writes to commit, it writes nothing itself."""

    def order(self, account_id: str, order_id: str) -> Order | None:
        """Read an order of an account."""

    def account_of(self, order_id: str) -> str | None:
        """Name the account of an order."""

    def of_account(self, account_id: str) -> Iterator[Order]:
        """Read an account's orders, in no particular order."""

    def awaiting_validation(self) -> Iterator[Order]:
        """Read the orders the company has to look at, oldest first."""

    def recent(self, limit: int) -> Iterator[Order]:
        """Read the orders that need nobody, newest first."""

    def add(self, order: Order) -> list[Put]:
        """Give the writes of a new order; refused when its id exists."""

    def save(self, order: Order) -> Put:
        """Give the write of an order changed since it was read."""


class Accounts(Protocol):
    """The clients."""

    def account(self, account_id: AccountId) -> Account:
        """Give an account.  Raises NotFoundError."""

    def users_of(self, account_id: AccountId) -> list[User]:
        """Give the people of an account."""


class Offer(Protocol):
    """The catalogue."""

    def current(self) -> Catalogue:
        """Give the published catalogue."""


class Cards(Protocol):
    """The payment cards clients have saved (ORD-2)."""

    def has_card(self, account_id: str) -> bool:
        """Tell whether the account has a card saved."""


class Rented(Protocol):
    """What became of the desktops ordered."""

    def ended(self, account_id: str) -> Mapping[str, int]:
        """Count, by order, the account's desktops that are deleted or failed."""


class VatRates(Protocol):
    """The VAT table (BIL-10)."""

    def rate_for(self, account: Account, on: date) -> Decimal:
        """Give the rate of an account on a Paris day, in percent."""


class Terms(Protocol):
    """The legal documents an order binds to."""

    def of_order(self, configuration: Configuration, day: date) -> tuple[AcceptedTerms, ...]:
        """Give the documents in force on a Paris day: the terms of sale, then the licences."""
