"""The sales journal as accountants import it (BIL-12).

Semicolons, decimal commas and a byte order mark, as French spreadsheets read them; dates ISO.  One
line per document and VAT treatment, then the totals of the month, so that columns add up.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from chalicelib.billing.sales.journal import SalesAmount, SalesRow, summary_of
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.csv_cells import euros_cell, text_cell

_COLUMNS = (
    *("etat", "nature", "numero", "date", "mois_de_prestation", "compte", "client", "pays"),
    *("facture_reprise", "categorie_tva", "pays_tva", "taux_tva", "ht", "tva", "ttc"),
)
_KINDS = {"invoice": "facture", "credit_note": "avoir"}


def sales_csv(month: BillingMonth, rows: Sequence[SalesRow], *, closed: bool) -> bytes:
    """Write a month of the journal; each line of an open one says "provisoire" (BIL-12)."""
    state = "clos" if closed else "provisoire"
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerow(_COLUMNS)
    for row in rows:
        for amount in row.amounts:
            lines.writerow([state, *_document(row), *_treatment(amount), *_money(amount)])
    summary = summary_of(month, rows)
    blank = [""] * 7
    for amount in summary.amounts:
        lines.writerow([state, "total", *blank, *_treatment(amount), *_money(amount)])
    totals = (summary.base_cents, summary.vat_cents, summary.incl_vat_cents)
    lines.writerow([state, "total_general", *blank, "", "", "", *map(euros_cell, totals)])
    return ("\ufeff" + text.getvalue()).encode()


def _document(row: SalesRow) -> Iterable[str]:
    return (
        _KINDS[row.kind],
        row.number,
        row.issued_on.isoformat(),
        str(row.service_month),
        row.account_id,
        text_cell(row.client),
        text_cell(row.country),
        row.invoice_number,
    )


def _treatment(amount: SalesAmount) -> Iterable[str]:
    rate = format(amount.rate_percent.normalize(), "f").replace(".", ",")
    return amount.category, amount.country, rate


def _money(amount: SalesAmount) -> Iterable[str]:
    return map(euros_cell, (amount.base_cents, amount.vat_cents, amount.incl_vat_cents))
