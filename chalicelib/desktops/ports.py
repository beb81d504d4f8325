"""What the desktops ask of the domains before them."""

from typing import Protocol

from chalicelib.accounts.account import Account
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.order import Order


class Orders(Protocol):
    """Where a validated order is read."""

    def any(self, order_id: str) -> Order:
        """Give an order of any account.  Raises NotFoundError."""


class Accounts(Protocol):
    """Who is written to."""

    def account(self, account_id: AccountId) -> Account:
        """Give an account.  Raises NotFoundError."""


class Catalogues(Protocol):
    """What machines are made of."""

    def current(self) -> Catalogue:
        """Give the catalogue in force."""
