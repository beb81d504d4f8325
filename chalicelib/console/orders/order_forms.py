"""The order form, read from an address or a posted summary, and written back (ORD-1).

The fields of the first line have plain names (``configuration``, ``name-2``); those of the second
begin with ``l2-``, and so on (``orders.request.line_prefix``).
"""

import re
from collections.abc import Mapping

from chalicelib.accounts.account import Account, PostalAddress
from chalicelib.foundation.errors import FieldErrors
from chalicelib.orders.request import (
    MONTHLY,
    MOST_DESKTOPS,
    MOST_LINES,
    LineRequest,
    OrderRequest,
    line_prefix,
)

OPTION = "option-"
_MOST_DIGITS = 4
_ADDRESS_FIELDS = ("line1", "line2", "postal_code", "city")
_WHOLE = {"lines", "express_request", "express_acknowledged", "billing_plan", "payment_mode"}
_OF_A_LINE = re.compile(
    r"(?:l(?P<line>[2-9])-)?"
    r"(?P<field>configuration|quantity|option-[a-z0-9-]+|name-\d{1,2}|user-\d{1,2})"
)


def line_count(fields: Mapping[str, str]) -> int:
    """Tell how many lines the form shows, from 1 to ``MOST_LINES``."""
    text = fields.get("lines", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return min(max(int(text), 1), MOST_LINES) if is_number else 1


def read_order(fields: Mapping[str, str], account: Account) -> OrderRequest:
    """Read what is asked for.  Raises FieldErrors for a number that is none."""
    errors: dict[str, str] = {}
    lines = tuple(_line(fields, number + 1, errors) for number in range(line_count(fields)))
    if errors:
        raise FieldErrors(errors)
    return OrderRequest(
        lines=lines,
        delivery_address=_address(fields, account),
        billing_plan=fields.get("billing_plan") or MONTHLY,
        payment_mode=fields.get("payment_mode", ""),
        express_request=fields.get("express_request") == "yes",
        express_acknowledged=fields.get("express_acknowledged") == "yes",
    )


def _line(fields: Mapping[str, str], number: int, errors: dict[str, str]) -> LineRequest:
    prefix = line_prefix(number)

    def count(name: str, otherwise: int) -> int:
        text = fields.get(prefix + name, "").strip()
        if not text:
            return otherwise
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            errors[prefix + name] = "Indiquez un nombre entier."
            return otherwise
        return int(text)

    quantity = count("quantity", 1)
    start = prefix + OPTION
    codes = [name.removeprefix(start) for name in fields if name.startswith(start)]
    places = range(1, min(quantity, MOST_DESKTOPS) + 1)
    return LineRequest(
        configuration_code=fields.get(prefix + "configuration", ""),
        quantity=quantity,
        options=tuple((code, count(OPTION + code, 0)) for code in codes),
        desktop_names=tuple(fields.get(f"{prefix}name-{n}", "") for n in places),
        user_ids=tuple(fields.get(f"{prefix}user-{n}", "") for n in places),
    )


def _address(fields: Mapping[str, str], account: Account) -> PostalAddress | None:
    if "line1" not in fields:
        return None
    line1, line2, postal_code, city = (fields.get(name, "").strip() for name in _ADDRESS_FIELDS)
    return PostalAddress(line1, line2, postal_code, city, account.address.country)


def order_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Keep the fields of the order form, to carry them on to the next page.

    ``without`` names a line to leave out: those behind it move up.
    """
    kept = {name: text for name, text in fields.items() if name in {*_ADDRESS_FIELDS, *_WHOLE}}
    count, dropped = line_count(fields), fields.get("without", "")
    leaves = int(dropped) if dropped in {str(n) for n in range(1, count + 1)} and count > 1 else 0
    if leaves:
        kept["lines"] = str(count - 1)
    for name, text in fields.items():
        found = _OF_A_LINE.fullmatch(name)
        line = int(found["line"] or 1) if found else 0
        if not found or line > count or (leaves and line == leaves):
            continue
        place = line - 1 if leaves and line > leaves else line
        kept[line_prefix(place) + found["field"]] = text
    return kept
