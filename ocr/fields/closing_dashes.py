"""Dashes that close labels as colons do elsewhere: "3/ Ngày sinh / Date of birth – 10.03.1983"."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ocr.fields.enumerators import DASHES

_GLUED = re.compile(r"(?:(?<=[^\W\d_]|\))|(?<=\)\d))[-–—]$")  # "tuổi)-", "trú)2-"
_GLUED_BEHIND = re.compile(r"^[-–—](?=[^\W_])")  # "-Việt Nam", "-1"
_LEAST, _MOST = 6, 3  # questions: fewer may have a dash by chance, and so may fewer than one row in three
_LONGEST = 30  # words of a label


def closing_dashes(words: Sequence[tuple[int, str, bool]], questions: AbstractSet[int]) -> frozenset[int]:
    """Which words end a label with a dash, of a paper's words in order as (row, text, begins a cell): the first dash of most rows, or
    behind most questions' numbers, where hardly any has a colon. Else none: a dash has many uses."""
    rows = [at for at, (row, text, _) in enumerate(words) if (not at or words[at - 1][0] != row) and text[:1].isupper()]
    for starts in (sorted(questions), sorted({*questions, *rows})):
        dashed, closed = [], 0
        for start in starts:
            found = _closing(words, start)
            closed += found is not None and words[found][1].endswith(":")
            dashed += [found] if found is not None and not words[found][1].endswith(":") else []
        if len(dashed) >= _LEAST and closed * 4 < len(dashed) and _MOST * len(dashed) > len(starts):
            return frozenset(dashed)
    return frozenset()


def _closing(words: Sequence[tuple[int, str, bool]], start: int) -> int | None:
    """The first dash or colon among the words of a row's cell from `start` on, or the dash behind "- Số"."""
    for at in range(start + 1, min(start + _LONGEST, len(words))):
        row, text, opens = words[at]
        if row != words[start][0] or (opens and at > start + 1):
            return None
        if text.endswith(":") or text in DASHES or _GLUED.search(text):
            again = text in DASHES and at + 2 < len(words) and words[at + 1][1] == "Số" and words[at + 2][1] in DASHES
            return at + 2 if again else at
        if _GLUED_BEHIND.match(text):
            return at - 1
    return None


def without_a_dash(text: str) -> str:
    """A word without the dash of the label before it."""
    return _GLUED_BEHIND.sub("", text)


def has_closing_dash(words: Sequence[str]) -> bool:
    """True for a row with a dash that may close a label."""
    return any(text in DASHES or _GLUED.search(text) or _GLUED_BEHIND.match(text) for text in words[1:])


def with_a_colon(text: str) -> str:
    """A word that ends in a dash with a colon in its place."""
    return text.rstrip("-–—") + ":"
