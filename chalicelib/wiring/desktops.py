"""Wires desktops, and metering which their worker tells of launches that failed."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.orders import OrderServices, VatRates

if TYPE_CHECKING:
    from chalicelib.desktops.connection.access_code_service import AccessCodeService
    from chalicelib.desktops.model.price_notices import PriceNotices
    from chalicelib.desktops.reconciliation.comparisons import Comparisons
    from chalicelib.desktops.reconciliation.service import Reconciliation
    from chalicelib.desktops.requests.creation import DesktopCreation
    from chalicelib.desktops.requests.service import DesktopService
    from chalicelib.desktops.work.machine_work import MachineWork
    from chalicelib.desktops.work.outcomes import Outcomes
    from chalicelib.desktops.work.worker import DesktopWorker
    from chalicelib.metering.correction_service import UsageCorrectionService
    from chalicelib.metering.service import MeteringService


class DesktopServices(OrderServices):
    """Wires desktops, and metering which their worker tells of launches that failed."""

    @cached_property
    def _desktop_ports(self) -> dict[str, Any]:
        """What everything about desktops stands on."""
        from chalicelib.desktops.model.storage import DesktopStorage

        storage = DesktopStorage(self.adapters.tables)
        return {"storage": storage, "recording": self.recording}

    @cached_property
    def desktops(self) -> "DesktopService":
        """Desktops as clients see them and act on them."""
        from chalicelib.desktops.requests.service import DesktopService

        return DesktopService(
            accounts=self.accounts,
            catalogues=self.catalogue,
            limits=self.orders,
            vault=self.adapters.vault,
            **self._desktop_ports,
        )

    @cached_property
    def access_codes(self) -> "AccessCodeService":
        """Access codes, mailed and revealed once."""
        from chalicelib.desktops.connection.access_code_service import AccessCodeService

        return AccessCodeService(
            accounts=self.accounts, vault=self.adapters.vault, **self._desktop_ports
        )

    @cached_property
    def _desktop_outcomes(self) -> "Outcomes":
        """What the worker's steps record."""
        from chalicelib.desktops.work.outcomes import Outcomes

        return Outcomes(
            accounts=self.accounts,
            catalogues=self.catalogue,
            codes=self.access_codes,
            check_delay_seconds=self.adapters.check_delay_seconds,
            **self._desktop_ports,
        )

    @cached_property
    def machine_work(self) -> "MachineWork":
        """The calls to the clouds."""
        from chalicelib.desktops.work.machine_work import MachineWork

        return MachineWork(
            storage=self._desktop_ports["storage"],
            catalogues=self.catalogue,
            providers=self.adapters.machine_providers,
            machine_secrets=self.adapters.machine_secrets,
            codes=self.access_codes,
            outcomes=self._desktop_outcomes,
            clock=self.clock,
        )

    @cached_property
    def desktop_worker(self) -> "DesktopWorker":
        """Carries desktops to where they were asked to go."""
        from chalicelib.desktops.work.worker import DesktopWorker

        return DesktopWorker(
            storage=self._desktop_ports["storage"],
            machines=self.machine_work,
            outcomes=self._desktop_outcomes,
            clock=self.clock,
        )

    @cached_property
    def machine_reconciliation(self) -> "Reconciliation":
        """Compares the clouds with what we know."""
        from chalicelib.desktops.model.notices import Notices
        from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage
        from chalicelib.desktops.reconciliation.service import Reconciliation

        return Reconciliation(
            findings=FindingsStorage(self.adapters.tables),
            providers=self.adapters.machine_providers,
            notices=Notices(accounts=self.accounts, catalogues=self.catalogue),
            **self._desktop_ports,
        )

    @cached_property
    def machine_comparisons(self) -> "Comparisons":
        """The same comparison, asked for by an operator."""
        from chalicelib.desktops.reconciliation.comparisons import Comparisons
        from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage

        return Comparisons(
            storage=FindingsStorage(self.adapters.tables),
            reconciliation=self.machine_reconciliation,
            recording=self.recording,
        )

    @cached_property
    def desktop_creation(self) -> "DesktopCreation":
        """Makes the desktops of orders."""
        from chalicelib.desktops.requests.creation import DesktopCreation

        return DesktopCreation(orders=self.orders, catalogues=self.catalogue, **self._desktop_ports)

    @cached_property
    def price_notices(self) -> "PriceNotices":
        """Tells clients of prices to come."""
        from chalicelib.desktops.model.price_notices import PriceNotices
        from chalicelib.desktops.model.storage import DesktopStorage

        return PriceNotices(
            storage=DesktopStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogues=self.catalogue,
            vat_rate=VatRates(self).rate_for,
            recording=self.recording,
        )

    @cached_property
    def usage_corrections(self) -> "UsageCorrectionService":
        """Corrects recorded usage."""
        from chalicelib.metering.computation import UsageComputation
        from chalicelib.metering.correction_service import UsageCorrectionService
        from chalicelib.metering.storage import UsageStorage

        storage = UsageStorage(self.adapters.tables)
        return UsageCorrectionService(
            storage=storage,
            computation=UsageComputation(storage=storage, catalogues=self.catalogue),
            desktops=self.desktops,
            recording=self.recording,
        )

    @cached_property
    def metering(self) -> "MeteringService":
        """Usage days."""
        from chalicelib.metering.service import MeteringService
        from chalicelib.metering.storage import UsageStorage

        return MeteringService(
            storage=UsageStorage(self.adapters.tables),
            desktops=self.desktops,
            catalogues=self.catalogue,
            recording=self.recording,
        )
