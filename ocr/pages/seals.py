"""The ink of seals and stamps taken off the words under it, whatever its colour.

Two inks that lie over each other multiply what each lets through, so their optical densities add (Lambert and Beer; as colour
deconvolution separates stains, Ruifrok & Johnston 2001). A stamp's ink shows its density in each channel where it lies alone; black
has the same in all three. Each pixel of the stamp's place is then so much of one and so much of the other, and only the black
is for reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages.model import Pixels
from ocr.shades import percentiles

Box = tuple[int, int, int, int]

_COLOURED = 0.22  # how far apart an ink's densities lie at least, of the largest: below, it is grey
_STRONG = 0.45  # densities from here on tell the ink's colour
_FEWEST = 200  # pixels
_AROUND = 0.6  # of a stamp's sides
_STEPS = 255
_BRIGHTNESS = np.array([0.114, 0.587, 0.299])  # of blue, green and red
_LIKE_PEN = 0.86  # an ink densest in red, as blue and green pens are, is handwriting


@dataclass(frozen=True, slots=True, eq=False)
class _Ink:
    """`colour` is the density in blue, green and red, the largest being 1, `most` how dense the largest gets."""

    colour: NDArray[np.float32]
    most: float


def taken_off(reading: Pixels, colour: Pixels, places: Sequence[Box]) -> Pixels:
    """`reading` (H×W, dark on light) without the ink of the stamps in `places` (left, top, right, bottom) of `colour` (H×W×3 BGR)."""
    cleared = None
    for left, top, right, bottom in places:
        # Words break a ring to arcs: of a seal that is found in part, the rest lies around.
        aside, above = round(_AROUND * (right - left)), round(_AROUND * (bottom - top))
        around = (slice(max(0, top - above), bottom + above), slice(max(0, left - aside), right + aside))
        black = _black(colour[top:bottom, left:right], colour[around])
        if black is not None:
            cleared = reading.copy() if cleared is None else cleared
            cleared[around] = cv2.max(cleared[around], black)
    return reading if cleared is None else cleared


def _black(place: Pixels, around: Pixels) -> Pixels | None:
    """What `around` would look like without the stamp's ink; None when `place` has no ink of a colour to be told from black."""
    paper = [max(1.0, percentiles(np.ascontiguousarray(around[::4, ::4, k]), (80,))[0]) for k in range(3)]
    tables = [_density(value) for value in paper]
    ink = _ink(np.stack([table[place[:, :, k]] for k, table in enumerate(tables)], 2))
    if ink is None:
        return None
    # Least squares for density = stamp·ink + black·(1, 1, 1): the first row of the pseudo-inverse.
    weights = np.linalg.pinv(np.stack([ink.colour, np.ones(3, np.float32)], 1))[0]
    stamp = sum(weight * table[around[:, :, k]] for k, (weight, table) in enumerate(zip(weights, tables, strict=True)))
    # JPEG keeps colour coarsely: a black stroke in a stamp has its neighbours' red, so no pixel has more ink than the stamp has, and
    # what is black is told by brightness, which is kept as fine as the picture.
    steps = np.asarray(np.clip(np.asarray(stamp) * (_STEPS / ink.most), 0, _STEPS), np.uint8)
    passed = np.exp(-np.arange(_STEPS + 1)[:, None] * (ink.most / _STEPS) * ink.colour) @ _BRIGHTNESS
    bright = np.asarray(cv2.cvtColor(around, cv2.COLOR_BGR2GRAY), np.float32)
    return np.asarray(np.minimum(bright / passed.astype(np.float32)[steps], 255), np.uint8)


def _density(paper: float) -> NDArray[np.float32]:
    """By grey value."""
    return np.clip(-np.log(np.maximum(np.arange(256), 1) / paper), 0, None).astype(np.float32)


def _ink(density: NDArray[np.float32]) -> _Ink | None:
    """The stamp's ink where it lies alone."""
    most, least = density.max(2), density.min(2)
    alone = density[(most > _STRONG) & (least < (1 - _COLOURED) * most)]
    if len(alone) < _FEWEST:
        return None
    strength = alone.max(1)
    colour: NDArray[Any] = np.median(alone / strength[:, None], axis=0)
    colour = (colour / colour.max()).astype(np.float32)
    return None if colour.min() > 1 - _COLOURED or colour[2] > _LIKE_PEN else _Ink(colour, float(np.percentile(strength, 90)))
