"""Terms of payment: days to pay, late interest, follow-up (PAY-3, PAY-6, P7, P8, OPS-1)."""

from typing import Annotated, Any

from chalice.app import Response

from chalicelib.billing.invoices.late_terms import late_terms_on
from chalicelib.console.framework.fields import Day, Percent, Wholes, whole
from chalicelib.console.framework.forms import Form, read_form
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import FieldErrors
from chalicelib.payments.late.rates import LateRate
from chalicelib.payments.terms.dunning_steps import DunningPolicy
from chalicelib.payments.terms.payment_terms import PaymentTerms

_PAGE, _TEMPLATE = "/operator/payments/terms", "payments/operator_terms.html"
_TERMS_FIELDS = {"reason": "ground", "from_on": "begins_on"}
_RATE_FIELDS = {"reason": "source", "from_on": "half_year"}


class RateForm(Form):
    """The rates of a half-year, and where they were read."""

    half_year: Day
    legal: Percent
    ecb: Percent
    source: str = ""


class DaysForm(Form):
    """Other days of follow-up."""

    from_on: Day
    retry_days: Wholes
    reminder_days: Wholes
    formal_notice_day: Annotated[int, whole()]
    notice_days_professional: Annotated[int, whole()]
    notice_days_consumer: Annotated[int, whole()]
    reason: str = ""


class TermsForm(Form):
    """Other days to pay, and what is carried."""

    begins_on: Day
    card_grace_days: Annotated[int, whole()]
    invoice_terms_days: Annotated[int, whole()]
    claim_terms_days: Annotated[int, whole()]
    carried_below_cents: Annotated[int, whole()]
    ground: str = ""


def terms(visit: Visit) -> Response:
    """Show the rates and the days, past, present and to come, and the forms that add some."""
    return _shown(visit)


def publish_rate(visit: Visit) -> Response:
    """Publish the rates of a half-year."""
    services = visit.services
    try:
        form = read_form(RateForm, visit.fields)
        rate = LateRate(
            from_on=form.half_year,
            legal_percent=form.legal,
            ecb_percent=form.ecb,
            reason=form.source,
        )
        services.terms.late_rates.publish(rate, day=today(services.base.clock), by=_by(visit))
    except FieldErrors as refused:
        named = {_RATE_FIELDS.get(name, name): text for name, text in refused.errors.items()}
        return _shown(visit, FieldErrors(named), "rates")
    return visit.see_other(_PAGE)


def publish_days(visit: Visit) -> Response:
    """Publish other days of follow-up, from a day to come."""
    services = visit.services
    try:
        policy = DunningPolicy(**dict(read_form(DaysForm, visit.fields)))
        services.terms.dunning_policies.publish(
            policy, day=today(services.base.clock), by=_by(visit)
        )
    except FieldErrors as refused:
        return _shown(visit, refused, "days")
    return visit.see_other(_PAGE)


def publish_terms(visit: Visit) -> Response:
    """Publish other days to pay, and what is carried, from a day to come."""
    services = visit.services
    try:
        form = read_form(TermsForm, visit.fields)
        terms = PaymentTerms(
            from_on=form.begins_on,
            card_grace_days=form.card_grace_days,
            invoice_terms_days=form.invoice_terms_days,
            claim_terms_days=form.claim_terms_days,
            carried_below_cents=form.carried_below_cents,
            reason=form.ground,
        )
        services.terms.payment_terms.publish(terms, day=today(services.base.clock), by=_by(visit))
    except FieldErrors as refused:
        named = {_TERMS_FIELDS.get(name, name): text for name, text in refused.errors.items()}
        return _shown(visit, FieldErrors(named), "terms")
    return visit.see_other(_PAGE)


def _shown(visit: Visit, refused: FieldErrors | None = None, wrong: str = "") -> Response:
    services = visit.services
    day = today(services.base.clock)
    shown: dict[str, Any] = {
        "day": day,
        "rates": services.terms.late_rates.history(),
        "rate": services.terms.late_rates.known_on(day),
        "half_years": services.terms.late_rates.half_years(day),
        "waiting": services.late.claims.waiting(),
        "days": services.terms.dunning_policies.history(),
        "points": late_terms_on(day).points_above_ecb_rate,
        "terms": services.terms.payment_terms.history(),
        "in_force": services.terms.payment_terms.on(day),
        "follow_up": services.terms.dunning_policies.on(day),
        "wrong": wrong,
    }
    if refused is None:
        return visit.page(_TEMPLATE, fields={}, errors={}, refusal=None, **shown)
    return visit.form_again(_TEMPLATE, refused, **shown)


def _by(visit: Visit) -> str:
    return f"operator:{visit.user.id}"
