"""A second opinion on which way is up: read a few lines in each of the four directions.

A page that lies on its side or its head still gives lines and letters, but they seldom make up words with confidence.
Used only for pages whose own orientation estimate is undecided; it costs a few hundred milliseconds.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from ocr.words.detect import find_lines
from ocr.words.recognise import greedy, look
from ocr.words.word import Gray

_LONG_SIDE = 1600
_LINES = 8
_CLEARLY = 0.12  # how much better another direction must read before a page is turned


def upright(reading: Gray, possible: Sequence[int] = (0, 90, 180, 270)) -> int:
    """By how many of the `possible` degrees, 0 among them, the page must be turned clockwise to stand upright; 0 when undecided."""
    scale = _LONG_SIDE / max(reading.shape)
    page = cv2.resize(reading, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else reading
    legible = {turn: _legibility(np.ascontiguousarray(np.rot90(page, -turn // 90))) for turn in possible}
    best = max(legible, key=legible.__getitem__)
    return best if legible[best] > legible[0] + _CLEARLY else 0


def _legibility(page: Gray) -> float:
    """Mean chance of the widest lines' characters, counting only lines that hold letters."""
    lines = sorted(find_lines(page), key=lambda line: -(line.x1 - line.x0))[:_LINES]
    chances = [greedy(look(page, line)) for line in lines]
    sure = [float(np.mean(p**4)) for text, p in chances if sum(c.isalpha() for c in text) >= 4]
    return float(np.mean(sure)) * min(1.0, len(sure) / 3) if sure else 0.0
