"""Wires the catalogue and orders."""

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.accounts import AccountServices

if TYPE_CHECKING:
    from chalicelib.catalogue.service import CatalogueService
    from chalicelib.orders.confirmation import OrderConfirmation
    from chalicelib.orders.service import OrderService


class OrderServices(AccountServices):
    """Wires the catalogue and orders."""

    @cached_property
    def catalogue(self) -> "CatalogueService":
        """The offer and its prices."""
        from chalicelib.catalogue.service import CatalogueService
        from chalicelib.catalogue.storage import CatalogueStorage

        return CatalogueService(
            storage=CatalogueStorage(self.adapters.tables),
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def orders(self) -> "OrderService":
        """Orders and their validation."""
        from chalicelib.billing.vat import VatTable
        from chalicelib.orders.service import OrderService
        from chalicelib.orders.storage import OrderStorage
        from chalicelib.orders.terms import OrderTerms

        return OrderService(
            storage=OrderStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogue=self.catalogue,
            terms=OrderTerms(self.legal_documents),
            cards=_SavedCards(self),
            rented=_RentedDesktops(self),
            vat=VatTable(),
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def order_confirmation(self) -> "OrderConfirmation":
        """Confirms orders by mail."""
        from chalicelib.orders.confirmation import OrderConfirmation
        from chalicelib.orders.storage import OrderStorage

        return OrderConfirmation(
            orders=self.orders,
            storage=OrderStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogues=self.catalogue,
            library=self.legal_documents,
            documents=self.adapters.documents,
            work=self.work,
            clock=self.clock,
            company=self.settings.company,
        )


class _SavedCards:
    """What orders ask of payments, whose services are built from orders: looked up when asked."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def has_card(self, account_id: str) -> bool:
        """Tell whether the account has a card saved."""
        return bool(self._services.cards.has_card(account_id))


class _RentedDesktops:
    """What orders ask of desktops, whose services are built from orders: looked up when asked."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def ended(self, account_id: str) -> Counter[str]:
        """Count, by order, the account's desktops that are deleted or failed."""
        desktops = self._services.desktops.of_account(account_id)
        return Counter(each.order_id for each in desktops if not each.is_active)
