"""Wires the catalogue and orders."""

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.accounts import AccountServices

if TYPE_CHECKING:
    from decimal import Decimal

    from chalicelib.accounts.clients.account import Account
    from chalicelib.catalogue.service import CatalogueService
    from chalicelib.desktops.model.desktop import Desktop
    from chalicelib.orders.fulfilment.confirmation import OrderConfirmation
    from chalicelib.orders.fulfilment.delivery_service import DeliveryService
    from chalicelib.orders.model.deliveries import Undelivered
    from chalicelib.orders.model.limits import RentedDesktop
    from chalicelib.orders.model.order import Order
    from chalicelib.orders.placing.service import OrderService


class OrderServices(AccountServices):
    """Wires the catalogue and orders."""

    @cached_property
    def catalogue(self) -> "CatalogueService":
        """The offer and its prices."""
        from chalicelib.catalogue.service import CatalogueService
        from chalicelib.catalogue.storage import CatalogueStorage

        return CatalogueService(
            storage=CatalogueStorage(self.adapters.tables), recording=self.recording
        )

    @cached_property
    def orders(self) -> "OrderService":
        """Orders and their validation."""
        from chalicelib.orders.model.storage import OrderStorage
        from chalicelib.orders.model.terms import OrderTerms
        from chalicelib.orders.placing.service import OrderService

        return OrderService(
            storage=OrderStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogue=self.catalogue,
            terms=OrderTerms(library=self.legal_documents),
            has_card=_SavedCards(self).has_card,
            rented=_RentedDesktops(self).rented,
            pods_received_on=_ReceivedPods(self).last_received_on,
            vat_rate=VatRates(self).rate_for,
            recording=self.recording,
        )

    @cached_property
    def deliveries(self) -> "DeliveryService":
        """What the company committed to deliver, and what is late."""
        from chalicelib.orders.fulfilment.delivery_service import DeliveryService
        from chalicelib.orders.model.storage import OrderStorage

        return DeliveryService(
            storage=OrderStorage(self.adapters.tables),
            orders=self.orders,
            desktops_awaited=_Deliveries(self).desktops,
            pods_awaited=_Deliveries(self).pods,
            recording=self.recording,
            alert_address=self.settings.company.email,
        )

    @cached_property
    def order_confirmation(self) -> "OrderConfirmation":
        """Confirms orders by mail."""
        from chalicelib.orders.fulfilment.confirmation import OrderConfirmation
        from chalicelib.orders.model.storage import OrderStorage

        return OrderConfirmation(
            orders=self.orders,
            storage=OrderStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogues=self.catalogue,
            library=self.legal_documents,
            documents=self.adapters.documents,
            recording=self.recording,
            company=self.settings.company,
        )


class VatRates:
    """What orders ask of VAT, whose service is built from orders: looked up when asked."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def rate_for(self, account: "Account", on: "date") -> "Decimal":
        """Give the rate in percent due from an account on a Paris day."""
        rate: Decimal = self._services.vat.rate_for(account, on)
        return rate


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

    def rented(self, account_id: str) -> "list[RentedDesktop]":
        """Give the account's desktops at what they cost a month today."""
        from chalicelib.desktops.model.usage_history import charged_items
        from chalicelib.foundation.clock import today
        from chalicelib.orders.model.limits import RentedDesktop

        desktops = self._services.desktops.of_account(account_id)
        if not desktops:
            return []
        day, catalogue = today(self._services.clock), self._services.catalogue.current()

        def monthly(desktop: "Desktop") -> int:
            return sum(
                (catalogue.known_price_on(item.code, day) or 0) * item.quantity
                for item in charged_items(desktop, day)
            )

        return [RentedDesktop(each.order_id, monthly(each), each.is_active) for each in desktops]


class _ReceivedPods:
    """What orders ask of thin clients, whose services are built from orders."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def last_received_on(self, account_id: str, order_id: str) -> "date | None":
        """Give the Paris day the last OmnyPod of an order came, None while one is missing."""
        received: date | None = self._services.dispatches.last_received_on(account_id, order_id)
        return received


class _Deliveries:
    """What is still to be delivered, asked of the later domains that deliver it."""

    def __init__(self, services: Any) -> None:
        self._services = services

    def desktops(self, order: "Order") -> "list[Undelivered]":
        """Give the desktops of an order that are not ready, nor gone."""
        from chalicelib.orders.model.deliveries import Undelivered

        ours = [
            each
            for each in self._services.desktops.of_account(order.account_id)
            if each.order_id == order.id
        ]
        waiting = [
            Undelivered(each.id, each.name)
            for each in ours
            if each.is_active and each.ready_at is None
        ]
        names = [name for line in order.lines for name in line.desktop_names]
        missing = len(names) - len(ours)
        known = {each.name for each in ours}
        to_come = [name for name in names if name not in known][:missing] if missing > 0 else []
        return [*waiting, *(Undelivered(name, name) for name in to_come)]

    def pods(self, order: "Order") -> "list[Undelivered]":
        """Give the OmnyPods of an order that were not received."""
        from chalicelib.orders.model.deliveries import Undelivered

        awaited = self._services.dispatches.awaited(order.account_id, order.id)
        return [Undelivered(str(number), label) for number, label in awaited]
