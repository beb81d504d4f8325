"""Signatures by KMS, as by the fake that stands for it (EVD-2)."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.signing import KmsSigner, Signature, Signer
from tests.fakes.outside import InMemorySigner

DIGEST = hashlib.sha256(b"a closing").digest()


def a_key(access: AwsAccess) -> str:
    """Make a pair of keys as the template does; give its ARN."""
    kms = access.client("kms")
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["Arn"])


@pytest.fixture(params=["memory", "kms"])
def signer(request: pytest.FixtureRequest) -> Signer:
    if request.param == "memory":
        return InMemorySigner()
    access = request.getfixturevalue("access")
    return KmsSigner(access, a_key(access))


@pytest.mark.contract("EVD-2")
def test_a_signature_holds_for_what_was_signed_and_for_nothing_else(signer: Signer) -> None:
    signature = signer.sign(DIGEST)
    assert signer.holds(DIGEST, signature)
    assert not signer.holds(hashlib.sha256(b"another").digest(), signature)
    assert not signer.holds(DIGEST, replace(signature, value=signature.value[:-8] + "AAAAAAA="))


@pytest.mark.contract("EVD-2")
def test_the_public_key_alone_checks_it(signer: Signer) -> None:
    key = load_pem_public_key(signer.public_key().encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signer.sign(DIGEST).raw, DIGEST, ec.ECDSA(Prehashed(SHA256())))


@pytest.mark.contract("EVD-2")
def test_another_key_signs_nothing_in_our_name(access: AwsAccess) -> None:
    ours, other = (KmsSigner(access, a_key(access)) for _ in range(2))
    made, forged = ours.sign(DIGEST), other.sign(DIGEST)
    assert not ours.holds(DIGEST, replace(forged, key=made.key))
    unknown = "00000000-0000-0000-0000-000000000000"
    assert not ours.holds(DIGEST, replace(made, key=unknown))


@pytest.mark.contract("EVD-2")
@pytest.mark.parametrize("changes", [{"value": "abc"}, {"value": "é"}, {"key": ""}, {"key": "a b"}])
def test_what_is_no_signature_holds_for_nothing(signer: Signer, changes: dict[str, str]) -> None:
    assert not signer.holds(DIGEST, replace(signer.sign(DIGEST), **changes))


@pytest.mark.contract("EVD-2")
def test_a_key_of_ours_that_signs_nothing_made_no_signature(access: AwsAccess) -> None:
    ours = KmsSigner(access, a_key(access))
    data_key = access.client("kms").create_key()["KeyMetadata"]["Arn"]
    assert not ours.holds(DIGEST, replace(ours.sign(DIGEST), key=data_key))


class LenientKms:
    """KMS as an administrator sees it: any key of anybody verifies whose policy lets everybody."""

    def client(self, service: str) -> "LenientKms":
        return self

    def get_public_key(self, **asked: str) -> dict[str, str]:
        return {"KeyId": f"arn:aws:kms:eu-west-3:111111111111:key/{asked['KeyId']}"}

    def verify(self, **asked: object) -> dict[str, bool]:
        return {"SignatureValid": True}


@pytest.mark.contract("EVD-2")
def test_a_key_of_another_account_is_not_ours_though_it_lets_us_verify() -> None:
    kms: Any = LenientKms()
    ours = KmsSigner(kms, "present")
    held = "arn:aws:kms:eu-west-3:{}:key/former"
    assert ours.holds(DIGEST, Signature("AAAA", held.format("111111111111")))
    assert not ours.holds(DIGEST, Signature("AAAA", held.format("999999999999")))
