"""Signatures by KMS, as by the fake that stands for it (EVD-2)."""

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.signing import KmsSigner, Signer
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
