"""The issue of invoices: numbers, documents, journal and announcements in one commit (BIL-3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.billing.charges.charge import ChargeState, OneOffCharge
from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.charges.service_credits import ServiceCredit
from chalicelib.billing.invoices.invoice import Draft, Invoice, invoice_id_of
from chalicelib.billing.invoices.line_pages import LINES_INLINE
from chalicelib.billing.invoices.mentions import mentions_of
from chalicelib.billing.invoices.numbering import due_on, invoice_number
from chalicelib.billing.invoices.run import RunEntry, RunState
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.issuing.messages import DraftMonth
from chalicelib.billing.papers.messages import DrawInvoice
from chalicelib.billing.sales.journal import row_of
from chalicelib.billing.sales.storage import SalesStorage
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.settings import Company
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording

# Three writes each, and one per charge or credit used; one for the series, one for the sales
# journal, one for the run's totals and one for the messages: of 100 in all.
ISSUE_AT_ONCE = 32
_WRITES_AT_ONCE = 96
_WRITES_EACH = 3
# Half a kilobyte each, of the four megabytes of a transaction.
_LINES_AT_ONCE = 4000


@dataclass(frozen=True)
class Ready:
    """A draft to issue, with its account's place in the run."""

    entry: RunEntry
    draft: Draft
    charges: tuple[OneOffCharge, ...] = ()
    credits: tuple[ServiceCredit, ...] = ()

    @property
    def writes(self) -> int:
        """How much of a transaction its issue takes."""
        return _WRITES_EACH + len(self.charges) + len(self.credits)

    @property
    def lines(self) -> int:
        """How many lines its record holds."""
        return min(len(self.draft.lines) + len(self.draft.charges), LINES_INLINE)


@dataclass(kw_only=True)
class InvoiceIssuer:
    """Turns drafts into invoices, many in one transaction."""

    storage: BillingStorage
    ledger: LedgerStorage
    sales: SalesStorage
    recording: Recording
    company: Callable[[], Company]
    terms_days: Callable[[date], int]

    def issue(self, month: BillingMonth, account_ids: Iterable[AccountId]) -> list[Invoice]:
        """Issue the drafts of these accounts, and others of the month found ready beside them.

        An account that is not drafted, or has its invoice already, is passed over (BIL-4).
        """
        named = list(account_ids)[:ISSUE_AT_ONCE]
        return self.recording.again(lambda: self._issue_once(month, named))

    def _issue_once(self, month: BillingMonth, named: list[AccountId]) -> list[Invoice]:
        # The series before the clock: whoever commits next has read a later clock, so that dates
        # never go back along the numbers.
        series = self.storage.series()
        now = self.recording.now()
        issued_on = series.date_of_issue(paris_day(now))
        ready = self._ready(month, named)
        if not ready:
            return []
        company, terms_days = self.company(), self.terms_days(issued_on)
        invoices = [
            _invoice(
                one.draft,
                invoice_number(number, issued_on),
                now,
                company,
                issued_on=issued_on,
                terms_days=terms_days,
            )
            for number, one in enumerate(ready, start=series.last + 1)
        ]
        changes: list[Write | Message] = [
            self.storage.save_series(series.after(len(ready), issued_on)),
            self.sales.add([row_of(invoice) for invoice in invoices]),
            self.storage.save_run_totals(
                self.storage.run_totals(month).after(
                    invoice.totals.incl_vat_cents for invoice in invoices
                )
            ),
        ]
        for one, invoice in zip(ready, invoices, strict=True):
            changes += self._changes(one, invoice)
        self.recording.commit(*changes)
        return invoices

    def _ready(self, month: BillingMonth, named: list[AccountId]) -> list[Ready]:
        """Read the drafts to issue: those named first, then others that wait for their turn."""
        wanted = dict.fromkeys(named)
        if len(wanted) < ISSUE_AT_ONCE:
            beside = self.storage.entries_in(month, RunState.DRAFTED, ISSUE_AT_ONCE)
            wanted |= dict.fromkeys(entry.account_id for entry in beside)
        ready: list[Ready] = []
        lines = writes = 0
        for account_id in wanted:
            one = self._ready_one(account_id, month)
            if one is None:
                continue
            lines, writes = lines + one.lines, writes + one.writes
            if ready and (
                len(ready) == ISSUE_AT_ONCE or lines > _LINES_AT_ONCE or writes > _WRITES_AT_ONCE
            ):
                break
            ready.append(one)
        return ready

    def _ready_one(self, account_id: AccountId, month: BillingMonth) -> Ready | None:
        entry = self.storage.entry(account_id, month)
        if entry is None or entry.state is not RunState.DRAFTED:
            return None
        draft = self._draft_of(entry)
        if draft is None:
            return None
        charges = tuple(
            self.ledger.charge(account_id, line.charge_id)
            for line in draft.charges
            if line.charge_id
        )
        credits = tuple(self.ledger.credit(account_id, each.credit_id) for each in draft.allowances)
        waiting = [charge for charge in charges if charge and charge.state is ChargeState.PENDING]
        unused = [credit for credit in credits if credit and not credit.invoice_id]
        if len(waiting) < len(charges) or len(unused) < len(credits):
            self.recording.commit(
                self.storage.save_entry(entry.moved(RunState.WAITING)),
                draft_message(account_id, month),
            )
            return None
        return Ready(entry, draft, tuple(waiting), tuple(unused))

    def _draft_of(self, entry: RunEntry) -> Draft | None:
        """Read a draft after its entry; should it be drafted anew meanwhile, the commit fails.

        One that cannot be read fails alone: it must not hold back the others (BIL-4).
        """
        try:
            return self.storage.draft(entry.account_id, entry.month)
        except (KeyError, TypeError, ValueError) as unreadable:
            failed = entry.moved(
                RunState.FAILED,
                reason="Brouillon illisible (%(error)s).",
                values={"error": type(unreadable).__name__},
            )
            self.recording.commit(self.storage.save_entry(failed))
            return None

    def _changes(self, one: Ready, invoice: Invoice) -> list[Write | Message]:
        totals = invoice.totals
        used = {each.credit_id: each.amount_excl_vat_cents for each in invoice.allowances}
        facts = {
            "invoice_id": invoice.id,
            "number": invoice.number,
            "month": str(invoice.month),
            "issued_on": invoice.issued_on.isoformat(),
            "excl_vat_cents": totals.excl_vat_cents,
            "incl_vat_cents": totals.incl_vat_cents,
            "usage_digest": invoice.usage_digest,
        }
        issued = one.entry.moved(
            RunState.ISSUED,
            invoice_id=invoice.id,
            number=invoice.number,
            incl_vat_cents=totals.incl_vat_cents,
        )
        return [
            self.storage.add_invoice(invoice),
            self.storage.save_entry(issued),
            *(self.ledger.save_charge(each.billed_on(invoice.id)) for each in one.charges),
            *(
                self.ledger.save_credit(each.used_on(invoice.id, used[each.id]))
                for each in one.credits
            ),
            self.recording.entry(invoice.account_id, "invoice.issued", facts, by="system"),
            DrawInvoice(invoice_id=invoice.id).message(f"document:{invoice.id}"),
        ]


def draft_message(account_id: AccountId, month: BillingMonth) -> Message:
    """Ask for an account's month to be drafted."""
    return DraftMonth(account_id=account_id, month=month).message(f"draft:{month}:{account_id}")


def _invoice(  # noqa: PLR0913 - what an invoice is made of
    draft: Draft,
    number: str,
    now: datetime,
    company: Company,
    *,
    issued_on: date,
    terms_days: int,
) -> Invoice:
    return Invoice(
        id=invoice_id_of(draft.account_id, draft.month),
        number=number,
        account_id=draft.account_id,
        month=draft.month,
        issued_at=now,
        issued_on=issued_on,
        due_on=due_on(
            draft.payment_mode,
            draft.month,
            issued_on,
            terms_days if draft.terms_days is None else draft.terms_days,
        ),
        lines=draft.lines,
        charges=draft.charges,
        allowances=draft.allowances,
        totals=draft.totals,
        seller=company,
        buyer=draft.buyer,
        payment_mode=draft.payment_mode,
        mentions=mentions_of(draft, issued_on, company),
        usage_digest=draft.usage_digest,
        delivery=draft.delivery,
        late_rate_percent=draft.late_rate_percent,
    )
