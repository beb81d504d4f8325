"""Charges, service credits and credit notes in the ``billing`` table.

======================  ===============  ================================================
pk                      sk               what
======================  ===============  ================================================
``ACC#<account>``       CHARGE#<charge>  a one-off charge; listing ``CHARGES#<state>``
``ACC#<account>``       CREDIT#<credit>  a service credit
``ACC#<account>``       NO_COMPLEMENT    the account is spared the first month complement
``CRN#<note>``          NOTE             a credit note, written once; ``NOTES#<account>``
``CRN#<note>``          STATE            what happened to it since
``CRN#<note>``          LINES#…          lines of a large one
``INV#<invoice>``       CREDITED         which credit notes the invoice has
======================  ===============  ================================================
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.billing.charges.charge import OneOffCharge
from chalicelib.billing.charges.service_credits import ServiceCredit
from chalicelib.billing.invoices.credit_note import Credited, CreditLine, CreditNote
from chalicelib.billing.invoices.invoice import InvoiceState
from chalicelib.billing.invoices.line_pages import Page, Paged, is_large, pages_of
from chalicelib.foundation.ids import InvoiceId
from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables


@dataclass(frozen=True)
class _Waiver:
    """That an account is spared the first month complement: why, and by whom."""

    reason: str
    by: str


_CHARGES = Kind("billing", "charge", OneOffCharge)
_CREDITS = Kind("billing", "credit", ServiceCredit)
_WAIVERS = Kind("billing", "waiver", _Waiver)
_NOTES = Kind("billing", "credit note", Paged[CreditNote])
_NOTE_STATES = Kind("billing", "credit note state", InvoiceState)
_LINES = Kind("billing", "credit lines", Page[CreditLine])
_CREDITED = Kind("billing", "credited", Credited)


class LedgerStorage:
    """Reads them, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # one-off charges
    def charge(self, account_id: str, charge_id: str) -> OneOffCharge | None:
        """Read a charge."""
        return self._tables.get(_CHARGES, f"ACC#{account_id}", f"CHARGE#{charge_id}")

    def charges_of(self, account_id: str) -> Iterator[OneOffCharge]:
        """Read the charges of an account, whatever their state."""
        return self._tables.query(_CHARGES, f"ACC#{account_id}", starts_with="CHARGE#")

    def recent_charges(self, state: str, limit: int) -> Iterator[OneOffCharge]:
        """Read the newest charges in a state, of all accounts."""
        return self._tables.listing(_CHARGES, f"CHARGES#{state}", newest_first=True, limit=limit)

    def save_charge(self, charge: OneOffCharge) -> Put:
        """Give the write that keeps a charge; refused when somebody wrote it since."""
        return _CHARGES.put(
            charge,
            f"ACC#{charge.account_id}",
            f"CHARGE#{charge.id}",
            listed=(f"CHARGES#{charge.state}", f"{iso(charge.added_at)}#{charge.id}"),
        )

    # service credits
    def credit(self, account_id: str, credit_id: str) -> ServiceCredit | None:
        """Read a service credit."""
        return self._tables.get(_CREDITS, f"ACC#{account_id}", f"CREDIT#{credit_id}")

    def credits_of(self, account_id: str) -> Iterator[ServiceCredit]:
        """Read the service credits of an account."""
        return self._tables.query(_CREDITS, f"ACC#{account_id}", starts_with="CREDIT#")

    def save_credit(self, credit: ServiceCredit) -> Put:
        """Give the write that keeps a service credit; refused when somebody wrote it since."""
        return _CREDITS.put(credit, f"ACC#{credit.account_id}", f"CREDIT#{credit.id}")

    # the first month complement
    def complement_waived(self, account_id: str) -> bool:
        """Tell whether the first month complement is never to be billed to an account."""
        return self._tables.get(_WAIVERS, f"ACC#{account_id}", "NO_COMPLEMENT") is not None

    def waive_complement(self, account_id: str, reason: str, by: str) -> Put:
        """Give the write that spares an account the complement."""
        return _WAIVERS.put(_Waiver(reason, by), f"ACC#{account_id}", "NO_COMPLEMENT", always=True)

    # credit notes
    def credit_note(self, credit_note_id: str) -> CreditNote | None:
        """Read a credit note."""
        kept = self._tables.get(_NOTES, f"CRN#{credit_note_id}", "NOTE")
        return self._whole(kept) if kept else None

    def credit_notes_of(self, account_id: str) -> Iterator[CreditNote]:
        """Read the credit notes of an account, newest first."""
        for kept in self._tables.listing(_NOTES, f"NOTES#{account_id}", newest_first=True):
            yield self._whole(kept)

    def add_credit_note(self, note: CreditNote) -> Put:
        """Give the write of a new credit note; refused when it exists: it is written once."""
        listed = (f"NOTES#{note.account_id}", f"{len(note.number):02d}#{note.number}")
        return _NOTES.put(_paged(note), f"CRN#{note.id}", "NOTE", listed=listed)

    def credit_note_pages(self, note: CreditNote) -> list[Put]:
        """Give the writes of a large credit note's lines, to commit before it."""
        if not is_large(note.lines):
            return []
        return [
            _LINES.put(page, f"CRN#{note.id}", key, always=True)
            for key, page in pages_of("lines", note.lines).items()
        ]

    def credited(self, invoice_id: str) -> Credited:
        """Read which credit notes an invoice has."""
        credited = self._tables.get(_CREDITED, f"INV#{invoice_id}", "CREDITED")
        return credited or Credited(InvoiceId(invoice_id))

    def save_credited(self, credited: Credited) -> Put:
        """Give the write that adds to them; refused when somebody else did meanwhile."""
        return _CREDITED.put(credited, f"INV#{credited.invoice_id}", "CREDITED")

    def credit_note_state(self, credit_note_id: str) -> InvoiceState:
        """Read what happened to a credit note since its issue."""
        state = self._tables.get(_NOTE_STATES, f"CRN#{credit_note_id}", "STATE")
        return state or InvoiceState(InvoiceId(credit_note_id))

    def save_credit_note_state(self, state: InvoiceState) -> Put:
        """Give the write that keeps a credit note's state."""
        return _NOTE_STATES.put(state, f"CRN#{state.invoice_id}", "STATE")

    def _whole(self, kept: Paged[CreditNote]) -> CreditNote:
        """Give a credit note with its lines.  Raises KeyError when a page is not there."""
        if not kept.lines:
            return kept.document
        pk = f"CRN#{kept.document.id}"
        lines = (line for key in kept.lines for line in self._page(pk, key))
        return replace(kept.document, lines=tuple(lines))

    def _page(self, pk: str, key: str) -> tuple[CreditLine, ...]:
        page = self._tables.get(_LINES, pk, key)
        if page is None:
            raise KeyError(key)
        return page.lines


def _paged(note: CreditNote) -> Paged[CreditNote]:
    if not is_large(note.lines):
        return Paged(note)
    return Paged(replace(note, lines=()), tuple(pages_of("lines", note.lines)))
