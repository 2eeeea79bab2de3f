"""Papers that the law keeps out of digitising: found by their stamp, their title or their form, and refused with the reason.

The rules are data (`skip_rules.yaml`), each with its legal basis. A secrecy mark (NĐ 30/2020/NĐ-CP Phụ lục I, ô 10a) is
a stamp: MẬT, TỐI MẬT or TUYỆT MẬT alone, in capitals, in the head or the margins of a page. The word in a sentence, in a
title that runs over two lines, in a table's body or in a name is none.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from unicodedata import normalize

import msgspec
from msgspec import Struct
from rapidfuzz.distance import Levenshtein

from ocr.export.lines import around, lines
from ocr.fields.folding import fold
from ocr.model import Box, Page, Word
from sohoa.errors import SohoaError, UsageError
from sohoa.messages import texts

_POINTS_PER_MM = 72 / 25.4
_HEAD = 0.36  # of the page's height; the mark stands below the number, which stands below the agency's name
_MARGIN = 0.08
_GAP = 1.2  # heights of a letter: what stands nearer belongs to the same text
_EDGE = re.compile(r"^[^\w]+|[^\w]+$")


class SkipRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason not to digitise a paper, with its law."""

    code: str
    legal_basis: str
    stamps: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    reason_vi: str = ""
    reason_en: str = ""


class _Piece(Struct, frozen=True):
    """Words that stand together in a line; `inner` without what the sides of a frame may have been read as."""

    text: str
    inner: str
    box: Box


@lru_cache(maxsize=8)
def load_rules(added: str = "") -> tuple[SkipRule, ...]:
    """The rules of the product, and those of the file `added`. Raises UsageError skip_rules_invalid."""
    found = {
        rule.code: rule for rule in msgspec.yaml.decode(files("pipeline").joinpath("skip_rules.yaml").read_bytes(), type=list[SkipRule])
    }
    if added:
        try:
            found |= {rule.code: rule for rule in msgspec.yaml.decode(Path(added).read_bytes(), type=list[SkipRule])}
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError("skip_rules_invalid", path=added, mistake=str(error)) from None
    return tuple(found.values())


def refuse_what_is_not_digitised(pages: Sequence[Page], template: str | None, added: str = "") -> None:
    """Raises SohoaError with the code of the rule that keeps this paper out, its law and the page; UsageError for faulty rules."""
    pieces = [(page, list(_pieces(page))) for page in pages]
    for rule in load_rules(added):
        page = _where(pieces, template, rule)
        if page is None:
            continue
        facts: dict[str, str | int | float] = {"law": rule.legal_basis, "page": page}
        if rule.code in texts():
            raise SohoaError(rule.code, **facts)
        raise SohoaError("not_digitised", reason_vi=rule.reason_vi or rule.code, reason_en=rule.reason_en or rule.code, **facts)


def _where(pages: Sequence[tuple[Page, Sequence[_Piece]]], template: str | None, rule: SkipRule) -> int | None:
    if template is not None and template in rule.templates:
        return pages[0][0].number
    wanted = rule.stamps
    titles = {fold(title) for title in rule.titles}
    for page, pieces in pages:
        if wanted and any(_is_stamp(piece, pieces, page, wanted) for piece in pieces):
            return page.number
        if titles and any(piece.text.isupper() and fold(piece.text) in titles for piece in pieces):
            return page.number
    return None


def _is_stamp(piece: _Piece, pieces: Sequence[_Piece], page: Page, wanted: Sequence[str]) -> bool:
    if not piece.text.isupper() or not any(_says(piece, stamp) for stamp in wanted):
        return False
    height = page.size_mm[1] * _POINTS_PER_MM
    middle = (piece.box[1] + piece.box[3]) / 2 / height
    if not (middle < _HEAD or middle > 1 - _MARGIN):
        return False
    return not any(_goes_on(other, piece) for other in pieces if other is not piece)


def _goes_on(other: _Piece, piece: _Piece) -> bool:
    """Whether `piece` is a line of the text that `other` is a line of: capitals of the same size close above or below."""
    size, mine = other.box[3] - other.box[1], piece.box[3] - piece.box[1]
    shared = min(other.box[2], piece.box[2]) - max(other.box[0], piece.box[0])
    apart = max(piece.box[1] - other.box[3], other.box[1] - piece.box[3])
    letters = [letter for letter in other.text if letter.isalpha()]
    capital = bool(letters) and all(letter.isupper() for letter in letters)
    return capital and shared > 0 and apart < 0.9 * max(size, mine) and 0.7 < size / max(mine, 1.0) < 1.45


def _pieces(page: Page) -> Iterator[_Piece]:
    for words in lines(page):
        ordered = sorted(words, key=lambda word: word.box[0])
        piece: list[Word] = []
        for word in ordered:
            if piece and word.box[0] - piece[-1].box[2] > _GAP * (word.box[3] - word.box[1]):
                yield _piece(piece)
                piece = []
            piece.append(word)
        if piece:
            yield _piece(piece)


def _piece(words: Sequence[Word]) -> _Piece:
    bare = [(_EDGE.sub("", word.text), word) for word in words]
    kept = [(text, word) for text, word in bare if text]
    inner = kept
    while len(inner) > 1 and len(inner[0][0]) == 1:
        inner = inner[1:]
    while len(inner) > 1 and len(inner[-1][0]) == 1:
        inner = inner[:-1]
    box = around([word for _, word in inner or bare])
    return _Piece(" ".join(text for text, _ in kept), " ".join(text for text, _ in inner), box)


def _says(piece: _Piece, stamp: str) -> bool:
    """Two words are enough to be known with a letter misread and without marks (TỔ I MAI); MẬT alone is known by its mark only."""
    if " " in stamp:
        return any(Levenshtein.distance(fold(text), fold(stamp), score_cutoff=1) <= 1 for text in (piece.text, piece.inner))
    return normalize("NFC", piece.inner).replace("MÂT", "MẬT") == stamp
