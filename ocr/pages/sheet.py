"""Where is the sheet or card in this photo? Four straight sides against whatever it lies on.

Text is closed away first, then every straight edge votes for its line (Hough 1962, with the gradient's direction as in
O'Gorman & Clowes 1976), and every pair of upright with every pair of level lines is a candidate. A candidate is good
when its sides stand out along their whole length, its inside is one kind of paper, and it is large: a printed frame loses
against the sheet around it. The picture's own borders are candidate sides too, for a sheet that is partly out of the frame.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages.model import Pixels

Array = NDArray[Any]
SIDES = ("top", "right", "bottom", "left")

_WORK = 560
_LINES = 10
_STEP = 3.0
_APART = 3.0
_CONTRAST = 24.0
_BORDER_SUPPORT = 0.42
_MARGIN = 7.0
_SMALLEST = 0.03
_CANDIDATES = 450
_RING = 5.0
_ROUGH = 75
_EVEN = 5.0
_EVEN_RIM = 2.0
_ASLANT = 0.45
_OUTSIDE = 0.15
_TWICE = np.clip((np.arange(256) - 128) * 2 + 128, 0, 255).astype(np.uint8)
_CHROMA_TWICE = np.stack([np.arange(256, dtype=np.uint8), _TWICE, _TWICE], 1)[None]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """`corners` (4×2 float64: top left, top right, bottom right, bottom left, as they lie in the picture) in the picture's
    pixels; `cut` names the sides where the picture ends before the paper does."""

    corners: Array
    cut: tuple[str, ...]


def find(picture: Pixels) -> Sheet | None:
    """The sheet in a small BGR picture (some 1000 pixels long); None when paper fills the picture or nothing stands out."""
    height, width = picture.shape[:2]
    scale = _WORK / max(height, width)
    small = cv2.resize(picture, (max(8, round(width * scale)), max(8, round(height * scale))), interpolation=cv2.INTER_AREA)
    bare, print_ = _without_print(np.asarray(small, np.uint8))
    if _paper_to_the_border(bare):
        return None
    best = _best_quad(bare, print_)
    if best is None:
        return None
    corners, border = best
    corners = _sharpened(picture, (corners + 0.5) / scale - 0.5, border)
    return Sheet(corners, _cut_sides(corners, border, width, height))


def _cut_sides(corners: Array, border: tuple[bool, ...], width: int, height: int) -> tuple[str, ...]:
    """A side is cut that is the picture's border, or has a corner outside; one seen close to the border is whole."""
    rim = np.where(border, 0.006 * max(width, height), -1)
    over = np.stack([corners[:, 1], width - 1 - corners[:, 0], height - 1 - corners[:, 1], corners[:, 0]], 1) < rim
    return tuple(name for k, name in enumerate(SIDES) if over[:, k].any())


def _without_print(small: Pixels) -> tuple[Pixels, Array]:
    """(Lab picture with print closed away, share of print around each pixel 0..255). Chroma counts double, because paper
    and desk may be equally bright."""
    closed = np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.uint8)
    ink = cv2.absdiff(cv2.extractChannel(closed, 1), cv2.extractChannel(small, 1))
    # Print is darker than its paper by a share of the paper's own brightness; what falls below that is texture.
    ink = cv2.compare(ink, cv2.addWeighted(cv2.extractChannel(closed, 1), 0.18, ink, 0, 6), cv2.CMP_GT)
    return _lab(cv2.GaussianBlur(closed, (3, 3), 0)), np.asarray(cv2.blur(ink, (7, 7)))


def _lab(bgr: Any) -> Pixels:
    return np.asarray(cv2.LUT(cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB), _CHROMA_TWICE), np.uint8)


def _paper_to_the_border(bare: Array) -> bool:
    height, width = bare.shape[:2]
    rim = max(2, round(0.012 * max(height, width)))
    inner = bare[height // 8 : -height // 8 : 4, width // 8 : -width // 8 : 4].reshape(-1, 3).astype(np.float32)
    paper = np.median(inner[inner[:, 0] >= np.percentile(inner[:, 0], 50)], axis=0)
    if paper[0] < 0.88 * np.percentile(inner[:, 0], 98):
        return False
    strips = (bare[:rim], bare[-rim:], bare[:, :rim], bare[:, -rim:])
    likes = [float((np.abs(strip.reshape(-1, 3) - paper).max(1) < 13).mean()) for strip in strips]
    return min(likes) > 0.8 and sum(likes) > 3.5


# ------------------------------------------------------------------------------------------------- candidate quads


def _best_quad(bare: Pixels, ink: Array) -> tuple[Array, tuple[bool, ...]] | None:
    height, width = bare.shape[:2]
    lines, border, rough = _lines(bare)
    upright = [i for i, line in enumerate(lines) if abs(line[0]) >= abs(line[1])]
    level = [i for i, line in enumerate(lines) if abs(line[0]) < abs(line[1])]
    across, down = list(combinations(upright, 2)), list(combinations(level, 2))
    if not across or not down:
        return None
    v = np.array(across).repeat(len(down), 0)
    h = np.tile(np.array(down), (len(across), 1))
    # Order every pair by where it crosses the middle of the picture: left before right, top before bottom.
    x = -(lines[:, 1] * height / 2 + lines[:, 2]) / np.where(np.abs(lines[:, 0]) < 1e-6, 1e-6, lines[:, 0])
    y = -(lines[:, 0] * width / 2 + lines[:, 2]) / np.where(np.abs(lines[:, 1]) < 1e-6, 1e-6, lines[:, 1])
    v = np.where((x[v[:, 0]] > x[v[:, 1]])[:, None], v[:, ::-1], v)
    h = np.where((y[h[:, 0]] > y[h[:, 1]])[:, None], h[:, ::-1], h)
    left, right, top, bottom = v[:, 0], v[:, 1], h[:, 0], h[:, 1]
    turns = ((top, left), (top, right), (bottom, right), (bottom, left))
    corners = np.stack([_meet(lines[one], lines[two]) for one, two in turns], 1)
    sides = np.stack([top, right, bottom, left], 1)
    good = _plausible(corners, width, height) & ~border[sides].all(1)
    corners, sides = corners[good], sides[good]
    if not len(corners):
        return None
    support = _support(bare, ink, lines, border, corners, sides)
    area = _area(corners) / (width * height)
    score = (support.mean(1) + support.min(1)) * area**0.35
    order = np.argsort(-score)[:_CANDIDATES]
    total = score[order] * _one_paper(bare, rough, corners[order], border[sides[order]])
    pick = int(order[int(total.argmax())])
    real = ~border[sides[pick]]
    if real.sum() < 2 or support[pick][real].min() < 0.2 or total.max() < 0.28:
        return None
    return corners[pick], tuple(bool(b) for b in border[sides[pick]])


def _lines(bare: Array) -> tuple[Array, Array, Array]:
    """(lines as a·x + b·y + c = 0 with unit normals, which of them are the picture's borders, share of edges around each
    pixel 0..255)."""
    height, width = bare.shape[:2]
    strength = gx = gy = np.zeros((height, width), np.float32)
    for channel in cv2.split(bare):
        across, down = (np.asarray(cv2.Sobel(channel, cv2.CV_32F, *d, ksize=3, scale=1 / 4)) for d in ((1, 0), (0, 1)))
        size = np.asarray(cv2.magnitude(across, down))
        stronger = size > strength
        strength, gx, gy = np.where(stronger, size, strength), np.where(stronger, across, gx), np.where(stronger, down, gy)
    rough = np.asarray(cv2.blur(np.asarray(strength > _EVEN, np.uint8) * np.uint8(255), (13, 13)))
    strength[:3], strength[-3:], strength[:, :3], strength[:, -3:] = 0, 0, 0, 0
    ys, xs = np.nonzero(strength > max(3.0, float(np.percentile(strength[::3, ::3], 80))))
    dx, dy = gx[ys, xs], gy[ys, xs]
    weight = np.minimum(strength[ys, xs], 14.0)
    angle = np.degrees(np.arctan2(dy, dx)) % 180
    reach = int(np.hypot(height, width)) + 2
    bins = 2 * reach // 2 + 1
    votes = np.zeros(180 * bins)
    for spread in (-2, -1, 0, 1, 2):
        theta = (np.round(angle).astype(int) + spread) % 180
        rho = xs * _COS[theta] + ys * _SIN[theta]
        votes += np.bincount(theta * bins + ((rho + reach) / 2).astype(int), weight, 180 * bins)
    board = votes.reshape(180, bins).astype(np.float32)
    found = [*_peaks(board, range(46, 135), reach), *_peaks(board, [*range(135, 180), *range(46)], reach), *_outlines(bare, strength)]
    edges = [(1.0, 0.0, 0.0), (1.0, 0.0, -(width - 1.0)), (0.0, 1.0, 0.0), (0.0, 1.0, -(height - 1.0))]
    return np.array(found + edges), np.array([False] * len(found) + [True] * 4), rough


def _outlines(bare: Pixels, strength: Array) -> list[tuple[float, float, float]]:
    """The sides of the brightest thing and of the largest even areas: the sides of a small card, or of a sheet on a checkered
    cloth, get few votes among all the lines around them."""
    light = cv2.extractChannel(bare, 0)
    _, bright = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    even = np.asarray(strength < _EVEN, np.uint8)
    found: list[tuple[float, float, float]] = []
    for mask, grown, most in ((bright, 0.0, 4), (even, _EVEN_RIM, 8)):
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
        shapes, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        sides: list[tuple[float, float, float]] = []
        for shape in sorted(shapes, key=cv2.contourArea, reverse=True)[: 2 * most]:
            if len(sides) < most:
                sides += _four_sides(cv2.convexHull(shape), grown)
        found += sides
    return found


def _four_sides(hull: Any, grown: float) -> list[tuple[float, float, float]]:
    """Lines through the hull's four sides, `grown` pixels further out; none when it is no quad with right angles, almost."""
    for share in (0.02, 0.04, 0.06):
        quad = cv2.approxPolyDP(hull, share * cv2.arcLength(hull, True), True).reshape(-1, 2).astype(float)
        if len(quad) == 4:
            lines = [_line_through(a, b) for a, b in zip(quad, np.roll(quad, -1, 0), strict=True)]
            if max(abs(float(one[:2] @ two[:2])) for one, two in pairwise(lines)) > _ASLANT:
                return []
            return [(float(a), float(b), float(c + grown * np.sign((a * quad[:, 0] + b * quad[:, 1] + c).mean()))) for a, b, c in lines]
    return []


_COS, _SIN = np.cos(np.radians(np.arange(180))), np.sin(np.radians(np.arange(180)))


def _peaks(board: Array, angles: Any, reach: int) -> list[tuple[float, float, float]]:
    angles = np.array(list(angles))
    part = board[angles].copy()
    found = []
    for _ in range(_LINES):
        row, column = np.unravel_index(int(part.argmax()), part.shape)
        if part[row, column] <= 0:
            break
        theta = angles[row]
        found.append((float(_COS[theta]), float(_SIN[theta]), -float(column * 2 + 1 - reach)))
        part[max(0, row - 5) : row + 6, max(0, column - 4) : column + 5] = 0
    return found


def _meet(one: Array, two: Array) -> Array:
    cross = np.cross(one, two)
    return cross[:, :2] / np.where(np.abs(cross[:, 2:]) < 1e-9, 1e-9, cross[:, 2:])


def _area(corners: Array) -> Array:
    x, y = corners[:, :, 0], corners[:, :, 1]
    return np.asarray(0.5 * (x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1))


def _plausible(corners: Array, width: int, height: int) -> Array:
    slack = _OUTSIDE * max(width, height)
    inside = (corners > -slack).all((1, 2)) & (corners[:, :, 0] < width + slack).all(1) & (corners[:, :, 1] < height + slack).all(1)
    side = np.roll(corners, -1, 1) - corners
    length = np.maximum(np.linalg.norm(side, axis=2), 1e-6)
    turn = side[:, :, 0] * np.roll(side, -1, 1)[:, :, 1] - side[:, :, 1] * np.roll(side, -1, 1)[:, :, 0]
    sine = turn / (length * np.roll(length, -1, 1))
    even = np.maximum(length[:, 0], length[:, 2]) < 1.7 * np.minimum(length[:, 0], length[:, 2])
    even &= np.maximum(length[:, 1], length[:, 3]) < 1.7 * np.minimum(length[:, 1], length[:, 3])
    return np.asarray(inside & (sine > 0.88).all(1) & even & (_area(corners) > _SMALLEST * width * height))


def _support(bare: Pixels, ink: Array, lines: Array, border: Array, corners: Array, sides: Array) -> Array:
    """How much each side stands out along its whole length, 0..1, by running sums along every line."""
    height, width = bare.shape[:2]
    reach = np.hypot(height, width)
    steps = np.arange(-reach, reach, _STEP)
    centre = np.array([width / 2, height / 2])
    normal = lines[:, :2]
    along = np.stack([-normal[:, 1], normal[:, 0]], 1)
    foot = centre - (normal @ centre + lines[:, 2])[:, None] * normal
    points = foot[:, None] + steps[None, :, None] * along[:, None]
    one, two = points + _APART * normal[:, None], points - _APART * normal[:, None]
    difference = _at(bare, one).astype(np.float32) - _at(bare, two)
    seen = ((points > 0) & (points < (width - 1, height - 1))).all(2)
    difference *= seen[:, :, None]
    size = np.abs(difference).max(2)
    printed = [_at(ink, points + s * _MARGIN * normal[:, None])[:, :, None] / 255 for s in (1, -1)]
    sums = np.concatenate([np.clip(difference, -_CONTRAST, _CONTRAST) / _CONTRAST, (size > 5)[:, :, None], seen[:, :, None], *printed], 2)
    sums = np.concatenate([np.zeros_like(sums[:, :1]), np.cumsum(sums, 1)], 1)
    result = np.empty(sides.shape)
    for k in range(4):
        line = sides[:, k]
        ends = np.stack([((corners[:, j] - foot[line]) * along[line]).sum(1) for j in (k, (k + 1) % 4)], 1)
        first, last = np.sort(np.clip(((ends + reach) / _STEP), 0, len(steps) - 1).astype(int), 1).T
        total = sums[line, last] - sums[line, first]
        mean = total / np.maximum(total[:, 4:5], 1)
        # A line's normal points inwards where the quad's centre lies on its positive side.
        inward = (normal[line] * corners.mean(1)).sum(1) + lines[line, 2] > 0
        margin = np.clip(1 - 4 * np.where(inward, mean[:, 5], mean[:, 6]), 0.2, 1)
        # What lies outside the picture supports nothing.
        seen_share = np.minimum(1, 1.25 * total[:, 4] / np.maximum(last - first, 1))
        real = np.sqrt(np.abs(mean[:, :3]).max(1)) * mean[:, 3] * margin * seen_share
        result[:, k] = np.where(border[line], _BORDER_SUPPORT, real)
    return result


def _at(bare: Array, points: Array) -> Array:
    height, width = bare.shape[:2]
    x = np.clip(np.round(points[..., 0]).astype(int), 0, width - 1)
    y = np.clip(np.round(points[..., 1]).astype(int), 0, height - 1)
    return np.asarray(bare[y, x])


def _one_paper(bare: Pixels, rough: Array, corners: Array, border: Array) -> Array:
    """Share of each inside that is even and of one colour (not brightness: shadows fall on paper too). Paper is among the
    brightest things in a picture, and it reaches all sides; the picture's border is a side only where paper reaches it."""
    steps = np.linspace(0.04, 0.96, 10)
    u, v = (grid.ravel() for grid in np.meshgrid(steps, steps))
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], -1)
    points = weights @ corners
    inside = _at(bare, points).astype(np.float32)
    paper = np.median(inside, axis=1, keepdims=True)
    alike = (_alike(inside, paper, 22, 0.45) & (_at(rough, points) < _ROUGH)).mean(1)
    middle = corners.mean(1, keepdims=True)
    across = np.maximum(np.linalg.norm(corners - middle, axis=2, keepdims=True), 1)
    inner = corners + (middle - corners) * np.minimum(0.1, _RING * np.sqrt(2) / across)
    t = np.linspace(0.03, 0.97, 20)[:, None]
    ring = inner[:, :, None] * (1 - t) + np.roll(inner, -1, 1)[:, :, None] * t
    strip = _at(bare, ring.reshape(len(corners), -1, 2)).astype(np.float32)
    reached = _alike(strip, paper, 22, 0.45).reshape(len(corners), 4, -1).mean(2)
    strictly = _alike(strip, paper, 16, 0.6).reshape(len(corners), 4, -1).mean(2)
    reached = (0.4 + 0.6 * reached.min(1)) * np.where(border, np.clip((strictly - 0.5) * 2.5, 0.05, 1), 1).min(1)
    brightest = max(1.0, float(np.percentile(bare[::4, ::4, 0], 97)))
    lit = np.percentile(inside[:, :, 0], 75, axis=1)
    return np.asarray(alike * reached * np.clip(lit / brightest, 0.1, 1))


def _alike(colours: Array, paper: Array, chroma: float, light: float) -> Array:
    return np.asarray((np.abs(colours[:, :, 1:] - paper[:, :, 1:]).max(2) < chroma) & (colours[:, :, 0] > light * paper[:, :, 0]))


# --------------------------------------------------------------------------------------------------- exact sides


def _sharpened(picture: Pixels, corners: Array, border: tuple[bool, ...]) -> Array:
    """The quad moved onto the strongest step across each side; curled sides are enclosed rather than cut."""
    picture = np.asarray(cv2.GaussianBlur(picture, (3, 3), 0), np.uint8)
    reach = max(6, round(0.012 * max(picture.shape[:2])))
    lines = []
    for k in range(4):
        start, end = corners[k], corners[(k + 1) % 4]
        lines.append(_line_through(start, end) if border[k] else _fitted(picture, start, end, reach))
    order = [(3, 0), (0, 1), (1, 2), (2, 3)]
    met = np.concatenate([_meet(lines[a][None], lines[b][None]) for a, b in order])
    return met if np.abs(met - corners).max() < 4 * reach else corners


def _fitted(picture: Pixels, start: Array, end: Array, reach: int) -> Array:
    direction = (end - start) / max(1e-6, float(np.linalg.norm(end - start)))
    outward = np.array([direction[1], -direction[0]])
    along = np.linspace(0.03, 0.97, 80)
    offsets = np.arange(-reach, reach + 1)
    base = start + along[:, None] * (end - start)
    profile = _lab(_at(picture, base[:, None] + offsets[None, :, None] * outward)).astype(np.float32)
    step = profile[:, 2:] - profile[:, :-2]
    # The side may still lie aslant within reach: the channel and the direction of its step are those of most rows.
    rise, fall = np.median(step.max(1), axis=0), np.median(-step.min(1), axis=0)
    channel = int(np.maximum(rise, fall).argmax())
    signed = step[:, :, channel] * (1 if rise[channel] > fall[channel] else -1)
    at = offsets[1:-1][signed.argmax(1)].astype(float)
    sure = signed.max(1) > 4
    if sure.sum() < 20:
        return _line_through(start, end)
    t, d = along[sure], at[sure]
    slope, level = 0.0, float(np.median(d))
    for width in (reach, 4.0, 2.5):
        near = np.abs(d - slope * t - level) <= width
        if near.sum() < 15:
            break
        slope, level = (float(v) for v in np.polyfit(t[near], d[near], 1))
    bulge = max(0.0, float(np.percentile((d - slope * t - level)[np.abs(d - slope * t - level) < 6], 90)))
    return _line_through(start + (level + bulge) * outward, end + (level + slope + bulge) * outward)


def _line_through(start: Array, end: Array) -> Array:
    direction = (end - start) / max(1e-6, float(np.linalg.norm(end - start)))
    return np.array([direction[1], -direction[0], -(direction[1] * start[0] - direction[0] * start[1])])
