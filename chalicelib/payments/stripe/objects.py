"""Stripe's objects, as plain dictionaries, read into the house's own."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.payments.stripe.processor import (
    CardDispute,
    CardRefund,
    Charge,
    ChargeStatus,
    Movement,
    MovementKind,
    RefundStatus,
    SavedCard,
)

StripeJson = dict[str, Any]
_STATUSES = {
    "requires_payment_method": ChargeStatus.NEW,
    "requires_confirmation": ChargeStatus.NEW,
    "requires_action": ChargeStatus.ACTION_REQUIRED,
    "requires_capture": ChargeStatus.PROCESSING,
    "processing": ChargeStatus.PROCESSING,
    "succeeded": ChargeStatus.SUCCEEDED,
    "canceled": ChargeStatus.CANCELLED,
}


def charge_of(intent: StripeJson) -> Charge:
    """Read a payment intent."""
    status = _STATUSES.get(intent["status"], ChargeStatus.PROCESSING)
    error: StripeJson = intent["last_payment_error"] or {}
    error_card = (error.get("payment_method") or {}).get("id")
    refused = intent["status"] == "requires_payment_method" and bool(error)
    attempt = reason = ""
    if refused:
        status = ChargeStatus.DECLINED
        reason = _reason(error)
        # An authentication that failed leaves no charge behind.
        attempt = error.get("charge") or f"{reason}:{error_card}"
    latest = intent["latest_charge"]
    action: StripeJson = intent["next_action"] or {}
    metadata: StripeJson = intent["metadata"] or {}
    return Charge(
        intent_id=intent["id"],
        customer_id=intent["customer"] or "",
        account_id=metadata.get("account", ""),
        invoice_id=metadata.get("invoice", ""),
        amount_cents=intent["amount"],
        status=status,
        received_cents=intent["amount_received"],
        refunds=tuple(map(refund_of, _refunds(latest))),
        card_id=intent["payment_method"] or error_card,
        attempt=attempt,
        reason=reason,
        redirect_url=(action.get("redirect_to_url") or {}).get("url"),
        rank=int(metadata.get("rank", "0")),
    )


def _refunds(charge: StripeJson | str | None) -> list[StripeJson]:
    """Give the refunds of a charge that was fetched with them, oldest first."""
    if not isinstance(charge, dict):
        return []
    return list(reversed((charge.get("refunds") or {}).get("data", [])))


def refund_of(refund: StripeJson) -> CardRefund:
    """Read a refund; one cancelled gave nothing back either."""
    status = {
        "succeeded": RefundStatus.SUCCEEDED,
        "failed": RefundStatus.FAILED,
        "canceled": RefundStatus.FAILED,
    }.get(refund["status"] or "", RefundStatus.PENDING)
    return CardRefund(
        id=refund["id"],
        amount_cents=refund["amount"],
        status=status,
        asked_as=(refund["metadata"] or {}).get("refund", ""),
        reason=refund.get("failure_reason") or "",
    )


def dispute_of(dispute: StripeJson) -> CardDispute:
    """Read a dispute: its movements say what was taken, given back and kept as a fee."""
    moved = [one["amount"] for one in dispute["balance_transactions"]]
    status = dispute["status"]
    answer_by = (dispute["evidence_details"] or {}).get("due_by")
    # "warning_closed": an inquiry that took nothing, ended; "prevented": never became one.
    ended = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}
    return CardDispute(
        id=dispute["id"],
        amount_cents=dispute["amount"],
        reason=dispute["reason"],
        status=status,
        outcome=ended.get(status, "open"),
        withdrawn_cents=-sum(cents for cents in moved if cents < 0),
        reinstated_cents=sum(cents for cents in moved if cents > 0),
        fee_cents=sum(one["fee"] for one in dispute["balance_transactions"]),
        answer_by=datetime.fromtimestamp(answer_by, UTC) if answer_by else None,
    )


def movement_of(kind: MovementKind, thing: StripeJson) -> Movement:
    """Read a line of the list of charges, refunds or disputes."""
    return Movement(
        kind=kind,
        # Our entry of a charge is named by its intent: of one intent, one charge at most is paid.
        object_id=(kind is MovementKind.CHARGE and thing["payment_intent"]) or thing["id"],
        intent_id=thing["payment_intent"] or "",
        amount_cents=thing["amount"],
        at=datetime.fromtimestamp(thing["created"], UTC),
    )


def _reason(error: StripeJson) -> str:
    """Give the most telling code of a refusal."""
    if error.get("code") == "authentication_required":
        return "authentication_required"
    return str(error.get("decline_code") or error.get("code") or "declined")


def saved_card_of(method: StripeJson) -> SavedCard:
    """Read a payment method that is a card."""
    card: StripeJson = method["card"]
    return SavedCard(
        id=method["id"],
        customer_id=method["customer"],
        brand=card["brand"],
        last4=card["last4"],
        exp_month=card["exp_month"],
        exp_year=card["exp_year"],
        fingerprint=card["fingerprint"] or "",
    )
