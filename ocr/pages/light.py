"""The reading image: black words on white paper under even light, whatever lamp, seal or shadow was there."""

import cv2
import numpy as np

from ocr.pages.model import Pixels
from ocr.pixels import percentiles, shrunk

SHRINK = 8  # of `background`
_PEN = 0.7
_GREEN = 0.9  # the ink of patterned grounds; of black and of pens green is not the lightest channel
_INK = 0.3  # percent of a page is print at least; a form's few labels are
_FADED, _NOTHING = 150.0, 228.0  # of 255: print is darker than the one, paper's grain lighter than the other
_BLACK = 60.0


def grey(colour: Pixels) -> Pixels:
    """Brightness as ink sees it: red seals fade, black words stay, blue pens are weakened but can still be read.

    The largest of all channels would take blue signatures away too, and with them what citizens filled in by hand. Patterned grounds
    are printed in green as often as in red.
    """
    blue, green, red = cv2.split(colour)
    return np.asarray(cv2.max(red, cv2.max(cv2.convertScaleAbs(blue, alpha=_PEN), cv2.convertScaleAbs(green, alpha=_GREEN))), np.uint8)


def flatten(image: Pixels) -> Pixels:
    """Divide by the paper's own brightness, estimated at 1/8 scale: 255 is bare paper everywhere afterwards."""
    height, width = image.shape
    return np.asarray(
        cv2.divide(image, cv2.resize(background(image), (width, height), interpolation=cv2.INTER_LINEAR), scale=255), np.uint8
    )


def strengthened(even: Pixels) -> Pixels:
    """`even` (under even light, paper 255) with its faded print made as dark as print is: thermal paper, carbon copies, old toner.

    A page that has any dark ink, or next to none, is left as it is.
    """
    height, width = even.shape
    # At half the size noise averages out and strokes do not.
    (ink,) = percentiles(shrunk(even, max(1, width // 2), max(1, height // 2)), (_INK,))
    if not _FADED < ink < _NOTHING:
        return even
    return np.asarray(
        cv2.LUT(even, np.clip(255 - (255 - np.arange(256)) * ((255 - _BLACK) / (255 - ink)), 0, 255).astype(np.uint8)), np.uint8
    )


def background(image: Pixels) -> Pixels:
    """The bare paper's brightness at 1/8 scale: ink closed away, then smoothed."""
    height, width = image.shape
    small = shrunk(image, max(1, width // SHRINK), max(1, height // SHRINK))
    side = max(3, round(min(small.shape) / 20) | 1)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.maximum(np.asarray(cv2.blur(paper, (side, side)), np.uint8), 1)
