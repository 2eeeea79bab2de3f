"""Which evidence is missing to judge a file's signatures, and where its issuers say that it can be had.

Looks at certificates only, in the child; whoever may use the network fetches (verification.online). For a certificate of
unknown status the responder comes first and the list after it (RFC 5280, 4.2.1.13 and 4.2.2.1); for one whose issuer is
not at hand, the issuer's certificate. What is fetched helps to build a path and tells a status; it never becomes an anchor.
"""

from datetime import datetime
from itertools import pairwise

from asn1crypto import ocsp, x509
from asn1crypto.algos import DigestAlgorithm
from asn1crypto.core import OctetString

from verification.algorithms import digest_of
from verification.certificates import Certificate, issued_by, read_certificate
from verification.facts import FileFacts
from verification.paths import Pool, find_path
from verification.revocation import RevocationEvidence, status_at
from verification.tasks import Missing, Source
from verification.truststore import TrustStore

_MOST = 40
_MOST_SOURCES = 6  # whoever makes a certificate writes its addresses; nobody shall be sent around by it


def missing_evidence(facts: FileFacts, store: TrustStore, now: datetime) -> tuple[Missing, ...]:
    """What would help to judge the signers and timestamps of `facts`; empty when everything is known or nobody says where."""
    pool = Pool.of((*store.anchors, *store.listed_services), (*store.intermediates, *facts.evidence.certificates))
    known = RevocationEvidence(facts.evidence.crls, facts.evidence.ocsps, store.crls, store.ocsps)
    messages = [m for s in facts.signatures for m in (s.message, *s.stamps)]
    found: dict[Missing, None] = {}
    for message in messages:
        signer = read_certificate(message.signer) if message.signer else None
        if signer is None:
            continue
        moment = message.token_time or now
        chain = _chain(signer, pool, moment)
        for certificate, issuer in pairwise(chain):
            if status_at(certificate, issuer, moment, now, known).status == "unknown":
                found[Missing(_status_sources(certificate, issuer))] = None
        if chain[-1].der not in pool.anchors:
            found[Missing(tuple(Source(url) for url in _access(chain[-1], "ca_issuers")[:_MOST_SOURCES]))] = None
    return tuple(one for one in found if one.sources)[:_MOST]


def _chain(signer: Certificate, pool: Pool, moment: datetime) -> tuple[Certificate, ...]:
    """The path to an anchor, or as far up as the issuers are known."""
    path = find_path(signer, pool, moment)
    if path is not None:
        return path.certificates
    chain = [signer]
    while len(chain) < 10 and not chain[-1].self_issued:
        above = next((c for c in pool.by_subject.get(chain[-1].issuer, ()) if c not in chain and issued_by(chain[-1], c)), None)
        if above is None:
            break
        chain.append(above)
    return tuple(chain)


def _status_sources(certificate: Certificate, issuer: Certificate) -> tuple[Source, ...]:
    request = _request(certificate, issuer)
    lists = [Source(url) for url in list_addresses_of(certificate)]
    return (*(Source(url, request) for url in _access(certificate, "ocsp")), *lists)[:_MOST_SOURCES]


def _request(certificate: Certificate, issuer: Certificate) -> bytes:
    """Without a nonce, so that a cache may answer; SHA-1 names the issuer because every responder knows it (RFC 6960, 4.1.1)."""
    above = x509.Certificate.load(issuer.der)
    identifier = ocsp.CertId(
        {
            "hash_algorithm": DigestAlgorithm({"algorithm": "sha1"}),
            "issuer_name_hash": OctetString(digest_of("sha1", above.subject.dump())),
            "issuer_key_hash": OctetString(digest_of("sha1", bytes(above.public_key["public_key"]))),
            "serial_number": certificate.serial,
        }
    )
    return bytes(ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": identifier}]}}).dump())


def _access(certificate: Certificate, method: str) -> list[str]:
    described = x509.Certificate.load(certificate.der).authority_information_access_value
    named = [d["access_location"] for d in described if d["access_method"].native == method] if described else []
    return _web(named)


def list_addresses_of(certificate: Certificate) -> list[str]:
    """Where its issuer says that the revocation list is had, http and https only (RFC 5280, 4.2.1.13)."""
    points = x509.Certificate.load(certificate.der).crl_distribution_points
    names = [name for p in points if p["distribution_point"].name == "full_name" for name in p["distribution_point"].chosen]
    return _web(names)


def _web(names: list[x509.GeneralName]) -> list[str]:
    urls = [str(name.native) for name in names if name.name == "uniform_resource_identifier"]
    return [url for url in urls if url.lower().startswith(("http://", "https://"))]
