"""Signatures that anyone checks with a public key: the port, and a key of KMS behind it.

ECDSA over P-256 of a SHA-256, as ``openssl dgst -sha256 -verify`` reads it.  The private half
never leaves KMS: who may write to the tables cannot sign in its place.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap
from typing import Any, Protocol

from botocore.exceptions import ClientError

from chalicelib.foundation.aws import AwsAccess

_ALGORITHM = "ECDSA_SHA_256"
_MADE_BY_NONE = {
    "KMSInvalidSignatureException",
    "AccessDeniedException",  # a key that our policy does not name
    "NotFoundException",
    "ValidationException",
    "InvalidKeyUsageException",  # a key that signs nothing
    "UnsupportedOperationException",
}


@dataclass(frozen=True)
class Signature:
    """A signature in base64, and the name of the key that made it."""

    value: str
    key: str

    @property
    def raw(self) -> bytes:
        """Its bytes (DER)."""
        return b64decode(self.value)


class Signer(Protocol):
    """Signs digests."""

    def sign(self, sha256: bytes) -> Signature:
        """Sign a SHA-256 with the present key."""

    def holds(self, sha256: bytes, signature: Signature) -> bool:
        """Tell whether one of our keys made this signature of that SHA-256."""

    def public_key(self) -> str:
        """Give the public half of the present key, as PEM."""


class KmsSigner:
    """An asymmetric key of KMS; ``key_id`` is its ARN, id or alias."""

    def __init__(self, access: AwsAccess, key_id: str) -> None:
        self._access = access
        self._key_id = key_id

    @cached_property
    def _client(self) -> Any:
        return self._access.client("kms")

    def sign(self, sha256: bytes) -> Signature:
        """Sign a SHA-256 with the present key."""
        answer = self._client.sign(
            KeyId=self._key_id, Message=sha256, MessageType="DIGEST", SigningAlgorithm=_ALGORITHM
        )
        return Signature(b64encode(answer["Signature"]).decode(), answer["KeyId"])

    def holds(self, sha256: bytes, signature: Signature) -> bool:
        """Tell whether one of our keys made this signature of that SHA-256.

        KMS verifies with any key of anybody that lets us: only those of our account are ours.
        """
        if not signature.key.startswith(self._ours):
            return False
        try:
            answer = self._client.verify(
                KeyId=signature.key,
                Message=sha256,
                MessageType="DIGEST",
                Signature=signature.raw,
                SigningAlgorithm=_ALGORITHM,
            )
        except ValueError:  # not even base64
            return False
        except ClientError as refused:
            if refused.response["Error"]["Code"] in _MADE_BY_NONE:
                return False
            raise
        return bool(answer["SignatureValid"])

    @cached_property
    def _ours(self) -> str:
        """How the ARNs of keys of our account begin."""
        present: str = self._client.get_public_key(KeyId=self._key_id)["KeyId"]
        return present.rpartition("/")[0] + "/"

    def public_key(self) -> str:
        """Give the public half of the present key, as PEM."""
        return pem(self._client.get_public_key(KeyId=self._key_id)["PublicKey"])


def pem(key: bytes) -> str:
    """Write a public key (DER) as PEM."""
    body = "\n".join(wrap(b64encode(key).decode(), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"
