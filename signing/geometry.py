"""Between what a reader sees and what a PDF writes: rotated pages, moved origins, and free places between words.

A page is seen from its crop box, turned clockwise by /Rotate (ISO 32000-1 §7.7.3.3). The seen side has its origin top
left with y downwards, in points; user space has its origin wherever the producer put it, with y upwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from signing.model import POINTS_PER_MM, Box, Corner, Place

_STEP = 6.0


@dataclass(frozen=True)
class PageShape:
    """Crop box (x0, y0, x1, y1) in user space, normalised, and the clockwise turn: 0, 90, 180 or 270 degrees."""

    crop: Box
    turn: int = 0

    @property
    def size(self) -> tuple[float, float]:
        """(width, height) in points as seen."""
        width, height = self.crop[2] - self.crop[0], self.crop[3] - self.crop[1]
        return (height, width) if self.turn in (90, 270) else (width, height)

    def to_user(self, box: Box) -> Box:
        """A seen box in user space, normalised."""
        corners = [self._point_to_user(box[0], box[1]), self._point_to_user(box[2], box[3])]
        return _normal((*corners[0], *corners[1]))

    def to_seen(self, box: Box) -> Box:
        """A box of user space as seen."""
        corners = [self._point_to_seen(box[0], box[1]), self._point_to_seen(box[2], box[3])]
        return _normal((*corners[0], *corners[1]))

    def _point_to_user(self, x: float, y: float) -> tuple[float, float]:
        x0, y0, x1, y1 = self.crop
        return {0: (x0 + x, y1 - y), 90: (x0 + y, y0 + x), 180: (x1 - x, y0 + y), 270: (x1 - y, y1 - x)}[self.turn]

    def _point_to_seen(self, x: float, y: float) -> tuple[float, float]:
        x0, y0, x1, y1 = self.crop
        return {0: (x - x0, y1 - y), 90: (y - y0, x - x0), 180: (x1 - x, y - y0), 270: (y1 - y, x1 - x)}[self.turn]


def free_place(page: PageShape, place: Place, size: tuple[float, float], avoid: Iterable[Box]) -> Box | None:
    """The box of `size` nearest to the place's corner that covers no box of `avoid`; None when there is none.

    Searches a grid of 6 points within `place.search_mm`, so that "top right" stays top right (NĐ 30/2020, Phụ lục I).
    """
    blocks = [_normal(box) for box in avoid]
    reach = [mm * POINTS_PER_MM for mm in place.search_mm]
    steps = sorted(
        ((dx * _STEP, dy * _STEP) for dx in range(int(reach[0] / _STEP) + 1) for dy in range(int(reach[1] / _STEP) + 1)),
        key=lambda step: (step[0] ** 2 + step[1] ** 2, step),
    )
    for dx, dy in steps:
        box = _at_corner(page.size, place.corner, size, place.margin_mm, dx, dy)
        if box[0] < 0 or box[1] < 0 or box[2] > page.size[0] or box[3] > page.size[1]:
            continue
        if not any(overlap(box, block) for block in blocks):
            return box
    return None


def over_earlier(earlier: Box, size: tuple[float, float], share: float) -> Box:
    """A seal of `size` whose right part covers `share` of `earlier`'s width from its left, centred on its height (NĐ 30/2020 Điều 33)."""
    right = earlier[0] + (earlier[2] - earlier[0]) * share
    middle = (earlier[1] + earlier[3]) / 2
    return (right - size[0], middle - size[1] / 2, right, middle + size[1] / 2)


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share an area."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _at_corner(
    page: tuple[float, float], corner: Corner, size: tuple[float, float], margin_mm: tuple[float, float], dx: float, dy: float
) -> Box:
    left, top = margin_mm[0] * POINTS_PER_MM + dx, margin_mm[1] * POINTS_PER_MM + dy
    x = left if corner.endswith("left") else page[0] - left - size[0]
    y = top if corner.startswith("top") else page[1] - top - size[1]
    return (x, y, x + size[0], y + size[1])


def _normal(box: Box) -> Box:
    return (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
