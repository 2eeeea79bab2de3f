"""Check boxes that are printed as signs: ☐ ☒, and brackets with a letter or nothing between them, [x] ( )."""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from ocr.model import Word
from ocr.words.syllables import is_syllable

TICKED_GLYPHS = frozenset("☒☑✓✔✗✘■⊠🗹")
EMPTY_GLYPHS = frozenset("☐□▢")
BRACKETS = re.compile(r"[\[(]([xXvV×✗✓✔√]?)[\])]")
_OPENED = re.compile(r"[\[(][xXvV×✗✓✔√]?$")
_UPRIGHT = "lIÍÌĨÏỊỈịíì|"  # a bracket is as upright as an I
_BEHIND = re.compile(rf"(?P<word>^|[^\W\d_]{{2,}}?)(?:[\[({{]([xX×])[{_UPRIGHT}]|[{_UPRIGHT}]([xX×])[\])}}{_UPRIGHT}])$")  # "CóÍxl", "(xì"
_ROUND = re.compile(r"(Có|Không|Nam|Nữ)([oO0])")  # a circle set against its word
_MISREAD = re.compile(rf"^[\[({{{_UPRIGHT}]([xX×])[\])}}{_UPRIGHT}](?=$|[^\W\d_]{{2}})")  # "ÍxÌKhông"
_PIECES = 3  # "[", "x" and "]"
_APART = 1.5  # heights of a word


def ticked(text: str) -> bool | None:
    """What a sign says; None for what is no check box."""
    between = BRACKETS.fullmatch(text)
    if between is not None:
        return bool(between[1])
    return text in TICKED_GLYPHS if text in TICKED_GLYPHS | EMPTY_GLYPHS else None


def with_brackets_closed(words: Sequence[Word]) -> list[Word]:
    """The words of a row, "[", "x" and "]" read apart made one word again, and brackets that were read as letters."""
    words = [
        replace(word, text=_MISREAD.sub(r"[\1]", word.text), raw=word.raw or word.text) if _MISREAD.match(word.text) else word
        for word in words
    ]
    words = [part for word in words for part in _parted(word)]
    words = [
        replace(word, text="]", raw=word.raw or word.text) if word.text in _UPRIGHT and before.text.endswith("[") else word
        for before, word in pairwise([*words[:1], *words])
    ]
    words = [
        replace(word, text="[", raw=word.raw or word.text) if word.text in _UPRIGHT and behind.text.startswith("]") else word
        for word, behind in pairwise([*words, *words[-1:]])
    ]
    made: list[Word] = []
    at = 0
    while at < len(words):
        count = _brackets(words[at : at + _PIECES]) if _OPENED.search(words[at].text) else 1
        made.append(words[at] if count == 1 else _joined(words[at : at + count]))
        at += count
    return made


def _parted(word: Word) -> list[Word]:
    """A word without the box that was read as its last letters, and the box."""
    behind = _BEHIND.search(word.text)
    if behind is not None and (not behind["word"] or is_syllable(behind["word"])):
        return [replace(word, text=behind["word"] + "[x]", raw=word.raw or word.text)]
    round_ = _ROUND.fullmatch(word.text)
    if round_ is None:
        return [word]
    x0, y0, x1, y1 = word.box
    edge = x1 - 1.2 * (x1 - x0) / len(word.text)  # a circle is wider than most letters
    return [replace(word, text=round_[1], box=(x0, y0, edge, y1)), replace(word, text=round_[2], box=(edge, y0, x1, y1), raw=None)]


def _brackets(words: Sequence[Word]) -> int:
    """How many of `words`, from the first, make one pair of brackets; 1 when they are none."""
    start = len(words[0].text.rstrip("xXvV×✗✓✔√")) - 1
    for count in range(2, len(words) + 1):
        before, last = words[count - 2 : count]
        if last.box[0] - before.box[2] > _APART * (before.box[3] - before.box[1]):
            return 1
        if BRACKETS.match("".join(word.text for word in words[:count]), start):
            return count
    return 1


def _joined(words: Sequence[Word]) -> Word:
    left, top, right, bottom = zip(*(word.box for word in words), strict=True)
    return replace(
        words[0],
        text="".join(word.text for word in words),
        raw="".join(word.raw or word.text for word in words) if any(word.raw is not None for word in words) else None,
        box=(min(left), min(top), max(right), max(bottom)),
        confidence=min(word.confidence for word in words),
    )
