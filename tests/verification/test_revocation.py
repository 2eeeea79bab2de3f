"""What an OCSP answer or a revocation list must be to count: signed by whom it may, about this certificate, at that time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec.structs import replace

from signing.trial import open_authority
from verification.truststore import TrustStore

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def answer(pki, keys) -> Callable[..., bytes]:
    """An OCSP answer on the officer's certificate by the issuing authority, with one thing different."""

    def made(
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        issued: datetime = NOW - HOUR,
        until: datetime = NOW + 12 * HOUR,
        about: str = "officer",
        by: tuple[Any, x509.Certificate] | None = None,
        revoked: datetime | None = None,
    ) -> bytes:
        ca_key, ca = open_authority(pki, "ca")
        key, responder = by or (ca_key, ca)
        builder = ocsp.OCSPResponseBuilder().add_response(
            keys(about)[1], ca, hashes.SHA1(), status, issued, until, revoked, None  # noqa: S303 - an identifier, not a protection
        )  # fmt: skip
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
        builder = builder.certificates([responder]) if by else builder
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    return made


def responder(
    pki, purposes: list[x509.ObjectIdentifier], by: str = "ca", from_: datetime = NOW - 30 * HOUR
) -> tuple[Any, x509.Certificate]:
    """A responder's key and certificate, issued by the named authority."""
    ca_key, ca = open_authority(pki, by)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OCSP")])).issuer_name(ca.subject)
    builder = builder.public_key(key.public_key()).serial_number(99).not_valid_before(from_).not_valid_after(from_ + 24 * 30 * HOUR)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return key, builder.sign(ca_key, hashes.SHA256())


@pytest.fixture
def said(judge, trust: TrustStore, signed: bytes) -> Callable[[bytes], tuple[str, str]]:
    """Verdict and reason when this answer is all that is known of the signer; the authority's own status is known."""
    root = x509.load_der_x509_certificate(trust.anchors[0])
    root_list = next(crl for crl in trust.crls if x509.load_der_x509_crl(crl).issuer == root.subject)

    def judged(der: bytes) -> tuple[str, str]:
        verdict = judge(signed, store=replace(trust, crls=(root_list,), ocsps=(der,)))
        return verdict.verdict, verdict.reason_code

    return judged


def test_a_good_answer_of_the_issuer_counts(said, answer) -> None:
    assert said(answer()) == ("valid", "all_valid")


def test_a_good_answer_of_a_responder_that_the_issuer_named_counts(said, answer, pki) -> None:
    assert said(answer(by=responder(pki, [ExtendedKeyUsageOID.OCSP_SIGNING]))) == ("valid", "all_valid")


@pytest.mark.parametrize("purposes", [[], [ExtendedKeyUsageOID.CLIENT_AUTH]])
def test_a_responder_that_was_not_named_for_this_does_not_count(said, answer, pki, purposes) -> None:
    assert said(answer(by=responder(pki, purposes))) == ("indeterminate", "revocation_unknown")


def test_a_responder_of_another_authority_does_not_count(said, answer, pki) -> None:
    assert said(answer(by=responder(pki, [ExtendedKeyUsageOID.OCSP_SIGNING], by="root"))) == ("indeterminate", "revocation_unknown")


def test_a_responder_whose_certificate_is_not_yet_valid_does_not_count(said, answer, pki) -> None:
    late = responder(pki, [ExtendedKeyUsageOID.OCSP_SIGNING], from_=NOW + HOUR)
    assert said(answer(by=late)) == ("indeterminate", "revocation_unknown")


def test_an_answer_on_another_certificate_says_nothing(said, answer) -> None:
    assert said(answer(about="agency")) == ("indeterminate", "revocation_unknown")


def test_an_answer_outside_its_window_says_nothing(said, answer) -> None:
    assert said(answer(issued=NOW - 50 * HOUR, until=NOW - 26 * HOUR)) == ("indeterminate", "revocation_unknown")
    assert said(answer(issued=NOW + 5 * HOUR, until=NOW + 29 * HOUR)) == ("indeterminate", "revocation_unknown")


def test_an_answer_with_one_changed_bit_says_nothing(said, answer) -> None:
    der = bytearray(answer())
    der[-20] ^= 1
    assert said(bytes(der)) == ("indeterminate", "revocation_unknown")


def test_an_unknown_status_is_not_a_good_one(said, answer) -> None:
    assert said(answer(status=ocsp.OCSPCertStatus.UNKNOWN)) == ("indeterminate", "revocation_unknown")


def test_a_revocation_counts_even_from_an_old_answer(said, answer) -> None:
    revoked = answer(status=ocsp.OCSPCertStatus.REVOKED, revoked=NOW - 100 * HOUR, issued=NOW - 50 * HOUR, until=NOW - 26 * HOUR)
    assert said(revoked) == ("invalid", "signer_certificate_revoked")
