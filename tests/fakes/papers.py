"""Issued documents of every kind, for those who draw, write and check them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from chalicelib.accounts.clients.account import AccountKind, PaymentMode, PostalAddress
from chalicelib.billing.invoices.credit_note import (
    CreditLine,
    CreditNote,
    InvoiceReference,
    credit_note_id_of,
)
from chalicelib.billing.invoices.invoice import (
    Allowance,
    Buyer,
    ChargeLine,
    Draft,
    Invoice,
    InvoiceLine,
    invoice_id_of,
)
from chalicelib.billing.invoices.mentions import credit_note_mentions, mentions_of
from chalicelib.billing.invoices.numbering import due_on
from chalicelib.billing.invoices.proration import prorate
from chalicelib.billing.invoices.totals import totals_of
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.money import from_cents, to_cents
from chalicelib.foundation.settings import Company
from tests.fakes.billing import SELLER, an_account
from tests.fakes.clock import paris

OCTOBER = BillingMonth.parse("2026-10")
FRENCH = VatTreatment(Decimal(20))
REVERSE = VatTreatment(Decimal(0), "AE", "Autoliquidation")
OUTSIDE = VatTreatment(
    Decimal(0), "O", "Prestation hors du champ d’application de la TVA française."
)
GUYANE = VatTreatment(Decimal(0), "E", "TVA non applicable en Guyane et à Mayotte.")
GUADELOUPE = VatTreatment(Decimal("8.5"))
IN_GERMANY = VatTreatment(Decimal(19), country="DE")


def a_line(  # what a line depends on
    name: str = "Compta",
    *,
    days: int = 31,
    cents: int = 2900,
    quantity: int = 1,
    month: BillingMonth = OCTOBER,
    vat: VatTreatment = FRENCH,
    label: Label | None = None,
) -> InvoiceLine:
    """Bill a desktop over days of a month."""
    amount = prorate(from_cents(cents * quantity), days, month).charged
    return InvoiceLine(
        desktop_id=f"dsk_{name.lower()}",
        desktop_name=name,
        kind="desktop",
        code="standard",
        label=label or Label("Standard", "Standard"),
        quantity=quantity,
        monthly_excl_vat_cents=cents,
        days=days,
        month=month,
        vat=vat,
        amount_excl_vat_cents=to_cents(amount),
    )


def a_charge(
    cents: int = 4500,
    *,
    quantity: int = 1,
    listed: int | None = None,
    vat: VatTreatment = FRENCH,
    goods: bool = False,
) -> ChargeLine:
    """Bill a lost pod, or an intervention."""
    return ChargeLine(
        key=f"charge:{cents}:{quantity}",
        kind="pod_loss" if goods else "intervention",
        label=Label("OmnyPod perdu", "Lost OmnyPod") if goods else Label("Intervention", "Work"),
        detail=Label("Décision du 12 octobre", "Decision of 12 October"),
        quantity=quantity,
        unit_excl_vat_cents=cents,
        list_unit_excl_vat_cents=listed or cents,
        vat=vat,
        amount_excl_vat_cents=cents * quantity,
        nature="goods" if goods else "services",
    )


def an_allowance(cents: int = 500, vat: VatTreatment = FRENCH) -> Allowance:
    """Take a service credit off."""
    label = Label("Avoir de disponibilité", "Availability credit")
    return Allowance("credit:1", label, "Panne du 3 septembre", vat, cents, "crd_1")


def an_issued_invoice(
    lines: tuple[InvoiceLine, ...] | None = None,
    *,
    charges: tuple[ChargeLine, ...] = (),
    allowances: tuple[Allowance, ...] = (),
    seller: Company = SELLER,
    issued_on: date = date(2026, 11, 1),
    number: str = "F-2026-000412",
    delivery: PostalAddress | None = None,
    **account: object,
) -> Invoice:
    """Issue an invoice of October, to a company in Lyon unless told otherwise."""
    lines = (a_line(),) if lines is None else lines
    client = an_account(**account)
    totals = totals_of(
        [
            *((line.amount_excl_vat_cents, line.vat) for line in lines),
            *((charge.amount_excl_vat_cents, charge.vat) for charge in charges),
            *((-each.amount_excl_vat_cents, each.vat) for each in allowances),
        ]
    )
    draft = Draft(
        account_id=client.id,
        month=OCTOBER,
        lines=lines,
        totals=totals,
        buyer=Buyer.of(client),
        payment_mode=client.payment_mode,
        usage_digest="0" * 64,
        charges=charges,
        allowances=allowances,
    )
    return Invoice(
        id=invoice_id_of(client.id, OCTOBER),
        number=number,
        account_id=client.id,
        month=OCTOBER,
        issued_at=paris("2026-11-01 05:00"),
        issued_on=issued_on,
        due_on=due_on(client.payment_mode, OCTOBER, issued_on, 30),
        lines=lines,
        totals=totals,
        seller=seller,
        buyer=draft.buyer,
        payment_mode=client.payment_mode,
        mentions=mentions_of(draft, issued_on, seller),
        usage_digest=draft.usage_digest,
        charges=charges,
        allowances=allowances,
        delivery=delivery,
    )


def a_credit_note(invoice: Invoice, *, cents: int | None = None) -> CreditNote:
    """Take an invoice's first line back, in whole unless told otherwise."""
    line = invoice.lines[0]
    amount = line.amount_excl_vat_cents if cents is None else cents
    credited = CreditLine(
        line_key=line.key,
        label=line.label,
        quantity=Label("31 jours sur 31", "31 of 31 days"),
        vat=line.vat,
        amount_excl_vat_cents=amount,
        desktop_id=line.desktop_id,
        desktop_name=line.desktop_name,
    )
    totals = totals_of([(amount, line.vat)])
    reference = InvoiceReference.of(invoice)
    issued_on = date(2026, 11, 12)
    return CreditNote(
        id=credit_note_id_of(invoice.id, "1"),
        number="A-2026-000007",
        account_id=invoice.account_id,
        month=invoice.month,
        issued_at=paris("2026-11-12 10:00"),
        issued_on=issued_on,
        invoice=reference,
        lines=(credited,),
        totals=totals,
        seller=invoice.seller,
        buyer=invoice.buyer,
        payment_mode=invoice.payment_mode,
        reason="Bureau resté inaccessible en octobre.",
        mentions=credit_note_mentions(
            invoice.buyer, totals, {"services"}, reference=reference, issued_on=issued_on
        ),
    )


def abroad(country: str, **changes: object) -> dict[str, object]:
    """Describe a client elsewhere, without SIREN."""
    address = replace(
        an_account().address, country=country, postal_code="1010", city="Ville d’Exemple"
    )
    return {"address": address, "siren": "", **changes}


CONSUMER = {"kind": AccountKind.CONSUMER, "siren": "", "name": "Camille Exemple"}
ON_ACCOUNT = {"payment_mode": PaymentMode.INVOICE}
