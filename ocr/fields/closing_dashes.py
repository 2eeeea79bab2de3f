"""Dashes that close labels as colons do elsewhere: "3/ Ngày sinh / Date of birth – 10.03.1983"."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ocr.fields.enumerators import DASHES

_GLUED = re.compile(r"(?<=[^\W\d_]|\))[-–—]$")  # "tuổi)-"
_LEAST = 6  # questions: fewer may have a dash by chance


def closing_dashes(words: Sequence[tuple[int, str, bool]], questions: AbstractSet[int]) -> frozenset[int]:
    """Which words end a label with a dash, of a paper's words in order as (row, text, begins a cell): the first dash behind a question's
    number, where most counted questions have one and hardly any a colon. Else none: a dash has many uses."""
    dashed, closed = [], 0
    for start in sorted(questions):
        for at in range(start + 1, len(words)):
            row, text, opens = words[at]
            if row != words[start][0] or (opens and at > start + 1):
                break
            if text.endswith(":"):
                closed += 1
                break
            if text in DASHES or _GLUED.search(text):
                dashed.append(at)
                break
    return frozenset(dashed) if len(dashed) >= _LEAST and 2 * len(dashed) > len(questions) and closed * 4 < len(dashed) else frozenset()


def with_a_colon(text: str) -> str:
    """A word that ends in a dash with a colon in its place."""
    return text.rstrip("-–—") + ":"
