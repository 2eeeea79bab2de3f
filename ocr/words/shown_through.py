"""Lines of the other side that shine through thin paper: pale, and mirrored, by which they are known.

No threshold tells pale print from print that shines through, and a reader finds words in both. But what is mirrored reads better
in a mirror: the network's own certainty about a line and about its mirror image decides, and real lines lose that comparison
clearly (on drawn pages 0.95 against 0.8, with no line in between).
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.words.detect import Line
from ocr.words.glyphs import ink_grey
from ocr.words.recognise import Strip, greedy, look
from ocr.words.word import Gray

_PALE = 110.0  # of 255, between ink and paper: lighter lines are looked at in the mirror
_PALER = 0.6  # of the page's print
_BETTER = 0.03  # by which a line's mirror image is surer
_WORDS = 0.85  # and how sure it is where it shows words
_TRACE = 0.2  # of the page's print: fainter ink is a line only where it can be read
_READABLE = 0.75
_UNSURE = 0.8
_PROVEN, _MANY = 2, 4  # such lines with words, or long ones: the paper is thin, and unsure lines are looked at too, however dark
_LONG = 8  # letters
_LIKE = 1.4  # times as dark as the lines of the other side
_CLEAR = 0.9
_LEGIBLE = 0.88  # of a page, in the median of its lines
_FRAGMENT = 3  # letters


def of_this_side(reading: Gray, strips: Sequence[Strip]) -> list[int]:
    """Which of the `strips` (of lines of `reading`, H×W, dark on 255) do not stand on the other side of the paper."""
    contrast = np.array([_contrast(reading, strip.line) for strip in strips])
    texts, chances = zip(*map(greedy, strips), strict=True) if strips else ((), ())
    sure = np.array([_certainty(each) for each in chances])
    # A sheet that is empty on this side was strengthened as faded print is: nothing on it is pale, and nothing reads well.
    illegible = len(strips) > 0 and float(np.median(sure)) < _LEGIBLE
    if not len(strips) or (contrast.min() >= _PALE and not illegible):
        return list(range(len(strips)))
    print_ = float(np.percentile(contrast[sure >= _CLEAR] if (sure >= _CLEAR).any() else contrast, 80))
    pale = (contrast < max(_PALE, _PALER * print_)) | illegible
    mirror = np.asarray(cv2.flip(reading, 1), np.uint8)

    def in_mirror(at: int) -> float:
        line, width = strips[at].line, reading.shape[1]
        return _certainty(greedy(look(mirror, Line(width - line.x1, line.y0, width - line.x0, line.y1)))[1])

    turned = {int(at): in_mirror(int(at)) for at in np.flatnonzero(pale)}
    seen = {at for at, other in turned.items() if other > sure[at] + _BETTER}
    if sum(turned[at] > _WORDS for at in seen) < _PROVEN and sum(len(texts[at]) >= _LONG for at in seen) < _MANY:
        seen = set()  # a line or two that nobody can read either way
    else:
        # What is as pale as they are is of this side where it is more than a fragment, and reads clearly worse in the mirror.
        shining = _LIKE * float(np.median(contrast[list(seen)]))
        for at, other in turned.items():
            if contrast[at] < shining and (other > sure[at] - _BETTER or sure[at] < _CLEAR or len(texts[at]) < _FRAGMENT):
                seen.add(at)
        seen |= {int(at) for at in np.flatnonzero(~pale & (sure < _UNSURE)) if in_mirror(int(at)) > sure[at]}
    seen |= {int(at) for at in np.flatnonzero((contrast < _TRACE * print_) & (sure < _READABLE))}
    return [at for at in range(len(strips)) if at not in seen]


def _contrast(reading: Gray, line: Line) -> float:
    """Between the line's ink and white paper, 0..255."""
    ink = ink_grey(reading, (line.x0, line.y0, line.x1, line.y1))
    return 0.0 if ink is None else 255.0 - ink


def _certainty(chances: NDArray[np.float32]) -> float:
    return float(chances.mean()) if len(chances) else 0.0
