"""Cancelled certified copies: signed lists in the trust folder (TT 01/2020/TT-BTP Điều 7), and what they say of one copy.

A list is a signed PDF with `cancelled.json` inside: {"format": 1, "cancelled": [{"number", "book", "sha256", "date", "reason"}]}.
Numbers are unique within one office only, so an office's list speaks of a number when the copy's agency signed the list; a
file's SHA-256 speaks for itself. A list that is intact but not fully trusted can cancel, for the operator put it there; only a
valid one can say that a copy is not cancelled.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

import msgspec
import pikepdf
from msgspec import Struct

from verification.model import Verdict
from verification.statement import folded
from verification.truststore import TrustStore

_FILE = "cancelled.json"
_LARGEST = 16 << 20


class _Cancelled(msgspec.Struct):
    number: str
    book: str
    sha256: str
    date: str = ""
    reason: str = ""


class _Content(msgspec.Struct):
    format: int
    cancelled: list[_Cancelled]
    agency: str = ""


class CancellationList(Struct, frozen=True):
    """One list. `agency` is its signer without tone marks; `valid` says that its signature is, else it is only intact."""

    agency: str
    valid: bool
    files: frozenset[str]
    numbers: frozenset[tuple[str, str]]


class Cancellations(Struct, frozen=True):
    """Every list that was found, and the operator's own plain one (`cancelled.txt`)."""

    store: TrustStore
    lists: tuple[CancellationList, ...] = ()

    def of(self, sha256: str, number: str | None, book: str | None, agency: str | None) -> bool | None:
        """Is this copy cancelled? None when no list that could say no was at hand."""
        office = plain_name(agency)
        theirs = [one for one in self.lists if one.agency == office]
        named = any(sha256 in one.files for one in self.lists) or any((number, book) in one.numbers for one in theirs)
        if named or self.store.cancels(sha256, number, book):
            return True
        return False if self.store.cancelled is not None or any(one.valid for one in theirs) else None


def read_lists(store: TrustStore, judge: Callable[[bytes], Verdict]) -> Cancellations:
    """The lists of the trust folder; `judge` verifies one of them under the same trust. Altered and unreadable ones are left out."""
    return Cancellations(store, tuple(found for data in store.lists if (found := _read(data, judge))))


def plain_name(name: str | None) -> str:
    """A name without tone marks, case, and what stands in brackets."""
    return " ".join(folded(re.sub(r"\(.*?\)", " ", name or "")).split())


def _read(data: bytes, judge: Callable[[bytes], Verdict]) -> CancellationList | None:
    content = _content(data)
    verdict = judge(data) if content else None
    if content is None or verdict is None or verdict.verdict in ("invalid", "unsigned") or verdict.integrity not in ("intact", "extended"):
        return None
    signer = next((one.signer for one in verdict.signatures if one.kind == "signature"), None)
    return CancellationList(
        agency=plain_name(signer),
        valid=verdict.verdict == "valid",
        files=frozenset(one.sha256 for one in content.cancelled if one.sha256),
        numbers=frozenset((one.number, one.book) for one in content.cancelled),
    )


@lru_cache(maxsize=16)
def _content(data: bytes) -> _Content | None:
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            body = pdf.attachments[_FILE].get_file().read_bytes()
        return msgspec.json.decode(body, type=_Content) if len(body) <= _LARGEST else None
    except (pikepdf.PdfError, KeyError, ValueError, TypeError, AttributeError, msgspec.MsgspecError):
        return None
