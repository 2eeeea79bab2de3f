"""What the fast network sees in a line: for every step along it, how likely every character is.

The network was trained with CTC on lines 32 pixels high shown with as much of the page above and below, so a crop
is three bands high: trueocr's, taught Vietnamese office print (`benchmarks/recogniser`). Its alphabet of 233 characters
lacks { } — … and some more; a line that may hold one of them is for Tesseract to read again.
"""

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.network import LETTERS, alphabet, session
from ocr.pixels import percentiles
from ocr.words.detect import Line
from ocr.words.word import Gray

_BAND = 32
_BANDS = 3
_STEP = 8  # widths are a multiple of this
_HALO = 8  # empty columns behind the line, which the network's context branch expects
# Measured: at the 0.2 and 0.3 of training a sixth more letters go wrong, most of them marks and full stops at the edge.
_PAD_Y = 0.28
_PAD_X = 0.5
_WIDEST = 1024  # a line across A4 is some 800 wide; squeezing it into the 768 of training costs accuracy
WANTED = ("/LogSoftmax_output_0", "lengths")  # log-probabilities, and how many steps of them are the line

BLANK = 0


class Strip(Struct, frozen=True):
    """A line as the network sees it. `scores` [T, 223] are natural log-probabilities, column 0 the CTC blank.

    Step t lies at `x0 + (t + 0.5) * per_step` pixels of the page.
    """

    line: Line
    scores: NDArray[np.float32]
    x0: float
    per_step: float


def look(reading: Gray, line: Line) -> Strip:
    """Run the recogniser over one line of the page."""
    ink, x0, width = crop(reading, line)
    columns = -(-ink.shape[1] // _STEP) * _STEP + _HALO
    given = np.zeros((1, 1, _BAND * _BANDS, columns), np.float32)
    given[0, 0, :, : ink.shape[1]] = ink
    scores, lengths = session(LETTERS).run(WANTED, {"x": given, "widths": np.array([ink.shape[1]], np.int64)})
    steps = int(lengths[0])
    return Strip(line, scores[0, :steps], x0, width / steps)


def crop(reading: Gray, line: Line) -> tuple[NDArray[np.float32], float, float]:
    """(ink map [96, w] with 1 for ink, left edge on the page, width on the page)."""
    tall = _BANDS * (1 + 2 * _PAD_Y) * line.height
    middle = (line.y0 + line.y1) / 2
    x0, x1 = int(np.floor(line.x0 - _PAD_X * line.height)), int(np.ceil(line.x1 + _PAD_X * line.height))
    y0, y1 = int(np.floor(middle - tall / 2)), int(np.ceil(middle + tall / 2))
    height, width = reading.shape
    inside = reading[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    inverted = _light_on_dark(reading, line)
    crop = cv2.copyMakeBorder(
        inside,
        max(0, -y0),
        max(0, y1 - height),
        max(0, -x0),
        max(0, x1 - width),
        cv2.BORDER_CONSTANT,
        value=0 if inverted else 255,
    )
    rows = _BAND * _BANDS
    columns = max(_STEP, min(_WIDEST, round(crop.shape[1] * rows / crop.shape[0])))
    shrunk = cv2.resize(crop, (columns, rows), interpolation=cv2.INTER_AREA if crop.shape[0] > rows else cv2.INTER_LINEAR)
    ink = shrunk.astype(np.float32) * np.float32(1 / 255)
    return (ink if inverted else np.float32(1) - ink), float(x0), float(x1 - x0)


def _light_on_dark(reading: Gray, line: Line) -> bool:
    """A banner or a dark table head: its ground, the median, lies nearer the dark end than its letters do."""
    inside = reading[int(line.y0) : int(line.y1) + 1 : 2, int(line.x0) : int(line.x1) + 1 : 2]
    if not inside.size:
        return False
    dark, ground, light = percentiles(inside, (2, 50, 98))
    return light - ground > 2 * (ground - dark) + 8


def best_path(strip: Strip) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """(step, class, probability) of each character along the best path: repeated classes are one, blanks none (CTC)."""
    best = strip.scores.argmax(1)
    steps = np.flatnonzero((best != BLANK) & (best != np.concatenate(([BLANK], best[:-1]))))
    return steps, best[steps], np.exp(strip.scores[steps, best[steps]])


def greedy(strip: Strip) -> tuple[str, NDArray[np.float32]]:
    """(text, probability of each of its characters) along the best path."""
    _, classes, chances = best_path(strip)
    signs = alphabet()
    return "".join(signs[one - 1] for one in classes), chances
