"""The mails that tell a client what became of a payment (PAY-3, PAY-4, PAY-5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.accounts.clients.account import Account
from chalicelib.accounts.service import AccountService
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.notifications.mails import mail
from chalicelib.payments.money.dispute import Dispute
from chalicelib.payments.money.ledger import Settlement
from chalicelib.payments.money.payment import Card, Collection
from chalicelib.payments.money.refund_order import RefundOrder
from chalicelib.payments.money.transfer import Transfer
from chalicelib.texts.mails import MailName


def greeted(payer: Account) -> str:
    """Give the name a mail greets: the person's, else the account's."""
    return f"{payer.first_name} {payer.last_name}".strip() or payer.name


@dataclass(kw_only=True)
class PaymentMails:
    """Makes the messages; one key is one mail."""

    payers: AccountService
    staff_address: Callable[[], str]

    def to_staff(self, template: MailName, context: dict[str, Any], *, key: str) -> Message:
        """Write to the company, in French."""
        return mail(template, self.staff_address(), "fr", context, key=key)

    def to_client(
        self, account_id: str, template: MailName, context: dict[str, Any], *, key: str
    ) -> Message:
        """Write to an account in its language, greeting its person."""
        payer = self.payers.account(AccountId(account_id))
        told = {"name": greeted(payer), **context}
        return mail(template, payer.email, payer.language, told, key=key)

    def receipt(self, collection: Collection, entry: Settlement) -> Message:
        """Confirm a payment by card."""
        return self.to_client(
            collection.account_id,
            MailName.RECEIPT,
            {
                "number": collection.number,
                "amount_cents": entry.amount_cents,
                "paid_at": entry.at.isoformat(),
                "card_brand": entry.card_brand,
                "card_last4": entry.card_last4,
                "path": page_of(collection.invoice_id),
            },
            key=f"receipt:{collection.invoice_id}:{entry.id}",
        )

    def failure(
        self, collection: Collection, card: Card | None, now: datetime, retries: list[date]
    ) -> Message:
        """Tell that a card was refused, or that its bank wants its holder; when it is retried."""
        return self.to_client(
            collection.account_id,
            MailName.PAYMENT_FAILED,
            {
                "number": collection.number,
                "amount_cents": collection.left_cents or collection.amount_cents,
                "reason": collection.reason,
                "card_brand": card.brand if card else "",
                "card_last4": card.last4 if card else "",
                "declined_at": now.isoformat(),
                "retries": [str(day) for day in retries],
                "path": page_of(collection.invoice_id),
            },
            key=f"payment_failed:{collection.invoice_id}:{collection.attempts}",
        )

    def refunded(self, collection: Collection, entry: Settlement) -> Message:
        """Tell that money was given back."""
        return self.to_client(
            collection.account_id,
            MailName.REFUND,
            {
                "number": collection.number,
                "amount_cents": -entry.amount_cents,
                "at": entry.at.isoformat(),
                "by_card": bool(entry.reference.startswith("pi_")),
                "path": page_of(collection.invoice_id),
            },
            key=f"refund:{collection.invoice_id}:{entry.id}",
        )

    def refunded_by_bank(self, order: RefundOrder, entry: Settlement) -> Message:
        """Tell that money was sent back by the bank."""
        return self.to_client(
            order.account_id,
            MailName.REFUND,
            {
                "number": order.number,
                "amount_cents": -entry.amount_cents,
                "at": entry.at.isoformat(),
                "by_card": False,
                "path": "/statement",
            },
            key=f"refund:{order.account_id}:{order.id}",
        )

    def transfer(self, transfer: Transfer, invoices: list[tuple[str, int]]) -> Message:
        """Confirm a bank transfer and tell what it paid."""
        return self.to_client(
            transfer.account_id,
            MailName.TRANSFER_RECEIVED,
            {
                "amount_cents": transfer.amount_cents,
                "received_on": str(transfer.received_on),
                "reference": transfer.reference,
                "invoices": [list(one) for one in invoices],
                "left_cents": transfer.left_cents,
                "path": "/statement",
            },
            key=f"transfer:{transfer.id}",
        )

    def dispute_lost(self, collection: Collection, file: Dispute) -> Message:
        """Tell the client that its bank upheld the dispute: the invoice is due again (PAY-5)."""
        return self.to_client(
            file.account_id,
            MailName.DISPUTE_LOST,
            {
                "number": file.number,
                "amount_cents": collection.left_cents,
                "due_on": str(collection.due_on),
                "path": page_of(file.invoice_id),
            },
            key=f"dispute_lost:{file.id}",
        )

    def dispute(self, file: Dispute) -> Message:
        """Tell the company that a bank disputes a payment, or has decided."""
        return self.to_staff(
            MailName.DISPUTE,
            {
                "client": self.payers.account(AccountId(file.account_id)).name,
                "number": file.number,
                "amount_cents": file.amount_cents,
                "fee_cents": file.fee_cents,
                "outcome": file.outcome,
                "answer_by": file.answer_by.isoformat() if file.answer_by else "",
                "path": "/operator/payments/disputes",
            },
            key=f"dispute:{file.id}:{file.outcome}",
        )


def page_of(invoice_id: str) -> str:
    """Give the console's page of an invoice, or of a claim on one."""
    return f"/invoices/{invoice_id}" if invoice_id.startswith("inv_") else "/statement"
