"""An invoice or credit note as PDF/A-3 with its Factur-X XML inside, every mention of the law on it
(law, invoices; BIL-5, BIL-11).
"""

from chalicelib.accounts.clients.account import PaymentMode
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.papers.facturx import FILE_NAME, Paid
from chalicelib.billing.papers.facturx import xml as facturx_xml
from chalicelib.billing.papers.paper_rows import columns_of, rows_of_document
from chalicelib.billing.papers.paper_words import Words
from chalicelib.billing.papers.party_text import buyer_lines, delivery_lines, seller_lines
from chalicelib.paper.pdf import Carried, PdfDocument, Total
from chalicelib.texts.french_text import HARD


def invoice_pdf(
    document: Invoice | CreditNote,
    xml: bytes | None = None,
    *,
    logo: bytes = b"",
    paid: Paid | None = None,
) -> bytes:
    """Draw a document; the same document always gives the same bytes (BIL-11).

    ``xml`` is its Factur-X, written when not given; ``paid`` makes the copy of a paid invoice.
    """
    words = Words(document.buyer.language)
    title = f"{words('Facture' if isinstance(document, Invoice) else 'Avoir')} {document.number}"
    paper = PdfDocument(
        title=title,
        company=document.seller,
        created_at=document.issued_at,
        language=words.language,
        logo=logo,
    )
    paper.title(title, _subtitle(document, words, paid))
    paper.parties(
        (words("Vendeur"), seller_lines(document.seller, words.language)),
        (words("Client"), buyer_lines(document.buyer)),
    )
    delivered = delivery_lines(document)
    if delivered:
        paper.paragraph(f"{words('Livré à')}{HARD}: {', '.join(delivered)}")
    paper.facts(facts_of(document, paid))
    carried = Carried(words("À reporter"), words("Report"), words.money)
    paper.table(columns_of(document), rows_of_document(document), carried=carried)
    paper.totals(totals_of_document(document, paid))
    for text in _payment_lines(document, words, paid):
        paper.paragraph(text)
    paper.legal((*_computed(document, words), *document.mentions))
    described = xml if xml is not None else facturx_xml(document, paid=paid)
    paper.embed_invoice(described, FILE_NAME, title)
    return paper.content()


def _subtitle(document: Invoice | CreditNote, words: Words, paid: Paid | None) -> str:
    if isinstance(document, CreditNote):
        cited = document.invoice
        return words.pick(
            f"Sur la facture {cited.number} du {words.day(cited.issued_on)}",
            f"On invoice {cited.number} of {words.day(cited.issued_on)}",
        )
    if paid:
        return words("Duplicata d’une facture acquittée")
    month = words.month(document.month.first_day)
    return words.pick(f"Services rendus en {month}", f"Services supplied in {month}")


def facts_of(document: Invoice | CreditNote, paid: Paid | None = None) -> list[tuple[str, str]]:
    """Give date, due date or invoice cited, period and means of payment."""
    words = Words(document.buyer.language)
    by_card = document.payment_mode is PaymentMode.CARD
    last = words.day(document.month.last_day)
    period = words.pick(f"1er au {last}", f"1 to {last}")
    facts = [(words("Date d’émission"), words.day(document.issued_on))]
    if isinstance(document, CreditNote):
        cited = f"{document.invoice.number}"
        return [*facts, (words("Facture d’origine"), cited), (words("Période"), period)]
    due = paid.on if paid else document.due_on
    return [
        *facts,
        (words("Échéance"), words.day(due)),
        (words("Période"), period),
        (words("Paiement"), words("Carte bancaire" if by_card else "Virement")),
    ]


def totals_of_document(document: Invoice | CreditNote, paid: Paid | None = None) -> list[Total]:
    """Give the block of totals: allowances, one line per rate, what is due (BIL-8, BIL-10)."""
    words, totals = Words(document.buyer.language), document.totals
    allowances = document.allowances if isinstance(document, Invoice) else ()
    block: list[Total] = []
    if allowances:
        taken_off = sum(each.amount_excl_vat_cents for each in allowances)
        block.append(Total(words("Sous-total HT"), words.money(totals.excl_vat_cents + taken_off)))
        block += [
            Total(
                f"{each.label[words.language]} – {each.reason}"
                if each.reason
                else each.label[words.language],
                words.money(-each.amount_excl_vat_cents),
            )
            for each in allowances
        ]
    block.append(Total(words("Total HT"), words.money(totals.excl_vat_cents)))
    several = len(totals.by_rate) > 1
    for part in totals.by_rate:
        label = f"{words('TVA')} {words.percent(part.vat.rate_percent)}"
        if part.vat.country != "FR":
            label += f" ({part.vat.country})"
        if several:
            label += f" {words('sur')} {words.money(part.base_cents)}"
        block.append(Total(label, words.money(part.vat_cents)))
    strong = words("Total TTC" if isinstance(document, Invoice) else "Total de l’avoir TTC")
    block.append(Total(strong, words.money(totals.incl_vat_cents), strong=True))
    if paid:
        block += [
            Total(words("Déjà payé"), words.money(totals.incl_vat_cents)),
            Total(words("Reste à payer"), words.money(0), strong=True),
        ]
    return block


def _payment_lines(document: Invoice | CreditNote, words: Words, paid: Paid | None) -> list[str]:
    """Say how it is paid, or paid back."""
    if isinstance(document, CreditNote):
        return [
            f"{words('Motif')}{HARD}: {document.reason}",
            words.pick(
                "Ce montant se déduit de ce qui reste dû sur la facture\u00a0; ce qui a déjà été "
                "payé est rendu par le moyen de paiement utilisé.",
                "This amount is deducted from what is still owed on the invoice; what was already "
                "paid is given back by the means of payment used.",
            ),
        ]
    if paid:
        day = words.day(paid.on)
        return [words.pick(f"Payée par carte bancaire le {day}.", f"Paid by card on {day}.")]
    company = document.seller
    if document.payment_mode is PaymentMode.CARD:
        return [
            words.pick(
                "Votre carte enregistrée est débitée de ce montant, sans démarche de votre part.",
                "Your saved card is charged this amount; there is nothing for you to do.",
            )
        ]
    if not company.iban:
        return []
    bank = f"IBAN {company.iban}" + (f" – BIC {company.bic}" if company.bic else "")
    return [
        words.pick(
            f"Par virement sur le compte {bank}, en rappelant le numéro {document.number}.",
            f"By transfer to {bank}, quoting {document.number}.",
        )
    ]


def _computed(document: Invoice | CreditNote, words: Words) -> list[str]:
    if isinstance(document, CreditNote) or not document.lines:
        return []
    return [
        words.pick(
            "Chaque montant mensuel est le prix multiplié par les jours d’utilisation et divisé "
            "par les jours du mois, arrondi une fois au centime. Un jour commencé compte en "
            "entier.",
            "Each monthly amount is the price multiplied by the days of use and divided by the "
            "days of the month, rounded once to the cent. A day begun counts whole.",
        )
    ]
