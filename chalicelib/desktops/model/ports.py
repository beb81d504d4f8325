"""What the desktops ask of their storage and of the domains before them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from chalicelib.accounts.clients.account import Account
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.desktops.model.access_code import AccessCode, AccessLink
from chalicelib.desktops.model.desktop import Desktop, Mark
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put, Write
from chalicelib.orders.model.order import Order


class DesktopStore(Protocol):
    """Desktops and codes; saving gives the writes to commit, it writes nothing itself."""

    def desktop(self, account_id: str, desktop_id: str) -> Desktop | None:
        """Read a desktop of an account."""

    def of_account(self, account_id: str) -> Iterator[Desktop]:
        """Read every desktop of an account, deleted ones included."""

    def all(self) -> Iterator[Desktop]:
        """Read every desktop, account after account (an index: it may lag by a moment)."""

    def marked(self, mark: Mark) -> Iterator[Desktop]:
        """Read the desktops of a list (an index: it may lag by a moment)."""

    def owner_of(self, machine_id: str) -> tuple[str, str] | None:
        """Tell whose a machine is: account and desktop."""

    def code(self, desktop_id: str) -> AccessCode | None:
        """Read the current access code of a desktop."""

    def link(self, digest: str) -> AccessLink | None:
        """Find the desktop a mailed link is for."""

    def save(self, desktop: Desktop) -> tuple[Write, ...]:
        """Give the writes of a desktop and of its lists, refused when somebody wrote it since."""

    def save_owner(self, machine_id: str, desktop: Desktop) -> Put:
        """Give the write that says whose machine it is."""

    def save_code(self, code: AccessCode) -> Put:
        """Give the write of an access code, refused when somebody wrote it since."""

    def save_link(self, link: AccessLink, *, forget_at: datetime) -> Put:
        """Give the write of a mailed link, which may be forgotten after an instant."""


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


class Limits(Protocol):
    """How much an account may rent without the company's approval."""

    def allows_more(self, account_id: str, added_excl_vat_cents: int) -> bool:
        """Tell whether that much more per month, in cents, needs nobody's approval (ORD-3)."""
