"""Amounts as operators type them."""

from decimal import Decimal, InvalidOperation

from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.money import from_cents, to_cents

_AMOUNT = "Indiquez un montant en euros, par exemple 300 ou 299,90."


def read_cents(field: str, text: str, most_cents: int) -> int:
    """Read euros typed in French or plain form, to the cent.  Raises FieldErrors on the field."""
    plain = "".join(text.replace("€", "").split()).replace(",", ".")
    try:
        amount = Decimal(plain)
        if 0 <= amount <= from_cents(most_cents):
            return to_cents(amount)
    except (InvalidOperation, ValueError) as wrong:
        raise FieldErrors({field: _AMOUNT}) from wrong
    raise FieldErrors({field: "Ce montant n’est pas dans les limites."})
