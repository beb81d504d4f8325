"""Amounts as operators type them."""

import re
from decimal import Decimal

from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.money import to_cents

_AMOUNT = "Indiquez un montant en euros, avec deux décimales au plus\u00a0: 1300 ou 299,90."
_TYPED = re.compile(r"(-?)([0-9]{1,15}(?:[.,][0-9]{1,2})?)", re.ASCII)


def read_cents(field: str, text: str, most_cents: int) -> int:
    """Read euros typed in French or plain form, to the cent.  Raises FieldErrors on the field.

    Spaces may set thousands apart; a dot or a comma never does: "1,000" is one euro to some, a
    thousand to others, and is refused.
    """
    typed = _TYPED.fullmatch("".join(text.replace("€", "").split()))
    if typed is None:
        raise FieldErrors({field: _AMOUNT})
    minus, digits = typed.groups()
    cents = to_cents(Decimal(digits.replace(",", ".")))
    if minus or cents > most_cents:
        raise FieldErrors({field: "Ce montant n’est pas dans les limites."})
    return cents
