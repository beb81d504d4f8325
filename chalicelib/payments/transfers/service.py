"""Bank transfers as the operator records them: in part, in excess, reversed (PAY-4).

CGV art. 8.2(b).  A transfer goes to the account's balance and from there, in the same commit, to
the invoice it names or to the oldest due; what remains stays with the account and pays its next
invoice.  What undoes a transfer is in ``reversal.py``.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.legal.recording import Recording
from chalicelib.payments.collection.money_facts import use_balance
from chalicelib.payments.money.books import Books
from chalicelib.payments.money.first_payment import FirstPayment
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.payment import Collection
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.money.transfer import Share, Transfer, TransferState, shares
from chalicelib.payments.transfers.reversal import transfer_entry
from chalicelib.payments.transfers.spreading import MOST_INVOICES, Spreading

_OLDEST = timedelta(days=366)
_LONGEST_REFERENCE = 140  # of a SEPA transfer
_REVERSED = (
    "Ce virement est annulé\u00a0: s’il est revenu, enregistrez-le sous sa nouvelle référence."
)


@dataclass(frozen=True)
class ReceivedTransfer:
    """What an operator reads on the bank's statement; ``invoice_id`` "" for the oldest due."""

    account_id: str
    amount_cents: int
    received_on: date
    reference: str
    invoice_id: str = ""


@dataclass(kw_only=True)
class TransferService:
    """Records transfers."""

    receivables: InvoiceReceivables
    ledger: LedgerStorage
    books: Books
    spreading: Spreading
    first_payment: FirstPayment
    mails: PaymentMails
    recording: Recording

    def record(self, received: ReceivedTransfer, *, by: str) -> Transfer:
        """Record a transfer and spread it; the same bank reference again changes nothing (PAY-4).

        Raises FieldErrors for what makes no sense, a reference already used for something else
        among them.
        """
        self._check(received)
        return self.recording.again(lambda: self._recorded(received, by))

    def recent(self, limit: int = 50) -> list[Transfer]:
        """Give the last transfers recorded, newest first."""
        return self.ledger.transfers(limit)

    # recording
    def _check(self, received: ReceivedTransfer) -> None:
        errors = {}
        day = self.recording.today()
        if received.amount_cents <= 0:
            errors["amount"] = "Indiquez un montant supérieur à zéro."
        if received.received_on > day:
            errors["received_on"] = "Un virement ne peut pas être reçu dans l’avenir."
        elif received.received_on < day - _OLDEST:
            errors["received_on"] = "Cette date remonte à plus d’un an\u00a0: vérifiez-la."
        if not received.reference.strip():
            errors["reference"] = "Indiquez la référence donnée par la banque."
        elif len(received.reference) > _LONGEST_REFERENCE:
            errors["reference"] = "Ce texte est trop long."
        if errors:
            raise FieldErrors(errors)

    def _recorded(self, received: ReceivedTransfer, by: str) -> Transfer:
        transfer = self._transfer(received, by)
        known = self.ledger.transfer(transfer.id)
        if known:
            return self._same(known, transfer)
        balance = self.ledger.balance(received.account_id)
        invoices = self._in_order(received)
        wanted = [(one.invoice_id, one.left_cents) for one in invoices]
        given = shares(received.amount_cents, wanted)
        given = given[:MOST_INVOICES]
        left = received.amount_cents - sum(share.amount_cents for share in given)
        transfer = replace(transfer, left_cents=left)
        first, effect = self.first_payment.changes(transfer.account_id, transfer.received_on)
        facts = {
            "transfer": transfer.id,
            "amount_cents": transfer.amount_cents,
            "received_on": str(transfer.received_on),
            "reference": transfer.reference,
            "invoices": {share.invoice_id: share.amount_cents for share in given},
            **effect,
        }
        account_id = transfer.account_id
        self.recording.commit(
            self.ledger.save_transfer(transfer),
            *first,
            *self.ledger.save_settlement(transfer_entry(transfer, self.recording.now())),
            *self.spreading.allocations(invoices, given, transfer.id, transfer.received_on),
            self.ledger.save_balance(replace(balance, balance_cents=balance.balance_cents + left)),
            self.recording.entry(account_id, "payment.transfer_received", facts, by=by),
            self.mails.transfer(transfer, [self._numbered(invoices, one) for one in given]),
            *((use_balance(account_id, transfer.id),) if left else ()),
        )
        return transfer

    def _transfer(self, received: ReceivedTransfer, by: str) -> Transfer:
        reference = " ".join(received.reference.split())
        digest = hashlib.sha256(reference.upper().encode()).hexdigest()[:24]
        return Transfer(
            id=f"trf_{digest}",
            account_id=received.account_id,
            amount_cents=received.amount_cents,
            received_on=received.received_on,
            reference=reference,
            recorded_at=self.recording.now(),
            recorded_by=by,
        )

    def _same(self, known: Transfer, wanted: Transfer) -> Transfer:
        if known.state is TransferState.REVERSED:
            raise FieldErrors({"reference": _REVERSED})
        fact = (wanted.account_id, wanted.amount_cents, wanted.received_on)
        if (known.account_id, known.amount_cents, known.received_on) == fact:
            return known
        raise FieldErrors(
            {"reference": "Cette référence est déjà celle d’un autre virement enregistré."}
        )

    def _in_order(self, received: ReceivedTransfer) -> list[Collection]:
        """Give the invoices a transfer may pay, the one it names first."""
        others = self.spreading.open_invoices(received.account_id)
        if not received.invoice_id:
            return others
        named = self._named(received)
        return [named, *(one for one in others if one.invoice_id != named.invoice_id)]

    def _named(self, received: ReceivedTransfer) -> Collection:
        try:
            receivable = self.receivables.receivable(received.invoice_id)
        except NotFoundError as unknown:
            raise FieldErrors({"invoice_id": "Cette facture n’existe pas."}) from unknown
        if receivable.account_id != received.account_id:
            raise FieldErrors({"invoice_id": "Cette facture est celle d’un autre client."})
        collection = self.books.collection(receivable)
        left_cents = self.books.left_cents(receivable, collection)
        if left_cents == 0 and receivable.credited_cents >= receivable.amount_cents:
            raise FieldErrors({"invoice_id": "Cette facture a été annulée par un avoir."})
        if left_cents == 0:
            raise FieldErrors({"invoice_id": "Cette facture est déjà réglée."})
        if collection.disputed:
            raise FieldErrors(
                {"invoice_id": "Un paiement de cette facture est contesté par une banque."}
            )
        return replace(collection, left_cents=left_cents)

    def _numbered(self, invoices: list[Collection], share: Share) -> tuple[str, int]:
        number = next(one.number for one in invoices if one.invoice_id == share.invoice_id)
        return number, share.amount_cents
