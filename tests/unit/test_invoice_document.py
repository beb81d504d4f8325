"""What is written on an invoice, and that it is always the same bytes (BIL-11)."""

import re
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.accounts.clients.account import AccountKind, PaymentMode
from chalicelib.billing.credits.credit_rules import CreditRequest
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.invoices.line_text import explain
from chalicelib.billing.invoices.numbering import due_on, invoice_number
from chalicelib.billing.papers.invoice_pdf import facts_of, invoice_pdf, totals_of_document
from chalicelib.billing.papers.paper_rows import rows_of, rows_of_document
from chalicelib.billing.papers.party_text import buyer_lines, seller_lines
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.money import from_cents
from chalicelib.paper.pdf import Group, Row
from chalicelib.payments.terms.payment_dates import by_card
from chalicelib.texts.french_text import money_text
from tests.fakes.billing import SELLER, BillingWorld, a_desktop, an_account


def an_invoice(desktops: int = 1, **account: object) -> Invoice:
    """Issue October to a client with that many desktops, each with a backup."""
    world = BillingWorld(an_account(**account), now="2026-11-01 05:00")
    world.metering.desktops = [
        a_desktop(name=f"Bureau {n:03d}", options=(("backup", 1),)) for n in range(desktops)
    ]
    world.invoice_month("2026-10")
    return world.the_invoice()


@pytest.mark.contract("BIL-11")
def test_the_parties_are_identified() -> None:
    # Given an invoice to a company
    invoice = an_invoice(vat_number="FR02552100554")
    # Then the seller has name, form, capital, address, SIREN, RCS city and VAT number
    seller = "\n".join(seller_lines(invoice.seller, "fr"))
    for part in (SELLER.name, "SAS au capital de 10 000 €", "75002 Paris", "RCS Paris", "TVA FR68"):
        assert part in seller
    assert "900\u00a0000\u00a0001" in seller
    # And the client name, contact, address, SIREN and VAT number
    assert buyer_lines(invoice.buyer) == [
        "Atelier Lumen",
        "Camille Exemple",
        "8 quai des Exemples",
        "69002 Lyon",
        "SIREN 552\u00a0100\u00a0554",
        "TVA FR02552100554",
    ]


@pytest.mark.contract("BIL-11")
def test_dates_period_and_payment_are_shown() -> None:
    # Given an invoice of October on account, then
    invoice = an_invoice(payment_mode=PaymentMode.INVOICE)
    assert dict(facts_of(invoice)) == {
        "Date d’émission": "1er\u00a0novembre\u00a02026",
        "Échéance": "1er\u00a0décembre\u00a02026",
        "Période": "1er au 31\u00a0octobre\u00a02026",
        "Paiement": "Virement",
    }


@pytest.mark.contract("BIL-11")
def test_each_line_shows_label_quantity_price_rate_and_amount() -> None:
    # Given one desktop with its backup, then
    rows = rows_of(an_invoice().lines)
    days = "31\u00a0jours sur\u00a031"
    assert rows == [
        Group("Bureau 000"),
        Row(
            ("Standard", days, "29,00\u00a0€", "20\u00a0%", "29,00\u00a0€"),
            cents=2900,
        ),
        Row(
            ("Sauvegarde", days, "4,20\u00a0€", "20\u00a0%", "4,20\u00a0€"),
            cents=420,
        ),
    ]


@pytest.mark.contract("BIL-5", "BIL-11")
def test_each_line_of_a_credit_note_shows_what_is_taken_back_and_its_price() -> None:
    # Given three days of a desktop taken back, and its backup whole
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(name="Accueil", options=(("backup", 1),))]
    world.invoice_month("2026-10")
    desktop, backup = world.the_invoice().lines
    requests = [CreditRequest(desktop.key, 281, days=3), CreditRequest(backup.key, 420)]
    note = world.credit_notes.issue(
        world.the_invoice().id, requests, reason="Panne", by="operator:1", key="form-1"
    )
    # Then each has label, quantity, unit price, rate and amount, as in its XML
    rate = "20\u00a0%"
    days = "Bureau Accueil\u00a0· 3\u00a0jours sur\u00a031"
    whole = "Bureau Accueil\u00a0· ligne entière"
    assert rows_of_document(note) == [
        Row(("Standard", "1", "2,81\u00a0€", rate, "2,81\u00a0€"), note=days, cents=281),
        Row(("Sauvegarde", "1", "4,20\u00a0€", rate, "4,20\u00a0€"), note=whole, cents=420),
    ]


@pytest.mark.contract("BIL-11")
def test_a_client_who_reads_english_has_its_numbers_named_in_english() -> None:
    invoice = an_invoice(vat_number="FR02552100554", language="en")
    assert "VAT FR02552100554" in buyer_lines(invoice.buyer)
    assert seller_lines(invoice.seller, "en")[-1].startswith("VAT FR")


@pytest.mark.contract("BIL-10", "BIL-11")
def test_totals_show_the_vat_of_each_rate() -> None:
    # Given 33,20 €, then VAT 6,64 and 39,84 in all
    totals = totals_of_document(an_invoice())
    assert [(total.label, total.value) for total in totals] == [
        ("Total HT", "33,20\u00a0€"),
        ("TVA 20\u00a0%", "6,64\u00a0€"),
        ("Total TTC", "39,84\u00a0€"),
    ]


@pytest.mark.contract("BIL-11")
def test_a_professional_reads_penalties_and_fee_a_consumer_does_not() -> None:
    # Given the same invoice to a company and to a consumer
    company = "\n".join(an_invoice().mentions)
    consumer = "\n".join(an_invoice(kind=AccountKind.CONSUMER, siren="").mentions)
    # Then both read the category of operation and that there is no discount
    for text in (company, consumer):
        assert "Catégorie de l’opération" in text
        assert "Pas d’escompte" in text
    # And the company alone the penalties and the recovery fee
    assert "majoré de 10 points" in company
    assert "40,00\u00a0€" in company
    assert "pénalités" not in consumer


@pytest.mark.contract("BIL-10", "BIL-11")
def test_no_vat_is_explained() -> None:
    # Given a client in Switzerland
    address = replace(an_account().address, country="CH", postal_code="1200", city="Genève")
    invoice = an_invoice(address=address)
    # Then
    assert invoice.totals.vat_cents == 0
    assert "Prestation hors du champ d’application de la TVA française." in invoice.mentions


@pytest.mark.contract("BIL-11")
def test_the_same_invoice_gives_the_same_bytes() -> None:
    # Given an invoice that runs over pages
    invoice = an_invoice(desktops=30)
    # When drawn twice
    first, second = invoice_pdf(invoice), invoice_pdf(invoice)
    # Then it is one document, of several pages, with its fonts inside
    assert first == second
    assert first.startswith(b"%PDF-1.")
    assert int(re.findall(rb"/Count (\d+)", first)[0]) >= 2
    assert first.count(b"/FontFile2") == 3


@pytest.mark.contract("BIL-3")
@pytest.mark.parametrize("count", [1, 412, 999_999, 1_000_000])
def test_a_number_is_one_that_electronic_invoicing_takes(count: int) -> None:
    number = invoice_number(count, date(2026, 11, 1))
    assert re.fullmatch(r"[A-Za-z0-9+_/-]{1,35}", number)
    assert number.endswith(str(count))


@pytest.mark.contract("BIL-1")
def test_a_card_is_due_at_the_end_of_the_month_an_invoice_in_thirty_days() -> None:
    january, issued = BillingMonth(2026, 1), date(2026, 2, 1)
    assert due_on(PaymentMode.CARD, january, issued, 30) == date(2026, 1, 31)
    assert due_on(PaymentMode.INVOICE, january, issued, 30) == date(2026, 3, 3)
    # The calculator says the same day, from the same function
    assert by_card(january, 30).due_on == date(2026, 1, 31)


@pytest.mark.contract("MET-3", "BIL-7")
def test_an_amount_is_explained_in_both_languages() -> None:
    price = from_cents(2990)
    assert explain(price, 19, 28, "fr") == (
        "29,90\u00a0€ par mois × 19\u00a0jours ÷ 28\u00a0jours du mois = 20,29\u00a0€ HT, "
        "arrondi au centime."
    )
    assert explain(price, 1, 28, "en") == (
        "€29.90 a month × 1 day ÷ 28 days in the month = €1.07 excl. VAT, rounded to the cent."
    )
    assert "29,90" in explain(price, 28, 28, "fr")


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "0,00\u00a0€"),
        (5, "0,05\u00a0€"),
        (123456, "1\u202f234,56\u00a0€"),
        (-250, "−2,50\u00a0€"),
    ],
)
def test_amounts_are_written_the_french_way(cents: int, text: str) -> None:
    assert money_text(cents) == text
