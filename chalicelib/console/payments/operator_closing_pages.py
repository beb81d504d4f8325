"""Closings of receipts: days, months, years, their check and their export (EVD-2, OPS-1)."""

import re

from chalice.app import Response

from chalicelib.console.framework.downloads import file_answer
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import NotFoundError
from chalicelib.payments.closings.closing import Period

_YEAR = re.compile(r"2[0-9]{3}")


def closings(visit: Visit) -> Response:
    """Show the last closings of each kind, and the fault that a check finds, if any."""
    service = visit.services.closings.receipts
    return visit.page(
        "payments/operator_closings.html",
        days=service.newest(Period.DAY),
        months=service.newest(Period.MONTH, 24),
        years=service.newest(Period.YEAR, 10),
        fault=next(iter(service.verify(every_signature=False)), None),
        this_year=today(visit.services.base.clock).year,
    )


def export(visit: Visit, year: str) -> Response:
    """Give a year's closings and receipts, signed, with what it takes to check them (EVD-2)."""
    if not _YEAR.fullmatch(year):
        raise NotFoundError
    archive = visit.services.closings.receipts.archive(year)
    return file_answer(archive, "application/zip", f"clotures-{year}.zip")
