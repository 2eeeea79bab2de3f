"""What the shape of the ink tells beyond the letters: raised figures, and leaders that were taken for text."""

import re
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pixels import percentiles
from ocr.words.detect import Line
from ocr.words.recognise import greedy, look
from ocr.words.word import Box, Gray

_DARK = 150
_POWER = re.compile(r"^([(]?)([kcdm]?m)([23])([;,.)]*)$")
_QUOTE = 0.55  # of a word's height from its top: no quote reaches further down
_STROKE = 0.16  # of a word's height: how wide one of its strokes is at most
_NUMERAL = re.compile(r"^([(]?)([IiÌÍÎỈĨỊìíỉĩịl|]+)([).,:;/-]*)$")  # what II and III are read as
_LEVELS = ((0.3, 0.45), (0.45, 0.6))  # of a letter's height from its top: between serifs, above any full stop
_SLIM = 0.4  # of its height: how wide a numeral's stroke is at most
_CLOSE = 0.85  # of its height: from one stroke to the next
_RAISED = {"2": "²", "3": "³"}
_HIGH = 0.25  # of the m's height: how far above the line the figure's foot must stand
_LEADER = re.compile(r"^[.,:;·…_'-]+$")
_CLEAR = 0.5  # confidence above which pale ink is print and not the shadow of an erased rule
_LOW = 0.3  # of a line's height: dots of leaders are lower, letters and figures higher


def with_power(reading: Gray, box: Box, text: str) -> str | None:
    """`text` with ² or ³ when it says m2 or m3 and the figure stands raised in the image; None when it does not.

    Areas are what land papers are about, and the fast network does not see every raised figure as one.
    """
    found = _POWER.match(text)
    if not found:
        return None
    ink = _ink(reading, box)
    runs = _runs(np.asarray(ink.any(0)))
    if len(runs) != len(text):
        return None  # letters touch: no telling which ink is the figure's
    at = found.end(2)
    letter, figure = (_runs(np.asarray(ink[:, slice(*runs[i])].any(1))) for i in (at - 1, at))
    foot, head = letter[-1][1], letter[0][0]
    if foot - figure[-1][1] < _HIGH * (foot - head):
        return None
    x0, y0 = round(box[0]), round(box[1])
    letter_ink = reading[y0 + head : y0 + foot, x0 + runs[at - 1][0] : x0 + runs[at - 1][1]]
    figure_ink = reading[y0 + figure[0][0] : y0 + figure[-1][1], x0 + runs[at][0] : x0 + runs[at][1]]
    which = _read_large(letter_ink, figure_ink)
    return found[1] + found[2] + _RAISED[which] + found[4] if which in _RAISED else None


def numeral(reading: Gray, box: Box, text: str) -> str | None:
    """`text` with as many I as the image has upright strokes when it says II or III, or what these are read as; else None.

    A row of equal strokes is what a network with steps counts worst, and one more or less makes another number.
    """
    found = _NUMERAL.match(text)
    if not found:
        return None
    ink = _ink(reading, box)
    rows = np.flatnonzero(ink.any(1))
    if not len(rows):
        return None
    ink = ink[rows[0] : rows[-1] + 1]
    height = len(ink)
    strokes = [_runs(np.asarray(ink[int(low * height) : int(high * height) + 1].any(0))) for low, high in _LEVELS]
    widths = [b - a for level in strokes for a, b in level]
    alike = max(widths, default=height) <= min(_SLIM * height, 2 * min(widths, default=0) + 1)
    close = all(b[0] - a[0] <= _CLOSE * height for level in strokes for a, b in pairwise(level))  # else a box to tick
    count = len(strokes[0])
    return found[1] + "I" * count + found[3] if alike and close and count in (2, 3) and len(strokes[1]) == count else None


def with_quotes(reading: Gray, box: Box, text: str) -> str | None:
    """`text` with the straight quotes that the image has: double where it has two strokes for each, single where it has one; else None.

    The fast network takes the one for the other at times.
    """
    quotes = text.count("'") + text.count('"')
    if not quotes:
        return None
    ink = _ink(reading, box)
    height = len(ink)
    low = np.asarray(ink[round(_QUOTE * height) :].any(0))
    strokes = [(a, b) for a, b in _runs(np.asarray(ink.any(0))) if b - a <= _STROKE * height and not low[a:b].any()]
    right = {quotes: "'", 2 * quotes: '"'}.get(len(strokes))
    return text.replace("'", right).replace('"', right) if right else None


def _read_large(letter: Gray, figure: Gray) -> str:
    """The figure as the network reads it when it stands on the line, as tall as figures do: small ones look alike."""
    tall = round(1.45 * letter.shape[0])
    grown = cv2.resize(figure, (max(1, round(figure.shape[1] * tall / figure.shape[0])), tall), interpolation=cv2.INTER_CUBIC)
    gap = max(2, letter.shape[0] // 6)
    canvas = np.full((3 * tall, 6 * gap + letter.shape[1] + grown.shape[1]), 255, np.uint8)
    canvas[2 * tall - letter.shape[0] : 2 * tall, 2 * gap : 2 * gap + letter.shape[1]] = letter
    left = 3 * gap + letter.shape[1]
    canvas[tall : 2 * tall, left : left + grown.shape[1]] = grown
    line = Line(gap, 0.9 * tall, canvas.shape[1] - gap, 2.2 * tall)
    return greedy(look(canvas, line))[0].strip()[-1:]


def is_ghost(reading: Gray, box: Box, text: str, sure: float, line_height: float, dark: float = _DARK) -> bool:
    """Whether a token has no ink as tall as a letter: a dotted leader, or what erasing one left behind.

    `line_height` in pixels; `dark` is the grey below which this page's ink lies. Punctuation may be low, of course, and
    red print comes out pale: what was read with confidence `sure` is measured by its own ink.
    """
    if not any(c.isalnum() for c in text):
        return len(text) >= 3 and _LEADER.match(text) is not None
    if not _is_low(reading, box, dark, line_height):
        return False
    return sure <= _CLEAR or _is_low(reading, box, max(dark, darkness(reading, [box])), line_height)


def _is_low(reading: Gray, box: Box, dark: float, line_height: float) -> bool:
    rows = np.flatnonzero(_ink(reading, box, dark).any(1))
    return bool(len(rows) == 0 or rows[-1] - rows[0] + 1 < _LOW * line_height)


def darkness(reading: Gray, boxes: Sequence[Box]) -> float:
    """The grey below which the letters of a page lie; pale pages have pale ink."""
    inks = [ink for box in boxes if (ink := ink_grey(reading, box)) is not None]
    # The darker fifth: on a form, most lines may be leaders.
    return max(float(_DARK), (float(np.percentile(inks, 20)) + 255) / 2) if inks else float(_DARK)


def ink_grey(reading: Gray, box: Box) -> float | None:
    """The grey, 0..255, of the ink in a box; None for a box without pixels."""
    x0, y0, x1, y1 = box
    place = reading[int(y0) : int(y1) + 1 : 2, int(x0) : int(x1) + 1 : 2]
    return percentiles(place, (3,))[0] if place.size else None


def _ink(reading: Gray, box: Box, dark: float = _DARK) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    return np.asarray(reading[y0:y1, x0:x1] < dark, dtype=np.bool_)


def _runs(line: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], line, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[0::2], edges[1::2], strict=True)]
