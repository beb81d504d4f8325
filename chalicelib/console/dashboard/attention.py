"""What waits for the client, at the top of the dashboard (CON-2; PAY-1, PAY-6, BIL-6, POD-3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.accounts.clients.account import Role, manages
from chalicelib.billing.contracts.contract import Phase
from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.foundation.clock import today
from chalicelib.payments.cards.expiry import expires_soon

_SEVERE = frozenset(
    {"declined", "action_required", "suspension", "suspended", "overdue", "vanished"}
)


@dataclass(frozen=True)
class Attention:
    """A fact to act on: the template words ``kind``; ``on`` is a Paris day it turns on."""

    kind: str
    path: str
    name: str = ""
    on: date | None = None

    @property
    def is_severe(self) -> bool:
        """Whether the service or money is at stake now."""
        return self.kind in _SEVERE


def attention_of(visit: Visit, desktops: list[Desktop]) -> list[Attention]:
    """Give what waits for this visitor, what is severe first."""
    found = [*_incidents(desktops), *_measures(desktops)]
    if visit.user.role is not Role.USER:
        found += [*_suspension(visit), *_invoices(visit), *_card(visit), *_contracts(visit)]
    if manages(visit.user.role):
        found += _pods(visit)
    return sorted(found, key=lambda each: not each.is_severe)


def _incidents(desktops: list[Desktop]) -> Iterator[Attention]:
    for desktop in desktops:
        if desktop.vanished_at:
            yield Attention("vanished", f"/desktops/{desktop.id}", desktop.name)


def _measures(desktops: list[Desktop]) -> Iterator[Attention]:
    for desktop in desktops:
        path = f"/desktops/{desktop.id}"
        for measure in desktop.measures:
            due = None if measure.is_holding else measure.due_on
            yield Attention("update" if due else "measure", path, desktop.name, due)


def _suspension(visit: Visit) -> Iterator[Attention]:
    found = visit.services.late.suspensions.current(visit.account.id)
    if found:
        kind = "suspended" if found.state == "applied" else "suspension"
        yield Attention(kind, "/statement", on=found.effective_on)


def _invoices(visit: Visit) -> Iterator[Attention]:
    services, day = visit.services, today(visit.services.base.clock)
    open_ = {
        key: status
        for key, status in services.payments.collection.statuses_of(visit.account.id).items()
        if status.can_pay
    }
    if not open_:
        return
    for invoice in services.billing.service.invoices_of(visit.account.id):
        status = open_.get(invoice.id)
        path = f"/invoices/{invoice.id}"
        if status and status.state in {"declined", "action_required"}:
            yield Attention(status.state.value, path, invoice.number)
        elif status and invoice.payment_mode == "invoice" and day > invoice.due_on:
            yield Attention("overdue", path, invoice.number, invoice.due_on)


def _card(visit: Visit) -> Iterator[Attention]:
    day = today(visit.services.base.clock)
    card = visit.services.payments.cards.default_card(visit.account.id)
    if card and expires_soon(card, day):
        kind = "expired" if card.expired(day) else "expiring"
        yield Attention(kind, "/cards", card.last4)


def _contracts(visit: Visit) -> Iterator[Attention]:
    day = today(visit.services.base.clock)
    for contract in visit.services.billing.contracts.contracts_of(visit.account.id):
        if contract.phase(day) is Phase.PROPOSED:
            yield Attention("contract", "/contract", contract.reference, contract.starts_on)


def _pods(visit: Visit) -> Iterator[Attention]:
    for pod in visit.services.equipment.custody.pods_of(visit.account.id):
        if pod.state is PodState.RETURN_ASKED:
            yield Attention("return", "/pods", pod.serial, pod.return_due_on)
