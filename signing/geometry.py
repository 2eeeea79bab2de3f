"""Between what a reader sees and what a PDF writes: rotated pages and moved origins.

A page is seen from its crop box, turned clockwise by /Rotate (ISO 32000-1 §7.7.3.3). The seen side has its origin top
left with y downwards, in points; user space has its origin wherever the producer put it, with y upwards.
"""

from msgspec import Struct

from signing.model import Box


class PageShape(Struct, frozen=True):
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


def over_earlier(earlier: Box, size: tuple[float, float], share: float) -> Box:
    """A seal of `size` whose right part covers `share` of `earlier`'s width from its left, centred on its height (NĐ 30/2020 Điều 33)."""
    right = earlier[0] + (earlier[2] - earlier[0]) * share
    middle = (earlier[1] + earlier[3]) / 2
    return (right - size[0], middle - size[1] / 2, right, middle + size[1] / 2)


def _normal(box: Box) -> Box:
    return (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
