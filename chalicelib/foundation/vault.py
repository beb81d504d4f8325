"""Encryption of what must not lie readable in a table: the port, and KMS behind it."""

from base64 import b64decode, b64encode
from functools import cached_property
from typing import Any, Protocol

from chalicelib.foundation.aws import AwsAccess


class Vault(Protocol):
    """Encrypts short secrets for one account."""

    def encrypt(self, secret: str, account_id: str) -> str:
        """Give a text that only ``decrypt`` with the same account turns back."""

    def decrypt(self, ciphertext: str, account_id: str) -> str:
        """Turn a ciphertext back."""


class KmsVault:
    """A KMS key; the account is the encryption context, so no other account's call decrypts."""

    def __init__(self, access: AwsAccess, key_id: str) -> None:
        self._access = access
        self._key_id = key_id

    @cached_property
    def _client(self) -> Any:
        return self._access.client("kms")

    def encrypt(self, secret: str, account_id: str) -> str:
        """Give a text that only ``decrypt`` with the same account turns back."""
        answer = self._client.encrypt(
            KeyId=self._key_id, Plaintext=secret.encode(), EncryptionContext={"account": account_id}
        )
        return b64encode(answer["CiphertextBlob"]).decode()

    def decrypt(self, ciphertext: str, account_id: str) -> str:
        """Turn a ciphertext back."""
        answer = self._client.decrypt(
            KeyId=self._key_id,
            CiphertextBlob=b64decode(ciphertext),
            EncryptionContext={"account": account_id},
        )
        plain: bytes = answer["Plaintext"]
        return plain.decode()
