"""Gathers the evidence that lets signatures last, between the child that weighs it and the world that has it.

The child has no network, this process has no parser: the child says what is missing and where it is had, `fetch` gets
it, the child looks again. What was fetched is bytes to us until the child has checked it.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from signing.model import Trust
from signing.tasks import (
    ADD_EVIDENCE,
    FINISH_STAMP,
    PREPARE_STAMP,
    WEIGH,
    FinishStamp,
    PrepareStamp,
    Stamped,
    Want,
    Weigh,
    Weighed,
)
from signing.timestamp import digest_request
from sohoa.child import Child
from sohoa.errors import SohoaError

# How long an address that was asked is left alone: answers age during a long batch, and who was silent may be back.
_AGAIN = timedelta(minutes=1)
_AT_ONCE = 4  # addresses asked together: those of a signer's path, or of a timestamp's
# A path has few certificates, and each has its address tried before the next choice: more rounds mean somebody plays with us.
_ROUNDS = 12


class Fetch(Protocol):
    """Gets what stands at `url`; with an OCSP `request` (DER) it is posted there. Raises SohoaError when it cannot be had."""

    def __call__(self, url: str, request: bytes = b"") -> bytes: ...


class Evidence(Struct):
    """What is trusted and at hand, growing with what was fetched; one for one file, or one for a batch of one signer.

    Threads may share it: one gathers, and what it got serves the others.
    """

    trust: Trust
    fetch: Fetch | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _tried: dict[tuple[str, bytes], datetime] = field(default_factory=dict)
    _proved_before: bool = False
    _one_gathers: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> bool:
        """Whether there is anything to learn a certificate's status from."""
        return self.fetch is not None or bool(self.trust.crls or self.trust.ocsps)

    def with_certificates(self, certificates: tuple[bytes, ...]) -> "Evidence":
        """The same, knowing these certificates (DER) too."""
        return Evidence(replace(self.trust, intermediates=(*self.trust.intermediates, *certificates)), self.fetch, self.clock)

    def status(self, certificate: bytes, child: Child) -> Literal["good", "unknown"]:
        """Whether the certificate and those above it are known to be good now. Raises SohoaError identity_revoked."""
        weighed = self._gather(Weigh(self.clock(), certificate=certificate), child)
        return "unknown" if weighed.missing else "good"

    def add_to(self, path: Path, child: Child, field: str = "", renew: bool = False) -> str:
        """Write the evidence into `path` (see `signing.tasks.Weigh`); the SHA-256 of the file in hex, "" when it held all of it already.

        Raises SohoaError evidence_missing, evidence_revoked, renewal_too_late, and those of `signing.evidence`.
        """
        question = Weigh(self.clock(), str(path), field=field, renew=renew)
        gathered = renew or not self._proved_before
        if gathered:
            self._gather(question, child)
        try:
            sha256 = self._written(question, child)
        except SohoaError as error:
            if gathered or error.code != "evidence_missing":
                raise
            # In a batch what served the file before serves this one, and the child that writes it looks at it anyway.
            self._gather(question, child)
            sha256 = self._written(question, child)
        self._proved_before = True
        return sha256

    def _written(self, question: Weigh, child: Child) -> str:
        return _sha256(Path(question.path or "")) if child.call(ADD_EVIDENCE, self._filled(question)).written else ""

    def level(self, path: Path, child: Child) -> str:
        """The best level of a file's signatures as its own evidence shows it: "", b, t, lt or lta."""
        return child.call(WEIGH, Weigh(self.clock(), str(path), anchors=self.trust.anchors, certificates=self.trust.intermediates)).level

    def _gather(self, question: Weigh, child: Child) -> Weighed:
        with self._one_gathers:
            now = self.clock()
            self._tried = {address: at for address, at in self._tried.items() if now < at + _AGAIN}
            weighed = child.call(WEIGH, self._filled(question))
            for _ in range(_ROUNDS):
                if weighed.revoked:
                    raise SohoaError("evidence_revoked" if question.path else "identity_revoked")
                if self.fetch is None or not self._fetch_some(weighed, self.fetch):
                    break
                weighed = child.call(WEIGH, self._filled(question))
            return weighed

    def _fetch_some(self, weighed: Weighed, fetch: Fetch) -> bool:
        """Try the next way of each want, all at the same time; False when every way has been tried."""
        untried = [next((one for one in ways if (one.url, one.request) not in self._tried), None) for ways in weighed.wants]
        asked = list(dict.fromkeys(way for way in untried if way is not None))
        self._tried.update(((way.url, way.request), self.clock()) for way in asked)
        with ThreadPoolExecutor(_AT_ONCE, "sohoa-evidence") as asking:
            for way, content in zip(asked, asking.map(lambda way: _had(fetch, way), asked), strict=True):
                if content is not None:  # else another way may be open; what is missing in the end is told by the child
                    self._take(way, content)
        return bool(asked)

    def _take(self, way: Want, content: bytes) -> None:
        trust = self.trust
        if way.kind == "ocsp":
            self.trust = replace(trust, ocsps=(*trust.ocsps, content))
        elif way.kind == "crl":
            self.trust = replace(trust, crls=(*trust.crls, content))
        else:
            self.trust = replace(trust, intermediates=(*trust.intermediates, content))

    def _filled(self, question: Weigh) -> Weigh:
        trust = self.trust
        return replace(question, anchors=trust.anchors, certificates=trust.intermediates, crls=trust.crls, ocsps=trust.ocsps)


def _had(fetch: Fetch, way: Want) -> bytes | None:
    try:
        return fetch(way.url, way.request)
    except SohoaError:
        return None


def add_document_timestamp(path: Path, child: Child, timestamp: Callable[[bytes], bytes]) -> Stamped:
    """Append a document timestamp over all of `path`. Raises SohoaError tsa_failed, signature_too_large, pdf_not_signable."""
    prepared = child.call(PREPARE_STAMP, PrepareStamp(str(path)))
    request = digest_request(prepared.document_digest)
    return child.call(FINISH_STAMP, FinishStamp(str(path), prepared, (request, timestamp(request))))


def _sha256(path: Path) -> str:
    from hashlib import file_digest

    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
