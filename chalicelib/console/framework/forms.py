"""The one reader of posted forms: a model names the fields and their types (``fields.py``).

Their shape only: what a text may say, a name or a reason, belongs to the service it is handed to.
All that is wrong is told at once, each beside its field.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from chalicelib.console.framework.fields import SAID
from chalicelib.foundation.errors import FieldErrors

F = TypeVar("F", bound="Form")

CHOOSE = "Choisissez une des possibilités proposées."
_SENTENCES = {
    "missing": "Ce champ est obligatoire.",
    "string_too_short": "Ce champ est obligatoire.",
    "string_too_long": "Ce texte est trop long.",
    "literal_error": CHOOSE,
    "enum": CHOOSE,
}
_OTHERWISE = "Cette valeur n’est pas valable."


class Form(BaseModel):
    """Base of the console's forms; the token and what is not ours are passed over.

    ``families`` says of a field that is a dictionary how the names of its fields begin; where
    nothing tells them, "", the page gathers them itself.
    """

    model_config = ConfigDict(
        extra="ignore", frozen=True, str_strip_whitespace=True, validate_default=True
    )
    families: ClassVar[Mapping[str, str]] = {}


def read_form(model: type[F], fields: Mapping[str, Any]) -> F:
    """Read a posted form.  Raises FieldErrors with a French sentence for each field."""
    gathered = {
        family: {
            name.removeprefix(start): typed
            for name, typed in fields.items()
            if name.startswith(start)
        }
        for family, start in model.families.items()
        if start
    }
    try:
        return model.model_validate({**fields, **gathered})
    except ValidationError as invalid:
        errors = invalid.errors()
        raise FieldErrors({_name(model, each): _sentence(each) for each in errors}) from invalid


def _name(model: type[Form], error: ErrorDetails) -> str:
    first, *inner = error["loc"]
    start = model.families.get(str(first))
    return str(first) if start is None else f"{start}{inner[0]}"


def _sentence(error: ErrorDetails) -> str:
    if error["type"] == SAID:
        return error["msg"]
    return _SENTENCES.get(error["type"], _OTHERWISE)
