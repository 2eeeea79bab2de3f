"""The rings of a seal taken off the words that they cross, by their shape and not by their ink.

Where a scan has no colours, a seal may be as dark as the marks of letters. But what follows one circle for longer than any letter is
no letter: laid out by angle and distance from its middle, a ring is a straight row, and what most of a stretch of that row shows is
what the ring lets through there. Two inks that lie over each other multiply what each lets through, so that dividing leaves the print.
"""

from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pages.model import Pixels
from ocr.pages.rings import RIM, Box

_REACH = (0.5, 1.12)  # radii between which rings lie, their size known roughly
_STEPS = (4.0, 2.0, 1.0, 0.5)  # pixels, by which a ring's middle and then its roundness are tried
_FINE = 1.0
_MOVES = np.array([(1, 0, 0, 0), (-1, 0, 0, 0), (0, 1, 0, 0), (0, -1, 0, 0), (1, 1, 0, 0), (1, -1, 0, 0), (-1, 1, 0, 0), (-1, -1, 0, 0)])
_BENDS = np.array([(0, 0, 1, 0), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, 0, -1)])
_PRINT = 165  # of 255: what is darker counts no more than that, or words would outweigh the ring
_ANGLES = 240
_STRETCH_MM = 5.7  # of a ring, as long as two letters
_MOST = 0.62  # of the stretch is lighter print than its ink: more than half, for strokes follow a ring for some of it
_DARKER = 235  # of 255, paper
_ROUND = 0.5  # of the circle: letters of a seal follow one too, with white between them
_BESIDE = np.ones((5, 1), np.uint8)  # a ring is blurred two pixels to either side
_UNEVEN = 0.8  # of what lets the ring through in the middle is the least anywhere: what is darker is print
_LEAST = 50.0  # of 255: a ring as black as print hides what it crosses


class _Circle(Struct, frozen=True, eq=False):
    """`bent` are pixels by which the circle is taller than wide, straight up and slanting: paper is fed unevenly, and rubber gives."""

    x: float
    y: float
    radius: float
    bent: tuple[float, float] = (0.0, 0.0)


def taken_off(even: Pixels, ring: Box, millimetre: float) -> None:
    """Change `even` (H×W under even light, paper 255) to what it is without the rings in the box `ring` (left, top, right, bottom);
    `millimetre` in pixels."""
    circle = _fitted(even, _Circle((ring[0] + ring[2]) / 2, (ring[1] + ring[3]) / 2, max(ring[2] - ring[0], ring[3] - ring[1]) / 2 / RIM))
    far = round(_REACH[1] * circle.radius)
    rows = _rows(even, circle, (0, far), round(2 * np.pi * circle.radius))
    through = _along(rows, round(_STRETCH_MM * millimetre / 2))
    rings = np.asarray((through < _DARKER).mean(1) > _ROUND, np.uint8)
    usual = np.maximum(_UNEVEN * np.median(through, 1, keepdims=True), _LEAST)
    through = np.maximum(through, usual).astype(np.float32)
    through[cv2.dilate(rings, _BESIDE).ravel() == 0] = 255
    left, top = max(0, int(circle.x) - far), max(0, int(circle.y) - far)
    place = even[top : int(circle.y) + far + 1, left : int(circle.x) + far + 1]
    place[:] = np.minimum(place * (255 / _laid_back(through, circle, (left, top), place.shape)), 255).astype(np.uint8)


def _fitted(even: Pixels, rough: _Circle) -> _Circle:
    """The circle whose rings are sharpest when they are laid out straight: Hough's is as exact as its small picture."""
    reach = (round(_REACH[0] * rough.radius), round(_REACH[1] * rough.radius))
    pale = np.maximum(even, _PRINT)
    by = np.zeros(4)

    def moved(by: NDArray[np.float64]) -> _Circle:
        return _Circle(rough.x + by[0], rough.y + by[1], rough.radius, (by[2], by[3]))

    def sharpness(by: NDArray[np.float64], blur: float) -> float:
        profile = cv2.GaussianBlur(_rows(pale, moved(by), reach, _ANGLES).mean(1)[:, None], (0, 0), blur)
        return float(np.square(np.diff(profile, axis=0)).sum())

    for step in _STEPS:
        changes = np.concatenate([_MOVES, _BENDS] if step <= _FINE else [_MOVES]) * step
        best, better = sharpness(by, step), True
        while better:
            found, at = max((sharpness(by + change, step), at) for at, change in enumerate(changes))
            if better := found > best:
                best, by = found, by + changes[at]
    return moved(by)


def _stretched(circle: _Circle, angle: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(1 + (circle.bent[0] * np.cos(2 * angle) + circle.bent[1] * np.sin(2 * angle)) / circle.radius)


def _rows(even: Pixels, circle: _Circle, reach: tuple[int, int], angles: int) -> Pixels:
    """`even` laid out, a row for every pixel of distance and a column for each of the `angles`."""
    angle = np.arange(angles) * (2 * np.pi / angles)
    away = np.arange(*reach)[:, None] * _stretched(circle, angle)
    across, down = circle.x + away * np.cos(angle), circle.y + away * np.sin(angle)
    return np.asarray(_seen(even, across, down), np.uint8)


def _laid_back(rows: NDArray[np.float32], circle: _Circle, corner: tuple[int, int], size: tuple[int, ...]) -> NDArray[np.float32]:
    """`rows` as they lie in the part of the page that has its left upper `corner` there and that `size` (height, width)."""
    down, across = np.mgrid[: size[0], : size[1]]
    down, across = down + corner[1] - circle.y, across + corner[0] - circle.x
    angle = np.arctan2(down, across)
    turned = angle % (2 * np.pi) * (rows.shape[1] / (2 * np.pi))
    around = np.concatenate([rows, rows[:, :1]], 1)
    return np.asarray(_seen(around, turned, np.hypot(down, across) / _stretched(circle, angle)), np.float32)


def _seen(picture: NDArray[Any], across: NDArray[Any], down: NDArray[Any]) -> NDArray[Any]:
    at = across.astype(np.float32), down.astype(np.float32)
    seen: NDArray[Any] = cv2.remap(picture, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    return seen


def _along(rows: Pixels, half: int) -> NDArray[np.float32]:
    """What most of a stretch of `half` a stretch to either side along each row shows; a row goes around. Paper where no ring
    can be."""
    most = round(_MOST * half)
    # Every pixel lies in as many stretches as any other: where more than `_ROUND` of them show ink, a share of all pixels does.
    inked = np.asarray((rows < _DARKER).mean(1) > _ROUND * (most + 1) / (half + 1), np.uint8)
    near = np.flatnonzero(cv2.dilate(inked, _BESIDE))
    around = np.concatenate([rows[near, -half:], rows[near], rows[near, :half]], 1)
    stretches = np.lib.stride_tricks.sliding_window_view(around, 2 * half + 1, 1)[:, :, ::2]
    found = np.full(rows.shape, 255, np.float32)
    found[near] = np.partition(stretches, most, 2)[:, :, most]
    return found
