"""The Factur-X 1.09 XML of an invoice or credit note, profile EN 16931 (law, invoices; BIL-11).

Written as text, element by element in the order of the schema: the same document always gives the
same bytes, at a fraction of what a tree costs.  ``infra/checks/facturx_rules.py`` runs
the schema, the European and the French rules on it.
"""

from dataclasses import dataclass
from datetime import date

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Allowance, Invoice
from chalicelib.billing.invoices.mentions import natures_of, notes_of
from chalicelib.billing.invoices.totals import VatTotal
from chalicelib.billing.papers.facturx_lines import charge_line, credit_line, usage_line
from chalicelib.billing.papers.facturx_parties import buyer, delivered_to, seller, transaction_kind
from chalicelib.billing.papers.facturx_text import NOT_SUBJECT, amount, day, rate, tax, text

FILE_NAME = "factur-x.xml"
_SPACES = (
    'xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:'
    'ReusableAggregateBusinessInformationEntity:100" '
    'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100" '
    'xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100"'
)
_INVOICE, _CREDIT_NOTE = "380", "381"
_CARD, _TRANSFER, _NOT_DEFINED = "48", "58", "1"
_WHEN_INVOICED, _WHEN_PAID = "5", "72"
# Why a category bears no VAT, as the European code list says it.
_EXEMPTIONS = {"AE": "VATEX-EU-AE", "O": "VATEX-EU-O"}


@dataclass(frozen=True)
class Paid:
    """That a document was paid in full, on a Paris day, before the copy that says so."""

    on: date


def xml(document: Invoice | CreditNote, *, paid: Paid | None = None) -> bytes:
    """Write the XML of a document (BIL-11).

    ``paid``: of the copy of an invoice that was paid already, whose amount due is nothing.
    """
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<rsm:CrossIndustryInvoice {_SPACES}>"
        + _context(document, paid)
        + _heading(document)
        + "<rsm:SupplyChainTradeTransaction>"
        + "".join(_lines(document))
        + _agreement(document)
        + _delivery(document)
        + _settlement(document, paid)
        + "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    ).encode()


def _context(document: Invoice | CreditNote, paid: Paid | None) -> str:
    natures = natures_of(document)
    letter = "M" if len(natures) > 1 else "B" if "goods" in natures else "S"
    return (
        "<rsm:ExchangedDocumentContext><ram:BusinessProcessSpecifiedDocumentContextParameter>"
        f"<ram:ID>{letter}{2 if paid else 1}</ram:ID>"
        "</ram:BusinessProcessSpecifiedDocumentContextParameter>"
        "<ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:cen.eu:en16931:2017</ram:ID>"
        "</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>"
    )


def _heading(document: Invoice | CreditNote) -> str:
    kind = _INVOICE if isinstance(document, Invoice) else _CREDIT_NOTE
    notes = [(note.code, note.text) for note in notes_of(document)]
    notes.append(("BAR", transaction_kind(document.buyer)))
    return (
        f"<rsm:ExchangedDocument><ram:ID>{text(document.number)}</ram:ID>"
        f"<ram:TypeCode>{kind}</ram:TypeCode>{day('ram:IssueDateTime', document.issued_on)}"
        + "".join(
            f"<ram:IncludedNote><ram:Content>{text(content)}</ram:Content>"
            + (f"<ram:SubjectCode>{code}</ram:SubjectCode>" if code else "")
            + "</ram:IncludedNote>"
            for code, content in notes
        )
        + "</rsm:ExchangedDocument>"
    )


def _lines(document: Invoice | CreditNote) -> list[str]:
    language = document.buyer.language
    if isinstance(document, CreditNote):
        return [
            credit_line(number, line, language) for number, line in enumerate(document.lines, 1)
        ]
    lines = [usage_line(number, line, language) for number, line in enumerate(document.lines, 1)]
    charges = enumerate(document.charges, len(lines) + 1)
    return lines + [charge_line(number, charge, language) for number, charge in charges]


def _agreement(document: Invoice | CreditNote) -> str:
    # What is outside the scope of VAT names no VAT number at all (BR-O-02).
    subject = all(part.vat.category != NOT_SUBJECT for part in document.totals.by_rate)
    return (
        "<ram:ApplicableHeaderTradeAgreement>"
        + seller(document.seller, with_vat_number=subject)
        + buyer(document.buyer, with_vat_number=subject)
        + "</ram:ApplicableHeaderTradeAgreement>"
    )


def _delivery(document: Invoice | CreditNote) -> str:
    elsewhere = ""
    if isinstance(document, Invoice) and document.delivery:
        elsewhere = delivered_to(document.buyer.name, document.delivery)
    return (
        f"<ram:ApplicableHeaderTradeDelivery>{elsewhere}<ram:ActualDeliverySupplyChainEvent>"
        + day("ram:OccurrenceDateTime", document.month.last_day)
        + "</ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>"
    )


def _settlement(document: Invoice | CreditNote, paid: Paid | None) -> str:
    months = [document.month]
    allowances: tuple[Allowance, ...] = ()
    if isinstance(document, Invoice):
        months += [line.month for line in document.lines]
        allowances = document.allowances
    when = _WHEN_INVOICED if document.seller.vat_on_debits else _WHEN_PAID
    return (
        "<ram:ApplicableHeaderTradeSettlement>"
        f"<ram:PaymentReference>{text(document.number)}</ram:PaymentReference>"
        "<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>"
        + _means(document)
        + "".join(_vat_total(part, when) for part in document.totals.by_rate)
        + "<ram:BillingSpecifiedPeriod>"
        + day("ram:StartDateTime", min(months).first_day)
        + day("ram:EndDateTime", max(months).last_day)
        + "</ram:BillingSpecifiedPeriod>"
        + "".join(_allowance(each, document.buyer.language) for each in allowances)
        + _terms(document, paid)
        + _sums(document, allowances, paid)
        + _preceding(document)
        + "</ram:ApplicableHeaderTradeSettlement>"
    )


def _means(document: Invoice | CreditNote) -> str:
    company = document.seller
    account, code = "", _NOT_DEFINED
    if document.payment_mode is PaymentMode.CARD:
        code = _CARD
    elif company.iban:
        code = _TRANSFER
        account = (
            "<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>"
            f"{text(company.iban.replace(' ', ''))}</ram:IBANID>"
            "</ram:PayeePartyCreditorFinancialAccount>"
        )
    if account and company.bic:
        account += (
            "<ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>"
            f"{text(company.bic)}</ram:BICID></ram:PayeeSpecifiedCreditorFinancialInstitution>"
        )
    return (
        "<ram:SpecifiedTradeSettlementPaymentMeans>"
        f"<ram:TypeCode>{code}</ram:TypeCode>{account}</ram:SpecifiedTradeSettlementPaymentMeans>"
    )


def _vat_total(part: VatTotal, when: str) -> str:
    reason = code = due = percent = ""
    if part.vat.category == "S":
        due = f"<ram:DueDateTypeCode>{when}</ram:DueDateTypeCode>"
    else:
        reason = f"<ram:ExemptionReason>{text(part.vat.mention)}</ram:ExemptionReason>"
    if part.vat.category in _EXEMPTIONS:
        exemption = _EXEMPTIONS[part.vat.category]
        code = f"<ram:ExemptionReasonCode>{exemption}</ram:ExemptionReasonCode>"
    if part.vat.category != NOT_SUBJECT:
        percent = (
            f"<ram:RateApplicablePercent>{rate(part.vat.rate_percent)}</ram:RateApplicablePercent>"
        )
    return (
        f"<ram:ApplicableTradeTax><ram:CalculatedAmount>{amount(part.vat_cents)}"
        f"</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>{reason}"
        f"<ram:BasisAmount>{amount(part.base_cents)}</ram:BasisAmount>"
        f"<ram:CategoryCode>{part.vat.category}</ram:CategoryCode>{code}{due}{percent}"
        "</ram:ApplicableTradeTax>"
    )


def _allowance(allowance: Allowance, language: str) -> str:
    return (
        "<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false"
        "</udt:Indicator></ram:ChargeIndicator><ram:ActualAmount>"
        f"{amount(allowance.amount_excl_vat_cents)}</ram:ActualAmount>"
        f"<ram:Reason>{text(allowance.label[language])}</ram:Reason>"
        + tax(allowance.vat, "ram:CategoryTradeTax")
        + "</ram:SpecifiedTradeAllowanceCharge>"
    )


def _terms(document: Invoice | CreditNote, paid: Paid | None) -> str:
    if isinstance(document, CreditNote):
        content = f"<ram:Description>{text(document.reason)}</ram:Description>"
    else:
        content = _due(document.due_on, document.issued_on, paid)
    return f"<ram:SpecifiedTradePaymentTerms>{content}</ram:SpecifiedTradePaymentTerms>"


def _due(due_on: date, issued_on: date, paid: Paid | None) -> str:
    """Give BT-9, or BT-20 for what was due before its invoice: BR-FR-CO-07 wants no earlier day.

    An invoice by card is due at the end of its month, and made the day after (P7).
    """
    if paid is None and due_on < issued_on:
        said = f"Échéance le {due_on:%d/%m/%Y}, débitée de la carte enregistrée"
        return f"<ram:Description>{text(said)}</ram:Description>"
    return day("ram:DueDateDateTime", paid.on if paid else due_on)


def _sums(
    document: Invoice | CreditNote, allowances: tuple[Allowance, ...], paid: Paid | None
) -> str:
    totals = document.totals
    taken_off = sum(each.amount_excl_vat_cents for each in allowances)
    settled = totals.incl_vat_cents if paid else 0
    return (
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:LineTotalAmount>{amount(totals.excl_vat_cents + taken_off)}</ram:LineTotalAmount>"
        f"<ram:AllowanceTotalAmount>{amount(taken_off)}</ram:AllowanceTotalAmount>"
        f"<ram:TaxBasisTotalAmount>{amount(totals.excl_vat_cents)}</ram:TaxBasisTotalAmount>"
        f'<ram:TaxTotalAmount currencyID="EUR">{amount(totals.vat_cents)}</ram:TaxTotalAmount>'
        f"<ram:GrandTotalAmount>{amount(totals.incl_vat_cents)}</ram:GrandTotalAmount>"
        f"<ram:TotalPrepaidAmount>{amount(settled)}</ram:TotalPrepaidAmount>"
        f"<ram:DuePayableAmount>{amount(totals.incl_vat_cents - settled)}</ram:DuePayableAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
    )


def _preceding(document: Invoice | CreditNote) -> str:
    """Cite the invoice that a credit note takes back from, number and date (BIL-5)."""
    if isinstance(document, Invoice):
        return ""
    cited = document.invoice
    return (
        f"<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{text(cited.number)}"
        f"</ram:IssuerAssignedID>{day('ram:FormattedIssueDateTime', cited.issued_on, 'qdt')}"
        "</ram:InvoiceReferencedDocument>"
    )
