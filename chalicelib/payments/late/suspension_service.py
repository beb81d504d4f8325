"""Suspends an account that does not pay, resumes it at once when it does (P8; PRI-5, DSK-8).

What is recorded here is the truth, and each change of it is committed with a message that has the
desktops follow: ``carry_out`` looks at the record before and after it acts, so that whatever comes
in between, or dies, they end as the record says.  A measure that the client contests waits for an
operator.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.desktops.requests.service import DesktopService
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.reasons import read_reason
from chalicelib.legal.recording import Recording
from chalicelib.payments.late.dunning_storage import DunningStorage
from chalicelib.payments.late.suspension import Suspension, SuspensionState
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.messages import FollowSuspension
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.terms.payment_terms import PaymentTermsTable
from chalicelib.texts.mails import MailName

_WHY = "Factures impayées après mise en demeure."
SYSTEM = "system"
LONGEST_TEXT = 2000


@dataclass(kw_only=True)
class SuspensionService:
    """Carries suspensions out, lifts them, hears objections."""

    storage: PaymentsStorage
    dunning: DunningStorage
    terms: PaymentTermsTable
    desktops: DesktopService
    mails: PaymentMails
    recording: Recording

    def run(self) -> int:
        """Suspend what is due, resume what was paid; tell how many changed (P8)."""
        changed = 0
        for listed in self.dunning.open_suspensions():
            if self.lift_if_paid(listed.account_id):
                changed += 1
            elif listed.due(self.recording.today()):
                changed += self._apply(listed.account_id)
        return changed

    def current(self, account_id: str) -> Suspension | None:
        """Give the suspension announced or applied to an account."""
        return next((one for one in self.dunning.suspensions(account_id) if one.is_open), None)

    def open(self) -> list[Suspension]:
        """Give all that are announced or applied, the oldest first."""
        return self.dunning.open_suspensions()

    def carry_out(self, account_id: str) -> None:
        """Have the desktops follow what is recorded now; again changes nothing (P8).

        The record is read again after the act: who changed it meanwhile may have acted before us.
        """
        applied = self._is_applied(account_id)
        while True:
            if applied:
                self.desktops.suspend_account(account_id, why=_WHY, by=SYSTEM)
            else:
                self.desktops.resume_account(account_id, by=SYSTEM)
            done, applied = applied, self._is_applied(account_id)
            if applied == done:
                return

    def _is_applied(self, account_id: str) -> bool:
        found = self.current(account_id)
        return found is not None and found.state is SuspensionState.APPLIED

    def _apply(self, account_id: str) -> bool:
        def record() -> bool:
            found = self.current(account_id)
            if found is None or not found.due(self.recording.today()):
                return False
            applied = replace(found, state=SuspensionState.APPLIED, applied_at=self.recording.now())
            self._commit(applied, "suspension.applied", SYSTEM, MailName.SERVICE_SUSPENDED)
            return True

        return self.recording.again(record)

    def lift_if_paid(self, account_id: str) -> bool:
        """Resume the service once what led to its suspension is paid; tell if anything changed.

        With nothing under formal notice unpaid the suspension is over.  Another invoice under
        notice keeps it announced, until the day that its own notice gave (P8).
        """

        def record() -> bool:
            found = self.current(account_id)
            if found is None:
                return False
            days = self._days_of_unpaid(found)
            if not days:
                lifted = replace(
                    found, state=SuspensionState.LIFTED, closed_at=self.recording.now()
                )
                self._resume(found, lifted, "suspension.lifted")
                return True
            until = min(days)
            if until <= max(found.effective_on, self.recording.today()):
                return False
            postponed = replace(found, state=SuspensionState.ANNOUNCED, effective_on=until)
            self._resume(found, postponed, "suspension.postponed")
            return True

        return self.recording.again(record)

    def _resume(self, found: Suspension, changed: Suspension, kind: str) -> None:
        was_applied = found.state is SuspensionState.APPLIED
        self._commit(changed, kind, SYSTEM, MailName.SERVICE_RESUMED if was_applied else None)

    def _days_of_unpaid(self, found: Suspension) -> list[date]:
        """Give, of each unpaid invoice under formal notice, the day from which it suspends."""
        noticed = {
            one.invoice_id: one.suspended_from or found.effective_on
            for one in self.dunning.dunnings(found.account_id)
            if one.formal_notice_on and one.closed_at is None
        }
        terms = self.terms.on(self.recording.today())
        return [
            noticed[one.invoice_id]
            for one in self.storage.collections(found.account_id)
            if one.invoice_id in noticed
            and not terms.is_carried(one.left_cents)
            and not one.disputed
        ]

    # objections
    def contest(self, account_id: str, objection: str, *, by: str) -> None:
        """Record that the client contests: the measure waits for a human, lifted meanwhile (PRI-5).

        Contesting again changes nothing.  Raises DomainError when there is no measure.
        """
        text = objection.strip()
        if len(text) > LONGEST_TEXT:
            raise FieldErrors({"objection": "Ce texte est trop long."})

        def record() -> None:
            found = self.current(account_id)
            if found is None:
                raise DomainError("Aucune suspension n’est annoncée pour votre compte.")
            if found.waits_for_a_human:
                return
            if found.decided_at:
                raise DomainError(
                    "Votre contestation a déjà été examinée. Écrivez-nous pour en parler."
                )
            contested = replace(found, contested_at=self.recording.now(), objection=text)
            waiting = replace(contested, state=SuspensionState.ANNOUNCED)
            self._commit(waiting, "suspension.contested", by, None)

        self.recording.again(record)

    def decide(self, account_id: str, *, uphold: bool, reason: str, by: str) -> None:
        """Decide on an objection: the measure goes on from tomorrow, or is cancelled (PRI-5).

        Raises FieldErrors without a reason, NotFoundError when nothing waits.
        """
        decision = read_reason(reason, "Dites au client pourquoi.")

        def record() -> None:
            found = self.current(account_id)
            if found is None or not found.waits_for_a_human:
                raise NotFoundError
            now = self.recording.now()
            decided = replace(found, decided_at=now, decided_by=by, decision=decision)
            if uphold:
                tomorrow = self.recording.today() + timedelta(days=1)
                kept = replace(decided, effective_on=max(found.effective_on, tomorrow))
                self._commit(kept, "suspension.upheld", by, MailName.OBJECTION_DECIDED)
            else:
                over = replace(decided, state=SuspensionState.CANCELLED, closed_at=now)
                self._commit(over, "suspension.cancelled", by, MailName.OBJECTION_DECIDED)

        self.recording.again(record)

    def _commit(
        self, suspension: Suspension, kind: str, by: str, template: MailName | None
    ) -> None:
        facts = {
            "announced_on": str(suspension.announced_on),
            "effective_on": str(suspension.effective_on),
            "objection": suspension.objection,
            "decision": suspension.decision,
        }
        context = {
            "effective_on": str(suspension.effective_on),
            "suspended_again_from": str(suspension.effective_on) if suspension.is_open else "",
            "upheld": suspension.is_open,
            "decision": suspension.decision,
            "path": "/statement",
        }
        key = f"{template}:{suspension.account_id}:{suspension.announced_on}:{suspension.version}"
        account_id = suspension.account_id
        mails = (self.mails.to_client(account_id, template, context, key=key),) if template else ()
        self.recording.commit(
            self.dunning.save_suspension(suspension),
            self.recording.entry(account_id, kind, facts, by=by),
            *mails,
            FollowSuspension(account_id=account_id).message(f"suspension:{account_id}"),
        )
