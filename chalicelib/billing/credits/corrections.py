"""What changes after an invoice: a credit note, or days of the next one (MET-4, BIL-5).

Usage taken back after its invoice is credited at once, by the correction itself or by the next
run; usage added goes with the next invoice by itself (``drafting``).  Both follow from the records,
so that a crash in between is made good by whoever comes next.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.billing.credits.credit_note_service import CreditNotes
from chalicelib.billing.credits.over_billing import over_billed, take_back
from chalicelib.billing.drafts.basis_service import MONTHS_BACK, InvoiceBases
from chalicelib.billing.drafts.usage_lines import EarlierMonth
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import invoice_id_of
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.metering.usage import Key
from chalicelib.texts.french_text import month_text


@dataclass(kw_only=True)
class Corrections:
    """Settles months whose usage is no longer what was billed."""

    storage: BillingStorage
    bases: InvoiceBases
    credit_notes: CreditNotes

    def settle_month(
        self, account_id: AccountId, month: BillingMonth, *, reason: str = "", by: str
    ) -> list[CreditNote]:
        """Credit what an invoiced month bills too much; nothing for a month still open (MET-4).

        ``reason`` is what the client reads on the credit note.
        """
        past = self.bases.closed(account_id, month)
        return self.settle(account_id, [past], reason=reason, by=by) if past else []

    def settle(
        self,
        account_id: AccountId,
        earlier: Sequence[EarlierMonth],
        *,
        reason: str = "",
        by: str = "system",
    ) -> list[CreditNote]:
        """Credit what closed months bill too much: once, however often it is asked (P2; BIL-5)."""
        notes = []
        for past in earlier:
            over = over_billed(past)
            goes_on = self._goes_on(account_id, past)
            if over or goes_on:
                text = reason or (_reason(past.month) if over else _complement_reason(past.month))
                notes += self._credit(account_id, past, over, text, by, goes_on=goes_on)
        return notes

    def _goes_on(self, account_id: AccountId, past: EarlierMonth) -> bool:
        """Tell whether a month was billed in full though the subscription went on (BIL-2, P1)."""
        return bool(past.in_full) and not self.bases.ends_with_first_month(account_id, past.month)

    def _credit(  # noqa: PLR0913 - what was billed too much, and why
        self,
        account_id: AccountId,
        past: EarlierMonth,
        over: Counter[Key],
        reason: str,
        by: str,
        *,
        goes_on: bool,
    ) -> list[CreditNote]:
        used = {item.desktop_id for day in past.usage for item in day.items}
        gone = past.in_full if goes_on else past.in_full - used
        key = _key(past, over)
        notes = []
        # The latest invoice first: what it bills of the month came last.
        for invoice_id in self._invoices(account_id, past.month):
            invoice = self.storage.invoice(invoice_id)
            if invoice is None:
                continue
            left = self.credit_notes.left(invoice)
            requests = take_back(left, past.month, over, gone)
            if requests:
                notes.append(
                    self.credit_notes.issue(invoice.id, requests, reason=reason, by=by, key=key)
                )
        return notes

    def _invoices(self, account_id: AccountId, month: BillingMonth) -> list[str]:
        months = [month]
        while len(months) <= MONTHS_BACK:
            months.append(months[-1].next)
        return [invoice_id_of(account_id, each) for each in reversed(months)]


def _key(past: EarlierMonth, over: Counter[Key]) -> str:
    """Name the state corrected: what is billed, and what of it too much."""
    facts = [str(past.month), sorted(past.billed.items()), sorted(over.items())]
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]
    return f"usage:{past.month}:{digest}"


def _complement_reason(month: BillingMonth) -> str:
    return (
        f"L’abonnement a continué après {month_text(month.first_day)} : "
        "le complément de premier mois n’était pas dû."
    )


def _reason(month: BillingMonth) -> str:
    return f"Correction de la consommation de {month_text(month.first_day)}."
