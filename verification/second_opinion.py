"""A second opinion on signatures that bring evidence for the long term: pyHanko's AdES engine (EN 319 102-1, 5.6.3).

Our own judgement stands first. The engine is asked where most can go wrong, when what counts is the evidence in the file (a
document security store, document timestamps), and it can only take away: where it finds a broken digest, a broken signature
value or a revocation that we missed, nothing is "valid" any more. Whatever else it says, and whatever it throws, is told and
weighs nothing: it refuses sound files of several vendors.

It is fed with the file's own evidence and the trust store, and has no way to the network.

Which of the standard's two processes it follows is the file's matter. Without any document timestamp nothing proves that the
evidence is old: while its certificate stands, such a signature is judged with its own timestamp and its evidence as of today
(5.5). The process for archived signatures (5.6.3) begins with the same and then asks for that proof, so that every file of level
B-LT was NO_POE; it has the word wherever the other is not satisfied.
"""

import asyncio
import dataclasses
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from time import monotonic
from typing import Any

from asn1crypto import crl, ocsp, x509
from msgspec import Struct
from msgspec.structs import replace

from verification.facts import FileFacts, SignatureFacts
from verification.findings import Finding, finding
from verification.model import Indication, SecondOpinion
from verification.policy import Policy
from verification.trusting import SignatureTrust
from verification.truststore import TrustStore

_INDICATIONS: dict[str, Indication] = {"PASSED": "TOTAL-PASSED", "FAILED": "TOTAL-FAILED", "INDETERMINATE": "INDETERMINATE"}
# What the engine cannot say by mistake of form: a digest, a signature value or a revocation.
_GRAVE = frozenset(("HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED", "NOT_YET_VALID", "REVOKED_NO_POE", "REVOKED_CA_NO_POE"))
_MOST_EVIDENCE = 400

for _name in ("pyhanko", "pyhanko_certvalidator"):  # they log the names in certificates, with tracebacks
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def with_second_opinion(
    data: bytes, facts: FileFacts, trust: tuple[SignatureTrust, ...], store: TrustStore, policy: Policy, now: datetime
) -> tuple[SignatureTrust, ...]:
    """`trust` with what the engine says of each signature that has long-term evidence and a path to an anchor.

    The policy's `limits.second_opinion_seconds` bounds the asking for a whole file; 0 asks never. Never raises for a file.
    """
    asked = [
        not s.is_timestamp and s.message.sound and any(f.code == "certificate_path" and f.outcome == "good" for f in t.findings)
        for s, t in zip(facts.signatures, trust, strict=True)
    ]
    seconds = float(policy.limits.get("second_opinion_seconds", 0))
    long_term = facts.evidence.has_dss or any(s.is_timestamp for s in facts.signatures)
    if not (long_term and any(asked) and seconds > 0):
        return trust
    archived = any(s.is_timestamp for s in facts.signatures)
    opinions = _Engine(data, facts, store, now, seconds).opinions(
        [
            _Question(s, as_of_today=not archived and _stands_today(t, now)) if ask else None
            for s, t, ask in zip(facts.signatures, trust, asked, strict=True)
        ]
    )
    return tuple(
        replace(known, findings=(*known.findings, _finding(said)), second_opinion=said) if said else known
        for known, said in zip(trust, opinions, strict=True)
    )


def _finding(said: SecondOpinion) -> Finding:
    grave = said.indication != "TOTAL-PASSED" and said.sub_indication in _GRAVE
    good = True if said.indication == "TOTAL-PASSED" else False if grave else None
    return finding("second_opinion", good, indication=said.indication, sub_indication=said.sub_indication or "-")


def _stands_today(trust: SignatureTrust, now: datetime) -> bool:
    """Whether a timestamp was believed, the certificate has not expired, and nothing at hand names a revocation, of then or since."""
    found = {f.code: f.outcome for f in trust.findings}
    never_revoked = found.get("certificate_not_revoked") == "good" and "revocation_time_proven" not in found
    return trust.proven_time is not None and trust.valid_to is not None and now <= trust.valid_to and never_revoked


class _Question(Struct, frozen=True):
    """A signature to judge; `as_of_today` when its own timestamp and today's evidence may settle it."""

    signature: SignatureFacts
    as_of_today: bool


class _Engine:
    def __init__(self, data: bytes, facts: FileFacts, store: TrustStore, now: datetime, seconds: float) -> None:
        self._data, self._facts, self._store, self._now = data, facts, store, now
        self._until = monotonic() + seconds

    def opinions(self, questions: list[_Question | None]) -> list[SecondOpinion | None]:
        try:
            return asyncio.run(self._ask(questions))
        except Exception:  # noqa: BLE001 - the engine raises many kinds, on sound files, too; that it did is its answer
            return [SecondOpinion() if one else None for one in questions]

    async def _ask(self, questions: list[_Question | None]) -> list[SecondOpinion | None]:
        embedded, settings = self._embedded(), self._settings()
        return [await self._one(embedded.get(one.signature.raw.ranges), settings, one.as_of_today) if one else None for one in questions]

    async def _one(self, embedded: Any, settings: Any, as_of_today: bool) -> SecondOpinion:
        from pyhanko.sign.validation.ades import ades_lta_validation
        from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

        if embedded is None or monotonic() > self._until:
            return SecondOpinion()
        timing = ValidationTimingInfo(validation_time=self._now, best_signature_time=self._now, point_in_time_validation=False)
        if as_of_today and (said := await self._today(embedded, settings.signature_validation_spec, timing)):
            return said
        try:
            return _said(await ades_lta_validation(embedded, settings, timing))
        except Exception:  # noqa: BLE001 - as above
            return SecondOpinion()

    async def _today(self, embedded: Any, settings: Any, timing: Any) -> SecondOpinion | None:
        """What the process for signatures with time says when it is satisfied; else the longer one has the word."""
        from pyhanko.sign.validation.ades import ades_with_time_validation

        try:
            known = _with_lists(settings.local_knowledge, self._facts.evidence.crls, self._facts.evidence.ocsps)
            settings = dataclasses.replace(settings, local_knowledge=known)
            digest = embedded.compute_digest()
            said = _said(await ades_with_time_validation(embedded.signed_data, settings, timing_info=timing, raw_digest=digest))
        except Exception:  # noqa: BLE001 - as above
            return None
        return said if said.indication == "TOTAL-PASSED" else None

    def _embedded(self) -> dict[tuple[int, ...], Any]:
        """The engine's own view of the file: its signatures by the bytes they cover."""
        from pyhanko.pdf_utils.reader import PdfFileReader

        from sohoa.pyhanko_speed import be_quick

        be_quick()
        reader = PdfFileReader(BytesIO(self._data), strict=False)
        return {tuple(int(n) for n in one.byte_range): one for one in reader.embedded_regular_signatures}

    def _settings(self) -> Any:
        from pyhanko.sign.validation.policy_decl import (
            LocalKnowledge,
            PdfSignatureValidationSpec,
            RevinfoOnlineFetchingRule,
            RevocationInfoGatheringSpec,
            SignatureValidationSpec,
        )
        from pyhanko_certvalidator.context import CertValidationPolicySpec
        from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
        from pyhanko_certvalidator.registry import SimpleTrustManager

        evidence, store = self._facts.evidence, self._store
        if len(evidence.certificates) + len(evidence.crls) + len(evidence.ocsps) > _MOST_EVIDENCE:
            raise ValueError("too much evidence to ask twice")
        roots = [_certificate(der) for der in (*store.anchors, *store.listed_services)]
        certificates = [_certificate(der) for der in (*store.intermediates, *evidence.certificates)]
        return PdfSignatureValidationSpec(
            SignatureValidationSpec(
                CertValidationPolicySpec(
                    SimpleTrustManager.build(roots), CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("require"))
                ),
                RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY, _no_network()),
                local_knowledge=_with_lists(LocalKnowledge(known_certs=certificates), store.crls, store.ocsps),
            ),
            diff_policy=None,  # later changes are judged by verification.changes, which knows what vendors legally write
        )


@lru_cache(maxsize=256)
def _certificate(der: bytes) -> Any:
    """Parsed as far as anybody has looked into it: a batch brings the same few with each file, and the engine only reads them."""
    return x509.Certificate.load(der)


def _said(result: Any) -> SecondOpinion:
    said, best = result.ades_subindic, result.best_signature_time
    if said.status.name != "PASSED":
        return SecondOpinion(_INDICATIONS[said.status.name], said.standard_name)
    return SecondOpinion(_INDICATIONS["PASSED"], None, best.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if best else None)


def _with_lists(knowledge: Any, crls: Iterable[bytes], ocsps: Iterable[bytes]) -> Any:
    from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

    lists = [CRLContainer(crl.CertificateList.load(der)) for der in crls]
    answers = [one for der in ocsps for one in OCSPContainer.load_multi(ocsp.OCSPResponse.load(der))]
    return dataclasses.replace(knowledge, known_crls=[*knowledge.known_crls, *lists], known_ocsps=[*knowledge.known_ocsps, *answers])


def _no_network() -> Any:
    """A backend without fetchers. Without one, the engine would make itself an HTTP client."""
    from pyhanko_certvalidator.fetchers import FetcherBackend

    class NoNetwork(FetcherBackend):
        def get_fetchers(self) -> Any:
            raise OSError("no network here")

        async def close(self) -> None:
            pass

    return NoNetwork()
