"""Check boxes that are printed as signs: ☐ ☒, and brackets with a letter or nothing between them, [x] ( )."""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from ocr.model import Word

TICKED_GLYPHS = frozenset("☒☑✓✔✗✘■⊠🗹")
EMPTY_GLYPHS = frozenset("☐□▢")
BRACKETS = re.compile(r"[\[(]([xXvV×✗✓✔√]?)[\])]")
_OPENED = re.compile(r"[\[(][xXvV×✗✓✔√]?$")
_UPRIGHT = "lIÍÌĨÏỊỈị|"  # a bracket is as upright as an I
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
