"""What the services of orders need from outside."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from chalicelib.accounts.account import Account, PaymentMode, User
from chalicelib.catalogue.catalogue import Catalogue, Configuration
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Delete, Put
from chalicelib.orders.deliveries import WatchedDelivery
from chalicelib.orders.limits import RentedDesktop
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

    def awaiting_start(self) -> Iterator[Order]:
        """Read the orders that wait for the end of a withdrawal period, oldest first."""

    def recent(self, limit: int) -> Iterator[Order]:
        """Read the orders that need nobody, newest first."""

    def accepted_in(self, month: BillingMonth) -> Iterator[Order]:
        """Read the orders that need nobody accepted in a Paris month, in no particular order."""

    def watch_delivery(self, order: Order) -> Put:
        """Give the write that has an order's deliveries watched until all are made."""

    def add(self, order: Order) -> list[Put]:
        """Give the writes of a new order; refused when its id exists."""

    def save(self, order: Order) -> Put:
        """Give the write of an order changed since it was read."""


class DeliveryStore(Protocol):
    """The watch over deliveries."""

    def watched_deliveries(self) -> Iterator[WatchedDelivery]:
        """Read the orders of which something may still have to be delivered, oldest first."""

    def watched_delivery(self, order_id: str) -> WatchedDelivery | None:
        """Read the watch over an order's deliveries, None once it ended."""

    def save_delivery(self, watched: WatchedDelivery, accepted_at: datetime) -> Put:
        """Give the write that keeps what was alerted."""

    def end_delivery(self, order_id: str) -> Delete:
        """Give the write that ends the watch."""


class Accounts(Protocol):
    """The clients."""

    def choose_payment_mode(self, account_id: AccountId, mode: PaymentMode, *, by: str) -> Account:
        """Pay the invoices to come by a means that is open to the account.  Raises DomainError."""

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

    def rented(self, account_id: str) -> list[RentedDesktop]:
        """Give the account's desktops, those deleted or failed too."""


class Receipts(Protocol):
    """The OmnyPods of orders: whether they came (P10)."""

    def last_received_on(self, account_id: str, order_id: str) -> date | None:
        """Give the Paris day the last OmnyPod of an order came, None while one is missing."""


class VatRates(Protocol):
    """The VAT table (BIL-10)."""

    def rate_for(self, account: Account, on: date) -> Decimal:
        """Give the rate of an account on a Paris day, in percent."""


class Terms(Protocol):
    """The legal documents an order binds to."""

    def of_order(
        self, configurations: Iterable[Configuration], day: date
    ) -> tuple[AcceptedTerms, ...]:
        """Give the documents in force on a Paris day: the terms of sale, then the licences."""
