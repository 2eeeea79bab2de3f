"""What only the page image tells: printed rules of tables, drawn check boxes, ink that nobody read.

Images are arrays of bytes (height, width[, 3]) of the whole page as delivered; all positions going in and out are points.
"""

import struct
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from zlib_ng import zlib_ng

from ocr.model import Box
from ocr.pixels import connected

Gray = NDArray[np.uint8]

_BLUER = 20  # by how much blue is brighter than red in a blue pen's stroke
_KEPT = struct.Struct("<IIdd")  # height, width, pixels per point across and down


class Ink(Struct, frozen=True):
    """A page's ink: `dark` is 1 where there is ink, `scale` pixels per point. `pen` is 1 where it is blue, as pens write and
    printers do not; None for a picture without colours."""

    dark: Gray
    scale_x: float
    scale_y: float
    pen: Gray | None = None

    def written(self, boxes: Sequence[Box]) -> float:
        """The share of the ink inside `boxes` that is a blue pen's, 0..1."""
        if self.pen is None:
            return 0.0
        dark = blue = 0
        for x0, y0, x1, y1 in map(self.pixels, boxes):
            if x0 < x1 and y0 < y1:
                dark += cv2.countNonZero(self.dark[y0:y1, x0:x1])
                blue += cv2.countNonZero(self.pen[y0:y1, x0:x1])
        return blue / max(1, dark)

    def pixels(self, box: Box) -> tuple[int, int, int, int]:
        """`box` in pixels, inside the page."""
        height, width = self.dark.shape
        return (
            int(min(max(box[0] * self.scale_x, 0), width)),
            int(min(max(box[1] * self.scale_y, 0), height)),
            int(min(max(box[2] * self.scale_x, 0), width)),
            int(min(max(box[3] * self.scale_y, 0), height)),
        )

    def part(self, box: Box) -> Gray:
        """The ink inside `box`."""
        x0, y0, x1, y1 = self.pixels(box)
        return self.dark[y0:y1, x0:x1]


def ink_of(image: NDArray[Any], size_points: tuple[float, float], red: int = 0) -> Ink:
    """The ink of a page image; coloured stamps that are not dark do not count. `red` is the channel of red: 0 in RGB, 2 in BGR.

    The local paper brightness is the measure, so shadows do no harm.
    """
    wanted = 200 / 72 * size_points[0]
    if image.shape[1] > 1.3 * wanted:
        factor = wanted / image.shape[1]
        way = cv2.INTER_LINEAR if factor > 0.5 else cv2.INTER_AREA
        image = cv2.resize(np.ascontiguousarray(image, np.uint8), None, fx=factor, fy=factor, interpolation=way)
    # The red channel: red stamps fade in it, blue and black ink do not.
    gray = np.ascontiguousarray(image, np.uint8) if image.ndim == 2 else _channel(image, red)
    small = cv2.resize(gray, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    paper = cv2.resize(cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5), (gray.shape[1], gray.shape[0]))
    dark = np.asarray(cv2.threshold(cv2.subtract(paper, gray), 45, 1, cv2.THRESH_BINARY)[1], np.uint8)
    pen = None
    if image.ndim == 3:
        blue = _in_white_light(_channel(image, 2 - red), gray)
        tint = cv2.subtract(blue, gray)
        if int(tint.max()) > _BLUER:
            pen = np.asarray(cv2.bitwise_and(cv2.threshold(tint, _BLUER, 1, cv2.THRESH_BINARY)[1], dark), np.uint8)
    return Ink(dark, gray.shape[1] / size_points[0], gray.shape[0] / size_points[1], pen)


def _channel(image: NDArray[Any], number: int) -> Gray:
    return np.asarray(cv2.extractChannel(np.ascontiguousarray(image, np.uint8), number), np.uint8)


def _in_white_light(blue: Gray, red: Gray) -> Gray:
    """The blue channel as it were if the paper were white: under a warm lamp a blue pen is no bluer than grey."""
    bright = red[::16, ::16] >= np.median(red[::16, ::16])
    gain = float(np.median(red[::16, ::16][bright])) / max(1.0, float(np.median(blue[::16, ::16][bright])))
    return blue if abs(gain - 1) < 0.03 else np.asarray(cv2.convertScaleAbs(blue, alpha=min(max(gain, 0.6), 1.7)), np.uint8)


def keep_ink(ink: Ink) -> bytes:
    """The ink in few bytes, to be laid beside a page while its picture is still in memory: decoding it again costs far more."""
    height, width = ink.dark.shape
    planes = np.packbits(ink.dark).tobytes() + (np.packbits(ink.pen).tobytes() if ink.pen is not None else b"")
    return _KEPT.pack(height, width, ink.scale_x, ink.scale_y) + zlib_ng.compress(planes, 1)


def kept_ink(kept: bytes) -> Ink:
    """What `keep_ink` kept."""
    height, width, scale_x, scale_y = _KEPT.unpack_from(kept)
    bits = np.frombuffer(zlib_ng.decompress(kept[_KEPT.size :]), np.uint8)
    plane = (height * width + 7) // 8
    dark, pen = (
        np.unpackbits(part, count=height * width).reshape(height, width) if part.size else None for part in (bits[:plane], bits[plane:])
    )
    if dark is None:
        raise ValueError("no ink was kept")
    return Ink(dark, scale_x, scale_y, pen)


class Ruling(Struct, frozen=True):
    """Where long straight lines run on a page."""

    ink: Ink

    def vertical(self, top: float, bottom: float) -> list[float]:
        """x of vertical lines that run through most of the height between `top` and `bottom`."""
        part = self.ink.part((0, max(0.0, top), 1e6, bottom))
        if part.shape[0] < 8:
            return []
        closed = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((max(5, part.shape[0] // 4), 1), np.uint8))
        wide = cv2.dilate(closed, np.ones((1, 3), np.uint8))
        return [x / self.ink.scale_x for x in _runs((wide.mean(axis=0) > 0.6).tolist())]

    def horizontal(self, left: float, right: float, top: float, bottom: float) -> list[float]:
        """y of horizontal lines that run through most of the width between `left` and `right`."""
        part = self.ink.part((left, max(0.0, top), right, bottom))
        if part.shape[1] < 8:
            return []
        closed = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((1, max(9, part.shape[1] // 8)), np.uint8))
        wide = cv2.dilate(closed, np.ones((3, 1), np.uint8))
        return [max(0.0, top) + y / self.ink.scale_y for y in _runs((wide.mean(axis=1) > 0.6).tolist())]


def _runs(flags: Sequence[bool]) -> list[float]:
    """Middles of the runs of true values."""
    found: list[float] = []
    start: int | None = None
    for position, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = position
        elif not flag and start is not None:
            found.append((start + position - 1) / 2)
            start = None
    return found


def unread_ink(ink: Ink, space: Box, words: Sequence[Box], line: float | None = None) -> bool:
    """True when letters-sized ink stands in `space` outside every word box. Dots, rules and the edges of boxes are none. `line` is the
    height of a line in points where `space` may hold several."""
    x0, y0, x1, y1 = ink.pixels(space)
    if x1 - x0 < 6 or y1 - y0 < 4:
        return False
    part = ink.dark[y0:y1, x0:x1].copy()
    near = [
        word for word in words if word[0] < space[2] + 2 and word[2] > space[0] - 2 and word[1] < space[3] + 3 and word[3] > space[1] - 3
    ]
    for word in near:
        wx0, wy0, wx1, wy1 = ink.pixels((word[0] - 1.5, word[1] - 2, word[2] + 1.5, word[3] + 2))
        part[max(0, wy0 - y0) : max(0, wy1 - y0), max(0, wx0 - x0) : max(0, wx1 - x0)] = 0
    if not cv2.countNonZero(part):
        return False
    long = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((1, max(12, int(22 * ink.scale_x))), np.uint8))
    part[:] = cv2.subtract(part, cv2.dilate(long, np.ones((3, 1), np.uint8)))
    stats = connected(part)[1]
    size = y1 - y0 if line is None else line * ink.scale_y
    wide, high = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    letters = wide[(high >= 0.38 * size) & (wide >= 0.12 * size) & (wide < 8 * size)]
    return len(letters) >= 2 or bool((letters > 0.9 * size).any())
