"""Compares Stripe's own list with our ledger, daily, and reports each difference (PAY-5).

Both ways: each charge, refund and dispute that Stripe lists must be in the ledger with its amount,
and each card entry of the ledger must be at Stripe.  Nothing is silently put right: a notice that
had not come is made up for by the very code that handles notices, and that too is reported.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.errors import FinalGatewayError, NotFoundError
from chalicelib.foundation.measures import Measure, note
from chalicelib.foundation.reasons import read_reason
from chalicelib.legal.policies import JOURNAL
from chalicelib.legal.recording import Recording
from chalicelib.payments.collection.noting import Noting
from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.payment import InvoicePlace
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.receivables import InvoiceReceivables
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.reconciliation.difference import (
    Difference,
    DifferenceKind,
    ReconciliationRun,
)
from chalicelib.payments.reconciliation.hand_refunds import HandRefunds
from chalicelib.payments.reconciliation.storage import ReconciliationStorage
from chalicelib.payments.stripe.processor import CardProcessor, Charge, Movement, MovementKind

log = logging.getLogger(__name__)
_OVERLAP = timedelta(days=2)  # what Stripe lists late is looked at again
_FIRST_LOOK = timedelta(days=35)
_CARD_KINDS = {SettlementKind.CARD, SettlementKind.REFUND, SettlementKind.DISPUTE}


@dataclass(kw_only=True)
class Reconciliation:
    """Makes the comparison; operators close what it found."""

    processor: CardProcessor
    receivables: InvoiceReceivables
    storage: PaymentsStorage
    ledger: LedgerStorage
    findings: ReconciliationStorage
    noting: Noting
    hand_refunds: HandRefunds
    recording: Recording

    def run(self) -> ReconciliationRun:
        """Compare from the last time until now; again finds the same differences, once each.

        Raises TemporaryGatewayError when Stripe does not answer: nothing is then taken as compared.
        """
        last, now = self.findings.run(), self.recording.now()
        since = last.until - _OVERLAP if last else now - _FIRST_LOOK
        movements = list(self.processor.movements(since, now))
        # All are compared before any is made up for: one look may record several.
        differing = [one for one in map(self._compared, movements) if one]
        found = [self._looked_at(one) for one in differing]
        found += self._missing_there(since, now)
        by_hand = [one for one in map(self._by_hand, movements) if one]
        found += by_hand
        for difference in found:
            self.recording.again(partial(self._report, difference))
        run = ReconciliationRun(
            since=since,
            until=now,
            made_at=now,
            compared=len(movements),
            found=len(found),
            healed=sum(one.healed for one in found),
            by_hand=len(by_hand),
            **_totals(movements),
            version=last.version if last else 0,
        )
        self.recording.commit(self.findings.save_run(run))
        return run

    def close(self, name: str, *, reason: str, by: str, credit_note_id: str = "") -> None:
        """Note that an operator looked into a difference; again changes nothing (PAY-5, EVD-1).

        Money given back by hand is attached to a credit note of its invoice, or to
        ``NO_CREDIT_NOTE``.  Raises NotFoundError, FieldErrors.
        """
        why = read_reason(reason, "Dites ce qui explique cet écart.")

        def closed() -> None:
            found = self.findings.difference(name)
            if found is None:
                raise NotFoundError
            if not found.is_open:
                return
            over = replace(found, closed_at=self.recording.now(), closed_by=by, reason=why)
            if found.kind is DifferenceKind.BY_HAND:
                number = self.hand_refunds.credit_note_of(found, credit_note_id)
                over = replace(over, credit_note=number)
            facts = {
                "difference": found.name,
                "intent_id": found.intent_id,
                "there_cents": found.there_cents,
                "here_cents": found.here_cents,
                "credit_note": over.credit_note,
                "reason": why,
            }
            chain = found.account_id or JOURNAL
            self.recording.commit(
                self.findings.save_difference(over),
                self.recording.entry(chain, "payment.difference_closed", facts, by=by),
            )

        self.recording.again(closed)

    def last_run(self) -> ReconciliationRun | None:
        """Give the last comparison."""
        return self.findings.run()

    def open(self) -> list[Difference]:
        """Give the differences to examine, newest first."""
        return self.findings.differences(still_open=True)

    def over(self, limit: int = 50) -> list[Difference]:
        """Give the last differences explained or made up for, newest first."""
        return self.findings.differences(still_open=False, limit=limit)

    # from Stripe's list to ours
    def _compared(self, movement: Movement) -> Difference | None:
        receivable = self._receivable(movement.intent_id)
        if receivable is None:
            return self._difference(movement, DifferenceKind.UNKNOWN, 0)
        here_cents = self._here(receivable, movement)
        if here_cents is None:
            return self._difference(movement, DifferenceKind.MISSING_HERE, 0, receivable)
        # Of a dispute the bank may take more or less than its amount: the entry tells what it took.
        if movement.kind is not MovementKind.DISPUTE and here_cents != movement.amount_cents:
            return self._difference(movement, DifferenceKind.AMOUNT, here_cents, receivable)
        return None

    def _by_hand(self, movement: Movement) -> Difference | None:
        receivable = self._receivable(movement.intent_id)
        if receivable is None:
            return None  # told as unknown
        return self.hand_refunds.difference(movement, receivable, self.recording.now())

    def _looked_at(self, difference: Difference) -> Difference:
        """Look at an object missing here as its notice would have made us do."""
        if difference.kind is not DifferenceKind.MISSING_HERE:
            return difference
        receivable = self.receivables.receivable(difference.invoice_id)
        self.noting.look(receivable, difference.intent_id)
        entries = self.ledger.settlements(difference.account_id, difference.invoice_id)
        known = {entry.id for entry in entries}
        healed = difference.object_id in known or bool(
            self.ledger.dispute(difference.account_id, difference.object_id)
        )
        return replace(difference, healed=healed)

    def _here(self, receivable: Receivable, movement: Movement) -> int | None:
        """Give the cents our ledger has of a movement; None when it does not have it."""
        if movement.kind is MovementKind.DISPUTE:
            known = self.ledger.dispute(receivable.account_id, movement.object_id)
            return movement.amount_cents if known else None
        entry = self._entry(receivable, movement)
        return abs(entry.amount_cents) if entry else None

    def _entry(self, receivable: Receivable, movement: Movement) -> Settlement | None:
        entries = self.ledger.settlements(receivable.account_id, receivable.invoice_id)
        return next((entry for entry in entries if entry.id == movement.object_id), None)

    def _receivable(self, intent_id: str) -> Receivable | None:
        if not intent_id:
            return None
        place = self.storage.place_of(intent_id)
        if place is None:
            charge = self._charge(intent_id)
            place = InvoicePlace(charge.account_id, charge.invoice_id) if charge else None
        if place is None or not place.invoice_id:
            return None
        try:
            receivable = self.receivables.receivable(place.invoice_id)
        except NotFoundError:
            return None
        return receivable if receivable.account_id == place.account_id else None

    def _charge(self, intent_id: str) -> Charge | None:
        try:
            return self.processor.charge(intent_id)
        except FinalGatewayError:
            return None

    # from our list to Stripe's
    def _missing_there(self, since: datetime, until: datetime) -> Iterator[Difference]:
        day = paris_day(since)
        while day <= paris_day(until):
            for entry in self.ledger.receipts(day):
                if entry.kind in _CARD_KINDS and not self._is_there(entry):
                    yield self._of_entry(entry)
            day += timedelta(days=1)

    def _is_there(self, entry: Settlement) -> bool:
        charge = self._charge(entry.reference)
        if charge is None:
            return False
        if entry.kind is SettlementKind.CARD:
            return charge.received_cents == entry.amount_cents
        made = {one.id for one in charge.refunds} | {one.id for one in charge.disputes}
        return entry.id in made

    def _of_entry(self, entry: Settlement) -> Difference:
        return Difference(
            name=f"{DifferenceKind.MISSING_THERE}-{entry.id}",
            kind=DifferenceKind.MISSING_THERE,
            object_id=entry.id,
            intent_id=entry.reference,
            there_cents=0,
            here_cents=abs(entry.amount_cents),
            found_at=self.recording.now(),
            account_id=entry.account_id,
            invoice_id=entry.invoice_id,
        )

    def _difference(
        self,
        movement: Movement,
        kind: DifferenceKind,
        here_cents: int,
        receivable: Receivable | None = None,
    ) -> Difference:
        return Difference(
            name=f"{kind}-{movement.object_id}",
            kind=kind,
            object_id=movement.object_id,
            intent_id=movement.intent_id,
            there_cents=movement.amount_cents,
            here_cents=here_cents,
            found_at=self.recording.now(),
            account_id=receivable.account_id if receivable else "",
            invoice_id=receivable.invoice_id if receivable else "",
        )

    def _report(self, difference: Difference) -> None:
        if self.findings.difference(difference.name):
            return  # found before: what an operator said of it stays
        log.warning(
            "payments differ from Stripe's list",
            extra={
                "difference": difference.kind.value,
                "object": difference.object_id,
                "healed": difference.healed,
            },
        )
        self.recording.commit(self.findings.save_difference(difference))
        if not difference.healed:
            note(Measure.PAYMENT_DIFFERENCES)


def _totals(movements: list[Movement]) -> dict[str, int]:
    """Count and add up what Stripe lists, by kind."""
    totals: dict[str, int] = {}
    for kind, counted, added in (
        (MovementKind.CHARGE, "charges", "charged_cents"),
        (MovementKind.REFUND, "refunds", "refunded_cents"),
        (MovementKind.DISPUTE, "disputes", "disputed_cents"),
    ):
        amounts = [one.amount_cents for one in movements if one.kind is kind]
        totals |= {counted: len(amounts), added: sum(amounts)}
    return totals
