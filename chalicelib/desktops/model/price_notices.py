"""Tells clients, before they apply, of new prices of what they rent (CGV art. 9; CAT-3)."""

from datetime import date
from itertools import groupby
from typing import Any, Protocol

from chalicelib.accounts.account import Account
from chalicelib.catalogue.catalogue import Catalogue, DatedPrice, coming_prices
from chalicelib.desktops.model.ports import Accounts, DesktopStore
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.notifications.mails import mail
from chalicelib.orders.ports import VatRates
from chalicelib.orders.summary import price_incl_vat
from chalicelib.texts.mails import MailName


class Publications(Protocol):
    """The catalogue as it was published each time."""

    def version(self, version: int) -> Catalogue:
        """Give the catalogue as it was published that time.  Raises NotFoundError."""


class PriceNotices:
    """Writes to each client who rents what a publication gave another price to come.

    To consumers with the VAT of their place, as every price they read (law, consumers).
    """

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DesktopStore,
        accounts: Accounts,
        catalogues: Publications,
        vat: VatRates,
        work: UnitOfWork,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._catalogues = catalogues
        self._vat = vat
        self._work = work
        self._clock = clock

    def announce(self, version: int) -> None:
        """Ask for the mails of a publication, named by its version.

        One mail a client, however often this runs: its key says so.
        """
        day, new = today(self._clock), self._catalogues.version(version)
        coming = coming_prices(new, self._catalogues.version(version - 1), day)
        for account_id, desktops in groupby(self._storage.all(), key=lambda each: each.account_id):
            rented = {
                item.code
                for desktop in desktops
                if desktop.is_active
                for item in charged_items(desktop, day)
            }
            prices = [price for price in coming if price.code in rented]
            if prices:
                account = self._accounts.account(AccountId(account_id))
                self._work.commit(self._mail(account, prices, new))

    def _mail(self, account: Account, prices: list[DatedPrice], catalogue: Catalogue) -> Message:
        day, language = today(self._clock), account.language

        def told(cents: int, on: date) -> int:
            if account.is_professional:
                return cents
            return price_incl_vat(cents, self._vat.rate_for(account, on))

        context: dict[str, Any] = {
            "name": f"{account.first_name} {account.last_name}".strip() or account.name,
            "unit": "HT" if account.is_professional else "TTC",
            "prices": [
                {
                    "name": catalogue.names[price.code][language],
                    "from_on": price.from_on.isoformat(),
                    "now_cents": told(catalogue.price_on(price.code, day), day),
                    "then_cents": told(price.monthly_excl_vat_cents, price.from_on),
                }
                for price in prices
            ],
        }
        key = f"price_change:{account.id}:{catalogue.version}"
        return mail(MailName.PRICE_CHANGE, account.email, language, context, key=key)
