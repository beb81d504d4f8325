"""Refunds and disputes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.stripe import StripeSimulator

AMOUNTS = st.lists(st.integers(min_value=1, max_value=900), min_size=1, max_size=6)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(amounts=AMOUNTS)
def test_refunds_never_exceed_the_charge(
    client: stripe.StripeClient, charge: Callable[..., Any], amounts: list[int]
) -> None:
    # given a charge of 10.00
    paid = charge(1000)
    expected = 0

    # when any amounts are refunded one after the other
    for amount in amounts:
        fits = expected + amount <= 1000
        try:
            client.v1.refunds.create({"payment_intent": paid.id, "amount": amount})
        except stripe.InvalidRequestError:
            assert not fits
        else:
            assert fits
            expected += amount

    # then exactly those that fitted are given back
    made = client.v1.charges.retrieve(str(paid.latest_charge))
    refunds = client.v1.refunds.list({"payment_intent": paid.id}).data
    assert made.amount_refunded == expected == sum(one.amount for one in refunds) <= 1000
    assert made.refunded == (expected == 1000)


def test_without_an_amount_the_rest_is_refunded(
    client: stripe.StripeClient, charge: Callable[..., Any]
) -> None:
    paid = charge(1000)
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 300})

    rest = client.v1.refunds.create({"charge": str(paid.latest_charge), "reason": "duplicate"})

    moved = client.v1.balance_transactions.retrieve(str(rest.balance_transaction))
    assert (rest.amount, rest.status, moved.amount) == (700, "succeeded", -700)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_already_refunded"


def test_a_refund_above_the_rest_is_refused(
    client: stripe.StripeClient, charge: Callable[..., Any]
) -> None:
    paid = charge(1000)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.id, "amount": 1001})

    assert refused.value.http_status == 400
    assert refused.value.param == "amount"
    assert "greater than unrefunded amount on charge (€10.00)" in str(refused.value.user_message)


def test_an_unpaid_intent_cannot_be_refunded(client: stripe.StripeClient) -> None:
    unpaid = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})

    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": unpaid.id})


@pytest.mark.parametrize(("outcome", "balance"), [("won", 0), ("lost", -1000)])
def test_a_dispute_is_opened_reviewed_and_closed(
    client: stripe.StripeClient,
    control: Callable[..., Any],
    charge: Callable[..., Any],
    outcome: str,
    balance: int,
) -> None:
    # given a disputed charge
    paid = charge(1000)
    opened = control("disputes/open", payment_intent=paid.id, reason="product_not_received")
    disputed = client.v1.disputes.retrieve(opened["id"])
    assert (disputed.status, disputed.amount) == ("needs_response", 1000)
    assert client.v1.charges.retrieve(str(paid.latest_charge)).disputed is True

    # when it is reviewed then closed
    control("disputes/move", dispute=disputed.id, status="under_review")
    control("disputes/move", dispute=disputed.id, status=outcome)

    # then the money is back only when it was won, and events tell each step
    closed = client.v1.disputes.list({"charge": str(paid.latest_charge)}).data[0]
    types = [one.type for one in client.v1.events.list({"limit": 100}).data]
    assert closed.status == outcome
    assert sum(one.amount for one in closed.balance_transactions) == balance
    for step in ("created", "funds_withdrawn", "updated", "closed"):
        assert f"charge.dispute.{step}" in types
    assert ("charge.dispute.funds_reinstated" in types) == (outcome == "won")


def test_a_disputed_charge_cannot_be_refunded(
    client: stripe.StripeClient, control: Callable[..., Any], charge: Callable[..., Any]
) -> None:
    paid = charge(1000)
    control("disputes/open", charge=cast(str, paid.latest_charge))

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.id})

    assert refused.value.code == "charge_disputed"


def test_a_refund_and_a_dispute_survive_a_restart(tmp_path: Path) -> None:
    # given a charge refunded in part, then disputed
    state = tmp_path / "stripe.json"
    with StripeSimulator(state_file=state) as first:
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": first.url})
        paid = client.v1.payment_intents.create(
            {
                "amount": 1000,
                "currency": "eur",
                "payment_method": "pm_card_visa",
                "confirm": True,
                "off_session": True,
            }
        )
        client.v1.refunds.create({"payment_intent": paid.id, "amount": 300})
        requests.post(
            f"{first.url}/_simulator/disputes/open", json={"payment_intent": paid.id}, timeout=60
        ).raise_for_status()

    # when the simulator starts again
    with StripeSimulator(state_file=state) as second:
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": second.url})
        found = client.v1.charges.retrieve(str(paid.latest_charge))

    # then the charge knows both
    assert (found.amount_refunded, found.disputed) == (300, True)
