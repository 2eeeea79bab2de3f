"""The officer's own computer, where the USB token is: shows the list, asks once, signs what was shown and nothing else.

It runs on Linux and Windows and needs the token's library and no parser of documents. It calls the office's server (see
`signing.agent_wire`), so nothing on this computer has to be reachable. What comes in are the DER signed attributes of each
document, never a bare digest, which could be that of anything: the agent checks that they name the digest it was shown and
its own certificate (RFC 5652 §11.2, RFC 5035 §3) before its key sees them. A list is signed once: its number is kept before
the first signature is made.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from signing.agent_wire import (
    ALIVE_SECONDS,
    ANSWER,
    HELLO,
    PAIR,
    POLL_SECONDS,
    WORK,
    Answer,
    Hello,
    Listing,
    Pair,
    Paired,
    Refusal,
    Work,
)
from signing.model import KeyHolder
from signing.pairing import Pairing, agent_proof, list_proof, load_pairing, save_pairing, server_proof, stretched
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules, server_fingerprint

_OK, _UNAUTHORISED = 200, 401
_HAND_OVER = 20
_RETRY_SECONDS = 2.0
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_Answer = TypeVar("_Answer")


def pair(server: str, code: str, file: Path) -> None:
    """Prove `code` to `server` (https://host:port), have it proven back, and keep the pairing in `file`.

    Raises SohoaError agent_code_wrong, agent_code_void, agent_server_wrong, net_failed, net_scheme.
    """
    address = _address(server)
    fingerprint = server_fingerprint(address)
    key = stretched(code, fingerprint)
    nonce = secrets.token_bytes(32)
    answer = _call(Pairing(address, fingerprint, ""), PAIR, Pair(nonce, agent_proof(key, nonce)), Paired)
    if not secrets.compare_digest(answer.proof, server_proof(key, nonce, answer.secret)):
        raise SohoaError("agent_server_wrong")
    save_pairing(file, Pairing(address, fingerprint, answer.secret))


class Agent(Struct):
    """Serves one paired server with one open key.

    `approve` shows a list to the officer and gives the answer; `tell` hears codes of what happens (`sohoa/texts`), with the
    number of documents.
    """

    file: Path
    holder: KeyHolder
    approve: Callable[[Listing], bool]
    tell: Callable[[str, int], None]
    sleep: Callable[[float], None] = sleep

    def serve(self, once: bool = False) -> None:
        """Sign list after list until interrupted, or only the first. Raises SohoaError agent_not_paired, net_pin, and what
        ends the key: token_missing, pin_locked and so on."""
        pairing = load_pairing(self.file)
        waiting = False
        while True:
            try:
                _call(pairing, HELLO, Hello(self.holder.certificate, self.holder.chain), dict)
                waiting = False
                while not (work := _call(pairing, WORK, {}, Work)).listing:
                    pass
            except SohoaError as error:
                if error.code not in ("net_failed", "net_time"):
                    raise
                # The server opens its address only while there is something to sign.
                if not waiting:
                    self.tell("agent_waiting", 0)
                waiting = True
                self.sleep(_RETRY_SECONDS)
                continue
            pairing = self._sign(pairing, work)
            if once:
                return

    def _sign(self, pairing: Pairing, work: Work) -> Pairing:
        """One list from its arrival to its end; the pairing comes back with the list's number in it."""
        listing = _listing(work)
        code = self._refusal(pairing, work, listing)
        if code:
            self.tell(code, len(listing.documents))
            _give(pairing, Answer(listing.batch, "refused", code=code))
            return pairing
        with _Alive(pairing, listing.batch):
            approved = self.approve(listing)
        if not approved:
            self.tell("agent_refused", len(listing.documents))
            _give(pairing, Answer(listing.batch, "refused"))
            return pairing
        pairing = msgspec.structs.replace(pairing, used=(*pairing.used, listing.batch))
        save_pairing(self.file, pairing)
        made: list[tuple[int, bytes]] = []
        try:
            _give(pairing, Answer(listing.batch, "approved"))
            for number, document in enumerate(listing.documents):
                made.append((number, self.holder.sign(document.attributes, listing.mechanism, listing.digest)))
                if len(made) >= _HAND_OVER:
                    _give(pairing, Answer(listing.batch, "approved", tuple(made)))
                    made = []
            if made:
                _give(pairing, Answer(listing.batch, "done", tuple(made)))
        except SohoaError as error:
            if error.code in ("net_failed", "net_time", "agent_replay"):
                self.tell("agent_server_gone", len(listing.documents))
                return pairing
            _give(pairing, Answer(listing.batch, "failed", tuple(made), error.code))
            raise
        self.tell("agent_signed", len(listing.documents))
        return pairing

    def _refusal(self, pairing: Pairing, work: Work, listing: Listing) -> str:
        """Why this list may not even be shown; "" when it may."""
        if not secrets.compare_digest(work.proof, list_proof(pairing.secret, work.listing)):
            return "agent_list_changed"
        if listing.batch in pairing.used:
            return "agent_replay"
        bound = hashlib.new(listing.digest, self.holder.certificate).digest()
        for document in listing.documents:
            size = len(document.content)
            named = _MESSAGE_DIGEST + bytes((0x31, size + 2, 0x04, size)) + document.content
            sound = size == hashlib.new(listing.digest).digest_size and document.attributes[:1] == b"\x31"
            if not sound or named not in document.attributes or bound not in document.attributes:
                return "agent_list_changed"
        return ""


class _Alive:
    """Tells the server, while the officer reads, that somebody is still there."""

    def __init__(self, pairing: Pairing, batch: str) -> None:
        self._pairing, self._batch = pairing, batch
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while True:
            _give(self._pairing, Answer(self._batch, "reading"), quiet=True)
            if self._over.wait(ALIVE_SECONDS):
                return


def _listing(work: Work) -> Listing:
    try:
        return msgspec.json.decode(work.listing, type=Listing)
    except msgspec.MsgspecError:
        raise SohoaError("agent_list_changed") from None


def _give(pairing: Pairing, answer: Answer, quiet: bool = False) -> None:
    try:
        _call(pairing, ANSWER, answer, dict)
    except SohoaError:
        if not quiet and answer.state not in ("refused", "failed"):
            raise


def _call(pairing: Pairing, path: str, asked: object, answers: type[_Answer]) -> _Answer:
    client = NetworkClient(NetworkRules(pin=pairing.pin, seconds=POLL_SECONDS * 2, redirects=0, size=64 << 20))
    headers = {"Authorization": f"Bearer {pairing.secret}"} if pairing.secret else {}
    answer = client.post(f"{pairing.server}{path}", msgspec.json.encode(asked), "application/json", headers)
    try:
        if answer.status == _OK:
            return msgspec.json.decode(answer.body, type=answers)
        if answer.status == _UNAUTHORISED:
            raise SohoaError("agent_not_paired")
        raise SohoaError(_known(msgspec.json.decode(answer.body, type=Refusal).code))
    except msgspec.MsgspecError:
        raise SohoaError("agent_server_wrong") from None


def _known(code: str) -> str:
    return code if code.startswith("agent_") else "agent_server_wrong"


def _address(server: str) -> str:
    parts = urlsplit(server if "//" in server else f"https://{server}")
    if parts.scheme != "https" or not parts.hostname:
        raise SohoaError("net_scheme")
    return f"https://{parts.netloc}"
