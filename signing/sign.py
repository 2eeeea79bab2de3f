"""Signs one PDF in three steps: prepare in a child, sign at the key holder, finish in a child (design rule 8).

This process opens no PDF. The result appears under its name only when it is whole: whatever fails on the way leaves
nothing behind. `sign_file` is the whole way for one file; a batch takes its steps one by one (`ready` once, then `draft`,
`complete` and `release` for each file), for its key may answer hours after it was asked.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from signing.certificate import check_certificate, common_name, mechanism_for, signature_matches
from signing.group import GroupKey
from signing.longterm import Evidence, Fetch, add_document_timestamp
from signing.model import (
    STANDARD,
    Algorithm,
    CertificateStatus,
    Facts,
    KeyHolder,
    Level,
    Mechanism,
    Order,
    Profile,
    SeenPage,
    SeenWord,
    SignedFile,
    Trust,
)
from signing.profiles import filled_lines
from signing.tasks import FINISH, PREPARE, Finish, Prepare, Prepared
from signing.timestamp import timestamp_request
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError

Timestamp = Callable[[bytes], bytes]
# The words of a page (from 1) of a PDF that has no text there.
Look = Callable[[Path, int], tuple[SeenWord, ...]]
_STAMPED = ("t", "lt", "lta")
_LASTING = ("lt", "lta")


class Manner(Struct, frozen=True):
    """How one key signs a file, or a whole batch. What `sign_file` says of its arguments holds here.

    `evidence` grows with what is fetched; None at levels that need none. `check` looks at the finished file before it gets its
    name and raises when it must not have it. `status` is what `ready` learnt. `look` reads a page that is only a picture, where
    the place of the signature follows from its words.
    """

    profile: Profile
    level: Level = "b"
    algorithm: Algorithm = STANDARD
    timestamp: Timestamp | None = None
    evidence: Evidence | None = None
    all_evidence: bool = False
    status: CertificateStatus = "not_asked"
    check: Callable[[Path, str], None] | None = None
    look: Look | None = None


class Drafted(Struct, frozen=True):
    """A file with room for its signature: `part` lies beside `out` until it is whole."""

    out: Path
    part: Path
    prepared: Prepared
    mechanism: Mechanism
    signed_at: datetime


def sign_file(
    source: Path,
    out: Path,
    identity: KeyHolder,
    profile: Profile,
    level: Level,
    child: Child,
    timestamp: Timestamp | None,
    facts: Facts,
    algorithm: Algorithm = STANDARD,
    trust: Trust | None = None,
    fetch: Fetch | None = None,
    status_required: bool = False,
    all_evidence: bool = False,
    check: Callable[[Path, str], None] | None = None,
    look: Look | None = None,
) -> SignedFile:
    """Sign `source` into `out`, which may be the same path; the signature is added, earlier bytes stay as they are.

    `timestamp` turns an RFC 3161 request into a response and is needed from level t on; `fetch` gets CRLs, OCSP answers
    and issuers' certificates, with those of `trust`. A file that was to have a timestamp or evidence is never delivered
    without. A revoked certificate never signs; one whose status cannot be learnt signs at the levels b and t only, and
    not when `status_required`. With `all_evidence` the signatures that were there before must be proven too; `check` sees
    the finished file and the name of the new signature's field before the file gets its name; `look` as in `Manner`. Raises
    UsageError level_not_available, timestamp_not_configured, profile_not_in_force, and SohoaError
    certificate_status_unknown and those of the certificate check, the key holder, `signing.prepare`, `signing.finish`
    and `signing.longterm`.
    """
    manner = Manner(profile, level, algorithm, timestamp, all_evidence=all_evidence, check=check, look=look)
    manner = ready(identity, manner, facts.signed_at, child, trust, fetch, status_required)
    algorithm = manner.algorithm
    drafted = draft(source, out, identity, manner, facts, child)
    try:
        if isinstance(identity, GroupKey):
            signature = identity.sign_order(order_of(drafted, algorithm, source.name, _digest(source)))
        else:
            signature = identity.sign(drafted.prepared.attributes, drafted.mechanism, algorithm.digest)
        signed = complete(drafted, signature, identity, manner, child)
        release(signed, drafted)
    except BaseException:
        discard(drafted.part)
        raise
    return signed


def ready(
    identity: KeyHolder,
    manner: Manner,
    at: datetime,
    child: Child,
    trust: Trust | None = None,
    fetch: Fetch | None = None,
    status_required: bool = False,
) -> Manner:
    """May this certificate sign in this manner, now? Asked once for a batch, before its first file is touched.

    The manner comes back with the status that was learnt, the evidence gathered on the way, and the algorithm of a key that
    can make only one. Raises as `sign_file`.
    """
    _possible(manner.level, manner.timestamp)
    _in_force(manner.profile, at)
    trust = trust or Trust()
    check_certificate(identity.certificate, identity.chain, at)
    evidence = Evidence(trust, fetch).with_certificates(identity.chain)
    status: CertificateStatus = evidence.status(identity.certificate, child) if evidence.asked else "not_asked"
    if status != "good":
        # What is good has been shown to chain to an anchor, if need be over certificates that were fetched.
        check_certificate(identity.certificate, identity.chain, at, trust)
    if status != "good" and (status_required or manner.level in _LASTING):
        raise SohoaError("certificate_status_unknown")
    if isinstance(identity, GroupKey) and identity.padding:
        manner = replace(manner, algorithm=Algorithm("sha256", identity.padding))
    return replace(manner, evidence=evidence, status=status)


def draft(source: Path, out: Path, identity: KeyHolder, manner: Manner, facts: Facts, child: Child, part: Path | None = None) -> Drafted:
    """The first step: a copy of `source` with room for a signature, beside `out`. Whatever fails leaves no copy behind."""
    # A long batch may outlive a certificate.
    check_certificate(identity.certificate, identity.chain, facts.signed_at)
    part = part or out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        prepared = _prepared(_request(source, part, identity, manner, facts), manner.look, child)
    except BaseException:
        discard(part)
        raise
    return Drafted(out, part, prepared, mechanism_for(identity.certificate, manner.algorithm.padding), facts.signed_at)


def order_of(drafted: Drafted, algorithm: Algorithm, name: str, sha256: str) -> Order:
    """What the owner of a key is asked for; `name` and `sha256` (hex) are those of the file as it came in."""
    prepared = drafted.prepared
    return Order(prepared.attributes, drafted.mechanism, algorithm.digest, name, prepared.pages, sha256, prepared.document_digest)


def complete(drafted: Drafted, signature: bytes, identity: KeyHolder, manner: Manner, child: Child) -> SignedFile:
    """The last step: the signature, its timestamp and evidence go in; the file is whole but not yet under its name."""
    prepared, level, digest = drafted.prepared, manner.level, manner.algorithm.digest
    if not signature_matches(identity.certificate, drafted.mechanism, digest, prepared.attributes, signature):
        raise SohoaError("signature_wrong")
    stamped = _stamped(manner.timestamp, signature) if level in _STAMPED else None
    request = Finish(
        str(drafted.part), prepared, signature, drafted.mechanism, digest, identity.certificate, identity.chain, timestamp=stamped
    )
    sha256 = child.call(FINISH, request).sha256
    if level in _LASTING and manner.evidence is not None:
        sha256 = manner.evidence.add_to(drafted.part, child, "" if manner.all_evidence else prepared.field)
    if level == "lta" and manner.timestamp is not None and manner.evidence is not None:
        stamp = add_document_timestamp(drafted.part, child, manner.timestamp)
        sha256 = manner.evidence.add_to(drafted.part, child, stamp.field) or stamp.sha256
    if manner.check is not None:
        manner.check(drafted.part, prepared.field)
    return SignedFile(
        drafted.out,
        sha256,
        prepared.field,
        level,
        prepared.page,
        prepared.box,
        manner.profile.name,
        drafted.signed_at,
        manner.status,
        prepared.placement,
    )


def release(signed: SignedFile, drafted: Drafted) -> None:
    """Give a whole file its name, in one step."""
    drafted.part.replace(signed.path)
    keep_name(signed.path.parent)


def discard(part: Path) -> None:
    """A draft that will not be finished leaves nothing behind."""
    with contextlib.suppress(FileNotFoundError):
        part.unlink()


def _possible(level: Level, timestamp: Timestamp | None) -> None:
    if level not in ("b", *_STAMPED):
        raise UsageError("level_not_available", level=level.upper())
    if level in _STAMPED and timestamp is None:
        raise UsageError("timestamp_not_configured")


def _in_force(profile: Profile, at: datetime) -> None:
    """A signature looks as the law of its day wants it."""
    day = at.date()
    if day < profile.valid_from or (profile.valid_to and day > profile.valid_to):
        raise UsageError("profile_not_in_force", profile=profile.name)


def _request(source: Path, part: Path, identity: KeyHolder, manner: Manner, facts: Facts) -> Prepare:
    profile = manner.profile
    image = facts.image if profile.image == "optional" else None
    return Prepare(
        source=str(source),
        out=str(part),
        profile=profile,
        signed_at=facts.signed_at,
        certificate=identity.certificate,
        chain=identity.chain,
        digest=manner.algorithm.digest,
        reserve_timestamp=manner.level in _STAMPED,
        lines=() if image else filled_lines(profile, facts, common_name(identity.certificate)),
        image=str(image) if image else None,
        image_mm=facts.image_mm,
        page=facts.page,
        box=facts.box,
        avoid=facts.avoid,
    )


def _prepared(request: Prepare, look: Look | None, child: Child) -> Prepared:
    """Prepare, reading what has to be read: a page that is only a picture shows no place until then."""
    while True:
        try:
            return child.call(PREPARE, request)
        except SohoaError as error:
            if error.code != "signature_page_unread" or look is None:
                raise
            number = int(error.facts["page"])
            request = replace(request, seen=(*request.seen, SeenPage(number, look(Path(request.source), number))))


def _stamped(timestamp: Timestamp | None, signature: bytes) -> tuple[bytes, bytes] | None:
    if timestamp is None:
        return None
    request = timestamp_request(signature)
    return request, timestamp(request)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_name(folder: Path) -> None:
    """Flush a folder: the file's bytes are on the disk already, this puts its name there too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
