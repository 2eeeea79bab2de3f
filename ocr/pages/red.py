"""Red print told from red seals: titles on cards and certificates are to be read, a seal over a signature is not.

The reading image lets red fade because seals lie over words. A title is red too, but it is a level row of letter-sized
parts on clean ground. A seal is one large connected shape, round or square, and whatever stands inside it belongs to it.
"""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pages.model import MM_PER_INCH, Pixels
from ocr.pixels import connected

Mask = NDArray[np.uint8]
Box = tuple[int, int, int, int]

DPI = 110.0
_FEWEST = 0.0002
_REDNESS = 0.3
_PURPLE = 0.2
_SEAL_MM = (12.0, 60.0)
_LETTER_MM = (1.1, 9.0)
_LETTERS = 3
_CLEAN = 0.02


class Red(Struct, frozen=True):
    """Boxes (left, top, right, bottom) of rows of red print that no seal encloses, and of seals, in pixels of the picture."""

    print_rows: tuple[Box, ...] = ()
    seals: tuple[Box, ...] = ()


def kept(reading: Pixels, colour: Pixels, rows: Sequence[Box]) -> Pixels:
    """`reading` (H×W grey, red faded) with `rows` of red print as dark as they are in `colour` (H×W×3 BGR)."""
    if not rows:
        return reading
    reading = reading.copy()
    for left, top, right, bottom in rows:
        place = (slice(top, bottom), slice(left, right))
        reading[place] = cv2.min(reading[place], np.ascontiguousarray(colour[place][:, :, 1]))
    return reading


def find(colour: Pixels, dpi: float) -> Red:
    """What is red in `colour` (H×W×3 BGR); purple, which old stamps have, counts as well."""
    step = max(1, math.ceil(dpi / DPI))
    down, across = (side // step for side in colour.shape[:2])
    if not down or not across:
        return Red()
    whole_steps = colour[: down * step, : across * step]
    small = np.asarray(cv2.resize(whole_steps, (across, down), interpolation=cv2.INTER_NEAREST), np.uint8)  # every so many pixels, fast
    red = _red(small)
    if cv2.countNonZero(red) < _FEWEST * red.size:
        return Red()
    millimetre = dpi / step / MM_PER_INCH
    height, width = colour.shape[:2]
    area, seals = large(red, millimetre)
    # What reaches the picture's edge is a brown desk, or a seal of which too little is left to matter.
    inside = [box for box in seals if min(box[:2]) > 0 and box[2] < small.shape[1] and box[3] < small.shape[0]]
    whole = tuple((left * step, top * step, min(width, right * step), min(height, bottom * step)) for left, top, right, bottom in inside)
    free = cv2.bitwise_and(red, cv2.bitwise_not(area))
    joined = cv2.morphologyEx(free, cv2.MORPH_CLOSE, np.ones((max(1, round(0.8 * millimetre)), round(4 * millimetre)), np.uint8))
    labels, blobs = connected(np.asarray(joined, np.uint8))
    parts = connected(np.asarray(free, np.uint8))[1][1:]
    middle = parts[:, 1] + parts[:, 3] // 2
    owner = labels[np.clip(middle, 0, labels.shape[0] - 1), np.clip(parts[:, 0] + parts[:, 2] // 2, 0, labels.shape[1] - 1)]
    wide = np.flatnonzero((blobs[:, 2] >= 2 * blobs[:, 3]) & (blobs[:, 3] >= _LETTER_MM[0] * millimetre))
    found: list[Box] = []
    for k in wide[wide > 0]:
        left, top, across, down = (int(v) for v in blobs[k, :4])
        if _is_row(parts[owner == k], millimetre) and _clean(small[top : top + down, left : left + across]):
            above, aside = round(0.3 * down) + 1, round(millimetre)
            box = (left - aside, top - above, left + across + aside, top + down + above)
            found.append((max(0, box[0] * step), max(0, box[1] * step), min(width, box[2] * step), min(height, box[3] * step)))
    return Red(tuple(found), whole)


def _red(small: Pixels) -> Mask:
    """255 where red outweighs green and blue, or both outweigh green, by a share of itself, so that a shadow changes nothing."""
    blue, green, red = cv2.split(small)
    limit = cv2.convertScaleAbs(red, alpha=1 - _REDNESS)
    purple = green < cv2.convertScaleAbs(cv2.min(blue, red), alpha=1 - _PURPLE)
    mask = ((cv2.max(blue, green) < limit) | purple) & (red > 50)
    return np.asarray(mask, np.uint8) * np.uint8(255)


def _clean(place: Pixels) -> bool:
    """No black or blue ink, which is dark in the red channel too."""
    red = place[:, :, 2]
    return float((red < 0.45 * np.percentile(red, 90)).mean()) < _CLEAN


def large(red: Mask, millimetre: float) -> tuple[Mask, list[Box]]:
    """(255 in the boxes of everything that is large in both directions, the boxes); a certificate's frame is larger still, and
    no seal."""
    smallest, largest = (v * millimetre for v in _SEAL_MM)
    area, boxes = np.zeros_like(red), []
    for gap in (0.9, 2.6):  # rings broken by the words they cross, and rings of dashes
        span = max(3, round(gap * millimetre))
        closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((span, span), np.uint8))
        blobs = connected(np.asarray(closed, np.uint8))[1][1:]
        short, long = blobs[:, 2:4].min(1), blobs[:, 2:4].max(1)
        for left, top, across, down in blobs[(short >= smallest) & (long <= largest) & (long < 1.8 * short), :4]:
            if area[top + down // 2, left + across // 2] == 0:
                boxes.append((int(left), int(top), int(left + across), int(top + down)))
            area[top : top + down, left : left + across] = 255
    return area, boxes


def _is_row(parts: Any, millimetre: float) -> bool:
    """Three letters or more of about one height, level with each other."""
    down = parts[:, cv2.CC_STAT_HEIGHT]
    letters = parts[(down >= _LETTER_MM[0] * millimetre) & (down <= _LETTER_MM[1] * millimetre)]
    if len(letters) < _LETTERS:
        return False
    usual = float(np.median(letters[:, cv2.CC_STAT_HEIGHT]))
    letters = letters[(letters[:, cv2.CC_STAT_HEIGHT] > 0.6 * usual) & (letters[:, cv2.CC_STAT_HEIGHT] < 1.7 * usual)]
    feet = letters[:, cv2.CC_STAT_TOP] + letters[:, cv2.CC_STAT_HEIGHT]
    return len(letters) >= _LETTERS and float(np.median(np.abs(feet - np.median(feet)))) <= max(1.0, 0.2 * usual)
