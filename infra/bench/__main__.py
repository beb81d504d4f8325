"""`make bench`: what the project promises of its speed — measured, goal, met.

Figures are ratios of two things measured in turn within one run, by medians (machines are noisy,
ratios less so), but for the start of the local stack, which is seconds.
"""

import sys
from datetime import timedelta
from decimal import Decimal

from chalicelib.billing.drafts.usage_lines import lines_of
from chalicelib.billing.invoices.totals import totals_of
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.metering.usage import UsageDay, UsageItem
from infra.bench.desktops import desktop_figures
from infra.bench.invoice import invoice_figures
from infra.bench.local_start import local_figures
from infra.bench.page import demo_catalogue, page_figures
from infra.bench.ratio import Figure, ratio, timed
from infra.bench.run import run_figures
from infra.bench.start import start_figures

MONTH = BillingMonth(2026, 11)
ACCOUNTS = 50  # of the invoice run; `make bench-run ARGS=2000` measures it at its full size
PRICES = {"standard": 2900, "pro": 5900}


def a_month_of_usage(desktops: int) -> list[UsageDay]:
    """Make the usage days of desktops that change configuration in the middle of the month."""
    names = [f"dsk_{n:04d}" for n in range(desktops)]
    return [
        UsageDay(
            "acc_1",
            MONTH.first_day + timedelta(days=n),
            tuple(
                UsageItem(name, name, "desktop", code, 1, PRICES[code])
                for name in names
                for code in ["standard" if n < MONTH.day_count // 2 else "pro"]
            ),
        )
        for n in range(MONTH.day_count)
    ]


def pricing_figure(catalogue: Catalogue) -> Figure:
    """Pricing desktop-months against the same counting and rounding on bare integers."""
    usage = a_month_of_usage(200)
    vat = VatTreatment(Decimal(20))

    def ours() -> object:
        lines = lines_of(usage, MONTH, vat, catalogue)
        return totals_of((line.amount_excl_vat_cents, line.vat) for line in lines)

    bare = [[(item.desktop_id, item.monthly_excl_vat_cents) for item in day.items] for day in usage]

    def floor() -> int:
        counts: dict[tuple[str, int], int] = {}
        for day in bare:
            for key in day:
                counts[key] = counts.get(key, 0) + 1
        length, total = MONTH.day_count, 0
        for (_, cents), days in counts.items():
            total += (2 * cents * days + length) // (2 * length)
        return total + (2 * total * 20 + 100) // 200

    measured = ratio(lambda: timed(ours), lambda: timed(floor), rounds=15)
    return Figure("pricing a desktop-month / bare integer loop", measured, 8.0)


def main() -> int:
    """Print every figure; exit 1 when one is not met."""
    figures = [
        *start_figures(),
        pricing_figure(demo_catalogue()),
        *invoice_figures(),
        *run_figures(ACCOUNTS),
        *page_figures(),
        *desktop_figures(),
        *local_figures(),
    ]
    for figure in figures:
        print(figure)
    return not all(figure.is_met for figure in figures)


if __name__ == "__main__":
    sys.exit(main())
