"""Claims on professionals who paid late: fixed on the day they pay, paid or waived (PAY-6).

Interest runs from the day after the due date; it is claimed, with the fee, only of an invoice that
came into default (P7), once.  A claim is an amount to collect like an invoice, never charged by
itself, and never lessened but by a payment or an operator's waiver.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.billing.invoices.late_terms import late_terms_on
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.reasons import read_reason
from chalicelib.legal.recording import Recording
from chalicelib.payments.late.interest import LateInterest, late_interest, settled_on
from chalicelib.payments.late.rates import LateRates, UnknownRateError
from chalicelib.payments.money.books import Books, Change
from chalicelib.payments.money.claim import Claim, ClaimKind, WaitingClaim, claim_id_of
from chalicelib.payments.money.ledger import Settlement, SettlementKind, money_of
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.mails import PaymentMails
from chalicelib.payments.money.payment import CollectionState
from chalicelib.payments.money.receivable import Receivable
from chalicelib.payments.money.receivables import receivable_of
from chalicelib.payments.terms.payment_terms import PaymentTermsTable
from chalicelib.texts.mails import MailName


@dataclass(kw_only=True)
class LateClaims:
    """Foresees, fixes and waives claims."""

    ledger: LedgerStorage
    rates: LateRates
    terms: PaymentTermsTable
    books: Books
    mails: PaymentMails
    recording: Recording

    def foreseen(self, receivable: Receivable) -> list[tuple[str, int | None]]:
        """Give what paying today would cost besides, by kind, in cents (PAY-6).

        None where it cannot be said yet, for want of a rate.
        """
        if not receivable.is_professional:
            return []
        day = self.recording.today()
        entries = self.ledger.settlements(receivable.account_id, receivable.invoice_id)
        try:
            interest: int | None = self._interest(receivable, entries, day).amount_cents
        except UnknownRateError:
            interest = None
        found = [
            (ClaimKind.INTEREST.value, interest),
            (ClaimKind.FEE.value, late_terms_on(day).recovery_fee_cents),
        ]
        return [(kind, cents) for kind, cents in found if cents != 0]

    def _interest(
        self, receivable: Receivable, entries: list[Settlement], until: date
    ) -> LateInterest:
        return late_interest(
            receivable.amount_cents,
            entries,
            self.books.collection(receivable).due_on or receivable.due_on,
            until,
            self.rates.rate(receivable.late_rate_percent),
        )

    def waiting(self) -> list[WaitingClaim]:
        """Give the invoices paid late whose claims wait for a rate, by invoice."""
        return self.ledger.waiting_claims()

    def of_invoice(self, account_id: str, invoice_id: str) -> list[tuple[Claim, int]]:
        """Give the claims of an invoice, each with what is left to pay of it."""
        return [
            (claim, self._left(claim))
            for claim in self.ledger.claims(account_id)
            if claim.invoice_id == invoice_id
        ]

    def of_account(self, account_id: str) -> list[tuple[Claim, int]]:
        """Give the claims on an account, each with what is left to pay of it."""
        return [(claim, self._left(claim)) for claim in self.ledger.claims(account_id)]

    def claim_of(self, account_id: str, claim_id: str) -> Claim:
        """Give a claim of that account.  Raises NotFoundError for any other."""
        claim = self.ledger.claim(claim_id)
        if claim is None or claim.account_id != account_id:
            raise NotFoundError
        return claim

    def _left(self, claim: Claim) -> int:
        entries = self.ledger.settlements(claim.account_id, claim.id)
        return money_of(claim.amount_cents, entries).left_cents

    def fix(self, receivable: Receivable, last_day: date) -> None:
        """Fix the claims of an invoice now paid, had it come into default; again changes nothing.

        Consumers owe none (PAY-6).  Without the rate of a day that counts they wait together, and
        are fixed by the daily job once it is published.
        """
        if not receivable.is_professional:
            return
        entries = self.ledger.settlements(receivable.account_id, receivable.invoice_id)
        terms = self.terms.on(self.recording.today())
        paid_on = settled_on(receivable.amount_cents, entries, terms.is_carried)
        money = money_of(receivable.amount_cents, entries)
        if paid_on is None or paid_on <= last_day or not money.paid_cents:
            return  # in time, or taken back by a credit note
        self.recording.again(lambda: self._fix_or_wait(receivable, entries, paid_on))

    def _fix_or_wait(
        self, receivable: Receivable, entries: list[Settlement], paid_on: date
    ) -> None:
        account_id, invoice_id = receivable.account_id, receivable.invoice_id
        waiting = self.ledger.waiting_claim(account_id, invoice_id)
        try:
            interest = self._interest(receivable, entries, paid_on)
        except UnknownRateError:
            claimed = self.ledger.claim(claim_id_of(invoice_id, ClaimKind.FEE))
            if waiting is None and claimed is None:
                new = WaitingClaim(invoice_id, account_id, self.recording.now())
                self.recording.commit(self.ledger.save_waiting_claim(new))
            return
        changes = self._fixed(receivable, interest, paid_on)
        if waiting is not None and waiting.closed_at is None:
            over = replace(waiting, closed_at=self.recording.now())
            changes.append(self.ledger.save_waiting_claim(over))
        if changes:
            self.recording.commit(*changes)

    def _fixed(self, receivable: Receivable, interest: LateInterest, paid_on: date) -> list[Change]:
        day = self.recording.today()
        due_on = day + timedelta(days=self.terms.on(day).claim_terms_days)
        base = Claim(
            id="",
            account_id=receivable.account_id,
            invoice_id=receivable.invoice_id,
            number="",
            kind=ClaimKind.FEE,
            amount_cents=late_terms_on(paid_on).recovery_fee_cents,
            fixed_at=self.recording.now(),
            due_on=due_on,
        )
        wanted = [
            replace(
                base,
                kind=ClaimKind.INTEREST,
                amount_cents=interest.amount_cents,
                days=interest.days,
                rate_percent=str(interest.rate_percent),
            ),
            base,
        ]
        new = [
            replace(
                claim,
                id=claim_id_of(receivable.invoice_id, claim.kind),
                number=f"{receivable.number}/{'I' if claim.kind is ClaimKind.INTEREST else 'F'}",
            )
            for claim in wanted
            if claim.amount_cents
        ]
        new = [claim for claim in new if self.ledger.claim(claim.id) is None]
        return self._changes(receivable, new) if new else []

    def _changes(self, receivable: Receivable, claims: list[Claim]) -> list[Change]:
        facts = {claim.kind.value: claim.amount_cents for claim in claims}
        changes: list[Change] = []
        for claim in claims:
            collection = self.books.collection(receivable_of(claim))
            waiting = replace(collection, state=CollectionState.WAITING)
            changes += [self.ledger.save_claim(claim), *self.books.post(waiting).changes]
        context = {
            "number": receivable.number,
            "claims": [[claim.kind.value, claim.amount_cents] for claim in claims],
            "due_on": str(claims[0].due_on),
            "path": f"/invoices/{receivable.invoice_id}",
        }
        key = f"late_claims:{receivable.invoice_id}"
        account_id = receivable.account_id
        return [
            *changes,
            self.recording.entry(
                account_id,
                "late.claimed",
                {"invoice_id": receivable.invoice_id, **facts},
                by="system",
            ),
            self.mails.to_client(account_id, MailName.LATE_CLAIMS, context, key=key),
        ]

    def waive(self, claim_id: str, *, reason: str, by: str) -> None:
        """Give a claim up, what is left of it (PAY-6).  Raises NotFoundError, FieldErrors."""
        why = read_reason(reason, "Dites pourquoi cette somme est abandonnée.")

        def waived() -> None:
            claim = self.ledger.claim(claim_id)
            if claim is None:
                raise NotFoundError
            if claim.waived_at:
                return
            collection = self.books.collection(receivable_of(claim))
            left = self.books.money(collection).left_cents
            if not left:
                raise DomainError("Cette somme est déjà réglée\u00a0: il n’y a rien à abandonner.")
            now = self.recording.now()
            entry = Settlement(
                id=f"{claim.id}-waived",
                invoice_id=claim.id,
                account_id=claim.account_id,
                kind=SettlementKind.WAIVER,
                amount_cents=left,
                at=now,
                reference=why,
            )
            facts = {"claim": claim.id, "amount_cents": left, "reason": why}
            done = replace(claim, waived_at=now, waived_by=by, reason=why)
            self.recording.commit(
                self.ledger.save_claim(done),
                *self.books.post(collection, entry).changes,
                self.recording.entry(claim.account_id, "late.waived", facts, by=by),
            )

        self.recording.again(waived)
