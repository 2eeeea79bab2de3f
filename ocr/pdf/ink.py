"""Where on a page is ink, and what does the paper look like without it?

What is ink is judged in red light, where a red seal is nearly as bright as paper: a seal counts as paper, and the print
below it as ink. Each threshold lies half-way between the paper and the darkest ink around.
"""

from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pixels import connected

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

MM_PER_INCH = 25.4
_PAPER_REACH_MM = 5.5  # wider than any stroke of print: what is dark over more than that is a picture, not ink
_INK_REACH_MM = 2.3
_LEAST_CONTRAST = 0.28  # of the paper's brightness; below it a stain, show-through or a seal
_NOT_INK = 40.0
_SPECK_MM2 = 0.045  # three pixels at 200 dpi; the smallest dot of print has three times that


class Ink(Struct, frozen=True, eq=False):
    """`mask` (1 where ink is) and `depth` (by how much darker than the threshold) are as large as the page, `brightness`
    of the paper, in red light, a quarter of it."""

    mask: Pixels
    depth: Floats
    brightness: Pixels


def find_ink(page: Pixels, dpi: float) -> Ink:
    """The ink of `page` (H×W×3 BGR)."""
    height, width = page.shape[:2]
    red = cv2.extractChannel(page, 2)
    half = cv2.resize(red, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    quarter = cv2.resize(half, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    reach = _odd(_PAPER_REACH_MM, dpi / 4)
    paper = cv2.blur(cv2.morphologyEx(quarter, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)), (reach, reach))
    reach = _odd(_INK_REACH_MM, dpi / 2)
    dark = cv2.resize(cv2.erode(half, np.ones((reach, reach), np.uint8)), quarter.shape[::-1], interpolation=cv2.INTER_AREA)
    paper_level, dark_level = paper.astype(np.float32), cv2.blur(dark, (reach, reach)).astype(np.float32)
    contrast = paper_level - dark_level
    level = np.where(contrast > _LEAST_CONTRAST * paper_level, (paper_level + dark_level) / 2, -_NOT_INK).astype(np.float32)
    # Where lines of a seal cross they are dark in red light too, but redder than print ever is.
    redness = cv2.subtract(red, cv2.extractChannel(page, 1))
    brightness = cv2.addWeighted(red, 1.0, redness, 0.5, 0, dtype=cv2.CV_32F)
    depth = np.asarray(cv2.resize(level, (width, height), interpolation=cv2.INTER_LINEAR) - brightness, np.float32)
    return Ink(_without_specks(np.asarray(depth > 0, np.uint8), dpi), depth, np.asarray(paper, np.uint8))


def _odd(millimetres: float, dpi: float) -> int:
    return max(3, int(millimetres / MM_PER_INCH * dpi)) | 1


def _without_specks(mask: Pixels, dpi: float) -> Pixels:
    """Single dark pixels are left to the paper: noise is what bilevel pictures are largest with."""
    labels, found = connected(mask)
    large = (found[:, cv2.CC_STAT_AREA] > _SPECK_MM2 * (dpi / MM_PER_INCH) ** 2).astype(np.uint8)
    large[0] = 0
    return np.asarray(large[labels], np.uint8)


def paper_only(page: Pixels, ink: Pixels, size: tuple[int, int]) -> Pixels:
    """`page` reduced to `size` (width, height) without its `ink`, whose place takes the colour of what is around."""
    bare = np.asarray(255 * (1 - ink), np.uint8)
    weight = cv2.resize(bare, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    total = cv2.resize(cv2.bitwise_and(page, page, mask=bare), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return to_pixels(filled(total, weight))


def filled(total: Floats, weight: Floats) -> Floats:
    """`total` over `weight`; where there is no weight, what is nearest, found in ever smaller pictures (pull and push)."""
    known = weight > (0.02 if weight.size > 4096 else 0)
    value = total / np.maximum(weight, 1e-6)[:, :, None]
    if known.all() or min(weight.shape) < 2:
        return value if known.any() else np.full_like(value, 255)
    height, width = weight.shape
    size = ((width + 1) // 2, (height + 1) // 2)
    smaller = filled(_halved(total, size), _halved(weight, size))
    return np.where(known[:, :, None], value, cv2.resize(smaller, (width, height), interpolation=cv2.INTER_LINEAR))


def _halved(values: Floats, size: tuple[int, int]) -> Any:
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)


def to_pixels(values: Floats) -> Pixels:
    """Rounded and clipped to 0..255."""
    return np.asarray(np.clip(values + 0.5, 0, 255), np.uint8)
