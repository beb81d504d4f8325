"""Accounts and users in the ``accounts`` table.

Keys: ``ACC#id / ACCOUNT`` (listing ``ACCOUNTS`` by id), ``ACC#id / NAME`` (listing ``NAMES`` by
folded name), ``ACC#id / EFFECTIVE`` (the day of its first payment), ``USER#id / USER`` (listing
``USERS#account``), ``EMAIL#address / EMAIL`` (one user per address; listing ``EMAILS``).
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime

from chalicelib.accounts.account import (
    Account,
    AccountKind,
    AccountStatus,
    PaymentMode,
    PostalAddress,
    Role,
    User,
    searchable,
)
from chalicelib.foundation.ids import AccountId, UserId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import (
    JSONAttribute,
    NumberAttribute,
    OldRecord,
    UnicodeAttribute,
    old_put,
)
from chalicelib.foundation.tables import Put, Tables

_TABLE = "accounts"


class AccountRecord(OldRecord):
    """An account; ``profile`` holds what no key or condition needs."""

    class Meta:
        table_name = _TABLE

    created_at = UnicodeAttribute()
    profile = JSONAttribute()


class PointerRecord(OldRecord):
    """A name or an address, pointing at its account or user."""

    class Meta:
        table_name = _TABLE

    target = UnicodeAttribute()
    account_id = UnicodeAttribute(null=True)


class EffectiveRecord(OldRecord):
    """The Paris day of an account's first payment, written once (P6)."""

    class Meta:
        table_name = _TABLE

    effective_on = UnicodeAttribute()


class UserRecord(OldRecord):
    """A user."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute(null=True)
    email = UnicodeAttribute()
    full_name = UnicodeAttribute()
    role = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    created_at = UnicodeAttribute()
    email_verified_at = UnicodeAttribute(null=True)
    language = UnicodeAttribute()
    session_epoch = NumberAttribute(default=0)


class AccountsStorage:
    """Accounts and their users; a ``save`` gives the writes, it writes nothing itself."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def account(self, account_id: AccountId) -> Account | None:
        """Read an account."""
        record = self._tables.get_record(AccountRecord, f"ACC#{account_id}", "ACCOUNT")
        return _account(record) if record else None

    def accounts(self, after: str, limit: int) -> Iterator[Account]:
        """Read accounts in the order of their ids, behind ``after``."""
        found = self._tables.listing_records(AccountRecord, "ACCOUNTS", after=after, limit=limit)
        yield from map(_account, found)

    def named(self, prefix: str, after: str, limit: int) -> Iterator[tuple[str, AccountId]]:
        """Name the accounts whose folded name begins so, each with its place in the list."""
        return self._pointed("NAMES", searchable(prefix), after, limit)

    def mailed(self, prefix: str, after: str, limit: int) -> Iterator[tuple[str, AccountId]]:
        """Name the accounts of the users whose address begins so, each with that address."""
        return self._pointed("EMAILS", prefix, after, limit)

    def _pointed(
        self, listing: str, prefix: str, after: str, limit: int
    ) -> Iterator[tuple[str, AccountId]]:
        for record in self._tables.listing_records(
            PointerRecord, listing, starts_with=prefix, after=after, limit=limit
        ):
            if record.account_id and record.list_sort:
                yield record.list_sort, AccountId(record.account_id)

    def save_account(self, account: Account) -> list[Put]:
        """Give the writes that keep an account and its place in the list of names."""
        key = f"ACC#{account.id}"
        profile = {
            name: value
            for name, value in asdict(account).items()
            if name not in {"id", "created_at", "version"}
        }
        record = AccountRecord(
            pk=key,
            sk="ACCOUNT",
            version=account.version,
            list_key="ACCOUNTS",
            list_sort=account.id,
            created_at=iso(account.created_at),
            profile=profile,
        )
        name = PointerRecord(
            pk=key,
            sk="NAME",
            list_key="NAMES",
            list_sort=f"{searchable(account.name)}#{account.id}",
            target=account.id,
            account_id=account.id,
        )
        return [old_put(record), old_put(name, always=True)]

    def effective_on(self, account_id: AccountId) -> date | None:
        """Read the Paris day of an account's first payment (P6)."""
        record = self._tables.get_record(EffectiveRecord, f"ACC#{account_id}", "EFFECTIVE")
        return date.fromisoformat(record.effective_on) if record else None

    def save_effective(self, account_id: AccountId, day: date) -> Put:
        """Give the write that keeps it; one already there makes the commit fail."""
        return old_put(
            EffectiveRecord(pk=f"ACC#{account_id}", sk="EFFECTIVE", effective_on=day.isoformat())
        )

    def user(self, user_id: UserId) -> User | None:
        """Read a user."""
        record = self._tables.get_record(UserRecord, f"USER#{user_id}", "USER")
        return _user(record) if record else None

    def user_by_email(self, email: str) -> User | None:
        """Read the user of a normalised address."""
        record = self._tables.get_record(PointerRecord, f"EMAIL#{email}", "EMAIL")
        return self.user(UserId(record.target)) if record else None

    def users_of(self, account_id: AccountId) -> Iterator[User]:
        """Read the users of an account."""
        yield from map(_user, self._tables.listing_records(UserRecord, f"USERS#{account_id}"))

    def save_user(self, user: User) -> Put:
        """Give the write that keeps a user."""
        return old_put(
            UserRecord(
                pk=f"USER#{user.id}",
                sk="USER",
                version=user.version,
                list_key=f"USERS#{user.account_id}" if user.account_id else None,
                list_sort=user.id if user.account_id else None,
                account_id=user.account_id,
                email=user.email,
                full_name=user.full_name,
                role=user.role.value,
                password_hash=user.password_hash,
                created_at=iso(user.created_at),
                email_verified_at=_iso_or_none(user.email_verified_at),
                language=user.language,
                session_epoch=user.session_epoch,
            )
        )

    def add_user(self, user: User) -> list[Put]:
        """Give the writes that add a user; refused when the address is taken (ACC-1)."""
        address = PointerRecord(
            pk=f"EMAIL#{user.email}",
            sk="EMAIL",
            list_key="EMAILS",
            list_sort=user.email,
            target=user.id,
            account_id=user.account_id,
        )
        return [old_put(address), self.save_user(user)]


def _account(record: AccountRecord) -> Account:
    profile = dict(record.profile)
    return Account(
        **{
            **profile,
            "id": AccountId(record.pk.removeprefix("ACC#")),
            "kind": AccountKind(profile["kind"]),
            "status": AccountStatus(profile["status"]),
            "payment_mode": PaymentMode(profile["payment_mode"]),
            "address": PostalAddress(**profile["address"]),
            "created_at": instant(record.created_at),
            "version": int(record.version),
        }
    )


def _user(record: UserRecord) -> User:
    return User(
        id=UserId(record.pk.removeprefix("USER#")),
        account_id=AccountId(record.account_id) if record.account_id else None,
        email=record.email,
        full_name=record.full_name,
        role=Role(record.role),
        password_hash=record.password_hash,
        created_at=instant(record.created_at),
        email_verified_at=_instant_or_none(record.email_verified_at),
        language=record.language,
        session_epoch=int(record.session_epoch),
        version=int(record.version),
    )


def _iso_or_none(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def _instant_or_none(text: str | None) -> datetime | None:
    return instant(text) if text else None
