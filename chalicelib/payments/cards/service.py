"""Cards of an account: saved on the processor's hosted page, one charged by default (PAY-1)."""

import logging
from dataclasses import dataclass, replace

from chalicelib.accounts.service import AccountService
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording
from chalicelib.notifications.mails import mail
from chalicelib.orders.placing.service import OrderService
from chalicelib.payments.cards.running_costs import AccountCosts
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.money.mails import greeted
from chalicelib.payments.money.payment import Card, PayingCustomer
from chalicelib.payments.stripe.processor import CardProcessor, SavedCard
from chalicelib.texts.mails import MailName

log = logging.getLogger(__name__)
Change = Write | Message


@dataclass(kw_only=True)
class CardService:
    """Saves, lists, chooses and removes cards."""

    processor: CardProcessor
    storage: CardsStorage
    payers: AccountService
    orders: OrderService
    costs: AccountCosts
    recording: Recording

    # what there is
    def cards_of(self, account_id: str) -> list[Card]:
        """Give the account's cards, the newest first."""
        cards = [card for card in self.storage.cards(account_id) if not card.removed_at]
        return sorted(cards, key=lambda card: card.saved_at, reverse=True)

    def has_card(self, account_id: str) -> bool:
        """Tell whether the account has a card to charge (ORD-2)."""
        return self.default_card(account_id) is not None

    def default_card(self, account_id: str) -> Card | None:
        """Give the card that is charged, or None."""
        customer = self.storage.customer(account_id)
        if customer is None or customer.default_card_id is None:
            return None
        card = self.storage.card(account_id, customer.default_card_id)
        return card if card and not card.removed_at else None

    # saving
    def start_saving(
        self, account_id: str, *, success_url: str, cancel_url: str, language: str
    ) -> str:
        """Open the hosted page on which a card is entered and authenticated; give its address.

        ``success_url`` may hold ``{CHECKOUT_SESSION_ID}`` (PAY-1).
        """
        customer = self.recording.again(lambda: self._customer(account_id))
        setup = self.processor.start_card_setup(
            customer.customer_id, success_url=success_url, cancel_url=cancel_url, language=language
        )
        return setup.url

    def _customer(self, account_id: str) -> PayingCustomer:
        """Give the account's customer; made once, whatever dies between Stripe and our record."""
        known = self.storage.customer(account_id)
        if known:
            return known
        payer = self.payers.account(AccountId(account_id))
        customer_id = self.processor.ensure_customer(account_id, payer.email, payer.name)
        customer = PayingCustomer(account_id, customer_id)
        self.recording.commit(
            self.storage.save_customer(customer), self.storage.save_owner(customer)
        )
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
                self.recording.commit(*changes)

        self.recording.again(keep)
        self.announce(owner)
        return self.storage.card(owner, saved.id)

    def find_saved(self, reference: str) -> tuple[str, SavedCard] | None:
        """Fetch the card of a session or set-up, with the account it is of; None when not ours."""
        saved = self.processor.saved_card(reference)
        if saved is None:
            return None
        owner = self.storage.owner(saved.customer_id)
        if owner is None:
            log.warning("card of an unknown customer", extra={"customer": saved.customer_id})
            return None
        return owner, saved

    def changes(self, account_id: str, saved: SavedCard) -> list[Change]:
        """Make what keeps a card and charges it by default; nothing when it is known (PAY-1)."""
        if self.storage.card(account_id, saved.id):
            return []
        customer = self.storage.customer(account_id)
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
            saved_at=self.recording.now(),
        )
        facts = {"card_id": card.id, "brand": card.brand, "last4": card.last4}
        return [
            self.storage.save_card(card),
            *self._replaced(card),
            self.storage.save_customer(replace(customer, default_card_id=card.id)),
            self.recording.entry(account_id, "card.saved", facts, by="stripe"),
            self._mail(card),
        ]

    def announce(self, account_id: str) -> None:
        """Let the orders that waited for a card go on; again changes nothing (ORD-2)."""
        self.orders.card_saved(account_id)

    def _replaced(self, card: Card) -> list[Write]:
        """Take away earlier copies of the same number, so that it is listed once."""
        return [
            self.storage.save_card(replace(known, removed_at=card.saved_at))
            for known in self.cards_of(card.account_id)
            if card.fingerprint
            and known.fingerprint == card.fingerprint
            # The notice and the return page may save the same card at once: not its own copy.
            and known.id != card.id
        ]

    def _mail(self, card: Card) -> Message:
        payer = self.payers.account(AccountId(card.account_id))
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
            self.recording.commit(
                self.storage.save_customer(replace(customer, default_card_id=card.id)),
                self.recording.entry(account_id, "card.default_chosen", facts, by=by),
            )

        self.recording.again(choose)

    def remove(self, account_id: str, card_id: str, *, by: str) -> None:
        """Take a card away; the newest left is charged from then on (PAY-1).

        Raises NotFoundError, and DomainError for the last card while something is owed.
        """

        def take_away() -> None:
            customer, card = self._owned(account_id, card_id)
            left = [other for other in self.cards_of(account_id) if other.id != card_id]
            if not left and self.costs.anything_owed(account_id):
                raise DomainError(
                    "C’est votre seule carte et des sommes restent dues. "
                    "Ajoutez d’abord une autre carte.",
                    article="8.2",
                )
            default = customer.default_card_id
            if default == card_id:
                default = left[0].id if left else None
            facts = {"card_id": card.id, "brand": card.brand, "last4": card.last4}
            self.recording.commit(
                self.storage.save_card(replace(card, removed_at=self.recording.now())),
                self.storage.save_customer(replace(customer, default_card_id=default)),
                self.recording.entry(account_id, "card.removed", facts, by=by),
            )

        self.recording.again(take_away)
        # Ours is the record that counts: if we die here, the card is never charged again anyway.
        self.processor.remove_card(card_id)

    def _owned(self, account_id: str, card_id: str) -> tuple[PayingCustomer, Card]:
        customer = self.storage.customer(account_id)
        card = self.storage.card(account_id, card_id)
        if customer is None or card is None or card.removed_at:
            raise NotFoundError
        return customer, card
