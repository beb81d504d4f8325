"""Reminds late payers, gives formal notice, and closes when they pay (CGV art. 8.2; PAY-6; P7, P8).

Woken daily; what is due follows from the records, so a missed or doubled call is harmless.  Each
step is one commit: what was sent, its mail, the journal.  Nothing here deletes anything, ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from chalicelib.legal.recording import Recording
from chalicelib.payments.late.claims import LateClaims
from chalicelib.payments.late.dunning_storage import DunningStorage
from chalicelib.payments.late.suspension import Suspension
from chalicelib.payments.late.suspension_service import SuspensionService
from chalicelib.payments.money.books import Books, Change
from chalicelib.payments.money.mails import PaymentMails, page_of
from chalicelib.payments.money.payment import Collection, CollectionState
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.terms.dunning_policies import DunningPolicies
from chalicelib.payments.terms.dunning_steps import FORMAL_NOTICE, Dunning, DunningPolicy, step_due
from chalicelib.payments.terms.payment_dates import last_day_to_pay
from chalicelib.payments.terms.payment_terms import PaymentTermsTable
from chalicelib.texts.mails import MailName

SYSTEM = "system"


@dataclass(kw_only=True)
class DunningService:
    """Follows what is unpaid."""

    receivables: InvoiceReceivables
    storage: PaymentsStorage
    dunning: DunningStorage
    policies: DunningPolicies
    terms: PaymentTermsTable
    books: Books
    claims: LateClaims
    suspensions: SuspensionService
    mails: PaymentMails
    recording: Recording

    def run(self) -> int:
        """Send what is due today and carry out suspensions that are; tell how many steps."""
        steps = sum(self.recording.again(partial(self._step, one)) for one in self._unpaid())
        for waiting in self.claims.waiting():
            self.settled(waiting.invoice_id)  # a rate may have been published since
        return steps + self.suspensions.run()

    def in_default_since(self, invoice_id: str) -> date | None:
        """Give the first day in default of an unpaid invoice; None when it is not (P7)."""
        receivable = self.receivables.receivable(invoice_id)
        collection = self.books.collection(receivable)
        if not self._is_followed(collection):
            return None
        first = self._last_day(receivable, collection) + timedelta(days=1)
        return first if self.recording.today() >= first else None

    def settled(self, invoice_id: str) -> None:
        """Close what was begun for an invoice now paid: claims fixed, service resumed at once.

        A rest that is carried to the next invoice holds nothing up.
        """
        receivable = self.receivables.receivable(invoice_id)
        collection = self.books.collection(receivable)
        if receivable.payment_mode == "claim" or not self._is_carried(collection):
            return
        self.claims.fix(receivable, self._last_day(receivable, collection))
        self.recording.again(lambda: self._close(receivable))
        self.suspensions.lift_if_paid(receivable.account_id)

    def _last_day(self, receivable: Receivable, collection: Collection) -> date:
        """Give the last day before default; of money taken back since, not before that day (P7)."""
        grace_days = self.terms.on(receivable.issued_on).card_grace_days
        by_card = receivable.payment_mode == "card"
        last_day = last_day_to_pay(by_card, receivable.due_on, grace_days)
        return max(last_day, collection.reopened_on or last_day)

    def _unpaid(self) -> Iterator[Collection]:
        return (one for one in list(self.storage.unpaid()) if self._is_followed(one))

    def _is_followed(self, collection: Collection) -> bool:
        """Tell whether an invoice is dunned: not a rest, not disputed, not a claim."""
        return (
            collection.state is not CollectionState.SETTLED
            and not self._is_carried(collection)
            and not collection.disputed
            and collection.payment_mode != "claim"
        )

    def _is_carried(self, collection: Collection) -> bool:
        return self.terms.on(self.recording.today()).is_carried(collection.left_cents)

    def _step(self, listed: Collection) -> bool:
        receivable = self.receivables.receivable(listed.invoice_id)
        collection = self.books.collection(receivable)
        if not self._is_followed(collection):
            return False  # the listing lagged
        day = self.recording.today()
        last_day = self._last_day(receivable, collection)
        stored = self.dunning.dunning(collection.account_id, collection.invoice_id)
        dunning = self._begun(collection, stored, last_day)
        if day <= last_day:
            return False
        policy = self.policies.on(last_day + timedelta(days=1))
        step = step_due(dunning, day, policy)
        if step is None:
            return False
        # Only if it is as it was read: a payment may just have come.
        unchanged = self.storage.save_collection(collection)
        self.recording.commit(
            unchanged, *self._changes(receivable, collection, dunning, step, policy)
        )
        return True

    def _begun(self, collection: Collection, stored: Dunning | None, last_day: date) -> Dunning:
        if stored and stored.closed_at is None and stored.last_day == last_day:
            return stored
        return Dunning(
            collection.account_id,
            collection.invoice_id,
            collection.number,
            last_day,
            version=stored.version if stored else 0,
        )

    def _changes(
        self,
        receivable: Receivable,
        collection: Collection,
        dunning: Dunning,
        step: int | str,
        policy: DunningPolicy,
    ) -> list[Change]:
        account_id, day = collection.account_id, self.recording.today()
        context: dict[str, Any] = {
            "number": collection.number,
            "amount_cents": collection.left_cents,
            "due_on": str(collection.due_on or receivable.due_on),
            "days_late": (day - dunning.last_day).days,
            "by_card": receivable.payment_mode == "card",
            "path": page_of(collection.invoice_id),
        }
        facts = {"invoice_id": collection.invoice_id, "number": collection.number}
        facts |= {"amount_cents": str(collection.left_cents)}
        if step != FORMAL_NOTICE:
            key = f"reminder:{collection.invoice_id}:{dunning.last_day}:{step}"
            return [
                self.dunning.save_dunning(replace(dunning, reminded_day=int(step))),
                self.recording.entry(account_id, "dunning.reminder", facts, by=SYSTEM),
                self.mails.to_client(account_id, MailName.PAYMENT_REMINDER, context, key=key),
            ]
        notice_days = policy.notice_days(professional=receivable.is_professional)
        suspended_from = day + timedelta(days=notice_days)
        context |= {"suspended_from": str(suspended_from), "claims": []}
        if receivable.is_professional:
            context["claims"] = self.claims.foreseen(receivable)
        key = f"formal_notice:{collection.invoice_id}:{dunning.last_day}"
        return [
            self.dunning.save_dunning(
                replace(dunning, formal_notice_on=day, suspended_from=suspended_from)
            ),
            *self._announced(receivable.account_id, day, suspended_from),
            self.recording.entry(account_id, "dunning.formal_notice", facts, by=SYSTEM),
            self.mails.to_client(account_id, MailName.FORMAL_NOTICE, context, key=key),
        ]

    def _announced(self, account_id: str, day: date, suspended_from: date) -> list[Change]:
        """Announce a suspension, unless one is open: it then holds for this notice too (P8).

        Each notice has its own date: ``SuspensionService.lift_if_paid`` goes by those unpaid.
        """
        known = self.dunning.suspensions(account_id)
        if any(one.is_open for one in known):
            return []
        same_day = [one.version for one in known if one.announced_on == day]
        new = Suspension(account_id, day, suspended_from, version=same_day[0] if same_day else 0)
        return [self.dunning.save_suspension(new)]

    def _close(self, receivable: Receivable) -> None:
        dunning = self.dunning.dunning(receivable.account_id, receivable.invoice_id)
        if dunning and dunning.closed_at is None:
            closed = replace(dunning, closed_at=self.recording.now())
            self.recording.commit(self.dunning.save_dunning(closed))
