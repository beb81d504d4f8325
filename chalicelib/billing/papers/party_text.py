"""How seller and client are named on an invoice, on paper and on the page (BIL-11)."""

from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Buyer, Invoice
from chalicelib.foundation.settings import Company
from chalicelib.texts.french_text import grouped_digits

_VAT = {"fr": "TVA", "en": "VAT"}


def seller_lines(seller: Company, language: str) -> list[str]:
    """Write the seller's identity; its legal form and capital as the register has them."""
    return [
        seller.name,
        seller.address,
        f"{seller.postal_code} {seller.city}",
        f"{seller.legal_form} au capital de {seller.capital}",
        f"SIREN {grouped_digits(seller.siren)} · RCS {seller.rcs_city}",
        f"{_VAT[language]} {seller.vat_number}",
    ]


def buyer_lines(buyer: Buyer) -> list[str]:
    """Write the client's identity; what it does not have is left out."""
    return [
        line
        for line in (
            buyer.name,
            buyer.contact,
            buyer.line1,
            buyer.line2,
            f"{buyer.postal_code} {buyer.city}",
            "" if buyer.country == "FR" else country_name(buyer.country, buyer.language),
            f"SIREN {grouped_digits(buyer.siren)}" if buyer.siren else "",
            f"{_VAT[buyer.language]} {buyer.vat_number}" if buyer.vat_number else "",
        )
        if line
    ]


def delivery_lines(document: Invoice | CreditNote) -> list[str]:
    """Write where goods went, when that is not the client's own address (law, invoices)."""
    if isinstance(document, CreditNote) or document.delivery is None:
        return []
    address = document.delivery
    street = [address.line1, address.line2, f"{address.postal_code} {address.city}"]
    language = document.buyer.language
    abroad = "" if address.country == "FR" else country_name(address.country, language)
    return [part for part in (*street, abroad) if part]


def country_name(code: str, language: str) -> str:
    """Name a country in a language; its code where Babel knows no name."""
    from babel import Locale

    return str(Locale(language).territories.get(code, code))
