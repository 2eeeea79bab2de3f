"""Asks a time-stamping authority (RFC 3161) over the guarded network client.

The government's authority has been measured to take from 2 to 131 seconds, so one call may take 180, at most four are
under way at once, and a call that failed is made again, three times in all, after a growing pause. What comes back is
not looked into here: it is untrusted, and the child that finishes the signature checks it against the request.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from time import sleep

from asn1crypto import tsp

from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules

SECONDS = 180.0
_AT_ONCE = 4
_NONCE_BYTES = 8
_OK = 200
_REPLY = "application/timestamp-reply"
# No second try can mend these: the address is forbidden.
_FINAL = frozenset({"net_scheme", "net_host", "net_address", "net_redirects"})


@dataclass(frozen=True)
class TimestampClient:
    """Callable that turns a DER request into a DER response. Threads may share it.

    `pause` seconds before the second try, twice that before the third. Raises SohoaError tsa_failed.
    """

    url: str
    network: NetworkClient = field(default_factory=lambda: NetworkClient(NetworkRules(seconds=SECONDS, size=1 << 20)))
    tries: int = 3
    pause: float = 2.0
    sleep: Callable[[float], None] = sleep
    _gate: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE), repr=False)

    def __call__(self, request: bytes) -> bytes:
        """The authority's answer to `request`, unchecked."""
        with self._gate:
            for attempt in range(self.tries):
                if attempt:
                    self.sleep(self.pause * 2 ** (attempt - 1))
                try:
                    answer = self.network.post(self.url, request, "application/timestamp-query", {"Accept": _REPLY})
                except SohoaError as error:
                    if error.code in _FINAL:
                        break
                    continue
                if answer.status == _OK and answer.media_type == _REPLY:
                    return answer.body
        raise SohoaError("tsa_failed")


def timestamp_request(signature: bytes) -> bytes:
    """A DER TimeStampReq over the signature value, with a fresh nonce, asking for the authority's certificate."""
    return digest_request(sha256(signature).digest())


def digest_request(digest: bytes) -> bytes:
    """The same over a SHA-256 digest, for a document timestamp."""
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
            "nonce": int.from_bytes(secrets.token_bytes(_NONCE_BYTES), "big") >> 1,
            "cert_req": True,
        }
    )
    return bytes(request.dump())
