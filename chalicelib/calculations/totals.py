"""Totals of a document: VAT on the sum of the lines of each rate (BIL-10)."""

from typing import Any

from chalicelib.billing.invoices.totals import totals_of
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.calculations.case import Case
from chalicelib.calculations.written import euros, rate
from chalicelib.foundation.money import to_cents


def totals(case: Case) -> dict[str, Any]:
    """Answer the topic ``totals``.  Raises BadCaseError."""
    case.only("lines")
    amounts = []
    for line in case.cases("lines"):
        line.only("amount_excl_vat", "vat_rate")
        cents = to_cents(line.amount("amount_excl_vat"))
        amounts.append((cents, VatTreatment(line.percent("vat_rate"))))
    added = totals_of(amounts)
    return {
        "by_rate": [
            {
                "vat_rate": rate(part.vat.rate_percent),
                "base": euros(part.base_cents),
                "vat": euros(part.vat_cents),
            }
            for part in added.by_rate
        ],
        "total_excl_vat": euros(added.excl_vat_cents),
        "vat": euros(added.vat_cents),
        "total_incl_vat": euros(added.incl_vat_cents),
    }
