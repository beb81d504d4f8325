"""A client's usage, and its correction with a reason, for operators (MET-3, MET-4, OPS-1).

A correction is shown before it is made: days, amount of the month before and after.  After the
invoice, billing settles the difference: a credit note at once, or days of the next invoice.
"""

from typing import Annotated, Any, Literal

from chalice.app import Response

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.invoices.invoice import invoice_id_of
from chalicelib.catalogue.catalogue import Label
from chalicelib.console.framework.fields import Day, read_day, text, whole
from chalicelib.console.framework.forms import CHOOSE, Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.console.usage.usage_shown import month_asked, month_shown
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.metering.correction_service import CorrectionRequest

_TEMPLATE = "usage/operator_usage.html"
_CONFIRMED = "confirm"


class CorrectionForm(Form):
    """A correction: ``item`` is a desktop, "desktop" or "option", and a code."""

    desktop_id: Annotated[str, text(80)]
    item: Annotated[str, text(80)]
    quantity: Annotated[int, whole(0, 1000)]
    first: Day
    last: Day
    reason: Annotated[str, text(500)]
    step: Literal["preview", "confirm"] = "preview"


def usage(visit: Visit, account_id: str) -> Response:
    """Show a month of a client's usage with the form that corrects it."""
    account = visit.services.accounts.service.account(AccountId(account_id))
    month = month_asked(visit.query.get("month"), account, today(visit.services.base.clock))
    return _page(visit, account, month)


def correct(visit: Visit, account_id: str) -> Response:
    """Show what a correction would change; once confirmed, make it (MET-4)."""
    services = visit.services
    account = services.accounts.service.account(AccountId(account_id))
    month = _month(visit, account)
    by = f"operator:{visit.user.id}"
    try:
        form = read_form(CorrectionForm, visit.fields)
        request = _request(visit, form)
        if form.step != _CONFIRMED:
            preview = services.metering.corrections.preview(account.id, request, by=by)
            return _page(
                visit,
                account,
                request.month,
                fields=visit.fields,
                preview=_compared(visit, account, request.month, preview),
            )
        services.billing.usage_corrections.correct(account.id, request, by=by)
    except NotFoundError:
        errors = {"desktop_id": CHOOSE}
        return _page(visit, account, month, fields=visit.fields, refused=FieldErrors(errors))
    except DomainError as refused:
        return _page(visit, account, month, fields=visit.fields, refused=refused)
    return visit.see_other(f"/operator/accounts/{account.id}/usage?month={request.month}#mended")


def _countable(visit: Visit) -> list[tuple[str, Label]]:
    """Give what may count for a desktop, with its name: configurations, then options."""
    catalogue = visit.services.catalogue.current()
    return [(f"desktop:{each.code}", each.name) for each in catalogue.configurations] + [
        (f"option:{each.code}", each.name) for each in catalogue.options
    ]


def _request(visit: Visit, form: CorrectionForm) -> CorrectionRequest:
    kind, _, code = form.item.partition(":")
    if form.item not in dict(_countable(visit)):
        raise FieldErrors({"item": CHOOSE})
    return CorrectionRequest(
        desktop_id=form.desktop_id,
        kind="desktop" if kind == "desktop" else "option",
        code=code,
        quantity=form.quantity,
        first=form.first,
        last=form.last,
        reason=form.reason,
    )


def _month(visit: Visit, account: Account) -> BillingMonth:
    """Give the month to show again: that of the first day typed, when it can be read."""
    day = today(visit.services.base.clock)
    try:
        first = read_day(visit.fields.get("first", ""))
        return month_asked(str(BillingMonth.of(first)), account, day)
    except (ValueError, NotFoundError):
        return BillingMonth.of(day)


def _compared(visit: Visit, account: Account, month: BillingMonth, preview: Any) -> dict[str, Any]:
    """Give the days that change, with the month's lines before VAT before and after."""
    billing = visit.services.billing.service
    invoice = invoice_id_of(account.id, month)
    before = billing.priced(account.id, month, list(preview.before)).totals.excl_vat_cents
    after = billing.priced(account.id, month, list(preview.after)).totals.excl_vat_cents
    try:
        invoiced = billing.invoice(invoice)
    except NotFoundError:
        invoiced = None
    return {
        "changes": preview.changes,
        "before_cents": before,
        "after_cents": after,
        "invoice": invoiced,
    }


def _page(  # noqa: PLR0913 - what the page may show
    visit: Visit,
    account: Account,
    month: BillingMonth,
    *,
    fields: dict[str, str] | None = None,
    refused: DomainError | None = None,
    preview: dict[str, Any] | None = None,
) -> Response:
    services = visit.services
    text = visit.query.get("page", "1")
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004
    desktops = [
        each for each in services.desktops.service.of_account(account.id) if _was_in(each, month)
    ]
    return visit.page(
        _TEMPLATE,
        422 if refused else 200,
        account=account,
        fields=fields or {},
        errors=refused.errors if isinstance(refused, FieldErrors) else {},
        refusal=refused,
        preview=preview,
        desktops=sorted(desktops, key=lambda each: (each.name, each.id)),
        countable=_countable(visit),
        metered_until=services.metering.service.metered_until(),
        **month_shown(services, account, month, visit.language, page),
    )


def _was_in(desktop: Desktop, month: BillingMonth) -> bool:
    """Tell whether a desktop existed before the end of a month."""
    return BillingMonth.of(paris_day(desktop.created_at)) <= month and desktop.failed_at is None
