"""The clients' names beside what concerns them."""

from collections.abc import Iterable
from typing import Protocol

from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import AccountId


class OfAccount(Protocol):
    """Something of an account."""

    @property
    def account_id(self) -> str:
        """Whose it is; "" when nobody knows."""


def client_names(visit: Visit, things: Iterable[OfAccount]) -> dict[str, str]:
    """Give the name of each account named, by its id."""
    names = {}
    for account_id in {thing.account_id for thing in things if thing.account_id}:
        try:
            names[account_id] = visit.services.accounts.service.account(AccountId(account_id)).name
        except NotFoundError:
            names[account_id] = account_id
    return names
