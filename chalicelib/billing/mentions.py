"""What the law wants written on an invoice besides its figures (BIL-11)."""

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from chalicelib.billing.invoice import Draft
from chalicelib.foundation.french_text import HARD, money_text

_LATE_PAYMENT = Path(__file__).parent / "late_payment.json"


def mentions_of(draft: Draft, issued_on: date) -> tuple[str, ...]:
    """Give the mentions of an invoice issued on a Paris day, in French (BIL-11).

    Between professionals: penalty and recovery fee, from the dated table; never for consumers.
    """
    vat = {part.vat.mention for part in draft.totals.by_rate if part.vat.mention}
    late = [_late_payment(issued_on)] if draft.buyer.is_professional else []
    return (
        f"Catégorie de l’opération{HARD}: prestation de services.",
        *sorted(vat),
        "Pas d’escompte pour paiement anticipé.",
        *late,
    )


def _late_payment(issued_on: date) -> str:
    terms = [row for row in _terms() if date.fromisoformat(row["from"]) <= issued_on][-1]
    return (
        "En cas de retard de paiement, des pénalités sont dues de plein droit dès le lendemain de "
        "l’échéance, sans rappel, au taux de refinancement de la Banque centrale européenne majoré "
        f"de {terms['points_above_ecb_rate']} points, ainsi qu’une indemnité forfaitaire pour "
        f"frais de recouvrement de {money_text(terms['recovery_fee_cents'])}."
    )


@lru_cache(maxsize=1)
def _terms() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_LATE_PAYMENT.read_text(encoding="utf-8"))
    return sorted(rows, key=lambda row: str(row["from"]))
