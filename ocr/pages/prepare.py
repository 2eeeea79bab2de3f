"""From a decoded page to the two images that everything after works on: one for people, one for recognisers.

Every decision (sheet, direction, skew, light) is made on a small picture; the large one is resampled at most once, with
all turns and the perspective in one matrix, and not at all when the page already stands straight.
"""

from collections.abc import Callable

import cv2
import numpy as np

from ocr.pages import direction, light, paper
from ocr.pages.model import Pixels, PreparedPage, RawPage

STRAIGHT_ENOUGH = 0.3
_SMALL = 1000


def prepare(raw: RawPage, upright: Callable[[Pixels], int] | None = None) -> PreparedPage:
    """The page upright, straight, cut out of its background; see `PreparedPage`.

    `upright` is asked for the clockwise degrees to turn when the direction is unsure.
    """
    small, _ = _small(raw.pixels)
    ink = 255 - light.flatten(light.grey(small))
    turn, certain = direction.quarter_turns(ink, upright)
    skew = direction.skew(np.ascontiguousarray(np.rot90(ink, -turn // 90)))
    archive = raw.pixels
    if turn:
        archive = np.ascontiguousarray(np.rot90(archive, -turn // 90))
    if abs(skew) > STRAIGHT_ENOUGH:
        archive = direction.turned(archive, skew, 255)
    else:
        skew = 0.0
    reading = light.flatten(light.grey(archive))
    claimed = raw.size_mm if turn % 180 == 0 or raw.size_mm is None else raw.size_mm[::-1]
    height, width = reading.shape
    dpi, size = paper.measured(width, height, claimed, False)
    codes = () if certain else ("page_direction_unsure",)
    return PreparedPage(archive, reading, raw.jpeg if not turn and not skew else None, dpi, size, turn, skew, codes)


def _small(pixels: Pixels) -> tuple[Pixels, float]:
    height, width = pixels.shape[:2]
    scale = min(1.0, _SMALL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale
