"""What the shape of the ink tells beyond the letters: quotes, and leaders that were taken for text."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.pixels import percentiles
from ocr.words.word import Box, Gray

_DARK = 150
_QUOTE = 0.55  # of a word's height from its top: no quote reaches further down
_STROKE = 0.16  # of a word's height: how wide one of its strokes is at most
_LEADER = re.compile(r"^[.,:;·…_'-]+$")
_CLEAR = 0.5  # confidence above which pale ink is print and not the shadow of an erased rule
_LOW = 0.3  # of a line's height: dots of leaders are lower, letters and figures higher


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
