"""Where is the sheet or card in this photo? Four straight sides against whatever it lies on.

Text is closed away first, then every straight edge votes for its line (Hough 1962, with the gradient's direction as in
O'Gorman & Clowes 1976), and every pair of upright with every pair of level lines is a candidate. A candidate is good
when its sides stand out along their whole length, its inside is one kind of paper, and it is large: a printed frame loses
against the sheet around it. The picture's own borders are candidate sides too, for a sheet that is partly out of the frame.
"""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pages import quads
from ocr.pages.model import Pixels
from ocr.pixels import shrunk

Array = NDArray[Any]
SIDES = ("top", "right", "bottom", "left")

_WORK = 560
_LINES = 10
_FAINTEST_SIDE = 0.2
_WEAKEST = 0.42
_EVEN = 5.0
_EVEN_RIM = 2.0
_CALM = 90
_CALM_RIM = 3.0
_ASLANT = 0.45
# sRGB to CIE L*a*b* (IEC 61966-2-1; ISO/CIE 11664-4), L* over 255 and chroma counted double. OpenCV's own conversion spends 0.16 s
# on its tables in every process, longer than it takes here for forty pictures.
_GREY = np.arange(256) / 255
_LINEAR = np.where(_GREY <= 0.04045, _GREY / 12.92, ((_GREY + 0.055) / 1.055) ** 2.4).astype(np.float32)
_WHITE = np.array([[0.1805, 0.3576, 0.4124], [0.0722, 0.7152, 0.2126], [0.9505, 0.1192, 0.0193]]) / [[0.9505], [1.0], [1.089]]
_XYZ = np.hstack([4096 * _WHITE, [[0.5], [0.5], [0.5]]])
_SHARES = np.arange(4100) / 4096
_ROOT = np.where(_SHARES > 216 / 24389, np.cbrt(_SHARES), (24389 / 27 * _SHARES + 16) / 116).astype(np.float32)
_LAB = np.array([[0, 116 * 2.55, 0, -16 * 2.55], [1000, -1000, 0, 128], [0, 400, -400, 128]], np.float32)


class Sheet(Struct, frozen=True, eq=False):
    """`corners` (4×2 float64: top left, top right, bottom right, bottom left, as they lie in the picture) in the picture's
    pixels; `cut` names the sides where the picture ends before the paper does."""

    corners: Array
    cut: tuple[str, ...]


def find(picture: Pixels) -> Sheet | None:
    """The sheet in a small BGR picture (some 1000 pixels long); None when paper fills the picture or nothing stands out."""
    height, width = picture.shape[:2]
    scale = _WORK / max(height, width)
    small = shrunk(picture, max(8, round(width * scale)), max(8, round(height * scale)))
    bare, print_ = _without_print(small)
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
    rim = np.where(border, 0.006 * max(width, height), -0.008 * max(width, height))
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
    roots = _ROOT.take(cv2.transform(cv2.LUT(bgr, _LINEAR), _XYZ).astype(np.uint16))
    return np.asarray(cv2.convertScaleAbs(cv2.max(cv2.transform(roots, _LAB), np.zeros(1, np.float32))), np.uint8)


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
    lines, rough = _lines(bare)
    best = quads.best(bare, ink, rough, lines)
    if best is None:
        return None
    real = ~np.array(best.border)
    if real.sum() < 2 or best.support[real].min() < _FAINTEST_SIDE or best.score < _WEAKEST:
        return None
    return best.corners, best.border


def _lines(bare: Array) -> tuple[quads.Lines, Array]:
    """(lines that may be sides, share of edges around each pixel 0..255)."""
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
    found = [
        *_peaks(board, range(46, 135), reach),
        *_peaks(board, [*range(135, 180), *range(46)], reach),
        *_outlines(bare, strength, rough),
    ]
    edges = [(1.0, 0.0, 0.0), (1.0, 0.0, -(width - 1.0)), (0.0, 1.0, 0.0), (0.0, 1.0, -(height - 1.0))]
    return quads.Lines(np.array(found + edges), np.array([False] * len(found) + [True] * 4)), rough


def _outlines(bare: Pixels, strength: Array, rough: Array) -> list[tuple[float, float, float]]:
    """The sides of the brightest thing and of the largest even areas: the sides of a small card, or of a sheet on a checkered
    cloth, get few votes among all the lines around them."""
    light = cv2.extractChannel(bare, 0)
    _, bright = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    even = np.asarray(strength < _EVEN, np.uint8)
    found: list[tuple[float, float, float]] = []
    calm = cv2.morphologyEx(np.asarray(rough < _CALM, np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    for mask, grown, most in ((bright, 0.0, 4), (even, _EVEN_RIM, 8), (calm, _CALM_RIM, 4)):
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
    place = base[:, None] + offsets[None, :, None] * outward
    profile = _lab(quads.at(picture, place[..., 0], place[..., 1])).astype(np.float32)
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
