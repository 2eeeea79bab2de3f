"""The electronic certified copy: its statement (lời chứng), its two signatures, and what the law asks of them.

NĐ 45/2020/NĐ-CP Điều 10: the person who certifies signs, then the agency. Only an electronic copy that bears both stands
in place of the original; a scan of a paper one does not (Điều 3 khoản 9).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec.yaml
from msgspec import Struct

from verification.cancellations import Cancellations
from verification.facts import FileFacts
from verification.findings import Finding, finding
from verification.model import CertifiedCopy, DocumentClass
from verification.policy import Policy
from verification.roles import missing_roles
from verification.statement import Statement, folded, read_words
from verification.trusting import SignatureTrust

_VIETNAM = timezone(timedelta(hours=7))
_SATURDAY = 5


class CopyFindings(Struct, frozen=True):
    """What the document is, and how it stands as a certified copy."""

    document_class: DocumentClass = "other"
    copy: CertifiedCopy | None = None
    findings: tuple[Finding, ...] = ()


def look_at_copy(
    data: bytes, facts: FileFacts, trust: tuple[SignatureTrust, ...], cancelled: Callable[[], Cancellations], policy: Policy
) -> CopyFindings:
    """What the words and signatures make of the document: a copy for a policy that asks for one, or where two have signed.

    Of a document that an agency issued, it is told which of the two signatures it must have is missing.
    """
    signers = [t for s, t in zip(facts.signatures, trust, strict=True) if not s.is_timestamp]
    if facts.problem or not (policy.certified_copy or signers):
        return CopyFindings()
    words = read_words(data, bool(signers))
    statement = words.statement
    certifier, agency = (signers[0], signers[-1]) if len(signers) > 1 else (signers[0] if signers else None, None)
    asked = policy.certified_copy or len(signers) > 1
    copy = _copy(statement, certifier, agency, facts, cancelled()) if statement and asked else None
    if not policy.certified_copy:
        return CopyFindings(words.document_class, copy, tuple(missing_roles(signers)) if words.issued else ())
    findings = [
        finding("statement_found", statement is not None if words.readable else None),
        finding("two_signatures", len(signers) > 1),
        finding("certifier_then_agency", _in_order(signers)),
    ]
    if statement and copy:
        findings += _of_statement(statement, facts, certifier)
        findings += [finding("certifier_entitled", _entitled(signers, statement.day)), _cancelled(copy)]
    return CopyFindings(words.document_class, copy, tuple(findings))


def _copy(
    statement: Statement, certifier: SignatureTrust | None, agency: SignatureTrust | None, facts: FileFacts, cancelled: Cancellations
) -> CertifiedCopy:
    law = _in_force("value", statement.day)
    return CertifiedCopy(
        number=statement.number,
        book=statement.book,
        date=statement.day.isoformat() if statement.day else None,
        certifier=certifier.signer if certifier else None,
        agency=agency.signer if agency else None,
        pages_stated=statement.pages_stated,
        cancelled=cancelled.of(facts.sha256, statement.number, statement.book, agency.signer if agency else None),
        law=law[0]["law"] if law else None,
    )


def _cancelled(copy: CertifiedCopy) -> Finding:
    return finding("not_cancelled", None if copy.cancelled is None else not copy.cancelled)


def _in_order(signers: list[SignatureTrust]) -> bool:
    """Whether the last signer is an agency and the first is not: the officer signs, then the agency's seal follows."""
    return len(signers) > 1 and _is_agency(signers[-1]) and not _is_agency(signers[0])


def _is_agency(signer: SignatureTrust) -> bool:
    return signer.is_organisation or any(name in folded(signer.signer or "") for entry in _table()["certifiers"] for name in entry["names"])


def _of_statement(statement: Statement, facts: FileFacts, certifier: SignatureTrust | None) -> list[Finding]:
    found = [
        finding("statement_number", None not in (statement.number, statement.book, statement.day)),
        finding("statement_on_last_page", statement.on_last_page),
    ]
    if statement.pages_stated is not None and facts.pages is not None:
        counted = facts.pages - (1 if statement.own_page else 0)
        found.append(finding("statement_pages", statement.pages_stated == counted, stated=statement.pages_stated, counted=counted))
    signed = _signed_on(certifier)
    if statement.day and signed:
        found.append(finding("statement_date", statement.day <= signed <= _next_working_day(statement.day)))
    return found


def _signed_on(certifier: SignatureTrust | None) -> date | None:
    moment: datetime | None = (certifier.proven_time or certifier.claimed_time) if certifier else None
    return moment.astimezone(_VIETNAM).date() if moment else None


def _next_working_day(day: date) -> date:
    """Papers brought after 15 h are certified on the next working day (NĐ 23/2015/NĐ-CP Điều 7); public holidays are not known here."""
    following = day + timedelta(days=1)
    while following.weekday() >= _SATURDAY:
        following += timedelta(days=1)
    return following


def _entitled(signers: list[SignatureTrust], day: date | None) -> bool | None:
    if day is None:
        return None
    names = " ".join(folded(f"{s.signer or ''} {s.managing_unit or ''} {s.unit or ''}") for s in signers)
    return any(name in names for entry in _in_force("certifiers", day) for name in entry["names"])


def _in_force(table: str, day: date | None) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = _table()[table]
    if day is None:
        return entries[-1:]
    return [entry for entry in entries if entry["from"] <= day and day <= entry.get("to", date.max)]


@cache
def _table() -> Any:
    return msgspec.yaml.decode(files("verification").joinpath("law", "certifiers.yaml").read_text(encoding="utf8"))
