"""Refunds: never more than what remains of the charge."""

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError, missing
from simulators.stripe.foundation.forms import (
    choice,
    merged_metadata,
    metadata,
    positive_integer,
    text,
)
from simulators.stripe.foundation.identifiers import new_id, random_text
from simulators.stripe.objects import charges


def create(account: Account, params: Json) -> Json:
    """Give back the amount asked, in cents, or all that remains."""
    charge = _charge(account, params)
    remaining = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", remaining)
    _check(charge, amount, remaining)
    refund = account.add(
        {
            "id": new_id("refund"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": account.now(),
            "currency": charge["currency"],
            "customer": charge["customer"],
            "customer_account": None,
            "destination_details": {
                "card": {
                    "reference": random_text(12),
                    "reference_status": "available",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": merged_metadata({}, params),
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "reason": params.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )
    moved = charges.move_balance(account, refund, -amount, "refund")
    refund["balance_transaction"] = moved["id"]
    _record(charge, refund)
    account.emit("refund.created", refund)
    account.emit("charge.refunded", charge)
    return refund


def fail(account: Account, refund: Json, reason: str) -> Json:
    """Have the bank send a refund back: its amount returns to the balance."""
    if refund["status"] == "failed":
        raise StripeError("This refund has failed already.", param="refund")
    charge = account.own("charge", refund["charge"])
    previous = {"status": refund["status"]}
    moved = charges.move_balance(account, refund, refund["amount"], "refund_failure")
    refund.update(status="failed", failure_reason=reason, failure_balance_transaction=moved["id"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    for copied in charge["refunds"]["data"]:
        if copied["id"] == refund["id"]:
            copied.update(refund)
    account.emit("refund.failed", refund, previous)
    account.emit("charge.refund.updated", refund, previous)
    return refund


def _record(charge: Json, refund: Json) -> None:
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    charge["refunds"]["data"].insert(0, dict(refund))


def _charge(account: Account, params: Json) -> Json:
    if "charge" in params:
        return account.named("charge", params["charge"], "charge")
    if "payment_intent" not in params:
        raise missing("payment_intent")
    intent = account.named("payment_intent", params["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        raise StripeError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return account.own("charge", intent["latest_charge"])


def _check(charge: Json, amount: int, remaining: int) -> None:
    identifier = charge["id"]
    if not charge["paid"]:
        raise StripeError(f"Charge {identifier} was not paid and cannot be refunded.")
    if charge["disputed"]:
        raise StripeError(
            f"Charge {identifier} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if remaining == 0:
        raise StripeError(
            f"Charge {identifier} has already been refunded.", code="charge_already_refunded"
        )
    if amount > remaining:
        raise StripeError(
            f"Refund amount ({_euros(amount)}) is greater than unrefunded amount on charge "
            f"({_euros(remaining)})",
            param="amount",
        )


def _euros(cents: int) -> str:
    return f"€{cents // 100:,}.{cents % 100:02d}"


def retrieve(account: Account, params: Json, refund: str) -> Json:
    """Return a refund."""
    return account.own("refund", refund)


def listed(account: Account, params: Json) -> Json:
    """Return a page of the refunds."""
    return page("/v1/refunds", account.state.objects("refund").values(), params)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/v1/refunds",
        create,
        {
            "amount": positive_integer,
            "charge": text,
            "metadata": metadata,
            "payment_intent": text,
            "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
        },
    ),
    Endpoint("GET", "/v1/refunds", listed, list_spec(charge=text, payment_intent=text)),
    Endpoint("GET", "/v1/refunds/<refund>", retrieve, {}),
]
