"""The words of invoices and credit notes on paper, in French and in English (BIL-11)."""

from datetime import date
from decimal import Decimal

from chalicelib.texts.french_text import (
    HARD,
    day_text,
    money_text,
    month_text,
    percent_text,
)

_ENGLISH = {
    "Facture": "Invoice",
    "Avoir": "Credit note",
    "Duplicata d’une facture acquittée": "Copy of an invoice paid in full",
    "Vendeur": "Seller",
    "Client": "Client",
    "Livré à": "Delivered to",
    "Date d’émission": "Date of issue",
    "Échéance": "Due date",
    "Période": "Period",
    "Paiement": "Payment",
    "Facture d’origine": "Original invoice",
    "Carte bancaire": "Card",
    "Virement": "Bank transfer",
    "Désignation": "Item",
    "Quantité": "Quantity",
    "Prix unitaire HT": "Unit price excl. VAT",
    "TVA": "VAT",
    "Montant HT": "Amount excl. VAT",
    "Autres prestations": "Other items",
    "À reporter": "Carried forward",
    "Report": "Brought forward",
    "Total HT": "Total excl. VAT",
    "Sous-total HT": "Subtotal excl. VAT",
    "Total TTC": "Total incl. VAT",
    "Total de l’avoir TTC": "Credit incl. VAT",
    "Déjà payé": "Already paid",
    "Reste à payer": "Left to pay",
    "Motif": "Reason",
    "sur": "on",
    "mensuel": "a month",
}


class Words:
    """Writes labels, days and amounts in a language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._english = language == "en"

    def __call__(self, french: str) -> str:
        """Give a label in the language."""
        return _ENGLISH[french] if self._english else french

    def pick(self, french: str, english: str) -> str:
        """Give the sentence of the language."""
        return english if self._english else french

    def money(self, cents: int) -> str:
        """Write cents as euros."""
        if not self._english:
            return money_text(cents)
        sign = "−" if cents < 0 else ""
        euros, rest = divmod(abs(cents), 100)
        return f"{sign}€{euros:,}.{rest:02d}"

    def day(self, day: date) -> str:
        """Write a date in full."""
        return f"{day.day}{HARD}{day:%B}{HARD}{day.year}" if self._english else day_text(day)

    def month(self, day: date) -> str:
        """Write the month of a day."""
        return f"{day:%B}{HARD}{day.year}" if self._english else month_text(day)

    def percent(self, percent: Decimal) -> str:
        """Write a rate in percent."""
        return f"{percent.normalize():f}%" if self._english else percent_text(percent)
