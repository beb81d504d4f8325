"""Disputes as operators follow them: what waits for them, what they have seen (PAY-5, OPS-1)."""

from dataclasses import dataclass, replace

from chalicelib.foundation.errors import NotFoundError
from chalicelib.legal.recording import Recording
from chalicelib.payments.money.dispute import Dispute
from chalicelib.payments.money.ledger_storage import LedgerStorage


@dataclass(kw_only=True)
class DisputeService:
    """Lists disputes, and notes that a lost one was seen."""

    ledger: LedgerStorage
    recording: Recording

    def waiting(self) -> list[Dispute]:
        """Give the disputes to look at, newest first: those open, those lost and not seen."""
        return self.ledger.waiting_disputes()

    def over(self, limit: int = 50) -> list[Dispute]:
        """Give the last disputes over, newest first."""
        return self.ledger.past_disputes(limit)

    def seen(self, account_id: str, dispute_id: str, *, by: str) -> None:
        """Note that an operator has seen that a dispute is lost; again changes nothing.

        Raises NotFoundError for one that does not exist or is not decided.
        """

        def note() -> None:
            file = self.ledger.dispute(account_id, dispute_id)
            if file is None or file.is_open:
                raise NotFoundError
            if not file.waits:
                return
            seen = replace(file, seen_at=self.recording.now(), seen_by=by)
            facts = {"dispute": file.id, "invoice_id": file.invoice_id, "outcome": file.outcome}
            self.recording.commit(
                self.ledger.save_dispute(seen),
                self.recording.entry(account_id, "payment.dispute_seen", facts, by=by),
            )

        self.recording.again(note)
