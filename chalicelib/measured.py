"""What each commit adds to the business metrics: read from the facts and journal entries in it.

Counted once the commit is through, so that a fact refused, or committed by somebody else, counts
nowhere, and no service has to think of it.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from chalicelib.foundation.measures import Measure, note
from chalicelib.foundation.tables import Put, Write
from chalicelib.legal.journal import ENTRIES

if TYPE_CHECKING:
    from chalicelib.desktops.model.desktop import Desktop

Facts = dict[str, Any]


def _one(_: Facts) -> float:
    return 1


def _euros(name: str) -> Callable[[Facts], float]:
    return lambda facts: abs(int(facts[name])) / 100


# What an entry of the journal counts for, by its kind.
_ENTRIES: dict[str, tuple[tuple[Measure, Callable[[Facts], float]], ...]] = {
    "account.registered": ((Measure.ACCOUNTS_OPENED, _one),),
    "order.validated": ((Measure.ORDERS_VALIDATED, _one),),
    "invoice.issued": (
        (Measure.INVOICES_ISSUED, _one),
        (Measure.AMOUNT_INVOICED, _euros("incl_vat_cents")),
    ),
    "credit_note.issued": ((Measure.AMOUNT_CREDITED, _euros("incl_vat_cents")),),
    "payment.settled": ((Measure.AMOUNT_COLLECTED, _euros("amount_cents")),),
    "payment.transfer_received": ((Measure.AMOUNT_COLLECTED, _euros("amount_cents")),),
    "payment.refunded": ((Measure.AMOUNT_REFUNDED, _euros("amount_cents")),),
    "payment.declined": ((Measure.PAYMENTS_DECLINED, _one),),
}


def note_committed(writes: Iterable[Write]) -> None:
    """Note what a commit that is through counts for."""
    for write in writes:
        if not isinstance(write, Put):
            continue
        if write.table == "journal":
            entry = ENTRIES.read(write.record)
            for measure, value in _ENTRIES.get(entry.kind, ()):
                note(measure, value(entry.facts))
        elif write.table == "metering" and write.sk.startswith("DAY#"):
            note(Measure.DAYS_METERED)


def measure_desktops(desktops: Iterable["Desktop"]) -> tuple[int, int]:
    """Note how many desktops run and how many are rented; give both."""
    from chalicelib.desktops.model.lifecycle import State

    running = rented = 0
    for desktop in desktops:
        running += desktop.state is State.RUNNING
        rented += desktop.state not in {State.DELETING, State.DELETED, State.FAILED}
    note(Measure.DESKTOPS_RUNNING, running)
    note(Measure.DESKTOPS_RENTED, rented)
    return running, rented
