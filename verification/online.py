"""Verification with the help of the network: what the child finds missing is fetched outside it, and judged again.

The child stays without network. What was fetched lies in a folder and can be kept: the same folder given later judges
the file again with nobody asked (TT 15/2025/TT-BKHCN Điều 6 khoản 2: the evidence of a check is kept).
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from msgspec.structs import replace

from sohoa.child import Child
from sohoa.errors import SohoaError
from verification.model import Verdict
from verification.tasks import MISSING, MOST_SECONDS, Missing, Source, Verify, verify_in_child

Fetch = Callable[[str, bytes], bytes]
_ROUNDS = 6  # an issuer's certificate names its own issuer's, and so on up; then lists after responders that did not answer


def verify_online(
    child: Child, request: Verify, fetch: Fetch, evidence: Path, cancellations: Sequence[str] = (), seconds: float = MOST_SECONDS
) -> Verdict:
    """The verdict after fetching what was missing; `fetch(url, OCSP request or nothing)` raises SohoaError when it gets nothing.

    `evidence` is an existing folder; what it holds is used first, and what is fetched is added to it. `cancellations` are the
    addresses that tell of cancelled certified copies; they are asked about a certified copy alone.
    """
    request = replace(request, evidence=str(evidence))
    verdict = _with_evidence(child, request, fetch, evidence, seconds)
    if verdict.certified_copy and [url for url in cancellations if _look_up(url, verdict, fetch, evidence)]:
        verdict = _with_evidence(child, request, fetch, evidence, seconds)  # the list's own signer wants to be judged, too
    return verdict


def _with_evidence(child: Child, request: Verify, fetch: Fetch, evidence: Path, seconds: float) -> Verdict:
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


def _look_up(address: str, verdict: Verdict, fetch: Fetch, evidence: Path) -> bool:
    """Fetch a signed list that speaks of this copy (TT 01/2020/TT-BTP Điều 7); it is believed for its signature alone."""
    copy = verdict.certified_copy
    values = {"number": copy.number if copy else None, "book": copy.book if copy else None, "sha256": verdict.sha256}
    for name, value in values.items():
        address = address.replace(f"{{{name}}}", quote(value or "", safe=""))
    try:
        content = fetch(address, b"")
    except SohoaError:
        return False
    (evidence / f"{hashlib.sha256(content).hexdigest()[:32]}.pdf").write_bytes(content)
    return True


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
