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
from dataclasses import asdict
from datetime import date
from typing import Any

from chalicelib.billing.charges.charge import ChargeState, OneOffCharge
from chalicelib.billing.charges.service_credits import ServiceCredit
from chalicelib.billing.invoices.credit_note import Credited, CreditNote
from chalicelib.billing.invoices.credit_note_json import credit_note_json, read_credit_note
from chalicelib.billing.invoices.invoice import InvoiceState
from chalicelib.billing.invoices.line_pages import split, whole
from chalicelib.billing.invoices.storage import BillingRecord
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.ids import AccountId, ChargeId, CreditId, CreditNoteId, InvoiceId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables


class LedgerStorage:
    """Reads them, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # one-off charges
    def charge(self, account_id: str, charge_id: str) -> OneOffCharge | None:
        """Read a charge."""
        record = self._get(f"ACC#{account_id}", f"CHARGE#{charge_id}")
        return _read_charge(record) if record else None

    def charges_of(self, account_id: str) -> Iterator[OneOffCharge]:
        """Read the charges of an account, whatever their state."""
        for record in self._tables.query_records(
            BillingRecord, f"ACC#{account_id}", starts_with="CHARGE#"
        ):
            yield _read_charge(record)

    def recent_charges(self, state: str, limit: int) -> Iterator[OneOffCharge]:
        """Read the newest charges in a state, of all accounts."""
        for record in self._tables.listing_records(
            BillingRecord, f"CHARGES#{state}", newest_first=True, limit=limit
        ):
            yield _read_charge(record)

    def save_charge(self, charge: OneOffCharge) -> Put:
        """Give the write that keeps a charge; refused when somebody wrote it since."""
        content = {
            **asdict(charge),
            "on": charge.on.isoformat(),
            "added_at": iso(charge.added_at),
            "state": charge.state.value,
        }
        return _put(
            f"ACC#{charge.account_id}",
            f"CHARGE#{charge.id}",
            content,
            listed=(f"CHARGES#{charge.state}", f"{iso(charge.added_at)}#{charge.id}"),
        )

    # service credits
    def credit(self, account_id: str, credit_id: str) -> ServiceCredit | None:
        """Read a service credit."""
        record = self._get(f"ACC#{account_id}", f"CREDIT#{credit_id}")
        return _read_credit(record) if record else None

    def credits_of(self, account_id: str) -> Iterator[ServiceCredit]:
        """Read the service credits of an account."""
        for record in self._tables.query_records(
            BillingRecord, f"ACC#{account_id}", starts_with="CREDIT#"
        ):
            yield _read_credit(record)

    def save_credit(self, credit: ServiceCredit) -> Put:
        """Give the write that keeps a service credit; refused when somebody wrote it since."""
        content = {**asdict(credit), "granted_at": iso(credit.granted_at)}
        return _put(f"ACC#{credit.account_id}", f"CREDIT#{credit.id}", content)

    # the first month complement
    def complement_waived(self, account_id: str) -> bool:
        """Tell whether the first month complement is never to be billed to an account."""
        return self._get(f"ACC#{account_id}", "NO_COMPLEMENT") is not None

    def waive_complement(self, account_id: str, reason: str, by: str) -> Put:
        """Give the write that spares an account the complement."""
        content = {"reason": reason, "by": by, "version": 0}
        return _put(f"ACC#{account_id}", "NO_COMPLEMENT", content, always=True)

    # credit notes
    def credit_note(self, credit_note_id: str) -> CreditNote | None:
        """Read a credit note."""
        record = self._get(f"CRN#{credit_note_id}", "NOTE")
        return self._note(record) if record else None

    def credit_notes_of(self, account_id: str) -> Iterator[CreditNote]:
        """Read the credit notes of an account, newest first."""
        for record in self._tables.listing_records(
            BillingRecord, f"NOTES#{account_id}", newest_first=True
        ):
            yield self._note(record)

    def add_credit_note(self, note: CreditNote) -> Put:
        """Give the write of a new credit note; refused when it exists: it is written once."""
        content = {**split(credit_note_json(note))[0], "version": 0}
        number = f"{len(note.number):02d}#{note.number}"
        return _put(f"CRN#{note.id}", "NOTE", content, listed=(f"NOTES#{note.account_id}", number))

    def credit_note_pages(self, note: CreditNote) -> list[Put]:
        """Give the writes of a large credit note's lines, to commit before it."""
        _, pages = split(credit_note_json(note))
        return [
            _put(f"CRN#{note.id}", key, {"lines": lines, "version": 0}, always=True)
            for key, lines in pages.items()
        ]

    def credited(self, invoice_id: str) -> Credited:
        """Read which credit notes an invoice has."""
        record = self._get(f"INV#{invoice_id}", "CREDITED")
        if record is None:
            return Credited(InvoiceId(invoice_id))
        ids = tuple(CreditNoteId(each) for each in record.content["credit_note_ids"])
        return Credited(InvoiceId(invoice_id), ids, int(record.version))

    def save_credited(self, credited: Credited) -> Put:
        """Give the write that adds to them; refused when somebody else did meanwhile."""
        content = {
            "credit_note_ids": list(credited.credit_note_ids),
            "version": credited.version,
        }
        return _put(f"INV#{credited.invoice_id}", "CREDITED", content)

    def credit_note_state(self, credit_note_id: str) -> InvoiceState:
        """Read what happened to a credit note since its issue."""
        record = self._get(f"CRN#{credit_note_id}", "STATE")
        if record is None:
            return InvoiceState(InvoiceId(credit_note_id))
        stored_at = record.content["document_stored_at"]
        return InvoiceState(
            InvoiceId(credit_note_id),
            instant(stored_at) if stored_at else None,
            int(record.version),
        )

    def save_credit_note_state(self, state: InvoiceState) -> Put:
        """Give the write that keeps a credit note's state."""
        stored_at = state.document_stored_at
        content = {
            "document_stored_at": iso(stored_at) if stored_at else None,
            "version": state.version,
        }
        return _put(f"CRN#{state.invoice_id}", "STATE", content)

    def _note(self, record: BillingRecord) -> CreditNote:
        return read_credit_note(whole(record.content, lambda key: self._page(record.pk, key)))

    def _page(self, pk: str, key: str) -> list[dict[str, Any]]:
        page = self._get(pk, key)
        if page is None:
            raise KeyError(key)
        lines: list[dict[str, Any]] = page.content["lines"]
        return lines

    def _get(self, pk: str, sk: str) -> BillingRecord | None:
        return self._tables.get_record(BillingRecord, pk, sk)


def _read_charge(record: BillingRecord) -> OneOffCharge:
    content = record.content
    read = {
        "id": ChargeId(content["id"]),
        "account_id": AccountId(content["account_id"]),
        "label": Label(**content["label"]),
        "on": date.fromisoformat(content["on"]),
        "added_at": instant(content["added_at"]),
        "state": ChargeState(content["state"]),
        "version": int(record.version),
    }
    return OneOffCharge(**{**content, **read})


def _read_credit(record: BillingRecord) -> ServiceCredit:
    content = record.content
    read = {
        "id": CreditId(content["id"]),
        "account_id": AccountId(content["account_id"]),
        "granted_at": instant(content["granted_at"]),
        "version": int(record.version),
    }
    return ServiceCredit(**{**content, **read})


def _put(
    pk: str,
    sk: str,
    content: dict[str, Any],
    *,
    listed: tuple[str, str] | None = None,
    always: bool = False,
) -> Put:
    list_key, list_sort = listed or (None, None)
    version = content.pop("version")
    record = BillingRecord(
        pk=pk, sk=sk, content=content, version=version, list_key=list_key, list_sort=list_sort
    )
    return old_put(record, always=always)
