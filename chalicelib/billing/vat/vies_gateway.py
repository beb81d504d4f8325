"""VIES over the Commission's REST service (BIL-10)."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from chalicelib.billing.vat.vies import Consultation, ViesUnavailableError

ADDRESS = "https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number"
_TIMEOUT_SECONDS = 10
_MOST_BYTES = 64 * 1024  # of an answer, which has some hundred
_LONGEST_TEXT = 500
# A number that cannot exist is an answer: it is not valid.
_NOT_A_NUMBER = "INVALID_INPUT"
_UNKNOWN = "---"  # what member states that keep names to themselves answer


Opener = Callable[..., Any]


class ViesGateway:
    """Asks the Commission's service, in the seller's name so that it gives a consultation number.

    ``requester`` is the seller's own VAT number; ``opener`` is what opens an address.
    """

    def __init__(
        self, requester: str, address: str = ADDRESS, opener: Opener = urllib.request.urlopen
    ) -> None:
        if not address.startswith(("https://", "http://127.0.0.1:")):
            raise ValueError(address)
        self._requester = requester
        self._address = address
        self._opener = opener

    def check(self, vat_number: str) -> Consultation:
        """Consult the register.  Raises ViesUnavailableError when it does not answer."""
        answer = self._ask(
            {
                "countryCode": vat_number[:2],
                "vatNumber": vat_number[2:],
                "requesterMemberStateCode": self._requester[:2],
                "requesterNumber": self._requester[2:],
            }
        )
        error = _error_of(answer)
        if error == _NOT_A_NUMBER:
            return Consultation(valid=False)
        if error or not isinstance(answer.get("valid"), bool):
            raise ViesUnavailableError(error or "UNREADABLE")
        return Consultation(
            valid=answer["valid"],
            number=_text(answer.get("requestIdentifier")),
            name=_text(answer.get("name")),
            address=_text(answer.get("address")),
        )

    def _ask(self, question: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            self._address,
            data=json.dumps(question).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            method="POST",
        )
        try:
            with self._opener(request, timeout=_TIMEOUT_SECONDS) as response:
                content = response.read(_MOST_BYTES)
        except urllib.error.HTTPError as refused:
            # Errors come with a body that names them.
            content = refused.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as silent:
            raise ViesUnavailableError("TIMEOUT") from silent
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as unreadable:
            raise ViesUnavailableError("UNREADABLE") from unreadable
        return answer if isinstance(answer, dict) else {}


def _error_of(answer: dict[str, Any]) -> str:
    """Give the service's word for what went wrong, "" when nothing did."""
    wrappers = answer.get("errorWrappers")
    if isinstance(wrappers, list) and wrappers and isinstance(wrappers[0], dict):
        return str(wrappers[0].get("error", "UNKNOWN"))
    word = answer.get("userError", "")
    if answer.get("actionSucceed") is False:
        return str(word or "UNKNOWN")
    return "" if word in {"", "VALID", "INVALID"} else str(word)


def _text(value: object) -> str:
    plain = " ".join(str(value or "").split())
    return "" if plain == _UNKNOWN else plain[:_LONGEST_TEXT]
