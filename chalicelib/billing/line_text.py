"""How an amount was computed, in a sentence that page and calculator share (MET-3, BIL-7)."""

from decimal import Decimal

from chalicelib.billing.invoice import InvoiceLine
from chalicelib.billing.proration import Proration
from chalicelib.foundation.french_text import HARD, days_text, money_text
from chalicelib.foundation.money import to_cents


def explained(line: InvoiceLine, language: str) -> str:
    """Explain the amount of a line."""
    return explain(line.monthly_price, line.days, line.days_in_month, language)


def explain(monthly_price: Decimal, days: int, days_in_month: int, language: str) -> str:
    """Explain what a monthly price (euros excl. VAT) comes to over days of a month (BIL-1)."""
    charged = Proration(monthly_price, days, days_in_month).charged
    if language == "en":
        return _english(monthly_price, charged, days, days_in_month)
    price, amount = money_text(to_cents(monthly_price)), money_text(to_cents(charged))
    if days == days_in_month:
        return f"Le mois entier ({days_text(days)}){HARD}: {amount} HT."
    return (
        f"{price} par mois × {days_text(days)} ÷ {days_text(days_in_month)} du mois "
        f"= {amount} HT, arrondi au centime."
    )


def quantity_text(line: InvoiceLine, language: str = "fr") -> str:
    """Say how much of a month a line bills: ``19 jours sur 30``."""
    if language == "en":
        return f"{line.days} of {line.days_in_month} days"
    return f"{days_text(line.days)} sur{HARD}{line.days_in_month}"


def designation(line: InvoiceLine, language: str = "fr") -> str:
    """Name what a line bills, with its quantity when there are several."""
    name = line.label[language]
    return f"{name} × {line.quantity}" if line.quantity > 1 else name


def desktop_title(name: str) -> str:
    """Head the lines of a desktop; many are already called "Bureau…"."""
    return name if name.lower().startswith("bureau") else f"Bureau {name}"


def _english(price: Decimal, charged: Decimal, days: int, days_in_month: int) -> str:
    plural = "s" if days > 1 else ""
    if days == days_in_month:
        return f"The whole month ({days} days): €{charged:,.2f} excl. VAT."
    return (
        f"€{price:,.2f} a month × {days} day{plural} ÷ {days_in_month} days in the month "
        f"= €{charged:,.2f} excl. VAT, rounded to the cent."
    )
