"""The sales journal: its months, their totals, their files (BIL-12, OPS-1)."""

from chalice.app import Response

from chalicelib.console.framework.downloads import file_answer
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import NotFoundError


def months(visit: Visit) -> Response:
    """Show each month with its totals per rate and its numbers, and the fault found, if any."""
    service = visit.services.billing.sales_journal
    return visit.page(
        "sales/operator_sales.html",
        months=service.months(),
        fault=next(iter(service.verify()), None),
    )


def export(visit: Visit, month: str) -> Response:
    """Give the journal of a month as CSV; the name of an open one's file says "provisoire"."""
    try:
        asked = BillingMonth.parse(month)
    except ValueError:
        raise NotFoundError from None
    content, closed = visit.services.billing.sales_journal.export(asked)
    name = f"journal-des-ventes-{asked}{'' if closed else '-provisoire'}.csv"
    return file_answer(content.decode(), "text/csv; charset=utf-8", name)
