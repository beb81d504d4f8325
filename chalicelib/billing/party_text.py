"""How seller and client are named on an invoice, on paper and on the page (BIL-11)."""

from chalicelib.billing.invoice import Buyer
from chalicelib.foundation.french_text import grouped_digits
from chalicelib.foundation.settings import Company


def seller_lines(seller: Company) -> list[str]:
    """Write the seller's identity."""
    return [
        seller.name,
        seller.address,
        f"{seller.postal_code} {seller.city}",
        f"{seller.legal_form} au capital de {seller.capital}",
        f"SIREN {grouped_digits(seller.siren)} · RCS {seller.rcs_city}",
        f"TVA {seller.vat_number}",
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
            "" if buyer.country == "FR" else buyer.country,
            f"SIREN {grouped_digits(buyer.siren)}" if buyer.siren else "",
            f"TVA {buyer.vat_number}" if buyer.vat_number else "",
        )
        if line
    ]
