"""Wires thin clients: stock, dispatches, custody and cases."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.money import MoneyServices

if TYPE_CHECKING:
    from chalicelib.equipment.custody.case_service import CaseService
    from chalicelib.equipment.custody.option_pods import OptionPods
    from chalicelib.equipment.custody.service import CustodyService
    from chalicelib.equipment.dispatches.failed_delivery import FailedDeliveries
    from chalicelib.equipment.dispatches.lateness import LateDispatches
    from chalicelib.equipment.dispatches.reservation import Reservations
    from chalicelib.equipment.dispatches.service import DispatchService
    from chalicelib.equipment.stock.service import PriceListService, StockService
    from chalicelib.equipment.worker import EquipmentMessages


class EquipmentServices(MoneyServices):
    """Wires thin clients: stock, dispatches, custody and cases."""

    @cached_property
    def _equipment_ports(self) -> dict[str, Any]:
        """What everything about thin clients stands on."""
        from chalicelib.equipment.model.storage import EquipmentStorage

        storage = EquipmentStorage(self.adapters.tables)
        return {"storage": storage, "recording": self.recording}

    @cached_property
    def stock(self) -> "StockService":
        """The stock, by serial number."""
        from chalicelib.equipment.stock.service import StockService

        return StockService(**self._equipment_ports)

    @cached_property
    def pod_prices(self) -> "PriceListService":
        """What a lost, stolen or damaged pod costs."""
        from chalicelib.equipment.stock.service import PriceListService

        return PriceListService(**self._equipment_ports)

    @cached_property
    def reservations(self) -> "Reservations":
        """Which pods go to whom."""
        from chalicelib.equipment.dispatches.reservation import Reservations

        return Reservations(
            accounts=self.accounts,
            orders=self.orders,
            catalogues=self.catalogue,
            **self._equipment_ports,
        )

    @cached_property
    def dispatches(self) -> "DispatchService":
        """Shipping and receipt."""
        from chalicelib.equipment.dispatches.service import DispatchService

        return DispatchService(accounts=self.accounts, **self._equipment_ports)

    @cached_property
    def failed_deliveries(self) -> "FailedDeliveries":
        """Parcels that came back."""
        from chalicelib.equipment.dispatches.failed_delivery import FailedDeliveries

        return FailedDeliveries(
            documents=self.adapters.documents, accounts=self.accounts, **self._equipment_ports
        )

    @cached_property
    def late_dispatches(self) -> "LateDispatches":
        """The alert of what is late of no order."""
        from chalicelib.equipment.dispatches.lateness import LateDispatches

        return LateDispatches(
            storage=self._equipment_ports["storage"],
            accounts=self.accounts,
            recording=self.recording,
            alert_address=self.settings.company.email,
        )

    @cached_property
    def custody(self) -> "CustodyService":
        """What clients hold, report and send back."""
        from chalicelib.equipment.custody.service import CustodyService

        return CustodyService(accounts=self.accounts, **self._equipment_ports)

    @cached_property
    def pod_cases(self) -> "CaseService":
        """The operator's decisions, and the daily look at returns."""
        from chalicelib.equipment.custody.case_service import CaseService

        return CaseService(
            accounts=self.accounts,
            desktops=self.desktops,
            catalogues=self.catalogue,
            prices=self.pod_prices,
            custody=self.custody,
            reservations=self.reservations,
            **self._equipment_ports,
        )

    @cached_property
    def option_pods(self) -> "OptionPods":
        """Pods that a desktop came to need after its order."""
        from chalicelib.equipment.custody.option_pods import OptionPods

        return OptionPods(
            storage=self._equipment_ports["storage"],
            accounts=self.accounts,
            desktops=self.desktops,
            catalogues=self.catalogue,
            reservations=self.reservations,
            custody=self.custody,
            clock=self.clock,
        )

    @cached_property
    def equipment_worker(self) -> "EquipmentMessages":
        """Handles the messages of the EQUIPMENT queue."""
        from chalicelib.equipment.worker import EquipmentMessages

        return EquipmentMessages(
            reservations=self.reservations,
            custody=self.custody,
            options=self.option_pods,
            orders=self.orders,
            charges=self.charges,
            clock=self.clock,
        )
