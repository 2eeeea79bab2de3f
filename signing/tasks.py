"""The units of signing work that run in a killable child. Importing this module loads no parser.

A signature takes `PREPARE` in the child, one call of the key holder, and `FINISH` in the child (design rule 8).
`STATEMENT` writes the certification statement page of a copy.
"""

from dataclasses import dataclass
from datetime import datetime

from signing.model import Box, Digest, Mechanism, Profile
from sohoa.child import Task


@dataclass(frozen=True)
class Prepare:
    """Copy `source` to `out` with one more signature field and room for its value.

    `lines` are the profile's, filled; `image` is the path of a PNG shown instead. `page` counts from 1. Certificates are DER.
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


@dataclass(frozen=True)
class Prepared:
    """What is to be signed, and where the value goes.

    `document_digest` covers the ByteRange; `attributes` are the DER signed attributes that the key holder signs;
    `start` and `end` are the byte offsets of `<` and after `>` of /Contents.
    """

    document_digest: bytes
    attributes: bytes
    start: int
    end: int
    field: str
    page: int | None
    box: Box | None


@dataclass(frozen=True)
class Finish:
    """Put the CMS of `signature` into `path`. `timestamp` is the RFC 3161 (request, response) in DER, or None."""

    path: str
    prepared: Prepared
    signature: bytes
    mechanism: Mechanism
    digest: Digest
    certificate: bytes
    chain: tuple[bytes, ...]
    timestamp: tuple[bytes, bytes] | None = None


@dataclass(frozen=True)
class Finished:
    """`sha256` is the hex digest of the whole signed file."""

    sha256: str


PREPARE = Task("signing.prepare:prepare", Prepare, Prepared)
FINISH = Task("signing.finish:finish", Finish, Finished)

PRELOAD = ("signing.prepare", "signing.finish")


@dataclass(frozen=True)
class StatementLine:
    """One line of a statement page as in `signing.wordings`, its placeholders not yet filled."""

    style: str
    text: str


@dataclass(frozen=True)
class WriteStatement:
    """Copy `source` to `out` with one more page, the statement.

    `facts` fill the placeholders; {pages} is counted here, it is the number of pages before the statement.
    """

    source: str
    out: str
    lines: tuple[StatementLine, ...]
    facts: dict[str, str]


@dataclass(frozen=True)
class StatementPage:
    """The statement is page `number` (from 1) of `pages`; `signature` is the room for the officer's signature, `seal` for the seal."""

    number: int
    pages: int
    signature: Box
    seal: Box


STATEMENT = Task("signing.statement:write_statement", WriteStatement, StatementPage)
