"""Wires desktops, and metering which their worker tells of launches that failed."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.orders import OrderServices

if TYPE_CHECKING:
    from chalicelib.desktops.access_code_service import AccessCodeService
    from chalicelib.desktops.messages import DesktopMessages
    from chalicelib.desktops.service import DesktopService
    from chalicelib.desktops.worker import DesktopWorker
    from chalicelib.metering.service import MeteringService


class DesktopServices(OrderServices):
    """Wires desktops, and metering which their worker tells of launches that failed."""

    @cached_property
    def _desktop_ports(self) -> dict[str, Any]:
        """What everything about desktops stands on."""
        from chalicelib.desktops.storage import DesktopStorage

        storage = DesktopStorage(self.adapters.tables)
        return {"storage": storage, "work": self.work, "journal": self.journal, "clock": self.clock}

    @cached_property
    def desktops(self) -> "DesktopService":
        """Desktops as clients see them and act on them."""
        from chalicelib.desktops.service import DesktopService

        return DesktopService(
            catalogues=self.catalogue, vault=self.adapters.vault, **self._desktop_ports
        )

    @cached_property
    def access_codes(self) -> "AccessCodeService":
        """Access codes, mailed and revealed once."""
        from chalicelib.desktops.access_code_service import AccessCodeService

        return AccessCodeService(
            accounts=self.accounts, vault=self.adapters.vault, **self._desktop_ports
        )

    @cached_property
    def desktop_work(self) -> "DesktopWorker":
        """Carries desktops to where they were asked to go."""
        from chalicelib.desktops.outcomes import Outcomes
        from chalicelib.desktops.worker import DesktopWorker

        outcomes = Outcomes(
            accounts=self.accounts,
            catalogues=self.catalogue,
            codes=self.access_codes,
            check_delay_seconds=self.adapters.check_delay_seconds,
            **self._desktop_ports,
        )
        return DesktopWorker(
            storage=self._desktop_ports["storage"],
            catalogues=self.catalogue,
            providers=self.adapters.machine_providers,
            machine_secrets=self.adapters.machine_secrets,
            codes=self.access_codes,
            outcomes=outcomes,
            clock=self.clock,
        )

    @cached_property
    def desktop_worker(self) -> "DesktopMessages":
        """Handles the messages of the DESKTOPS queue."""
        from chalicelib.desktops.creation import DesktopCreation
        from chalicelib.desktops.messages import DesktopMessages

        creation = DesktopCreation(
            orders=self.orders, catalogues=self.catalogue, **self._desktop_ports
        )
        return DesktopMessages(
            creation=creation,
            worker=self.desktop_work,
            on_failed=self.metering.forget_failed,
        )

    @cached_property
    def metering(self) -> "MeteringService":
        """Usage days."""
        from chalicelib.metering.service import MeteringService
        from chalicelib.metering.storage import UsageStorage

        return MeteringService(
            storage=UsageStorage(self.adapters.tables),
            work=self.work,
            journal=self.journal,
            desktops=self.desktops,
            catalogues=self.catalogue,
            clock=self.clock,
        )
