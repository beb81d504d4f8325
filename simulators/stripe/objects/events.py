"""Events, kept 30 days, and the webhook endpoints that receive them."""

from simulators.stripe.foundation.account import API_VERSION, Account
from simulators.stripe.foundation.endpoints import Endpoint, list_spec, page
from simulators.stripe.foundation.errors import Json, StripeError
from simulators.stripe.foundation.forms import (
    Required,
    boolean,
    clearable_text,
    list_of,
    merged_metadata,
    metadata,
    text,
    web_address,
)
from simulators.stripe.foundation.identifiers import new_id, random_text


def retrieve(account: Account, params: Json, event: str) -> Json:
    """Return an event."""
    return account.own("event", event)


def listed(account: Account, params: Json) -> Json:
    """Return a page of the events, of one type or of several."""
    wanted = params.pop("types", None)
    events = account.state.objects("event").values()
    chosen = [event for event in events if wanted is None or event["type"] in wanted]
    return page("/v1/events", chosen, params)


def make_endpoint(account: Account, url: str, secret: str, enabled: list[str]) -> Json:
    """Keep a webhook endpoint and the secret its signatures are made with."""
    endpoint = account.add(
        {
            "id": new_id("webhook_endpoint"),
            "object": "webhook_endpoint",
            "api_version": API_VERSION,
            "application": None,
            "created": account.now(),
            "description": None,
            "enabled_events": enabled,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
        }
    )
    account.state.part("endpoint_secrets")[endpoint["id"]] = secret
    return endpoint


def create_endpoint(account: Account, params: Json) -> Json:
    """Create a webhook endpoint; only this answer shows its secret."""
    secret = f"whsec_{random_text(32)}"
    endpoint = make_endpoint(account, params["url"], secret, _enabled(params))
    endpoint["description"] = params.get("description")
    endpoint["metadata"] = merged_metadata({}, params)
    return {**endpoint, "secret": secret}


def _enabled(params: Json) -> list[str]:
    enabled: list[str] = params["enabled_events"]
    if not enabled:
        raise StripeError("You must enable at least one event.", param="enabled_events", kept=False)
    return enabled


def update_endpoint(account: Account, params: Json, endpoint: str) -> Json:
    """Change a webhook endpoint; `disabled` stops what is sent to it."""
    changed = account.own("webhook_endpoint", endpoint)
    if "enabled_events" in params:
        changed["enabled_events"] = _enabled(params)
    if "disabled" in params:
        changed["status"] = "disabled" if params["disabled"] else "enabled"
    for name in ("url", "description"):
        if name in params:
            changed[name] = params[name]
    changed["metadata"] = merged_metadata(changed["metadata"], params)
    return changed


def retrieve_endpoint(account: Account, params: Json, endpoint: str) -> Json:
    """Return a webhook endpoint."""
    return account.own("webhook_endpoint", endpoint)


def listed_endpoints(account: Account, params: Json) -> Json:
    """Return a page of the webhook endpoints."""
    endpoints = account.state.objects("webhook_endpoint").values()
    return page("/v1/webhook_endpoints", endpoints, params)


def delete_endpoint(account: Account, params: Json, endpoint: str) -> Json:
    """Delete a webhook endpoint and what was still to send to it."""
    account.own("webhook_endpoint", endpoint)
    del account.state.objects("webhook_endpoint")[endpoint]
    del account.state.part("endpoint_secrets")[endpoint]
    deliveries = account.state.part("deliveries")
    for delivery in [one for one in deliveries if one["endpoint"] == endpoint]:
        deliveries.remove(delivery)
        account.state.objects("event")[delivery["event"]]["pending_webhooks"] -= 1
    return {"id": endpoint, "object": "webhook_endpoint", "deleted": True}


_WRITABLE = {
    "description": clearable_text,
    "enabled_events": list_of(text),
    "metadata": metadata,
    "url": web_address,
}
ENDPOINTS = [
    Endpoint("GET", "/v1/events", listed, list_spec(type=text, types=list_of(text))),
    Endpoint("GET", "/v1/events/<event>", retrieve, {}),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints",
        create_endpoint,
        {
            **_WRITABLE,
            "enabled_events": Required(list_of(text)),
            "url": Required(web_address),
        },
    ),
    Endpoint("GET", "/v1/webhook_endpoints", listed_endpoints, list_spec()),
    Endpoint("GET", "/v1/webhook_endpoints/<endpoint>", retrieve_endpoint, {}),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints/<endpoint>",
        update_endpoint,
        {**_WRITABLE, "disabled": boolean},
    ),
    Endpoint("DELETE", "/v1/webhook_endpoints/<endpoint>", delete_endpoint, {}),
]
