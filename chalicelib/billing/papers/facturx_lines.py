"""The lines of an electronic invoice (BIL-1, BIL-9, BIL-11).

A pro rata line is exact when written as price = monthly fee, price base quantity = days in the
month, quantity = days used × how many (law, invoices).
"""

from chalicelib.billing.invoices.credit_note import CreditLine
from chalicelib.billing.invoices.invoice import ChargeLine, InvoiceLine
from chalicelib.billing.invoices.line_text import desktop_title
from chalicelib.billing.papers.facturx_text import amount, day, optional, tax, text

_DAY, _PIECE = "DAY", "C62"


def usage_line(number: int, line: InvoiceLine, language: str) -> str:
    """Write a desktop or option over days of a month."""
    price = amount(line.monthly_excl_vat_cents)
    basis = f'<ram:BasisQuantity unitCode="{_DAY}">{line.days_in_month}</ram:BasisQuantity>'
    return _line(
        number,
        name=line.label[language],
        description=desktop_title(line.desktop_name, language),
        article=line.code,
        agreement=_net(price, basis),
        billed=f'<ram:BilledQuantity unitCode="{_DAY}">{line.days * line.quantity}'
        "</ram:BilledQuantity>",
        settlement=tax(line.vat, "ram:ApplicableTradeTax")
        + "<ram:BillingSpecifiedPeriod>"
        + day("ram:StartDateTime", line.month.first_day)
        + day("ram:EndDateTime", line.month.last_day)
        + "</ram:BillingSpecifiedPeriod>",
        total_cents=line.amount_excl_vat_cents,
    )


def charge_line(number: int, charge: ChargeLine, language: str) -> str:
    """Write one price times a quantity; a discount shows as gross price less discount."""
    # A price is never negative: what is taken back is so by its quantity.
    sign = -1 if charge.unit_excl_vat_cents < 0 else 1
    unit, listed = sign * charge.unit_excl_vat_cents, sign * charge.list_unit_excl_vat_cents
    gross = ""
    if listed > unit:
        gross = (
            f"<ram:GrossPriceProductTradePrice><ram:ChargeAmount>{amount(listed)}"
            "</ram:ChargeAmount><ram:AppliedTradeAllowanceCharge><ram:ChargeIndicator>"
            "<udt:Indicator>false</udt:Indicator></ram:ChargeIndicator><ram:ActualAmount>"
            f"{amount(listed - unit)}</ram:ActualAmount></ram:AppliedTradeAllowanceCharge>"
            "</ram:GrossPriceProductTradePrice>"
        )
    about = [desktop_title(charge.desktop_name, language)] if charge.desktop_name else []
    return _line(
        number,
        name=charge.label[language],
        description=" – ".join([*about, charge.detail[language]]),
        article=charge.kind,
        agreement=gross + _net(amount(unit)),
        billed=f'<ram:BilledQuantity unitCode="{_PIECE}">{sign * charge.quantity}'
        "</ram:BilledQuantity>",
        settlement=tax(charge.vat, "ram:ApplicableTradeTax"),
        total_cents=charge.amount_excl_vat_cents,
    )


def credit_line(number: int, line: CreditLine, language: str) -> str:
    """Write what is taken back of a line: a positive amount, in a document that gives it back."""
    about = [desktop_title(line.desktop_name, language)] if line.desktop_name else []
    return _line(
        number,
        name=line.label[language],
        description=" – ".join([*about, line.quantity[language]]),
        article="",
        agreement=_net(amount(line.amount_excl_vat_cents)),
        billed=f'<ram:BilledQuantity unitCode="{_PIECE}">1</ram:BilledQuantity>',
        settlement=tax(line.vat, "ram:ApplicableTradeTax"),
        total_cents=line.amount_excl_vat_cents,
    )


def _net(price: str, basis: str = "") -> str:
    return (
        f"<ram:NetPriceProductTradePrice><ram:ChargeAmount>{price}</ram:ChargeAmount>{basis}"
        "</ram:NetPriceProductTradePrice>"
    )


def _line(  # noqa: PLR0913 - the parts of a line
    number: int,
    *,
    name: str,
    description: str,
    article: str,
    agreement: str,
    billed: str,
    settlement: str,
    total_cents: int,
) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>"
        f"<ram:SpecifiedTradeProduct>{optional('ram:SellerAssignedID', article)}"
        f"<ram:Name>{text(name)}</ram:Name>{optional('ram:Description', description)}"
        "</ram:SpecifiedTradeProduct>"
        f"<ram:SpecifiedLineTradeAgreement>{agreement}</ram:SpecifiedLineTradeAgreement>"
        f"<ram:SpecifiedLineTradeDelivery>{billed}</ram:SpecifiedLineTradeDelivery>"
        f"<ram:SpecifiedLineTradeSettlement>{settlement}"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>"
        f"{amount(total_cents)}</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>"
    )
