"""Was a certificate revoked at a given time? From CRLs and OCSP answers at hand (RFC 5280, 6.3; RFC 6960).

An answer counts only if it is signed by the certificate's issuer (or a responder the issuer named for this), is about
this certificate, and speaks of the time in question: issued after it, or fresh at it. No answer is not a good answer.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from asn1crypto import core, crl, ocsp
from msgspec import Struct

from verification.algorithms import digest_of, scheme_of, signature_fits
from verification.certificates import Certificate, digest_named, issued_by, read_certificate

Status = Literal["good", "revoked", "unknown"]

_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
_SKEW = timedelta(minutes=5)
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class Answer(Struct, frozen=True):
    """What is known of one certificate at one time. `at` is when it was revoked; `embedded` when the file itself brought the answer."""

    status: Status
    at: datetime | None = None
    embedded: bool = False


class RevocationEvidence(Struct, frozen=True):
    """CRLs and OCSP answers, DER: those the file brought, and those of the trust store."""

    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    stored_crls: tuple[bytes, ...] = ()
    stored_ocsps: tuple[bytes, ...] = ()


class _Statement(Struct, frozen=True):
    """One signed statement on one certificate: its window and what it says."""

    this_update: datetime
    next_update: datetime
    revoked_at: datetime | None


def status_at(certificate: Certificate, issuer: Certificate, moment: datetime, now: datetime, evidence: RevocationEvidence) -> Answer:
    """The status of `certificate` at `moment`; a revocation at any time is told, with its time, unless it lies in the future."""
    good: Answer | None = None
    for crls, ocsps, embedded in ((evidence.crls, evidence.ocsps, True), (evidence.stored_crls, evidence.stored_ocsps, False)):
        for said in (*_from_ocsps(certificate, issuer, ocsps), *_from_crls(certificate, issuer, crls)):
            if said.this_update > now + _SKEW:
                continue
            if said.revoked_at is not None:
                return Answer("revoked", said.revoked_at, embedded)
            if _speaks_of(said, certificate, moment) and good is None:
                good = Answer("good", None, embedded)
    return good or Answer("unknown")


def list_window(der: bytes) -> tuple[datetime, datetime] | None:
    """When a complete CRL was issued and when the next is due; None for what is none. Says nothing about who signed it."""
    listed = _read_crl(der)
    return (listed.this_update, listed.next_update) if listed else None


def _speaks_of(said: _Statement, certificate: Certificate, moment: datetime) -> bool:
    if said.this_update > certificate.not_after:
        return False  # issuers forget certificates that have expired
    return said.this_update >= moment or moment <= said.next_update + _SKEW


def _from_crls(certificate: Certificate, issuer: Certificate, crls: Iterable[bytes]) -> list[_Statement]:
    found = []
    for der in crls:
        listed = _read_crl(der)
        if listed is None or listed.issuer != certificate.issuer or not listed.covers(certificate) or not _crl_signed(listed, issuer):
            continue
        found.append(_Statement(listed.this_update, listed.next_update, listed.revoked.get(certificate.serial)))
    return found


class _List(Struct, frozen=True):
    issuer: str
    this_update: datetime
    next_update: datetime
    revoked: dict[int, datetime]
    signed: bytes
    signature: bytes
    algorithm: Any
    only: str

    def covers(self, certificate: Certificate) -> bool:
        return self.only == "all" or (self.only == "ca" and certificate.is_ca) or (self.only == "user" and not certificate.is_ca)

    def __hash__(self) -> int:
        return hash(self.signature)


@lru_cache(maxsize=256)
def _read_crl(der: bytes) -> _List | None:
    """A complete CRL; None for what cannot be read, delta CRLs, indirect ones, and those for some reasons only."""
    try:
        loaded = crl.CertificateList.load(der)
        tbs = loaded["tbs_cert_list"]
        signed = tbs.dump()
        if set(loaded.critical_extensions) - {"issuing_distribution_point"} or loaded.delta_crl_indicator_value is not None:
            return None
        only = _scope(loaded.issuing_distribution_point_value)
        if only is None:
            return None
        revoked = {}
        entries = tbs["revoked_certificates"]
        for entry in entries if not isinstance(entries, core.Void) else ():
            if set(entry.critical_extensions) - {"crl_reason"}:
                return None
            revoked[entry["user_certificate"].native] = entry["revocation_date"].native
        following = tbs["next_update"].native
        return _List(
            loaded.issuer.hashable, tbs["this_update"].native, following or tbs["this_update"].native, revoked,
            signed, loaded["signature"].native, loaded["signature_algorithm"], only,
        )  # fmt: skip
    except Exception:  # noqa: BLE001 - as with certificates: an odd list helps nobody
        return None


def _scope(point: Any) -> str | None:
    if point is None:
        return "all"
    if point["indirect_crl"].native or point["only_contains_attribute_certs"].native or point["only_some_reasons"].native:
        return None
    return "user" if point["only_contains_user_certs"].native else "ca" if point["only_contains_ca_certs"].native else "all"


@lru_cache(maxsize=1024)
def _crl_signed(listed: _List, issuer: Certificate) -> bool:
    if issuer.key_usage is not None and "crl_sign" not in issuer.key_usage:
        return False
    return _signed(listed.algorithm, listed.signed, listed.signature, issuer)


def _from_ocsps(certificate: Certificate, issuer: Certificate, ocsps: Iterable[bytes]) -> list[_Statement]:
    found: list[_Statement] = []
    for der in ocsps:
        found += _read_ocsp(der, certificate, issuer)
    return found


@lru_cache(maxsize=2048)
def _read_ocsp(der: bytes, certificate: Certificate, issuer: Certificate) -> tuple[_Statement, ...]:
    """What an OCSP answer says of this certificate; nothing when it is not signed as it must be."""
    try:
        return tuple(_statements(der, certificate, issuer))
    except Exception:  # noqa: BLE001 - an odd answer is none
        return ()


def _statements(der: bytes, certificate: Certificate, issuer: Certificate) -> list[_Statement]:
    basic = _basic(der)
    if basic is None:
        return []
    data = basic["tbs_response_data"]
    signed = data.dump()
    found: list[_Statement] = []
    for single in data["responses"]:
        if not _is_about(single["cert_id"], certificate, issuer):
            continue
        state, this_update = single["cert_status"], single["this_update"].native
        if state.name == "unknown":
            continue
        revoked_at = state.chosen["revocation_time"].native if state.name == "revoked" else None
        found.append(_Statement(this_update, single["next_update"].native or data["produced_at"].native, revoked_at))
    if found and not _responder_may(basic, signed, issuer, data["produced_at"].native):
        return []
    return found


def _basic(der: bytes) -> Any:
    """The BasicOCSPResponse in an OCSPResponse, or one that stands bare."""
    response = ocsp.OCSPResponse.load(der)
    try:
        return response.basic_ocsp_response if response["response_status"].native == "successful" else None
    except (ValueError, TypeError, KeyError):
        return ocsp.BasicOCSPResponse.load(der)


def _is_about(identifier: Any, certificate: Certificate, issuer: Certificate) -> bool:
    name = digest_named(identifier["hash_algorithm"])
    if name is None or identifier["serial_number"].native != certificate.serial:
        return False
    from asn1crypto import x509

    above = x509.Certificate.load(issuer.der)
    key = bytes(above.public_key["public_key"])
    subject = above.subject.dump()
    return bool(
        identifier["issuer_key_hash"].native == digest_of(name, key) and identifier["issuer_name_hash"].native == digest_of(name, subject)
    )


def _responder_may(basic: Any, signed: bytes, issuer: Certificate, produced: datetime) -> bool:
    """Signed by the issuer itself, or by a responder it named for this purpose (RFC 6960, 4.2.2.2)."""
    algorithm, signature = basic["signature_algorithm"], basic["signature"].native
    if _signed(algorithm, signed, signature, issuer):
        return True
    certificates = basic["certs"]
    for choice in certificates if not isinstance(certificates, core.Void) else ():
        responder = read_certificate(choice.dump())
        if responder is None or responder.issuer != issuer.subject or not issued_by(responder, issuer):
            continue
        if responder.purposes is None or _OCSP_SIGNING not in responder.purposes or not responder.valid_at(produced):
            continue
        if _signed(algorithm, signed, signature, responder):
            return True
    return False


def _signed(algorithm: Any, signed: bytes, signature: bytes, signer: Certificate) -> bool:
    scheme = scheme_of(algorithm)
    if scheme is None:
        return False
    digest = scheme.digest or "sha512"
    value = signed if scheme.signs_message else digest_of(digest, signed)
    return signature_fits(signer.spki, scheme, digest, value, signature) is True
