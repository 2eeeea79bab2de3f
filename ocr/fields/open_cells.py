"""Cells that lack their outer rule: the paper ended before it, or the scanner cut it off.

What stands right behind the last rules of several rows of a table stands in cells of its own, open at the page's edge.
"""

from collections.abc import Sequence

import numpy as np

from ocr.fields.ruled_cells import RuledCells
from ocr.model import Box, Word

_LEAST = 3  # rows with words behind their last rule
_PADDING = 15.0  # points from a rule to a cell's first word, at most
_SAME_RULE = 3.0  # points
_SHARED = 0.5  # of a cell's height


def with_open_cells(ruled: RuledCells, words: Sequence[Word]) -> RuledCells:
    """`ruled` with the cells that are open at the right; as it is where no column of words stands behind a table's last rules."""
    outside = [word for word in words if ruled.at(word.box) is None]
    if len(outside) < _LEAST or len(ruled.boxes) < _LEAST:
        return ruled
    last = [box for box in ruled.boxes if not any(_right_of(other, box) for other in ruled.boxes)]
    behind = [(box, [word for word in outside if _level(word.box, box) and word.box[0] > box[2] - 1]) for box in last]
    filled = [(box, own) for box, own in behind if own and min(word.box[0] for word in own) - box[2] < _PADDING]
    rules = [box[2] for box, _ in filled]
    if len(filled) < _LEAST or sum(abs(one - np.median(rules)) < _SAME_RULE for one in rules) < _LEAST - 1:
        return ruled
    edge = max(word.box[2] for _, own in filled for word in own) + 1
    opened = [box for box, own in behind if (box, own) in filled or (not own and any(abs(box[2] - x) < _SAME_RULE for x in rules))]
    boxes = [(box[2], box[1], edge, box[3]) for box in opened if edge - box[2] > _PADDING]
    outlines = [np.array([[[x0, y0]], [[x0, y1]], [[x1, y1]], [[x1, y0]]], np.float32) for x0, y0, x1, y1 in boxes]
    return RuledCells((*ruled.boxes, *boxes), (*ruled.outlines, *outlines))


def _right_of(other: Box, box: Box) -> bool:
    shared = min(other[3], box[3]) - max(other[1], box[1])
    return other[0] > box[2] - _SAME_RULE and shared > _SHARED * min(other[3] - other[1], box[3] - box[1])


def _level(word: Box, box: Box) -> bool:
    return box[1] < (word[1] + word[3]) / 2 < box[3]
