"""The cells of a page's ruled tables, found as what its rules enclose.

A cell is paper with rules all around it. So nothing depends on rules being level, straight or whole columns high: tables on photos are
tilted and a little curved, and cells merged over rows or columns are cells like others.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.fields.page_ink import Gray, Ink
from ocr.model import Box

_LEVEL = 22.0  # points: shorter strokes may be letters', dashes and the dots of a leader that touch
_UPRIGHT = 13.0  # no letter of a form's text is as high
_ASIDE = 0.1  # of a word's width, beside its middle
_BREAK = 4.0  # points of a rule that a scanner may have lost
_LEAST_HIGH = 9.0  # a line of print
_NARROW = 24.0  # narrower ones are boxes for a figure or a tick
_MOST = 400  # cells of a page: more are a pattern
_FILLED = 0.5  # of its box: what is less is no rectangle but the paper around a table in a frame
_BOTH = 0x0101  # two dark pixels
_LEVEL_ENDS = 3.0  # points, and a thirtieth of the way between them on a tilted page
_THICK = 4.0  # points between two cells with one rule between them


class RuledCells(Struct, frozen=True, eq=False):
    """The cells of a page's tables: `boxes` in points, `outlines` in points as OpenCV has them, (n, 1, 2)."""

    boxes: tuple[Box, ...]
    outlines: tuple[NDArray[np.float32], ...]

    def at(self, box: Box) -> int | None:
        """The number of the cell that holds a word's middle, or most of a word whose middle lies on a rule; None outside all cells.
        The boxes of figures hold no words: a number written over them has its middle on one of their edges."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        number = self._at(x, y)
        if number is not None:
            return number
        aside = (self._at(x + share * (box[2] - box[0]), y) for share in (_ASIDE, -_ASIDE))
        return next((one for one in aside if one is not None and self.boxes[one][2] - self.boxes[one][0] >= _NARROW), None)

    def _at(self, x: float, y: float) -> int | None:
        """Boxes of tilted cells overlap, outlines do not."""
        around = [number for number, (left, top, right, bottom) in enumerate(self.boxes) if left <= x <= right and top <= y <= bottom]
        if len(around) < 2:
            return around[0] if around else None
        return max(around, key=lambda number: cv2.pointPolygonTest(self.outlines[number], (x, y), True))


def ruled_cells(ink: Ink) -> RuledCells | None:
    """The cells of all tables on a page; None where there is no table. A frame alone, a photo's place or boxes for figures are none."""
    scale = np.array([ink.scale_x / 2, ink.scale_y / 2], np.float32)
    found = _lines(ink)
    if found is None:
        return None
    lines, corner = found
    contours, parents = cv2.findContours(lines, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=corner)
    outlines: list[NDArray[np.float32]] = []
    boxes: list[Box] = []
    for contour, (_, _, _, parent) in zip(contours, parents[0] if parents is not None else (), strict=True):
        if parent < 0 or len(contour) < 4:
            continue  # the rules themselves; what they enclose are their holes
        x, y, wide, high = cv2.boundingRect(contour)
        narrow = high < _LEAST_HIGH * scale[1] or wide < 0.4 * _NARROW * scale[0]
        if not narrow and cv2.contourArea(contour) >= _FILLED * wide * high:
            outlines.append(np.asarray(contour / scale, np.float32))
            boxes.append((float(x / scale[0]), float(y / scale[1]), float((x + wide) / scale[0]), float((y + high) / scale[1])))
    if not 2 <= len(boxes) <= _MOST:
        return None
    chosen = _tables(np.array(boxes)).tolist()
    return RuledCells(tuple(boxes[cell] for cell in chosen), tuple(outlines[cell] for cell in chosen)) if chosen else None


def _lines(ink: Ink) -> tuple[Gray, tuple[int, int]] | None:
    """(1 where a rule runs, at half of the ink's resolution; the place (x, y) of its corner there); None without an upright rule. Two
    neighbouring rows (or columns) count as one: a tilted rule steps. A table lies between its upright rules, so only that is looked at."""
    place = _between_uprights(ink)
    if place is None:
        return None
    dark = np.ascontiguousarray(ink.dark[place])
    slim = (dark.view(np.uint16) != 0).view(np.uint8)
    # Along its way a rule is dark in both of two neighbours; dots are not, which one dark neighbour would join.
    upright = cv2.morphologyEx(cv2.min(slim[::2], slim[1::2]), cv2.MORPH_OPEN, _bar(_UPRIGHT * ink.scale_y / 2, 1))
    if not upright.any():
        return None
    both = (cv2.max(dark[::2], dark[1::2]).view(np.uint16) == _BOTH).view(np.uint8)
    level = cv2.morphologyEx(both, cv2.MORPH_OPEN, _bar(1, _LEVEL * ink.scale_x / 2))
    level = cv2.dilate(level, _bar(3, _BREAK * ink.scale_x / 2))
    upright = cv2.dilate(upright, _bar(_BREAK * ink.scale_y / 2, 3))
    _close(np.asarray(level, np.uint8), np.asarray(upright, np.uint8), ink)
    return np.asarray(cv2.bitwise_or(level, upright), np.uint8), (place[1].start // 2, place[0].start // 2)


def _close(level: Gray, upright: Gray, ink: Ink) -> None:
    """Draws into `level` the rule that a table lacks whose last row a page's end breaks: three upright rules and more, a column of words
    apart, cross others but end there side by side and meet none."""
    x_point, y_point = ink.scale_x / 2, ink.scale_y / 2
    across = upright.shape[1] // 4 * 4
    # Four columns as one: no two rules of a table stand so near, and to part them takes a quarter of the time.
    parts = (np.ascontiguousarray(upright[:, :across]).view(np.uint32) != 0).view(np.uint8)
    stats = cv2.connectedComponentsWithStats(parts)[2] * np.array([4, 1, 4, 1, 1])
    reach_x, reach_y = round(_BREAK * x_point), round(_BREAK * y_point)
    for bottom in (True, False):
        ends: list[tuple[int, int]] = []
        for x, y, wide, high, _ in stats[1:].tolist():
            at_y = y + high - 1 if bottom else y
            # A rule leans with its page: at its end its ink stands at one side of its box.
            at_x = x + round(float(np.flatnonzero(upright[at_y, x : x + wide]).mean()))
            met = level[max(0, at_y - reach_y) : at_y + reach_y + 1, max(0, at_x - reach_x) : at_x + reach_x + 1]
            if high >= _LEAST_HIGH * y_point and not met.any() and level[y : y + high, x : x + wide].any():
                ends.append((at_x, at_y))
        ends.sort()
        for run in _side_by_side(ends, x_point, y_point):
            for one, two in pairwise(run):
                cv2.line(level, one, two, 1, 1)


def _side_by_side(ends: Sequence[tuple[int, int]], x_point: float, y_point: float) -> list[list[tuple[int, int]]]:
    """`ends` (x, y) from left to right in runs that a level rule could join; runs of less than three left out."""
    runs: list[list[tuple[int, int]]] = []
    for end in ends:
        last = next((run for run in runs if abs(end[1] - run[-1][1]) <= _LEVEL_ENDS * y_point + abs(end[0] - run[-1][0]) / 30), None)
        if last is None:
            runs.append([end])
        elif end[0] - last[-1][0] >= _NARROW * x_point:
            last.append(end)
    return [run for run in runs if len(run) > 2]


def _between_uprights(ink: Ink) -> tuple[slice, slice] | None:
    """The rows and columns, even in number and with room around, that hold all upright rules; None without any.

    Every fourth row shows them, four columns taken as one.
    """
    height, width = (side // 4 * 4 for side in ink.dark.shape)
    coarse = (np.ascontiguousarray(ink.dark[:height:4, :width]).view(np.uint32) != 0).view(np.uint8)
    runs = cv2.morphologyEx(coarse, cv2.MORPH_OPEN, _bar(_UPRIGHT * ink.scale_y // 4, 1))
    across, down = np.flatnonzero(runs.any(0)), np.flatnonzero(runs.any(1))
    if not len(across):
        return None
    aside, above = (4 * (1 + round(_LEVEL * scale / 4)) for scale in (ink.scale_x, ink.scale_y))
    rows = slice(max(0, 4 * int(down[0]) - above), min(height, 4 * int(down[-1]) + above))
    return rows, slice(max(0, 4 * int(across[0]) - aside), min(width, 4 * int(across[-1]) + aside))


def _bar(high: float, wide: float) -> Gray:
    return np.ones((max(1, round(high)), max(1, round(wide))), np.uint8)


def _tables(boxes: NDArray[Any]) -> NDArray[Any]:
    """Which of `boxes` (n, 4) stand in a table: two cells and more that share rules, at least two of them wide enough for words."""
    left, top, right, bottom = boxes.T
    holds = (left[:, None] <= left) & (top[:, None] <= top) & (right[:, None] >= right) & (bottom[:, None] >= bottom)
    holds_others = holds.sum(axis=1) > 1  # a frame, or the picture of a whole page on a desk
    group = np.where(holds_others, -1 - np.arange(len(boxes)), np.arange(len(boxes)))
    gap_x = np.maximum(boxes[:, None, 0], boxes[None, :, 0]) - np.minimum(boxes[:, None, 2], boxes[None, :, 2])
    gap_y = np.maximum(boxes[:, None, 1], boxes[None, :, 1]) - np.minimum(boxes[:, None, 3], boxes[None, :, 3])
    beside = ~holds_others[:, None] & ~holds_others & (((gap_x < _THICK) & (gap_y < -2)) | ((gap_y < _THICK) & (gap_x < -2)))
    for one, two in np.argwhere(np.triu(beside, 1)).tolist():
        group[group == group[two]] = group[one]
    wide = boxes[:, 2] - boxes[:, 0] >= _NARROW
    found = [np.flatnonzero(group == number) for number in dict.fromkeys(group.tolist())]
    return np.array([cell for cells in found if wide[cells].sum() >= 2 for cell in cells.tolist()], np.int64)


def bands(boxes: Sequence[Box]) -> list[list[int]]:
    """The cells in reading order, those side by side in one list. A cell as high as several others beside it stands alone before them."""
    return _cut(boxes, list(range(len(boxes))))


def _cut(boxes: Sequence[Box], cells: list[int]) -> list[list[int]]:
    if len(cells) == 1:
        return [cells]
    rows = _parted(boxes, cells, 1)
    if len(rows) > 1:
        return [band for row in rows for band in _cut(boxes, row)]
    columns = _parted(boxes, cells, 0)
    if len(columns) == 1 or all(len(column) == 1 for column in columns):
        return [[cell for column in columns for cell in column]]
    return [band for run in _runs(columns) for band in (_cut(boxes, run) if len(run) < len(cells) else [run])]


def _runs(columns: list[list[int]]) -> list[list[int]]:
    """Columns of one cell alone; those of several, which may still be rows of one table, together."""
    runs: list[list[int]] = []
    for number, column in enumerate(columns):
        if number and len(column) > 1 and len(columns[number - 1]) > 1:
            runs[-1] += column
        else:
            runs.append(list(column))
    return runs


def _parted(boxes: Sequence[Box], cells: list[int], axis: int) -> list[list[int]]:
    """`cells` in groups that lie apart along `axis`: 0 side by side, 1 below each other. Tilted cells overlap a little."""
    ordered = sorted(cells, key=lambda cell: boxes[cell][axis])
    groups: list[list[int]] = []
    end = -1.0
    for cell in ordered:
        low, high = boxes[cell][axis], boxes[cell][axis + 2]
        if groups and low < end - 0.4 * min(high - low, _depth(boxes, groups[-1], axis)):
            groups[-1].append(cell)
            end = max(end, high)
        else:
            groups.append([cell])
            end = high
    return groups


def _depth(boxes: Sequence[Box], cells: Sequence[int], axis: int) -> float:
    return min(boxes[cell][axis + 2] - boxes[cell][axis] for cell in cells)
