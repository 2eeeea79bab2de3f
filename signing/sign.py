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
from signing.model import STANDARD, Algorithm, Facts, KeyHolder, Level, Profile, SignedFile, Trust
from signing.profiles import filled_lines
from signing.tasks import FINISH, PREPARE, Finish, Prepare
from signing.timestamp import timestamp_request
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError

Timestamp = Callable[[bytes], bytes]


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
) -> SignedFile:
    """Sign `source` into `out`, which may be the same path; the signature is added, earlier bytes stay as they are.

    `timestamp` turns an RFC 3161 request into a response and is needed for level t: a file that was to have a timestamp
    is never delivered without. Raises UsageError level_not_available, timestamp_not_configured, profile_not_in_force,
    and SohoaError of the certificate check, the key holder, `signing.prepare` and `signing.finish`.
    """
    _possible(level, timestamp)
    _in_force(profile, facts)
    check_certificate(identity.certificate, identity.chain, facts.signed_at, trust)
    mechanism = mechanism_for(identity.certificate, algorithm.padding)
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        prepared = child.call(PREPARE, _request(source, part, identity, profile, level, facts, algorithm))
        signature = identity.sign(prepared.attributes, mechanism, algorithm.digest)
        if not signature_matches(identity.certificate, mechanism, algorithm.digest, prepared.attributes, signature):
            raise SohoaError("signature_wrong")
        stamped = _stamped(timestamp, signature) if level == "t" else None
        finished = child.call(
            FINISH,
            Finish(str(part), prepared, signature, mechanism, algorithm.digest, identity.certificate, identity.chain, timestamp=stamped),
        )
        part.replace(out)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        raise
    _keep_name(out.parent)
    return SignedFile(out, finished.sha256, prepared.field, level, prepared.page, prepared.box, profile.name, facts.signed_at)


def _possible(level: Level, timestamp: Timestamp | None) -> None:
    if level not in ("b", "t"):
        raise UsageError("level_not_available", level=level.upper())
    if level == "t" and timestamp is None:
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
        reserve_timestamp=level == "t",
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


def _keep_name(folder: Path) -> None:
    """The file's bytes are on the disk already; this puts its name there too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
