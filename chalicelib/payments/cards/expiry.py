"""Warns that the card charged is about to expire: a month before, and in its last month (PAY-1)."""

from dataclasses import dataclass
from datetime import date

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.legal.recording import Recording
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.payment import Card
from chalicelib.texts.mails import MailName


def expires_soon(card: Card, on: date) -> bool:
    """Tell whether a card's last month is this one, the next one, or over (PAY-1)."""
    month = BillingMonth.of(on).next
    return (card.exp_year, card.exp_month) <= (month.year, month.month)


@dataclass(kw_only=True)
class CardExpiry:
    """Finds the cards to warn about."""

    cards: CardsStorage
    mails: PaymentMails
    recording: Recording

    def warn(self) -> int:
        """Ask for the mails of this month; tell how many (PAY-1).

        One mail a card and month, however often this runs: their key says so.
        """
        this_month = BillingMonth.of(self.recording.today())
        asked = 0
        for last_month in (this_month, this_month.next):
            for card in self.cards.expiring(last_month):
                customer = self.cards.customer(card.account_id)
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
                self.recording.commit(
                    self.mails.to_client(card.account_id, MailName.CARD_EXPIRING, context, key=key)
                )
                asked += 1
        return asked
