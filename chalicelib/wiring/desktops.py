"""Desktops, the work on their machines, their access codes."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.accounts import Accounts
from chalicelib.wiring.base import Base
from chalicelib.wiring.orders import Orders

if TYPE_CHECKING:
    from chalicelib.catalogue.service import CatalogueService
    from chalicelib.desktops.connection.access_code_service import AccessCodeService
    from chalicelib.desktops.model.price_notices import PriceNotices
    from chalicelib.desktops.model.storage import DesktopStorage
    from chalicelib.desktops.reconciliation.comparisons import Comparisons
    from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage
    from chalicelib.desktops.reconciliation.service import Reconciliation
    from chalicelib.desktops.requests.creation import DesktopCreation
    from chalicelib.desktops.requests.service import DesktopService
    from chalicelib.desktops.work.machine_work import MachineWork
    from chalicelib.desktops.work.outcomes import Outcomes
    from chalicelib.desktops.work.worker import DesktopWorker
    from chalicelib.orders.model.deliveries import Undelivered
    from chalicelib.orders.model.limits import RentedDesktop
    from chalicelib.orders.model.order import Order


@dataclass(kw_only=True, eq=False)
class Desktops:
    """Desktops, the work on their machines, their access codes."""

    base: Base
    accounts: Accounts
    catalogue: "CatalogueService"
    orders: Orders

    @cached_property
    def service(self) -> "DesktopService":
        """Desktops as clients see them and act on them."""
        from chalicelib.desktops.requests.service import DesktopService

        return DesktopService(
            accounts=self.accounts.service,
            catalogues=self.catalogue,
            limits=self.orders.service,
            vault=self.base.adapters.vault,
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def access_codes(self) -> "AccessCodeService":
        """Access codes, mailed and revealed once."""
        from chalicelib.desktops.connection.access_code_service import AccessCodeService

        return AccessCodeService(
            accounts=self.accounts.service,
            vault=self.base.adapters.vault,
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def creation(self) -> "DesktopCreation":
        """Makes the desktops of orders."""
        from chalicelib.desktops.requests.creation import DesktopCreation

        return DesktopCreation(
            orders=self.orders.service,
            catalogues=self.catalogue,
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def worker(self) -> "DesktopWorker":
        """Carries desktops to where they were asked to go."""
        from chalicelib.desktops.work.worker import DesktopWorker

        return DesktopWorker(
            storage=self.storage,
            machines=self.machine_work,
            outcomes=self._outcomes,
            clock=self.base.clock,
        )

    @cached_property
    def machine_work(self) -> "MachineWork":
        """The calls to the clouds."""
        from chalicelib.desktops.work.machine_work import MachineWork

        return MachineWork(
            storage=self.storage,
            catalogues=self.catalogue,
            providers=self.base.adapters.machine_providers,
            machine_secrets=self.base.adapters.machine_secrets,
            codes=self.access_codes,
            outcomes=self._outcomes,
            clock=self.base.clock,
        )

    @cached_property
    def _outcomes(self) -> "Outcomes":
        """What the worker's steps record."""
        from chalicelib.desktops.work.outcomes import Outcomes

        return Outcomes(
            accounts=self.accounts.service,
            catalogues=self.catalogue,
            codes=self.access_codes,
            check_delay_seconds=self.base.adapters.check_delay_seconds,
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def reconciliation(self) -> "Reconciliation":
        """Compares the clouds with what we know."""
        from chalicelib.desktops.model.notices import Notices
        from chalicelib.desktops.reconciliation.service import Reconciliation

        return Reconciliation(
            findings=self._findings,
            providers=self.base.adapters.machine_providers,
            notices=Notices(accounts=self.accounts.service, catalogues=self.catalogue),
            storage=self.storage,
            recording=self.base.recording,
        )

    @cached_property
    def comparisons(self) -> "Comparisons":
        """The same comparison, asked for by an operator."""
        from chalicelib.desktops.reconciliation.comparisons import Comparisons

        return Comparisons(
            storage=self._findings,
            reconciliation=self.reconciliation,
            recording=self.base.recording,
        )

    @cached_property
    def price_notices(self) -> "PriceNotices":
        """Tells clients of prices to come."""
        from chalicelib.desktops.model.price_notices import PriceNotices

        return PriceNotices(
            storage=self.storage,
            accounts=self.accounts.service,
            catalogues=self.catalogue,
            vat_rate=self.orders.vat_rate,
            recording=self.base.recording,
        )

    @cached_property
    def storage(self) -> "DesktopStorage":
        """Desktops."""
        from chalicelib.desktops.model.storage import DesktopStorage

        return DesktopStorage(self.base.adapters.tables)

    @cached_property
    def _findings(self) -> "FindingsStorage":
        """What comparisons found."""
        from chalicelib.desktops.reconciliation.findings_storage import FindingsStorage

        return FindingsStorage(self.base.adapters.tables)

    def rented(self, account_id: str) -> "list[RentedDesktop]":
        """Give an account's desktops at what they cost a month today (see ``rented.py``)."""
        from chalicelib.desktops.model.rented import rented_desktops
        from chalicelib.foundation.clock import today

        desktops = self.service.of_account(account_id)
        return rented_desktops(desktops, self.catalogue, today(self.base.clock))

    def awaited(self, order: "Order") -> "list[Undelivered]":
        """Give the desktops of an order that are not ready (see ``rented.py``)."""
        from chalicelib.desktops.model.rented import awaited_desktops

        return awaited_desktops(order, self.service.of_account(order.account_id))
