"""The electronic certified copy: its statement (lời chứng), its two signatures, and what the law asks of them."""

from dataclasses import dataclass

from verification.findings import Finding
from verification.model import CertifiedCopy, DocumentClass


@dataclass(frozen=True, slots=True)
class CopyFindings:
    """What the document is, and how it stands as a certified copy."""

    document_class: DocumentClass = "other"
    copy: CertifiedCopy | None = None
    findings: tuple[Finding, ...] = ()
