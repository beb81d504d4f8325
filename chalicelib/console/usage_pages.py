"""Usage of a month: by day, by desktop, so far and forecast, and as files (MET-3, CON-1)."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from chalice.app import Response

from chalicelib.billing.drafting import draft_of
from chalicelib.console.costs import chart_of, lines_by_desktop
from chalicelib.console.visit import Visit
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.money import from_cents
from chalicelib.metering.usage import UsageDay, day_cost

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
    services, account = visit.services, visit.account
    now, month = today(services.clock), _month(visit)
    so_far = services.metering.usage_so_far(account.id, month)
    forecast = services.metering.forecast(account.id, month) if month.last_day > now else so_far
    catalogue = services.catalogue.current()
    draft = draft_of(account, month, so_far, catalogue)
    until = min(now, month.last_day)
    return visit.page(
        "usage/usage.html",
        month=month,
        is_current=month.last_day >= now,
        previous=month.previous if month.previous >= _first_month(visit) else None,
        following=month.next if month.next.first_day <= now else None,
        draft=draft,
        forecast=draft_of(account, month, forecast, catalogue).totals,
        groups=lines_by_desktop(draft, so_far, visit.language),
        chart=chart_of(month, forecast, until, visit.language),
        used_days=len(so_far),
        until=until,
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
    return visit.services.metering.usage_so_far(visit.account.id, month)


def _month(visit: Visit) -> BillingMonth:
    """Read the month asked for.  Raises NotFoundError for one that cannot have usage."""
    now = BillingMonth.of(today(visit.services.clock))
    asked = visit.query.get("month")
    if asked is None:
        return now
    try:
        month = BillingMonth.parse(asked)
    except ValueError as unreadable:
        raise NotFoundError from unreadable
    if not _first_month(visit) <= month <= now:
        raise NotFoundError
    return month


def _first_month(visit: Visit) -> BillingMonth:
    return BillingMonth.of(paris_day(visit.account.created_at))


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
    name = row["desktop_name"]
    return {**row, "desktop_name": "'" + name if name[:1] in "=+-@\t\r" else name}


def _file(text: str, content_type: str, name: str) -> Response:
    headers: dict[str, str | list[str]] = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(text, headers, 200)
