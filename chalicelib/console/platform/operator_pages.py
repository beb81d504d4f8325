"""Invoices handed over to an accredited platform, for operators (law; BIL-11)."""

from typing import Annotated, Any

from chalice.app import Response

from chalicelib.billing.papers.platform_status import StatusCode
from chalicelib.console.framework.fields import euros_if_any
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.money import from_cents
from chalicelib.legal.policies import ELECTRONIC_INVOICES

_DOCUMENT = "platform/operator_document.html"
_MOST_CENTS = 10**11


class StatusForm(Form):
    """A status of the platform; ``rate`` is the one that the amount is of."""

    code: str = ""
    reason: str = ""
    amount: Annotated[int | None, euros_if_any(_MOST_CENTS)] = None
    rate: str = ""


def documents(visit: Visit) -> Response:
    """List the documents handed over last, those that need care first."""
    services = visit.services
    latest = services.papers.platform.latest()
    return visit.page(
        "platform/operator_documents.html",
        documents=sorted(latest, key=lambda each: not each.needs_care),
        is_on=services.legal.policies.applies(
            ELECTRONIC_INVOICES, professional=True, on=today(services.base.clock)
        ),
        is_asked=bool(visit.query.get("asked")),
    )


def take_back(visit: Visit) -> Response:
    """Have the statuses that the platform left taken now."""
    visit.services.papers.platform.ask()
    return visit.see_other("/operator/platform?asked=yes")


def document(visit: Visit, number: str) -> Response:
    """Show what the platform said of a document, with the form that records a status."""
    return visit.page(_DOCUMENT, fields={}, errors={}, refusal=None, **_shown(visit, number))


def record(visit: Visit, number: str) -> Response:
    """Record a status that an operator read elsewhere."""
    try:
        form = read_form(StatusForm, visit.fields)
        visit.services.papers.platform.record(
            number,
            form.code,
            reason=form.reason,
            amount="" if form.amount is None else str(from_cents(form.amount)),
            rate=form.rate,
            by=f"operator:{visit.user.id}",
        )
    except NotFoundError:
        raise
    except DomainError as refused:
        return visit.form_again(_DOCUMENT, refused, **_shown(visit, number))
    return visit.see_other(f"/operator/platform/{number}")


def _shown(visit: Visit, number: str) -> dict[str, Any]:
    status = visit.services.papers.platform.status_of(number)
    if status is None:
        raise NotFoundError
    return {"handed": status, "codes": [code.value for code in StatusCode]}
