"""What the business counts: noted where it happens, published once an invocation ends.

A measure noted outside of an invocation (a test, a command) goes nowhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Protocol


class Measure(StrEnum):
    """Every business metric, by its name in CloudWatch; amounts are euros, the rest counts."""

    ACCOUNTS_OPENED = "AccountsOpened"
    ORDERS_VALIDATED = "OrdersValidated"
    DESKTOPS_RUNNING = "DesktopsRunning"
    DESKTOPS_RENTED = "DesktopsRented"
    DAYS_METERED = "DaysMetered"
    INVOICES_ISSUED = "InvoicesIssued"
    AMOUNT_INVOICED = "AmountInvoiced"
    AMOUNT_CREDITED = "AmountCredited"
    AMOUNT_COLLECTED = "AmountCollected"
    AMOUNT_REFUNDED = "AmountRefunded"
    PAYMENTS_DECLINED = "PaymentsDeclined"
    PAYMENT_DIFFERENCES = "PaymentDifferences"
    FAILURES = "Failures"


Totals = Mapping[Measure, float]
_collected: ContextVar[dict[Measure, float] | None] = ContextVar("measures", default=None)


class Metrics(Protocol):
    """Where measures are published."""

    def publish(self, function: str, totals: Totals) -> None:
        """Publish what an invocation of a function noted; nothing when it noted nothing."""


def note(measure: Measure, value: float = 1) -> None:
    """Add to a measure of the invocation under way."""
    collected = _collected.get()
    if collected is not None:
        collected[measure] = collected.get(measure, 0) + value


@contextmanager
def collecting() -> Iterator[Totals]:
    """Collect what is noted inside."""
    collected: dict[Measure, float] = {}
    token = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(token)
