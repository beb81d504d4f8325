"""A registered client of the whole world, with October to pay."""

from tests.fakes.accounts import an_account
from tests.fakes.billing import a_desktop
from tests.fakes.card_processor import GOOD, FakeCardProcessor
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World


class PayingClient:
    """A company that rents one Standard desktop since 1 October, seen on 1 November 2026."""

    def __init__(self, world: World) -> None:
        from chalicelib.desktops.model.storage import DesktopStorage

        self.world = world
        world.clock.set("2026-09-30 10:00")
        world.services.catalogue.load_file(DEMO)
        self.account, self.owner = an_account(world)
        desktop = a_desktop(self.account.id, "Compta", created="2026-10-01 12:00")
        storage = DesktopStorage(world.adapters.tables)
        world.services.base.work.commit(storage.save_desktop(desktop))
        world.clock.set("2026-11-01 06:00")

    @property
    def stripe(self) -> FakeCardProcessor:
        """The processor behind the world."""
        return self.world.adapters.card_processor

    def save_card(self, number: str = GOOD) -> None:
        """Save a card on the hosted page; Stripe tells of it."""
        url = self.world.services.payments.cards.start_saving(
            self.account.id, success_url="https://c/ok", cancel_url="https://c/no", language="fr"
        )
        self.stripe.type_card(url.rsplit("/", 1)[1], number)
        self.deliver()

    def deliver(self) -> None:
        """Deliver Stripe's waiting notices."""
        waiting, self.stripe.events[:] = list(self.stripe.events), []
        for event in waiting:
            notice = self.stripe.notice(event)
            self.world.services.payments.webhooks.receive(notice.raw, notice.signature)

    def invoiced(self) -> str:
        """Run October to its end, collection included, and give the invoice's id."""
        self.world.services.billing.run.run_due()
        self.world.pump()
        (invoice,) = self.world.services.billing.service.invoices_of(self.account.id)
        return invoice.id
