"""Services of trusted lists (ETSI TS 119 612) as the trust folder keeps them: certificates, purposes, granted periods.

Times are ISO 8601 in UTC as text, which compares as time does.
"""

import base64
from datetime import UTC, datetime
from functools import cached_property

import msgspec
from msgspec import Struct


class Period(Struct, frozen=True):
    """From `start` up to, not including, `end`; None is open."""

    start: str
    end: str | None = None


class ListedService(Struct, frozen=True, dict=True):
    """One service certificate. `purpose` is signature (it issues signers' certificates) or timestamp; `certificate` is base64 DER."""

    certificate: str
    purpose: str
    granted: tuple[Period, ...] = ()

    @cached_property
    def der(self) -> bytes:
        """The certificate."""
        return base64.b64decode(self.certificate)


class TrustedList(Struct, frozen=True):
    """One list. `source` is where it came from and `signer` the SHA-256 of the certificate that signed it, for the next update."""

    territory: str
    sequence: int
    issued: str
    next_update: str | None
    services: tuple[ListedService, ...]
    source: str = ""
    signer: str = ""

    def granted(self, der: bytes, purpose: str, moment: datetime) -> bool | None:
        """Whether the service of this certificate was granted at `moment`; None when the list is too old to tell, or does not name it."""
        at = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        named = [service for service in self.services if service.der == der and service.purpose == purpose]
        if not named or (self.next_update is not None and at > self.next_update):
            return None
        return any(p.start <= at and (p.end is None or at < p.end) for service in named for p in service.granted)


def encode(listed: TrustedList) -> bytes:
    """As kept in the trust folder."""
    return msgspec.json.format(msgspec.json.encode(listed), indent=1) + b"\n"


def decode(content: bytes) -> TrustedList:
    """As read from the trust folder; raises msgspec.DecodeError for anything else."""
    return msgspec.json.decode(content, type=TrustedList)
