"""The register of VAT numbers of the Union, as billing asks it (BIL-10)."""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.foundation.errors import TemporaryGatewayError


@dataclass(frozen=True)
class Consultation:
    """What the register answers: whether the number is valid, and the number of the question."""

    valid: bool
    number: str = ""
    name: str = ""
    address: str = ""


class ViesUnavailableError(TemporaryGatewayError):
    """The register, or the member state that it asks, did not answer; ``code`` is its own word."""

    def __init__(self, code: str) -> None:
        super().__init__(f"VIES: {code}")
        self.code = code


class Vies(Protocol):
    """Asks whether a VAT number is valid."""

    def check(self, vat_number: str) -> Consultation:
        """Consult the register for a number with its prefix (BE0123456749).

        Raises ViesUnavailableError when there is no answer.
        """
