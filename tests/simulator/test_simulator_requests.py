"""Keys, parameters, errors, pagination, expansion: what every endpoint does."""

from typing import Any, cast

import pytest
import requests
import stripe

from simulators.stripe import StripeSimulator

HEADERS = {"Authorization": "Bearer sk_test_simulated"}


def post(simulator: StripeSimulator, path: str, **form: str) -> requests.Response:
    return requests.post(simulator.url + path, data=form, headers=HEADERS, timeout=60)


def test_a_request_without_a_key_is_refused(simulator: StripeSimulator) -> None:
    answer = requests.get(f"{simulator.url}/v1/customers", timeout=60)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("key", ["sk_live_x", "rk_x"])
def test_only_test_keys_are_accepted(simulator: StripeSimulator, key: str) -> None:
    client = stripe.StripeClient(key, base_addresses={"api": simulator.url})

    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.list()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/invoices"), ("PUT", "/v1/customers"), ("GET", "/v2/x"), ("GET", "/nothing")],
)
def test_an_unknown_address_is_never_a_success(
    simulator: StripeSimulator, method: str, path: str
) -> None:
    answer = requests.request(method, simulator.url + path, headers=HEADERS, timeout=60)

    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"nickname": "x"}, "parameter_unknown", "nickname"),
        ({"invoice_settings[footer]": "x"}, "parameter_unknown", "invoice_settings[footer]"),
        ({"payment_method": ""}, "parameter_invalid_empty", "payment_method"),
        ({"metadata[k]": "v" * 501}, "parameter_invalid_string_length", "metadata[k]"),
        ({"metadata[k][z]": "v"}, None, "metadata[k]"),
    ],
)
def test_a_wrong_parameter_is_named(
    simulator: StripeSimulator, form: dict[str, str], code: str | None, param: str
) -> None:
    answer = post(simulator, "/v1/customers", **form)

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error.get("code"), error["param"]) == (
        "invalid_request_error",
        code,
        param,
    )


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"currency": "eur"}, "parameter_missing", "amount"),
        ({"amount": "12.5", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ({"amount": "-1", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ({"amount": "49", "currency": "eur"}, "amount_too_small", "amount"),
        ({"amount": "100", "currency": "zzz"}, None, "currency"),
        ({"amount": "100", "currency": "eur", "customer": "cus_0"}, "resource_missing", "customer"),
        ({"amount": "100", "currency": "eur", "off_session": "true"}, None, "off_session"),
        ({"amount": "100", "currency": "eur", "confirm": "yes"}, None, "confirm"),
        (
            {"amount": "100", "currency": "eur", "payment_method_types[]": "card"},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"amount": "100", "currency": "eur", "shipping": "x"}, "parameter_unknown", "shipping"),
    ],
)
def test_a_wrong_payment_is_refused(
    simulator: StripeSimulator, form: dict[str, str], code: str | None, param: str
) -> None:
    answer = post(simulator, "/v1/payment_intents", **form)

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error.get("code"), error["param"]) == (code, param)


def test_a_json_body_is_refused(simulator: StripeSimulator) -> None:
    answer = requests.post(
        f"{simulator.url}/v1/customers", json={"name": "x"}, headers=HEADERS, timeout=60
    )

    assert answer.status_code == 400


def test_an_unknown_object_of_the_address_is_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.retrieve("cus_unknown")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert refused.value.user_message == "No such customer: 'cus_unknown'"


def test_metadata_merge_and_empty_values_remove(client: stripe.StripeClient) -> None:
    # given a customer with two metadata
    made = client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})

    # when one is changed, one emptied, one added
    changed = client.v1.customers.update(made.id, {"metadata": {"a": "9", "b": "", "c": "3"}})

    # then they are merged; an empty string removes them all
    assert cast(Any, changed.metadata).to_dict() == {"a": "9", "c": "3"}
    cleared = client.v1.customers.update(made.id, {"metadata": ""})
    assert cast(Any, cleared.metadata).to_dict() == {}


def test_pages_follow_one_another_both_ways(client: stripe.StripeClient) -> None:
    # given five customers made within a second
    ids = [client.v1.customers.create({"name": str(n)}).id for n in range(5)]

    # when they are read two by two, forwards then backwards
    first = client.v1.customers.list({"limit": 2})
    second = client.v1.customers.list({"limit": 2, "starting_after": first.data[-1].id})
    back = client.v1.customers.list({"limit": 2, "ending_before": second.data[0].id})

    # then they come newest first, and the SDK's own iteration sees each once
    assert [one.id for one in first.data + second.data] == ids[:0:-1]
    assert (first.has_more, second.has_more) == (True, True)
    assert [one.id for one in back.data] == [one.id for one in first.data]
    walked = client.v1.customers.list({"limit": 2}).auto_paging_iter()
    assert [one.id for one in walked] == ids[::-1]


@pytest.mark.parametrize("bad", [{"limit": 0}, {"limit": 101}, {"starting_after": "cus_0"}])
def test_a_wrong_page_is_refused(client: stripe.StripeClient, bad: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.list(bad)


def test_lists_are_filtered_by_creation(client: stripe.StripeClient, customer: str) -> None:
    created = client.v1.customers.retrieve(customer).created

    assert len(client.v1.customers.list({"created": {"gte": created}}).data) == 1
    assert len(client.v1.customers.list({"created": {"gt": created}}).data) == 0
    assert len(client.v1.customers.list({"created": created}).data) == 1


def test_ids_expand_into_objects(client: stripe.StripeClient, charge: Any) -> None:
    paid = charge(1200, expand=["latest_charge.balance_transaction", "customer"])
    listed = client.v1.payment_intents.list({"expand": ["data.latest_charge"]})

    assert paid.customer.name == "Atelier Lumen"
    # 1.5 % of 12.00, 0.18, and 0.25 are Stripe's.
    assert paid.latest_charge.balance_transaction.net == 1200 - 18 - 25
    assert cast(Any, listed.data[0].latest_charge).amount == 1200


def test_what_cannot_be_expanded_is_refused(client: stripe.StripeClient, customer: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.customers.retrieve(customer, {"expand": ["name"]})
