"""Wires cards, collection and webhooks."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.wiring.billing import BillingServices

if TYPE_CHECKING:
    from chalicelib.payments.card_service import CardService
    from chalicelib.payments.collection_service import CollectionService
    from chalicelib.payments.webhook_service import WebhookService


class PaymentServices(BillingServices):
    """Wires cards, collection and webhooks."""

    @cached_property
    def _payments_ports(self) -> dict[str, Any]:
        """What collecting and notices both stand on."""
        from chalicelib.payments.card_storage import CardsStorage
        from chalicelib.payments.outcomes import Outcomes
        from chalicelib.payments.receivables import InvoiceReceivables
        from chalicelib.payments.storage import PaymentsStorage

        storage = PaymentsStorage(self.adapters.tables)
        return {
            "processor": self.adapters.card_processor,
            "receivables": InvoiceReceivables(self.billing),
            "storage": storage,
            "outcomes": Outcomes(
                storage=storage,
                cards=CardsStorage(self.adapters.tables),
                payers=self.accounts,
                journal=self.journal,
                clock=self.clock,
            ),
            "work": self.work,
            "clock": self.clock,
        }

    @cached_property
    def cards(self) -> "CardService":
        """Cards of the accounts."""
        from chalicelib.payments.card_service import CardService
        from chalicelib.payments.card_storage import CardsStorage
        from chalicelib.payments.running_costs import AccountCosts

        return CardService(
            processor=self.adapters.card_processor,
            storage=CardsStorage(self.adapters.tables),
            payers=self.accounts,
            orders=self.orders,
            costs=AccountCosts(
                orders=self.orders,
                desktops=self.desktops,
                billing=self.billing,
                payments=self.collection,
                clock=self.clock,
            ),
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def collection(self) -> "CollectionService":
        """Charges invoices by card."""
        from chalicelib.payments.card_storage import CardsStorage
        from chalicelib.payments.collection_service import CollectionService

        cards = CardsStorage(self.adapters.tables)
        return CollectionService(cards=cards, **self._payments_ports)

    @cached_property
    def webhooks(self) -> "WebhookService":
        """Receives Stripe's notices."""
        from chalicelib.payments.webhook_service import WebhookService

        return WebhookService(cards=self.cards, **self._payments_ports)
