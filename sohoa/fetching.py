"""Fetches evidence (CRL, OCSP, issuers' certificates) over the guarded network client.

The addresses come out of certificates, some of them out of uploaded files, so the client's rules decide who may be
asked. A CRL or an answer serves a whole batch: it is kept for some minutes, well inside the hours it is valid for, and inside the
five minutes that an answer is believed which names no next one.
"""

import threading
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules
from sohoa.settings import TimestampSettings, VerifySettings

_OK = 200


def evidence_client(settings: VerifySettings) -> "EvidenceClient | None":
    """The client for the hosts that the settings name; None when they name nobody (design rule 9)."""
    named = {host.lower() for host in settings.hosts} | {urlsplit(url).hostname or "" for url in settings.cancellations}
    if not named:
        return None
    hosts = frozenset() if "*" in named else frozenset(named)
    rules = NetworkRules(hosts=hosts, loopback=settings.allow_loopback, seconds=settings.seconds)
    return EvidenceClient(NetworkClient(rules), instead=dict(settings.instead))


def signing_client(settings: TimestampSettings) -> "EvidenceClient":
    """The client for what our own certificates and those of our timestamps name: evidence for the levels LT and LTA."""
    return EvidenceClient(NetworkClient(NetworkRules(loopback=settings.allow_loopback)))


@dataclass(frozen=True)
class EvidenceClient:
    """Fetches CRLs, OCSP answers and certificates for signing, renewing and verifying. Threads may share it.

    `keep` is how long an answer is used again, in seconds; `instead` maps host names that only an authority's own
    network knows to addresses that answer here. Raises SohoaError net_failed and those of the client.
    """

    network: NetworkClient = field(default_factory=NetworkClient)
    keep: float = 240.0
    instead: dict[str, str] = field(default_factory=dict)
    _kept: dict[tuple[str, bytes], tuple[float, bytes]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, url: str, request: bytes = b"") -> bytes:
        """What stands at `url`, or the answer to the OCSP `request` posted there."""
        with self._lock:
            self._forget()
            kept = self._kept.get((url, request))
        if kept:
            return kept[1]
        content = self._fetched(self._address(url), request)
        with self._lock:
            self._kept[url, request] = (monotonic(), content)
        return content

    def _fetched(self, url: str, request: bytes) -> bytes:
        if request:
            answer = self.network.post(url, request, "application/ocsp-request", {"Accept": "application/ocsp-response"})
        else:
            answer = self.network.get(url)
        if answer.status != _OK or not answer.body:
            raise SohoaError("net_failed")
        return answer.body

    def _address(self, url: str) -> str:
        parts = urlsplit(url)
        host = self.instead.get(parts.hostname or "")
        return parts._replace(netloc=host).geturl() if host else url

    def _forget(self) -> None:
        oldest = monotonic() - self.keep
        for key in [key for key, (at, _) in self._kept.items() if at < oldest]:
            del self._kept[key]
