"""Usage of a month: by day, by desktop, so far and forecast, and as files (MET-3, CON-1)."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from chalice.app import Response

from chalicelib.billing.contracts.billing import covered
from chalicelib.console.framework.visit import Visit
from chalicelib.console.usage.day_shown import day_rows
from chalicelib.console.usage.usage_shown import month_asked, month_shown
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.csv_cells import text_cell
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.money import from_cents
from chalicelib.metering.usage import UsageDay, day_cost

_ITEMS_SHOWN = 200
_DIGITS = 6
_COLUMNS = (
    "day",
    "desktop_id",
    "desktop_name",
    "kind",
    "code",
    "quantity",
    "monthly_excl_vat",
    "days_in_month",
    "day_cost_excl_vat",
    "recorded",
)


def usage(visit: Visit) -> Response:
    """Show the usage of a month: ``?month=2026-11``, the present one unless given."""
    page = visit.query.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) <= _DIGITS else 1
    shown = month_shown(visit.services, visit.account, _month(visit), visit.language, number)
    return visit.page("usage/usage.html", **shown)


def day(visit: Visit, usage_day: str) -> Response:
    """Show how each amount of a Paris day was computed (MET-3)."""
    try:
        asked = date.fromisoformat(usage_day)
    except ValueError as unreadable:
        raise NotFoundError from unreadable
    month = month_asked(
        str(BillingMonth.of(asked)), visit.account, today(visit.services.base.clock)
    )
    found = [each for each in _so_far(visit, month) if each.day == asked]
    if not found:
        raise NotFoundError
    services = visit.services
    agreed = services.billing.contracts.agreed_of(visit.account.id)
    whole = _so_far(visit, month)
    draft = services.billing.service.priced(visit.account.id, month, whole)
    corrections = services.metering.corrections.corrections_of(visit.account.id, month)
    return visit.page(
        "usage/day.html",
        day_shown=asked,
        month=month,
        recorded_at=found[0].recorded_at,
        rows=day_rows(
            found[0], covered(whole, agreed), draft, services.catalogue.current(), visit.language
        )[:_ITEMS_SHOWN],
        item_count=len(found[0].items),
        corrections=[each for each in corrections if each.day == asked],
        names=services.catalogue.current().names,
        previous=_neighbour(whole, asked, -1),
        following=_neighbour(whole, asked, 1),
    )


def usage_csv(visit: Visit) -> Response:
    """Give the usage of a month as CSV, one row per day and item."""
    month = _month(visit)
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_safe(row) for row in _rows(_so_far(visit, month)))
    # The mark tells spreadsheets that the text is UTF-8.
    return _file("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", f"usage-{month}.csv")


def usage_json(visit: Visit) -> Response:
    """Give the usage of a month as JSON."""
    month = _month(visit)
    document = {
        "month": str(month),
        "currency": "EUR",
        "days_in_month": month.day_count,
        "items": list(_rows(_so_far(visit, month))),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return _file(text, "application/json", f"usage-{month}.json")


def _so_far(visit: Visit, month: BillingMonth) -> list[UsageDay]:
    return visit.services.metering.service.usage_so_far(visit.account.id, month)


def _month(visit: Visit) -> BillingMonth:
    return month_asked(visit.query.get("month"), visit.account, today(visit.services.base.clock))


def _neighbour(usage: list[UsageDay], day: date, step: int) -> date | None:
    days = [each.day for each in usage]
    place = days.index(day) + step
    return days[place] if 0 <= place < len(days) else None


def _rows(usage: list[UsageDay]) -> Iterator[dict[str, Any]]:
    for day in usage:
        for item in day.items:
            yield {
                "day": day.day.isoformat(),
                "desktop_id": item.desktop_id,
                "desktop_name": item.desktop_name,
                "kind": item.kind,
                "code": item.code,
                "quantity": item.quantity,
                "monthly_excl_vat": str(from_cents(item.monthly_excl_vat_cents)),
                "days_in_month": _days_in(day.day),
                "day_cost_excl_vat": f"{day_cost(item, day.day):.6f}",
                "recorded": "yes" if day.recorded_at else "no",
            }


def _days_in(day: date) -> int:
    return BillingMonth.of(day).day_count


def _safe(row: dict[str, Any]) -> dict[str, Any]:
    """Keep a spreadsheet from taking a desktop's name for a formula."""
    return {**row, "desktop_name": text_cell(row["desktop_name"])}


def _file(text: str, content_type: str, name: str) -> Response:
    headers: dict[str, str | list[str]] = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(text, headers, 200)
