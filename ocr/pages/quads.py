"""Which four lines are the sides of a sheet? Every pair of upright with every pair of level lines is a candidate.

A side must stand out from what lies beside it along its whole length, at both ends too, and stop at the corners: that tells
a sheet from the joint of two tiles and from a mixture of two sheets. All of it is measured once for every line, as running
sums, and looked up for every candidate.
"""

from itertools import combinations
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pages.model import Pixels

Array = NDArray[Any]

_STEP = 3.0
_APART = 3.0
_CONTRAST = 24.0
_FAINT = 2.0
_BORDER_SUPPORT = 0.36
_MARGIN = 7.0
_SMALLEST = 0.025
_LARGE = 0.4
_LONGEST = 1.75
_OUTSIDE = 0.15
_ROUGH = 75
_RING = 5.0
_CANDIDATES = 160


class Lines(Struct, frozen=True, eq=False):
    """Straight lines a·x + b·y + c = 0 with unit normals (N×3), and which of them are the picture's own borders."""

    places: Array
    border: Array


class Quad(Struct, frozen=True, eq=False):
    """`corners` (4×2, clockwise from the top left), which sides are the picture's border, how well it stands out (0 to some 2),
    and the support of each side (0..1)."""

    corners: Array
    border: tuple[bool, ...]
    score: float
    support: Array


def best(bare: Pixels, printed: Array, rough: Array, lines: Lines) -> Quad | None:
    """The best candidate, however good; None when there is no plausible one.

    `bare` is the Lab picture without print, `printed` the share of print around each pixel and `rough` that of edges (0..255).
    """
    height, width = bare.shape[:2]
    upright, level = _family(lines, 0, width, height), _family(lines, 1, width, height)
    if len(upright.places) < 2 or len(level.places) < 2:
        return None
    met = _meetings(upright.places, level.places)
    across, down = np.array(list(combinations(range(len(upright.places)), 2))), np.array(list(combinations(range(len(level.places)), 2)))
    x, y = (_corners(met[:, :, k], across, down) for k in (0, 1))
    good = _plausible(x, y, width, height) & ~(upright.border[across].all(1)[:, None] & level.border[down].all(1)[None])
    if not good.any():
        return None
    sides_of_level = _Sides(bare, printed, level, met.swapaxes(0, 1), across)
    sides_of_upright = _Sides(bare, printed, upright, met, down)
    pick = np.nonzero(good)
    a, b = pick
    top, bottom = down[b, 0], down[b, 1]
    left, right = across[a, 0], across[a, 1]
    border = np.stack([level.border[top], upright.border[right], level.border[bottom], upright.border[left]], 1)
    support = np.stack([sides_of_level.inside_after[top, a], sides_of_upright.inside_before[right, b],
                        sides_of_level.inside_before[bottom, a], sides_of_upright.inside_after[left, b]], 1)  # fmt: skip
    ends = np.stack([sides_of_level.ends[top, a], sides_of_upright.ends[right, b],
                     sides_of_level.ends[bottom, a], sides_of_upright.ends[left, b]], 1)  # fmt: skip
    beyond = np.stack([sides_of_level.beyond[top, a], sides_of_upright.beyond[right, b],
                       sides_of_level.beyond[bottom, a], sides_of_upright.beyond[left, b]], 1)  # fmt: skip
    area = _area(x, y)[pick] / (width * height)
    worth = (support.mean(1) + support.min(1)) * _met(ends, border) * (1 - 0.3 * beyond.mean(1)) * _shape(x, y)[pick]
    score = worth * area**0.27
    order = np.argsort(-score)[:_CANDIDATES]
    corners = np.stack([np.stack([c[pick][order] for c in plane], 1) for plane in ((x[0], x[1], x[2], x[3]), (y[0], y[1], y[2], y[3]))], 2)
    paper = _one_paper(bare, rough, corners, border[order])
    first = int((score[order] * paper).argmax())
    chosen = order[first]
    return Quad(corners[first], tuple(bool(v) for v in border[chosen]), float(worth[chosen] * paper[first]), support[chosen])


def _met(ends: Array, border: Array) -> Array:
    """0..1: do the sides reach their corners? Where the picture's border is to be a side, the sides beside it must reach it."""
    # ends: N×4×2, (start, end) of top, right, bottom, left in the lines' own direction: rightwards and downwards.
    at_top, at_right = np.minimum(ends[:, 3, 0], ends[:, 1, 0]), np.minimum(ends[:, 0, 1], ends[:, 2, 1])
    at_bottom, at_left = np.minimum(ends[:, 3, 1], ends[:, 1, 1]), np.minimum(ends[:, 0, 0], ends[:, 2, 0])
    reached = np.stack([at_top, at_right, at_bottom, at_left], 1)
    strict = np.where(border, 0.15 + 0.85 * reached, 1).min(1)
    return np.asarray((0.5 + 0.5 * ends.mean((1, 2))) * strict)


def _family(lines: Lines, axis: int, width: int, height: int) -> Lines:
    """The upright (axis 0) or level (axis 1) lines from left to right or from top to bottom, with normals that way."""
    mine = (
        np.abs(lines.places[:, axis]) >= np.abs(lines.places[:, 1 - axis])
        if axis == 0
        else np.abs(lines.places[:, 0]) < np.abs(lines.places[:, 1])
    )
    places, border = lines.places[mine], lines.border[mine]
    places = places * np.where(places[:, axis : axis + 1] < 0, -1, 1)
    middle = (height, width)[axis] / 2
    order = np.argsort(-(places[:, 1 - axis] * middle + places[:, 2]) / places[:, axis])
    return Lines(places[order], border[order])


def _meetings(upright: Array, level: Array) -> Array:
    """Where each upright line meets each level one: U×V×2."""
    a, b, c = (upright[:, k, None] for k in range(3))
    d, e, f = (level[None, :, k] for k in range(3))
    det = a * e - b * d
    det = np.where(np.abs(det) < 1e-9, 1e-9, det)
    return np.stack([(b * f - c * e) / det, (c * d - a * f) / det], 2)


def _corners(plane: Array, across: Array, down: Array) -> Array:
    """One coordinate of the four corners of every candidate: 4×A×B, clockwise from the top left."""
    left, right, top, bottom = across[:, 0, None], across[:, 1, None], down[None, :, 0], down[None, :, 1]
    return np.stack([plane[left, top], plane[right, top], plane[right, bottom], plane[left, bottom]])


def _area(x: Array, y: Array) -> Array:
    return np.asarray(0.5 * ((x[2] - x[0]) * (y[3] - y[1]) - (x[3] - x[1]) * (y[2] - y[0])))


def _shape(x: Array, y: Array) -> Array:
    """Paper and cards are at most 1.6 times as long as wide; a strip of one is longer."""
    across, down = (np.hypot(x[k + 1] - x[k], y[k + 1] - y[k]) + np.hypot(x[k - 1] - x[k - 2], y[k - 1] - y[k - 2]) for k in (0, 1))
    return np.asarray(np.clip(1 - 0.6 * (np.maximum(across / np.maximum(down, 1e-6), down / np.maximum(across, 1e-6)) - _LONGEST), 0.4, 1))


def _plausible(x: Array, y: Array, width: int, height: int) -> Array:
    slack = _OUTSIDE * max(width, height)
    good = _area(x, y) > _SMALLEST * width * height
    for k in range(4):
        good &= (x[k] > -slack) & (x[k] < width + slack) & (y[k] > -slack) & (y[k] < height + slack)
    dx, dy = [x[(k + 1) % 4] - x[k] for k in range(4)], [y[(k + 1) % 4] - y[k] for k in range(4)]
    length = [np.maximum(np.hypot(dx[k], dy[k]), 1e-6) for k in range(4)]
    for k in range(4):
        n = (k + 1) % 4
        good &= dx[k] * dy[n] - dy[k] * dx[n] > 0.88 * length[k] * length[n]
    for k in (0, 1):
        good &= np.maximum(length[k], length[k + 2]) < 1.7 * np.minimum(length[k], length[k + 2])
    return good


class _Sides:
    """What every line is worth as a side between every two lines that cross it (N lines × M pairs).

    `inside_after` when the sheet lies on the side its normal points to, `inside_before` when on the other; `ends` (N×M×2) tells
    how far the side stands out at its ends compared with its whole length, `beyond` how much of it goes on behind its corners.
    """

    def __init__(self, bare: Pixels, printed: Array, lines: Lines, met: Array, pairs: Array) -> None:
        height, width = bare.shape[:2]
        reach = float(np.hypot(height, width))
        steps = np.arange(-reach, reach, _STEP)
        normal = lines.places[:, :2]
        along = np.stack([normal[:, 1], -normal[:, 0]], 1) * np.where(np.abs(normal[:, :1]) > np.abs(normal[:, 1:]), -1, 1)
        centre = np.array([width / 2, height / 2])
        foot = centre - (normal @ centre + lines.places[:, 2])[:, None] * normal
        x, y = (foot[:, k, None] + steps * along[:, k, None] for k in (0, 1))
        nx, ny = normal[:, 0, None], normal[:, 1, None]
        seen = ((x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)).astype(np.float32)
        here = at(bare, x + _APART * nx, y + _APART * ny).astype(np.int16)
        difference = (here - at(bare, x - _APART * nx, y - _APART * ny)).astype(np.float32) * seen[:, :, None]
        parts = [
            np.clip(difference, -_CONTRAST, _CONTRAST) / _CONTRAST,
            np.sign(difference) * (np.abs(difference) > _FAINT),
            seen[:, :, None],
        ]
        parts += [at(printed, x + s * _MARGIN * nx, y + s * _MARGIN * ny)[:, :, None] / np.float32(255) for s in (1, -1)]
        self._sums = np.pad(np.cumsum(np.concatenate(parts, 2, dtype=np.float32), 1), ((0, 0), (1, 0), (0, 0)))
        t = ((met - foot[:, None]) * along[:, None]).sum(2)
        start, end = t[:, pairs[:, 0]], t[:, pairs[:, 1]]
        self._reach, self._length = reach, end - start
        whole, means = self._stretch(start, end)
        seen_share = np.minimum(1, 1.25 * means[2])
        support = whole * seen_share
        border = lines.border[:, None]
        # Print stands close to the sides of a card, never to those of a sheet.
        large = self._length > _LARGE * max(height, width)
        self.inside_after, self.inside_before = (
            np.where(border, _BORDER_SUPPORT, support * np.where(large, np.clip(1 - 4 * print_, 0.2, 1), 1)) for print_ in means[:2]
        )
        windows = [
            self._stretch(start + p * self._length, start + q * self._length)[0]
            for p, q in ((0.03, 0.15), (0.85, 0.97), (-0.13, -0.02), (1.02, 1.13))
        ]
        share = [
            np.where(border, neutral, np.clip(one / np.maximum(whole, 0.05), 0, 1))
            for one, neutral in zip(windows, (1, 1, 0, 0), strict=True)
        ]
        self.ends = np.stack(share[:2], 2)
        self.beyond = (share[2] + share[3]) / 2

    def _stretch(self, start: Array, end: Array) -> tuple[Array, tuple[Array, Array, Array]]:
        """(how much the lines stand out between two places on them, (print after, print before, share seen))."""
        last = self._sums.shape[1] - 1
        i, j = (np.clip((t + self._reach) / _STEP, 0, last).astype(int) for t in (start, end))
        n = np.arange(len(self._sums))[:, None]
        total = self._sums[n, np.maximum(i, j)] - self._sums[n, np.minimum(i, j)]
        seen = np.maximum(total[:, :, 6], 1)
        strength = np.maximum(np.maximum(np.abs(total[:, :, 0]), np.abs(total[:, :, 1])), np.abs(total[:, :, 2])) / seen
        steady = np.maximum(np.maximum(np.abs(total[:, :, 3]), np.abs(total[:, :, 4])), np.abs(total[:, :, 5])) / seen
        steps = np.maximum(np.abs(j - i), 1)
        return np.sqrt(strength) * steady, (total[:, :, 7] / seen, total[:, :, 8] / seen, total[:, :, 6] / steps)


def at(picture: Array, x: Array, y: Array) -> Array:
    height, width = picture.shape[:2]
    column, row = np.clip(np.rint(x), 0, width - 1).astype(np.intp), np.clip(np.rint(y), 0, height - 1).astype(np.intp)
    return (
        np.asarray(picture.reshape(height * width, -1).take(row * width + column, 0))
        if picture.ndim == 3
        else np.asarray(picture.ravel().take(row * width + column))
    )


def _one_paper(bare: Pixels, rough: Array, corners: Array, border: Array) -> Array:
    """Share of each inside that is even and of one colour (not brightness: shadows fall on paper too). Paper is among the
    brightest things in a picture, and it reaches all sides; the picture's border is a side only where paper reaches it."""
    steps = np.linspace(0.05, 0.95, 8)
    u, v = (grid.ravel() for grid in np.meshgrid(steps, steps))
    points = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], -1) @ corners
    inside = at(bare, points[..., 0], points[..., 1])
    paper = np.median(inside, axis=1, keepdims=True)
    alike = (_alike(inside, paper, 22, 0.45) & (at(rough, points[..., 0], points[..., 1]) < _ROUGH)).mean(1)
    middle = corners.mean(1, keepdims=True)
    across = np.maximum(np.linalg.norm(corners - middle, axis=2, keepdims=True), 1)
    inner = corners + (middle - corners) * np.minimum(0.1, _RING * np.sqrt(2) / across)
    t = np.linspace(0.03, 0.97, 20)[:, None]
    ring = (inner[:, :, None] * (1 - t) + np.roll(inner, -1, 1)[:, :, None] * t).reshape(len(corners), -1, 2)
    strip = at(bare, ring[..., 0], ring[..., 1])
    reached = _alike(strip, paper, 22, 0.45).reshape(len(corners), 4, -1).mean(2)
    strictly = _alike(strip, paper, 16, 0.6).reshape(len(corners), 4, -1).mean(2)
    reached = (0.4 + 0.6 * reached.min(1)) * np.where(border, np.clip((strictly - 0.5) * 2.5, 0.05, 1), 1).min(1)
    brightest = max(1.0, float(np.percentile(bare[::4, ::4, 0], 97)))
    lit = np.percentile(inside[:, :, 0], 75, axis=1)
    vivid = np.hypot(*(paper[:, 0, k].astype(float) - 128 for k in (1, 2)))
    return np.asarray(alike**1.5 * reached * np.clip(lit / brightest, 0.1, 1) ** 1.3 * np.clip(1.35 - vivid / 120, 0.4, 1))


def _alike(colours: Array, paper: Array, chroma: float, light: float) -> Array:
    return np.asarray(
        (np.abs(colours[:, :, 1] - paper[:, :, 1]) < chroma)
        & (np.abs(colours[:, :, 2] - paper[:, :, 2]) < chroma)
        & (colours[:, :, 0] > light * paper[:, :, 0])
    )
