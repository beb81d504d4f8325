"""The invented company and the sign-ins of the local stack, and of it alone."""

from dataclasses import dataclass

from chalicelib.foundation.settings import Company

COMPANY = Company(
    name="Omny Démo",
    legal_form="SAS",
    capital="50 000 €",
    address="1 rue de l’Exemple",
    postal_code="75002",
    city="Paris",
    siren="900000001",
    rcs_city="Paris",
    vat_number="FR68900000001",
    email="bonjour@omny-demo.example",
    phone="+33 1 99 00 12 34",
    mediator="Médiation de l’Exemple",
    mediator_url="https://mediation.example",
    iban="FR22 9999 9000 0100 0000 0000 117",
    bic="OMNYFRPPXXX",
)


@dataclass(frozen=True)
class DemoUser:
    """Somebody who can sign in on the local stack; the password opens nothing else."""

    title: str
    email: str
    full_name: str
    password: str


OPERATOR = DemoUser(
    "operator", "exploitation@omny-demo.example", "Camille Régie", "Lanterne-Verte-Operateur-71"
)
CONSUMER = DemoUser(
    "consumer", "alix@particulier.example", "Alix Mercier", "Coquelicot-Bleu-Particulier-38"
)
OWNER = DemoUser(
    "company, owner", "lou@atelier-lumen.example", "Lou Fontaine", "Atelier-Lumen-Direction-52"
)
ADMINISTRATOR = DemoUser(
    "company, administrator",
    "noa@atelier-lumen.example",
    "Noa Vidal",
    "Atelier-Lumen-Machines-64",
)
BILLING = DemoUser(
    "company, billing", "sacha@atelier-lumen.example", "Sacha Morel", "Atelier-Lumen-Comptes-19"
)
USER = DemoUser(
    "company, user", "eden@atelier-lumen.example", "Eden Roux", "Atelier-Lumen-Dessin-85"
)
TRADER = DemoUser(
    "sole trader, late payer",
    "maxime@maison-orme.example",
    "Maxime Orme",
    "Maison-Orme-Reliure-47",
)
EUROPEAN = DemoUser(
    "company of the EU",
    "ute@werkhof-muster.example",
    "Ute Muster",
    "Werkhof-Muster-Direktion-73",
)
STUDENT = DemoUser(
    "card always declined",
    "robin@particulier.example",
    "Robin Tessier",
    "Fougere-Claire-Particulier-26",
)
COMPANY_USERS = (OWNER, ADMINISTRATOR, BILLING, USER)
EVERYONE = (CONSUMER, *COMPANY_USERS, TRADER, EUROPEAN, STUDENT, OPERATOR)
