"""The office's side of a key on an officer's own computer: an address that the agent calls, and a list that it is given.

`AgentKey` is a key holder like any other (design rule 8): what it hands over are signed attributes, what it gets are
signatures. The address is open only as long as the key is; calls without the secret of the pairing are refused.
"""

import hmac
import json
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

import msgspec
from msgspec import Struct, field

from signing.agent_wire import (
    ANSWER,
    HELLO,
    LARGEST_CALL,
    PAIR,
    POLL_SECONDS,
    WORK,
    Answer,
    Hello,
    Listed,
    Listing,
    Pair,
    Paired,
    Refusal,
    Work,
)
from signing.certificate import signature_matches
from signing.group import GroupKey
from signing.model import Notes, Order
from signing.pairing import Invitation, list_proof, server_files, write_private
from sohoa.errors import SohoaError

_TICK = 0.5


class DeskAccess(Struct, frozen=True):
    """`folder` keeps the pairings, `name` is the identity's, (`host`, `port`) where calls are taken.

    In seconds: `absent` is how long an agent is waited for, `decide` how long the officer may read the list, `gone` how long
    an agent may be silent in the middle of a batch.
    """

    folder: Path
    name: str
    host: str = "0.0.0.0"  # noqa: S104 - officers' computers must reach it; nothing is answered before pairing
    port: int = 8765
    absent: float = 120.0
    decide: float = 900.0
    gone: float = 30.0


class AgentKey(GroupKey):
    """The key of the agent that is paired as `access.name`, open once the agent has called.

    Raises SohoaError agent_not_paired, agent_address_taken, agent_absent, agent_refused, agent_timeout, agent_gone,
    agent_list_changed, agent_replay, signature_wrong, and what the token on the other side says.
    """

    largest = 5000

    def __init__(self, access: DeskAccess) -> None:
        self._access = access
        self._desk = Desk(_secret(access))
        self._served = _Server(access, self._desk)
        try:
            hello = self._desk.greeted(access.absent)
        except BaseException:
            self.close()
            raise
        super().__init__((hello.certificate, *hello.chain))

    def sign_group(self, orders: Sequence[Order], notes: Notes) -> Iterator[tuple[int, bytes]]:
        """See `signing.group.GroupKey`. Nothing is kept of a list: after a restart the officer sees what is left of it."""
        mechanism, digest = orders[0].mechanism, orders[0].digest
        documents = tuple(Listed(order.name, order.pages, order.sha256, order.content, order.attributes) for order in orders)
        notes.tell("pending", len(orders))
        given: set[int] = set()
        for position, value in self._desk.signed(Listing(secrets.token_hex(16), mechanism, digest, documents), self._access):
            if not given:
                notes.tell("approved", len(orders))
            order = orders[position]
            if not signature_matches(self._certificate, mechanism, digest, order.attributes, value):
                raise SohoaError("signature_wrong")
            given.add(position)
            yield position, value

    def close(self) -> None:
        """Stop taking calls."""
        self._served.close()

    def __enter__(self) -> "AgentKey":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def invite(access: DeskAccess, show: Callable[[str], None]) -> None:
    """Show a code and wait until an agent has proven it; the pairing is then kept. Raises SohoaError agent_code_void."""
    _, fingerprint = server_files(access.folder)
    invitation = Invitation(fingerprint)
    desk = Desk("", invitation)
    served = _Server(access, desk)
    try:
        show(invitation.code)
        secret = desk.paired(access.decide)
    finally:
        served.close()
    write_private(access.folder / f"{access.name}.json", json.dumps({"secret": secret}).encode())


def _secret(access: DeskAccess) -> str:
    try:
        return str(json.loads((access.folder / f"{access.name}.json").read_bytes())["secret"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SohoaError("agent_not_paired") from None


class _Batch(Struct):
    listing: Listing
    sent: bool = False
    state: str = "waiting"
    code: str = ""
    signatures: dict[int, bytes] = field(default_factory=dict)


class Desk:
    """What the calls meet: one agent, one batch at a time. Every method may be called by any thread."""

    def __init__(self, secret: str, invitation: Invitation | None = None) -> None:
        self._secret = secret
        self._invitation = invitation
        self._hello: Hello | None = None
        self._batch: _Batch | None = None
        self._seen = 0.0
        self._void = ""
        self._changed = threading.Condition()

    def may_enter(self, bearer: str) -> bool:
        """Whether a call comes from the paired agent."""
        return bool(self._secret) and hmac.compare_digest(bearer.encode(), f"Bearer {self._secret}".encode())

    # ------------------------------------------------------------------------------------------ what the agent calls

    def pair(self, asked: Pair) -> Paired:
        """Raises SohoaError agent_code_wrong, agent_code_void."""
        with self._changed:
            if self._invitation is None:
                raise SohoaError("agent_code_void")
            try:
                self._secret, proof = self._invitation.accept(asked.nonce, asked.proof)
            except SohoaError as error:
                self._void = error.code
                self._changed.notify_all()
                raise
            self._changed.notify_all()
            return Paired(self._secret, proof)

    def hello(self, said: Hello) -> None:
        """The agent and its certificate are here."""
        with self._changed:
            self._hello, self._seen = said, monotonic()
            self._changed.notify_all()

    def work(self) -> Work:
        """The batch that waits, as soon as there is one; each is handed out once."""
        until = monotonic() + POLL_SECONDS
        with self._changed:
            while monotonic() < until:
                self._seen = monotonic()
                if self._batch is not None and not self._batch.sent:
                    self._batch.sent = True
                    body = msgspec.json.encode(self._batch.listing)
                    return Work(body, list_proof(self._secret, body))
                self._changed.wait(_TICK)
        return Work()

    def answer(self, said: Answer) -> None:
        """Raises SohoaError agent_replay for a batch that is not under way, or a signature that was there already."""
        with self._changed:
            batch = self._batch
            if batch is None or said.batch != batch.listing.batch or batch.state in ("refused", "failed", "done"):
                raise SohoaError("agent_replay")
            count = len(batch.listing.documents)
            if any(position in batch.signatures or not 0 <= position < count for position, _ in said.signatures):
                raise SohoaError("agent_replay")
            self._seen = monotonic()
            batch.state, batch.code = said.state, said.code
            batch.signatures.update(said.signatures)
            self._changed.notify_all()

    # ------------------------------------------------------------------------------------------ what the office waits for

    def paired(self, seconds: float) -> str:
        """The secret of the agent that has proven the code."""
        until = monotonic() + seconds
        with self._changed:
            while not self._secret:
                if self._void == "agent_code_void" or monotonic() > until:
                    raise SohoaError("agent_code_void")
                self._changed.wait(_TICK)
            return self._secret

    def greeted(self, seconds: float) -> Hello:
        """The agent's greeting. Raises SohoaError agent_absent."""
        until = monotonic() + seconds
        with self._changed:
            while self._hello is None:
                if monotonic() > until:
                    raise SohoaError("agent_absent")
                self._changed.wait(_TICK)
            return self._hello

    def signed(self, listing: Listing, access: DeskAccess) -> Iterator[tuple[int, bytes]]:
        """The signatures of `listing` as they come."""
        batch = _Batch(listing)
        given: set[int] = set()
        decide = monotonic() + access.decide
        with self._changed:
            self._batch, self._seen = batch, monotonic()
            self._changed.notify_all()
        try:
            while len(given) < len(listing.documents):
                with self._changed:
                    fresh = {number: value for number, value in batch.signatures.items() if number not in given}
                    if not fresh:
                        _raise_end(batch, self._seen, decide, access)
                        self._changed.wait(_TICK)
                given.update(fresh)
                yield from fresh.items()
        finally:
            with self._changed:
                batch.state = "done"
                self._batch = None


def _raise_end(batch: _Batch, seen: float, decide: float, access: DeskAccess) -> None:
    if batch.state == "refused":
        raise SohoaError(batch.code or "agent_refused")
    if batch.state == "failed":
        raise SohoaError(_known(batch.code))
    if batch.state == "done" or monotonic() - seen > access.gone:
        raise SohoaError("agent_gone")
    if batch.state in ("waiting", "reading") and monotonic() > decide:
        raise SohoaError("agent_timeout")


def _known(code: str) -> str:
    """The agent is another computer: its word is used only when it is one of our codes."""
    from sohoa.messages import texts

    return code if code in texts() else "agent_gone"


class _Server:
    """Takes calls in a thread of its own until it is closed."""

    def __init__(self, access: DeskAccess, desk: Desk) -> None:
        file, _ = server_files(access.folder)

        class Handler(_Handler):
            served = desk

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: object, client_address: object) -> None:
                """A caller that breaks off is its own matter."""

        try:
            self._server = Quiet((access.host, access.port), Handler)
        except OSError:
            raise SohoaError("agent_address_taken", port=access.port) from None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(file)
        # The handshake is made by the thread that serves the caller: one who stalls keeps nobody else waiting.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop taking calls."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: Desk
    timeout = 60

    def do_POST(self) -> None:
        """One call: decode, do, answer; refusals carry a code and no reason why."""
        with suppress(OSError):
            size = int(self.headers.get("Content-Length") or -1)
            if not 0 <= size <= LARGEST_CALL:
                return self._say(413, Refusal("agent_replay"))
            body = self.rfile.read(size)
            if self.path != PAIR and not self.served.may_enter(self.headers.get("Authorization") or ""):
                return self._say(401, Refusal("agent_not_paired"))
            try:
                self._say(200, self._done(body))
            except SohoaError as error:
                self._say(409, Refusal(error.code))
            except msgspec.MsgspecError:
                self._say(400, Refusal("agent_replay"))

    def _done(self, body: bytes) -> object:
        if self.path == PAIR:
            return self.served.pair(msgspec.json.decode(body, type=Pair))
        if self.path == HELLO:
            self.served.hello(msgspec.json.decode(body, type=Hello))
            return {}
        if self.path == WORK:
            return self.served.work()
        if self.path == ANSWER:
            self.served.answer(msgspec.json.decode(body, type=Answer))
            return {}
        raise SohoaError("agent_replay")

    def _say(self, status: int, answer: object) -> None:
        content = msgspec.json.encode(answer)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Who called when is nobody's business but the audit trail's."""
