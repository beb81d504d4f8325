"""Thin clients: stock, dispatches, custody, cases."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.accounts import Accounts
from chalicelib.wiring.base import Base
from chalicelib.wiring.billing import Billing
from chalicelib.wiring.desktops import Desktops
from chalicelib.wiring.orders import Orders

if TYPE_CHECKING:
    from chalicelib.catalogue.service import CatalogueService
    from chalicelib.equipment.custody.case_service import CaseService
    from chalicelib.equipment.custody.option_pods import OptionPods
    from chalicelib.equipment.custody.service import CustodyService
    from chalicelib.equipment.dispatches.failed_delivery import FailedDeliveries
    from chalicelib.equipment.dispatches.lateness import LateDispatches
    from chalicelib.equipment.dispatches.reservation import Reservations
    from chalicelib.equipment.dispatches.service import DispatchService
    from chalicelib.equipment.model.storage import EquipmentStorage
    from chalicelib.equipment.stock.service import PriceListService, StockService
    from chalicelib.equipment.worker import EquipmentWorker


@dataclass(kw_only=True, eq=False)
class Equipment:
    """Thin clients: stock, dispatches, custody, cases."""

    base: Base
    accounts: Accounts
    catalogue: "CatalogueService"
    orders: Orders
    desktops: Desktops
    billing: Billing

    @cached_property
    def stock(self) -> "StockService":
        """The stock, by serial number."""
        from chalicelib.equipment.stock.service import StockService

        return StockService(storage=self.storage, recording=self.base.recording)

    @cached_property
    def prices(self) -> "PriceListService":
        """What a lost, stolen or damaged pod costs."""
        from chalicelib.equipment.stock.service import PriceListService

        return PriceListService(storage=self.storage, recording=self.base.recording)

    @cached_property
    def reservations(self) -> "Reservations":
        """Which pods go to whom."""
        from chalicelib.equipment.dispatches.reservation import Reservations

        return Reservations(
            accounts=self.accounts.service,
            orders=self.orders.service,
            catalogues=self.catalogue,
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def dispatches(self) -> "DispatchService":
        """Shipping and receipt."""
        from chalicelib.equipment.dispatches.service import DispatchService

        return DispatchService(
            accounts=self.accounts.service, storage=self.storage, recording=self.base.recording
        )

    @cached_property
    def failed_deliveries(self) -> "FailedDeliveries":
        """Parcels that came back."""
        from chalicelib.equipment.dispatches.failed_delivery import FailedDeliveries

        return FailedDeliveries(
            documents=self.base.adapters.documents,
            accounts=self.accounts.service,
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def late_dispatches(self) -> "LateDispatches":
        """The alert of what is late of no order."""
        from chalicelib.equipment.dispatches.lateness import LateDispatches

        return LateDispatches(
            storage=self.storage,
            accounts=self.accounts.service,
            recording=self.base.recording,
            alert_address=self.base.settings.company.email,
        )

    @cached_property
    def custody(self) -> "CustodyService":
        """What clients hold, report and send back."""
        from chalicelib.equipment.custody.service import CustodyService

        return CustodyService(
            accounts=self.accounts.service, storage=self.storage, recording=self.base.recording
        )

    @cached_property
    def cases(self) -> "CaseService":
        """The operator's decisions, and the daily look at returns."""
        from chalicelib.equipment.custody.case_service import CaseService

        return CaseService(
            accounts=self.accounts.service,
            desktops=self.desktops.service,
            catalogues=self.catalogue,
            prices=self.prices,
            custody=self.custody,
            reservations=self.reservations,
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def options(self) -> "OptionPods":
        """Pods that a desktop came to need after its order."""
        from chalicelib.equipment.custody.option_pods import OptionPods

        return OptionPods(
            storage=self.storage,
            accounts=self.accounts.service,
            desktops=self.desktops.service,
            catalogues=self.catalogue,
            reservations=self.reservations,
            custody=self.custody,
            clock=self.base.clock,
        )

    @cached_property
    def worker(self) -> "EquipmentWorker":
        """Lets an order's OmnyPods go, bills one."""
        from chalicelib.equipment.worker import EquipmentWorker

        return EquipmentWorker(
            reservations=self.reservations,
            custody=self.custody,
            orders=self.orders.service,
            charges=self.billing.charges,
            clock=self.base.clock,
        )

    @cached_property
    def storage(self) -> "EquipmentStorage":
        """OmnyPods."""
        from chalicelib.equipment.model.storage import EquipmentStorage

        return EquipmentStorage(self.base.adapters.tables)
