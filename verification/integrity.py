"""Is the content what was signed? Findings and a state for every signature, from the facts alone, trust apart.

altered   something contradicts: a digest, a range, a forbidden later change
unknown   it cannot be decided safely
extended  only additions that the standard and the signer allow
intact    as signed
"""

from msgspec import Struct

from verification.facts import FileFacts, SignatureFacts
from verification.findings import Finding, finding
from verification.ledger import Found
from verification.model import Integrity, worst_integrity
from verification.permissions import Judgement, judge_change, strictest

# What a bad answer means for the content; a code that is not here says nothing about it.
_IF_BAD: dict[str, Integrity] = {
    "byte_range_shape": "altered",
    "signed_whole_revision": "altered",
    "message_readable": "unknown",
    "digest_matches": "altered",
    "signature_value_matches": "altered",
    "algorithms_agree": "altered",
    "signing_certificate_reference": "altered",
    "nothing_hidden_in_signature": "unknown",
    "signature_in_form": "unknown",
    "signature_not_removed": "altered",
    "timestamp_matches": "altered",
    "later_changes_allowed": "altered",
    "file_header": "unknown",
    "byte_ranges_accounted": "unknown",
    "signatures_in_plain_bytes": "unknown",
    "nothing_after_end": "altered",
    "readers_agree": "unknown",
    "revisions_comparable": "unknown",
}
_IF_UNKNOWN: dict[str, Integrity] = {"digest_matches": "unknown", "signature_value_matches": "unknown", "revisions_comparable": "unknown"}


class JudgedChange(Struct, frozen=True):
    """A later change and whether it was allowed."""

    revision: int
    found: Found
    judgement: Judgement


class SignatureIntegrity(Struct, frozen=True):
    """The state of one signature with its reasons."""

    state: Integrity
    findings: tuple[Finding, ...]
    changes: tuple[JudgedChange, ...]


def file_integrity(facts: FileFacts, signatures: list[SignatureIntegrity]) -> Integrity:
    """The state of the file: the worst of its signatures, and of what the file itself shows."""
    if not signatures:
        return "unknown" if facts.unseen_signatures else "none"
    states = [s.state for s in signatures] + [_state(f) for f in facts.findings]
    return worst_integrity([s for s in states if s != "none"])


def only_signed_on(facts: FileFacts, signatures: list[SignatureIntegrity]) -> bool:
    """Whether nothing was done since the first signature but to sign on: the last signature covers all of the file.

    Officer and agency sign one after the other; that is nothing a reader must be sent to look at.
    """
    covered = facts.signatures[-1].coverage == "whole_file" and facts.covered_page is None
    return covered and not any(change.judgement == "noted" for s in signatures for change in s.changes)


def signature_integrity(facts: FileFacts, signature: SignatureFacts) -> SignatureIntegrity:
    """The state of one signature of the file."""
    changes = _changes(facts, signature)
    findings = (
        _shape(signature) if signature.raw.problem else (*_message(signature), *_place(facts, signature), *_later(signature, changes))
    )
    states = [_state(f) for f in findings]
    if signature.steps or any(other.raw.end > signature.raw.end for other in facts.signatures):
        states.append("extended")
    return SignatureIntegrity(worst_integrity(["intact", *[s for s in states if s != "none"]]), tuple(findings), changes)


def _state(found: Finding) -> Integrity:
    if found.outcome == "bad":
        return _IF_BAD.get(found.code, "none")
    return _IF_UNKNOWN.get(found.code, "none") if found.outcome == "unknown" else "none"


def _shape(signature: SignatureFacts) -> tuple[Finding, ...]:
    return (finding("byte_range_shape", False, problem=signature.raw.problem or ""),)


def _message(signature: SignatureFacts) -> list[Finding]:
    message = signature.message
    unreadable = message.problem is not None and message.digest_fits is None
    found = [
        finding("byte_range_shape", True),
        finding("signed_whole_revision", signature.coverage in ("whole_file", "whole_revision")),
        finding("message_readable", not unreadable, problem=message.problem or ""),
    ]
    if not unreadable:
        found += [
            finding("digest_matches", message.digest_fits),
            finding("signature_value_matches", message.signature_fits),
            finding("algorithms_agree", message.algorithms_agree),
            finding("nothing_hidden_in_signature", message.hidden_bytes == 0, bytes=message.hidden_bytes),
        ]
        if message.reference != "absent":
            found.append(finding("signing_certificate_reference", message.reference == "fits"))
    if signature.stamps:
        found.append(
            finding("timestamp_matches", not any(_contradicts(stamp.digest_fits, stamp.signature_fits) for stamp in signature.stamps))
        )
    return found


def _contradicts(*answers: bool | None) -> bool:
    return any(answer is False for answer in answers)


def _place(facts: FileFacts, signature: SignatureFacts) -> list[Finding]:
    if signature.reachable is None:
        return []
    found = [finding("signature_in_form", signature.reachable)]
    if signature.reachable:
        found.append(finding("signature_not_removed", not signature.removed))
    return found


def _later(signature: SignatureFacts, changes: tuple[JudgedChange, ...]) -> list[Finding]:
    if not signature.steps:
        return []
    comparable = all(step.problem is None for step in signature.steps)
    found = [finding("revisions_comparable", comparable)]
    if comparable:
        forbidden = [c for c in changes if c.judgement == "forbidden"]
        found.append(finding("later_changes_allowed", not forbidden, count=len(forbidden)))
        noted = [c for c in changes if c.judgement == "noted"]
        found.append(finding("later_changes_harmless", not noted, count=len(noted)))
    return found


def _changes(facts: FileFacts, signature: SignatureFacts) -> tuple[JudgedChange, ...]:
    earlier = [s for s in facts.signatures if s.raw.end <= signature.raw.end and s.reachable]
    permission = strictest(*(s.docmdp for s in earlier))
    locks = tuple(s.form.lock for s in earlier if s.form and s.form.lock)
    return tuple(
        JudgedChange(step.revision, found, judge_change(found, permission, locks)) for step in signature.steps for found in step.found
    )
