"""In the child: the evidence that lets a signature be judged for decades (ETSI EN 319 142-1 §5.4, levels B-LT and B-LTA).

For every certificate behind a signature, its timestamp and the document timestamps there must be a path and, on each
step of it, an answer that it was not revoked. `weigh` says what is still missing and where it is had; the parent
fetches. `add_evidence` writes the whole into the document security store, or refuses: half of it is never written.
"""
# mypy: allow-untyped-calls

import base64
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from msgspec import Struct, field
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.certificate import find_path
from signing.earlier import entry, items
from signing.revocation import Said, access_addresses, answers, crl_addresses, needs_no_check, ocsp_request
from signing.signed_parts import SignedPart, signed_parts
from signing.tasks import EvidenceAdded, Want, Weigh, Weighed
from signing.update import Update, damage_told
from sohoa.errors import SohoaError

_PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----(.+?)-----END", re.DOTALL)
_LONGEST_PATH = 8


def weigh(request: Weigh) -> Weighed:
    """What is missing, and where it may be had. Raises SohoaError pdf_not_signable, pdf_encrypted_for_signing, identity_unreadable."""
    if request.path is None:
        own = _certificates([request.certificate])
        if not own:
            raise SohoaError("identity_unreadable")
        proof = _Shelf(request, ()).prove(own[0], request.now)
        return Weighed(proof.revoked, proof.missing, tuple(proof.wants))
    with damage_told(), open(request.path, "rb") as file:  # noqa: PTH123 - pyHanko reads from the open handle
        reader = _reader(file)
        every = _proofs(request, reader)
        level = _level(every, "/DSS" in reader.root)
    needed = [one.proof for one in every if one.needed]
    wants = dict.fromkeys(want for proof in needed for want in proof.wants)
    missing = next((proof.missing for proof in needed if proof.missing), "")
    return Weighed(any(proof.revoked for proof in needed), missing, tuple(wants), level)


def add_evidence(request: Weigh) -> EvidenceAdded:
    """Append the whole evidence to `request.path`. Raises SohoaError evidence_missing, evidence_revoked and those of `weigh`."""
    if request.path is None:
        raise SohoaError("pdf_not_signable")
    with damage_told(), open(request.path, "r+b") as file:  # noqa: PTH123 - one handle is read and appended to
        reader = _reader(file)
        every = _proofs(request, reader)
        needed = [one.proof for one in every if one.needed]
        if any(proof.revoked for proof in needed):
            raise SohoaError("evidence_revoked")
        missing = next((proof.missing for proof in needed if proof.missing), "")
        if missing or not needed:
            raise SohoaError("evidence_missing", what=missing or "–")
        writer = Update(file, prev=reader)
        written = _store(writer, every)
        if written:
            writer.write_in_place()
            file.flush()
            os.fsync(file.fileno())
    return EvidenceAdded(written)


def _reader(file: Any) -> PdfFileReader:
    reader = PdfFileReader(file, strict=False)
    if reader.encrypted:
        raise SohoaError("pdf_encrypted_for_signing")
    return reader


class _Proven(Struct, frozen=True):
    part: SignedPart
    proof: "Proof"
    needed: bool


def _level(every: list[_Proven], has_store: bool) -> str:
    """The best level among the signatures; "" when there is none."""
    levels = [""]
    for number, one in enumerate(every):
        if one.part.is_timestamp:
            continue
        lasting = has_store and not one.proof.missing and not one.proof.revoked
        covered = any(later.part.is_timestamp for later in every[number + 1 :])
        levels.append("b" if not one.part.stamps and not covered else "t" if not lasting else "lta" if covered else "lt")
    return max(levels, key=("", "b", "t", "lt", "lta").index)


def _proofs(request: Weigh, reader: PdfFileReader) -> list[_Proven]:
    """One proof per signature and document timestamp, with that of its own timestamps."""
    parts = _parts_of(Path(request.path or ""))
    shelf = _Shelf(request, [der for part in parts for der in part.certificates], _stored(reader))
    newest = next((part for part in reversed(parts) if part.is_timestamp), None) if request.renew else None
    found = []
    for part in parts:
        protects = request.renew and (part is newest if newest else bool(part.stamps))
        needed = protects if request.renew else part.field == request.field if request.field else True
        own = _one(part.signer)
        if newest is not None and protects:
            _still_valid(own, request.now)
        today = newest is not None and protects
        proof = shelf.prove(own, request.now if today else part.moment or request.now, part.moment if today else None)
        proof.name("TSA" if part.is_timestamp else "signer")
        for stamp in part.stamps:
            signer = _one(stamp.signer)
            if newest is None and protects:
                _still_valid(signer, request.now)
            today = newest is None and protects
            moment, since = (request.now, stamp.moment) if today else (stamp.moment, None)
            proof.add(shelf.prove(signer, moment, since).name("TSA"))
        found.append(_Proven(part, proof, needed))
    return found


def _parts_of(path: Path) -> tuple[SignedPart, ...]:
    state = path.stat()
    return _read_parts(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _read_parts(path: Path, _size: int, _changed: int) -> tuple[SignedPart, ...]:
    """Read once for all rounds of one file: decoding the room of a signature is what costs most here."""
    with path.open("rb") as file:
        return tuple(signed_parts(_reader(file)))


def _still_valid(signer: x509.Certificate, now: datetime) -> None:
    """What protected the file must still do so today: a gap cannot be closed afterwards."""
    if now > signer.not_valid_after_utc:
        raise SohoaError("renewal_too_late")


def _stored(reader: PdfFileReader) -> dict[str, list[bytes]]:
    store = entry(reader.root, "/DSS")
    return {key: [bytes(stream.data) for stream in items(entry(store, key))] for key in ("/Certs", "/CRLs", "/OCSPs")}


# ------------------------------------------------------------------------------------------------------------ proof


class Proof(Struct):
    """The certificates and answers that show one certificate to be good, or what lacks."""

    certificates: dict[x509.Certificate, None] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    wants: list[tuple[Want, ...]] = field(default_factory=list)
    missing: str = ""
    revoked: bool = False

    def name(self, whose: str) -> "Proof":
        """Say whose certificate `missing` is about."""
        if self.missing:
            self.missing = f"{self.missing} ({whose})"
        return self

    def add(self, other: "Proof") -> None:
        """Take in another proof that is needed as well."""
        self.certificates.update(other.certificates)
        self.said += other.said
        self.wants += other.wants
        self.missing = self.missing or other.missing
        self.revoked = self.revoked or other.revoked


class _Shelf:
    """All evidence at hand."""

    def __init__(self, request: Weigh, embedded: Iterable[bytes], stored: dict[str, list[bytes]] | None = None) -> None:
        stored = stored or {}
        self.now = request.now
        self.anchors = _certificates(request.anchors)
        self.pool = _certificates((*request.certificates, *embedded, *stored.get("/Certs", ())))
        if not self.anchors:
            self.anchors = [one for one in self.pool if one.issuer == one.subject]
        self.crls = list(dict.fromkeys(map(_der, (*stored.get("/CRLs", ()), *request.crls))))
        self.ocsps = list(dict.fromkeys((*stored.get("/OCSPs", ()), *request.ocsps)))

    def prove(self, own: x509.Certificate, moment: datetime, since: datetime | None = None, depth: int = 0) -> Proof:
        """The proof that `own` was good at `moment`; answers given `since` then are wanted, older ones must do where there are none."""
        path = find_path(own, self.pool, self.anchors, moment)
        if path is None:
            top = self._top(own)
            urls = access_addresses(top, ocsp_answers=False)
            return Proof(wants=[tuple(Want("certificate", url) for url in urls)] if urls else [], missing="CA certificate")
        proof = Proof(dict.fromkeys(path))
        for subject, issuer in pairwise(path):
            self._step(proof, (subject, issuer), moment, since, depth)
        return proof

    def _step(
        self, proof: Proof, pair: tuple[x509.Certificate, x509.Certificate], moment: datetime, since: datetime | None, depth: int
    ) -> None:
        """One certificate and who issued it: revoked before the moment, good, or not known."""
        subject, issuer = pair
        every = list(answers(subject, issuer, self.crls, self.ocsps))
        if any(said.revoked_at is not None and said.revoked_at <= moment for said in every):
            proof.revoked = True
            return
        speaking = [said for said in every if said.speaks_of(moment, self.now, subject)]
        if speaking:
            said = max(speaking, key=lambda one: one.this_update) if since else speaking[0]
            proof.said.append(said)
            if said.responder is not None:
                proof.certificates[said.responder] = None
                if not needs_no_check(said.responder) and depth < 1:
                    proof.add(self.prove(said.responder, moment, since, depth + 1))
            if since is None or said.this_update >= since:
                return
        else:
            proof.missing = proof.missing or "CRL/OCSP"
        request = ocsp_request(subject, issuer)
        ways = [Want("ocsp", url, request) for url in access_addresses(subject, ocsp_answers=True)]
        ways += [Want("crl", url) for url in crl_addresses(subject)]
        if ways:
            proof.wants.append(tuple(ways))

    def _top(self, own: x509.Certificate) -> x509.Certificate:
        """The last certificate on the way up whose issuer is not at hand."""
        last = own
        for _ in range(_LONGEST_PATH):
            above = next((one for one in self.pool if one.subject == last.issuer and one != last), None)
            if above is None:
                break
            last = above
        return last


def _certificates(contents: Iterable[bytes]) -> list[x509.Certificate]:
    """Every certificate in DER, PEM or PKCS#7; what is none is left out, for it came from anywhere."""
    found: dict[x509.Certificate, None] = {}
    for content in dict.fromkeys(contents):
        for der in _blocks(content):
            found.update(dict.fromkeys(_read_certificates(der)))
    return list(found)


def _read_certificates(der: bytes) -> list[x509.Certificate]:
    try:
        return [x509.load_der_x509_certificate(der)]
    except ValueError:
        pass
    try:
        return list(pkcs7.load_der_pkcs7_certificates(der))
    except Exception:  # noqa: BLE001 - no PKCS#7 either
        return []


def _one(der: bytes) -> x509.Certificate:
    found = _certificates([der])
    if not found:
        raise SohoaError("pdf_not_signable")
    return found[0]


def _blocks(content: bytes) -> Iterator[bytes]:
    blocks = _PEM.findall(content) if b"-----BEGIN" in content[:4096] else None
    yield from [base64.b64decode(re.sub(rb"[^A-Za-z0-9+/=]", b"", block)) for block in blocks] if blocks else [content]


def _der(content: bytes) -> bytes:
    """Some authorities deliver their CRL as PEM text."""
    return next(_blocks(content))


# ------------------------------------------------------------------------------------------------------------ store


def _store(writer: Update, every: list[_Proven]) -> bool:
    """Write what the document security store does not hold yet; True when there was something.

    A signature that has its VRI entry keeps it: a later update that changed it would look like tampering. Timestamps get
    none: their evidence stands in the store itself, and a file that has all of it is left as it is.
    """
    before = "/DSS" in writer.root
    store = DocumentSecurityStore.read_dss(writer) if before else DocumentSecurityStore(writer)
    known = {str(key) for key in store.vri_entries}
    for one in every:
        part, proof = one.part, one.proof
        if proof.missing or proof.revoked:
            continue
        identifier = DocumentSecurityStore.sig_content_identifier(part.contents)
        said = {one.source: one.is_ocsp for one in proof.said}
        store.register_vri(
            identifier if not part.is_timestamp and str(identifier) not in known else None,
            certs=[asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)) for certificate in proof.certificates],
            ocsps=[asn1_ocsp.OCSPResponse.load(der) for der, is_ocsp in said.items() if is_ocsp],
            crls=[asn1_crl.CertificateList.load(der) for der, is_ocsp in said.items() if not is_ocsp],
        )
    if not store.modified:
        return False
    values = store.as_pdf_object()
    if not before:
        writer.root[generic.pdf_name("/DSS")] = writer.add_object(values)
        writer.update_root()
    return True
