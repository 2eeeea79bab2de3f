"""Words that dots are set against without a space, as in "Họ và tên:........": how far the token reaches on paper.

The dots never become text. But whoever looks at the page sees one thing from the letters to the last dot, and so do other
programs that take words out of PDFs; a box for display or comparison needs both ends.
"""

from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from ocr.words.word import Box, ReadWord

_BREAK = 0.7  # of the word's height: where a dot is lost in noise the row goes on behind it
_GLUED = 0.26  # of the word's height; a space's white and the dots' own side bearing are wider together


def with_leaders(words: Sequence[ReadWord], leaders: Sequence[tuple[int, int, int, int]]) -> tuple[ReadWord, ...]:
    """`words` with `leader` set where a row of dots starts right behind the word; all boxes in pixels of the reading image."""
    if not leaders:
        return tuple(words)
    following = {id(word): after for word, after in pairwise(words) if word.line == after.line}
    found = []
    for word in words:
        reach = _to_the_last_dot(word.box, max((_reach(word.box, row) for row in leaders), default=0.0), leaders)
        after = following.get(id(word))
        limit = after.box[0] if after and after.box[0] >= word.box[2] else reach
        found.append(replace(word, leader=min(reach, limit)) if min(reach, limit) > word.box[2] else word)
    return tuple(found)


def _reach(box: Box, row: tuple[int, int, int, int]) -> float:
    """Where the row of dots ends when it starts right behind the word and stands on its line; 0 when it does not."""
    height = box[3] - box[1]
    near = -0.3 * height <= row[0] - box[2] <= _GLUED * height
    return float(row[2]) if near and _level(box, row) else 0.0


def _level(box: Box, row: tuple[int, int, int, int]) -> bool:
    height = box[3] - box[1]
    return box[1] + 0.4 * height < (row[1] + row[3]) / 2 < box[3] + 0.1 * height


def _to_the_last_dot(box: Box, reach: float, rows: Sequence[tuple[int, int, int, int]]) -> float:
    """`reach`, or where further rows end that go on at the same level."""
    gap = _BREAK * (box[3] - box[1])
    for row in sorted(rows) if reach else ():
        if _level(box, row) and row[2] > reach and row[0] - reach <= gap:
            reach = float(row[2])
    return reach
