"""A month of usage as pages show it: by desktop, day by day, and under contract (MET-3, BIL-6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.contracts.billing import coverage, covered
from chalicelib.billing.contracts.contract import Contract, ContractBilling
from chalicelib.billing.invoices.explanations import explained_charge
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.console.usage.costs import Chart, DesktopLine, chart_of, lines_by_desktop, ranges_of
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import NotFoundError
from chalicelib.metering.correction import UsageCorrection
from chalicelib.metering.usage import UsageDay, UsageItem
from chalicelib.wiring import Services

DESKTOPS_A_PAGE = 20
_WEEK = 7
Ranges = list[tuple[date, date]]


@dataclass(frozen=True)
class Cell:
    """A day of a desktop's calendar.

    ``kind``: "used", "covered" by a contract, "none", or "later" for a day not begun.
    """

    day: date
    kind: str
    configuration: str = ""
    options: tuple[str, ...] = ()
    changed: bool = False
    corrected: bool = False


@dataclass
class DesktopMonth:
    """A desktop's month: lines with their computation, days covered, calendar."""

    id: str
    name: str
    lines: list[DesktopLine] = field(default_factory=list)
    covered: list[tuple[str, int, Ranges]] = field(default_factory=list)
    weeks: list[list[Cell | None]] = field(default_factory=list)


def month_asked(text: str | None, account: Account, day: date) -> BillingMonth:
    """Read the month asked for.  Raises NotFoundError for one that cannot have usage."""
    now = BillingMonth.of(day)
    if text is None:
        return now
    try:
        month = BillingMonth.parse(text)
    except ValueError as unreadable:
        raise NotFoundError from unreadable
    if not first_month(account) <= month <= now:
        raise NotFoundError
    return month


def first_month(account: Account) -> BillingMonth:
    """Give the month an account was opened in."""
    return BillingMonth.of(paris_day(account.created_at))


def month_shown(
    services: Services, account: Account, month: BillingMonth, language: str, page: int = 1
) -> dict[str, Any]:
    """Give what pages show of an account's month."""
    now = today(services.base.clock)
    so_far = services.metering.service.usage_so_far(account.id, month)
    agreed = services.billing.contracts.agreed_of(account.id)
    catalogue = services.catalogue.current()
    owed = covered(so_far, agreed)
    draft = services.billing.service.priced(account.id, month, so_far)
    lines = lines_by_desktop(draft, owed, language)
    corrections = services.metering.corrections.corrections_of(account.id, month)
    names = {item.desktop_id: item.desktop_name for day in so_far for item in day.items}
    ordered = sorted(names, key=lambda each: (names[each], each))
    pages = max(1, -(-len(ordered) // DESKTOPS_A_PAGE))
    page = min(max(page, 1), pages)
    shown = ordered[(page - 1) * DESKTOPS_A_PAGE : page * DESKTOPS_A_PAGE]
    taken = coverage(so_far, agreed)
    calendar = _Calendar(month, min(now, month.last_day), catalogue, language)
    return {
        "month": month,
        "is_current": month.last_day >= now,
        "previous": month.previous if month.previous >= first_month(account) else None,
        "following": month.next if month.next.first_day <= now else None,
        "draft": draft,
        "groups": [
            DesktopMonth(
                each,
                names[each],
                lines.get(each, []),
                _covered_of(each, taken, catalogue, language),
                calendar.of(each, so_far, taken, corrections),
            )
            for each in shown
        ],
        "charges": [
            (charge.label[language], explained_charge(charge, language), charge)
            for charge in draft.charges
        ],
        "desktop_count": len(ordered),
        "page_number": page,
        "page_count": pages,
        "used_days": len(so_far),
        "until": min(now, month.last_day),
        "corrections": corrections,
        "names": catalogue.names,
        **costs_shown(services, account, month, language, agreed),
    }


def costs_shown(
    services: Services,
    account: Account,
    month: BillingMonth,
    language: str,
    agreed: Sequence[Contract],
) -> dict[str, Any]:
    """Give the chart of a month and its forecast (MET-3, CON-2)."""
    now = today(services.base.clock)
    whole = services.metering.service.forecast(account.id, month)
    chart: Chart = chart_of(
        month, covered(whole, agreed), min(now, month.last_day), language, _committed(agreed, month)
    )
    return {
        "chart": chart,
        "forecast": services.billing.service.priced(account.id, month, whole).totals,
    }


def _committed(agreed: Iterable[Contract], month: BillingMonth) -> int:
    """Give what commitments billed by the month cost in it, in cents."""
    return sum(
        contract.monthly_cents
        for contract in agreed
        if contract.billing is ContractBilling.MONTHLY and contract.covers(month.first_day)
    )


def _covered_of(
    desktop_id: str, taken: Iterable[UsageDay], catalogue: Catalogue, language: str
) -> list[tuple[str, int, Ranges]]:
    days: dict[tuple[str, int], list[date]] = {}
    for one in taken:
        for item in one.items:
            if item.desktop_id == desktop_id:
                days.setdefault((item.code, item.quantity), []).append(one.day)
    return [
        (_named(code, quantity, catalogue, language), len(found), ranges_of(found))
        for (code, quantity), found in days.items()
    ]


def _named(code: str, quantity: int, catalogue: Catalogue, language: str) -> str:
    name = catalogue.names[code][language] if code in catalogue.names else code
    return f"{name} × {quantity}" if quantity > 1 else name


class _Calendar:
    """Draws the month of a desktop, in weeks that begin on Monday."""

    def __init__(
        self, month: BillingMonth, until: date, catalogue: Catalogue, language: str
    ) -> None:
        self._month = month
        self._until = until
        self._catalogue = catalogue
        self._language = language

    def of(
        self,
        desktop_id: str,
        usage: Iterable[UsageDay],
        taken: Iterable[UsageDay],
        corrections: Iterable[UsageCorrection],
    ) -> list[list[Cell | None]]:
        used = _items_by_day(usage, desktop_id)
        inside = _items_by_day(taken, desktop_id)
        mended = {each.day for each in corrections if each.desktop_id == desktop_id}
        cells: list[Cell | None] = [None] * self._month.first_day.weekday()
        for day in self._month.days:
            before = used.get(day - timedelta(days=1))
            cell = self._cell(day, used.get(day, []), before, any(inside.get(day, [])))
            cells.append(Cell(**{**cell.__dict__, "corrected": True}) if day in mended else cell)
        cells += [None] * (-len(cells) % _WEEK)
        return [cells[start : start + _WEEK] for start in range(0, len(cells), _WEEK)]

    def _cell(
        self, day: date, items: list[UsageItem], before: list[UsageItem] | None, inside: bool
    ) -> Cell:
        if not items:
            return Cell(day, "later" if day > self._until else "none")
        configurations = [item for item in items if item.kind == "desktop"]
        return Cell(
            day,
            "covered" if inside else "used",
            ", ".join(self._name(item) for item in configurations),
            tuple(self._name(item) for item in items if item.kind == "option"),
            before is not None and _prices(before) != _prices(items),
        )

    def _name(self, item: UsageItem) -> str:
        return _named(item.code, item.quantity, self._catalogue, self._language)


def _items_by_day(usage: Iterable[UsageDay], desktop_id: str) -> dict[date, list[UsageItem]]:
    return {
        one.day: items
        for one in usage
        if (items := [item for item in one.items if item.desktop_id == desktop_id])
    }


def _prices(items: Iterable[UsageItem]) -> set[tuple[str, int, int]]:
    return {(item.code, item.quantity, item.monthly_excl_vat_cents) for item in items}
