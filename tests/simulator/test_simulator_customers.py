"""Customers and their cards."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from simulators.stripe import StripeSimulator


def test_a_customer_changes_and_tells_what_changed(
    client: stripe.StripeClient, customer: str
) -> None:
    client.v1.customers.update(customer, {"name": "Atelier Lumen SARL", "email": ""})

    found = client.v1.customers.retrieve(customer)
    event = client.v1.events.list({"type": "customer.updated"}).data[0]
    assert (found.name, found.email) == ("Atelier Lumen SARL", None)
    assert event.data.previous_attributes.to_dict() == {
        "name": "Atelier Lumen",
        "email": "a@lumen.example",
    }


def test_cards_are_listed_by_customer_both_ways(
    client: stripe.StripeClient, customer: str, card: str
) -> None:
    other = client.v1.customers.create({"name": "Studio Nord"}).id
    client.v1.payment_methods.attach("pm_card_mastercard", {"customer": other})

    under = client.v1.customers.payment_methods.list(customer)
    filtered = client.v1.payment_methods.list({"customer": customer, "type": "card"})

    assert [one.id for one in under.data] == [one.id for one in filtered.data] == [card]


def test_the_default_card_belongs_to_the_customer(
    client: stripe.StripeClient, customer: str, card: str
) -> None:
    other = client.v1.customers.create({"name": "Studio Nord"}).id
    default: Any = {"invoice_settings": {"default_payment_method": card}}

    updated = client.v1.customers.update(customer, default)

    assert updated.invoice_settings is not None
    assert updated.invoice_settings.default_payment_method == card
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.update(other, default)
    assert refused.value.code == "resource_missing"


def test_a_detached_card_is_no_default_and_never_serves_again(
    client: stripe.StripeClient, customer: str, card: str, charge: Callable[..., Any]
) -> None:
    # given the default card
    client.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})

    # when it is detached
    detached = client.v1.payment_methods.detach(card)

    # then the customer has no default, and the card can be neither attached nor charged
    settings = client.v1.customers.retrieve(customer).invoice_settings
    assert detached.customer is None
    assert settings is not None
    assert settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_methods.attach(card, {"customer": customer})
    with pytest.raises(stripe.InvalidRequestError):
        charge(1000)


def test_a_card_of_another_customer_cannot_be_charged(
    client: stripe.StripeClient, customer: str, charge: Callable[..., Any]
) -> None:
    other = client.v1.customers.create({"name": "Studio Nord"}).id
    theirs = client.v1.payment_methods.attach("pm_card_visa", {"customer": other}).id

    with pytest.raises(stripe.InvalidRequestError):
        charge(1000, payment_method=theirs)


def test_the_same_number_has_the_same_fingerprint(
    client: stripe.StripeClient, customer: str, card: str
) -> None:
    again = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    other = client.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer})
    first = client.v1.payment_methods.retrieve(card)

    prints = [one.card.fingerprint for one in (first, again, other) if one.card]
    assert prints[0] == prints[1] != prints[2]
    assert other.card is not None
    assert (other.card.brand, other.card.last4) == ("mastercard", "4444")


def test_a_deleted_customer_is_gone(
    client: stripe.StripeClient, simulator: StripeSimulator, customer: str, card: str
) -> None:
    deleted = client.v1.customers.delete(customer)

    assert deleted.deleted is True
    assert client.v1.payment_methods.retrieve(card).customer is None
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.retrieve(customer)
