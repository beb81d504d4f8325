"""The registration form: who the client is and what is declared (CGV art. 4; ACC-1, ACC-2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.accounts.access.passwords import weakness
from chalicelib.accounts.clients.account import LANGUAGES, AccountKind, PostalAddress
from chalicelib.accounts.clients.identifiers import (
    LONGEST_NAME,
    Malformed,
    read_country,
    read_email,
    read_mention,
    read_optional_mention,
    read_phone,
    read_postal_code,
    read_siren,
    read_text,
    read_vat_number,
)
from chalicelib.foundation.errors import FieldErrors

TICKED = "yes"
SOLE_TRADER_FORM = "Entrepreneur individuel"
_DECLARATIONS = {
    "on_honour": "Déclarez sur l’honneur que ces informations sont exactes.",
    "cgv": "Acceptez les conditions générales pour créer un compte.",
    "charter": "Acceptez la charte de protection des données pour créer un compte.",
}
_FULL_AGE = "Déclarez que vous êtes majeur et capable de contracter."
_FRENCH_REGISTER = {"FR"}  # where companies have a SIREN


@dataclass(frozen=True)
class Registration:
    """A form with every field checked.

    ``cgv_version`` and ``charter_version`` are the versions that were on the page; empty means the
    ones in force.
    """

    kind: AccountKind
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    address: PostalAddress
    password: str
    legal_form: str = ""
    siren: str = ""
    vat_number: str = ""
    marketing: bool = False
    cgv_version: str = ""
    charter_version: str = ""
    language: str = "fr"


class _Form:
    """Reads field after field, keeps what is wrong with each."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self.errors: dict[str, str] = {}

    def text(self, name: str) -> str:
        return self._fields.get(name, "")

    def read(self, name: str, reader: Callable[..., str], *more: str) -> str:
        try:
            return reader(self.text(name), *more)
        except Malformed as wrong:
            self.errors[name] = str(wrong)
            return ""

    def require_ticked(self, name: str, sentence: str) -> None:
        if self.text(name) != TICKED:
            self.errors[name] = sentence


def read_registration(fields: Mapping[str, str]) -> Registration:
    """Check a posted form.  Raises FieldErrors naming every wrong field at once (ACC-1, ACC-2)."""
    form = _Form(fields)
    kind = _read_kind(form)
    # The name of a person is on every document; that of a company's signatory on none.
    name_reader = read_text if kind is AccountKind.COMPANY else read_mention
    first_name = form.read("first_name", name_reader, "Indiquez le prénom.")
    last_name = form.read("last_name", name_reader, "Indiquez le nom.")
    address = _read_address(form)
    legal_form, siren, vat_number = _read_trade(form, kind, address.country)
    name = f"{first_name} {last_name}"
    if kind is AccountKind.COMPANY:
        name = form.read("legal_name", _read_legal_name)
    email = form.read("email", read_email)
    registration = Registration(
        kind=kind,
        name=name,
        first_name=first_name,
        last_name=last_name,
        email=email,
        phone=form.read("phone", read_phone, address.country),
        address=address,
        password=form.text("password"),
        legal_form=legal_form,
        siren=siren,
        vat_number=vat_number,
        marketing=form.text("marketing") == TICKED,
        cgv_version=form.text("cgv_version"),
        charter_version=form.text("charter_version"),
        language=form.text("language") if form.text("language") in LANGUAGES else "fr",
    )
    _check_declarations(form, kind)
    weak = weakness(registration.password, (email, name, first_name, last_name))
    if weak:
        form.errors["password"] = weak
    if form.errors:
        raise FieldErrors(form.errors)
    return registration


def _read_legal_name(text: str) -> str:
    return read_mention(text, "Indiquez la dénomination sociale.", longest=LONGEST_NAME)


def _read_kind(form: _Form) -> AccountKind:
    try:
        return AccountKind(form.text("kind"))
    except ValueError:
        form.errors["kind"] = "Dites si vous êtes un particulier, un indépendant ou une société."
        return AccountKind.CONSUMER


def _read_address(form: _Form) -> PostalAddress:
    country = form.read("country", read_country)
    return PostalAddress(
        line1=form.read("line1", read_mention, "Indiquez le numéro et la rue."),
        line2=form.read("line2", read_optional_mention),
        postal_code=form.read("postal_code", read_postal_code, country or "FR"),
        city=form.read("city", read_mention, "Indiquez la ville."),
        country=country,
    )


def _read_trade(form: _Form, kind: AccountKind, country: str) -> tuple[str, str, str]:
    """Read what a professional declares: legal form, SIREN, VAT number if any (ACC-1)."""
    if kind is AccountKind.CONSUMER:
        return "", "", ""
    legal_form = SOLE_TRADER_FORM
    if kind is AccountKind.COMPANY:
        legal_form = form.read("legal_form", read_mention, "Indiquez la forme juridique.")
    siren = ""
    if country in _FRENCH_REGISTER or form.text("siren").strip():
        siren = form.read("siren", read_siren)
    vat_number = ""
    if form.text("vat_number").strip() and country:
        vat_number = form.read("vat_number", read_vat_number, country, siren)
    return legal_form, siren, vat_number


def _check_declarations(form: _Form, kind: AccountKind) -> None:
    """Check the boxes a client must tick; marketing is none of them (ACC-2)."""
    if kind is not AccountKind.COMPANY:
        form.require_ticked("full_age", _FULL_AGE)
    for name, sentence in _DECLARATIONS.items():
        form.require_ticked(name, sentence)
