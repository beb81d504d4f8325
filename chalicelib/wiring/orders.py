"""Orders, their validation, what was promised and is awaited."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.accounts import Accounts
from chalicelib.wiring.base import Base
from chalicelib.wiring.legal import Legal

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from chalicelib.accounts.clients.account import Account
    from chalicelib.catalogue.service import CatalogueService
    from chalicelib.orders.fulfilment.confirmation import OrderConfirmation
    from chalicelib.orders.fulfilment.delivery_service import DeliveryService
    from chalicelib.orders.model.deliveries import Undelivered
    from chalicelib.orders.model.limits import RentedDesktop
    from chalicelib.orders.model.order import Order
    from chalicelib.orders.model.storage import OrderStorage
    from chalicelib.orders.placing.service import OrderService


@dataclass(kw_only=True, eq=False)
class Orders:
    """Orders, their validation, what was promised and is awaited."""

    base: Base
    legal: Legal
    accounts: Accounts
    catalogue: "CatalogueService"
    # What orders ask of those who come after them: answered when asked.
    has_card: Callable[[str], bool]
    rented: Callable[[str], "list[RentedDesktop]"]
    vat_rate: Callable[["Account", "date"], "Decimal"]
    pods_received_on: Callable[[str, str], "date | None"]
    desktops_awaited: Callable[["Order"], "list[Undelivered]"]
    pods_awaited: Callable[["Order"], "list[Undelivered]"]

    @cached_property
    def service(self) -> "OrderService":
        """Orders and their validation."""
        from chalicelib.orders.model.terms import OrderTerms
        from chalicelib.orders.placing.service import OrderService

        return OrderService(
            storage=self.storage,
            accounts=self.accounts.service,
            catalogue=self.catalogue,
            terms=OrderTerms(library=self.legal.documents),
            has_card=self.has_card,
            rented=self.rented,
            pods_received_on=self.pods_received_on,
            vat_rate=self.vat_rate,
            policies=self.legal.policies,
            recording=self.base.recording,
        )

    @cached_property
    def deliveries(self) -> "DeliveryService":
        """What the company committed to deliver, and what is late."""
        from chalicelib.orders.fulfilment.delivery_service import DeliveryService

        return DeliveryService(
            storage=self.storage,
            orders=self.service,
            desktops_awaited=self.desktops_awaited,
            pods_awaited=self.pods_awaited,
            recording=self.base.recording,
            alert_address=self.base.settings.company.email,
        )

    @cached_property
    def confirmation(self) -> "OrderConfirmation":
        """Confirms orders by mail."""
        from chalicelib.orders.fulfilment.confirmation import OrderConfirmation

        return OrderConfirmation(
            orders=self.service,
            storage=self.storage,
            accounts=self.accounts.service,
            catalogues=self.catalogue,
            library=self.legal.documents,
            documents=self.base.adapters.documents,
            recording=self.base.recording,
            company=self.base.settings.company,
        )

    @cached_property
    def storage(self) -> "OrderStorage":
        """Orders."""
        from chalicelib.orders.model.storage import OrderStorage

        return OrderStorage(self.base.adapters.tables)
