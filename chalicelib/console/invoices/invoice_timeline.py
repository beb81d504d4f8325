"""What happened to an invoice, in order: issued, sent, handed over, charged, paid, credited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.console.framework.visit import Visit


@dataclass(frozen=True)
class Step:
    """One event: ``kind`` names its sentence in the template, ``facts`` fill it."""

    at: datetime
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


def timeline_of(visit: Visit, invoice: Invoice, notes: Sequence[CreditNote]) -> list[Step]:
    """Gather what billing, the platform and payments know of an invoice, oldest first."""
    services = visit.services
    steps = [Step(invoice.issued_at, "issued", {"number": invoice.number})]
    stored_at = services.billing.service.state_of(invoice).document_stored_at
    if stored_at:
        steps.append(Step(stored_at, "sent", {"email": invoice.buyer.email}))
    steps += [Step(note.issued_at, "credited", {"note": note}) for note in notes]
    at_platform = services.papers.platform.status_of(invoice.number)
    if at_platform:
        steps.append(Step(at_platform.handed_over_at, "handed_over"))
        steps += [
            Step(each.at, f"platform_{each.code}", {"event": each}) for each in at_platform.events
        ]
    for each in services.late.timeline.timeline(invoice.account_id, invoice.id):
        # Credit notes are told by billing, which knows their number.
        if each.kind != "credited":
            steps.append(Step(each.at, each.kind, {"payment": each}))
    return sorted(steps, key=lambda step: step.at)
