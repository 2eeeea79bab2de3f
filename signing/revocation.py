"""In the child: what CRLs and OCSP answers say of a certificate (RFC 5280 §6.3, RFC 6960 §3.2).

An answer counts when its issuer's key, or a responder the issuer named, signed it, when it is about this certificate,
and when it speaks of the moment in question: given after it, or still fresh at it.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, SignatureAlgorithmOID
from msgspec import Struct

SKEW = timedelta(minutes=5)
_WHOLE_CRL = frozenset({x509.CRLNumber.oid, x509.AuthorityKeyIdentifier.oid, x509.IssuingDistributionPoint.oid})


class Said(Struct, frozen=True):
    """One answer on one certificate. `source` is its DER; `responder` who signed an OCSP answer when not the issuer itself."""

    source: bytes
    is_ocsp: bool
    this_update: datetime
    next_update: datetime
    revoked_at: datetime | None
    responder: x509.Certificate | None = None

    def speaks_of(self, moment: datetime, now: datetime, certificate: x509.Certificate) -> bool:
        """Whether it tells the status at `moment`; issuers may forget certificates that have expired."""
        if self.this_update > now + SKEW or self.this_update > certificate.not_valid_after_utc:
            return False
        return self.this_update >= moment or moment <= self.next_update + SKEW


def answers(certificate: x509.Certificate, issuer: x509.Certificate, crls: Iterable[bytes], ocsps: Iterable[bytes]) -> Iterator[Said]:
    """Every answer on `certificate` that counts, OCSP first: it is smaller."""
    for der in ocsps:
        yield from _from_ocsp(der, certificate, issuer)
    for der in crls:
        said = _from_crl(der, certificate, issuer)
        if said is not None:
            yield said


def crl_addresses(certificate: x509.Certificate) -> list[str]:
    """Where the issuer says that its CRL is had, http and https only."""
    points = _extension(certificate, x509.CRLDistributionPoints)
    if not isinstance(points, x509.CRLDistributionPoints):
        return []
    return _web(name for point in points if point.crl_issuer is None for name in point.full_name or ())


def access_addresses(certificate: x509.Certificate, ocsp_answers: bool) -> list[str]:
    """Where OCSP answers, or else the issuer's own certificate, are had."""
    access = _extension(certificate, x509.AuthorityInformationAccess)
    if not isinstance(access, x509.AuthorityInformationAccess):
        return []
    wanted = AuthorityInformationAccessOID.OCSP if ocsp_answers else AuthorityInformationAccessOID.CA_ISSUERS
    return _web(one.access_location for one in access if one.access_method == wanted)


def ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """A DER request without a nonce, so that the answer may come from a cache; SHA-1 names the issuer because every responder knows it."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303 - an identifier, not a protection
    return builder.build().public_bytes(Encoding.DER)


def needs_no_check(responder: x509.Certificate) -> bool:
    """Whether its issuer asks that the responder's own status be not looked for (RFC 6960 §4.2.2.2.1)."""
    return _extension(responder, x509.OCSPNoCheck) is not None


def _extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _web(names: Iterable[x509.GeneralName]) -> list[str]:
    urls = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return [url for url in urls if url.lower().startswith(("http://", "https://"))]


# -------------------------------------------------------------------------------------------------------------- CRL


@lru_cache(maxsize=64)
def _crl(der: bytes) -> x509.CertificateRevocationList | None:
    """A complete CRL; delta CRLs, indirect ones and those for some reasons only cannot prove that a certificate is good."""
    try:
        listed = x509.load_der_x509_crl(der)
        critical = {extension.oid for extension in listed.extensions if extension.critical}
    except ValueError:
        return None
    return listed if critical <= _WHOLE_CRL else None


@lru_cache(maxsize=256)
def _crl_signed(der: bytes, issuer: x509.Certificate) -> bool:
    listed = _crl(der)
    usage = _extension(issuer, x509.KeyUsage)
    if listed is None or listed.issuer != issuer.subject or (isinstance(usage, x509.KeyUsage) and not usage.crl_sign):
        return False
    try:
        return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, UnsupportedAlgorithm, InvalidSignature):
        return False


def _from_crl(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Said | None:
    if not _crl_signed(der, issuer):
        return None
    listed = _crl(der)
    if listed is None or not _covers(listed, certificate):
        return None
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    following = listed.next_update_utc or listed.last_update_utc
    return Said(der, False, listed.last_update_utc, following, entry.revocation_date_utc if entry else None)


def _covers(listed: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    try:
        scope = listed.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    basic = _extension(certificate, x509.BasicConstraints)
    authority = isinstance(basic, x509.BasicConstraints) and basic.ca
    if scope.indirect_crl or scope.only_contains_attribute_certs or scope.only_some_reasons:
        return False
    return not (scope.only_contains_ca_certs and not authority) and not (scope.only_contains_user_certs and authority)


# ------------------------------------------------------------------------------------------------------------- OCSP


@lru_cache(maxsize=1024)
def _from_ocsp(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> tuple[Said, ...]:
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            return ()
        about = [one for one in response.responses if _is_about(one, certificate, issuer)]
        signer = _responder(response, der, issuer) if about else None
    except (ValueError, UnsupportedAlgorithm, TypeError, KeyError):
        return ()
    if signer is None:
        return ()
    delegate = signer if signer != issuer else None
    return tuple(
        Said(
            der,
            True,
            one.this_update_utc,
            one.next_update_utc or response.produced_at_utc,
            one.revocation_time_utc if one.certificate_status == ocsp.OCSPCertStatus.REVOKED else None,
            delegate,
        )
        for one in about
        if one.certificate_status != ocsp.OCSPCertStatus.UNKNOWN
    )


def _is_about(one: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    def hashed(content: bytes) -> bytes:
        made = hashes.Hash(one.hash_algorithm)
        made.update(content)
        return made.finalize()

    key = issuer.public_key()
    shape = PublicFormat.PKCS1 if isinstance(key, rsa.RSAPublicKey) else PublicFormat.UncompressedPoint
    encoding = Encoding.DER if isinstance(key, rsa.RSAPublicKey) else Encoding.X962
    return (
        one.serial_number == certificate.serial_number
        and one.issuer_name_hash == hashed(issuer.subject.public_bytes())
        and one.issuer_key_hash == hashed(key.public_bytes(encoding, shape))
    )


def _responder(response: ocsp.OCSPResponse, der: bytes, issuer: x509.Certificate) -> x509.Certificate | None:
    """The issuer itself, or the certificate in the answer that the issuer named as its responder; None when neither signed."""
    signed = _signature_check(response, der)
    if signed(issuer):
        return issuer
    for candidate in response.certificates:
        purposes = _extension(candidate, x509.ExtendedKeyUsage)
        if not isinstance(purposes, x509.ExtendedKeyUsage) or ExtendedKeyUsageOID.OCSP_SIGNING not in purposes:
            continue
        try:
            candidate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            continue
        if candidate.not_valid_before_utc <= response.produced_at_utc <= candidate.not_valid_after_utc and signed(candidate):
            return candidate
    return None


def _signature_check(response: ocsp.OCSPResponse, der: bytes) -> Callable[[x509.Certificate], bool]:
    algorithm = asn1_ocsp.OCSPResponse.load(der).basic_ocsp_response["signature_algorithm"]
    named = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    hashed = named.get(algorithm.hash_algo)
    is_pss = response.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS

    def signed(signer: x509.Certificate) -> bool:
        key = signer.public_key()
        if hashed is None:
            return False
        try:
            if isinstance(key, rsa.RSAPublicKey):
                scheme = padding.PSS(padding.MGF1(hashed), padding.PSS.AUTO) if is_pss else padding.PKCS1v15()
                key.verify(response.signature, response.tbs_response_bytes, scheme, hashed)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashed))
            else:
                return False
        except InvalidSignature:
            return False
        return True

    return signed
