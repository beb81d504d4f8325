"""Reminds late payers, gives formal notice, and closes when they pay (CGV art. 8.2; PAY-6; P7, P8).

Woken daily; what is due follows from the records, so a missed or doubled call is harmless.  Each
step is one commit: what was sent, its mail, the journal.  Nothing here deletes anything, ever.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from chalicelib.accounts.account import PaymentMode
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.payments.late.claims import LateClaims
from chalicelib.payments.late.suspension import Suspension
from chalicelib.payments.late.suspension_service import SuspensionService
from chalicelib.payments.money.books import Books, Change
from chalicelib.payments.money.mails import PaymentMails, page_of
from chalicelib.payments.money.payment import Collection, CollectionState
from chalicelib.payments.money.ports import Receivable, Receivables
from chalicelib.payments.stores import DunningStore, PaymentsStore
from chalicelib.payments.stripe.processor import LEAST_CHARGE_CENTS
from chalicelib.payments.terms.dunning_policies import DunningPolicies
from chalicelib.payments.terms.dunning_steps import FORMAL_NOTICE, Dunning, DunningPolicy, step_due
from chalicelib.payments.terms.payment_dates import payment_dates
from chalicelib.texts.mails import MailName

SYSTEM = "system"


def last_day_to_pay(receivable: Receivable, collection: Collection) -> date:
    """Give the last day before default; of money taken back since, not before that day (P7)."""
    mode = PaymentMode(receivable.payment_mode)
    month = BillingMonth.parse(receivable.month or str(BillingMonth.of(receivable.issued_on)))
    last_day = payment_dates(mode, month, receivable.due_on).last_day
    return max(last_day, collection.reopened_on or last_day)


class DunningService:
    """Follows what is unpaid."""

    def __init__(  # noqa: PLR0913 - one per port
        self,
        *,
        receivables: Receivables,
        storage: PaymentsStore,
        dunning: DunningStore,
        policies: DunningPolicies,
        books: Books,
        claims: LateClaims,
        suspensions: SuspensionService,
        mails: PaymentMails,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._receivables = receivables
        self._storage = storage
        self._dunning = dunning
        self._policies = policies
        self._books = books
        self._claims = claims
        self._suspensions = suspensions
        self._mails = mails
        self._work = work
        self._journal = journal
        self._clock = clock

    def run(self) -> int:
        """Send what is due today and carry out suspensions that are; tell how many steps."""
        steps = sum(retry_on_conflict(partial(self._step, one)) for one in self._unpaid())
        for waiting in self._claims.waiting():
            self.settled(waiting.invoice_id)  # a rate may have been published since
        return steps + self._suspensions.run()

    def in_default_since(self, invoice_id: str) -> date | None:
        """Give the first day in default of an unpaid invoice; None when it is not (P7)."""
        receivable = self._receivables.receivable(invoice_id)
        collection = self._books.collection(receivable)
        if not self._is_followed(collection):
            return None
        first = last_day_to_pay(receivable, collection) + timedelta(days=1)
        return first if today(self._clock) >= first else None

    def settled(self, invoice_id: str) -> None:
        """Close what was begun for an invoice now paid: claims fixed, service resumed at once."""
        receivable = self._receivables.receivable(invoice_id)
        collection = self._books.collection(receivable)
        if collection.state is not CollectionState.SETTLED or receivable.payment_mode == "claim":
            return
        self._claims.fix(receivable, last_day_to_pay(receivable, collection))
        retry_on_conflict(lambda: self._close(receivable))
        self._suspensions.lift_if_paid(receivable.account_id)

    def _unpaid(self) -> Iterator[Collection]:
        return (one for one in list(self._storage.unpaid()) if self._is_followed(one))

    def _is_followed(self, collection: Collection) -> bool:
        """Tell whether an invoice is dunned: not some cents, not disputed, not a claim."""
        return (
            collection.state is not CollectionState.SETTLED
            and collection.left_cents >= LEAST_CHARGE_CENTS
            and not collection.disputed
            and collection.payment_mode != "claim"
        )

    def _step(self, listed: Collection) -> bool:
        receivable = self._receivables.receivable(listed.invoice_id)
        collection = self._books.collection(receivable)
        if not self._is_followed(collection):
            return False  # the listing lagged
        day = today(self._clock)
        last_day = last_day_to_pay(receivable, collection)
        stored = self._dunning.dunning(collection.account_id, collection.invoice_id)
        dunning = self._begun(collection, stored, last_day)
        if day <= last_day:
            return False
        policy = self._policies.on(last_day + timedelta(days=1))
        step = step_due(dunning, day, policy)
        if step is None:
            return False
        # Only if it is as it was read: a payment may just have come.
        unchanged = self._storage.save_collection(collection)
        self._work.commit(unchanged, *self._changes(receivable, collection, dunning, step, policy))
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
        account_id, day = collection.account_id, today(self._clock)
        context: dict[str, Any] = {
            "number": collection.number,
            "amount_cents": collection.left_cents,
            "due_on": str(receivable.due_on),
            "days_late": (day - dunning.last_day).days,
            "by_card": receivable.payment_mode == "card",
            "path": page_of(collection.invoice_id),
        }
        facts = {"invoice_id": collection.invoice_id, "number": collection.number}
        facts |= {"amount_cents": str(collection.left_cents)}
        if step != FORMAL_NOTICE:
            key = f"reminder:{collection.invoice_id}:{dunning.last_day}:{step}"
            return [
                self._dunning.save_dunning(replace(dunning, reminded_day=int(step))),
                self._journal.entry(account_id, "dunning.reminder", facts, by=SYSTEM),
                self._mails.to_client(account_id, MailName.PAYMENT_REMINDER, context, key=key),
            ]
        suspension, announced = self._announced(receivable, day, policy)
        context |= {"suspended_from": str(suspension.effective_on), "claims": []}
        if receivable.is_professional:
            context["claims"] = self._claims.foreseen(receivable)
        key = f"formal_notice:{collection.invoice_id}:{dunning.last_day}"
        return [
            self._dunning.save_dunning(replace(dunning, formal_notice_on=day)),
            *announced,
            self._journal.entry(account_id, "dunning.formal_notice", facts, by=SYSTEM),
            self._mails.to_client(account_id, MailName.FORMAL_NOTICE, context, key=key),
        ]

    def _announced(
        self, receivable: Receivable, day: date, policy: DunningPolicy
    ) -> tuple[Suspension, list[Change]]:
        """Give the account's open suspension, announcing one when there is none (P8)."""
        known = [one for one in self._dunning.suspensions(receivable.account_id) if one.is_open]
        if known:
            return known[0], []
        notice_days = policy.notice_days(professional=receivable.is_professional)
        new = Suspension(receivable.account_id, day, day + timedelta(days=notice_days))
        same_day = [
            one
            for one in self._dunning.suspensions(receivable.account_id)
            if one.announced_on == day
        ]
        new = replace(new, version=same_day[0].version) if same_day else new
        return new, [self._dunning.save_suspension(new)]

    def _close(self, receivable: Receivable) -> None:
        dunning = self._dunning.dunning(receivable.account_id, receivable.invoice_id)
        if dunning and dunning.closed_at is None:
            closed = replace(dunning, closed_at=self._clock.now())
            self._work.commit(self._dunning.save_dunning(closed))
