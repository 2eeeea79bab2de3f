"""Verification with the help of the network: what the child finds missing is fetched outside it, and judged again.

The child stays without network. What was fetched lies in a folder and can be kept: the same folder given later judges
the file again with nobody asked (TT 15/2025/TT-BKHCN Điều 6 khoản 2: the evidence of a check is kept).
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sohoa.child import Child
from sohoa.errors import SohoaError
from verification.model import Verdict
from verification.tasks import MISSING, MOST_SECONDS, Missing, Source, Verify, verify_in_child

Fetch = Callable[[str, bytes], bytes]
_ROUNDS = 6  # an issuer's certificate names its own issuer's, and so on up; then lists after responders that did not answer


def verify_online(child: Child, request: Verify, fetch: Fetch, evidence: Path, seconds: float = MOST_SECONDS) -> Verdict:
    """The verdict after fetching what was missing; `fetch(url, OCSP request or nothing)` raises SohoaError when it gets nothing.

    `evidence` is an existing folder; what it holds is used first, and what is fetched is added to it.
    """
    request = replace(request, evidence=str(evidence))
    verdict = verify_in_child(child, request, seconds)
    asked: set[Source] = set()
    for _ in range(_ROUNDS):
        if not verdict.signatures:
            return verdict
        try:
            wanted = child.call(MISSING, request, seconds).items
        except SohoaError:
            return verdict
        if not [one for one in wanted if _obtain(one, fetch, evidence, asked)]:
            return verdict
        verdict = verify_in_child(child, request, seconds)
    return verdict


def _obtain(wanted: Missing, fetch: Fetch, evidence: Path, asked: set[Source]) -> bool:
    """Try the sources that were not asked yet, until one answers."""
    for source in wanted.sources:
        if source in asked:
            continue
        asked.add(source)
        try:
            content = fetch(source.url, source.request)
        except SohoaError:
            continue
        ending = "ocsp" if source.request else "fetched"
        (evidence / f"{hashlib.sha256(content).hexdigest()[:32]}.{ending}").write_bytes(content)
        return True
    return False
