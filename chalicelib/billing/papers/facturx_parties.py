"""Seller and client of an electronic invoice, and how it reaches them (BIL-11).

Electronic addresses: scheme 0225 with the SIREN for whoever has one, else the e-mail address.
"""

from chalicelib.accounts.clients.account import PostalAddress
from chalicelib.billing.invoices.invoice import Buyer
from chalicelib.billing.papers.facturx_text import optional, text
from chalicelib.foundation.settings import Company


def seller(company: Company, *, with_vat_number: bool) -> str:
    """Write the seller; without VAT number where none of the document is subject to VAT."""
    form = f"{company.legal_form} au capital de {company.capital}, RCS {company.rcs_city}"
    address = PostalAddress(company.address, "", company.postal_code, company.city, "FR")
    return (
        f"<ram:SellerTradeParty><ram:Name>{text(company.name)}</ram:Name>"
        f"<ram:Description>{text(form)}</ram:Description>"
        + _legal_id(company.siren)
        + _address(address)
        + _endpoint(company.siren, company.email)
        + (_vat(company.vat_number) if with_vat_number else "")
        + "</ram:SellerTradeParty>"
    )


def buyer(client: Buyer, *, with_vat_number: bool) -> str:
    """Write the client, with SIREN and VAT number when it has them."""
    contact = ""
    if client.contact:
        contact = (
            "<ram:DefinedTradeContact><ram:PersonName>"
            f"{text(client.contact)}</ram:PersonName></ram:DefinedTradeContact>"
        )
    return (
        f"<ram:BuyerTradeParty><ram:Name>{text(client.name)}</ram:Name>"
        + (_legal_id(client.siren) if client.siren else "")
        + contact
        + _address(
            PostalAddress(
                client.line1, client.line2, client.postal_code, client.city, client.country
            )
        )
        + _endpoint(client.siren, client.email)
        + (_vat(client.vat_number) if with_vat_number and client.vat_number else "")
        + "</ram:BuyerTradeParty>"
    )


def delivered_to(name: str, address: PostalAddress) -> str:
    """Write where goods went, when that is not the client's address."""
    return (
        f"<ram:ShipToTradeParty><ram:Name>{text(name)}</ram:Name>{_address(address)}"
        "</ram:ShipToTradeParty>"
    )


def transaction_kind(client: Buyer) -> str:
    """Tell the platform which transaction this is: between whom, inside France or not."""
    inside = client.country in _FRENCH
    if client.is_professional:
        return "B2B" if client.siren and inside else "B2BINT"
    return "B2C" if inside else "B2CINT"


_FRENCH = {"FR", "MC", "GP", "MQ", "RE", "GF", "YT"}


def _legal_id(siren: str) -> str:
    return (
        f'<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">{text(siren)}</ram:ID>'
        "</ram:SpecifiedLegalOrganization>"
    )


def _address(address: PostalAddress) -> str:
    return (
        f"<ram:PostalTradeAddress><ram:PostcodeCode>{text(address.postal_code)}"
        f"</ram:PostcodeCode><ram:LineOne>{text(address.line1)}</ram:LineOne>"
        f"{optional('ram:LineTwo', address.line2)}<ram:CityName>{text(address.city)}"
        f"</ram:CityName><ram:CountryID>{text(address.country)}</ram:CountryID>"
        "</ram:PostalTradeAddress>"
    )


def _endpoint(siren: str, email: str) -> str:
    scheme, address = ("0225", siren) if siren else ("EM", email)
    return (
        f'<ram:URIUniversalCommunication><ram:URIID schemeID="{scheme}">{text(address)}'
        "</ram:URIID></ram:URIUniversalCommunication>"
    )


def _vat(number: str) -> str:
    return (
        f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{text(number)}</ram:ID>'
        "</ram:SpecifiedTaxRegistration>"
    )
