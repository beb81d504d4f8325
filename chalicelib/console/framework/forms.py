"""Posted forms as pydantic models: their shape only, the rules belong to the services."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.foundation.errors import FieldErrors

F = TypeVar("F", bound="Form")

_SENTENCES = {
    "missing": "Ce champ est obligatoire.",
    "string_too_short": "Ce champ est obligatoire.",
    "string_too_long": "Ce texte est trop long.",
    "literal_error": "Choisissez une des possibilités proposées.",
    "enum": "Choisissez une des possibilités proposées.",
    "int_parsing": "Indiquez un nombre entier.",
    "decimal_parsing": "Indiquez un montant.",
    "date_from_datetime_parsing": "Indiquez une date.",
    "greater_than_equal": "Ce nombre est trop petit.",
    "less_than_equal": "Ce nombre est trop grand.",
}
_OTHERWISE = "Cette valeur n’est pas valable."


class Form(BaseModel):
    """Base of the console's forms; the token and what is not ours are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


def read_form(model: type[F], fields: Mapping[str, Any]) -> F:
    """Read a posted form.  Raises FieldErrors with a French sentence for each field."""
    try:
        return model.model_validate(fields)
    except ValidationError as invalid:
        raise FieldErrors(
            {
                str(error["loc"][0]): _SENTENCES.get(error["type"], _OTHERWISE)
                for error in invalid.errors()
            }
        ) from invalid
