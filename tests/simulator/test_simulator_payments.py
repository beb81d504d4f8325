"""Payment intents: the status machine, declines, authentication, search."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import stripe

from simulators.stripe import StripeSimulator

BACK = "https://console.example/back?step=2"


def answer(page: str, choice: str) -> str:
    """Press a button of an authentication page; return where it leads."""
    response = requests.post(page, data={"answer": choice}, allow_redirects=False, timeout=60)
    assert response.status_code == 303
    return response.headers["Location"]


def test_a_saved_card_is_charged_off_session(
    client: stripe.StripeClient, charge: Callable[..., Any], card: str
) -> None:
    # when the saved card is charged in the client's absence
    paid = charge(1200, metadata={"invoice": "inv_1"}, description="Facture inv_1")

    # then the intent, its charge and the balance agree
    made = client.v1.charges.retrieve(str(paid.latest_charge))
    moved = client.v1.balance_transactions.retrieve(str(made.balance_transaction))
    assert (paid.status, paid.amount_received) == ("succeeded", 1200)
    assert (made.paid, made.amount, made.payment_method) == (True, 1200, card)
    assert cast(Any, made.metadata).to_dict() == {"invoice": "inv_1"}
    assert (moved.amount, moved.source) == (1200, made.id)
    assert [one.id for one in client.v1.charges.list({"payment_intent": paid.id}).data] == [made.id]


@pytest.mark.parametrize(
    ("ready_made", "refusal"),
    [
        ("pm_card_chargeDeclined", ("card_declined", "generic_decline")),
        ("pm_card_chargeDeclinedInsufficientFunds", ("card_declined", "insufficient_funds")),
        ("pm_card_chargeDeclinedExpiredCard", ("expired_card", None)),
    ],
)
def test_a_decline_is_402_and_the_intent_waits_for_another_card(
    client: stripe.StripeClient,
    charge: Callable[..., Any],
    card: str,
    ready_made: str,
    refusal: tuple[str, str | None],
) -> None:
    # when a card is declined
    with pytest.raises(stripe.CardError) as declined:
        charge(1200, payment_method=ready_made)

    # then the error carries the intent, which waits for another card
    error = cast(Any, declined.value.error)
    intent = client.v1.payment_intents.retrieve(error.payment_intent.id)
    failed = client.v1.charges.retrieve(error.charge)
    assert declined.value.http_status == 402
    assert (declined.value.code, error.decline_code) == refusal
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == refusal[0]
    assert (failed.status, failed.paid, failed.failure_code) == ("failed", False, refusal[0])

    # and confirming it with a good card pays it
    paid = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": card, "off_session": True}
    )
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


def test_a_card_may_be_saved_and_then_be_declined(
    client: stripe.StripeClient, customer: str, charge: Callable[..., Any]
) -> None:
    later = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})

    with pytest.raises(stripe.CardError) as declined:
        charge(1200, payment_method=later.id)

    assert declined.value.code == "card_declined"


def test_a_card_refused_at_once_cannot_be_attached(
    client: stripe.StripeClient, customer: str
) -> None:
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer})

    assert client.v1.payment_methods.list({"customer": customer}).data == []


def test_a_card_past_its_last_month_is_declined(
    client: stripe.StripeClient, card: str, charge: Callable[..., Any]
) -> None:
    client.v1.payment_methods.update(card, {"card": {"exp_month": 1, "exp_year": 2020}})

    with pytest.raises(stripe.CardError) as declined:
        charge(1200)

    assert declined.value.code == "expired_card"


def test_authentication_required_off_session_then_given_on_session(
    client: stripe.StripeClient, customer: str, charge: Callable[..., Any]
) -> None:
    # given a card that authenticates every payment
    strict = client.v1.payment_methods.attach(
        "pm_card_authenticationRequired", {"customer": customer}
    ).id

    # when it is charged in the client's absence, then it fails and says why
    with pytest.raises(stripe.CardError) as refused:
        charge(1200, payment_method=strict)
    assert (refused.value.http_status, refused.value.code) == (402, "authentication_required")

    # when the client comes back and confirms
    intent = cast(Any, refused.value.error).payment_intent.id
    waiting = client.v1.payment_intents.confirm(
        intent, {"payment_method": strict, "return_url": BACK}
    )

    # then the bank's page asks, and its "yes" pays and returns to us
    assert (waiting.status, waiting.amount_received) == ("requires_action", 0)
    page = cast(Any, waiting.next_action).redirect_to_url.url
    assert "12,00" in requests.get(page, headers={"Accept-Language": "fr"}, timeout=60).text
    back = urlsplit(answer(page, "allow"))
    told = parse_qs(back.query)
    assert (back.netloc, told["step"], told["payment_intent"]) == (
        "console.example",
        ["2"],
        [intent],
    )
    assert told["redirect_status"] == ["succeeded"]
    paid = client.v1.payment_intents.retrieve(intent)
    assert (paid.status, paid.next_action) == ("succeeded", None)
    # and the page serves once
    assert requests.get(page, timeout=60).status_code == 404


def test_a_refused_authentication_charges_nothing(client: stripe.StripeClient) -> None:
    waiting = client.v1.payment_intents.create(
        {
            "amount": 1200,
            "currency": "eur",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": BACK,
        }
    )
    page = cast(Any, waiting.next_action).redirect_to_url.url

    back = answer(page, "refuse")

    intent = client.v1.payment_intents.retrieve(waiting.id)
    assert "redirect_status=failed" in back
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert client.v1.charges.list({"payment_intent": intent.id}).data == []


def test_asking_for_authentication_applies_to_every_card(
    client: stripe.StripeClient, customer: str, card: str
) -> None:
    waiting = client.v1.payment_intents.create(
        {
            "amount": 1200,
            "currency": "eur",
            "customer": customer,
            "payment_method": card,
            "confirm": True,
            "return_url": BACK,
            "payment_method_options": {"card": {"request_three_d_secure": "any"}},
        }
    )

    assert waiting.status == "requires_action"


def test_an_intent_goes_through_its_statuses(
    client: stripe.StripeClient, customer: str, card: str
) -> None:
    # given an intent without a card
    intents = client.v1.payment_intents
    made = intents.create(
        {
            "amount": 900,
            "currency": "eur",
            "customer": customer,
            "allowed_payment_method_types": ["card"],
        }
    )
    assert made.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError):
        intents.confirm(made.id)

    # when it is given one, then confirmed
    assert intents.update(made.id, {"payment_method": card}).status == "requires_confirmation"
    assert intents.confirm(made.id).status == "succeeded"

    # then it can be neither confirmed again, nor cancelled, nor changed
    for again in (
        lambda: intents.confirm(made.id),
        lambda: intents.cancel(made.id),
        lambda: intents.update(made.id, {"amount": 800}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            again()
        assert refused.value.code == "payment_intent_unexpected_state"


def test_a_cancelled_intent_stays_cancelled(
    client: stripe.StripeClient, customer: str, card: str
) -> None:
    made = client.v1.payment_intents.create(
        {"amount": 900, "currency": "eur", "customer": customer, "payment_method": card}
    )

    cancelled = client.v1.payment_intents.cancel(
        made.id, {"cancellation_reason": "requested_by_customer"}
    )

    assert (cancelled.status, cancelled.cancellation_reason) == (
        "canceled",
        "requested_by_customer",
    )
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.confirm(made.id, {"return_url": BACK})


def test_a_return_address_is_needed_where_a_redirection_may_happen(
    client: stripe.StripeClient, customer: str, card: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        client.v1.payment_intents.create(
            {
                "amount": 900,
                "currency": "eur",
                "customer": customer,
                "payment_method": card,
                "confirm": True,
            }
        )

    # and nothing was left behind
    assert client.v1.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metadata['invoice']:'inv_1'", 1),
        ('metadata["invoice"]:"inv_1" AND status:"succeeded"', 1),
        ("metadata['invoice']:'inv_1' OR metadata['invoice']:'inv_2'", 2),
        ("metadata['invoice']~'nv_'", 2),
        ("-metadata['invoice']:'inv_1'", 1),
        ("metadata['invoice']:null", 0),
        ("amount>1200", 1),
        ("metadata['invoice']:'inv_1' AND amount>1200", 0),
        ("metadata['invoice']:'nv_1'", 0),
    ],
)
def test_intents_are_found_by_metadata(
    client: stripe.StripeClient, charge: Callable[..., Any], query: str, found: int
) -> None:
    charge(1200, metadata={"invoice": "inv_1"})
    charge(1300, metadata={"invoice": "inv_2"})

    result = client.v1.payment_intents.search({"query": query})

    assert len(result.data) == found


@pytest.mark.parametrize(
    "query", ["", "metadata:'x'", "unknown:'x'", "status:'a' AND amount>1 OR amount<9", "amount>"]
)
def test_a_wrong_query_is_refused(simulator: StripeSimulator, query: str) -> None:
    answered = requests.get(
        f"{simulator.url}/v1/payment_intents/search",
        params={"query": query},
        headers={"Authorization": "Bearer sk_test_x"},
        timeout=60,
    )

    assert answered.status_code == 400


def test_search_pages_follow_one_another(
    client: stripe.StripeClient, charge: Callable[..., Any]
) -> None:
    ids = [charge(1000 + n).id for n in range(3)]

    walked = client.v1.payment_intents.search({"query": "amount>0", "limit": 2})

    assert walked.has_more
    assert [one.id for one in walked.auto_paging_iter()] == ids[::-1]


def test_a_card_saved_by_a_payment_is_attached(client: stripe.StripeClient, customer: str) -> None:
    client.v1.payment_intents.create(
        {
            "amount": 900,
            "currency": "eur",
            "customer": customer,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "setup_future_usage": "off_session",
            "allowed_payment_method_types": ["card"],
        }
    )

    assert len(client.v1.payment_methods.list({"customer": customer}).data) == 1


@pytest.mark.parametrize(
    "outcome", ["generic_decline", "insufficient_funds", "authentication_required", "lost_card"]
)
def test_the_next_outcome_can_be_forced(
    control: Callable[..., Any], charge: Callable[..., Any], outcome: str
) -> None:
    control("charges/next", outcome=outcome)

    with pytest.raises(stripe.CardError) as declined:
        charge(1000)

    assert cast(Any, declined.value.error).decline_code == outcome
    assert charge(1000).status == "succeeded"
