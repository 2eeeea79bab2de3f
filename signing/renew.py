"""Renews the evidence of a signed file before it ages: fresh answers on the last timestamp, then a new one over everything.

Each document timestamp protects what lies before it, until its own certificate or algorithm ages (ETSI EN 319 142-1
§5.4.3, §6.3 level B-LTA). The old file is kept, and gives its name away only to a file that somebody has verified.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from signing.longterm import Evidence, Fetch, add_document_timestamp
from signing.model import VIETNAM, Trust
from signing.sign import Timestamp, keep_name
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError


class RenewedFile(Struct, frozen=True):
    """The renewed file and where the old one is kept. `protected_until` is when the new timestamp's certificate ends."""

    path: Path
    kept: Path
    sha256: str
    stamped_at: datetime
    protected_until: datetime


def renew_file(
    path: Path,
    child: Child,
    timestamp: Timestamp,
    fetch: Fetch | None,
    verify: Callable[[Path], bool],
    trust: Trust | None = None,
    keep: Path | None = None,
) -> RenewedFile:
    """Give `path` fresh evidence and a new document timestamp, and keep the old file as `keep`.

    `verify` looks at the new file before it takes the old one's place, and says whether it is sound. `keep` must be
    on the same file system; by default it stands beside the file, named after the moment. Nothing changes unless all
    went well. Raises UsageError renewal_copy_exists, SohoaError renewal_not_long_term, renewal_not_sound,
    renewal_too_late, evidence_missing, evidence_revoked, tsa_failed and those of `signing.evidence` and `signing.stamp`.
    """
    evidence = Evidence(trust or Trust(), fetch)
    kept = keep or path.with_name(f"{path.stem}.truoc-{datetime.now(VIETNAM):%Y%m%dT%H%M%S}{path.suffix}")
    if kept.exists():
        raise UsageError("renewal_copy_exists")
    if evidence.level(path, child) not in ("lt", "lta"):
        raise SohoaError("renewal_not_long_term")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        shutil.copyfile(path, part)
        evidence.add_to(part, child, renew=True)
        stamped = add_document_timestamp(part, child, timestamp)
        if not verify(part):
            raise SohoaError("renewal_not_sound")
        _keep_old(path, kept)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        raise
    keep_name(path.parent)
    return RenewedFile(path, kept, stamped.sha256, stamped.at, stamped.until)


def _keep_old(path: Path, kept: Path) -> None:
    """A second name for the old bytes: unlike a copy it cannot be left half-written."""
    try:
        os.link(path, kept)
    except FileExistsError:
        raise UsageError("renewal_copy_exists") from None
    if kept.parent != path.parent:
        keep_name(kept.parent)
