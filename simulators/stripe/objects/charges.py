"""Charges and the movements of the balance they cause."""

import copy

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json
from simulators.stripe.foundation.forms import text
from simulators.stripe.foundation.identifiers import new_id, random_text
from simulators.stripe.objects.cards import Decline
from simulators.stripe.objects.payment_methods import card_behind

# What Stripe takes of a European card: 1.5 % and 25 cents.
_FEE_PER_MILLE = 15
_FEE_FIXED_CENTS = 25


def make(account: Account, intent: Json, method: Json, decline: Decline | None) -> Json:
    """Make the charge of a payment intent, succeeded or refused, without its events."""
    amount = intent["amount"]
    identifier = new_id("charge")
    charge = account.add(
        {
            "id": identifier,
            "object": "charge",
            "amount": amount,
            "amount_captured": 0 if decline else amount,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": copy.deepcopy(method["billing_details"]),
            "calculated_statement_descriptor": "SIMULATED",
            "captured": decline is None,
            "created": account.now(),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": decline.code if decline else None,
            "failure_message": decline.message if decline else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "on_behalf_of": None,
            "outcome": _outcome(decline),
            "paid": decline is None,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {"card": _card_details(account, method, amount)}
            | {"type": "card"},
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "refunds": {
                "object": "list",
                "data": [],
                "has_more": False,
                "url": f"/v1/charges/{identifier}/refunds",
            },
            "review": None,
            "shipping": None,
            "source": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": "failed" if decline else "succeeded",
            "transfer_data": None,
            "transfer_group": None,
        }
    )
    if decline is None:
        fee = (amount * _FEE_PER_MILLE + 500) // 1000 + _FEE_FIXED_CENTS
        moved = move_balance(account, charge, amount, "charge", fee=fee)
        charge["balance_transaction"] = moved["id"]
    return charge


def _outcome(decline: Decline | None) -> Json:
    refused = decline is not None
    return {
        "advice_code": "try_again_later" if refused else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if refused else "approved_by_network",
        "reason": (decline.decline_code or decline.code) if decline else None,
        "risk_level": "normal",
        "seller_message": decline.message if decline else "Payment complete.",
        "type": "issuer_declined" if refused else "authorized",
    }


def _card_details(account: Account, method: Json, amount: int) -> Json:
    card = card_behind(account, method)
    unavailable = {"status": "unavailable"}
    shown = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    return {
        **{name: method["card"][name] for name in (*shown, "last4", "regulated_status")},
        "amount_authorized": amount,
        "authorization_code": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": unavailable,
        "installments": None,
        "mandate": None,
        "multicapture": unavailable,
        "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": random_text(15),
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }


def move_balance(account: Account, source: Json, amount: int, kind: str, *, fee: int = 0) -> Json:
    """Record that an object moved the balance by an amount in cents, less a fee."""
    details = {
        "amount": fee,
        "application": None,
        "currency": source["currency"],
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return account.add(
        {
            "id": new_id("balance_transaction"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": account.now(),
            "balance_type": "payments",
            "created": account.now(),
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [details] if fee else [],
            "net": amount - fee,
            "reporting_category": "dispute" if kind == "adjustment" else kind,
            "source": source["id"],
            "status": "available",
            "type": kind,
        }
    )


def retrieve(account: Account, params: Json, charge: str) -> Json:
    """Return a charge."""
    return account.own("charge", charge)


def listed(account: Account, params: Json) -> Json:
    """Return a page of the charges."""
    return page("/v1/charges", account.state.objects("charge").values(), params)


def retrieve_movement(account: Account, params: Json, movement: str) -> Json:
    """Return a balance transaction."""
    return account.own("balance_transaction", movement)


def listed_movements(account: Account, params: Json) -> Json:
    """Return a page of the balance transactions."""
    movements = account.state.objects("balance_transaction").values()
    return page("/v1/balance_transactions", movements, params)


ENDPOINTS = [
    Endpoint("GET", "/v1/charges", listed, list_spec(customer=text, payment_intent=text)),
    Endpoint("GET", "/v1/charges/<charge>", retrieve, {}),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        listed_movements,
        list_spec(type=text, source=text, currency=text),
    ),
    Endpoint("GET", "/v1/balance_transactions/<movement>", retrieve_movement, {}),
]
