"""The clients of the demo history, all invented: what each typed in the registration form."""

from infra.local.company import CONSUMER, EUROPEAN, OWNER, STUDENT, TRADER, DemoUser

_DECLARED = {"on_honour": "yes", "cgv": "yes", "charter": "yes", "language": "fr"}


def _person(user: DemoUser) -> dict[str, str]:
    first, _, last = user.full_name.partition(" ")
    return {
        "first_name": first,
        "last_name": last,
        "email": user.email,
        "password": user.password,
        "country": "FR",
    }


CONSUMER_FORM = {
    **_DECLARED,
    **_person(CONSUMER),
    "kind": "consumer",
    "phone": "01 99 00 11 22",
    "line1": "4 rue des Exemples",
    "postal_code": "44000",
    "city": "Nantes",
    "full_age": "yes",
    "marketing": "yes",
}
STUDENT_FORM = {
    **_DECLARED,
    **_person(STUDENT),
    "kind": "consumer",
    "phone": "01 99 00 33 44",
    "line1": "27 allée de la Maquette",
    "postal_code": "69003",
    "city": "Lyon",
    "full_age": "yes",
}
TRADER_FORM = {
    **_DECLARED,
    **_person(TRADER),
    "kind": "sole_trader",
    "siren": "999990013",
    "phone": "02 99 00 55 66",
    "line1": "9 place du Modèle",
    "postal_code": "35000",
    "city": "Rennes",
    "full_age": "yes",
}
COMPANY_FORM = {
    **_DECLARED,
    **_person(OWNER),
    "kind": "company",
    "legal_name": "Atelier Lumen",
    "legal_form": "SARL",
    "siren": "999999998",
    "vat_number": "FR11999999998",
    "phone": "01 99 00 77 88",
    "line1": "18 rue de l’Échantillon",
    "line2": "Bâtiment B",
    "postal_code": "75011",
    "city": "Paris",
}
EUROPEAN_FORM = {
    **_DECLARED,
    **_person(EUROPEAN),
    "language": "en",
    "kind": "company",
    "legal_name": "Werkhof Muster",
    "legal_form": "GmbH",
    "vat_number": "DE999999954",
    "phone": "+49 30 23125 014",
    "line1": "Musterstraße 5",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}
