"""Signs one PDF in three steps: prepare in a child, sign at the key holder, finish in a child (design rule 8).

This process opens no PDF. The result appears under its name only when it is whole: whatever fails on the way leaves
nothing behind.
"""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from signing.certificate import check_certificate, common_name, mechanism_for, signature_matches
from signing.longterm import Evidence, Fetch, add_document_timestamp
from signing.model import STANDARD, Algorithm, Facts, KeyHolder, Level, Profile, SignedFile, Trust
from signing.profiles import filled_lines
from signing.tasks import FINISH, PREPARE, Finish, Prepare
from signing.timestamp import timestamp_request
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError

Timestamp = Callable[[bytes], bytes]
_STAMPED = ("t", "lt", "lta")
_LASTING = ("lt", "lta")


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
) -> SignedFile:
    """Sign `source` into `out`, which may be the same path; the signature is added, earlier bytes stay as they are.

    `timestamp` turns an RFC 3161 request into a response and is needed from level t on; `fetch` gets CRLs, OCSP answers
    and issuers' certificates, with those of `trust`. A file that was to have a timestamp or evidence is never delivered
    without. A revoked certificate never signs; one whose status cannot be learnt signs at the levels b and t only, and
    not when `status_required`. With `all_evidence` the signatures that were there before must be proven too. Raises
    UsageError level_not_available, timestamp_not_configured, profile_not_in_force, and SohoaError
    certificate_status_unknown and those of the certificate check, the key holder, `signing.prepare`, `signing.finish`
    and `signing.longterm`.
    """
    _possible(level, timestamp)
    _in_force(profile, facts)
    trust = trust or Trust()
    check_certificate(identity.certificate, identity.chain, facts.signed_at)
    evidence = Evidence(trust, fetch).with_certificates(identity.chain)
    status = evidence.status(identity.certificate, child) if evidence.asked else "not_asked"
    if status != "good":
        # What is good has been shown to chain to an anchor, if need be over certificates that were fetched.
        check_certificate(identity.certificate, identity.chain, facts.signed_at, trust)
    if status != "good" and (status_required or level in _LASTING):
        raise SohoaError("certificate_status_unknown")
    mechanism = mechanism_for(identity.certificate, algorithm.padding)
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        prepared = child.call(PREPARE, _request(source, part, identity, profile, level, facts, algorithm))
        signature = identity.sign(prepared.attributes, mechanism, algorithm.digest)
        if not signature_matches(identity.certificate, mechanism, algorithm.digest, prepared.attributes, signature):
            raise SohoaError("signature_wrong")
        stamped = _stamped(timestamp, signature) if level in _STAMPED else None
        finished = child.call(
            FINISH,
            Finish(str(part), prepared, signature, mechanism, algorithm.digest, identity.certificate, identity.chain, timestamp=stamped),
        )
        sha256 = finished.sha256
        if level in _LASTING:
            sha256 = evidence.add_to(part, child, "" if all_evidence else prepared.field)
        if level == "lta" and timestamp is not None:
            stamp = add_document_timestamp(part, child, timestamp)
            sha256 = evidence.add_to(part, child, stamp.field) or stamp.sha256
        part.replace(out)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        raise
    keep_name(out.parent)
    return SignedFile(out, sha256, prepared.field, level, prepared.page, prepared.box, profile.name, facts.signed_at, status)


def _possible(level: Level, timestamp: Timestamp | None) -> None:
    if level not in ("b", *_STAMPED):
        raise UsageError("level_not_available", level=level.upper())
    if level in _STAMPED and timestamp is None:
        raise UsageError("timestamp_not_configured")


def _in_force(profile: Profile, facts: Facts) -> None:
    """A signature looks as the law of its day wants it."""
    day = facts.signed_at.date()
    if day < profile.valid_from or (profile.valid_to and day > profile.valid_to):
        raise UsageError("profile_not_in_force", profile=profile.name)


def _request(source: Path, part: Path, identity: KeyHolder, profile: Profile, level: Level, facts: Facts, algorithm: Algorithm) -> Prepare:
    image = facts.image if profile.image == "optional" else None
    return Prepare(
        source=str(source),
        out=str(part),
        profile=profile,
        signed_at=facts.signed_at,
        certificate=identity.certificate,
        chain=identity.chain,
        digest=algorithm.digest,
        reserve_timestamp=level in _STAMPED,
        lines=() if image else filled_lines(profile, facts, common_name(identity.certificate)),
        image=str(image) if image else None,
        image_mm=facts.image_mm,
        page=facts.page,
        box=facts.box,
        avoid=facts.avoid,
    )


def _stamped(timestamp: Timestamp | None, signature: bytes) -> tuple[bytes, bytes] | None:
    if timestamp is None:
        return None
    request = timestamp_request(signature)
    return request, timestamp(request)


def keep_name(folder: Path) -> None:
    """Flush a folder: the file's bytes are on the disk already, this puts its name there too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
