"""How an amount was computed, in a sentence that page and calculator share (MET-3, BIL-7)."""

from decimal import Decimal

from chalicelib.billing.invoices.invoice import InvoiceLine
from chalicelib.billing.invoices.proration import Proration
from chalicelib.foundation.money import from_cents, to_cents
from chalicelib.texts.french_text import HARD, days_text, money_text


def explained(line: InvoiceLine, language: str) -> str:
    """Explain the amount of a line."""
    unit = from_cents(line.monthly_excl_vat_cents)
    made_of = ""
    if line.quantity > 1:
        made_of = f" ({line.quantity}{HARD}×{HARD}{_money(unit, language)})"
    return explain(line.monthly_price, line.days, line.days_in_month, language, made_of)


def explain(
    monthly_price: Decimal, days: int, days_in_month: int, language: str, made_of: str = ""
) -> str:
    """Explain what a monthly price (euros excl. VAT) comes to over days of a month (BIL-1).

    ``made_of`` says, in brackets, what the price itself is made of.
    """
    charged = Proration(monthly_price, days, days_in_month).charged
    price, amount = _money(monthly_price, language), _money(charged, language)
    if language == "en":
        if days == days_in_month:
            return f"The whole month ({days} days): {amount} excl. VAT{made_of}."
        plural = "s" if days > 1 else ""
        return (
            f"{price} a month{made_of} × {days} day{plural} ÷ {days_in_month} days in the month "
            f"= {amount} excl. VAT, rounded to the cent."
        )
    if days == days_in_month:
        return f"Le mois entier ({days_text(days)}){HARD}: {amount} HT{made_of}."
    return (
        f"{price} par mois{made_of} × {days_text(days)} ÷ {days_text(days_in_month)} du mois "
        f"= {amount} HT, arrondi au centime."
    )


def quantity_text(line: InvoiceLine, language: str = "fr") -> str:
    """Say how much of a month a line bills: ``19 jours sur 30``."""
    if language == "en":
        return f"{line.days} of {line.days_in_month} days"
    return f"{days_text(line.days)} sur{HARD}{line.days_in_month}"


def billed_quantity(line: InvoiceLine, language: str = "fr") -> str:
    """Say how many, and how much of a month: ``3 × 19 jours sur 30``, beside the price of one."""
    several = f"{line.quantity}{HARD}× " if line.quantity > 1 else ""
    return several + quantity_text(line, language)


def designation(line: InvoiceLine, language: str = "fr") -> str:
    """Name what a line bills, with its quantity when there are several."""
    name = line.label[language]
    return f"{name} × {line.quantity}" if line.quantity > 1 else name


def desktop_title(name: str, language: str = "fr") -> str:
    """Head the lines of a desktop; many are already called "Bureau…" or "Desktop…"."""
    if name.lower().startswith(("bureau", "desktop")):
        return name
    return f"{'Desktop' if language == 'en' else 'Bureau'} {name}"


def _money(euros: Decimal, language: str) -> str:
    return f"€{euros:,.2f}" if language == "en" else money_text(to_cents(euros))
