"""Disputes: the API reads them; a control request opens, moves and closes them."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError
from simulators.stripe.foundation.forms import text
from simulators.stripe.foundation.identifiers import new_id
from simulators.stripe.objects import charges

_FEE_CENTS = 2000
_DAYS_TO_ANSWER = 7
_EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


def open_dispute(account: Account, charge: Json, amount: int | None, reason: str) -> Json:
    """Open a dispute on a paid charge: its amount, in cents, and a fee leave the balance."""
    if not charge["paid"] or charge["disputed"]:
        raise StripeError(f"Charge {charge['id']} cannot be disputed.", param="charge")
    disputed = amount or charge["amount"] - charge["amount_refunded"]
    if not 0 < disputed <= charge["amount"]:
        raise StripeError("A dispute cannot exceed its charge.", param="amount")
    dispute = account.add(_members(account, charge, disputed, reason))
    moved = charges.move_balance(account, dispute, -disputed, "adjustment", fee=_FEE_CENTS)
    dispute["balance_transactions"].append(moved)
    charge["disputed"] = True
    account.emit("charge.dispute.created", dispute)
    account.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _members(account: Account, charge: Json, amount: int, reason: str) -> Json:
    brand = charge["payment_method_details"]["card"]["brand"]
    return {
        "id": new_id("dispute"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": account.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": account.now() + _DAYS_TO_ANSWER * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "chargeback",
                "network": brand,
                "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def move_dispute(account: Account, dispute: Json, status: str) -> Json:
    """Move an open dispute to `under_review`, or close it `won` or `lost`."""
    if dispute["status"] in ("won", "lost"):
        raise StripeError("This dispute is already closed.", param="dispute")
    previous = {"status": dispute["status"]}
    dispute["status"] = status
    if status == "under_review":
        dispute["evidence_details"].update(
            has_evidence=True, submission_count=1, submission_method="manual"
        )
        account.emit("charge.dispute.updated", dispute, previous)
        return dispute
    if status == "won":
        moved = charges.move_balance(account, dispute, dispute["amount"], "adjustment")
        dispute["balance_transactions"].append(moved)
    account.emit("charge.dispute.closed", dispute, previous)
    if status == "won":
        account.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def retrieve(account: Account, params: Json, dispute: str) -> Json:
    """Return a dispute."""
    return account.own("dispute", dispute)


def listed(account: Account, params: Json) -> Json:
    """Return a page of the disputes."""
    return page("/v1/disputes", account.state.objects("dispute").values(), params)


ENDPOINTS = [
    Endpoint("GET", "/v1/disputes", listed, list_spec(charge=text, payment_intent=text)),
    Endpoint("GET", "/v1/disputes/<dispute>", retrieve, {}),
]
