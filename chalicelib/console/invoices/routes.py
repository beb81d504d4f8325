"""Routes of invoices and credit notes."""

from chalicelib.console.framework.access import BILLING, OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/invoices", BILLING, "invoices.invoice_pages.invoices"),
    Route("GET", "/invoices/current", BILLING, "invoices.invoice_pages.current"),
    Route("GET", "/invoices/{invoice_id}", BILLING, "invoices.invoice_pages.invoice"),
    Route("GET", "/invoices.csv", BILLING, "invoices.invoice_pages.listed_csv"),
    Route("GET", "/invoices/{invoice_id}/pdf", BILLING, "invoices.invoice_pages.document"),
    Route("GET", "/invoices/{invoice_id}/xml", BILLING, "invoices.invoice_pages.xml"),
    Route("GET", "/credit-notes/{credit_note_id}", BILLING, "invoices.invoice_pages.credit_note"),
    Route(
        "GET",
        "/credit-notes/{credit_note_id}/pdf",
        BILLING,
        "invoices.invoice_pages.credit_note_document",
    ),
    Route(
        "GET",
        "/credit-notes/{credit_note_id}/xml",
        BILLING,
        "invoices.invoice_pages.credit_note_xml",
    ),
    Route("GET", "/invoices/{invoice_id}/paid-copy", BILLING, "invoices.invoice_pages.paid_copy"),
    Route("GET", "/operator/invoices/{invoice_id}", OPERATOR, "invoices.operator_pages.invoice"),
    Route(
        "GET", "/operator/invoices/{invoice_id}/pdf", OPERATOR, "invoices.operator_pages.document"
    ),
    Route("GET", "/operator/invoices/{invoice_id}/xml", OPERATOR, "invoices.operator_pages.xml"),
    Route(
        "POST",
        "/operator/invoices/{invoice_id}/credit-notes",
        OPERATOR,
        "invoices.operator_pages.issue",
    ),
    Route(
        "GET",
        "/operator/credit-notes/{credit_note_id}",
        OPERATOR,
        "invoices.operator_pages.credit_note",
    ),
    Route(
        "GET",
        "/operator/credit-notes/{credit_note_id}/pdf",
        OPERATOR,
        "invoices.operator_pages.credit_note_document",
    ),
    Route(
        "GET",
        "/operator/credit-notes/{credit_note_id}/xml",
        OPERATOR,
        "invoices.operator_pages.credit_note_xml",
    ),
)
