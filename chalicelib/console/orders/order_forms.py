"""The order form, read from an address or a posted summary, and written back (ORD-1).

The fields of the first line have plain names (``configuration``, ``name-2``); those of the second
begin with ``l2-``, and so on (``orders.request.line_prefix``).
"""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar

from chalicelib.accounts.account import Account, PostalAddress
from chalicelib.console.framework.fields import Ticked, whole
from chalicelib.console.framework.forms import Form, read_form
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
_MOST = 9999
_ADDRESS_FIELDS = ("line1", "line2", "postal_code", "city")
_WHOLE = {"lines", "express_request", "express_acknowledged", "billing_plan", "payment_mode"}
_OF_A_LINE = re.compile(
    r"(?:l(?P<line>[2-9])-)?"
    r"(?P<field>configuration|quantity|option-[a-z0-9-]+|name-\d{1,2}|user-\d{1,2})"
)


class LineForm(Form):
    """A line: a configuration, how many, each option's quantity, names and users by place."""

    families: ClassVar[Mapping[str, str]] = {
        "options": OPTION,
        "names": "name-",
        "users": "user-",
    }

    configuration: str = ""
    quantity: Annotated[int, whole(most=_MOST, empty=1)] = 1
    options: dict[str, Annotated[int, whole(most=_MOST, empty=0)]]
    names: dict[str, str]
    users: dict[str, str]


class WholeForm(Form):
    """What is asked once for every line."""

    billing_plan: str = ""
    payment_mode: str = ""
    express_request: Ticked = False
    express_acknowledged: Ticked = False


def line_count(fields: Mapping[str, str]) -> int:
    """Tell how many lines the form shows, from 1 to ``MOST_LINES``."""
    text = fields.get("lines", "")
    return int(text) if text in {str(count) for count in range(1, MOST_LINES + 1)} else 1


def read_order(fields: Mapping[str, str], account: Account) -> OrderRequest:
    """Read what is asked for.  Raises FieldErrors for a number that is none."""
    errors: dict[str, str] = {}
    lines = tuple(_line(fields, number + 1, errors) for number in range(line_count(fields)))
    if errors:
        raise FieldErrors(errors)
    whole_order = read_form(WholeForm, fields)
    return OrderRequest(
        lines=lines,
        delivery_address=_address(fields, account),
        billing_plan=whole_order.billing_plan or MONTHLY,
        payment_mode=whole_order.payment_mode,
        express_request=whole_order.express_request,
        express_acknowledged=whole_order.express_acknowledged,
    )


def _line(fields: Mapping[str, str], number: int, errors: dict[str, str]) -> LineRequest:
    prefix = line_prefix(number)
    of_line = {
        name.removeprefix(prefix): text for name, text in fields.items() if name.startswith(prefix)
    }
    try:
        line = read_form(LineForm, of_line)
    except FieldErrors as refused:
        errors |= {prefix + name: sentence for name, sentence in refused.errors.items()}
        return LineRequest("", 1)
    places = [str(place) for place in range(1, min(line.quantity, MOST_DESKTOPS) + 1)]
    return LineRequest(
        configuration_code=line.configuration,
        quantity=line.quantity,
        options=tuple(line.options.items()),
        desktop_names=tuple(line.names.get(place, "") for place in places),
        user_ids=tuple(line.users.get(place, "") for place in places),
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
