"""The verdict: what verification says of a file, in the shape that callers and portals rely on.

Plain frozen objects of strings and numbers, so that a verdict crosses from the killable child unchanged. Times are
ISO 8601 in UTC ("2026-01-31T03:04:05Z"); boxes are (x0, y0, x1, y1) in PDF points from the top left of the page.
"""

from typing import Any, Literal

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from sohoa.checks import Check

Conclusion = Literal["valid", "invalid", "indeterminate", "unsigned"]
Integrity = Literal["intact", "extended", "altered", "unknown", "none"]
Coverage = Literal["whole_file", "whole_revision", "partial", "unclear"]
Kind = Literal["signature", "timestamp"]
Level = Literal["B-B", "B-T", "B-LT", "B-LTA", "CMS", "unknown"]
Indication = Literal["TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE"]
DocumentClass = Literal[
    "certified_copy", "copy_from_register", "sao_y", "administrative", "certified_signature", "scan_of_certified_copy", "other"
]
Box = tuple[float, float, float, float]

_WORST_FIRST: tuple[Integrity, ...] = ("altered", "unknown", "extended", "intact")


class Change(Struct, frozen=True):
    """One thing that a later revision did to the document. `page` counts from 1."""

    revision: int
    code: str
    allowed: bool
    page: int | None
    box: Box | None
    text_vi: str
    text_en: str


class SecondOpinion(Struct, frozen=True):
    """What another validation engine says of a signature with long-term evidence; the default is that it could not answer.

    `best_signature_time` is when the signature existed at the latest, where that engine found it good.
    """

    indication: Indication = "INDETERMINATE"
    sub_indication: str | None = None
    best_signature_time: str | None = None


class SignatureVerdict(Struct, frozen=True):
    """What is known of one signature or document timestamp.

    `signer`, `issuer` and `managing_unit` are names as the certificate gives them, personal numbers masked.
    `proven_time` is a time that a trusted timestamp proves; `claimed_time` is only what the signer says. `second_opinion` is
    None where none was asked (see verification.second_opinion).
    """

    field: str | None
    kind: Kind
    verdict: Conclusion
    integrity: Integrity
    coverage: Coverage
    indication: Indication
    sub_indication: str | None
    level: Level
    signer: str | None
    issuer: str | None
    managing_unit: str | None
    claimed_time: str | None
    proven_time: str | None
    certificate_valid_from: str | None
    certificate_valid_to: str | None
    certificate_status_at_signing: str
    algorithm: str | None
    changes_after: tuple[Change, ...] = ()
    checks: tuple[Check, ...] = ()
    second_opinion: SecondOpinion | None = None


class CertifiedCopy(Struct, frozen=True):
    """The statement of an electronic certified copy (lời chứng). `cancelled` is None when no list could be asked."""

    number: str | None
    book: str | None
    date: str | None
    certifier: str | None
    agency: str | None
    pages_stated: int | None
    cancelled: bool | None
    law: str | None


class Verdict(Struct, frozen=True):
    """The whole answer on one file. `reason_code` names what decided it; its sentences are the summary."""

    sha256: str
    verdict: Conclusion
    integrity: Integrity
    indication: Indication
    sub_indication: str | None
    reason_code: str
    summary_vi: str
    summary_en: str
    document_class: DocumentClass
    pages: int | None
    revisions: int
    seconds: float
    policy: str
    policy_version: str
    trust_version: str
    checked_at: str
    tool_version: str
    checks: tuple[Check, ...] = ()
    certified_copy: CertifiedCopy | None = None
    qr_seal: dict[str, Any] | None = None
    signatures: tuple[SignatureVerdict, ...] = ()


class PageDifference(Struct, frozen=True):
    """One page that looks different. PNG pictures; `signed` is None for a page that did not exist, `final` for one that is gone."""

    page: int
    signed: bytes | None
    final: bytes | None


class Difference(Struct, frozen=True):
    """The file's first signed revision ends at byte `signed_end`; `pages` look different now, `more` further ones are not shown."""

    signed_end: int
    pages: tuple[PageDifference, ...] = ()
    more: int = 0


def worst_integrity(found: list[Integrity]) -> Integrity:
    """The integrity of a whole made of parts; "none" when there is no part."""
    return next((state for state in _WORST_FIRST if state in found), "none")


def timed(verdict: Verdict, seconds: float) -> Verdict:
    """The same verdict with the time it took."""
    return replace(verdict, seconds=round(seconds, 3))


def verdict_json(verdict: Verdict, file: str) -> dict[str, Any]:
    """The JSON object of one file; `file` is the argument exactly as the person gave it."""
    return {"file": file, **to_builtins(verdict)}
