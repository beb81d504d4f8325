"""The order on paper: what was agreed, between whom, under which documents (LEG-3, LEG-4).

Import this module inside the function that draws: fpdf2 is slow to import.
"""

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.accounts.clients.account import Account, PaymentMode, PostalAddress
from chalicelib.catalogue.catalogue import Catalogue, Configuration
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.settings import Company
from chalicelib.orders.model.commitments import commitment_on
from chalicelib.orders.model.order import Order, OrderLine, OrderState
from chalicelib.orders.model.request import ANNUAL
from chalicelib.paper.pdf import Column, PdfDocument, Row, Total
from chalicelib.texts.french_text import (
    HARD,
    day_text,
    grouped_digits,
    money_text,
    percent_text,
)

_COLUMNS = (
    Column("Désignation", 5.2),
    Column("Quantité", 1.2, "R"),
    Column("Prix mensuel HT", 1.8, "R"),
    Column("Montant mensuel HT", 2, "R"),
)


@dataclass(frozen=True)
class OrderPaper:
    """What the paper says: an order, its client, and what it refers to, as it then was.

    ``titles`` names the documents accepted, by kind.
    """

    order: Order
    account: Account
    catalogue: Catalogue
    company: Company
    titles: dict[str, str]


def order_pdf(content: OrderPaper) -> bytes:
    """Draw a validated order: the same content gives the same bytes (LEG-4)."""
    order, account, company = content.order, content.account, content.company
    paper = PdfDocument(
        title=f"Commande {order.number}",
        company=company,
        created_at=order.validated_at or order.accepted_at,
    )
    paper.title(f"Commande {order.number}", "Confirmation de commande avec obligation de paiement")
    paper.parties(("Vendeur", _seller(company)), ("Client", _client(account)))
    paper.facts(_facts(order))
    for line in order.lines:
        _line(paper, line, content.catalogue)
    _totals(paper, order, account)
    _delivery(paper, order)
    _accepted(paper, order, content.titles)
    _rights(paper, order, account, company)
    return paper.content()


def _seller(company: Company) -> list[str]:
    return [
        company.name,
        f"{company.legal_form} au capital de {company.capital}",
        company.address,
        f"{company.postal_code} {company.city}",
        f"SIREN {grouped_digits(company.siren)} · RCS {company.rcs_city}",
        f"TVA {company.vat_number}",
        company.email,
        company.phone,
    ]


def _client(account: Account) -> list[str]:
    person = f"{account.first_name} {account.last_name}"
    return [
        f"{account.name} {account.legal_form}".strip(),
        person if person != account.name else "",
        *_address(account.address),
        f"SIREN {grouped_digits(account.siren)}" if account.siren else "",
        f"TVA {account.vat_number}" if account.vat_number else "",
        account.email,
    ]


def _address(address: PostalAddress) -> list[str]:
    country = "" if address.country == "FR" else address.country
    return [
        address.line1,
        address.line2,
        f"{address.postal_code} {address.city}",
        country,
    ]


def _facts(order: Order) -> list[tuple[str, str]]:
    mode = "Carte bancaire" if order.payment_mode == PaymentMode.CARD else "Sur facture, à 30 jours"
    facts = [
        ("Commandée le", day_text(paris_day(order.accepted_at))),
        ("Paiement", mode),
    ]
    if order.validated_at:
        facts.insert(1, ("Confirmée le", day_text(paris_day(order.validated_at))))
    if order.billing_plan == ANNUAL:
        facts.append(("Facturation", "Engagement annuel, selon le contrat"))
    if order.desktop_due_on:
        facts.append(("En service au plus tard", day_text(order.desktop_due_on)))
    return facts


def _line(paper: PdfDocument, line: OrderLine, catalogue: Catalogue) -> None:
    configuration = catalogue.configuration(line.configuration_code)
    prices = dict(line.unit_prices)
    own_price = prices[line.configuration_code]
    rows = [
        Row(
            (
                f"Bureau virtuel {configuration.name.fr}",
                str(line.quantity),
                money_text(own_price),
                money_text(own_price * line.quantity),
            ),
            note=characteristics(configuration),
        )
    ]
    for code, count in line.option_codes:
        option, quantity = catalogue.option(code), count * line.quantity
        rows.append(
            Row(
                (
                    option.name.fr,
                    str(quantity),
                    money_text(prices[code]),
                    money_text(prices[code] * quantity),
                ),
                note=f"{count}{HARD}× {option.unit.fr} par bureau" if option.most > 1 else "",
            )
        )
    paper.table(_COLUMNS, rows)
    paper.paragraph("Bureaux\u00a0: " + ", ".join(line.desktop_names) + ".")


def characteristics(configuration: Configuration) -> str:
    """Describe a configuration in one French sentence (LEG-3)."""
    applications = ", ".join(each.name for each in configuration.applications)
    pod = "OmnyPod inclus" if configuration.pod_included else "sans OmnyPod"
    target = percent_text(Decimal(configuration.sla_percent))
    return (
        f"{configuration.vcpu}{HARD}vCPU, {configuration.memory_gib}{HARD}Go de mémoire, "
        f"{configuration.storage_gib}{HARD}Go de stockage, {configuration.os}, {applications}, "
        f"{pod}, disponibilité mensuelle visée {target}"
    )


def _totals(paper: PdfDocument, order: Order, account: Account) -> None:
    vat = order.monthly_incl_vat_cents - order.monthly_excl_vat_cents
    rate = percent_text(Decimal(order.vat_rate_percent))
    paper.totals(
        [
            Total("Total par mois HT", money_text(order.monthly_excl_vat_cents)),
            Total(f"TVA {rate}", money_text(vat)),
            Total("Total par mois TTC", money_text(order.monthly_incl_vat_cents), strong=True),
        ]
    )
    paper.paragraph(
        "Chaque mois est facturé à terme échu, au prorata des jours où le bureau existe\u00a0: "
        "prix mensuel × jours comptés ÷ jours du mois. Un jour commencé compte en entier, du jour "
        f"{_first_day(order)} au jour de la suppression, que le bureau serve ou non. Les jours "
        "ouvrés de retard sur le délai de mise en service ne sont pas facturés tant que le bureau "
        "n’est pas en service."
    )
    if account.is_professional:
        paper.paragraph(
            "Si le client quitte le service avant la fin du premier mois civil, ce premier mois "
            "est dû en entier."
        )


def _first_day(order: Order) -> str:
    if order.state is OrderState.AWAITING_START:
        return "du début du service"
    placed_at = order.placed_at or order.accepted_at
    confirmed_later = order.billable_at and paris_day(order.billable_at) > paris_day(placed_at)
    return "de la confirmation de la commande" if confirmed_later else "de la commande"


def _delivery(paper: PdfDocument, order: Order) -> None:
    delays = commitment_on(paris_day(order.validated_at or order.accepted_at))
    paper.heading("Mise en service et livraison")
    if order.state is OrderState.AWAITING_START:
        start = (
            f"le {day_text(order.starts_on)}, après le délai de rétractation"
            if order.starts_on
            else "après le délai de rétractation, qui court de la réception du dernier OmnyPod"
        )
        paper.paragraph(
            f"Le service commence {start}\u00a0: le client n’a pas demandé qu’il commence plus "
            "tôt. Rien n’est dû d’ici là."
        )
    elif order.desktop_due_on:
        paper.paragraph(
            f"Bureaux en service au plus tard le {day_text(order.desktop_due_on)} "
            f"({delays.desktop_working_days}{HARD}jours ouvrés après notre confirmation)."
        )
    if order.pod_due_on and order.delivery_address:
        place = ", ".join(filter(None, _address(order.delivery_address)))
        paper.paragraph(
            f"OmnyPods livrés au plus tard le {day_text(order.pod_due_on)} "
            f"({delays.pod_working_days}{HARD}jours ouvrés après notre confirmation), "
            f"à l’adresse\u00a0: {place}."
        )


def _accepted(paper: PdfDocument, order: Order, titles: dict[str, str]) -> None:
    paper.heading("Documents acceptés")
    for terms in order.terms:
        paper.paragraph(f"{titles[terms.kind]}, version {terms.version}")
        paper.legal([f"Empreinte SHA-256\u00a0: {terms.sha256}"])


def _rights(paper: PdfDocument, order: Order, account: Account, company: Company) -> None:
    paper.heading("Vos droits")
    paper.paragraph(
        "Rétractation\u00a0: 14\u00a0jours à compter de la réception du dernier OmnyPod ou, sans "
        "OmnyPod, de la souscription. Le formulaire est joint à notre message."
    )
    if order.express_request:
        paper.paragraph(
            "Vous avez demandé expressément que le service commence avant la fin de ce délai, et "
            "reconnu devoir, en cas de rétractation, le prix des jours de service rendus."
        )
    legal = (
        "garantie des vices cachés"
        if account.is_professional
        else ("garantie légale de conformité et garantie des vices cachés")
    )
    paper.paragraph(
        f"Garanties\u00a0: {legal}, dans les conditions de la loi\u00a0; disponibilité visée, "
        "crédits de service et remplacement de l’OmnyPod défectueux, selon les conditions "
        "générales."
    )
    paper.paragraph(
        f"Réclamation\u00a0: {company.email}, {company.phone}. À défaut d’accord, le consommateur "
        f"peut saisir gratuitement le médiateur\u00a0: {company.mediator}, {company.mediator_url}."
    )
