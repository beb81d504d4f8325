"""Tells clients, before they apply, of new prices of what they rent (CGV art. 9; CAT-3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from chalicelib.accounts.clients.account import Account
from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.catalogue import Catalogue, DatedPrice, coming_prices
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.legal.recording import Recording
from chalicelib.notifications.mails import mail
from chalicelib.orders.placing.summary import price_incl_vat
from chalicelib.texts.mails import MailName


@dataclass(kw_only=True)
class PriceNotices:
    """Writes to each client who rents what a publication gave another price to come.

    To consumers with the VAT of their place, as every price they read (law, consumers).
    ``vat_rate`` answers for billing the rate in percent due from an account on a Paris day.
    """

    storage: DesktopStorage
    accounts: AccountService
    catalogues: CatalogueService
    vat_rate: Callable[[Account, date], Decimal]
    recording: Recording

    def announce(self, version: int) -> None:
        """Ask for the mails of a publication, named by its version.

        One mail a client, however often this runs: its key says so.
        """
        day, new = self.recording.today(), self.catalogues.version(version)
        coming = coming_prices(new, self.catalogues.version(version - 1), day)
        for account_id, desktops in groupby(self.storage.all(), key=lambda each: each.account_id):
            rented = {
                item.code
                for desktop in desktops
                if desktop.is_active
                for item in charged_items(desktop, day)
            }
            prices = [price for price in coming if price.code in rented]
            if prices:
                account = self.accounts.account(AccountId(account_id))
                self.recording.commit(self._mail(account, prices, new))

    def _mail(self, account: Account, prices: list[DatedPrice], catalogue: Catalogue) -> Message:
        day, language = self.recording.today(), account.language

        def told(cents: int, on: date) -> int:
            if account.is_professional:
                return cents
            return price_incl_vat(cents, self.vat_rate(account, on))

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
