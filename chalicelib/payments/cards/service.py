"""Cards of an account: saved on the processor's hosted page, one charged by default (PAY-1)."""

import logging
from dataclasses import replace

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.notifications.mails import mail
from chalicelib.payments.money.payment import Card, PayingCustomer
from chalicelib.payments.money.ports import Payers, RunningCosts, WaitingOrders, greeted
from chalicelib.payments.stores import CardsStore
from chalicelib.payments.stripe.processor import CardProcessor, SavedCard
from chalicelib.texts.mails import MailName

log = logging.getLogger(__name__)
Change = Write | Message


class CardService:
    """Saves, lists, chooses and removes cards."""

    def __init__(  # noqa: PLR0913 - one per port
        self,
        *,
        processor: CardProcessor,
        storage: CardsStore,
        payers: Payers,
        orders: WaitingOrders,
        costs: RunningCosts,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._processor = processor
        self._storage = storage
        self._payers = payers
        self._orders = orders
        self._costs = costs
        self._work = work
        self._journal = journal
        self._clock = clock

    # what there is
    def cards_of(self, account_id: str) -> list[Card]:
        """Give the account's cards, the newest first."""
        cards = [card for card in self._storage.cards(account_id) if not card.removed_at]
        return sorted(cards, key=lambda card: card.saved_at, reverse=True)

    def has_card(self, account_id: str) -> bool:
        """Tell whether the account has a card to charge (ORD-2)."""
        return self.default_card(account_id) is not None

    def default_card(self, account_id: str) -> Card | None:
        """Give the card that is charged, or None."""
        customer = self._storage.customer(account_id)
        if customer is None or customer.default_card_id is None:
            return None
        card = self._storage.card(account_id, customer.default_card_id)
        return card if card and not card.removed_at else None

    # saving
    def start_saving(
        self, account_id: str, *, success_url: str, cancel_url: str, language: str
    ) -> str:
        """Open the hosted page on which a card is entered and authenticated; give its address.

        ``success_url`` may hold ``{CHECKOUT_SESSION_ID}`` (PAY-1).
        """
        customer = retry_on_conflict(lambda: self._customer(account_id))
        setup = self._processor.start_card_setup(
            customer.customer_id, success_url=success_url, cancel_url=cancel_url, language=language
        )
        return setup.url

    def _customer(self, account_id: str) -> PayingCustomer:
        """Give the account's customer; made once, whatever dies between Stripe and our record."""
        known = self._storage.customer(account_id)
        if known:
            return known
        payer = self._payers.account(AccountId(account_id))
        customer_id = self._processor.ensure_customer(account_id, payer.email, payer.name)
        customer = PayingCustomer(account_id, customer_id)
        self._work.commit(self._storage.save_customer(customer), self._storage.save_owner(customer))
        return replace(customer, version=1)

    def note_saved(self, account_id: str, session_id: str) -> Card | None:
        """Keep the card of a session its client comes back from; the notice may come later.

        None when the page was left without saving one.  Raises NotFoundError for a session that is
        not the account's.
        """
        found = self.find_saved(session_id)
        if found is None:
            return None
        owner, saved = found
        if owner != account_id:
            raise NotFoundError

        def keep() -> None:
            changes = self.changes(owner, saved)
            if changes:
                self._work.commit(*changes)

        retry_on_conflict(keep)
        self.announce(owner)
        return self._storage.card(owner, saved.id)

    def find_saved(self, reference: str) -> tuple[str, SavedCard] | None:
        """Fetch the card of a session or set-up, with the account it is of; None when not ours."""
        saved = self._processor.saved_card(reference)
        if saved is None:
            return None
        owner = self._storage.owner(saved.customer_id)
        if owner is None:
            log.warning("card of an unknown customer", extra={"customer": saved.customer_id})
            return None
        return owner, saved

    def changes(self, account_id: str, saved: SavedCard) -> list[Change]:
        """Make what keeps a card and charges it by default; nothing when it is known (PAY-1)."""
        if self._storage.card(account_id, saved.id):
            return []
        customer = self._storage.customer(account_id)
        if customer is None:
            raise NotFoundError
        card = Card(
            id=saved.id,
            account_id=account_id,
            brand=saved.brand,
            last4=saved.last4,
            exp_month=saved.exp_month,
            exp_year=saved.exp_year,
            fingerprint=saved.fingerprint,
            saved_at=self._clock.now(),
        )
        facts = {"card_id": card.id, "brand": card.brand, "last4": card.last4}
        return [
            self._storage.save_card(card),
            *self._replaced(card),
            self._storage.save_customer(replace(customer, default_card_id=card.id)),
            self._journal.entry(account_id, "card.saved", facts, by="stripe"),
            self._mail(card),
        ]

    def announce(self, account_id: str) -> None:
        """Let the orders that waited for a card go on; again changes nothing (ORD-2)."""
        self._orders.card_saved(account_id)

    def _replaced(self, card: Card) -> list[Write]:
        """Take away earlier copies of the same number, so that it is listed once."""
        return [
            self._storage.save_card(replace(known, removed_at=card.saved_at))
            for known in self.cards_of(card.account_id)
            if card.fingerprint
            and known.fingerprint == card.fingerprint
            # The notice and the return page may save the same card at once: not its own copy.
            and known.id != card.id
        ]

    def _mail(self, card: Card) -> Message:
        payer = self._payers.account(AccountId(card.account_id))
        return mail(
            MailName.CARD_SAVED,
            payer.email,
            payer.language,
            {
                "name": greeted(payer),
                "card_brand": card.brand,
                "card_last4": card.last4,
                "exp_month": card.exp_month,
                "exp_year": card.exp_year,
                "saved_at": card.saved_at.isoformat(),
                "path": "/cards",
            },
            key=f"card_saved:{card.id}",
        )

    # choosing and removing
    def make_default(self, account_id: str, card_id: str, *, by: str) -> None:
        """Charge this card from now on.  Raises NotFoundError (PAY-1)."""

        def choose() -> None:
            customer, card = self._owned(account_id, card_id)
            if customer.default_card_id == card.id:
                return
            facts = {"card_id": card.id, "brand": card.brand, "last4": card.last4}
            self._work.commit(
                self._storage.save_customer(replace(customer, default_card_id=card.id)),
                self._journal.entry(account_id, "card.default_chosen", facts, by=by),
            )

        retry_on_conflict(choose)

    def remove(self, account_id: str, card_id: str, *, by: str) -> None:
        """Take a card away; the newest left is charged from then on (PAY-1).

        Raises NotFoundError, and DomainError for the last card while something is owed.
        """

        def take_away() -> None:
            customer, card = self._owned(account_id, card_id)
            left = [other for other in self.cards_of(account_id) if other.id != card_id]
            if not left and self._costs.anything_owed(account_id):
                raise DomainError(
                    "C’est votre seule carte et des sommes restent dues. "
                    "Ajoutez d’abord une autre carte.",
                    article="8.2",
                )
            default = customer.default_card_id
            if default == card_id:
                default = left[0].id if left else None
            facts = {"card_id": card.id, "brand": card.brand, "last4": card.last4}
            self._work.commit(
                self._storage.save_card(replace(card, removed_at=self._clock.now())),
                self._storage.save_customer(replace(customer, default_card_id=default)),
                self._journal.entry(account_id, "card.removed", facts, by=by),
            )

        retry_on_conflict(take_away)
        # Ours is the record that counts: if we die here, the card is never charged again anyway.
        self._processor.remove_card(card_id)

    def _owned(self, account_id: str, card_id: str) -> tuple[PayingCustomer, Card]:
        customer = self._storage.customer(account_id)
        card = self._storage.card(account_id, card_id)
        if customer is None or card is None or card.removed_at:
            raise NotFoundError
        return customer, card
