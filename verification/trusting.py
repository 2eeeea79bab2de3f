"""Whose signature is it, and may they be believed at the time of signing? One answer per signature."""

from dataclasses import dataclass
from datetime import datetime

from verification.findings import Finding


@dataclass(frozen=True, slots=True)
class SignatureTrust:
    """What the trust store and the evidence say of one signature.

    `status`: good, revoked, expired, not_yet_valid or unknown. `document_timestamps` counts those that cover the signature.
    """

    findings: tuple[Finding, ...] = ()
    signer: str | None = None
    issuer: str | None = None
    managing_unit: str | None = None
    algorithm: str | None = None
    proven_time: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    status: str = "unknown"
    has_long_term: bool = False
    document_timestamps: int = 0
