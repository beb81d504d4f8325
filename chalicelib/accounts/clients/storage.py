"""Accounts and users in the ``accounts`` table.

Keys: ``ACC#id / ACCOUNT`` (listing ``ACCOUNTS`` by id), ``ACC#id / NAME`` (listing ``NAMES`` by
folded name), ``ACC#id / EFFECTIVE`` (the day of its first payment), ``USER#id / USER`` (listing
``USERS#account``), ``EMAIL#address / EMAIL`` (one user per address; listing ``EMAILS``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.accounts.clients.account import Account, User, searchable
from chalicelib.foundation.ids import AccountId, UserId
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables


@dataclass(frozen=True)
class NamePlace:
    """The place of an account in the list of names."""

    place: str
    account_id: AccountId


@dataclass(frozen=True)
class Mailbox:
    """An address, its user, and the account of a user who has one."""

    email: str
    user_id: UserId
    account_id: AccountId | None


_ACCOUNTS = Kind("accounts", "account", Account)
_NAMES = Kind("accounts", "name", NamePlace)
_EFFECTIVE = Kind("accounts", "effective day", date)
_USERS = Kind("accounts", "user", User)
_MAILBOXES = Kind("accounts", "mailbox", Mailbox)


class AccountsStorage:
    """Accounts and their users; a ``save`` gives the writes, it writes nothing itself."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def account(self, account_id: AccountId) -> Account | None:
        """Read an account."""
        return self._tables.get(_ACCOUNTS, f"ACC#{account_id}", "ACCOUNT")

    def accounts(self, after: str, limit: int) -> Iterator[Account]:
        """Read accounts in the order of their ids, beyond ``after``."""
        return self._tables.listing(_ACCOUNTS, "ACCOUNTS", after=after, limit=limit)

    def named(self, prefix: str, after: str, limit: int) -> Iterator[tuple[str, AccountId]]:
        """Name the accounts whose folded name begins so, each with its place in the list."""
        for name in self._tables.listing(
            _NAMES, "NAMES", starts_with=searchable(prefix), after=after, limit=limit
        ):
            yield name.place, name.account_id

    def mailed(self, prefix: str, after: str, limit: int) -> Iterator[tuple[str, AccountId]]:
        """Name the accounts of the users whose address begins so, each with that address."""
        for mailbox in self._tables.listing(
            _MAILBOXES, "EMAILS", starts_with=prefix, after=after, limit=limit
        ):
            if mailbox.account_id:
                yield mailbox.email, mailbox.account_id

    def save_account(self, account: Account) -> list[Put]:
        """Give the writes that keep an account and its place in the list of names."""
        key = f"ACC#{account.id}"
        name = NamePlace(f"{searchable(account.name)}#{account.id}", account.id)
        return [
            _ACCOUNTS.put(account, key, "ACCOUNT", listed=("ACCOUNTS", account.id)),
            _NAMES.put(name, key, "NAME", listed=("NAMES", name.place), always=True),
        ]

    def effective_on(self, account_id: AccountId) -> date | None:
        """Read the Paris day of an account's first payment (P6)."""
        return self._tables.get(_EFFECTIVE, f"ACC#{account_id}", "EFFECTIVE")

    def save_effective(self, account_id: AccountId, day: date) -> Put:
        """Give the write that keeps it; one already there makes the commit fail."""
        return _EFFECTIVE.put(day, f"ACC#{account_id}", "EFFECTIVE")

    def user(self, user_id: UserId) -> User | None:
        """Read a user."""
        return self._tables.get(_USERS, f"USER#{user_id}", "USER")

    def user_by_email(self, email: str) -> User | None:
        """Read the user of a normalised address."""
        mailbox = self._tables.get(_MAILBOXES, f"EMAIL#{email}", "EMAIL")
        return self.user(mailbox.user_id) if mailbox else None

    def users_of(self, account_id: AccountId) -> Iterator[User]:
        """Read the users of an account."""
        return self._tables.listing(_USERS, f"USERS#{account_id}")

    def save_user(self, user: User) -> Put:
        """Give the write that keeps a user."""
        listed = (f"USERS#{user.account_id}", user.id) if user.account_id else None
        return _USERS.put(user, f"USER#{user.id}", "USER", listed=listed)

    def add_user(self, user: User) -> list[Put]:
        """Give the writes that add a user; refused when the address is taken (ACC-1)."""
        mailbox = Mailbox(user.email, user.id, user.account_id)
        return [
            _MAILBOXES.put(mailbox, f"EMAIL#{user.email}", "EMAIL", listed=("EMAILS", user.email)),
            self.save_user(user),
        ]
