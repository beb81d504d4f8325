"""Real documents of the demo accounts in ``.local/samples``: PDF, XML, and that they are valid.

Drafted by the functions of the month-end run from usage days of October 2026, drawn by those of the
documents' worker; numbers and dates are what an issue would have given.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from chalicelib.accounts.clients.account import Account, AccountKind, PaymentMode, PostalAddress
from chalicelib.billing.credits.credit_rules import (
    CreditRequest,
    credit_left,
    credit_lines,
    credit_totals,
)
from chalicelib.billing.drafts.drafting import DraftBasis, draft_of
from chalicelib.billing.invoices.credit_note import CreditNote, InvoiceReference, credit_note_id_of
from chalicelib.billing.invoices.invoice import Invoice, invoice_id_of
from chalicelib.billing.invoices.mentions import credit_note_mentions, mentions_of
from chalicelib.billing.invoices.numbering import credit_note_number, due_on, invoice_number
from chalicelib.billing.invoices.proration import prorate
from chalicelib.billing.papers.document_record import Document
from chalicelib.billing.papers.facturx import Paid, xml
from chalicelib.billing.papers.invoice_pdf import invoice_pdf
from chalicelib.billing.vat.rules import VatFacts, vat_of
from chalicelib.catalogue.catalogue import Catalogue, catalogue_of
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.money import to_cents
from chalicelib.metering.usage import UsageDay, UsageItem
from infra.checks.facturx_rules import FacturXRules
from infra.local.company import COMPANY
from infra.local.demo.forms import COMPANY_FORM, CONSUMER_FORM, TRADER_FORM
from infra.project import ROOT
from infra.terminal import ended

FOLDER = ROOT / ".local" / "samples"
_CATALOGUE = ROOT / "chalicelib" / "catalogue" / "demo_catalogue.json"
_LOGO = ROOT / "chalicelib" / "console" / "static" / "favicon.svg"
_MONTH = BillingMonth.parse("2026-10")
_ISSUED_AT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
_ISSUED_ON, _CREDITED_ON = date(2026, 11, 1), date(2026, 11, 9)

# What is rented: a desktop's name, its configuration, options, first and last day of use.
Rented = tuple[str, str, tuple[tuple[str, int], ...], int, int]


def _account(form: dict[str, str], **changes: object) -> Account:
    kind = AccountKind(form["kind"])
    name = f"{form['first_name']} {form['last_name']}"
    account = Account(
        id=AccountId(f"acc_{form['email'].split('@')[0]}"),
        kind=kind,
        name=form.get("legal_name", name),
        email=form["email"],
        phone=form["phone"],
        address=PostalAddress(
            form["line1"],
            form.get("line2", ""),
            form["postal_code"],
            form["city"],
            form.get("country", "FR"),
        ),
        first_name=form["first_name"],
        last_name=form["last_name"],
        created_at=_ISSUED_AT,
        siren=form.get("siren", ""),
        vat_number=form.get("vat_number", ""),
        language=form["language"],
    )
    return replace(account, **changes)  # type: ignore[arg-type]


def _usage(account: Account, rented: list[Rented], catalogue: Catalogue) -> list[UsageDay]:
    days = []
    for number in range(1, _MONTH.day_count + 1):
        day = _MONTH.first_day.replace(day=number)
        items = []
        for rank, (name, code, options, first, last) in enumerate(rented):
            if not first <= number <= last:
                continue
            desktop = f"dsk_sample{rank:03d}"
            price = catalogue.price_on(code, day)
            items.append(UsageItem(desktop, name, "desktop", code, 1, price))
            items += [
                UsageItem(desktop, name, "option", each, count, catalogue.price_on(each, day))
                for each, count in options
            ]
        days.append(UsageDay(account.id, day, tuple(items)))
    return days


def _invoice(
    number: int, account: Account, rented: list[Rented], facts: VatFacts | None = None
) -> Invoice:
    catalogue = catalogue_of(json.loads(_CATALOGUE.read_text(encoding="utf-8")), 1)
    basis = DraftBasis(
        usage=_usage(account, rented, catalogue),
        catalogue=catalogue,
        vat=lambda day: vat_of(account, day, facts or VatFacts()),
    )
    draft = draft_of(account, _MONTH, basis)
    return Invoice(
        id=invoice_id_of(account.id, _MONTH),
        number=invoice_number(number, _ISSUED_ON),
        account_id=account.id,
        month=_MONTH,
        issued_at=_ISSUED_AT,
        issued_on=_ISSUED_ON,
        due_on=due_on(account.payment_mode, _MONTH, _ISSUED_ON, 30),
        lines=draft.lines,
        totals=draft.totals,
        seller=COMPANY,
        buyer=draft.buyer,
        payment_mode=draft.payment_mode,
        mentions=mentions_of(draft, _ISSUED_ON, COMPANY),
        usage_digest=draft.usage_digest,
        charges=draft.charges,
        allowances=draft.allowances,
    )


def _credit_note(invoice: Invoice) -> CreditNote:
    whole, graphic, *_ = invoice.lines
    days = prorate(graphic.monthly_price, 3, invoice.month).charged
    requests = [
        CreditRequest(whole.key, whole.amount_excl_vat_cents),
        CreditRequest(graphic.key, to_cents(days), days=3),
    ]
    left = credit_left(invoice, [])
    lines = credit_lines(left, requests)
    totals = credit_totals(left, lines)
    reference = InvoiceReference.of(invoice)
    return CreditNote(
        id=credit_note_id_of(invoice.id, "sample"),
        number=credit_note_number(7, _CREDITED_ON),
        account_id=invoice.account_id,
        month=invoice.month,
        issued_at=datetime(2026, 11, 9, 9, 30, tzinfo=UTC),
        issued_on=_CREDITED_ON,
        invoice=reference,
        lines=lines,
        totals=totals,
        seller=COMPANY,
        buyer=invoice.buyer,
        payment_mode=invoice.payment_mode,
        reason="Bureau resté inaccessible en octobre, réclamation acceptée.",
        mentions=credit_note_mentions(
            invoice.buyer, totals, {"services"}, reference=reference, issued_on=_CREDITED_ON
        ),
    )


def _samples() -> dict[str, tuple[Document, Paid | None]]:
    lumen, orme, alix = _account(COMPANY_FORM), _account(TRADER_FORM), _account(CONSUMER_FORM)
    brussels = PostalAddress("Rue de l’Exemple 12", "", "1000", "Bruxelles", "BE")
    belgian = replace(
        lumen,
        name="Studio Exemple SRL",
        address=brussels,
        siren="",
        vat_number="BE0123456749",
        payment_mode=PaymentMode.INVOICE,
        language="en",
    )
    few: list[Rented] = [
        ("Image 1", "graphique", (("storage-10gb", 5), ("backup", 1)), 1, 31),
        ("Image 2", "graphique", (("backup", 1),), 13, 31),
        ("Accueil", "standard", (), 1, 31),
        ("Stagiaire", "standard", (), 5, 23),
    ]
    many: list[Rented] = [
        (f"Poste {rank:02d}", ("standard", "essentiel", "pro")[rank % 3], (("backup", 1),), 1, 31)
        for rank in range(1, 19)
    ]
    on_account = replace(orme, payment_mode=PaymentMode.INVOICE)
    invoice = _invoice(412, on_account, few)
    alone: list[Rented] = [("Mon bureau", "essentiel", (("backup", 1),), 4, 31)]
    paid = _invoice(414, lumen, few)
    return {
        "facture": (invoice, None),
        "facture-trois-pages": (_invoice(413, on_account, many), None),
        "avoir": (_credit_note(invoice), None),
        "autoliquidation": (_invoice(415, belgian, few, VatFacts(number_is_confirmed=True)), None),
        "payee-par-carte": (paid, Paid(_ISSUED_ON)),
        "consommateur": (_invoice(416, alix, alone), None),
    }


def main(folder: Path = FOLDER, say: Callable[[str], None] = print) -> int:
    """Write the samples and check them; give the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    rules, status = FacturXRules(), 0
    logo = _LOGO.read_bytes()
    for name, (document, paid) in _samples().items():
        written = xml(document, paid=paid)
        pdf = invoice_pdf(document, written, paid=paid, logo=logo)
        (folder / f"{name}.xml").write_bytes(written)
        (folder / f"{name}.pdf").write_bytes(pdf)
        broken = rules.broken(written)
        status |= bool(broken)
        pages = pdf.count(b"/Type /Page\n")
        say(f"{name:22} {document.number}  {pages} p.  {broken or 'valid'}")
    rules.close()
    say(f"in {folder}")
    return status


if __name__ == "__main__":
    sys.exit(ended(main))
