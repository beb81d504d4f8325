"""The XML of every kind of document passes schema, European and French rules (BIL-11)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.accounts.clients.account import PostalAddress
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.papers.facturx import Paid, xml
from infra.checks.facturx_rules import FacturXRules
from tests.fakes.billing import SELLER
from tests.fakes.papers import (
    CONSUMER,
    FRENCH,
    GUADELOUPE,
    GUYANE,
    IN_GERMANY,
    OCTOBER,
    ON_ACCOUNT,
    OUTSIDE,
    REVERSE,
    a_charge,
    a_credit_note,
    a_line,
    abroad,
    an_allowance,
    an_issued_invoice,
)

WITH_BANK = replace(SELLER, iban="FR76 3000 6000 0112 3456 7890 189", bic="AGRIFRPP")

DOCUMENTS: dict[str, Callable[[], Invoice | CreditNote]] = {
    "full month": an_issued_invoice,
    "pro rata": lambda: an_issued_invoice(
        (a_line(days=19, cents=6450), a_line("Dessin", days=7, cents=150, quantity=3))
    ),
    "by transfer": lambda: an_issued_invoice(seller=WITH_BANK, **ON_ACCOUNT),
    "by transfer, bank unknown": lambda: an_issued_invoice(**ON_ACCOUNT),
    "goods, discount, allowance": lambda: an_issued_invoice(
        charges=(a_charge(9900, goods=True), a_charge(1000, quantity=4, listed=1200)),
        allowances=(an_allowance(),),
    ),
    "goods alone": lambda: an_issued_invoice((), charges=(a_charge(9900, goods=True),)),
    "goods delivered elsewhere": lambda: an_issued_invoice(
        charges=(a_charge(9900, goods=True),),
        delivery=PostalAddress("3 quai du Modèle", "", "13002", "Marseille", "FR"),
    ),
    "correction downwards": lambda: an_issued_invoice(charges=(a_charge(-300),)),
    "reverse charge": lambda: an_issued_invoice(
        (a_line(vat=REVERSE),), **abroad("BE", vat_number="BE0123456749")
    ),
    "outside the Union": lambda: an_issued_invoice((a_line(vat=OUTSIDE),), **abroad("CH")),
    "Guyane": lambda: an_issued_invoice((a_line(vat=GUYANE),)),
    "Guadeloupe": lambda: an_issued_invoice((a_line(vat=GUADELOUPE),)),
    "consumer": lambda: an_issued_invoice(**CONSUMER),
    "late days of September": lambda: an_issued_invoice(
        (a_line(), a_line("Dessin", days=3, month=OCTOBER.previous))
    ),
    "in English": lambda: an_issued_invoice(language="en"),
    "VAT on debits": lambda: an_issued_invoice(seller=replace(SELLER, vat_on_debits=True)),
    "two rates": lambda: an_issued_invoice((a_line(), a_line("Dessin", vat=GUADELOUPE))),
    "credit note": lambda: a_credit_note(an_issued_invoice(), cents=1234),
    "credit note, no VAT": lambda: a_credit_note(
        an_issued_invoice((a_line(vat=OUTSIDE),), **abroad("CH"))
    ),
    "text that XML must escape": lambda: an_issued_invoice(name="Dupont & Fils <\x0bSARL> « Été »"),
}


@pytest.mark.contract("BIL-11")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_breaks_no_rule(rules: FacturXRules, name: str) -> None:
    # Given a document, when its XML is written and checked, then nothing is broken
    written = xml(DOCUMENTS[name]())
    assert rules.broken(written) == []
    # And the rules had something to look at
    assert rules.fired(written) > 100


@pytest.mark.contract("BIL-10", "BIL-11")
def test_another_country_s_rate_breaks_only_the_french_list_of_rates(rules: FacturXRules) -> None:
    # Given a consumer in Germany under the one-stop shop: no electronic invoice in France
    invoice = an_issued_invoice((a_line(vat=IN_GERMANY),), **{**abroad("DE"), **CONSUMER})
    # Then the European rules hold, and of the French ones all but their list of French rates
    broken = rules.broken(xml(invoice))
    assert broken
    assert all("BR-FR-16/" in each for each in broken)


@pytest.mark.contract("BIL-11")
def test_a_paid_copy_says_that_nothing_is_due(rules: FacturXRules) -> None:
    # Given an invoice of 29,00 + 5,80 VAT = 34,80, paid by card on 1 November
    written = xml(an_issued_invoice(), paid=Paid(date(2026, 11, 1)))
    assert rules.broken(written) == []
    # Then the process is that of a paid service, all of it prepaid
    text = written.decode()
    assert "<ram:ID>S2</ram:ID>" in text
    assert "<ram:TotalPrepaidAmount>34.80<" in text
    assert "<ram:DuePayableAmount>0.00<" in text


@pytest.mark.contract("BIL-5", "BIL-11")
def test_a_credit_note_cites_its_invoice() -> None:
    text = xml(a_credit_note(an_issued_invoice())).decode()
    assert "<ram:TypeCode>381</ram:TypeCode>" in text
    assert "<ram:IssuerAssignedID>F-2026-000412</ram:IssuerAssignedID>" in text
    assert '<qdt:DateTimeString format="102">20261101<' in text


@pytest.mark.contract("BIL-1", "BIL-11")
def test_a_pro_rata_line_is_price_base_and_quantity() -> None:
    # Given 19 days of October (31) at 64,50 €: 64.50 × 19 / 31 = 39.532… → 39,53
    text = xml(an_issued_invoice((a_line(days=19, cents=6450),))).decode()
    assert "<ram:ChargeAmount>64.50<" in text
    assert '<ram:BasisQuantity unitCode="DAY">31<' in text
    assert '<ram:BilledQuantity unitCode="DAY">19<' in text
    assert "<ram:LineTotalAmount>39.53<" in text


@pytest.mark.contract("BIL-11")
def test_the_mentions_carry_their_codes_once() -> None:
    # Given a company's invoice, then discount, penalties and fee are there, once each
    notes = re.findall(
        r"<ram:Content>([^<]*)</ram:Content>(?:<ram:SubjectCode>(\w+)<)?",
        xml(an_issued_invoice()).decode(),
    )
    texts = {code: text for text, code in notes if code}
    assert [code for _, code in notes if code] == ["AAB", "PMD", "PMT", "BAR"]
    assert "40,00" in texts["PMT"]
    assert "10 points" in texts["PMD"]
    # And a consumer's says that they do not apply
    consumer = xml(an_issued_invoice(**CONSUMER)).decode()
    assert "40,00" not in consumer
    assert consumer.count("sans objet") == 2


@pytest.mark.contract("BIL-11")
def test_the_same_document_gives_the_same_bytes() -> None:
    assert xml(an_issued_invoice()) == xml(an_issued_invoice())


@pytest.mark.contract("BIL-11")
@pytest.mark.parametrize(
    ("found", "put", "rule"),
    [
        pytest.param("<ram:GrandTotalAmount>34.80", "<ram:GrandTotalAmount>34.81", "BR-CO-15"),
        pytest.param("<ram:LineTotalAmount>29.00", "<ram:LineTotalAmount>28.00", "BR-CO-13"),
        pytest.param("<ram:CalculatedAmount>5.80", "<ram:CalculatedAmount>5.79", "BR-CO-14"),
        pytest.param(">20</ram:Rate", ">21</ram:Rate", "BR-FR-16"),
        pytest.param("<ram:SubjectCode>PMD<", "<ram:SubjectCode>REG<", "BR-FR-05"),
        pytest.param("<ram:ID>F-2026-000412<", "<ram:ID>F 2026 000412<", "BR-FR-02"),
        pytest.param("<ram:TypeCode>380<", "<ram:TypeCode>381<", "BR-FR-CO-05"),
        pytest.param("<ram:ID>S1<", "<ram:ID>S2<", "BR-FR-CO-09"),
        pytest.param('schemeID="0225">552100554', 'schemeID="0225">732829320', "BR-FR-21"),
        pytest.param("urn:cen.eu:en16931:2017", "urn:cen.eu:en16931:2016", ""),
        pytest.param("<ram:InvoiceCurrencyCode>EUR<", "<ram:InvoiceCurrencyCode>EURO<", ""),
        pytest.param("ram:BuyerTradeParty", "ram:BuyerParty", "XSD"),
        pytest.param("</ram:SellerTradeParty>", "", "XML"),
    ],
)
def test_a_tampered_document_is_found_out(
    rules: FacturXRules, found: str, put: str, rule: str
) -> None:
    # Given a valid document in which one thing is changed
    written = xml(an_issued_invoice()).decode()
    assert found in written
    tampered = written.replace(found, put).encode()
    # Then the rules name it
    broken = rules.broken(tampered)
    assert broken
    assert any(rule in each for each in broken)


_TEXT = st.text(min_size=1, max_size=40)
_LINES = st.lists(
    st.builds(
        a_line,
        _TEXT,
        days=st.integers(1, 31),
        cents=st.integers(1, 999_999),
        quantity=st.integers(1, 20),
    ),
    min_size=1,
    max_size=6,
)
_CHARGES = st.lists(
    st.builds(
        lambda cents, quantity, discount, goods: a_charge(
            cents, quantity=quantity, listed=cents + discount, goods=goods
        ),
        st.integers(1, 500_000),
        st.integers(1, 12),
        st.integers(0, 10_000),
        st.booleans(),
    ),
    max_size=3,
)


@pytest.mark.contract("BIL-10", "BIL-11")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=_LINES, charges=_CHARGES, vat=st.sampled_from([FRENCH, GUADELOUPE]), data=st.data())
def test_any_invoice_is_valid(
    rules: FacturXRules, lines: list, charges: list, vat: object, data: st.DataObject
) -> None:
    # Given whatever an invoice may bill
    lines = [replace(line, vat=vat) for line in lines]
    charges = [replace(charge, vat=vat) for charge in charges]
    highest = sum(line.amount_excl_vat_cents for line in lines)
    credit = data.draw(st.integers(0, highest))
    allowances = (an_allowance(credit, vat),) if credit else ()
    invoice = an_issued_invoice(tuple(lines), charges=tuple(charges), allowances=allowances)
    # Then its XML breaks no rule
    assert rules.broken(xml(invoice)) == []
