"""Finding accounts: the operator's list, by name or address, page by page (OPS-1)."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.accounts.clients.account import Account
from chalicelib.accounts.clients.storage import AccountsStorage
from chalicelib.foundation.ids import AccountId

PAGE = 25


@dataclass(frozen=True)
class AccountPage:
    """Some accounts, and where the next page starts (empty: there is none)."""

    accounts: tuple[Account, ...]
    next_after: str


def find_accounts(
    store: AccountsStorage, text: str, after: str = "", *, limit: int = PAGE
) -> AccountPage:
    """Find accounts by the beginning of their name, or of a user's address when it has an @.

    An empty text lists all, by name.  A text that begins no name is tried as an address.
    """
    wanted = " ".join(text.split()).lower()
    if "@" in wanted:
        return _page(store, store.mailed(wanted, after, limit + 1), limit)
    page = _page(store, store.named(wanted, after, limit + 1), limit)
    if wanted and not page.accounts:
        page = _page(store, store.mailed(wanted, after, limit + 1), limit)
    return page


def _page(
    store: AccountsStorage, found: Iterator[tuple[str, AccountId]], limit: int
) -> AccountPage:
    places = list(found)
    shown = places[:limit]
    accounts = map(store.account, dict.fromkeys(account_id for _, account_id in shown))
    more = len(places) > limit
    return AccountPage(
        tuple(account for account in accounts if account), shown[-1][0] if more else ""
    )
