"""Is this certificate fit to sign with, now? Asked before every signature (TT 15/2025/TT-BKHCN Điều 5 k.1a, k.2, PL I, PL II).

A refusal is a refusal: nothing is signed with the next best certificate.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.model import Mechanism, Padding, Trust
from sohoa.errors import SohoaError

_SMALLEST_RSA = 2048
_SMALLEST_EC = 256
_LONGEST_PATH = 8
_NAMES = (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME, x509.NameOID.SURNAME, x509.NameOID.GIVEN_NAME)
# Purposes of which none is a person's or an agency's signature on a document.
_FOR_MACHINES = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def check_certificate(certificate: bytes, chain: Iterable[bytes], at: datetime, trust: Trust | None = None) -> None:
    """Refuse a certificate (DER) that may not sign at `at`.

    With anchors in `trust` it must chain to one of them, and no CRL given there may list it.
    Raises SohoaError identity_unreadable, certificate_without_subject, certificate_not_yet_valid, certificate_expired,
    certificate_not_for_signing, key_too_weak, certificate_not_trusted, identity_revoked.
    """
    trust = trust or Trust()
    own = load_certificate(certificate)
    _names_somebody(own)
    _within_validity(own, at)
    _for_signing(own)
    _strong(own.public_key())
    if trust.anchors:
        between = [load_certificate(der) for der in (*chain, *trust.intermediates)]
        path = find_path(own, between, [load_certificate(der) for der in trust.anchors], at)
        if path is None:
            raise SohoaError("certificate_not_trusted")
        for subject, issuer in pairwise(path):
            _not_revoked(subject, issuer, trust.crls)


def mechanism_for(certificate: bytes, padding: Padding) -> Mechanism:
    """The signature mechanism of this key: ECDSA by its curve, RSA as RSASSA-PSS or, for old verifiers, PKCS#1 v1.5."""
    key = load_certificate(certificate).public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ecdsa"
    return "rsassa_pss" if padding == "standard" else "rsassa_pkcs1v15"


def signature_matches(certificate: bytes, mechanism: Mechanism, digest: str, attributes: bytes, signature: bytes) -> bool:
    """Whether `signature` over `attributes` was made with the certificate's key: a faulty token is found at once."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    hashed = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[digest]
    key = load_certificate(certificate).public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, attributes, ec.ECDSA(hashed))
        elif isinstance(key, rsa.RSAPublicKey) and mechanism == "rsassa_pss":
            key.verify(signature, attributes, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, attributes, padding.PKCS1v15(), hashed)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def common_name(certificate: bytes) -> str:
    """The subject's common name, shown when no other name was given; empty when it has none."""
    names = load_certificate(certificate).subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


@lru_cache(maxsize=64)
def load_certificate(der: bytes) -> x509.Certificate:
    """The certificate in these DER bytes; raises SohoaError identity_unreadable."""
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise SohoaError("identity_unreadable") from None


def _within_validity(certificate: x509.Certificate, at: datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise SohoaError("certificate_not_yet_valid", date=certificate.not_valid_before_utc.strftime("%d/%m/%Y"))
    if at > certificate.not_valid_after_utc:
        raise SohoaError("certificate_expired", date=certificate.not_valid_after_utc.strftime("%d/%m/%Y"))


def _names_somebody(certificate: x509.Certificate) -> None:
    """Whoever reads a signature must learn whose it is (TT 15/2025/TT-BKHCN Điều 5 k.2a)."""
    try:
        names = [name.value for oid in _NAMES for name in certificate.subject.get_attributes_for_oid(oid)]
    except ValueError:
        raise SohoaError("identity_unreadable") from None
    if not any(str(name).strip() for name in names):
        raise SohoaError("certificate_without_subject")


def _for_signing(certificate: x509.Certificate) -> None:
    """Key usage digitalSignature or nonRepudiation, and not only for machines; an absent extension forbids nothing (RFC 5280 §4.2.1)."""
    usage, purposes = _extension(certificate, x509.KeyUsage), _extension(certificate, x509.ExtendedKeyUsage)
    if usage and not usage.digital_signature and not usage.content_commitment:
        raise SohoaError("certificate_not_for_signing")
    if purposes and _FOR_MACHINES.issuperset(purposes):
        raise SohoaError("certificate_not_for_signing")


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except ValueError:
        raise SohoaError("identity_unreadable") from None


def _strong(key: PublicKeyTypes) -> None:
    """RSA from 2048 bits, elliptic curves from 256 (TT 15/2025/TT-BKHCN PL I)."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _SMALLEST_RSA:
            raise SohoaError("key_too_weak", bits=key.key_size)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.key_size < _SMALLEST_EC:
            raise SohoaError("key_too_weak", bits=key.curve.key_size)
    else:
        raise SohoaError("certificate_not_for_signing")


def find_path(
    own: x509.Certificate, between: list[x509.Certificate], anchors: list[x509.Certificate], at: datetime
) -> list[x509.Certificate] | None:
    """[own, …, anchor] with every signature, validity and CA mark checked; None when there is none."""

    def climb(path: list[x509.Certificate]) -> list[x509.Certificate] | None:
        last = path[-1]
        if last in anchors:
            return path
        if len(path) >= _LONGEST_PATH:
            return None
        for above in (*anchors, *between):
            if above not in path and _issued(last, above, at) and (found := climb([*path, above])):
                return found
        return None

    return climb([own])


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        ca = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return ca and issuer.not_valid_before_utc <= at <= issuer.not_valid_after_utc


def _not_revoked(certificate: x509.Certificate, issuer: x509.Certificate, crls: Iterable[bytes]) -> None:
    key = issuer.public_key()
    for der in crls:
        try:
            listed = x509.load_der_x509_crl(der)
            spoken = listed.issuer == issuer.subject and listed.is_signature_valid(key)  # type: ignore[arg-type]
        except (ValueError, TypeError):
            continue
        if spoken and listed.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            raise SohoaError("identity_revoked")
