"""CGV art. 4: what a client declares when registering, and what is refused beside which field."""

import pytest

from chalicelib.accounts.clients.account import AccountKind
from chalicelib.accounts.registration.form import read_registration
from chalicelib.foundation.errors import FieldErrors
from tests.fakes.accounts import company_form, consumer_form


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
