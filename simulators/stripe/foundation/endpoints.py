"""What an API endpoint is: a method, a path, the parameters it knows, what it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json, invalid
from simulators.stripe.foundation.forms import (
    Reader,
    Required,
    Spec,
    created_filter,
    integer,
    list_of,
    text,
)
from simulators.stripe.foundation.identifiers import kind_of

Handler = Callable[..., Json]
_MOST_PER_PAGE = 100
_PER_PAGE = 10
_DEEPEST_EXPANSION = 4
_EXPANDABLE = frozenset(
    {
        "balance_transaction",
        "charge",
        "customer",
        "default_payment_method",
        "latest_charge",
        "line_items",
        "payment_intent",
        "payment_method",
        "setup_intent",
    }
)


@dataclass(frozen=True, eq=False)  # the router keeps endpoints by identity
class Endpoint:
    """One line of the API: `handler(account, params, **ids of the path)` answers the object."""

    method: str
    path: str
    handler: Handler
    spec: Spec

    @property
    def full_spec(self) -> Spec:
        """The parameters of the endpoint and `expand`, which all of them know."""
        return {**self.spec, "expand": list_of(text)}


def list_spec(**filters: Reader | Required) -> Spec:
    """Return the parameters of a list: the given filters and those of pagination."""
    return {
        **filters,
        "limit": integer,
        "starting_after": text,
        "ending_before": text,
        "created": created_filter,
    }


def page(url: str, items: Iterable[Json], params: Json) -> Json:
    """Answer one page of a list, newest first, as Stripe paginates.

    Filters that are members of the objects are applied here: `customer`, `charge`…
    """
    newest_first = _matching(items, params)
    ids = [item["id"] for item in newest_first]
    limit = _limit(params)
    if "ending_before" in params:
        before = newest_first[: _position(ids, params, "ending_before")]
        shown, more = before[-limit:], len(before) > limit
    else:
        start = _position(ids, params, "starting_after") + 1 if "starting_after" in params else 0
        shown, more = newest_first[start : start + limit], len(newest_first) > start + limit
    return {"object": "list", "url": url, "has_more": more, "data": shown}


def _matching(items: Iterable[Json], params: Json) -> list[Json]:
    pagination = {"limit", "starting_after", "ending_before", "created", "expand"}
    filters = {name: value for name, value in params.items() if name not in pagination}
    bounds = params.get("created", {})
    found = [
        item
        for item in items
        if all(item.get(name) == value for name, value in filters.items())
        and within(item["created"], bounds)
    ]
    # The sort is stable: of two objects of one second, the later made comes first.
    found.reverse()
    return sorted(found, key=lambda item: item["created"], reverse=True)


def within(instant: int, bounds: dict[str, int]) -> bool:
    """Tell whether an instant is within bounds named gt, gte, lt, lte."""
    checks = {
        "gt": instant.__gt__,
        "gte": instant.__ge__,
        "lt": instant.__lt__,
        "lte": instant.__le__,
    }
    return all(checks[name](bound) for name, bound in bounds.items())


def _limit(params: Json) -> int:
    limit: int = params.get("limit", _PER_PAGE)
    if not 1 <= limit <= _MOST_PER_PAGE:
        raise invalid("Invalid limit: must be between 1 and 100", "limit")
    return limit


def _position(ids: list[str], params: Json, name: str) -> int:
    try:
        return ids.index(params[name])
    except ValueError:
        raise invalid(f"No such object: '{params[name]}'", name, "resource_missing") from None


def expand(account: Account, answered: Json, paths: list[str]) -> Json:
    """Replace ids by the objects they name, on a copy, for the paths a request asked for."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEEPEST_EXPANSION:
            raise invalid("You cannot expand more than 4 levels of a property", "expand")
        answered = _expanded(account, answered, parts, path)
    return answered


def _expanded(account: Account, holder: Json, parts: list[str], path: str) -> Json:
    name, rest = parts[0], parts[1:]
    if name == "data" and holder.get("object") in ("list", "search_result") and rest:
        return {**holder, "data": [_expanded(account, one, rest, path) for one in holder["data"]]}
    value = _line_items(account, holder) if name == "line_items" else holder.get(name)
    if name not in holder and value is None:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    if isinstance(value, str):
        value = _object_named(account, name, value, path)
    if rest and isinstance(value, dict):
        value = _expanded(account, value, rest, path)
    return {**holder, name: value}


def _line_items(account: Account, holder: Json) -> Any:
    lines = account.state.part("line_items").get(holder.get("id"))
    if lines is None:
        return None
    url = f"/v1/checkout/sessions/{holder['id']}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": lines}


def _object_named(account: Account, name: str, identifier: str, path: str) -> Json:
    kind = kind_of(identifier)
    if name not in _EXPANDABLE or kind is None:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    return account.own(kind, identifier, name)
