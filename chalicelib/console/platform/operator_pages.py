"""Invoices handed over to an accredited platform, for operators (law; BIL-11)."""

from typing import Any

from chalice.app import Response

from chalicelib.billing.papers.platform_status import StatusCode
from chalicelib.console.framework.euros import read_cents
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.money import from_cents
from chalicelib.legal.policies import ELECTRONIC_INVOICES

_DOCUMENT = "platform/operator_document.html"
_MOST_CENTS = 10**11


def documents(visit: Visit) -> Response:
    """List the documents handed over last, those that need care first."""
    services = visit.services
    latest = services.platform.latest()
    return visit.page(
        "platform/operator_documents.html",
        documents=sorted(latest, key=lambda each: not each.needs_care),
        is_on=services.policies.applies(
            ELECTRONIC_INVOICES, professional=True, on=today(services.clock)
        ),
        is_asked=bool(visit.query.get("asked")),
    )


def take_back(visit: Visit) -> Response:
    """Have the statuses that the platform left taken now."""
    visit.services.platform.ask()
    return visit.see_other("/operator/platform?asked=yes")


def document(visit: Visit, number: str) -> Response:
    """Show what the platform said of a document, with the form that records a status."""
    return visit.page(_DOCUMENT, fields={}, errors={}, refusal=None, **_shown(visit, number))


def record(visit: Visit, number: str) -> Response:
    """Record a status that an operator read elsewhere."""
    fields = visit.fields
    amount = fields.get("amount", "").strip()
    try:
        if amount:
            amount = str(from_cents(read_cents("amount", amount, _MOST_CENTS)))
        visit.services.platform.record(
            number,
            fields.get("code", ""),
            reason=fields.get("reason", ""),
            amount=amount,
            rate=fields.get("rate", ""),
            by=f"operator:{visit.user.id}",
        )
    except NotFoundError:
        raise
    except DomainError as refused:
        return visit.form_again(_DOCUMENT, refused, **_shown(visit, number))
    return visit.see_other(f"/operator/platform/{number}")


def _shown(visit: Visit, number: str) -> dict[str, Any]:
    status = visit.services.platform.status_of(number)
    if status is None:
        raise NotFoundError
    return {"handed": status, "codes": [code.value for code in StatusCode]}
