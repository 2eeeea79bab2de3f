"""What passes between the office's server and the officer's own computer, and nothing else: no document ever does.

The agent always calls and the server always answers, for an office computer sits behind a router and a firewall that let
nobody in. Every call is a POST of JSON over TLS, from the pairing on with `Authorization: Bearer <secret>`.

    /pair     Pair -> Paired               once, with the code
    /hello    Hello -> {}                  the agent is here, with this certificate
    /work     {} -> Work                   answered when there is something to sign, or empty after some seconds
    /answer   Answer -> {}                 approved or refused; signatures as they are made; a failure's code
"""

from typing import Literal

import msgspec

from signing.model import Digest, Mechanism

PAIR, HELLO, WORK, ANSWER = "/pair", "/hello", "/work", "/answer"
LARGEST_CALL = 16 << 20
POLL_SECONDS = 20.0
ALIVE_SECONDS = 3.0


class Pair(msgspec.Struct):
    """The agent's nonce and its proof of the code."""

    nonce: bytes
    proof: bytes


class Paired(msgspec.Struct):
    """The secret to keep, with the server's own proof of the code."""

    secret: str
    proof: bytes


class Hello(msgspec.Struct):
    """The certificate of the key that the agent holds, and those above it, DER."""

    certificate: bytes
    chain: tuple[bytes, ...] = ()


class Listed(msgspec.Struct, frozen=True):
    """One document as the officer sees it, and the DER signed attributes that the key signs."""

    name: str
    pages: int
    sha256: str
    content: bytes
    attributes: bytes


class Listing(msgspec.Struct, frozen=True):
    """One batch: signed as a whole with one yes, or not at all. `batch` is never used twice."""

    batch: str
    mechanism: Mechanism
    digest: Digest
    documents: tuple[Listed, ...]


class Work(msgspec.Struct):
    """An encoded Listing with its proof (`signing.pairing.list_proof`); empty when there is nothing to do."""

    listing: bytes = b""
    proof: str = ""


class Answer(msgspec.Struct):
    """How a batch goes: `code` says why it ended early, `signatures` are (position, value)."""

    batch: str
    state: Literal["reading", "approved", "refused", "failed", "done"]
    signatures: tuple[tuple[int, bytes], ...] = ()
    code: str = ""


class Refusal(msgspec.Struct):
    """Why a call was not taken: a code of `sohoa/texts`."""

    code: str
