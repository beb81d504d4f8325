"""The catalogue as the operator writes it: shape, and what a new state may change (CAT-1 to 3).

Shape and limits are pydantic's; every refusal is given as a French sentence beside the place it
is about, such as ``configurations[1].vcpu``.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from chalicelib.catalogue.catalogue import EXTRA_STORAGE, Catalogue, catalogue_of
from chalicelib.foundation.errors import FieldErrors

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:-?[a-z0-9])*$", max_length=40)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
# A page of this console, or an editor's own site.
Address = Annotated[str, StringConstraints(pattern=r"^(/|https://)\S*$", max_length=300)]
Count = Annotated[int, Field(ge=1, le=100_000, strict=True)]
Percent = Annotated[str, StringConstraints(pattern=r"^(100(\.0{1,3})?|\d{1,2}(\.\d{1,3})?)$")]
Price = Annotated[str, StringConstraints(pattern=r"^\d{1,6}\.\d{2}$")]


def _day(value: object) -> object:
    # A number would be taken for a count of seconds.
    return value if isinstance(value, date) else date.fromisoformat(str(value))


Day = Annotated[date, BeforeValidator(_day)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Label(_Entry):
    fr: Text
    en: Text


class _Application(_Entry):
    name: Text
    licence_url: Address


class _SlaTier(_Entry):
    below_percent: Percent
    credit_percent: Annotated[int, Field(ge=1, le=100, strict=True)]


class _Configuration(_Entry):
    code: Code
    name: _Label
    vcpu: Count
    memory_gib: Count
    storage_gib: Count
    os: Text
    os_licence_url: Address
    applications: list[_Application]
    pod_included: Annotated[bool, Field(strict=True)]
    provider: Literal["ec2", "workspaces"]
    instance_type: Text
    image: Text
    sla_percent: Percent
    sla_tiers: list[_SlaTier]
    on_sale_from: Day
    on_sale_until: Day | None = None


class _Option(_Entry):
    # What the options do is known to desktops and metering: the list is closed (CAT-2).
    code: Literal["storage-10gb", "backup", "extra-pod"]
    name: _Label
    unit: _Label
    most: Annotated[int, Field(ge=1, le=1000, strict=True)]
    storage_gib: Annotated[int, Field(ge=0, le=10_000, strict=True)] = 0


def _above_zero(text: str) -> str:
    if Decimal(text) == 0:
        raise ValueError("zero")
    return text


class _Price(_Entry):
    code: Code
    from_on: Day
    monthly_excl_vat: Annotated[Price, AfterValidator(_above_zero)]


class _Document(_Entry):
    configurations: Annotated[list[_Configuration], Field(min_length=1, max_length=100)]
    options: Annotated[list[_Option], Field(max_length=20)]
    prices: Annotated[list[_Price], Field(min_length=1, max_length=2000)]


def checked(document: object, current: Catalogue | None, today: date) -> dict[str, Any]:
    """Give the document in its normal form, or refuse it whole (CAT-1, CAT-2, CAT-3).

    ``current`` is what is published, None before the first time.  Raises FieldErrors whose keys
    are the places in the document.
    """
    try:
        normal = _Document.model_validate(document).model_dump(mode="json")
    except ValidationError as invalid:
        raise FieldErrors(
            {_place(each["loc"]): _sentence(each) for each in invalid.errors()}
        ) from (invalid)
    errors = _contradictions(normal)
    if not errors and current:
        errors = _forbidden_changes(normal, current, today)
    if errors:
        raise FieldErrors(errors)
    return normal


def _contradictions(document: dict[str, Any]) -> dict[str, str]:
    """Find what does not hold together inside one document."""
    errors: dict[str, str] = {}
    first_price: dict[str, str] = {}
    for price in sorted(document["prices"], key=lambda each: each["from_on"]):
        first_price.setdefault(price["code"], price["from_on"])
    sold: dict[str, str] = {}
    for group in ("configurations", "options"):
        for number, entry in enumerate(document[group]):
            place, code = f"{group}[{number}]", entry["code"]
            if code in sold:
                errors[f"{place}.code"] = "Ce code est déjà pris."
            sold[code] = place
            if code not in first_price:
                errors[f"{place}.code"] = "Aucun prix n’est donné pour ce code."
            elif entry.get("on_sale_from", first_price[code]) < first_price[code]:
                errors[f"{place}.on_sale_from"] = "La vente commence avant le premier prix."
            until = entry.get("on_sale_until")
            if until and until < entry["on_sale_from"]:
                errors[f"{place}.on_sale_until"] = "La vente finit avant de commencer."
    return (
        errors
        | _storage_contradictions(document["options"])
        | _price_contradictions(document["prices"], sold)
    )


def _storage_contradictions(options: list[dict[str, Any]]) -> dict[str, str]:
    """Find the options that add to the disk without being storage, and the other way round."""
    return {
        f"options[{number}].storage_gib": "Seul le stockage ajoute au disque, d’au moins 1 Go."
        for number, option in enumerate(options)
        if (option["storage_gib"] > 0) != (option["code"] == EXTRA_STORAGE)
    }


def _price_contradictions(prices: list[dict[str, Any]], sold: Iterable[str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for number, price in enumerate(prices):
        if price["code"] not in sold:
            errors[f"prices[{number}].code"] = "Ce code n’est ni une configuration ni une option."
        key = (price["code"], price["from_on"])
        if key in seen:
            errors[f"prices[{number}].from_on"] = "Ce code a déjà un prix à cette date."
        seen.add(key)
    return errors


def _forbidden_changes(document: dict[str, Any], current: Catalogue, today: date) -> dict[str, str]:
    """Find changes of what is past: prices of days begun, and codes desktops may have."""
    proposed = catalogue_of(document, current.version)
    known_storage = {option.code: option.storage_gib for option in current.options}
    errors: dict[str, str] = {}
    for code in sorted(_codes(current) - _codes(proposed)):
        errors[f"code {code}"] = (
            "Ce code ne peut pas disparaître\u00a0: des bureaux peuvent l’avoir. "
            "Pour une configuration, donnez plutôt une fin de vente."
        )
    for number, option in enumerate(proposed.options):
        if option.storage_gib != known_storage.get(option.code, option.storage_gib):
            errors[f"options[{number}].storage_gib"] = (
                "Cette taille ne change pas : des bureaux l’ont déjà."
            )
    for code in sorted({price.code for price in current.prices}):
        changed_on = _first_changed_day(code, proposed, current, today)
        if changed_on:
            errors[_price_place(document, code, changed_on)] = (
                "Un prix ne change que pour les jours à venir, au plus tôt demain."
            )
    return errors


def _codes(catalogue: Catalogue) -> set[str]:
    configurations = {each.code for each in catalogue.configurations}
    return configurations | {each.code for each in catalogue.options}


def _first_changed_day(
    code: str, proposed: Catalogue, current: Catalogue, today: date
) -> date | None:
    """Find the first day begun on which a code's price would become another (CAT-3)."""
    turns = {price.from_on for price in (*proposed.prices_of(code), *current.prices_of(code))}
    begun = sorted(day for day in turns | {today} if day <= today)
    for day in begun:
        if proposed.known_price_on(code, day) != current.known_price_on(code, day):
            return day
    return None


def _price_place(document: dict[str, Any], code: str, day: date) -> str:
    for number, price in enumerate(document["prices"]):
        if price["code"] == code and price["from_on"] == day.isoformat():
            return f"prices[{number}]"
    return f"prices ({code}, {day.isoformat()})"


def _place(location: tuple[int | str, ...]) -> str:
    place = ""
    for step in location:
        place += f"[{step}]" if isinstance(step, int) else f".{step}" if place else step
    return place or "document"


_SENTENCES = {
    "missing": "Ce champ manque.",
    "extra_forbidden": "Ce champ n’est pas connu.",
    "int_type": "Un nombre entier est attendu.",
    "bool_type": "Vrai ou faux est attendu (true ou false).",
    "string_type": "Un texte entre guillemets est attendu.",
    "string_too_short": "Ce texte est vide.",
    "string_too_long": "Ce texte est trop long.",
    "list_type": "Une liste est attendue.",
    "too_short": "Il en faut au moins un.",
    "too_long": "Il y en a trop.",
    "model_type": "Un objet est attendu, entre accolades.",
    "model_attributes_type": "Un objet est attendu, entre accolades.",
    "literal_error": "Cette valeur n’est pas dans la liste admise.",
    "greater_than_equal": "Ce nombre est trop petit.",
    "less_than_equal": "Ce nombre est trop grand.",
}
_FIELD_SENTENCES = {
    "monthly_excl_vat": 'Un prix en euros hors taxes est attendu, comme "29.00".',
    "from_on": 'Une date est attendue, comme "2026-12-01".',
    "on_sale_from": 'Une date est attendue, comme "2026-12-01".',
    "on_sale_until": 'Une date est attendue, comme "2026-12-01", ou null.',
    "code": "Un code est fait de lettres minuscules, de chiffres et de tirets.",
    "licence_url": "Une adresse est attendue, qui commence par / ou par https://.",
    "os_licence_url": "Une adresse est attendue, qui commence par / ou par https://.",
    "sla_percent": 'Un pourcentage est attendu, comme "99.9".',
    "below_percent": 'Un pourcentage est attendu, comme "99.9".',
}


def _sentence(error: ErrorDetails) -> str:
    field = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] in {"string_pattern_mismatch", "value_error"}:
        return _FIELD_SENTENCES.get(field, "Cette valeur est refusée.")
    return _SENTENCES.get(error["type"], "Cette valeur est refusée.")
