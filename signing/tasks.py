"""The units of signing work that run in a killable child. Importing this module loads no parser.

A signature takes `PREPARE` in the child, one call of the key holder, and `FINISH` in the child (design rule 8).
`WEIGH` and `ADD_EVIDENCE` make a signature last, `PREPARE_STAMP` and `FINISH_STAMP` add a document timestamp.
`STATEMENT` writes the certification statement page of a copy.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from signing.model import Box, Digest, Mechanism, Placement, Profile, SeenPage
from sohoa.child import Task


class Prepare(Struct, frozen=True):
    """Copy `source` to `out` with one more signature field and room for its value.

    `lines` are the profile's, filled; `image` is the path of a PNG shown instead. `page` counts from 1. Certificates are DER.
    `seen` is what was read on pages that have no text of their own.
    """

    source: str
    out: str
    profile: Profile
    signed_at: datetime
    certificate: bytes
    chain: tuple[bytes, ...]
    digest: Digest
    reserve_timestamp: bool
    lines: tuple[str, ...]
    image: str | None = None
    image_mm: tuple[float, float] | None = None
    page: int | None = None
    box: Box | None = None
    avoid: tuple[Box, ...] = ()
    seen: tuple[SeenPage, ...] = ()


class Prepared(Struct, frozen=True):
    """What is to be signed, and where the value goes.

    `document_digest` covers the ByteRange; `attributes` are the DER signed attributes that the key holder signs;
    `start` and `end` are the byte offsets of `<` and after `>` of /Contents. `pages` counts the document's;
    `placement` tells when the appearance could not stand where its law wants it.
    """

    document_digest: bytes
    attributes: bytes
    start: int
    end: int
    field: str
    page: int | None
    box: Box | None
    pages: int = 0
    placement: Placement = ""


class Finish(Struct, frozen=True):
    """Put the CMS of `signature` into `path`. `timestamp` is the RFC 3161 (request, response) in DER, or None."""

    path: str
    prepared: Prepared
    signature: bytes
    mechanism: Mechanism
    digest: Digest
    certificate: bytes
    chain: tuple[bytes, ...]
    timestamp: tuple[bytes, bytes] | None = None


class Finished(Struct, frozen=True):
    """`sha256` is the hex digest of the whole signed file."""

    sha256: str


Kind = Literal["certificate", "crl", "ocsp"]


class Want(Struct, frozen=True):
    """Something to fetch: an OCSP `request` (DER) is posted to `url`, anything else is simply had from there."""

    kind: Kind
    url: str
    request: bytes = b""


class Weigh(Struct, frozen=True):
    """Is there proof, as of `now`, that the certificates behind a file's signatures were good? Or, without a file, `certificate`?

    All evidence is DER or PEM, as it was fetched or handed in; what the file holds itself is added. Without anchors any
    self-signed certificate ends a path. What must be proven: the signature in `field`; or with `renew` the timestamp that
    protects the file so far, and that it is good today; else every signature. What others need is written if at hand.
    """

    now: datetime
    path: str | None = None
    certificate: bytes = b""
    anchors: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    field: str = ""
    renew: bool = False


class Weighed(Struct, frozen=True):
    """`missing` says in a few technical words what lacks, empty when the proof is whole; each of `wants` is a choice of ways to
    mend it, or to learn what is newer.


    `level` is "" for a file without signatures, else the best of its signatures' levels: b, t, lt or lta.
    """

    revoked: bool
    missing: str
    wants: tuple[tuple[Want, ...], ...]
    level: str = ""


class EvidenceAdded(Struct, frozen=True):
    """Whether anything was written: a file may hold the whole proof already."""

    written: bool


class PrepareStamp(Struct, frozen=True):
    """Append room for a document timestamp to the PDF at `path`."""

    path: str


class FinishStamp(Struct, frozen=True):
    """Put the timestamp token of the RFC 3161 (request, response) into the room that `prepared` describes."""

    path: str
    prepared: Prepared
    timestamp: tuple[bytes, bytes]


class Stamped(Struct, frozen=True):
    """`sha256` of the whole file in hex, the time that the token states, and when its signer's certificate ends."""

    field: str
    sha256: str
    at: datetime
    until: datetime


WEIGH = Task("signing.evidence:weigh", Weigh, Weighed)
ADD_EVIDENCE = Task("signing.evidence:add_evidence", Weigh, EvidenceAdded)
PREPARE_STAMP = Task("signing.stamp:prepare_stamp", PrepareStamp, Prepared)
FINISH_STAMP = Task("signing.stamp:finish_stamp", FinishStamp, Stamped)

PREPARE = Task("signing.prepare:prepare", Prepare, Prepared)
FINISH = Task("signing.finish:finish", Finish, Finished)

PRELOAD = ("signing.prepare", "signing.finish", "signing.evidence", "signing.stamp")


class StatementLine(Struct, frozen=True):
    """One line of a statement page as in `signing.wordings`, its placeholders not yet filled."""

    style: str
    text: str


class WriteStatement(Struct, frozen=True):
    """Copy `source` to `out` with one more page, the statement.

    `facts` fill the placeholders; {pages} is counted here, it is the number of pages before the statement. `seal` is the
    text of a QR seal to print beside the signatures, with `seal_note` under it; `seal_every_page` puts the code alone on every
    other page that has room for it, too.
    """

    source: str
    out: str
    lines: tuple[StatementLine, ...]
    facts: dict[str, str]
    seal: str = ""
    seal_note: str = ""
    seal_every_page: bool = False


class StatementPage(Struct, frozen=True):
    """The statement is page `number` (from 1) of `pages`; `signature` is the room for the officer's signature, `seal` for the seal.

    `code` is where the QR seal stands; `unsealed` are the pages that should have borne it too and had no room.
    """

    number: int
    pages: int
    signature: Box
    seal: Box
    code: Box | None = None
    unsealed: tuple[int, ...] = ()


class TextToSeal(Struct, frozen=True):
    """Read the words of the PDF at `path`."""

    path: str


class SealedText(Struct, frozen=True):
    """`digest` as in `sohoa.seal.text_digest`; empty for a copy without text."""

    pages: int
    digest: bytes


STATEMENT = Task("signing.statement:write_statement", WriteStatement, StatementPage)
TEXT_TO_SEAL = Task("signing.sealing:text_to_seal", TextToSeal, SealedText)
