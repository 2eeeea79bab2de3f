"""QR and bar codes that an office or another office has put on a paper (TCVN 7322:2009, ISO/IEC 18004 and their kin).

Mã số hồ sơ, mã thủ tục, mã định danh and the paper's own code stand in them, in no common layout; therefore what counts is
a pattern with named groups, which an office may set. A code is what somebody printed: it groups and names, it proves
nothing. Reading runs in a killable child.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ocr.model import Box, Page
from sohoa.child import Task
from sohoa.errors import UsageError

# The dossier's code at a one-stop shop: the unit's identifier (QĐ 20/2020/QĐ-TTg), the date as yymmdd, a running number;
# and DocCode as MCQ_LV_STT_PB (Công văn 7197/BKHCN-CĐSQG).
PATTERNS: Mapping[str, str] = {
    "dossier": r"(?<![\w.])(?:\d{3}\.)?(?:\d{2}\.){0,2}[A-Z]\d{2}(?:\.\d{1,3}){0,3}-\d{6}-\d{4,6}(?!\d)",
    "doc_code": r"(?<![\w.])[A-Z]\d{2}(?:\.\d{2,3}){0,3}_[A-Z]{1,6}_\d{5,6}_V\d{1,3}(?!\w)",
}


class Code(Struct, frozen=True):
    """A code on page `page`: its kind ("QRCode", "Code128" …), its text, and where it stands in points from the top left."""

    page: int
    format: str
    text: str
    box: Box


class ReadCodes(Struct, frozen=True):
    """Look for codes on `pages` (without their words); the other facts are those of `ocr.tasks.Extract`."""

    path: str
    media_type: str
    work: str
    pages: tuple[Page, ...]


class Codes(Struct, frozen=True):
    """All codes found, page by page, from the top down."""

    found: tuple[Code, ...]


READ_CODES = Task("ocr.work:read_codes", ReadCodes, Codes)


def worth_a_look(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The pages to search: every picture, and the first of a paper that has its own text, which would have to be drawn first."""
    return tuple(page for page in pages if page.status == "read" or (page.status == "had_text" and page.number == 1))


def values_of(text: str, patterns: Mapping[str, str]) -> dict[str, str]:
    """What `patterns` find in a code's text, by name; a named group in a pattern gives its own value beside."""
    found: dict[str, str] = {}
    for name, pattern in patterns.items():
        if match := re.search(pattern, text):
            found |= {key: value for key, value in match.groupdict().items() if value}
            found.setdefault(name, match[0])
    return found


def check_patterns(patterns: Mapping[str, str]) -> dict[str, str]:
    """The product's patterns with an office's own over them; raises UsageError pattern_invalid naming the one that is wrong."""
    for name, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError("pattern_invalid", name=name, mistake=str(error)) from None
    return {**PATTERNS, **patterns}
