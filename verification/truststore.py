"""Whom to trust: a folder of certificates and revocation lists, given a version that every verdict names.

Files in the folder (and its subfolders), PEM or DER: self-signed certificates are trust anchors, others intermediates
that help build paths (signatures of Vietnamese state bodies often carry the signer's certificate alone); `*.crl` are
revocation lists. `cancelled.txt` lists cancelled certified copies, one a line: a file's SHA-256, or number;book; signed lists
are PDF files (see verification.cancellations). `seal-issuers.yaml` names the offices whose QR seals are believed; `*.tsl.json`
are trusted lists (see verification.trustupdate).
"""

import base64
import hashlib
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from sohoa.errors import UsageError
from sohoa.seal import ISSUERS_FILE, SealIssuer, load_issuers
from verification.services import TrustedList, decode

_PEM = re.compile(rb"-----BEGIN (CERTIFICATE|TRUSTED CERTIFICATE|X509 CRL|PKCS7|OCSP RESPONSE)-----\s*(.+?)-----END", re.DOTALL)
_ENDINGS = (".pem", ".crt", ".cer", ".der", ".crl", ".ocsp", ".p7b", ".p7c", ".fetched")
_CANCELLED = "cancelled.txt"
LISTS = ".tsl.json"
_LIST_ENDING = ".pdf"
_NAMED = (_CANCELLED, ISSUERS_FILE)
_LARGEST = 64 << 20


class TrustStore(Struct, frozen=True):
    """Certificates to trust (`anchors`), certificates that help (`intermediates`), CRLs and OCSP answers; DER bytes.

    `cancelled` is None when there is no list of cancelled certified copies. `named` is the version of the trust that was
    given, when evidence from elsewhere was added to it. `lists` are signed lists of cancelled copies, `sealers` the offices
    whose QR seals are believed, `trusted_lists` the lists of ETSI TS 119 612.
    """

    anchors: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    cancelled: frozenset[str] | None = None
    named: str = ""
    lists: tuple[bytes, ...] = ()
    sealers: tuple[SealIssuer, ...] = ()
    trusted_lists: tuple[TrustedList, ...] = ()

    @property
    def listed_services(self) -> tuple[bytes, ...]:
        """The certificates of all services of the trusted lists: anchors, while their service is granted."""
        return tuple(dict.fromkeys(service.der for listed in self.trusted_lists for service in listed.services))

    def granted(self, anchor: bytes, purpose: str, moment: datetime) -> bool | None:
        """Whether `anchor` may be relied on for `purpose` at `moment`: the operator's own always, a listed one while granted."""
        if anchor in self.anchors:
            return True
        answers = [listed.granted(anchor, purpose, moment) for listed in self.trusted_lists]
        return True if True in answers else False if False in answers else None

    def helped_by(self, found: "TrustStore") -> "TrustStore":
        """The same trust, with certificates, answers and lists found elsewhere to help; no certificate becomes an anchor."""
        return replace(
            self,
            intermediates=(*self.intermediates, *found.anchors, *found.intermediates),
            crls=(*self.crls, *found.crls),
            ocsps=(*self.ocsps, *found.ocsps),
            lists=(*self.lists, *found.lists),
            named=self.version,
        )

    def cancels(self, sha256: str, number: str | None, book: str | None) -> bool:
        """Whether the list of cancelled certified copies names this file, or its number and book (TT 01/2020/TT-BTP Điều 7)."""
        return bool(self.cancelled) and bool({sha256, f"{number};{book}"} & (self.cancelled or frozenset()))

    @property
    def version(self) -> str:
        """A short name of exactly these contents: two verdicts with the same version were judged by the same trust."""
        if self.named:
            return self.named
        made = hashlib.sha256()
        for kind in (self.anchors, self.intermediates, self.crls, self.ocsps):
            for digest in sorted(hashlib.sha256(item).digest() for item in kind):
                made.update(digest)
            made.update(b"|")
        made.update("\n".join(sorted(self.cancelled or ())).encode())
        if self.lists or self.sealers or self.trusted_lists:
            made.update("".join(sorted(map(repr, self.trusted_lists))).encode())
            for item in sorted((*(hashlib.sha256(one).digest() for one in self.lists), *(repr(one).encode() for one in self.sealers))):
                made.update(item)
        return made.hexdigest()[:16]


def load_trust(path: str | None) -> TrustStore:
    """The trust store in this folder (or single file); None is the empty store. Raises UsageError trust_missing."""
    if path is None:
        return TrustStore()
    folder = Path(path)
    if not folder.exists():
        raise UsageError("trust_missing", path=folder.name)
    files = sorted(f for f in folder.rglob("*") if _counts(f) and f.is_file()) if folder.is_dir() else [folder]
    stamp = tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files)
    return _load(stamp)


def _counts(file: Path) -> bool:
    return file.suffix.lower() in (*_ENDINGS, _LIST_ENDING) or file.name in _NAMED or file.name.endswith(LISTS)


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[str, int, int], ...]) -> TrustStore:
    anchors: dict[bytes, None] = {}
    intermediates: dict[bytes, None] = {}
    crls: dict[bytes, None] = {}
    ocsps: dict[bytes, None] = {}
    cancelled: frozenset[str] | None = None
    lists: list[bytes] = []
    trusted: list[TrustedList] = []
    sealers: tuple[SealIssuer, ...] = ()
    for name, _, size in files:
        if size > _LARGEST:
            continue
        if Path(name).name == _CANCELLED:
            lines = Path(name).read_text(encoding="utf8", errors="replace").splitlines()
            cancelled = frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
            continue
        if Path(name).name == ISSUERS_FILE:
            sealers += load_issuers(Path(name))
            continue
        if name.endswith(LISTS):
            trusted.append(decode(Path(name).read_bytes()))
            continue
        if Path(name).suffix.lower() == _LIST_ENDING:
            lists.append(Path(name).read_bytes())
            continue
        for kind, der in read_items(Path(name).read_bytes()):
            target = {"anchor": anchors, "certificate": intermediates, "crl": crls, "ocsp": ocsps}[kind]
            target[der] = None
    return TrustStore(
        tuple(anchors), tuple(intermediates), tuple(crls), tuple(ocsps), cancelled,
        lists=tuple(lists), sealers=sealers, trusted_lists=tuple(trusted),
    )  # fmt: skip


def read_items(content: bytes) -> list[tuple[str, bytes]]:
    """The certificates and lists in a file's content: (anchor | certificate | crl | ocsp, DER); unknown content gives none."""
    blocks = _PEM.findall(content)
    ders = [base64.b64decode(re.sub(rb"[^A-Za-z0-9+/=]", b"", body)) for _, body in blocks] if blocks else [content]
    found: list[tuple[str, bytes]] = []
    for der in ders:
        found += _classify(der)
    return found


def _classify(der: bytes) -> list[tuple[str, bytes]]:
    from asn1crypto import cms, crl, ocsp, x509

    try:
        certificate = x509.Certificate.load(der)
        kind = "anchor" if certificate.self_issued and certificate.self_signed != "no" else "certificate"
        if certificate["signature_algorithm"].native:
            return [(kind, der)]
    except (ValueError, TypeError, KeyError):
        pass
    try:
        if crl.CertificateList.load(der)["tbs_cert_list"]["this_update"].native:
            return [("crl", der)]
    except (ValueError, TypeError, KeyError):
        pass
    try:
        if ocsp.OCSPResponse.load(der)["response_status"].native == "successful":
            return [("ocsp", der)]
    except (ValueError, TypeError, KeyError):
        pass
    try:
        inner = cms.ContentInfo.load(der)["content"]["certificates"]
        return [item for choice in inner if choice.name == "certificate" for item in _classify(choice.chosen.dump())]
    except (ValueError, TypeError, KeyError):
        return []
