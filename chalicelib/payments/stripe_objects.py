"""Stripe's objects, as plain dictionaries, read into the house's own."""

from typing import Any

from chalicelib.payments.ports import Charge, ChargeStatus, SavedCard

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
        refunded_cents=latest["amount_refunded"] if isinstance(latest, dict) else 0,
        card_id=intent["payment_method"] or error_card,
        attempt=attempt,
        reason=reason,
        redirect_url=(action.get("redirect_to_url") or {}).get("url"),
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
