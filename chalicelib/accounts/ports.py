"""What the services of accounts need from outside; the two storage modules keep it."""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from chalicelib.accounts.account import Account, User
from chalicelib.accounts.attempts import Bucket, BucketPolicy
from chalicelib.accounts.mail_links import MailLink
from chalicelib.accounts.sessions import Session
from chalicelib.foundation.ids import AccountId, UserId
from chalicelib.foundation.tables import Delete, Put


class AccountStore(Protocol):
    """Accounts and users; saving gives the writes to commit, it writes nothing itself."""

    def account(self, account_id: AccountId) -> Account | None:
        """Read an account."""

    def accounts(self, after: str, limit: int) -> Iterator[Account]:
        """Read accounts in the order of their ids, behind ``after``."""

    def named(self, prefix: str, after: str, limit: int) -> Iterator[tuple[str, AccountId]]:
        """Name the accounts whose folded name begins so, each with its place in the list."""

    def mailed(self, prefix: str, after: str, limit: int) -> Iterator[tuple[str, AccountId]]:
        """Name the accounts of the users whose address begins so, each with that address."""

    def save_account(self, account: Account) -> list[Put]:
        """Give the writes that keep an account."""

    def effective_on(self, account_id: AccountId) -> date | None:
        """Read the Paris day of an account's first payment (P6)."""

    def user(self, user_id: UserId) -> User | None:
        """Read a user."""

    def user_by_email(self, email: str) -> User | None:
        """Read the user of a normalised address."""

    def users_of(self, account_id: AccountId) -> Iterator[User]:
        """Read the users of an account."""

    def save_user(self, user: User) -> Put:
        """Give the write that keeps a user."""

    def add_user(self, user: User) -> list[Put]:
        """Give the writes that add a user; refused when the address is taken."""


class AccessStore(Protocol):
    """Mailed links, sessions and token buckets."""

    def link(self, link_id: str) -> MailLink | None:
        """Read a link."""

    def save_link(self, link: MailLink) -> Put:
        """Give the write that keeps a link."""

    def session(self, session_id: str) -> Session | None:
        """Read a session."""

    def sessions_of(self, user_id: UserId) -> Iterator[Session]:
        """Read a user's sessions, newest first; ended ones may be among them."""

    def save_session(self, session: Session) -> Put:
        """Give the write that keeps a session."""

    def end_session(self, session: Session) -> Delete:
        """Give the write that removes a session."""

    def bucket(self, policy: BucketPolicy, key: str) -> Bucket | None:
        """Read the bucket of a key (an address), None when never used or long full."""

    def new_bucket_id(self, policy: BucketPolicy, key: str) -> str:
        """Name the bucket of a key."""

    def save_bucket(self, bucket: Bucket, policy: BucketPolicy) -> Put:
        """Give the write that keeps a bucket."""
