"""The client's invoices: the one being formed, those issued, their PDF (BIL-7, BIL-11, CON-1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from chalice.app import Response

from chalicelib.billing.invoice import InvoiceLine
from chalicelib.billing.line_text import billed_quantity, desktop_title, explained
from chalicelib.billing.party_text import buyer_lines, seller_lines
from chalicelib.console.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.ids import InvoiceId


@dataclass(frozen=True)
class ShownLine:
    """A line in the reader's language."""

    designation: str
    quantity: str
    price_cents: int
    vat_rate_percent: Decimal
    amount_cents: int
    explanation: str


def invoices(visit: Visit) -> Response:
    """List the account's invoices, newest first, above them the one being formed."""
    services, account = visit.services, visit.account
    return visit.page(
        "invoices/list.html",
        invoices=services.billing.invoices_of(account.id),
        payments=services.collection.statuses_of(account.id),
        draft=services.billing.current(account.id),
    )


def current(visit: Visit) -> Response:
    """Show what the run would issue if the month ended now (BIL-7)."""
    draft = visit.services.billing.current(visit.account.id)
    return visit.page(
        "invoices/current.html",
        draft=draft,
        groups=shown_lines(draft.lines, visit.language),
        day=today(visit.services.clock),
        issued_from=draft.month.next.first_day,
    )


def invoice(visit: Visit, invoice_id: str) -> Response:
    """Show an invoice of the account."""
    found = visit.services.billing.invoice_of(visit.account.id, invoice_id)
    return visit.page("invoices/invoice.html", **invoice_shown(visit, found.id))


def invoice_shown(visit: Visit, invoice_id: InvoiceId) -> dict[str, Any]:
    """Give what the page of an invoice shows, for its client or for an operator."""
    services = visit.services
    found = services.billing.invoice(invoice_id)
    payment = services.collection.status_of(found.id)
    return {
        "invoice": found,
        "seller_lines": seller_lines(found.seller),
        "buyer_lines": buyer_lines(found.buyer),
        "groups": shown_lines(found.lines, visit.language),
        "document_stored_at": services.billing.state_of(found).document_stored_at,
        "payment": payment,
        "left_to_pay_cents": found.totals.incl_vat_cents - payment.paid_cents,
    }


def document(visit: Visit, invoice_id: str) -> Response:
    """Send the browser to the PDF of an invoice of the account (BIL-11)."""
    services = visit.services
    found = services.billing.invoice_of(visit.account.id, invoice_id)
    return visit.see_other(services.billing.document_link(found))


def shown_lines(lines: Sequence[InvoiceLine], language: str) -> list[tuple[str, list[ShownLine]]]:
    """Write lines in a language, desktop by desktop."""
    return [
        (desktop_title(name, language), [_shown(line, language) for line in of_desktop])
        for (_, name), of_desktop in groupby(
            lines, lambda line: (line.desktop_id, line.desktop_name)
        )
    ]


def _shown(line: InvoiceLine, language: str) -> ShownLine:
    return ShownLine(
        designation=line.label[language],
        quantity=billed_quantity(line, language),
        price_cents=line.monthly_excl_vat_cents,
        vat_rate_percent=line.vat.rate_percent,
        amount_cents=line.amount_excl_vat_cents,
        explanation=explained(line, language),
    )
