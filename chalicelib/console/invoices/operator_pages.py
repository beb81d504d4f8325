"""Any client's invoice for operators, and taking it back by credit note (BIL-3, BIL-5, CON-3)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from chalice.app import Response

from chalicelib.billing.credits.credit_rules import CreditLeft, CreditRequest
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.console.framework.fields import euros_if_any
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.console.invoices.invoice_pages import credit_note_shown, invoice_shown
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import InvoiceId, new_id

LINES_OFFERED = 100
_LONGEST_KEY = 60
_MOST_CENTS = 10**12


class LinesForm(Form):
    """What is credited of each line, by its number."""

    families: ClassVar[Mapping[str, str]] = {"lines": "line-"}

    lines: dict[str, Annotated[int | None, euros_if_any(_MOST_CENTS)]]


def invoice(visit: Visit, invoice_id: str) -> Response:
    """Show any account's invoice, with the form that takes it back."""
    return visit.page("invoices/invoice.html", **_shown(visit, InvoiceId(invoice_id)))


def document(visit: Visit, invoice_id: str) -> Response:
    """Send the browser to the PDF of any account's invoice."""
    services = visit.services
    found = services.billing.service.invoice(InvoiceId(invoice_id))
    return visit.see_other(services.papers.documents.pdf_link(found))


def xml(visit: Visit, invoice_id: str) -> Response:
    """Send the browser to the XML of any account's invoice."""
    services = visit.services
    found = services.billing.service.invoice(InvoiceId(invoice_id))
    return visit.see_other(services.papers.documents.xml_link(found))


def issue(visit: Visit, invoice_id: str) -> Response:
    """Issue a credit note: the amounts typed line by line, or all that is left (BIL-5)."""
    services = visit.services
    found = services.billing.service.invoice(InvoiceId(invoice_id))
    fields = visit.fields
    try:
        whole = fields.get("scope") == "all"
        note = services.billing.credit_notes.issue(
            found.id,
            "all" if whole else _requests(services.billing.credit_notes.left(found), fields),
            reason=fields.get("reason", ""),
            by=f"operator:{visit.user.id}",
            key=f"form:{fields.get('key', '')[:_LONGEST_KEY]}",
        )
    except DomainError as refused:
        return visit.form_again("invoices/invoice.html", refused, **_shown(visit, found.id))
    return visit.see_other(f"/operator/credit-notes/{note.id}")


def credit_note(visit: Visit, credit_note_id: str) -> Response:
    """Show any account's credit note."""
    found = visit.services.billing.credit_notes.credit_note(credit_note_id)
    return visit.page("invoices/credit_note.html", **credit_note_shown(visit, found))


def credit_note_document(visit: Visit, credit_note_id: str) -> Response:
    """Send the browser to the PDF of any account's credit note."""
    services = visit.services
    found = services.billing.credit_notes.credit_note(credit_note_id)
    return visit.see_other(services.papers.documents.pdf_link(found))


def credit_note_xml(visit: Visit, credit_note_id: str) -> Response:
    """Send the browser to the XML of any account's credit note."""
    services = visit.services
    found = services.billing.credit_notes.credit_note(credit_note_id)
    return visit.see_other(services.papers.documents.xml_link(found))


def _shown(visit: Visit, invoice_id: InvoiceId) -> dict[str, Any]:
    shown = invoice_shown(visit, invoice_id)
    found: Invoice = shown["invoice"]
    left = visit.services.billing.credit_notes.left(found)
    language = visit.language
    creditable = [
        (index, _named(each.line.desktop_name, each.line.label[language]), each.left_cents)
        for index, each in enumerate(left.lines)
        if each.left_cents
    ]
    return {
        **shown,
        "left": left,
        "form_key": new_id("req"),
        "creditable": creditable[:LINES_OFFERED],
        "uncreditable": max(0, len(creditable) - LINES_OFFERED),
    }


def _named(desktop: str, label: str) -> str:
    return f"{desktop} – {label}" if desktop else label


def _requests(left: CreditLeft, fields: dict[str, str]) -> list[CreditRequest]:
    """Read the amounts typed; an empty field credits nothing.  Raises FieldErrors."""
    typed = read_form(LinesForm, fields).lines
    asked = [(number, each, typed.get(str(number))) for number, each in enumerate(left.lines)]
    errors = {
        f"line-{number}": "Un avoir ne peut pas dépasser ce qui reste de sa ligne."
        for number, each, cents in asked
        if cents is not None and cents > each.left_cents
    }
    if errors:
        raise FieldErrors(errors)
    return [CreditRequest(each.line.key, cents) for _, each, cents in asked if cents is not None]
