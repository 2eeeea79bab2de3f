"""Words that dots are set against without a space, as in "Họ và tên:........": how far the token reaches on paper.

The dots never become text. But whoever looks at the page sees one thing from the letters to the last dot, and so do other
programs that take words out of PDFs; a box for display or comparison needs both ends.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.words.word import Box, ReadWord

_GLUED = 0.26  # of the word's height; a space's white and the dots' own side bearing are wider together


def with_leaders(words: Sequence[ReadWord], leaders: Sequence[tuple[int, int, int, int]]) -> tuple[ReadWord, ...]:
    """`words` with `leader` set where a row of dots starts right behind the word; all boxes in pixels of the reading image."""
    if not leaders:
        return tuple(words)
    following = {id(word): after for word, after in pairwise(words) if word.line == after.line}
    found = []
    for word in words:
        reach = max((_reach(word.box, row) for row in leaders), default=0.0)
        after = following.get(id(word))
        limit = after.box[0] if after and after.box[0] >= word.box[2] else reach
        found.append(replace(word, leader=min(reach, limit)) if min(reach, limit) > word.box[2] else word)
    return tuple(found)


def _reach(box: Box, row: tuple[int, int, int, int]) -> float:
    """Where the row of dots ends when it starts right behind the word and stands on its line; 0 when it does not."""
    height = box[3] - box[1]
    middle = (row[1] + row[3]) / 2
    level = box[1] + 0.4 * height < middle < box[3] + 0.1 * height
    near = -0.3 * height <= row[0] - box[2] <= _GLUED * height
    return float(row[2]) if level and near else 0.0
