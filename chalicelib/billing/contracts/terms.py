"""What a contract may be made of, and what is refused (CGV art. 8.1(b), 17; BIL-6, CAT-4)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.accounts.clients.account import Account, AccountStatus
from chalicelib.billing.contracts.contract import (
    ARTICLE,
    LONGEST_TERM,
    SHORTEST_TERM,
    Commitment,
    Contract,
    ContractBilling,
)
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.foundation.errors import DomainError, FieldErrors

MOST_COMMITTED = 10_000  # of one configuration
LONGEST_TERMS_DAYS = 60  # by law, between professionals
HIGHEST_LATE_RATE = 30  # percent a year
LONGEST_TEXT = 200
_FURTHEST_START = timedelta(days=366)
_HUNDRED = 100
_DECIMALS = 2


@dataclass(frozen=True)
class ContractTerms:
    """What the operator fills in; ``quantities`` by code of configuration or option."""

    reference: str
    starts_on: date
    months: int
    billing: ContractBilling
    discount_percent: Decimal
    quantities: dict[str, int]
    terms_days: int | None = None
    late_rate_percent: Decimal | None = None


def require_open(account: Account) -> None:
    """Refuse an account that cannot commit itself.  Raises DomainError (CGV art. 8.1; CAT-4)."""
    if not account.annual_enabled:
        raise DomainError(
            "L’engagement annuel n’est pas ouvert à ce client\u00a0: ouvrez-le d’abord sur sa "
            "fiche.",
            article=ARTICLE,
        )
    if account.status is not AccountStatus.ACTIVE:
        raise DomainError(
            "Ce compte n’est pas actif\u00a0: aucun contrat ne peut lui être proposé."
        )


def require_sensible(terms: ContractTerms, day: date) -> None:
    """Refuse terms that make no sense on a Paris day.  Raises FieldErrors."""
    errors = _term_errors(terms, day) | _quantity_errors(terms)
    if not 0 < len(terms.reference.strip()) <= LONGEST_TEXT:
        errors["reference"] = "Indiquez la référence du contrat ou du devis."
    if not _is_discount(terms.discount_percent):
        errors["discount"] = "La remise va de 0 à 99,99\u00a0%, avec deux décimales au plus."
    if terms.terms_days is not None and not 0 <= terms.terms_days <= LONGEST_TERMS_DAYS:
        errors["terms_days"] = "Le délai de paiement va de 0 à 60 jours."
    if terms.late_rate_percent is not None and not _is_late_rate(terms.late_rate_percent):
        errors["late_rate"] = (
            "Le taux de pénalités va de 0 à 30\u00a0% l’an, avec deux décimales au plus."
        )
    if errors:
        raise FieldErrors(errors)


def require_priced(contract: Contract) -> None:
    """Refuse what its discount makes free of charge.  Raises FieldErrors."""
    if not all(contract.unit_cents(each) for each in contract.commitments):
        raise FieldErrors({"discount": "Avec cette remise, une ligne du contrat serait gratuite."})


def _term_errors(terms: ContractTerms, day: date) -> dict[str, str]:
    errors = {}
    if terms.starts_on.day != 1 or terms.starts_on <= day:
        errors["start"] = "Un contrat commence le premier jour d’un mois à venir."
    elif terms.starts_on > day + _FURTHEST_START:
        errors["start"] = "Un contrat commence dans les douze mois."
    if not SHORTEST_TERM <= terms.months <= LONGEST_TERM:
        errors["months"] = "Un engagement dure de 12 à 60 mois."
    return errors


def _quantity_errors(terms: ContractTerms) -> dict[str, str]:
    errors = {}
    for code, quantity in terms.quantities.items():
        if not 0 <= quantity <= MOST_COMMITTED:
            errors[f"quantity_{code}"] = "Indiquez une quantité de 0 à 10\u202f000."
    if not any(terms.quantities.values()):
        errors["quantities"] = "Engagez au moins un bureau."
    return errors


def commitments_of(terms: ContractTerms, catalogue: Catalogue, day: date) -> list[Commitment]:
    """Fix what is committed to, at the price announced for the first day of the contract.

    Raises FieldErrors for what is not sold any more.
    """
    on_sale = {each.code for each in catalogue.on_sale(day)}
    options = {each.code for each in catalogue.options}
    wanted = {code: quantity for code, quantity in terms.quantities.items() if quantity}
    gone = {
        f"quantity_{code}": "Cette offre n’est plus vendue."
        for code in wanted
        if code not in on_sale | options
    }
    if gone:
        raise FieldErrors(gone)
    return [
        Commitment(
            kind="desktop" if code in on_sale else "option",
            code=code,
            label=catalogue.names[code],
            quantity=quantity,
            list_monthly_excl_vat_cents=catalogue.price_on(code, terms.starts_on),
        )
        for code, quantity in wanted.items()
    ]


def sentence(field: str, text: str) -> str:
    """Give a compulsory short text.  Raises FieldErrors when it is empty or too long."""
    text = text.strip()
    if not text:
        raise FieldErrors({field: "Ce champ est obligatoire."})
    if len(text) > LONGEST_TEXT:
        raise FieldErrors({field: "Ce texte est trop long."})
    return text


def _is_discount(percent: Decimal) -> bool:
    return _is_short(percent) and 0 <= percent < _HUNDRED


def _is_late_rate(percent: Decimal) -> bool:
    return _is_short(percent) and 0 <= percent <= HIGHEST_LATE_RATE


def _is_short(percent: Decimal) -> bool:
    exponent = percent.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DECIMALS
