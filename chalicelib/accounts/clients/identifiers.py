"""How e-mail addresses, telephone numbers, postal codes, SIREN and VAT numbers are checked (ACC-1).

Each reader gives the normalised form or raises Malformed with the sentence to show beside the
field.  Nothing here asks the network.
"""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren as fr_siren
from stdnum.fr import tva as fr_tva

# France (its overseas departments included), Monaco, the European Union, Switzerland.
COUNTRIES = (
    *("FR", "MC", "DE", "AT", "BE", "BG", "CH", "CY", "HR", "DK", "ES", "EE", "FI", "GR", "HU"),
    *("IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "CZ", "RO", "SK", "SI", "SE"),
)
_MAX_LINE = 100
_LONGEST_EMAIL = 1000  # the standard's own limit is 254
_FRENCH_POSTAL_CODE = re.compile(r"(?!00)\d{5}")
_OTHER_POSTAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,9}")
# The prefix of VAT numbers where it is not the country's own code.
_VAT_PREFIX = {"GR": "EL", "MC": "FR"}


class Malformed(ValueError):  # noqa: N818 - reads as the fact it is
    """A value that cannot be what it should; the text is the sentence for its field."""


def read_text(text: str, missing: str, *, longest: int = _MAX_LINE) -> str:
    """Read a line of text, its blanks made single.  Raises Malformed when empty or too long."""
    line = " ".join(text.split())
    if not any(character.isalnum() for character in line):
        raise Malformed(missing)
    return read_optional_text(line, longest=longest)


def read_optional_text(text: str, *, longest: int = _MAX_LINE) -> str:
    """Read a line of text that may be empty."""
    line = " ".join(text.split())
    if len(line) > longest or not line.isprintable():
        raise Malformed("Texte trop long ou illisible\u00a0: 100 caractères au plus.")
    return line


def read_email(text: str) -> str:
    """Read an e-mail address, in lower case: the form under which it is unique."""
    if not text.strip():
        raise Malformed("Indiquez votre adresse e-mail.")
    try:
        # Cut behind what is too long anyway: checking takes as long as the text is.
        short = text.strip()[:_LONGEST_EMAIL]
        checked = validate_email(short, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as wrong:
        raise Malformed(
            "Cette adresse e-mail n’est pas valable. Exemple\u00a0: nom@entreprise.fr."
        ) from wrong
    address = checked.ascii_email or checked.normalized
    return address.lower()


def read_phone(text: str, country: str) -> str:
    """Read a telephone number as E.164 (+33…); a national form is that of ``country``."""
    if not text.strip():
        raise Malformed("Indiquez un numéro de téléphone.")
    try:
        number = phonenumbers.parse(text, country if country in COUNTRIES else "FR")
    except phonenumbers.NumberParseException as wrong:
        raise Malformed("Ce numéro n’est pas valable. Exemple\u00a0: 01 99 00 12 34.") from wrong
    if not phonenumbers.is_valid_number(number):
        raise Malformed("Ce numéro n’est pas valable. Exemple\u00a0: 01 99 00 12 34.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_country(text: str) -> str:
    """Read a country code of the list."""
    if text not in COUNTRIES:
        raise Malformed("Choisissez un pays de la liste.")
    return text


def read_postal_code(text: str, country: str) -> str:
    """Read a postal code: five digits in France and Monaco."""
    code = " ".join(text.upper().split())
    if not code:
        raise Malformed("Indiquez le code postal.")
    if country in {"FR", "MC"}:
        code = code.replace(" ", "")
        if not _FRENCH_POSTAL_CODE.fullmatch(code):
            raise Malformed("Un code postal français a cinq chiffres.")
    elif not _OTHER_POSTAL_CODE.fullmatch(code):
        raise Malformed("Ce code postal n’est pas valable.")
    return code


def read_siren(text: str) -> str:
    """Read a SIREN: nine digits, the last one checked (ACC-1)."""
    if not text.strip():
        raise Malformed("Indiquez le SIREN, à neuf chiffres.")
    try:
        return str(fr_siren.validate(text))
    except ValidationError as wrong:
        raise Malformed("Ce SIREN n’est pas valable\u00a0: neuf chiffres, clé comprise.") from wrong


def read_vat_number(text: str, country: str, siren: str) -> str:
    """Read an EU VAT number; a French one must carry the client's SIREN (ACC-1; law §3)."""
    prefix = _VAT_PREFIX.get(country, country)
    number = re.sub(r"[\s.-]", "", text.upper())
    if not number.startswith(prefix):
        raise Malformed("Ce numéro de TVA n’est pas celui du pays de l’adresse.")
    try:
        if prefix == "FR":
            fr_tva.validate(number)
        else:
            eu_vat.validate(number)
    except ValidationError as wrong:
        raise Malformed("Ce numéro de TVA n’est pas valable.") from wrong
    if siren and prefix == "FR" and number[4:] != siren:
        raise Malformed("Ce numéro de TVA ne correspond pas au SIREN.")
    return number
