"""Search of payment intents and customers: as much of Stripe's query language as we need.

Clauses `field:"value"`, `field~"part"`, `field>number` and their negation with `-`, joined by
AND or by OR, not both. Unlike Stripe's, what was just created is found at once.
"""

import re
from collections.abc import Callable
from typing import Any

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.endpoints import Endpoint
from simulators.stripe.foundation.errors import Json, StripeError, invalid
from simulators.stripe.foundation.forms import Required, Spec, integer, text

_CLAUSE = re.compile(
    r"""\s*(?P<negated>-)?
    (?P<field>[a-z_]+)(?:\[(?P<quote>['"])(?P<key>.+?)(?P=quote)\])?
    \s*(?P<operator>:|~|>=|<=|>|<)\s*
    (?:(?P<mark>['"])(?P<text>(?:\\.|(?!(?P=mark)).)*)(?P=mark)|(?P<number>\d+)|(?P<null>null))\s*""",
    re.VERBOSE,
)
_JOIN = re.compile(r"(AND|OR)\b", re.IGNORECASE)
_TEXT_FIELDS = ("currency", "customer", "status")
_NUMBER_FIELDS = ("amount", "created")
_SHORTEST_PART = 3
_MOST_PER_PAGE = 100
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    ":": lambda have, wanted: bool(have == wanted),
    ">": lambda have, wanted: bool(have > wanted),
    "<": lambda have, wanted: bool(have < wanted),
    ">=": lambda have, wanted: bool(have >= wanted),
    "<=": lambda have, wanted: bool(have <= wanted),
}
Test = Callable[[Json], bool]


def _wrong(query: str, why: str) -> StripeError:
    return invalid(f"We were unable to parse your search query: {why} in {query!r}.", "query")


def parse(query: str) -> Test:
    """Turn a query into a test of one object; raise Stripe's 400 when it cannot be read."""
    tests: list[Test] = []
    joins: set[str] = set()
    position = 0
    while True:
        clause = _CLAUSE.match(query, position)
        if clause is None:
            raise _wrong(query, f"expected a clause at {position}")
        tests.append(_test(clause, query))
        position = clause.end()
        if position == len(query):
            break
        join = _JOIN.match(query, position)
        if join is None:
            raise _wrong(query, f"expected AND or OR at {position}")
        joins.add(join[1].upper())
        position = join.end()
    if len(joins) > 1:
        raise _wrong(query, "AND and OR cannot be mixed")
    decide = any if joins == {"OR"} else all
    return lambda item: decide(test(item) for test in tests)


def _test(clause: re.Match[str], query: str) -> Test:
    field, key, operator = clause["field"], clause["key"], clause["operator"]
    if (field == "metadata") != (key is not None):
        raise _wrong(query, f"unsupported field {field!r}")
    if field in _NUMBER_FIELDS and clause["number"] is not None:
        number = int(clause["number"])
        found: Test = lambda item: _COMPARISONS[operator](item[field], number)  # noqa: E731
    elif field == "metadata" or field in _TEXT_FIELDS:
        found = _text_test(clause, query)
    else:
        raise _wrong(query, f"unsupported field or value for {field!r}")
    return (lambda item: not found(item)) if clause["negated"] else found


def _text_test(clause: re.Match[str], query: str) -> Test:
    field, key, operator = clause["field"], clause["key"], clause["operator"]

    def value(item: Json) -> Any:
        return item["metadata"].get(key) if field == "metadata" else item[field]

    if clause["null"] is not None and operator == ":":
        return lambda item: value(item) is None
    if clause["text"] is None or operator not in (":", "~"):
        raise _wrong(query, f"unsupported value for {field!r}")
    wanted = re.sub(r"\\(.)", r"\1", clause["text"])
    if operator == ":":
        return lambda item: value(item) == wanted
    if len(wanted) < _SHORTEST_PART:
        raise _wrong(query, "a part of a text needs 3 characters")
    return lambda item: wanted.lower() in (value(item) or "").lower()


def payment_intents(account: Account, params: Json) -> Json:
    """Return a page of the payment intents that match, newest first."""
    return _page(account, params, "payment_intent")


def customers(account: Account, params: Json) -> Json:
    """Return a page of the customers that match, newest first."""
    return _page(account, params, "customer")


def _page(account: Account, params: Json, kind: str) -> Json:
    limit = params.get("limit", 10)
    if not 1 <= limit <= _MOST_PER_PAGE:
        raise invalid("Invalid limit: must be between 1 and 100", "limit")
    matches = parse(params["query"])
    found = [one for one in account.state.objects(kind).values() if matches(one)]
    found.reverse()
    start = _start(params.get("page"))
    more = len(found) > start + limit
    return {
        "object": "search_result",
        "url": f"/v1/{kind}s/search",
        "has_more": more,
        "data": found[start : start + limit],
        "next_page": f"page_{start + limit}" if more else None,
    }


def _start(given: str | None) -> int:
    if given is None:
        return 0
    found = re.fullmatch(r"page_(\d{1,9})", given)
    if found is None:
        raise invalid("Invalid page token", "page")
    return int(found[1])


_SEARCHING: Spec = {"query": Required(text), "limit": integer, "page": text}
ENDPOINTS = [
    Endpoint(
        "GET",
        "/v1/payment_intents/search",
        payment_intents,
        _SEARCHING,
    ),
    Endpoint("GET", "/v1/customers/search", customers, _SEARCHING),
]
