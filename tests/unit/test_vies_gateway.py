"""What billing understands of VIES's answers, as its REST service gives them (BIL-10)."""

import http.client
import io
import json
import urllib.error
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from chalicelib.billing.vat.vies import Consultation, ViesUnavailableError
from chalicelib.billing.vat.vies_gateway import ADDRESS, ViesGateway

ANSWERS = Path(__file__).parent / "vies"
SELLER = "FR68900000001"


class Recorded:
    """Opens an address with an answer recorded, and keeps what was asked."""

    def __init__(self, name: str) -> None:
        answer = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
        self.status, self.body = answer["status"], json.dumps(answer["body"]).encode()
        self.asked: dict[str, Any] = {}
        self.timeout = 0

    def __call__(self, request: Any, timeout: int) -> io.BytesIO:
        self.asked, self.timeout = json.loads(request.data), timeout
        if self.status >= 400:
            body = io.BytesIO(self.body)
            raise urllib.error.HTTPError(request.full_url, self.status, "", Message(), body)
        return io.BytesIO(self.body)


@pytest.mark.contract("BIL-10")
def test_a_valid_number_comes_with_its_consultation_number() -> None:
    # Given the answer to a valid Belgian number
    recorded = Recorded("valid")
    # When it is asked
    said = ViesGateway(SELLER, opener=recorded).check("BE0123456749")
    # Then the answer is evidence: consultation number, name and address
    assert said == Consultation(
        True, "WAPIAAAAZFOdUmjx", "SA LUMIÈRE D’EXEMPLE", "RUE DE L’EXEMPLE 1 1000 BRUXELLES"
    )
    # And it was asked in the seller's name, for which VIES gives that number, and not for ever
    assert recorded.asked == {
        "countryCode": "BE",
        "vatNumber": "0123456749",
        "requesterMemberStateCode": "FR",
        "requesterNumber": "68900000001",
    }
    assert 0 < recorded.timeout <= 15


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("valid_without_name", Consultation(True, "WAPIAAAAZFOdVbbq")),
        ("invalid", Consultation(False)),
        # A number that cannot exist is an answer too.
        ("invalid_input", Consultation(False)),
    ],
)
def test_an_answer_is_valid_or_not(name: str, expected: Consultation) -> None:
    assert ViesGateway(SELLER, opener=Recorded(name)).check("BE0123456749") == expected


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ms_unavailable", "MS_UNAVAILABLE"),
        ("ms_max_concurrent_req", "MS_MAX_CONCURRENT_REQ"),
        ("global_max_concurrent_req", "GLOBAL_MAX_CONCURRENT_REQ"),
        ("service_unavailable", "SERVICE_UNAVAILABLE"),
        ("timeout", "TIMEOUT"),
        ("ip_blocked", "IP_BLOCKED"),
        ("vat_blocked", "VAT_BLOCKED"),
        ("invalid_requester_info", "INVALID_REQUESTER_INFO"),
        ("user_error", "MS_UNAVAILABLE"),
    ],
)
def test_a_failure_is_no_answer(name: str, code: str) -> None:
    # Given VIES, or the member state, that cannot tell; then it is not "invalid"
    with pytest.raises(ViesUnavailableError) as silent:
        ViesGateway(SELLER, opener=Recorded(name)).check("BE0123456749")
    assert silent.value.code == code


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (urllib.error.URLError("no route"), "TIMEOUT"),
        (TimeoutError(), "TIMEOUT"),
        (ConnectionResetError(), "TIMEOUT"),
        (http.client.IncompleteRead(b"{"), "TIMEOUT"),
    ],
)
def test_silence_is_no_answer(failure: Exception, code: str) -> None:
    def silent(request: Any, timeout: int) -> io.BytesIO:
        raise failure

    with pytest.raises(ViesUnavailableError) as raised:
        ViesGateway(SELLER, opener=silent).check("BE0123456749")
    assert raised.value.code == code


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize(
    "body", [b"<html>Maintenance</html>", b"[]", b"{}", b'{"valid": "yes"}', b"[" * 100_000]
)
def test_what_cannot_be_read_is_no_answer(body: bytes) -> None:
    gateway = ViesGateway(SELLER, opener=lambda request, timeout: io.BytesIO(body))
    with pytest.raises(ViesUnavailableError):
        gateway.check("BE0123456749")


def test_only_a_safe_address_is_called() -> None:
    assert ADDRESS.startswith("https://ec.europa.eu/")
    with pytest.raises(ValueError, match="http://"):
        ViesGateway(SELLER, "http://vies.example")
