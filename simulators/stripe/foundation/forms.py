"""Reading form-encoded parameters: nested names first, then each value by its kind.

A specification is a dictionary from names to readers. A name outside it is refused, as
Stripe refuses it, so that a typing mistake or an option we do not imitate never passes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.stripe.foundation.errors import (
    Json,
    StripeError,
    invalid,
    missing,
    unknown_parameter,
)

Reader = Callable[[str, Any], Any]
_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_METADATA_KEYS = 50
_METADATA_KEY_LENGTH = 40
_METADATA_VALUE_LENGTH = 500
_TEXT_LENGTH = 5000


@dataclass(frozen=True)
class Required:
    """Marks a reader whose parameter must be sent."""

    read: Reader


Spec = Mapping[str, Reader | Required]


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """Turn `a[b][]=c` pairs into nested dictionaries, with positions as keys for arrays."""
    decoded: Json = {}
    for name, value in pairs:
        found = _NAME.match(name)
        if found is None:
            raise invalid(f"Invalid parameter name: {name}", name)
        path = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
        _put(decoded, path, value, name)
    return decoded


def _put(branch: Json, path: list[str], value: str, name: str) -> None:
    # `a[]` is the next position of an array.
    part = path[0] or str(len(branch))
    if len(path) == 1:
        branch[part] = value
        return
    inner = branch.setdefault(part, {})
    if not isinstance(inner, dict):
        raise invalid(f"Invalid nesting: {name}", name)
    _put(inner, path[1:], value, name)


def read(spec: Spec, raw: Mapping[str, Any], prefix: str = "") -> Json:
    """Read every parameter by its specification; raise Stripe's 400 for the first wrong one."""
    for name in raw:
        if name not in spec:
            raise unknown_parameter(_full(prefix, name))
    values: Json = {}
    for name, wanted in spec.items():
        full = _full(prefix, name)
        if name in raw:
            reader = wanted.read if isinstance(wanted, Required) else wanted
            values[name] = reader(full, raw[name])
        elif isinstance(wanted, Required):
            raise missing(full)
    return values


def _full(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def text(name: str, raw: Any) -> str:
    """Read a text that may not be emptied."""
    if not isinstance(raw, str):
        raise invalid("Invalid string: expected a string", name)
    if raw == "":
        raise invalid(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{name}' cannot be unset. You should remove '{name}' "
            "from your request or supply a non-empty value.",
            name,
            "parameter_invalid_empty",
        )
    if len(raw) > _TEXT_LENGTH:
        raise invalid(
            f"Invalid string: must be at most {_TEXT_LENGTH} characters",
            name,
            "parameter_invalid_string_length",
        )
    return raw


def clearable_text(name: str, raw: Any) -> str | None:
    """Read a text that an empty string unsets."""
    return None if raw == "" else text(name, raw)


def integer(name: str, raw: Any) -> int:
    """Read a whole number."""
    if not isinstance(raw, str) or not re.fullmatch(r"-?\d{1,15}", raw):
        raise invalid(f"Invalid integer: {raw}", name, "parameter_invalid_integer")
    return int(raw)


def positive_integer(name: str, raw: Any) -> int:
    """Read a whole number of at least 1, such as an amount in cents."""
    number = integer(name, raw)
    if number < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", name, "parameter_invalid_integer"
        )
    return number


def boolean(name: str, raw: Any) -> bool:
    """Read `true` or `false`."""
    if raw not in ("true", "false"):
        raise invalid(f"Invalid boolean: {raw}", name)
    return bool(raw == "true")


def choice(*allowed: str) -> Reader:
    """Make a reader of one of these words."""

    def one_of(name: str, raw: Any) -> str:
        if raw not in allowed:
            raise invalid(f"Invalid {name}: must be one of {', '.join(allowed)}", name)
        return str(raw)

    return one_of


def nested(spec: Spec) -> Reader:
    """Make a reader of a dictionary of parameters."""

    def inner(name: str, raw: Any) -> Json:
        if not isinstance(raw, dict):
            raise invalid("Invalid object", name)
        return read(spec, raw, name)

    return inner


def list_of(reader: Reader) -> Reader:
    """Make a reader of an array."""

    def inner(name: str, raw: Any) -> list[Any]:
        if raw == "":
            return []
        if not isinstance(raw, dict) or not all(key.isdigit() for key in raw):
            raise invalid("Invalid array", name)
        return [reader(f"{name}[{key}]", raw[key]) for key in sorted(raw, key=int)]

    return inner


def metadata(name: str, raw: Any) -> dict[str, str]:
    """Read metadata; an empty value asks to remove its key, an empty string all of them."""
    if raw == "":
        return {}
    if not isinstance(raw, dict):
        raise invalid("Metadata must be a set of key-value pairs", name)
    for key, value in raw.items():
        _check_metadata(f"{name}[{key}]", key, value)
    if len(raw) > _METADATA_KEYS:
        raise invalid(f"Metadata can have up to {_METADATA_KEYS} keys", name)
    return dict(raw)


def _check_metadata(name: str, key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise invalid("Metadata values must be strings", name)
    if len(key) > _METADATA_KEY_LENGTH or len(value) > _METADATA_VALUE_LENGTH:
        raise invalid(
            f"Metadata keys can have up to {_METADATA_KEY_LENGTH} characters and values up to "
            f"{_METADATA_VALUE_LENGTH}",
            name,
            "parameter_invalid_string_length",
        )


def merged_metadata(kept: dict[str, str], params: Json) -> dict[str, str]:
    """Apply the metadata of a request to those of an object, as Stripe merges them."""
    if "metadata" not in params:
        return dict(kept)
    if not params["metadata"]:
        return {}
    merged = {**kept, **params["metadata"]}
    return {key: value for key, value in merged.items() if value != ""}


def created_filter(name: str, raw: Any) -> dict[str, int]:
    """Read a filter on `created`: one instant, or bounds in seconds of the epoch."""
    if isinstance(raw, dict):
        return read({"gt": integer, "gte": integer, "lt": integer, "lte": integer}, raw, name)
    instant = integer(name, raw)
    return {"gte": instant, "lte": instant}


_CURRENCIES = frozenset({"eur", "usd", "gbp", "chf"})


def currency(name: str, raw: Any) -> str:
    """Read a currency; those without cents are not imitated."""
    code = text(name, raw).lower()
    if code not in _CURRENCIES:
        raise StripeError(
            f"Invalid currency: {code}. Stripe currently supports these currencies: "
            + ", ".join(sorted(_CURRENCIES)),
            param=name,
            kept=False,
        )
    return code


def web_address(name: str, raw: Any) -> str:
    """Read an absolute http(s) address."""
    address = text(name, raw)
    if not re.match(r"^https?://[^/\s]+", address) or re.search(r"\s", address):
        raise invalid("Not a valid URL", name, "url_invalid")
    return address


def withdrawn_types(name: str, raw: Any) -> None:
    """Refuse `payment_method_types`, which this version of the API no longer lets one write."""
    raise invalid(
        f"The parameter {name} is no longer supported. Use allowed_payment_method_types instead.",
        name,
        "payment_method_types_no_longer_supported",
    )


CARD_TYPES: Spec = {
    "allowed_payment_method_types": list_of(choice("card")),
    "payment_method_types": withdrawn_types,
}
