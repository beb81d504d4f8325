"""The client's invoices and credit notes, forming or issued, and their documents (BIL-5, BIL-7)."""

from itertools import groupby
from typing import Any

from chalice.app import Response

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Draft, Invoice
from chalicelib.billing.papers.document_record import Document
from chalicelib.billing.papers.party_text import buyer_lines, seller_lines
from chalicelib.console.framework.visit import Visit
from chalicelib.console.invoices.invoice_csv import invoices_csv
from chalicelib.console.invoices.invoice_lines import (
    ShownLine,
    shown_charge,
    shown_credit,
    shown_lines,
)
from chalicelib.console.invoices.invoice_timeline import timeline_of
from chalicelib.console.payments.late_shown import late_shown
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import InvoiceId

LINES_A_PAGE = 300
_DIGITS = 6  # of a page's number: longer ones are nobody's


def invoices(visit: Visit) -> Response:
    """List the account's invoices and credit notes, above them the invoice being formed."""
    services, account = visit.services, visit.account
    return visit.page(
        "invoices/list.html",
        invoices=services.billing.service.invoices_of(account.id),
        credit_notes=services.billing.credit_notes.of_account(account.id),
        payments=services.payments.collection.statuses_of(account.id),
        draft=services.billing.service.current(account.id),
    )


def listed_csv(visit: Visit) -> Response:
    """Give the list of invoices and credit notes as CSV (CON-1)."""
    services, account = visit.services, visit.account
    text = invoices_csv(
        services.billing.service.invoices_of(account.id),
        services.billing.credit_notes.of_account(account.id),
        services.payments.collection.statuses_of(account.id),
    )
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="factures.csv"',
        "Cache-Control": "no-store",
    }
    return Response(text, headers)


def current(visit: Visit) -> Response:
    """Show what the run would issue if the month ended now (BIL-7)."""
    draft = visit.services.billing.service.current(visit.account.id)
    return visit.page(
        "invoices/current.html",
        draft=draft,
        **parts_shown(visit, draft),
        day=today(visit.services.base.clock),
        issued_from=draft.month.next.first_day,
    )


def invoice(visit: Visit, invoice_id: str) -> Response:
    """Show an invoice of the account."""
    found = visit.services.billing.service.invoice_of(visit.account.id, invoice_id)
    return visit.page("invoices/invoice.html", **invoice_shown(visit, found.id))


def credit_note(visit: Visit, credit_note_id: str) -> Response:
    """Show a credit note of the account (BIL-5)."""
    found = visit.services.billing.credit_notes.credit_note_of(visit.account.id, credit_note_id)
    return visit.page("invoices/credit_note.html", **credit_note_shown(visit, found))


def document(visit: Visit, invoice_id: str) -> Response:
    """Send the browser to the PDF of an invoice of the account (BIL-11)."""
    services = visit.services
    found = services.billing.service.invoice_of(visit.account.id, invoice_id)
    return visit.see_other(services.papers.documents.pdf_link(found))


def xml(visit: Visit, invoice_id: str) -> Response:
    """Send the browser to the XML of an invoice of the account (BIL-11)."""
    services = visit.services
    found = services.billing.service.invoice_of(visit.account.id, invoice_id)
    return visit.see_other(services.papers.documents.xml_link(found))


def paid_copy(visit: Visit, invoice_id: str) -> Response:
    """Send the browser to the copy of an invoice that says it was paid (BIL-11).

    Raises DomainError for one that is not paid, or not by card.
    """
    services = visit.services
    found = services.billing.service.invoice_of(visit.account.id, invoice_id)
    payment = services.payments.collection.status_of(found.id)
    by_card = found.payment_mode is PaymentMode.CARD
    if payment.paid_at is None or not by_card or payment.paid_cents < found.totals.incl_vat_cents:
        raise DomainError(
            "La copie acquittée existe quand la facture est payée en entier par carte."
        )
    return visit.see_other(
        services.papers.documents.paid_copy_link(found, paris_day(payment.paid_at))
    )


def credit_note_document(visit: Visit, credit_note_id: str) -> Response:
    """Send the browser to the PDF of a credit note of the account (BIL-11)."""
    services = visit.services
    found = services.billing.credit_notes.credit_note_of(visit.account.id, credit_note_id)
    return visit.see_other(services.papers.documents.pdf_link(found))


def credit_note_xml(visit: Visit, credit_note_id: str) -> Response:
    """Send the browser to the XML of a credit note of the account (BIL-11)."""
    services = visit.services
    found = services.billing.credit_notes.credit_note_of(visit.account.id, credit_note_id)
    return visit.see_other(services.papers.documents.xml_link(found))


def invoice_shown(visit: Visit, invoice_id: InvoiceId) -> dict[str, Any]:
    """Give what the page of an invoice shows, for its client or for an operator."""
    services = visit.services
    found = services.billing.service.invoice(invoice_id)
    notes = services.billing.credit_notes.of_invoice(found.id)
    payment = services.payments.collection.status_of(found.id)
    credited = services.billing.credit_notes.credited_cents(found)
    return {
        "invoice": found,
        **parties_shown(found),
        **parts_shown(visit, found),
        "credit_notes": notes,
        "credited_cents": credited,
        "document_stored_at": services.billing.service.state_of(found).document_stored_at,
        "payment": payment,
        **late_shown(visit, found.account_id, found.id),
        "left_to_pay_cents": payment.left_cents,
        "timeline": timeline_of(visit, found, notes),
    }


def credit_note_shown(visit: Visit, note: CreditNote) -> dict[str, Any]:
    """Give what the page of a credit note shows, for its client or for an operator."""
    lines = [shown_credit(line, visit.language) for line in note.lines]
    return {
        "note": note,
        **parties_shown(note),
        **_pages(visit, [("", lines)]),
        "document_stored_at": visit.services.billing.credit_notes.document_stored_at(note),
    }


def parties_shown(document: Document) -> dict[str, Any]:
    """Give both parties as the document names them."""
    return {
        "seller_lines": seller_lines(document.seller, document.buyer.language),
        "buyer_lines": buyer_lines(document.buyer),
    }


def parts_shown(visit: Visit, document: Draft | Invoice) -> dict[str, Any]:
    """Give a document's lines, charges and allowances in the reader's language, a page of them."""
    language = visit.language
    groups = shown_lines(document.lines, language)
    by_desktop = groupby(document.charges, lambda charge: charge.desktop_name)
    groups += [
        (name, [shown_charge(charge, language) for charge in charges])
        for name, charges in by_desktop
    ]
    return {**_pages(visit, groups), "allowances": document.allowances}


def _pages(visit: Visit, groups: list[tuple[str, list[ShownLine]]]) -> dict[str, Any]:
    """Cut long documents: a page of thousands of lines is read by nobody, nor can it be sent."""
    count = sum(len(lines) for _, lines in groups)
    pages = max(1, -(-count // LINES_A_PAGE))
    asked = visit.query.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS else 1
    page = min(max(number, 1), pages)
    first = (page - 1) * LINES_A_PAGE
    shown, position = [], 0
    for name, lines in groups:
        kept = lines[max(0, first - position) : max(0, first + LINES_A_PAGE - position)]
        position += len(lines)
        if kept:
            shown.append((name, kept))
    return {"groups": shown, "page": page, "pages": pages}
