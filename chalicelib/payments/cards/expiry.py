"""Warns that the card charged is about to expire: a month before, and in its last month (PAY-1)."""

from datetime import date

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.payment import Card
from chalicelib.payments.stores import CardsStore
from chalicelib.texts.mails import MailName


def expires_soon(card: Card, on: date) -> bool:
    """Tell whether a card's last month is this one, the next one, or over (PAY-1)."""
    month = BillingMonth.of(on).next
    return (card.exp_year, card.exp_month) <= (month.year, month.month)


class CardExpiry:
    """Finds the cards to warn about."""

    def __init__(
        self, *, cards: CardsStore, mails: PaymentMails, work: UnitOfWork, clock: Clock
    ) -> None:
        self._cards = cards
        self._mails = mails
        self._work = work
        self._clock = clock

    def warn(self) -> int:
        """Ask for the mails of this month; tell how many (PAY-1).

        One mail a card and month, however often this runs: their key says so.
        """
        this_month = BillingMonth.of(today(self._clock))
        asked = 0
        for last_month in (this_month, this_month.next):
            for card in self._cards.expiring(last_month):
                customer = self._cards.customer(card.account_id)
                if customer is None or customer.default_card_id != card.id:
                    continue  # only the card that will be charged
                context = {
                    "card_brand": card.brand,
                    "card_last4": card.last4,
                    "last_month": str(last_month),
                    "this_month": last_month == this_month,
                    "path": "/cards",
                }
                key = f"card_expiring:{card.id}:{this_month}"
                self._work.commit(
                    self._mails.to_client(card.account_id, MailName.CARD_EXPIRING, context, key=key)
                )
                asked += 1
        return asked
