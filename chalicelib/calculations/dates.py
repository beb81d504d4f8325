"""Dates the contract fixes: by when to pay, by when to deliver (CGV art. 8.2, 16; P7; ORD-5)."""

from typing import Any

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.calculations.case import Case
from chalicelib.orders.model.commitments import desktops_due_on, pods_due_on
from chalicelib.payments.terms.payment_dates import by_card, on_invoice
from chalicelib.payments.terms.payment_terms import shipped_on

_LONGEST_TERMS = 365  # days


def payment_dates(case: Case) -> dict[str, Any]:
    """Answer the topic ``payment-dates``.  Raises BadCaseError."""
    if case.text("mode", [mode.value for mode in PaymentMode]) == PaymentMode.CARD:
        case.only("mode", "service_month")
        month = case.month("service_month")
        dates = by_card(month, shipped_on(month.next.first_day).card_grace_days)
    else:
        case.only("mode", "invoice_date", "terms_days")
        day = case.day("invoice_date")
        usual = shipped_on(day).invoice_terms_days
        dates = on_invoice(day, case.number("terms_days", _LONGEST_TERMS, usual))
    return {
        "due_on": dates.due_on.isoformat(),
        "last_day": dates.last_day.isoformat(),
        "in_default_from": dates.in_default_from.isoformat(),
    }


def delivery(case: Case) -> dict[str, Any]:
    """Answer the topic ``delivery``.  Raises BadCaseError."""
    case.only("confirmed_on")
    confirmed_on = case.day("confirmed_on")
    return {
        "desktop_by": desktops_due_on(confirmed_on).isoformat(),
        "pods_by": pods_due_on(confirmed_on).isoformat(),
    }
