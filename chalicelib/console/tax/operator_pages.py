"""VAT for operators: clients elsewhere in the Union, and the one-stop shop's year (BIL-10)."""

import csv
import io
import re
from typing import Any

from chalice.app import Response

from chalicelib.billing.one_stop_shop.oss import by_country_and_rate, total_cents
from chalicelib.billing.one_stop_shop.vat_service import RECORDED
from chalicelib.billing.vat.rules import one_stop_shop_threshold_cents
from chalicelib.billing.vat.tax_status import number_state
from chalicelib.console.framework.visit import Visit
from chalicelib.console.tax.tax_pages import tax_shown
from chalicelib.foundation.clock import today
from chalicelib.foundation.csv_cells import euros_cell
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId

_ACCOUNT = "tax/operator_account.html"
_FIRST_YEAR = 2021  # of the one-stop shop


def overview(visit: Visit) -> Response:
    """Show the year of the one-stop shop and every client elsewhere in the Union."""
    services, day = visit.services, today(visit.services.base.clock)
    lines = services.taxes.one_stop_shop.lines(day.year)
    clients = [
        (account, status, number_state(account, status, day).value)
        for account, status in services.taxes.vat.statuses()
    ]
    return visit.page(
        "tax/operator_overview.html",
        year=day.year,
        total_cents=total_cents(lines),
        previous_cents=services.taxes.one_stop_shop.year_cents(day.year - 1),
        threshold_cents=one_stop_shop_threshold_cents(day),
        sums=by_country_and_rate(lines),
        clients=clients,
    )


def oss_csv(visit: Visit, year: str) -> Response:
    """Give the year's supplies as CSV, for the one-stop shop's return.  Unknown years: 404."""
    last = today(visit.services.base.clock).year
    if not re.fullmatch(r"[0-9]{4}", year) or not _FIRST_YEAR <= int(year) <= last:
        raise NotFoundError
    text = io.StringIO()
    table = csv.writer(text, delimiter=";")
    table.writerow(
        ["document", "month", "consumer_country", "vat_country", "rate", "base", "vat", "proofs"]
    )
    for line in visit.services.taxes.one_stop_shop.lines(int(year)):
        table.writerow(
            [
                line.number,
                line.month,
                line.consumer_country,
                line.country,
                f"{line.rate_percent.normalize():f}".replace(".", ","),
                euros_cell(line.base_cents),
                euros_cell(line.vat_cents),
                " ".join(line.proofs),
            ]
        )
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="guichet-unique-{year}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(text.getvalue(), headers)


def account(visit: Visit, account_id: str) -> Response:
    """Show what is known of a client for VAT, with the form that records a proof."""
    return visit.page(
        _ACCOUNT, fields={}, errors={}, refusal=None, **_shown(visit, AccountId(account_id))
    )


def check(visit: Visit, account_id: str) -> Response:
    """Ask VIES for a client's number now."""
    try:
        visit.services.taxes.vat.check_number(AccountId(account_id), by=_by(visit))
    except NotFoundError:
        raise
    except DomainError as refused:
        return visit.form_again(_ACCOUNT, refused, **_shown(visit, AccountId(account_id)))
    return visit.see_other(f"/operator/vat/{account_id}")


def record_proof(visit: Visit, account_id: str) -> Response:
    """Record what shows where a consumer is."""
    fields = visit.fields
    try:
        visit.services.taxes.vat.record_proof(
            AccountId(account_id),
            fields.get("kind", ""),
            fields.get("country", "").strip(),
            fields.get("detail", ""),
            by=_by(visit),
        )
    except NotFoundError:
        raise
    except DomainError as refused:
        return visit.form_again(_ACCOUNT, refused, **_shown(visit, AccountId(account_id)))
    return visit.see_other(f"/operator/vat/{account_id}")


def _shown(visit: Visit, account_id: AccountId) -> dict[str, Any]:
    account = visit.services.accounts.service.account(account_id)
    return {**tax_shown(visit, account), "kinds": [kind.value for kind in RECORDED]}


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"
