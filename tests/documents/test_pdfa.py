"""The PDF of an invoice is PDF/A-3 with its XML inside, and says so (BIL-11)."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader

from chalicelib.accounts.clients.account import PostalAddress
from chalicelib.billing.charges.charge import OneOffCharge
from chalicelib.billing.drafts.drafting import DraftBasis, draft_of
from chalicelib.billing.invoices.invoice_json import invoice_json, read_invoice
from chalicelib.billing.papers.facturx import xml
from chalicelib.billing.papers.invoice_pdf import invoice_pdf
from chalicelib.billing.vat.rules import vat_of
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import ChargeId
from infra.checks.facturx_rules import FacturXRules
from infra.checks.pdfa import NotHere, faults
from infra.checks.samples import main as write_samples
from tests.fakes.billing import a_catalogue, an_account
from tests.fakes.clock import paris
from tests.fakes.papers import (
    CONSUMER,
    ON_ACCOUNT,
    a_charge,
    a_credit_note,
    a_line,
    an_allowance,
    an_issued_invoice,
)
from tests.fakes.world import COMPANY

ELSEWHERE = PostalAddress("3 quai du Modèle", "", "13002", "Marseille", "FR")
LOGO = Path("chalicelib/console/static/favicon.svg")


def text_of(pdf: bytes) -> str:
    """The words of a PDF, blanks made single."""
    pages = (page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return " ".join(" ".join(pages).replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.mark.contract("BIL-11")
def test_the_xml_is_inside_as_what_the_page_says() -> None:
    # Given the PDF of an invoice
    invoice = an_issued_invoice()
    reader = PdfReader(BytesIO(invoice_pdf(invoice)))
    # Then its XML is inside under the name of the standard, byte for byte
    assert list(reader.attachments) == ["factur-x.xml"]
    assert reader.attachments["factur-x.xml"] == [xml(invoice)]
    # And it is an associated file, an alternative of the page
    root = reader.trailer["/Root"]
    (associated,) = root["/AF"]
    assert associated.get_object()["/AFRelationship"] == "/Alternative"
    # And the metadata tell PDF/A-3B and the profile
    metadata = root["/Metadata"].get_object().get_data().decode()
    for part in (
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>B</pdfaid:conformance>",
        "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>",
        "<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>",
    ):
        assert part in metadata


@pytest.mark.contract("BIL-11")
def test_every_mention_of_the_law_is_on_the_page() -> None:
    # Given an invoice on account, with a discount and an allowance
    invoice = an_issued_invoice(
        (a_line(days=19),),
        charges=(a_charge(1000, quantity=4, listed=1200),),
        allowances=(an_allowance(),),
        vat_number="FR02552100554",
        **ON_ACCOUNT,
    )
    text = text_of(invoice_pdf(invoice))
    # Then seller, client, dates, number, period, means, lines, discounts and mentions are there
    for part in (
        *(COMPANY.name, "SAS au capital de 10 000 €", "1 rue de l’Exemple", "75002 Paris"),
        *("SIREN 900 000 001", "RCS Paris", "TVA FR68900000001"),
        *("Atelier Lumen", "8 quai des Exemples", "69002 Lyon", "552 100 554", "FR02552100554"),
        *("Facture F-2026-000412", "1er novembre 2026", "1er décembre 2026"),
        *("1er au 31 octobre 2026", "Virement", "19 jours sur 31", "29,00 €", "20 %"),
        # 29 × 19 / 31 = 17,774… → 17,77; plus 4 × 10 = 57,77; less 5,00 = 52,77; VAT 10,554 → 10,55
        *("17,77 €", "remise de 2,00 € sur 12,00 €", "40,00 €", "57,77 €", "−5,00 €"),
        *("52,77 €", "10,55 €", "63,32 €", "Panne du 3 septembre"),
        *("prestation de services", "Pas d’escompte", "majoré de 10 points", "40,00 €"),
    ):
        assert part in text, part


@pytest.mark.contract("BIL-11")
def test_where_goods_went_is_shown_when_it_is_elsewhere() -> None:
    # Given a lost pod that had been delivered in Marseille, to a client in Lyon
    invoice = an_issued_invoice(charges=(a_charge(9900, goods=True),), delivery=ELSEWHERE)
    # Then page and XML say so, and what is kept of the invoice too
    assert "Livré à : 3 quai du Modèle, 13002 Marseille" in text_of(invoice_pdf(invoice))
    assert b"<ram:ShipToTradeParty>" in xml(invoice)
    assert read_invoice(invoice_json(invoice)) == invoice
    # And not when nothing was delivered elsewhere
    assert b"ShipToTradeParty" not in xml(an_issued_invoice())


@pytest.mark.contract("BIL-11")
@pytest.mark.parametrize(
    ("kind", "delivered", "shown"),
    [("pod_loss", ELSEWHERE, ELSEWHERE), ("intervention", ELSEWHERE, None)],
)
def test_only_goods_have_a_delivery_address(
    kind: str, delivered: PostalAddress, shown: PostalAddress | None
) -> None:
    # Given a one-off charge of October, and pods that went to Marseille
    account = an_account()
    charge = OneOffCharge(
        id=ChargeId("chg_1"),
        account_id=account.id,
        kind=kind,  # type: ignore[arg-type]
        label=Label("OmnyPod perdu", "Lost OmnyPod"),
        unit_excl_vat_cents=9900,
        quantity=1,
        on=date(2026, 10, 12),
        reason="Perdu",
        evidence="",
        added_at=paris("2026-10-12 10:00"),
        added_by="operator:1",
    )
    basis = DraftBasis(
        usage=(),
        catalogue=a_catalogue(),
        vat=lambda day: vat_of(account, day),
        charges=(charge,),
        delivered_to=lambda: delivered,
    )
    assert draft_of(account, BillingMonth.parse("2026-10"), basis).delivery == shown
    # And the client's own address is not said twice
    at_home = replace(basis, delivered_to=lambda: account.address)
    assert draft_of(account, BillingMonth.parse("2026-10"), at_home).delivery is None


@pytest.mark.contract("BIL-11", "CON-1")
def test_a_reader_of_english_gets_english() -> None:
    text = text_of(invoice_pdf(an_issued_invoice(language="en")))
    for part in ("Invoice F-2026-000412", "31 of 31 days", "Unit price", "€34.80", "Due date"):
        assert part.lower() in text.lower(), part
    assert "Facture" not in text


@pytest.mark.contract("BIL-5", "BIL-11")
def test_a_credit_note_names_its_invoice_and_reason() -> None:
    text = text_of(invoice_pdf(a_credit_note(an_issued_invoice(), cents=900)))
    for part in (
        *("Avoir A-2026-000007", "F-2026-000412 du 1er novembre 2026", "9,00 €", "10,80 €"),
        "Motif : Bureau resté inaccessible en octobre.",
    ):
        assert part in text, part


@pytest.mark.contract("BIL-11")
def test_over_pages_the_head_is_repeated_and_the_sum_carried() -> None:
    # Given 40 desktops at 17,77 € each: 29 × 19 / 31
    lines = tuple(a_line(f"Poste {n:02d}", days=19) for n in range(40))
    pages = PdfReader(BytesIO(invoice_pdf(an_issued_invoice(lines)))).pages
    texts = [page.extract_text().replace("\u00a0", " ").replace("\u202f", " ") for page in pages]
    # Then each page has the head, its number and the document's
    assert len(texts) >= 3
    for number, text in enumerate(texts, 1):
        assert ("DÉSIGNATION" in text) == ("19 jours sur 31" in text)
        assert f"Page {number} / {len(texts)}" in text
        assert "F-2026-000412" in text
    # And what a page carries forward is the sum of its lines, brought forward on the next
    so_far = 0
    for text, following in pairwise(text for text in texts if "DÉSIGNATION" in text):
        so_far += text.count("19 jours sur 31") * 1777
        carried = re.search(r"À reporter\s*([\d ]+),(\d\d)", text)
        brought = re.search(r"Report\s*([\d ]+),(\d\d)", following)
        assert carried
        assert brought
        assert carried.groups() == brought.groups()
        assert int(carried[1].replace(" ", "") + carried[2]) == so_far


@pytest.mark.contract("BIL-11")
def test_documents_are_pdfa_by_verapdf(tmp_path: Path) -> None:
    # Given documents of each kind, with a logo too
    drawn = {
        "invoice": invoice_pdf(an_issued_invoice(tuple(a_line(f"P{n}") for n in range(30)))),
        "logo": invoice_pdf(an_issued_invoice(**CONSUMER), logo=LOGO.read_bytes()),
        "credit": invoice_pdf(a_credit_note(an_issued_invoice(language="en"))),
    }
    # And one whose claim to be PDF/A is no longer true: its colours lose their profile
    drawn["tampered"] = drawn["credit"].replace(b"/OutputIntents", b"/OutputIntentx")
    for name, content in drawn.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    # When veraPDF checks them
    try:
        found = faults(sorted(tmp_path.glob("*.pdf")))
    except NotHere as missing:
        pytest.skip(str(missing))
    # Then all are PDF/A-3B but that one
    assert {path.stem: bool(broken) for path, broken in found.items()} == {
        "invoice": False,
        "logo": False,
        "credit": False,
        "tampered": True,
    }


@pytest.mark.contract("BIL-11")
def test_the_samples_are_written_and_valid(tmp_path: Path, rules: FacturXRules) -> None:
    # When the samples are written, then each kind that was asked is there, and valid
    said: list[str] = []
    assert write_samples(tmp_path, said.append) == 0
    assert {path.stem for path in tmp_path.glob("*.pdf")} == {
        *("facture", "facture-trois-pages", "avoir", "autoliquidation"),
        *("payee-par-carte", "consommateur"),
    }
    assert len(PdfReader(tmp_path / "facture-trois-pages.pdf").pages) == 3
    for path in tmp_path.glob("*.xml"):
        assert rules.broken(path.read_bytes()) == []
        attached = PdfReader(path.with_suffix(".pdf")).attachments["factur-x.xml"]
        assert attached == [path.read_bytes()]
    # And the reverse charge, the paid one and the consumer's say what they are
    paid, reverse = tmp_path / "payee-par-carte.pdf", tmp_path / "autoliquidation.pdf"
    assert "Reste à payer 0,00 €" in text_of(paid.read_bytes())
    assert "Autoliquidation" in text_of(reverse.read_bytes())
    assert "pénalités" not in text_of((tmp_path / "consommateur.pdf").read_bytes())
