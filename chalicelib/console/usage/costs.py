"""What pages show of usage: cost by desktop, cost by day as a chart, days as ranges (MET-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.billing.invoices.invoice import Draft
from chalicelib.billing.invoices.line_text import designation, explained, quantity_text
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.money import from_cents, round_half_up
from chalicelib.metering.usage import UsageDay, day_cost, key_of
from chalicelib.texts.formats import formats

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(4), Decimal(5), Decimal(8), Decimal(10))
_INTERVALS = 4
_LABELLED_DAYS = 5  # of the axis: 1, 5, 10…


@dataclass(frozen=True)
class Chart:
    """The bars of a month, ready for ``charts.bars``."""

    rows: list[dict[str, Any]]
    ymax: float
    ticks: list[str]
    label: str
    has_options: bool
    has_forecast: bool
    has_commitments: bool = False


@dataclass(frozen=True)
class DesktopLine:
    """One line of the month for a desktop, with the days it counts."""

    designation: str
    quantity: str
    price: Decimal
    amount_cents: int
    explanation: str
    ranges: list[tuple[date, date]]


def cost_by_desktop(usage: Iterable[UsageDay]) -> dict[str, Decimal]:
    """Add up what each desktop has cost, options included, in euros excl. VAT, rounded to show."""
    costs: dict[str, Decimal] = {}
    for day in usage:
        for item in day.items:
            costs[item.desktop_id] = costs.get(item.desktop_id, Decimal(0)) + day_cost(
                item, day.day
            )
    return {desktop_id: round_half_up(cost) for desktop_id, cost in costs.items()}


def lines_by_desktop(
    draft: Draft, usage: Sequence[UsageDay], language: str
) -> dict[str, list[DesktopLine]]:
    """Write the lines of each desktop's month, every amount with how it is computed.

    ``usage`` are the days that the draft bills.
    """
    days: dict[tuple[str, str, str, int, int], list[date]] = {}
    for one in usage:
        for item in one.items:
            days.setdefault(key_of(item), []).append(one.day)
    shown: dict[str, list[DesktopLine]] = {}
    for line in draft.lines:
        shown.setdefault(line.desktop_id, []).append(
            DesktopLine(
                designation(line, language),
                quantity_text(line, language),
                line.monthly_price,
                line.amount_excl_vat_cents,
                explained(line, language),
                ranges_of(days.get(key_of(line), [])),
            )
        )
    return shown


def chart_of(
    month: BillingMonth,
    usage: Iterable[UsageDay],
    until: date,
    language: str,
    committed_cents: int = 0,
) -> Chart:
    """Draw the cost of each day of a month; the days after ``until`` are a forecast (MET-3).

    ``committed_cents`` is what contracts cost the month, each day its share.
    """
    write = formats(language)
    by_day = {one.day: one for one in usage}
    committed = from_cents(committed_cents) / month.day_count
    rows = []
    for day in month.days:
        desktops, options = _split(by_day.get(day))
        forecast = day > until
        total = desktops + options + committed
        euros = write["euros"](round_half_up(total))
        title = f"{write['day'](day, 'd MMMM')} – {euros}"
        labelled = day.day == 1 or day.day % _LABELLED_DAYS == 0
        rows.append(
            {
                "label": write["day"](day, "d MMMM"),
                "x": day.day if labelled else "",
                "values": [float(total)]
                if forecast
                else [float(desktops), float(options), float(committed)],
                "forecast": forecast,
                "title": title,
                "total": euros,
                "now": day == until,
            }
        )
    highest = max((sum(row["values"]) for row in rows), default=0)
    top = _ceiling(Decimal(str(highest)))
    ticks = [write["euros"](top * n / _INTERVALS) for n in range(_INTERVALS, -1, -1)]
    return Chart(
        rows,
        float(top),
        ticks,
        write["month"](month),
        any(not row["forecast"] and row["values"][1] for row in rows),
        any(row["forecast"] and row["values"][0] for row in rows),
        committed_cents > 0 and until >= month.first_day,
    )


def _split(usage: UsageDay | None) -> tuple[Decimal, Decimal]:
    parts = {"desktop": Decimal(0), "option": Decimal(0)}
    for item in usage.items if usage else ():
        parts[item.kind] += day_cost(item, usage.day)  # type: ignore[union-attr]
    return parts["desktop"], parts["option"]


def _ceiling(highest: Decimal) -> Decimal:
    """Give the round number that tops the axis."""
    if highest <= 0:
        return Decimal(1)
    unit = Decimal(10) ** highest.adjusted()
    return next(step * unit for step in _STEPS if step * unit >= highest)


def ranges_of(days: list[date]) -> list[tuple[date, date]]:
    """Gather days into unbroken ranges."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][1] == timedelta(days=1):
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges
