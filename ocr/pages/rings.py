"""Round seals found by their rings, in ink of any colour.

A seal stamped lightly or crossed by many words falls apart into specks that no closing joins, and a blue one has the colour of pens.
Its rings still are circles of the size that seals have, which no handwriting draws: the Hough transform finds them in the picture's
chroma, where black words do not show.
"""

import cv2
import numpy as np

from ocr.pages.model import MM_PER_INCH, Pixels
from ocr.pixels import shrunk

Box = tuple[int, int, int, int]

_DPI = 60.0
_GREY_DPI = 66.0
_RADIUS_MM = (12.0, 24.0)  # seals of Vietnamese offices measure 28-42 mm; a photo's scale is known roughly
_APART_MM = 15.0  # between the middles of two seals
_GRAIN, _COLOUR = 12.0, 20  # of 255: chroma of paper and noise over the page's usual, of ink over that
_FEWEST = 150  # pixels
_PALE = 90.0  # of 255 under paper: darker print would outweigh a seal stamped lightly
_EDGE = 300.0  # Scharr gradient
_PERFECT = 0.7  # of 1: how much of a circle is there
RIM = 1.06  # radii of a ring is half its box
_AROUND = (1.5, 1.9)  # radii
_GROUND = 0.35  # of the ink inside: how much lies around a circle that is no seal's


def find(colour: Pixels, dpi: float) -> tuple[Box, ...]:
    """Boxes (left, top, right, bottom) in pixels of `colour` (H×W×3 BGR) of its round seals, best first."""
    height, width = colour.shape[:2]
    step = max(1, int(dpi / _DPI))
    if min(height, width) < step * _DPI:
        return ()
    # Colours are kept coarsely and with noise by JPEG: what is left of them between strokes is no ring's edge.
    channels = cv2.split(cv2.GaussianBlur(shrunk(colour, width // step, height // step), (3, 3), 0))
    # Against the paper's own colour: under a warm lamp all of it has chroma.
    blue, green, red = (cv2.convertScaleAbs(one, alpha=255 / max(1.0, float(np.median(one[::3, ::3])))) for one in channels)
    chroma = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    chroma = np.asarray(cv2.subtract(chroma, float(np.median(chroma[::3, ::3])) + _GRAIN), np.uint8)  # type: ignore[call-overload]
    inked = chroma[chroma > _COLOUR]
    if inked.size < _FEWEST:
        return ()
    even = np.asarray(cv2.convertScaleAbs(chroma, alpha=255 / max(2.0 * _COLOUR, float(np.percentile(inked, 70)))), np.uint8)
    return tuple(box for box in _circles(even, step, dpi, (width, height)) if not _ground(even, box, step))


def find_grey(even: Pixels, dpi: float) -> tuple[Box, ...]:
    """The same in `even` (H×W under even light, paper 255) of a page without colours, where words show as well."""
    height, width = even.shape
    step = max(1, int(dpi / _GREY_DPI))
    if min(height, width) < step * _GREY_DPI:
        return ()
    dark = cv2.min(255 - shrunk(even, width // step, height // step), _PALE)  # type: ignore[call-overload]
    return _circles(np.asarray(cv2.convertScaleAbs(dark, alpha=255 / _PALE), np.uint8), step, dpi, (width, height))


def _ground(ink: Pixels, box: Box, step: int) -> bool:
    """True for circles of the fine lines printed under cards and certificates: they go on around what looks like a seal, in `ink`
    (ink light), `step` times smaller than the picture of `box`."""
    left, top, right, bottom = (side / step for side in box)
    radius = max(right - left, bottom - top) / 2
    reach = round(_AROUND[1] * radius) + 1
    rows, columns = (slice(max(0, round(middle) - reach), round(middle) + reach) for middle in ((top + bottom) / 2, (left + right) / 2))
    part = ink[rows, columns]
    down = np.arange(part.shape[0])[:, None] + rows.start - (top + bottom) / 2
    across = np.arange(part.shape[1])[None] + columns.start - (left + right) / 2
    away = np.hypot(down, across) / radius
    around = (away > _AROUND[0]) & (away < _AROUND[1])
    return bool(around.any()) and float(part[around].mean()) > _GROUND * float(part[away < 1].mean())


def _circles(dark: Pixels, step: int, dpi: float, size: tuple[int, int]) -> tuple[Box, ...]:
    """Boxes of the outermost circles in `dark` (ink light), a picture `step` times smaller than one of `size` (width, height) at `dpi`."""
    width, height = size
    millimetre = dpi / step / MM_PER_INCH
    least, most = (int(radius * millimetre) for radius in _RADIUS_MM)
    apart = _APART_MM * millimetre
    circles = cv2.HoughCircles(dark, cv2.HOUGH_GRADIENT_ALT, 1.5, apart, param1=_EDGE, param2=_PERFECT, minRadius=least, maxRadius=most)
    found: list[tuple[float, float, float]] = []
    for x, y, radius in () if circles is None else circles.reshape(-1, 3).tolist():
        same = next((i for i, (other_x, other_y, _) in enumerate(found) if np.hypot(x - other_x, y - other_y) < apart), None)
        if same is None:
            found.append((x, y, radius))
        elif radius > found[same][2]:
            found[same] = (x, y, radius)
    rim = RIM * step
    return tuple(
        (
            max(0, round(step * x - rim * radius)),
            max(0, round(step * y - rim * radius)),
            min(width, round(step * x + rim * radius)),
            min(height, round(step * y + rim * radius)),
        )
        for x, y, radius in found
    )
