"""Joins services to their adapters: the only place that names every adapter.

One class a domain, which takes what it needs of those before it: ``services.payments.refunds``.
Services are built on first use and import their own modules then: a page loads only what it needs
(stripe, PDF and Babel take long to import).
"""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.foundation.settings import Settings
from chalicelib.wiring.accounts import Accounts
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.base import Base
from chalicelib.wiring.billing import Billing
from chalicelib.wiring.closings import Closings
from chalicelib.wiring.desktops import Desktops
from chalicelib.wiring.equipment import Equipment
from chalicelib.wiring.late import Late
from chalicelib.wiring.legal import Legal
from chalicelib.wiring.metering import Metering
from chalicelib.wiring.orders import Orders
from chalicelib.wiring.papers import Papers
from chalicelib.wiring.payments import Payments
from chalicelib.wiring.taxes import Taxes
from chalicelib.wiring.terms import Terms

if TYPE_CHECKING:
    from chalicelib.catalogue.service import CatalogueService


class Services:
    """Every domain's use cases, each with what it stands on.

    Where an earlier domain asks something of a later one, it is given a function that looks the
    later one up when it is called.
    """

    def __init__(self, adapters: Adapters) -> None:
        self.base = Base(adapters)

    @cached_property
    def legal(self) -> Legal:
        """Legal documents, policies, acceptances."""
        return Legal(base=self.base)

    @cached_property
    def accounts(self) -> Accounts:
        """Clients, their users, sign-in."""
        return Accounts(base=self.base, legal=self.legal)

    @cached_property
    def catalogue(self) -> "CatalogueService":
        """The offer and its prices."""
        from chalicelib.catalogue.service import CatalogueService
        from chalicelib.catalogue.storage import CatalogueStorage

        storage = CatalogueStorage(self.base.adapters.tables)
        return CatalogueService(storage=storage, recording=self.base.recording)

    @cached_property
    def orders(self) -> Orders:
        """Orders, what was promised and is awaited."""
        return Orders(
            base=self.base,
            legal=self.legal,
            accounts=self.accounts,
            catalogue=self.catalogue,
            has_card=lambda account_id: self.payments.cards.has_card(account_id),
            rented=lambda account_id: self.desktops.rented(account_id),
            vat_rate=lambda account, on: self.taxes.vat.rate_for(account, on),
            pods_received_on=lambda account_id, order_id: (
                self.equipment.dispatches.last_received_on(account_id, order_id)
            ),
            desktops_awaited=lambda order: self.desktops.awaited(order),
            pods_awaited=lambda order: self.equipment.dispatches.undelivered(order),
        )

    @cached_property
    def desktops(self) -> Desktops:
        """Desktops, and the work on their machines."""
        return Desktops(
            base=self.base, accounts=self.accounts, catalogue=self.catalogue, orders=self.orders
        )

    @cached_property
    def metering(self) -> Metering:
        """Usage days."""
        return Metering(base=self.base, catalogue=self.catalogue, desktops=self.desktops)

    @cached_property
    def billing(self) -> Billing:
        """Drafts, invoices, credit notes."""
        return Billing(
            base=self.base,
            legal=self.legal,
            accounts=self.accounts,
            catalogue=self.catalogue,
            orders=self.orders,
            desktops=self.desktops,
            metering=self.metering,
            vat_due=lambda account, on: self.taxes.vat.treatment(account, on),
            terms_days=lambda day: self.terms.payment_terms.on(day).invoice_terms_days,
        )

    @cached_property
    def taxes(self) -> Taxes:
        """VAT and the one-stop shop."""
        return Taxes(base=self.base, legal=self.legal, accounts=self.accounts, billing=self.billing)

    @cached_property
    def papers(self) -> Papers:
        """Documents of invoices, and the platform."""
        return Papers(base=self.base, legal=self.legal, billing=self.billing, taxes=self.taxes)

    @cached_property
    def terms(self) -> Terms:
        """Dated terms of payment."""
        return Terms(base=self.base)

    @cached_property
    def payments(self) -> Payments:
        """Whatever moves money."""
        return Payments(
            base=self.base,
            accounts=self.accounts,
            orders=self.orders,
            desktops=self.desktops,
            billing=self.billing,
            terms=self.terms,
        )

    @cached_property
    def late(self) -> Late:
        """Late payers."""
        return Late(
            base=self.base, desktops=self.desktops, payments=self.payments, terms=self.terms
        )

    @cached_property
    def closings(self) -> Closings:
        """Closings of receipts, the comparison with Stripe."""
        return Closings(base=self.base, billing=self.billing, payments=self.payments)

    @cached_property
    def equipment(self) -> Equipment:
        """Thin clients."""
        return Equipment(
            base=self.base,
            accounts=self.accounts,
            catalogue=self.catalogue,
            orders=self.orders,
            desktops=self.desktops,
            billing=self.billing,
        )


def build_services() -> Services:
    """Build the services of the stage named by the environment, and have its logs structured."""
    from chalicelib.foundation import logs

    logs.start()
    return Services(Adapters(Settings.from_environment()))


__all__ = ["Adapters", "Services", "build_services"]
