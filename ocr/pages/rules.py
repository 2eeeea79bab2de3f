"""Ruled lines and dotted leaders taken out of the reading image, so that no recogniser reads them as letters.

What goes: straight strokes longer than any letter's, and rows of small dots or dashes, five or more, evenly close. What
stays: full stops, ellipses, decimal points, i-dots, marks under vowels, hyphens and minus signs, for none of them stands
in a row of five; the colon that a leader starts behind; solid areas (photos, dark borders); and the parts of letters that
cross a line.
"""

from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pages.model import MM_PER_INCH, Pixels
from ocr.pixels import connected

Mask = NDArray[np.uint8]

_INK = 170
_RULE_MM = 9.0
_THICK_MM = 1.1
_DOT_MM = 0.85
_LARGE_DOT_MM = 0.56
_DASH_MM = 2.2
_GAP_MM = 1.7
_IN_A_ROW = 5
_COLON_MM = 2.4  # no colon's dots stand further apart


class Erased(Struct, frozen=True, eq=False):
    """`reading` without rules and leaders; `leaders` are the boxes (x0, y0, x1, y1) in pixels where rows of dots stood."""

    reading: Pixels
    leaders: tuple[tuple[int, int, int, int], ...]


def erase(reading: Pixels, dpi: float) -> Erased:
    """Take rules and leaders out of the flattened page (dark ink on white). `dpi` sets what counts as long and small."""
    millimetre = dpi / MM_PER_INCH
    ink = _ink(reading)
    # Level ones are looked for on the picture laid on its side: rows are put together much faster than columns.
    level = cv2.transpose(_strokes(np.asarray(cv2.transpose(ink), np.uint8), millimetre))
    lines = cv2.bitwise_or(level, _strokes(ink, millimetre))
    fringe = np.ones((3, 3), np.uint8)
    if cv2.countNonZero(lines):
        gone = np.asarray(cv2.dilate(lines, fringe), np.uint8)
        span = max(3, round(0.45 * millimetre)) + len(fringe)
        bridged = cv2.bitwise_and(gone, cv2.bitwise_and(ink, _closed(_without(ink, gone), span)))
        lines = _without(gone, bridged)
    dots, rows = _leaders(_without(ink, lines), millimetre)
    erased = cv2.bitwise_or(lines, cv2.dilate(dots, fringe))
    if not cv2.countNonZero(erased):
        return Erased(reading, rows)
    # Around what is erased stays a grey halo, a dotted ghost of it; whatever is ink there belongs to a letter.
    halo = _without(cv2.dilate(erased, np.ones((5, 5), np.uint8)), cv2.dilate(_without(ink, erased), fringe))
    return Erased(np.asarray(cv2.max(reading, cv2.bitwise_or(erased, halo)), np.uint8), rows)


def _without(ink: Any, taken: Any) -> Mask:
    return np.asarray(cv2.subtract(ink, taken), np.uint8)


def _ink(reading: Pixels) -> Mask:
    return np.asarray(cv2.threshold(reading, _INK, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _strokes(ink: Mask, millimetre: float) -> Mask:
    """Upright strokes that are long and thin; looked for with four pixels along them taken together."""
    height, width = ink.shape
    if min(height, width) < 4:
        return np.zeros_like(ink)
    shorter = _three_of(*(ink[k : height // 4 * 4 : 4] for k in range(4)))
    long = cv2.morphologyEx(shorter, cv2.MORPH_OPEN, np.ones((max(4, round(_RULE_MM * millimetre / 4)), 1), np.uint8))
    if not cv2.countNonZero(long):
        return np.zeros_like(ink)
    thick = cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones((1, max(3, round(_THICK_MM * millimetre))), np.uint8))
    thin = cv2.bitwise_and(long, cv2.bitwise_not(cv2.dilate(thick, np.ones((3, 3), np.uint8))))
    return np.pad(np.repeat(thin, 4, axis=0), ((0, height % 4), (0, 0)))


def _three_of(a: Mask, b: Mask, c: Mask, d: Mask) -> Mask:
    """255 where at least three of the four are."""
    most = cv2.bitwise_and(cv2.bitwise_and(a, b), cv2.bitwise_or(c, d))
    return np.asarray(cv2.bitwise_or(most, cv2.bitwise_and(cv2.bitwise_or(a, b), cv2.bitwise_and(c, d))), np.uint8)


def _closed(rest: Mask, span: int) -> Any:
    """Ink with gaps up to `span` pixels closed: the letter strokes that a line had crossed, hooks and bowls among them."""
    return cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((span, span), np.uint8))


def _leaders(ink: Mask, millimetre: float) -> tuple[Mask, tuple[tuple[int, int, int, int], ...]]:
    """(255 where a leader's dots stand, the boxes of the rows)."""
    stats = connected(ink)[1]
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    dot = (height <= max(3, _DOT_MM * millimetre)) & (width <= _DASH_MM * millimetre) & (stats[:, cv2.CC_STAT_AREA] >= 2)
    dot[0] = False
    found = np.zeros_like(ink)
    if dot.sum() < _IN_A_ROW:
        return found, ()
    boxes = stats[dot, :4]
    x, y = boxes[:, cv2.CC_STAT_LEFT], boxes[:, cv2.CC_STAT_TOP]
    gap, level, large = _GAP_MM * millimetre, max(1.6, 0.18 * millimetre), _LARGE_DOT_MM * millimetre
    chained, following = _chains(ink, x, x + width[dot], y + height[dot] / 2, height[dot], gap, level, large)
    rows = []
    for first in np.flatnonzero(chained & ~np.isin(np.arange(len(boxes)), following[chained])).tolist():
        row = _row(following, first)
        if _under_a_dot(boxes, chained, first, _COLON_MM * millimetre):
            row = row[1:]
        for left, top, across, down in boxes[row]:
            found[top : top + down, left : left + across] = 255
        left, top, across, down = boxes[row].T
        rows.append((int(left.min()), int(top.min()), int((left + across).max()), int((top + down).max())))
    return found, tuple(rows)


def _row(following: Any, first: int) -> list[int]:
    row = [first]
    while (after := int(following[row[-1]])) >= 0 and len(row) < len(following):
        row.append(after)
    return row


def _under_a_dot(boxes: Any, chained: Any, first: int, reach: float) -> bool:
    """Is a leader's first dot the lower one of a colon? Its upper dot is alone, right above, and about as large."""
    left, top, across, down = boxes[first]
    shared = np.minimum(boxes[:, 0] + boxes[:, 2], left + across) - np.maximum(boxes[:, 0], left)
    rise = top - boxes[:, 1]
    alike = (boxes[:, 2] < 1.7 * across + 1) & (across < 1.7 * boxes[:, 2] + 1)
    return bool((~chained & alike & (shared > 0.5 * across) & (rise > 1.5 * down) & (rise < reach)).any())


def _chains(ink: Mask, left: Any, right: Any, middle: Any, tall: Any, gap: float, level: float, large: float) -> tuple[Any, Any]:
    """(which of the dots stand in a row of five or more, the dot that follows each or -1). Every dot of a row starts within
    `gap` of the last one's end at its height, with nothing in between: small print has letters as low as dots, but taller ones
    among them, and of many widths."""
    order = np.lexsort((left, middle))
    left, right, middle, tall = left[order], right[order], middle[order], tall[order]
    following = np.full(len(order), -1)
    nearest = np.full(len(order), gap)
    # Sorted by height, a dot's neighbours at its level are near it in the list: looking some way in both directions is enough.
    for reach in range(1, 160):
        for one, two in ((slice(None, -reach), slice(reach, None)), (slice(reach, None), slice(None, -reach))):
            space = left[two] - right[one]
            fits = (np.abs(middle[two] - middle[one]) <= level) & (space >= 0) & (space < nearest[one])
            if fits.any():
                index = np.flatnonzero(fits)
                start = index + (one.start or 0)
                following[start] = index + (two.start or 0)
                nearest[start] = space[index]
        if reach >= len(order) - 1:
            break
    linked = np.flatnonzero(following >= 0)
    next_dot = following[linked]
    across, across_after = right[linked] - left[linked], right[next_dot] - left[next_dot]
    unlike = (np.maximum(tall[linked], tall[next_dot]) > large) & (np.abs(across - across_after) > 0.25 * np.maximum(across, across_after))
    following[linked[unlike | _barred(ink, right[linked], left[next_dot], middle[linked], level)]] = -1
    rows = np.arange(len(order))
    before = np.zeros(len(order), int)
    after = np.zeros(len(order), int)
    ahead = following.copy()
    for _ in range(_IN_A_ROW):
        live = ahead >= 0
        after[live] += 1
        np.maximum.at(before, ahead[live], after[rows[live]])
        ahead = np.where(live, following[np.maximum(ahead, 0)], -1)
    keep = before + after + 1 >= _IN_A_ROW
    result = np.zeros(len(order), bool)
    result[order[keep]] = True
    successor = np.full(len(order), -1)
    linked = np.flatnonzero(following >= 0)
    successor[order[linked]] = order[following[linked]]
    return result, successor


def _barred(ink: Mask, start: Any, end: Any, middle: Any, level: float) -> Any:
    """Is there ink in the gap between two dots?"""
    if not len(start):
        return np.zeros(0, bool)
    x = start[:, None] + np.arange(int((end - start).max()))
    within = x < end[:, None]
    x = np.minimum(x, ink.shape[1] - 1)
    found = np.zeros(len(start), bool)
    for away in (-level, 0, level):
        y = np.clip((middle + away).astype(int), 0, ink.shape[0] - 1)
        found |= ((ink[y[:, None], x] > 0) & within).any(1)
    return found
