"""CGV art. 4: what a client declares when registering, and what is refused beside which field."""

import pytest

from chalicelib.accounts.clients.account import AccountKind
from chalicelib.accounts.clients.identifiers import Malformed, read_phone, read_vat_number
from chalicelib.accounts.registration.form import read_registration
from chalicelib.foundation.errors import FieldErrors
from tests.fakes.accounts import company_form, consumer_form

PERSIAN = "\u0645\u06cc\u200c\u0646\u0627"  # Mina, whose two parts a joiner keeps apart


def errors_of(form: dict[str, str]) -> dict[str, str]:
    with pytest.raises(FieldErrors) as refused:
        read_registration(form)
    return refused.value.errors


@pytest.mark.contract("ACC-1")
def test_a_private_person_registers_with_what_was_typed_put_in_order() -> None:
    # Given a form typed carelessly, yet right
    form = consumer_form(first_name="  Camille ", email="Camille.Morel@Courriel.Example")
    # When it is read
    read = read_registration(form)
    # Then blanks, case and the national form of the number are put in order
    assert read.kind is AccountKind.CONSUMER
    assert (read.name, read.email) == ("Camille Morel", "camille.morel@courriel.example")
    assert read.phone == "+33199001234"
    assert (read.siren, read.vat_number, read.legal_form) == ("", "", "")


@pytest.mark.contract("ACC-1")
def test_a_company_registers_with_its_identity_and_signatory() -> None:
    read = read_registration(company_form(siren="900 000 019"))

    assert (read.kind, read.name, read.legal_form) == (AccountKind.COMPANY, "Atelier Lumen", "SARL")
    assert (read.siren, read.vat_number) == ("900000019", "FR25900000019")
    assert (read.first_name, read.last_name) == ("Camille", "Morel")


@pytest.mark.contract("ACC-1")
def test_a_sole_trader_is_a_person_with_a_siren() -> None:
    read = read_registration(consumer_form(kind="sole_trader", siren="900000019"))

    assert (read.name, read.siren) == ("Camille Morel", "900000019")
    assert read.legal_form == "Entrepreneur individuel"


@pytest.mark.contract("ACC-1", "ACC-2")
def test_an_empty_form_names_every_mandatory_field_at_once() -> None:
    assert set(errors_of({"kind": "company"})) == {
        *("first_name", "last_name", "legal_name", "legal_form", "email", "phone"),
        *("line1", "postal_code", "city", "country", "password", "on_honour", "cgv", "charter"),
    }
    assert set(errors_of({})) >= {"kind", "full_age"}


@pytest.mark.contract("ACC-1")
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("kind", "robot"),
        ("first_name", " - "),
        ("last_name", "a" * 101),
        ("line2", "bell\x07"),
        ("email", "camille@@courriel.example"),
        ("email", "camille@courriel"),
        ("email", "camille@courriel.example, autre@courriel.example"),
        ("phone", "12"),
        ("phone", "appelez-moi"),
        ("postal_code", "6900"),
        ("postal_code", "00123"),
        ("country", "US"),
        ("siren", "900000018"),
        ("siren", "90000001"),
        ("siren", ""),
        ("vat_number", "FR26900000019"),
        ("vat_number", "FR68900000001"),
        ("vat_number", "DE136695976"),
    ],
)
def test_a_malformed_field_is_named_and_alone(field: str, typed: str) -> None:
    assert set(errors_of(company_form(**{field: typed}))) - {"full_age"} == {field}


@pytest.mark.contract("ACC-1")
def test_a_company_abroad_needs_no_siren_but_its_own_vat_number() -> None:
    # Given a Belgian company: no French register, a Belgian number
    abroad = {"country": "BE", "postal_code": "1000", "siren": "", "phone": "+32 2 555 12 12"}
    # When it registers with its number, then it may; with a French one, it may not
    assert read_registration(company_form(**abroad, vat_number="BE0428759497")).siren == ""
    assert set(errors_of(company_form(**abroad))) == {"vat_number"}


@pytest.mark.contract("ACC-1", "BIL-10")
@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("FR", "fr 25 900.000.019", "FR25900000019"),
        ("FR", "25 900 000 019", "FR25900000019"),
        ("MC", "FR 25 900000019", "FR25900000019"),
        ("BE", "BE 123.456.749", "BE0123456749"),
        ("BE", "BE-0123.456.749", "BE0123456749"),
        ("BE", "0123.456.749", "BE0123456749"),
        ("GR", "EL 094259216", "EL094259216"),
        ("GR", "GR 094 259 216", "EL094259216"),
        ("NL", "NL 4495445B01", "NL004495445B01"),
        ("NL", "nl/0044.95.445.B.01", "NL004495445B01"),
        ("AT", "AT U 135-856-27", "ATU13585627"),
        ("ES", "ES J-99.216.582", "ESJ99216582"),
        ("DK", "DK 13 58 56 28", "DK13585628"),
        ("IE", "IE 8D79739I", "IE8D79739I"),
        ("CY", "CY-10259033P", "CY10259033P"),
        ("LU", "LU 150.274.42", "LU15027442"),
        ("CH", "CHE-107.787.577 MWST", "CHE107787577"),
        ("CH", "CHE-107.787.577", "CHE107787577"),
    ],
)
def test_a_vat_number_is_kept_in_one_form_however_typed(
    country: str, typed: str, kept: str
) -> None:
    siren = "900000019" if country == "FR" else ""
    assert read_vat_number(typed, country, siren) == kept


@pytest.mark.contract("ACC-1")
@pytest.mark.parametrize("typed", ["DE136695976", "BE 123.456.748", "BE", "---", "CHE-107.787.577"])
def test_a_vat_number_of_elsewhere_or_with_a_wrong_key_is_refused(typed: str) -> None:
    with pytest.raises(Malformed):
        read_vat_number(typed, "BE", "")


@pytest.mark.contract("ACC-1")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0692 12 34 56", "+262692123456"),
        ("02 62 90 12 34", "+262262901234"),
        ("0639.69.12.34", "+262639691234"),
        ("0690 12 34 56", "+590690123456"),
        ("0696 12 34 56", "+596696123456"),
        ("0694 20 12 34", "+594694201234"),
        ("06 12 34 56 78", "+33612345678"),
        ("02 41 12 34 56", "+33241123456"),
        ("+262 692 12 34 56", "+262692123456"),
    ],
)
def test_a_national_number_is_that_of_the_mainland_or_of_its_department(
    typed: str, kept: str
) -> None:
    assert read_phone(typed, "FR") == kept


@pytest.mark.contract("ACC-1", "BIL-11")
def test_a_legal_name_may_have_200_characters_and_its_letters_are_composed() -> None:
    # Given the name of an association, typed with its accents apart
    name = "Association de l\u2019e\u0301tang " + "x" * 177
    assert len(name) == 201
    # Then it is kept whole, in composed letters; one more is too long
    assert read_registration(company_form(legal_name=name)).name == name.replace("e\u0301", "é")
    assert set(errors_of(company_form(legal_name=name + "x"))) == {"legal_name"}


@pytest.mark.contract("BIL-11")
@pytest.mark.parametrize("field", ["legal_name", "legal_form", "line1", "line2", "city"])
def test_what_our_documents_cannot_write_is_refused_with_words(field: str) -> None:
    # Cyrillic and Greek, our fonts have; Persian, they have not
    assert read_registration(company_form(**{field: "Ђорђевић Αθήνα"}))
    refused = errors_of(company_form(**{field: PERSIAN}))
    assert list(refused) == [field]
    assert "lettres latines" in refused[field]


@pytest.mark.contract("ACC-1", "ACC-4")
def test_persian_keeps_the_joiners_of_its_words_and_no_other() -> None:
    # Given a signatory, whose name is on no document
    form = company_form(first_name=PERSIAN, last_name="\u200dMo\u200c rel\u200d")
    read = read_registration(form)
    assert read.first_name == PERSIAN
    assert read.last_name == "Mo rel"
    # while a person's own name is on the invoice
    assert "first_name" in errors_of(consumer_form(first_name=PERSIAN))


@pytest.mark.contract("ACC-1", "ACC-2")
@pytest.mark.parametrize("box", ["full_age", "on_honour", "cgv", "charter"])
def test_each_declaration_must_be_ticked_on_its_own(box: str) -> None:
    assert set(errors_of(consumer_form(**{box: ""}))) == {box}


@pytest.mark.contract("ACC-2")
def test_marketing_is_refused_unless_ticked() -> None:
    assert read_registration(consumer_form()).marketing is False
    assert read_registration(consumer_form(marketing="yes")).marketing is True


@pytest.mark.contract("ACC-3")
@pytest.mark.parametrize(
    "weak",
    ["", "Xk9#fQ2!mZp", "a" * 129, "motdepasse123", "camillecamille", "courrielcourriel"],
)
def test_a_weak_password_is_refused_beside_its_field(weak: str) -> None:
    assert set(errors_of(consumer_form(password=weak))) == {"password"}


@pytest.mark.contract("ACC-3")
def test_no_composition_is_asked_of_a_long_password() -> None:
    assert read_registration(consumer_form(password="girafe ponctuelle sous la neige"))
