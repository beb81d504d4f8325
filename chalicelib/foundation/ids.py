"""Prefixed identifiers: ASCII, so that they travel in paths unescaped."""

import secrets
from typing import NewType

AccountId = NewType("AccountId", str)
UserId = NewType("UserId", str)
OrderId = NewType("OrderId", str)
DesktopId = NewType("DesktopId", str)
InvoiceId = NewType("InvoiceId", str)
CreditNoteId = NewType("CreditNoteId", str)
ChargeId = NewType("ChargeId", str)
CreditId = NewType("CreditId", str)
ContractId = NewType("ContractId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """Make a random identifier such as ``dsk_7h3k…`` (100 bits after the prefix)."""
    return prefix + "_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))
