"""How a whole month was computed, in sentences that page and calculator share (MET-3, BIL-7)."""

from chalicelib.billing.invoices.invoice import ChargeLine, Draft, Invoice
from chalicelib.billing.invoices.line_text import explained
from chalicelib.foundation.money import from_cents
from chalicelib.texts.french_text import HARD, money_text


def explained_charge(charge: ChargeLine, language: str) -> str:
    """Explain the amount of a charge: what it is, and its price times its quantity."""
    said = f"{charge.label[language]}{_colon(language)}{charge.detail[language]}"
    amount = amount_text(charge.amount_excl_vat_cents, language)
    if charge.quantity > 1:
        unit = amount_text(charge.unit_excl_vat_cents, language)
        amount = f"{charge.quantity}{HARD}×{HARD}{unit} = {amount}"
    tax = "excl. VAT" if language == "en" else "HT"
    return f"{said}{_colon(language)}{amount} {tax}."


def explained_draft(document: Draft | Invoice, language: str) -> str:
    """Explain everything a month costs before VAT, line after line (MET-3)."""
    parts = [explained(line, language) for line in document.lines]
    parts += [explained_charge(charge, language) for charge in document.charges]
    if parts:
        return " ".join(parts)
    return "No day of the month counts." if language == "en" else "Aucun jour du mois ne compte."


def amount_text(cents: int, language: str) -> str:
    """Write cents as euros in a language."""
    return f"€{from_cents(cents):,.2f}" if language == "en" else money_text(cents)


def _colon(language: str) -> str:
    return ": " if language == "en" else f"{HARD}: "
