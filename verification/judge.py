"""Facts and trust in, verdict out: the policy decides what each finding weighs, and nothing here looks at the file."""

from datetime import UTC, datetime

from msgspec import Struct

from sohoa import __version__
from sohoa.checks import Check, Result
from sohoa.messages import check_sentences, message
from verification.certified_copy import CopyFindings
from verification.facts import FileFacts, SignatureFacts
from verification.findings import Finding
from verification.integrity import JudgedChange, SignatureIntegrity, file_integrity, only_signed_on, signature_integrity
from verification.masking import shown
from verification.model import Change, Conclusion, Indication, Integrity, Level, SignatureVerdict, Verdict
from verification.policy import Policy
from verification.trusting import SignatureTrust

_WORST: tuple[Conclusion, ...] = ("invalid", "indeterminate", "valid")
_INDICATIONS: dict[Conclusion, Indication] = {
    "valid": "TOTAL-PASSED",
    "invalid": "TOTAL-FAILED",
    "indeterminate": "INDETERMINATE",
    "unsigned": "INDETERMINATE",
}


class _Outcome(Struct, frozen=True):
    conclusion: Conclusion = "valid"
    sub_indication: str | None = None
    reason: str = "all_valid"


def judge(
    facts: FileFacts, trust: tuple[SignatureTrust, ...], policy: Policy, trust_version: str, now: datetime, copy: CopyFindings
) -> Verdict:
    """The verdict of `policy` on what was found. `trust` has one entry for each of `facts.signatures`, in order."""
    states = [signature_integrity(facts, s) for s in facts.signatures]
    pairs = [
        _judge_signature(signature, state, known, policy) for signature, state, known in zip(facts.signatures, states, trust, strict=True)
    ]
    findings = [*facts.findings, *copy.findings]
    own = _weigh(findings, policy)
    integrity = file_integrity(facts, states)
    outcome = _whole(facts, pairs, own, integrity)
    if outcome.reason == "all_valid_extended" and only_signed_on(facts, states):
        outcome = _Outcome()
    if outcome.conclusion in ("unsigned",) or not pairs:
        integrity = integrity if facts.unseen_signatures else "none"
    said = message(outcome.reason)
    return Verdict(
        sha256=facts.sha256,
        verdict=outcome.conclusion,
        integrity=integrity,
        indication=_INDICATIONS[outcome.conclusion],
        sub_indication=outcome.sub_indication,
        reason_code=outcome.reason,
        summary_vi=said.vi,
        summary_en=said.en,
        document_class=copy.document_class,
        pages=facts.pages,
        revisions=len(facts.ends),
        seconds=0.0,
        policy=policy.name,
        policy_version=policy.version,
        trust_version=trust_version,
        checked_at=iso(now) or "",
        tool_version=__version__,
        checks=_checks(findings, policy),
        certified_copy=copy.copy,
        signatures=tuple(verdict for verdict, _ in pairs),
    )


def iso(moment: datetime | None) -> str | None:
    """A time as the verdict writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _judge_signature(
    signature: SignatureFacts, state: SignatureIntegrity, trust: SignatureTrust, policy: Policy
) -> tuple[SignatureVerdict, _Outcome]:
    findings = [*state.findings, *trust.findings]
    outcome = _weigh(findings, policy)
    if state.state in ("altered", "unknown") and outcome.conclusion == "valid":  # a policy may be lenient, never blind
        outcome = _Outcome("indeterminate", "FORMAT_FAILURE", "content_altered")
    verdict = SignatureVerdict(
        field=None if signature.field is None else shown(signature.field),
        kind="timestamp" if signature.is_timestamp else "signature",
        verdict=outcome.conclusion,
        integrity=state.state,
        coverage=signature.coverage,
        indication=_INDICATIONS[outcome.conclusion],
        sub_indication=outcome.sub_indication,
        level=_level(signature, trust),
        signer=trust.signer,
        issuer=trust.issuer,
        managing_unit=trust.managing_unit,
        claimed_time=iso(signature.claimed_time),
        proven_time=iso(trust.proven_time),
        certificate_valid_from=iso(trust.valid_from),
        certificate_valid_to=iso(trust.valid_to),
        certificate_status_at_signing=trust.status,
        algorithm=trust.algorithm,
        changes_after=tuple(_change(c) for c in state.changes),
        checks=_checks(findings, policy),
        second_opinion=trust.second_opinion,
    )
    return verdict, outcome


def _weigh(findings: list[Finding], policy: Policy) -> _Outcome:
    """The worst of what the findings make; the first of several equally bad ones names the reason."""
    worst = _Outcome()
    for found in findings:
        rule = policy.rule(found.code)
        if found.outcome == "good" or rule.level != "fail" or (found.outcome == "unknown" and rule.unknown_level != "fail"):
            continue
        if found.outcome == "bad":
            conclusion: Conclusion = "invalid" if rule.verdict == "invalid" else "indeterminate"
            outcome = _Outcome(conclusion, rule.sub_indication, rule.reason or "not_checked")
        else:
            outcome = _Outcome("indeterminate", rule.unknown_sub_indication, rule.unknown_reason or "not_checked")
        if _WORST.index(outcome.conclusion) < _WORST.index(worst.conclusion):
            worst = outcome
    return worst


def _whole(facts: FileFacts, pairs: list[tuple[SignatureVerdict, _Outcome]], own: _Outcome, integrity: Integrity) -> _Outcome:
    if facts.problem and not pairs:
        return _Outcome("indeterminate", None, facts.problem)
    if not any(verdict.kind == "signature" for verdict, _ in pairs):
        if facts.unseen_signatures or facts.raw.unaccounted:
            return _Outcome("indeterminate", "FORMAT_FAILURE", "hidden_signature")
        if not pairs:
            return _Outcome("unsigned", None, "signature_placeholder" if facts.placeholders else "no_signature")
    worst = own
    for verdict, outcome in pairs:
        # A timestamp nobody trusts proves nothing, and takes nothing from a signature that stands without it.
        if verdict.kind == "timestamp" and outcome.conclusion != "invalid":
            continue
        if _WORST.index(outcome.conclusion) < _WORST.index(worst.conclusion):
            worst = outcome
    if worst.conclusion == "valid" and not any(verdict.kind == "signature" for verdict, _ in pairs):
        return _Outcome("indeterminate", None, "only_timestamps")
    if worst.conclusion == "valid" and integrity not in ("intact", "extended"):
        return _Outcome("indeterminate", "FORMAT_FAILURE", "file_not_as_expected")
    if worst.conclusion == "valid" and integrity == "extended":
        return _Outcome("valid", None, "all_valid_extended")
    return worst


def _checks(findings: list[Finding], policy: Policy) -> tuple[Check, ...]:
    return tuple(_check(found, policy) for found in findings)


def _check(found: Finding, policy: Policy) -> Check:
    if found.outcome == "good":
        result: Result = "passed"
    elif found.outcome == "unknown":
        result = "not_made"
    else:
        result = "failed" if policy.rule(found.code).level == "fail" else "warning"
    vi, en = check_sentences(found.code, result, **found.facts)
    return Check(found.code, result, vi, en)


def _change(change: JudgedChange) -> Change:
    said = message(f"change_{change.found.code}", field=shown(change.found.field or ""))
    return Change(
        revision=change.revision,
        code=change.found.code,
        allowed=change.judgement != "forbidden",
        page=change.found.page,
        box=change.found.box,
        text_vi=said.vi,
        text_en=said.en,
    )


def _level(signature: SignatureFacts, trust: SignatureTrust) -> Level:
    """The PAdES baseline level that the parts make (EN 319 142-1, 6.3); CMS for what predates PAdES."""
    if signature.message.problem:
        return "unknown"
    if signature.is_timestamp:
        return "unknown"
    if signature.message.reference == "absent" or signature.raw.subfilter != "ETSI.CAdES.detached":
        return "CMS"
    if not signature.stamps and not trust.document_timestamps:
        return "B-B"
    if not trust.has_long_term:
        return "B-T"
    return "B-LTA" if trust.document_timestamps else "B-LT"
