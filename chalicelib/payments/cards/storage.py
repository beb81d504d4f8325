"""Records of customers and cards, in the account's partition of the payments table.

``CUSTOMER`` and ``CARD#id``; beside it ``CUSTOMER#id`` finds the account of a customer.
"""

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import NumberAttribute, OldRecord, UnicodeAttribute, old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.payments.money.payment import Card, PayingCustomer


class CardTableRecord(OldRecord):
    """What these records share: they live in the payments table."""

    class Meta:
        table_name = "payments"


class CustomerRecord(CardTableRecord):
    """``PayingCustomer``."""

    customer_id = UnicodeAttribute()
    default_card_id = UnicodeAttribute(null=True)


class CardRecord(CardTableRecord):
    """``Card``."""

    brand = UnicodeAttribute()
    last4 = UnicodeAttribute()
    exp_month = NumberAttribute()
    exp_year = NumberAttribute()
    fingerprint = UnicodeAttribute()
    saved_at = UnicodeAttribute()
    removed_at = UnicodeAttribute(null=True)


class OwnerRecord(CardTableRecord):
    """Which account a customer is."""

    account_id = UnicodeAttribute()


class CardsStorage:
    """Reads customers and cards and makes the writes that store them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def customer(self, account_id: str) -> PayingCustomer | None:
        """Give the account as the processor knows it."""
        record = self._tables.get_record(CustomerRecord, _account(account_id), "CUSTOMER")
        if record is None:
            return None
        return PayingCustomer(
            account_id, record.customer_id, record.default_card_id, int(record.version)
        )

    def save_customer(self, customer: PayingCustomer) -> Put:
        """Make the write of a customer."""
        return old_put(
            CustomerRecord(
                pk=_account(customer.account_id),
                sk="CUSTOMER",
                customer_id=customer.customer_id,
                default_card_id=customer.default_card_id,
                version=customer.version,
            )
        )

    def card(self, account_id: str, card_id: str) -> Card | None:
        """Give a card of the account, removed ones too."""
        record = self._tables.get_record(CardRecord, _account(account_id), f"CARD#{card_id}")
        return _card(record) if record else None

    def cards(self, account_id: str) -> list[Card]:
        """Give the account's cards, removed ones too."""
        found = self._tables.query_records(CardRecord, _account(account_id), starts_with="CARD#")
        return [_card(record) for record in found]

    def save_card(self, card: Card) -> Put:
        """Make the write of a card."""
        return old_put(
            CardRecord(
                pk=_account(card.account_id),
                sk=f"CARD#{card.id}",
                brand=card.brand,
                last4=card.last4,
                exp_month=card.exp_month,
                exp_year=card.exp_year,
                fingerprint=card.fingerprint,
                saved_at=iso(card.saved_at),
                removed_at=iso(card.removed_at) if card.removed_at else None,
                list_key=None if card.removed_at else "EXPIRING",
                list_sort=None if card.removed_at else _expiry(card),
                version=card.version,
            )
        )

    def expiring(self, month: BillingMonth) -> list[Card]:
        """Give the cards kept whose last month is this one."""
        found = self._tables.listing_records(CardRecord, "EXPIRING", starts_with=f"{month}#")
        return [_card(record) for record in found]

    def owner(self, customer_id: str) -> str | None:
        """Find the account of a customer."""
        record = self._tables.get_record(OwnerRecord, f"CUSTOMER#{customer_id}", "ACCOUNT")
        return record.account_id if record else None

    def save_owner(self, customer: PayingCustomer) -> Put:
        """Make the write that tells which account a customer is; it is the same for ever."""
        return old_put(
            OwnerRecord(
                pk=f"CUSTOMER#{customer.customer_id}",
                sk="ACCOUNT",
                account_id=customer.account_id,
            ),
            always=True,
        )


def _card(record: CardRecord) -> Card:
    return Card(
        id=record.sk.removeprefix("CARD#"),
        account_id=record.pk.removeprefix("ACC#"),
        brand=record.brand,
        last4=record.last4,
        exp_month=int(record.exp_month),
        exp_year=int(record.exp_year),
        fingerprint=record.fingerprint,
        saved_at=instant(record.saved_at),
        removed_at=instant(record.removed_at) if record.removed_at else None,
        version=int(record.version),
    )


def _expiry(card: Card) -> str:
    return f"{card.exp_year:04d}-{card.exp_month:02d}#{card.id}"


def _account(account_id: str) -> str:
    return f"ACC#{account_id}"
