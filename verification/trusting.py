"""Whose signature is it, and may they be believed at the time of signing? One answer per signature.

Time comes first. A timestamp that leads to a trusted authority proves that the signature existed; without one the time
is only claimed, and a certificate that has expired since, or was revoked, can prove nothing (EN 319 102-1, 5.2.6 and 5.5).
Document timestamps are judged from the last to the first: each is believed at the time of the one that covers it.
"""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from verification.algorithms import key_of
from verification.certificates import Certificate, read_certificate
from verification.cms import Message
from verification.facts import FileFacts, SignatureFacts
from verification.findings import Finding, finding
from verification.model import SecondOpinion
from verification.paths import Path, Pool, find_path
from verification.policy import Policy
from verification.revocation import Answer, RevocationEvidence, status_at
from verification.subjects import issuer_of, subject_of
from verification.truststore import TrustStore

_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_ANY_PURPOSE = "2.5.29.37.0"
_SIGNING_PURPOSES = frozenset(
    (_ANY_PURPOSE, "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.2.840.113583.1.1.5", "1.3.6.1.4.1.311.10.3.12", "1.3.6.1.5.5.7.3.2")
)
_SKEW = timedelta(minutes=5)


class SignatureTrust(Struct, frozen=True):
    """What the trust store and the evidence say of one signature.

    `status`: good, revoked, expired, not_yet_valid or unknown. `has_long_term`: the file itself brings the evidence.
    `document_timestamps` counts those that cover the signature. `is_organisation`: the certificate names no person, `is_person`: it has
    a person's number.
    """

    findings: tuple[Finding, ...] = ()
    signer: str | None = None
    issuer: str | None = None
    managing_unit: str | None = None
    algorithm: str | None = None
    claimed_time: datetime | None = None
    proven_time: datetime | None = None
    is_organisation: bool = False
    is_person: bool = False
    unit: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    status: str = "unknown"
    has_long_term: bool = False
    document_timestamps: int = 0
    second_opinion: SecondOpinion | None = None


def assess(facts: FileFacts, store: TrustStore, policy: Policy, now: datetime) -> tuple[SignatureTrust, ...]:
    """One answer for each of `facts.signatures`, in order. Never raises for what a file brings."""
    return _Assessment(facts, store, policy, now).run()


class _Chain(Struct, frozen=True):
    """A path with the status of each certificate below its anchor."""

    path: Path | None
    answers: tuple[Answer, ...] = ()

    @property
    def known_good(self) -> bool:
        return self.path is not None and self.path.rules is True and all(a.status == "good" for a in self.answers)


class _Assessment:
    def __init__(self, facts: FileFacts, store: TrustStore, policy: Policy, now: datetime) -> None:
        self.facts, self.policy, self.now = facts, policy, now
        evidence = facts.evidence
        self.store = store
        self.pool = Pool.of((*store.anchors, *store.listed_services), (*store.intermediates, *evidence.certificates))
        self.evidence = RevocationEvidence(evidence.crls, evidence.ocsps, store.crls, store.ocsps)
        self.proven: dict[int, datetime] = {}

    def run(self) -> tuple[SignatureTrust, ...]:
        timestamps = sorted((s for s in self.facts.signatures if s.is_timestamp and not s.raw.problem), key=lambda s: -s.raw.end)
        answers: dict[int, SignatureTrust] = {}
        for stamp in timestamps:
            control = self._covered_since(stamp.raw.end)
            trusted, answer = self._timestamp(stamp.message, control)
            answers[id(stamp)] = answer
            if trusted and stamp.message.token_time:
                self.proven[stamp.raw.end] = stamp.message.token_time
        return tuple(answers[id(s)] if id(s) in answers else self._signature(s) for s in self.facts.signatures)

    def _covered_since(self, end: int) -> datetime:
        """The earliest time that a trusted later timestamp proves for what ends at `end`; now without one."""
        return min((moment for covers, moment in self.proven.items() if covers > end), default=self.now)

    def _chain(self, certificate: Certificate, moment: datetime) -> _Chain:
        path = find_path(certificate, self.pool, moment)
        if path is None:
            return _Chain(None)
        pairs = zip(path.certificates, path.certificates[1:], strict=False)
        return _Chain(path, tuple(status_at(c, above, moment, self.now, self.evidence) for c, above in pairs))

    def _timestamp(self, token: Message, control: datetime) -> tuple[bool, SignatureTrust]:
        """Whether a token may be believed, and what to say of it. `control` is when its own existence is proven."""
        signer = read_certificate(token.signer) if token.signer else None
        moment = token.token_time
        if signer is None or moment is None or not token.sound:
            return False, SignatureTrust(findings=(finding("certificate_path", None),))
        chain = self._chain(signer, moment)
        purpose = signer.purposes is not None and _TIME_STAMPING in signer.purposes
        in_time = all(c.valid_at(moment) and control <= c.not_after for c in (signer, *(chain.path.below_anchor if chain.path else ())))
        strong = self._strong(token, chain)
        granted = self._granted(chain, "timestamp", moment)
        found = [
            *_path_findings(chain),
            *granted,
            finding("certificate_in_time", in_time),
            *_revocation_findings(chain, moment, True),
            strong,
            finding("certificate_purpose", purpose),
        ]
        believed = chain.known_good and all(one.outcome == "good" for one in (*granted, strong))
        trusted = believed and in_time and purpose and moment <= self.now + _SKEW
        return trusted, self._describe(token, signer, chain, found, moment, moment if trusted else None)

    def _signature(self, signature: SignatureFacts) -> SignatureTrust:
        message = signature.message
        signer = read_certificate(message.signer) if message.signer else None
        if signer is None:
            return SignatureTrust(findings=(finding("certificate_path", None),))
        covered = self._covered_since(signature.raw.end)
        stamps = [(stamp, self._timestamp(stamp, covered)[0]) for stamp in signature.stamps]
        times = [stamp.token_time for stamp, trusted in stamps if trusted and stamp.token_time]
        times += [covered] if covered < self.now else []
        proven = min(times, default=None)
        claimed = signature.claimed_time
        moment = proven or claimed or self.now
        # Nothing proves an unstamped signature older than today: its certificate's status must be known as of today.
        chain = self._chain(signer, proven or self.now)
        found = [
            *_path_findings(chain),
            *self._granted(chain, "signature", moment),
            self._in_time(signer, chain, moment, proven),
            *_revocation_findings(chain, moment, proven is not None),
            self._strong(message, chain),
            finding("certificate_purpose", _may_sign(signer)),
            finding("signer_name_plain", not subject_of(signer.der).disguised),
            self._plausible(claimed, proven),
            finding("signing_time_proven", proven is not None),
        ]
        if stamps:
            found.append(finding("timestamp_trusted", True if all(trusted for _, trusted in stamps) else None))
        answer = self._describe(message, signer, chain, found, moment, proven)
        later = sum(1 for s in self.facts.signatures if s.is_timestamp and s.raw.end > signature.raw.end)
        return replace(answer, document_timestamps=later, claimed_time=claimed)

    def _in_time(self, signer: Certificate, chain: _Chain, moment: datetime, proven: datetime | None) -> Finding:
        judged = (signer, *(chain.path.below_anchor[1:] if chain.path else ()))
        inside = all(c.valid_at(moment) for c in judged)
        if inside and proven is None and not all(c.valid_at(self.now) for c in judged):
            return finding("certificate_in_time", None)
        return finding("certificate_in_time", inside)

    def _granted(self, chain: _Chain, purpose: str, moment: datetime) -> list[Finding]:
        """A root that only a trusted list names counts while its service was granted (ETSI TS 119 612, 5.5.4; EN 319 102-1, 5.2.6)."""
        if chain.path is None or chain.path.certificates[-1].der in self.store.anchors:
            return []
        return [finding("service_granted", self.store.granted(chain.path.certificates[-1].der, purpose, moment))]

    def _plausible(self, claimed: datetime | None, proven: datetime | None) -> Finding:
        """The +7 h quirk: some tools write local time as UTC, so a claimed time may lie hours after the proven one."""
        latest = (proven or self.now) + _SKEW
        late = claimed is not None and claimed > latest
        hours = round((claimed - (proven or self.now)).total_seconds() / 3600) if claimed else 0
        return finding("signing_time_plausible", not late, hours=hours)

    def _strong(self, message: Message, chain: _Chain) -> Finding:
        """Algorithms and key sizes of the signature and of every certificate below the anchor (TT 15/2025, Phụ lục I)."""
        weak = self._weak(message.digest or "", message.signer)
        for certificate, above in zip(chain.path.certificates, chain.path.certificates[1:], strict=False) if chain.path else ():
            weak = weak or self._weak(certificate.digest, above.der)
        return finding("algorithms_strong", not weak, what=weak or "")

    def _weak(self, digest: str, signer: bytes | None) -> str | None:
        limits = self.policy.limits
        if digest not in limits.get("digests", (digest,)):
            return digest.upper()
        certificate = read_certificate(signer) if signer else None
        key = key_of(certificate.spki) if certificate else None
        if key is None:
            return "?"
        least = {"RSA": limits.get("rsa_bits", 0), "DSA": limits.get("rsa_bits", 0)}.get(key.family, limits.get("ec_bits", 0))
        return f"{key.family} {key.bits}" if key.bits < least else None

    def _describe(
        self, message: Message, signer: Certificate, chain: _Chain, found: list[Finding], moment: datetime, proven: datetime | None
    ) -> SignatureTrust:
        subject, key = subject_of(signer.der), message.key
        return SignatureTrust(
            findings=tuple(found),
            signer=subject.name,
            issuer=issuer_of(signer.der).name,
            managing_unit=subject.organisation,
            algorithm=f"{key.family} {key.bits}, {(message.digest or '?').upper().replace('_', '-')}" if key else None,
            proven_time=proven,
            is_organisation=subject.is_organisation,
            is_person=subject.is_person,
            unit=subject.unit,
            valid_from=signer.not_before,
            valid_to=signer.not_after,
            status=_status(signer, chain, moment),
            has_long_term=chain.known_good and all(answer.embedded for answer in chain.answers) and bool(chain.answers),
        )


def _path_findings(chain: _Chain) -> list[Finding]:
    if chain.path is None:
        return [finding("certificate_path", False)]
    return [finding("certificate_path", True), finding("certificate_path_rules", chain.path.rules is True)]


def _revocation_findings(chain: _Chain, moment: datetime, proven: bool) -> list[Finding]:
    if chain.path is None:
        return []  # without a path nobody is there whose word on revocation would count
    before = any(a.status == "revoked" and a.at is not None and a.at <= moment for a in chain.answers)
    after = any(a.status == "revoked" and a.at is not None and a.at > moment for a in chain.answers)
    unknown = any(a.status == "unknown" for a in chain.answers)
    found = [finding("certificate_not_revoked", False if before else None if unknown else True)]
    if after:
        found.append(finding("revocation_time_proven", proven))
    return found


def _status(signer: Certificate, chain: _Chain, moment: datetime) -> str:
    own = chain.answers[0] if chain.answers else Answer("unknown")
    if own.status == "revoked" and own.at is not None and own.at <= moment:
        return "revoked"
    if moment < signer.not_before:
        return "not_yet_valid"
    if moment > signer.not_after:
        return "expired"
    return "unknown" if own.status == "unknown" else "good"


def _may_sign(signer: Certificate) -> bool:
    usage = signer.key_usage is None or bool(signer.key_usage & {"digital_signature", "non_repudiation"})
    return usage and (signer.purposes is None or bool(signer.purposes & _SIGNING_PURPOSES))
