"""The order form, read from an address or a posted summary, and written back (ORD-1)."""

from collections.abc import Mapping

from chalicelib.accounts.account import Account, PostalAddress
from chalicelib.foundation.errors import FieldErrors
from chalicelib.orders.request import MOST_DESKTOPS, OrderRequest

OPTION = "option-"
_ADDRESS_FIELDS = ("line1", "line2", "postal_code", "city")
_BOXES = ("express_request", "express_acknowledged")


def read_order(fields: Mapping[str, str], account: Account) -> OrderRequest:
    """Read what is asked for.  Raises FieldErrors for a number that is none."""
    errors: dict[str, str] = {}

    def count(name: str, otherwise: int) -> int:
        text = fields.get(name, "").strip()
        if not text:
            return otherwise
        if not (text.isascii() and text.isdigit() and len(text) <= 4):  # noqa: PLR2004
            errors[name] = "Indiquez un nombre entier."
            return otherwise
        return int(text)

    quantity = count("quantity", 1)
    options = tuple(
        (name.removeprefix(OPTION), count(name, 0)) for name in fields if name.startswith(OPTION)
    )
    if errors:
        raise FieldErrors(errors)
    places = range(1, min(quantity, MOST_DESKTOPS) + 1)
    return OrderRequest(
        configuration_code=fields.get("configuration", ""),
        quantity=quantity,
        options=options,
        desktop_names=tuple(fields.get(f"name-{n}", "") for n in places),
        user_ids=tuple(fields.get(f"user-{n}", "") for n in places),
        delivery_address=_address(fields, account),
        express_request=fields.get("express_request") == "yes",
        express_acknowledged=fields.get("express_acknowledged") == "yes",
    )


def _address(fields: Mapping[str, str], account: Account) -> PostalAddress | None:
    if "line1" not in fields:
        return None
    line1, line2, postal_code, city = (fields.get(name, "").strip() for name in _ADDRESS_FIELDS)
    return PostalAddress(line1, line2, postal_code, city, account.address.country)


def order_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Keep the fields of the order form, to carry them on to the next page."""
    names = {"configuration", "quantity", *_ADDRESS_FIELDS, *_BOXES}
    starts = (OPTION, "name-", "user-")
    return {name: text for name, text in fields.items() if name in names or name.startswith(starts)}
