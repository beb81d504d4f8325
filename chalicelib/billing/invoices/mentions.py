"""What the law wants written on an invoice or a credit note besides its figures (BIL-11).

A note is a mention with the code that electronic invoicing gives it: PMT (recovery fee), PMD (late
penalties), AAB (discount), none for the others.  Each is written in the reader's language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.billing.invoices.credit_note import CreditNote, InvoiceReference
from chalicelib.billing.invoices.invoice import Buyer, Draft, Invoice
from chalicelib.billing.invoices.late_terms import late_terms_on
from chalicelib.billing.invoices.totals import Totals
from chalicelib.foundation.settings import Company
from chalicelib.texts.french_text import HARD, day_text, money_text

_CATEGORIES = {
    frozenset({"services"}): ("prestation de services", "supply of services"),
    frozenset({"goods"}): ("livraison de biens", "supply of goods"),
    frozenset({"services", "goods"}): (
        "mixte, prestation de services et livraison de biens",
        "mixed, supply of services and of goods",
    ),
}


@dataclass(frozen=True)
class Note:
    """A mention; ``code`` is that of UNTDID 4451, "" for none.

    One that is not ``printed`` only tells readers of the XML that its subject does not apply.
    """

    code: str
    text: str
    printed: bool = True


def mentions_of(draft: Draft, issued_on: date, seller: Company | None = None) -> tuple[str, ...]:
    """Give the mentions of an invoice issued on a Paris day, in the client's language (BIL-11).

    Between professionals: penalty and recovery fee, from the dated table; never for consumers.
    """
    notes = _notes(
        draft.buyer,
        draft.totals,
        natures_of(draft),
        issued_on,
        seller,
        late_rate_percent=draft.late_rate_percent,
    )
    return _printed(notes)


def credit_note_mentions(
    buyer: Buyer,
    totals: Totals,
    natures: Iterable[str],
    *,
    reference: InvoiceReference,
    issued_on: date,
) -> tuple[str, ...]:
    """Give the mentions of a credit note: it cites its invoice, number and date (BIL-5, BIL-11)."""
    cited = _in(
        buyer,
        f"Avoir sur la facture {reference.number} du {day_text(reference.issued_on)}.",
        f"Credit note on invoice {reference.number} of {reference.issued_on:%-d %B %Y}.",
    )
    notes = _notes(buyer, totals, frozenset(natures), issued_on, None, due=False)
    return (cited, *_printed(notes))


def notes_of(document: Invoice | CreditNote) -> list[Note]:
    """Give the mentions of an issued document with their codes, each coded one once (BIL-11)."""
    expected = _notes(
        document.buyer,
        document.totals,
        natures_of(document),
        document.issued_on,
        document.seller,
        due=isinstance(document, Invoice),
        late_rate_percent=document.late_rate_percent if isinstance(document, Invoice) else None,
    )
    codes = {note.text: note.code for note in expected}
    notes = [Note(codes.get(text, ""), text) for text in document.mentions]
    there = {note.code for note in notes}
    # Codes are compulsory even where they do not apply, or where a text was worded otherwise.
    return notes + [note for note in expected if note.code and note.code not in there]


def natures_of(document: Draft | Invoice | CreditNote) -> frozenset[str]:
    """Tell whether a document bills services, goods or both: what is rented is a service."""
    if isinstance(document, CreditNote):
        return frozenset(line.nature for line in document.lines)
    charged = {charge.nature for charge in document.charges}
    return frozenset(charged | {"services"} if document.lines or not charged else charged)


def _printed(notes: Iterable[Note]) -> tuple[str, ...]:
    return tuple(note.text for note in notes if note.printed)


def _notes(  # noqa: PLR0913 - what the law looks at
    buyer: Buyer,
    totals: Totals,
    natures: frozenset[str],
    issued_on: date,
    seller: Company | None,
    *,
    due: bool = True,
    late_rate_percent: Decimal | None = None,
) -> list[Note]:
    category = _CATEGORIES[natures]
    french = {part.vat.mention for part in totals.by_rate if part.vat.mention}
    debits = seller is not None and seller.vat_on_debits
    return [
        Note(
            "",
            _in(
                buyer,
                f"Catégorie de l’opération{HARD}: {category[0]}.",
                f"Category of operation: {category[1]}.",
            ),
        ),
        *(Note("", _in(buyer, text, _ENGLISH.get(text, text))) for text in sorted(french)),
        *([Note("", "Option pour le paiement de la taxe d’après les débits.")] if debits else []),
        *(_payment_notes(buyer, issued_on, late_rate_percent, due=due)),
    ]


def _payment_notes(
    buyer: Buyer, issued_on: date, late_rate_percent: Decimal | None, *, due: bool
) -> list[Note]:
    terms = late_terms_on(issued_on)
    fee = terms.recovery_fee_cents
    french, english = _late_rate(terms.points_above_ecb_rate, late_rate_percent)
    applies = buyer.is_professional and due
    discount = Note(
        "AAB",
        _in(buyer, "Pas d’escompte pour paiement anticipé.", "No discount for early payment."),
        printed=due,
    )
    if not applies:
        return [discount, *_inapplicable(buyer)]
    return [
        discount,
        Note(
            "PMD",
            _in(
                buyer,
                "En cas de retard de paiement, des pénalités sont dues de plein droit dès le "
                f"lendemain de l’échéance, sans rappel, {french}.",
                "Late payment: penalties are due by law from the day after the due date, without "
                f"reminder, {english}.",
            ),
        ),
        Note(
            "PMT",
            _in(
                buyer,
                "Tout retard de paiement entraîne aussi une indemnité forfaitaire pour frais de "
                f"recouvrement de {money_text(fee)}.",
                f"Any late payment also entails a fixed recovery fee of €{fee // 100}.",
            ),
        ),
    ]


def _inapplicable(buyer: Buyer) -> list[Note]:
    """Say it to readers of the XML, whose rules want both codes: they bind professionals alone."""
    return [
        Note(
            "PMD",
            _in(buyer, "Pénalités de retard\u00a0: sans objet.", "Late penalties: not applicable."),
            printed=False,
        ),
        Note(
            "PMT",
            _in(
                buyer,
                "Indemnité de recouvrement\u00a0: sans objet.",
                "Recovery fee: not applicable.",
            ),
            printed=False,
        ),
    ]


# The mentions of the VAT table in English; the French term stays where the law quotes it.
_ENGLISH = {
    "Autoliquidation": "Autoliquidation (reverse charge)",
    "TVA non applicable en Guyane et à Mayotte.": "VAT does not apply in Guyane and Mayotte.",
    "Prestation hors du champ d’application de la TVA française.": (
        "Supply outside the scope of French VAT."
    ),
}


def _in(buyer: Buyer, french: str, english: str) -> str:
    return english if buyer.language == "en" else french


def _late_rate(points: int, agreed_percent: Decimal | None) -> tuple[str, str]:
    """Say the rate of late interest: the contract's, else that of the terms; by law at least."""
    if agreed_percent is None:
        return (
            "au taux de refinancement de la Banque centrale européenne majoré de "
            f"{points} points, et au moins à trois fois le taux d’intérêt légal",
            f"at the refinancing rate of the European Central Bank plus {points} points, and at "
            "least at three times the legal interest rate",
        )
    rate = f"{agreed_percent.normalize():f}"
    return (
        f"au taux annuel convenu de {rate.replace('.', ',')}{HARD}%, et au moins à trois fois "
        "le taux d’intérêt légal",
        f"at the agreed annual rate of {rate}%, and at least at three times the legal interest "
        "rate",
    )
