"""The simulator's objects have the members and types that the SDK's classes declare."""

import json
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, Literal, Union

import pytest
import stripe
from stripe import params
from stripe.params import checkout

from simulators.stripe.application import ENDPOINTS

Json = dict[str, Any]


def declared(kind: type) -> dict[str, Any]:
    """Return the members that a class of the SDK declares, with their types."""
    hidden = {"OBJECT_NAME", "deleted"}
    members = {**kind.__annotations__}
    return {name: wanted for name, wanted in members.items() if name not in hidden}


def options(wanted: Any) -> list[Any]:
    """Return the alternatives of a type."""
    if typing.get_origin(wanted) in (Union, types.UnionType):
        return [one for part in typing.get_args(wanted) for one in options(part)]
    return [wanted]


def wrong_members(path: str, value: Json, kind: type) -> Iterator[str]:
    """Yield what an object has too much, lacks, or has with another type."""
    members = declared(kind)
    for name in value:
        if name not in members:
            yield f"{path}.{name} is not declared"
    for name, wanted in members.items():
        if name in value:
            yield from wrong(f"{path}.{name}", value[name], wanted)
        elif type(None) not in options(wanted):
            yield f"{path}.{name} is missing"


def wrong(path: str, value: Any, wanted: Any) -> Iterator[str]:
    """Yield why a value is of none of the types wanted."""
    problems: list[str] = []
    for one in options(wanted):
        found = list(wrong_alternative(path, value, one))
        if not found:
            return
        problems += found
    yield from problems or [f"{path} has no type"]


def wrong_alternative(path: str, value: Any, wanted: Any) -> Iterator[str]:
    origin = typing.get_origin(wanted)
    if origin is Literal:
        right = value in typing.get_args(wanted)
    elif origin is list:
        right = isinstance(value, list)
    elif is_object(wanted):
        right = isinstance(value, dict)
    else:
        right = type(value) is wanted
    if not right:
        yield f"{path}: {value!r} is not {wanted}"
    elif origin is list:
        for position, one in enumerate(value):
            yield from wrong(f"{path}[{position}]", one, typing.get_args(wanted)[0])
    elif isinstance(wanted, type) and issubclass(wanted, stripe.StripeObject) and declared(wanted):
        yield from wrong_members(path, value, wanted)


def is_object(wanted: Any) -> bool:
    """Tell whether a type is an object: described, free, or of a kind checked on its own."""
    if isinstance(wanted, type) and typing.get_origin(wanted) is None:
        return issubclass(wanted, stripe.StripeObject)
    return True


def as_json(found: Any) -> Json:
    return dict(json.loads(str(found)))


@pytest.fixture
def made(
    client: stripe.StripeClient,
    control: Callable[..., Json],
    customer: str,
    card: str,
    charge: Callable[..., Any],
) -> Json:
    """One object of each kind, and of the states that change members."""
    v1 = client.v1
    paid = charge(1200, metadata={"invoice": "inv_1"})
    refund = v1.refunds.create({"payment_intent": paid.id, "amount": 200})
    session = {
        "success_url": "https://console.example/ok?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://console.example/no",
        "customer": customer,
    }
    line = {"price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Pod"}}}
    payment = v1.checkout.sessions.create(
        typing.cast(Any, {**session, "mode": "payment", "line_items": [line]})
    )
    setup = v1.checkout.sessions.create(
        typing.cast(Any, {**session, "mode": "setup", "currency": "eur"})
    )
    control("checkout/complete", session=setup.id)
    control("charges/next", outcome="insufficient_funds")
    with pytest.raises(stripe.CardError):
        charge(700)
    refused = v1.payment_intents.list({"limit": 1}).data[0]
    waiting = v1.payment_intents.create(
        {
            "amount": 800,
            "currency": "eur",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "https://console.example/back",
        }
    )
    dispute = control("disputes/open", payment_intent=paid.id)
    return {
        "customer": v1.customers.retrieve(customer),
        "card": v1.payment_methods.retrieve(card),
        "paid": paid,
        "refused": refused,
        "waiting": waiting,
        "charge": v1.charges.retrieve(str(paid.latest_charge)),
        "refused charge": v1.charges.retrieve(str(refused.latest_charge)),
        "refund": refund,
        "movement": v1.balance_transactions.retrieve(str(refund.balance_transaction)),
        "dispute": v1.disputes.retrieve(dispute["id"]),
        "setup intent": v1.setup_intents.list().data[0],
        "payment session": payment,
        "setup session": v1.checkout.sessions.retrieve(setup.id),
        "event": v1.events.list({"type": "payment_intent.succeeded"}).data[0],
        "endpoint": v1.webhook_endpoints.create(
            {"url": "https://console.example/hook", "enabled_events": ["charge.succeeded"]}
        ),
    }


def test_every_object_has_the_members_its_class_declares(
    made: Json, client: stripe.StripeClient
) -> None:
    # when each object is compared with the annotations of the SDK's class
    problems = {
        name: list(wrong_members(name, as_json(found), type(found))) for name, found in made.items()
    }
    client.v1.webhook_endpoints.delete(made["endpoint"].id)

    # then nothing is too much, missing, or of another type
    assert {name: found for name, found in problems.items() if found} == {}


def test_the_comparison_can_fail(client: stripe.StripeClient, customer: str) -> None:
    # given a customer with a member too much, one missing and one of another type
    found = as_json(client.v1.customers.retrieve(customer))
    found["unheard_of"] = 1
    found["created"] = "yesterday"
    del found["livemode"]

    # then each is reported
    assert len(list(wrong_members("customer", found, stripe.Customer))) == 3


def test_events_are_of_the_version_the_sdk_speaks(made: Json) -> None:
    assert made["event"].api_version == stripe.api_version


def test_lists_are_lists_of_the_sdk(made: Json, client: stripe.StripeClient) -> None:
    listed = client.v1.charges.list()

    assert isinstance(listed, stripe.ListObject)
    assert {type(one) for one in listed.data} == {stripe.Charge}


PARAMETERS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/customers"): params.CustomerCreateParams,
    ("GET", "/v1/customers"): params.CustomerListParams,
    ("POST", "/v1/customers/<customer>"): params.CustomerUpdateParams,
    ("GET", "/v1/payment_methods"): params.PaymentMethodListParams,
    ("POST", "/v1/payment_methods/<payment_method>"): params.PaymentMethodUpdateParams,
    ("POST", "/v1/payment_methods/<payment_method>/attach"): params.PaymentMethodAttachParams,
    ("POST", "/v1/setup_intents"): params.SetupIntentCreateParams,
    ("GET", "/v1/setup_intents"): params.SetupIntentListParams,
    ("POST", "/v1/setup_intents/<intent>/confirm"): params.SetupIntentConfirmParams,
    ("POST", "/v1/checkout/sessions"): checkout.SessionCreateParams,
    ("GET", "/v1/checkout/sessions"): checkout.SessionListParams,
    ("POST", "/v1/payment_intents"): params.PaymentIntentCreateParams,
    ("GET", "/v1/payment_intents"): params.PaymentIntentListParams,
    ("GET", "/v1/payment_intents/search"): params.PaymentIntentSearchParams,
    ("POST", "/v1/payment_intents/<intent>"): params.PaymentIntentUpdateParams,
    ("POST", "/v1/payment_intents/<intent>/confirm"): params.PaymentIntentConfirmParams,
    ("POST", "/v1/payment_intents/<intent>/cancel"): params.PaymentIntentCancelParams,
    ("GET", "/v1/charges"): params.ChargeListParams,
    ("GET", "/v1/balance_transactions"): params.BalanceTransactionListParams,
    ("POST", "/v1/refunds"): params.RefundCreateParams,
    ("GET", "/v1/refunds"): params.RefundListParams,
    ("GET", "/v1/disputes"): params.DisputeListParams,
    ("GET", "/v1/events"): params.EventListParams,
    ("POST", "/v1/webhook_endpoints"): params.WebhookEndpointCreateParams,
    ("POST", "/v1/webhook_endpoints/<endpoint>"): params.WebhookEndpointUpdateParams,
}
# Known only to be refused as this version refuses it.
WITHDRAWN = {"payment_method_types"}


@pytest.mark.parametrize("address", PARAMETERS, ids=" ".join)
def test_no_parameter_is_accepted_that_the_sdk_does_not_have(address: tuple[str, str]) -> None:
    endpoint = next(one for one in ENDPOINTS if (one.method, one.path) == address)

    accepted = set(endpoint.full_spec) - WITHDRAWN

    assert accepted <= set(PARAMETERS[address].__annotations__)
