"""The verdict on a file that ended its reader: too slow, too large, deadly. Undecided, with the reason, never silent."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sohoa import __version__
from sohoa.messages import message
from verification.model import Verdict

_CHUNK = 1 << 20


def unreadable_path(path: str, policy: str, code: str, facts: Mapping[str, str | int | float], seconds: float) -> Verdict:
    """An indeterminate verdict with the child's own code as the reason; looks at the file's digest, parses nothing."""
    said = message(code, **facts)
    return Verdict(
        sha256=_digest(path),
        verdict="indeterminate",
        integrity="unknown",
        indication="INDETERMINATE",
        sub_indication=None,
        reason_code=code,
        summary_vi=said.vi,
        summary_en=said.en,
        document_class="other",
        pages=None,
        revisions=0,
        seconds=round(seconds, 3),
        policy=policy,
        policy_version="",
        trust_version="",
        checked_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tool_version=__version__,
    )


def _digest(path: str) -> str:
    made = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while part := file.read(_CHUNK):
                made.update(part)
    except OSError:
        return ""
    return made.hexdigest()
