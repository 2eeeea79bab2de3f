"""Certificates read once into what path building and judging ask of them (RFC 5280)."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import x509
from msgspec import Struct

from verification.algorithms import DIGESTS, Scheme, digest_of, scheme_of, signature_fits

_KNOWN_CRITICAL = frozenset(
    ("basic_constraints", "key_usage", "extended_key_usage", "certificate_policies", "subject_alt_name", "crl_distribution_points",
     "authority_information_access", "qc_statements", "key_identifier", "authority_key_identifier", "issuer_alt_name", "ocsp_no_check")
)  # fmt: skip
_NEED_FULL_VALIDATION = frozenset(("name_constraints", "policy_constraints", "inhibit_any_policy", "policy_mappings"))


class Certificate(Struct, frozen=True):
    """One certificate. `key_usage` and `purposes` are None when the extension is missing; names are comparable keys."""

    der: bytes
    subject: str
    issuer: str
    serial: int
    spki: bytes
    signed: bytes
    signature: bytes
    scheme: Scheme | None
    digest: str
    not_before: datetime
    not_after: datetime
    is_ca: bool
    path_length: int | None
    key_usage: frozenset[str] | None
    purposes: frozenset[str] | None
    key_identifier: bytes | None
    authority_key: bytes | None
    needs_full_validation: bool
    unknown_critical: bool
    ocsp_no_check: bool

    @property
    def self_issued(self) -> bool:
        """Subject and issuer are one: a root, or a key change of one."""
        return self.subject == self.issuer

    def valid_at(self, moment: datetime) -> bool:
        """Whether `moment` lies within the validity period."""
        return self.not_before <= moment <= self.not_after


@lru_cache(maxsize=2048)
def read_certificate(der: bytes) -> Certificate | None:
    """The certificate, or None when the bytes are none."""
    try:
        return _read(der)
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on odd certificates; such a one helps nobody
        return None


@lru_cache(maxsize=4096)
def issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key signed the certificate; names must have been compared already."""
    if certificate.scheme is None:
        return False
    value = certificate.signed if certificate.scheme.signs_message else digest_of(certificate.digest, certificate.signed)
    return signature_fits(issuer.spki, certificate.scheme, certificate.digest, value, certificate.signature) is True


def _read(der: bytes) -> Certificate:
    certificate = x509.Certificate.load(der)
    signed = certificate["tbs_certificate"].dump()
    tbs = certificate["tbs_certificate"]
    scheme = scheme_of(certificate["signature_algorithm"])
    constraints = certificate.basic_constraints_value
    usage, purposes = certificate.key_usage_value, certificate.extended_key_usage_value
    critical = certificate.critical_extensions
    names = {extension["extn_id"].native for extension in tbs["extensions"]} if tbs["extensions"] else set()
    return Certificate(
        der=der,
        subject=certificate.subject.hashable,
        issuer=certificate.issuer.hashable,
        serial=certificate.serial_number,
        spki=tbs["subject_public_key_info"].dump(),
        signed=signed,
        signature=certificate["signature_value"].native,
        scheme=scheme,
        digest=(scheme.digest if scheme and scheme.digest else "sha512"),
        not_before=certificate.not_valid_before,
        not_after=certificate.not_valid_after,
        is_ca=bool(constraints and constraints["ca"].native),
        path_length=constraints["path_len_constraint"].native if constraints else None,
        key_usage=frozenset(usage.native) if usage is not None else None,
        purposes=frozenset(_dotted(p) for p in purposes) if purposes is not None else None,
        key_identifier=certificate.key_identifier,
        authority_key=certificate.authority_key_identifier,
        needs_full_validation=bool(names & _NEED_FULL_VALIDATION),
        unknown_critical=bool(set(critical) - _KNOWN_CRITICAL - _NEED_FULL_VALIDATION),
        ocsp_no_check="ocsp_no_check" in names,
    )


def _dotted(purpose: Any) -> str:
    return str(purpose.dotted)


def digest_named(algorithm: Any) -> str | None:
    """The digest an AlgorithmIdentifier names."""
    return DIGESTS.get(algorithm["algorithm"].dotted)
