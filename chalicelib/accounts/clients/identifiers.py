"""How e-mail addresses, telephone numbers, postal codes, SIREN and VAT numbers are checked (ACC-1).

Each reader gives the normalised form or raises Malformed with the sentence to show beside the
field.  Nothing here asks the network.
"""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.ch import uid as ch_uid
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren as fr_siren
from stdnum.fr import tva as fr_tva

from chalicelib.paper.legible import is_legible

# France (its overseas departments included), Monaco, the European Union, Switzerland.
COUNTRIES = (
    *("FR", "MC", "DE", "AT", "BE", "BG", "CH", "CY", "HR", "DK", "ES", "EE", "FI", "GR", "HU"),
    *("IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "CZ", "RO", "SK", "SI", "SE"),
)
_MAX_LINE = 100
LONGEST_NAME = 200  # of a company or an association in law
# The overseas parts of France whose national numbers are written like those of the mainland.
_OVERSEAS = ("GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF")
_PLACED = {
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
# Joiners mean something between two letters of Persian or of Indian scripts, nothing elsewhere.
_JOINERS = "\u200c\u200d"
_STRAY_JOINER = re.compile(f"(?<!\\w)[{_JOINERS}]+|[{_JOINERS}]+(?!\\w)")
_JOINER = re.compile(f"[{_JOINERS}]")
_LONGEST_EMAIL = 1000  # the standard's own limit is 254
_LONGEST_KNOWN = 254
_FRENCH_POSTAL_CODE = re.compile(r"(?!00)\d{5}")
_OTHER_POSTAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,9}")
# The prefix of VAT numbers where it is not the country's own code.
_VAT_PREFIX = {"GR": "EL", "MC": "FR"}


_TOO_LONG = {
    _MAX_LINE: "Texte trop long ou illisible\u00a0: 100 caractères au plus.",
    LONGEST_NAME: "Texte trop long ou illisible\u00a0: 200 caractères au plus.",
}


class Malformed(ValueError):  # noqa: N818 - reads as the fact it is
    """A value that cannot be what it should; the text is the sentence for its field."""


def read_text(text: str, missing: str, *, longest: int = _MAX_LINE) -> str:
    """Read a line of text, its blanks made single.  Raises Malformed when empty or too long."""
    line = " ".join(text.split())
    if not any(character.isalnum() for character in line):
        raise Malformed(missing)
    return read_optional_text(line, longest=longest)


def read_optional_text(text: str, *, longest: int = _MAX_LINE) -> str:
    """Read a line of text that may be empty, its letters in their composed form."""
    line = unicodedata.normalize("NFC", _STRAY_JOINER.sub("", " ".join(text.split())))
    if len(line) > longest:
        raise Malformed(_TOO_LONG[longest])
    if not _JOINER.sub("", line).isprintable():
        raise Malformed(_TOO_LONG[_MAX_LINE])
    return line


def read_mention(text: str, missing: str, *, longest: int = _MAX_LINE) -> str:
    """Read what our documents must say of a client.  Raises Malformed when they cannot write it."""
    return _written_on_documents(read_text(text, missing, longest=longest))


def read_optional_mention(text: str) -> str:
    """Read what our documents must say of a client when it is there."""
    return _written_on_documents(read_optional_text(text))


def _written_on_documents(line: str) -> str:
    if not is_legible(line):
        raise Malformed(
            "Nos factures ne savent pas écrire ces caractères\u00a0: écrivez ce texte en lettres "
            "latines, grecques ou cyrilliques."
        )
    return line


def known_as(text: str) -> str:
    """Give the form under which a typed address is known, whether it is one or not (ACC-3)."""
    try:
        return read_email(text)
    except Malformed:
        return text.strip().lower()[:_LONGEST_KNOWN]


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
    """Read a telephone number as E.164 (+33…); a national form is that of ``country``.

    A national number of France is that of the overseas department whose prefix it has, if any.
    """
    if not text.strip():
        raise Malformed("Indiquez un numéro de téléphone.")
    home = country if country in COUNTRIES else "FR"
    try:
        number = phonenumbers.parse(text, home)
        if home == "FR" and not text.strip().startswith(("+", "00")):
            number = _overseas_number(text) or number
    except phonenumbers.NumberParseException as wrong:
        raise Malformed("Ce numéro n’est pas valable. Exemple\u00a0: 01 99 00 12 34.") from wrong
    if not phonenumbers.is_valid_number(number):
        raise Malformed("Ce numéro n’est pas valable. Exemple\u00a0: 01 99 00 12 34.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _overseas_number(text: str) -> phonenumbers.PhoneNumber | None:
    for region in _OVERSEAS:
        number = phonenumbers.parse(text, region)
        # Other kinds, freephone for one, have the same numbers everywhere.
        if (
            phonenumbers.is_valid_number_for_region(number, region)
            and phonenumbers.number_type(number) in _PLACED
        ):
            return number
    return None


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
    """Read a VAT number; a French one must carry the client's SIREN (ACC-1; law §3).

    Gives the one form in which it is kept, printed and asked of VIES: python-stdnum's compact one,
    with the prefix of its country, whatever separators, prefix or missing zero were typed.
    """
    prefix = _VAT_PREFIX.get(country, country)
    number = "".join(character for character in text.upper() if character.isalnum())
    if country == "GR" and number.startswith("GR"):
        number = prefix + number.removeprefix("GR")
    if not number.startswith(prefix):
        if number[:2].isalpha():
            raise Malformed("Ce numéro de TVA n’est pas celui du pays de l’adresse.")
        number = prefix + number
    try:
        number = _compact_vat_number(number, prefix)
    except ValidationError as wrong:
        raise Malformed("Ce numéro de TVA n’est pas valable.") from wrong
    if siren and prefix == "FR" and number[4:] != siren:
        raise Malformed("Ce numéro de TVA ne correspond pas au SIREN.")
    return number


def _compact_vat_number(number: str, prefix: str) -> str:
    """Give the compact form of a number with its prefix.  Raises ValidationError."""
    if prefix == "CH":  # TVA, MWST or IVA behind it is the language, not the number
        return str(ch_uid.validate(re.sub(r"(TVA|MWST|IVA|TPV)$", "", number)))
    if prefix == "FR":
        fr_tva.validate(number)  # the key of the SIREN too
    return str(eu_vat.validate(number))
