"""Lines made whole where a seal lay over them: the detector breaks a line at a ring, and overlooks letters on its far side.

With the seal's grey taken off the letters stand there like all others, and belong to the line that they continue.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from ocr.pixels import connected
from ocr.words.detect import Line
from ocr.words.word import Gray

_DARK = 140
_AROUND = 0.35  # of the line's height, above and below: a letter ends there, a ring goes on
_LETTER = (0.4, 1.3)  # of the line's height
_REACH = 0.6  # of the line's height: from a letter to the next, spaces between words included
_LEVEL = 0.7  # of the lower of two lines lies beside the other
_FARTHEST = 8.0  # line heights


def whole(reading: Gray, lines: Sequence[Line], broken: Sequence[Line]) -> list[Line]:
    """`lines` of `reading` (H×W), those that are `broken` joined with what continues them: each other, and letters in no line."""
    parts = sorted(broken, key=lambda line: line.x0)
    kept = [line for line in lines if line not in broken]
    joined: list[Line] = []
    for part in parts:
        other = next((line for line in joined if _continues(line, part)), None)
        if other is None:
            joined.append(part)
        else:
            joined[joined.index(other)] = Line(other.x0, min(other.y0, part.y0), max(other.x1, part.x1), max(other.y1, part.y1))
    return kept + [_lengthened(reading, line, [other for other in (*kept, *joined) if other is not line]) for line in joined]


def _continues(line: Line, later: Line) -> bool:
    return later.x0 - line.x1 < _REACH * min(line.height, later.height) and _beside(line, later)


def _beside(one: Line, two: Line) -> bool:
    return min(one.y1, two.y1) - max(one.y0, two.y0) > _LEVEL * min(one.height, two.height)


def _lengthened(reading: Gray, line: Line, others: Sequence[Line]) -> Line:
    height, reach = line.height, _REACH * line.height
    top, bottom = max(0, int(line.y0 - _AROUND * height)), int(line.y1 + _AROUND * height) + 1
    left, right = max(0, int(line.x0 - _FARTHEST * height)), int(line.x1 + _FARTHEST * height) + 1
    for other in others:  # what another line of the row has is its own
        if _beside(line, other) and other.x1 <= line.x0 + reach:
            left = max(left, int(other.x1))
        elif _beside(line, other) and other.x0 >= line.x1 - reach:
            right = min(right, int(other.x0))
    stats = connected(np.ascontiguousarray(reading[top:bottom, left:right] < _DARK, np.uint8))[1][1:]
    tall, over = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] / 2 + top
    letters = stats[(tall > _LETTER[0] * height) & (tall < _LETTER[1] * height) & (over > line.y0) & (over < line.y1)]
    starts, stops = letters[:, cv2.CC_STAT_LEFT] + left, letters[:, cv2.CC_STAT_LEFT] + letters[:, cv2.CC_STAT_WIDTH] + left
    x0, x1 = line.x0, line.x1
    while len(near := starts[(stops > x0 - reach) & (starts < x0)]):
        x0 = float(near.min())
    while len(near := stops[(starts < x1 + reach) & (stops > x1)]):
        x1 = float(near.max())
    return Line(x0, line.y0, x1, line.y1)
