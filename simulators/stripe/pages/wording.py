"""The words of the hosted pages, in French and English."""

from decimal import Decimal
from typing import Any

NBSP = "\u00a0"

_FRENCH = {
    "test_mode": "Stripe simulé, mode test : aucun argent n’est prélevé.",
    "setup_title": "Enregistrer une carte",
    "setup_lead": "Votre banque vous demandera de confirmer. Rien n’est débité aujourd’hui.",
    "payment_title": "Payer par carte",
    "total": "Total à payer",
    "number": "Numéro de carte",
    "expiry": "Expiration",
    "expiry_hint": "MM / AA",
    "cvc": "CVC",
    "name": "Nom sur la carte",
    "save": "Enregistrer la carte",
    "pay": "Payer",
    "cancel": "Annuler et revenir",
    "test_cards": "Cartes de test",
    "test_number": "Numéro",
    "test_effect": "Ce qu’elle fait",
    "number_wrong": "Ce numéro de carte n’est pas valide.",
    "expiry_wrong": "Écrivez le mois et l’année, par exemple 12 / 30.",
    "expiry_past": "La date d’expiration de cette carte est passée.",
    "cvc_wrong": "Le CVC compte 3 ou 4 chiffres.",
    "name_missing": "Écrivez le nom tel qu’il figure sur la carte.",
    "authenticate_title": "Confirmer auprès de votre banque",
    "authenticate_setup": "Autorisez-vous l’enregistrement de la carte •••• {last4} ?",
    "authenticate_payment": "Autorisez-vous le paiement de {amount} avec la carte •••• {last4} ?",
    "allow": "Autoriser",
    "refuse": "Refuser",
    "gone_title": "Cette page n’est plus disponible",
    "gone": "Elle a déjà servi, ou son délai est passé.",
    "back": "Revenir",
    "error": "Votre carte n’a pas été acceptée",
}
_ENGLISH = {
    "test_mode": "Simulated Stripe, test mode: no money is taken.",
    "setup_title": "Save a card",
    "setup_lead": "Your bank will ask you to confirm. Nothing is charged today.",
    "payment_title": "Pay by card",
    "total": "Total to pay",
    "number": "Card number",
    "expiry": "Expiry",
    "expiry_hint": "MM / YY",
    "cvc": "CVC",
    "name": "Name on card",
    "save": "Save card",
    "pay": "Pay",
    "cancel": "Cancel and go back",
    "test_cards": "Test cards",
    "test_number": "Number",
    "test_effect": "What it does",
    "number_wrong": "This card number is not valid.",
    "expiry_wrong": "Write the month and the year, for example 12 / 30.",
    "expiry_past": "This card’s expiry date is past.",
    "cvc_wrong": "The CVC has 3 or 4 digits.",
    "name_missing": "Write the name as it appears on the card.",
    "authenticate_title": "Confirm with your bank",
    "authenticate_setup": "Do you allow card •••• {last4} to be saved?",
    "authenticate_payment": "Do you allow the payment of {amount} with card •••• {last4}?",
    "allow": "Allow",
    "refuse": "Refuse",
    "gone_title": "This page is no longer available",
    "gone": "It has already been used, or its time is over.",
    "back": "Go back",
    "error": "Your card was not accepted",
}
_FRENCH_REFUSALS = {
    "generic_decline": "Votre carte a été refusée.",
    "insufficient_funds": "Les fonds disponibles sur votre carte ne suffisent pas.",
    "expired_card": "Votre carte a expiré.",
    "incorrect_cvc": "Le code de sécurité de votre carte est incorrect.",
    "processing_error": "Une erreur est survenue. Essayez de nouveau dans un instant.",
    "test_mode_live_card": "Seules les cartes de test sont acceptées ici.",
    "payment_intent_authentication_failure": "Votre banque n’a pas confirmé. Essayez une autre "
    "carte.",
    "setup_intent_authentication_failure": "Votre banque n’a pas confirmé. Essayez une autre "
    "carte.",
}
_TEST_CARDS = {
    "fr": (
        ("4242 4242 4242 4242", "acceptée"),
        ("5555 5555 5555 4444", "acceptée, Mastercard"),
        ("4000 0025 0000 3155", "authentification au premier usage"),
        ("4000 0027 6000 3184", "authentification à chaque paiement"),
        ("4000 0000 0000 0341", "s’enregistre, puis les paiements sont refusés"),
        ("4000 0000 0000 0002", "refusée"),
        ("4000 0000 0000 9995", "fonds insuffisants"),
        ("4000 0000 0000 0069", "expirée"),
    ),
    "en": (
        ("4242 4242 4242 4242", "accepted"),
        ("5555 5555 5555 4444", "accepted, Mastercard"),
        ("4000 0025 0000 3155", "authentication on first use"),
        ("4000 0027 6000 3184", "authentication on every payment"),
        ("4000 0000 0000 0341", "is saved, then payments are declined"),
        ("4000 0000 0000 0002", "declined"),
        ("4000 0000 0000 9995", "insufficient funds"),
        ("4000 0000 0000 0069", "expired"),
    ),
}
_SIGNS = {"eur": "€", "usd": "$", "gbp": "£", "chf": "CHF"}


def words(language: str) -> dict[str, Any]:
    """Return the words of a language, with the narrow rules of French spacing applied."""
    if language != "fr":
        return {**_ENGLISH, "cards": _TEST_CARDS["en"]}
    spaced = {name: french_spacing(text) for name, text in _FRENCH.items()}
    return {**spaced, "cards": _TEST_CARDS["fr"]}


def french_spacing(text: str) -> str:
    """Put no-break spaces before the marks that take one."""
    for mark in ":;?!€":
        text = text.replace(f" {mark}", f"{NBSP}{mark}")
    return text


def refusal(language: str, code: str, decline_code: str | None, message: str) -> str:
    """Tell why a card was refused; English keeps Stripe's own message."""
    if language != "fr":
        return message
    fallback = _FRENCH_REFUSALS["generic_decline"]
    return _FRENCH_REFUSALS.get(decline_code or code, fallback)


def amount(language: str, cents: int, currency: str) -> str:
    """Write an amount as the language does: 12,00 € or €12.00."""
    exact = f"{Decimal(cents) / 100:,.2f}"
    sign = _SIGNS[currency]
    if language != "fr":
        return f"{sign}{exact}"
    return exact.replace(",", "\u202f").replace(".", ",") + NBSP + sign
