"""The shapes of one row of writing in numbers, by which print and handwriting differ.

All are measured on ink alone and in parts of the letters' height, so that size, colour and lamp do not count: which way the edges run
(upright and level in print, every way in a hand), how thick strokes are and whether all are alike, how far letters' feet and heads
stand from one line, how many letters hang together; and how often each of a few pieces of strokes occurs (ends, bends, joints), as
they were found in writing of both kinds.
"""

import math

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pixels import connected

Gray = NDArray[np.uint8]
Measures = NDArray[np.float32]

WAYS = 30  # directions of edges told apart, half a turn together
PIECES = 64
SIDE = 11  # pixels of a piece
COUNT = WAYS + PIECES + 12
LIKENESS = 3  # measures of how a row's letters are like others
FORM = 12  # pixels of a letter's form
_FEWEST = 2  # letters
_FEWEST_PIXELS = 60
_WEAK = 160.0  # an edge's strength, of 1020, below which its direction is chance
_EDGE = 110  # steps of brightness at which a piece may stand
_LONGEST = 600  # pixels of a row that are looked at: more says nothing new
_CORE = 12  # pixels of a small letter's height when pieces are cut
_CUT = 192  # pieces cut out of a row
_DOT = 0.14  # of a row's height, at most
_FEWEST_DOTS = 4
_MOST_LETTERS = 40  # whose forms are kept of a row
_NARROW = 0.35  # of its height: strokes are alike in all faces
_AS_LARGE = 0.16  # letters of one face differ by no more in width and height, as a logarithm
_SQUARE = np.ones((3, 3), np.uint8)


class Shapes(Struct, frozen=True):
    """`measures` of a row (`COUNT`) and the `forms` of its letters, N × FORM², each of length 1 around 0, with their `sizes` (logarithm
    of width and height, N × 2)."""

    measures: Measures
    forms: Measures
    sizes: Measures


def shapes(ink: Gray, known: Measures) -> Shapes | None:
    """The shapes of the ink of one row (height × width, 1 where dark, about 200 dpi); None for too little to tell.

    `known` are the pieces of strokes to count, `PIECES` × SIDE², each of length 1 around 0.
    """
    ink = np.ascontiguousarray(ink[:, :_LONGEST])
    height, width = ink.shape
    if height < 8 or width < 8:
        return None
    labels, stats = connected(ink)
    dots = _leader(stats, width, height)
    if dots is not None:
        ink = np.where(dots, 0, ink).astype(np.uint8)
        labels, stats = connected(ink)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    letters = (high >= 0.28 * height) & (wide < 0.8 * width + 8) & (wide <= 6 * high)  # no dots and marks, no rules
    letters[0] = False
    own = stats[letters].astype(np.float32)
    if np.maximum(1, wide[letters] // np.maximum(1, high[letters])).sum() < _FEWEST:  # joined letters are several
        return None
    kept = np.ascontiguousarray(letters[labels], np.uint8)
    total = float(cv2.countNonZero(kept))
    rows = cv2.reduce(kept, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F)
    core = float((rows > 0.45 * rows.max()).sum())  # of small letters without what rises and hangs
    if total < _FEWEST_PIXELS or core < 4:
        return None
    tall = own[:, cv2.CC_STAT_HEIGHT]
    usual = _middle(tall)
    depth = cv2.distanceTransform(kept, cv2.DIST_L2, 3)
    ridge = depth[(depth >= cv2.dilate(depth, _SQUARE) - 1e-6) & (kept > 0)]
    thick = float(ridge.sum()) / len(ridge)
    stems = cv2.morphologyEx(kept, cv2.MORPH_OPEN, np.ones((max(3, int(0.42 * usual)), 1), np.uint8))
    level = cv2.morphologyEx(kept, cv2.MORPH_OPEN, np.ones((1, max(3, int(0.22 * usual))), np.uint8))
    aspect = own[:, cv2.CC_STAT_WIDTH] / tall
    left = own[:, cv2.CC_STAT_LEFT]
    across = float((left + own[:, cv2.CC_STAT_WIDTH]).max() - left.min())
    feet = own[:, cv2.CC_STAT_TOP] + tall
    small = tall < 1.25 * _middle(tall, 0.3)
    middle = left + own[:, cv2.CC_STAT_WIDTH] / 2
    other = (
        10 * thick / core,
        math.sqrt(max(0.0, float(ridge @ ridge) / len(ridge) - thick * thick)) / thick,
        10 * _wander(middle, feet) / core,
        10 * _wander(middle[small], own[small, cv2.CC_STAT_TOP]) / core,
        cv2.countNonZero(stems) / total,
        cv2.countNonZero(level) / total,
        total / float((tall * own[:, cv2.CC_STAT_WIDTH]).sum()),
        float(np.std(tall)) / core,
        usual / core,
        _middle(aspect),
        float(aspect.max()),
        len(own) * core / across,
    )
    measures = np.concatenate([_ways(kept), _pieces(kept, core, known), np.array(other, np.float32)], dtype=np.float32)
    return Shapes(measures, *_forms(kept, own.astype(np.int32)))


def likeness(row: Shapes, others: Shapes) -> Measures:
    """`LIKENESS` measures of how well letters of `row` are found among `others`: a typeface repeats its letters, a hand does not."""
    best = _nearest(row, others)
    return np.array([_middle(best), (best > 0.8).mean(), (best > 0.9).mean()], np.float32) if len(best) else np.zeros(LIKENESS, np.float32)


def nearness(row: Shapes, others: Shapes) -> float:
    """How well letters of `row` are found among `others`, 0..1."""
    best = _nearest(row, others)
    return float(best.mean()) if len(best) else 0.0


def _nearest(row: Shapes, others: Shapes) -> Measures:
    """For each letter of `row` its likeness to the most like one of its size among `others`; none where one of them has no letters."""
    if not len(row.forms) or not len(others.forms):
        return np.zeros(0, np.float32)
    apart = np.abs(row.sizes[:, None] - others.sizes[None]).max(axis=2)
    return np.asarray(np.where(apart < _AS_LARGE, row.forms @ others.forms.T, 0.0).max(axis=1), np.float32)


def _forms(kept: Gray, own: NDArray[np.int32]) -> tuple[Measures, Measures]:
    wide, high = own[:, cv2.CC_STAT_WIDTH], own[:, cv2.CC_STAT_HEIGHT]
    single = own[(wide > _NARROW * high) & (wide < 1.5 * high)][:_MOST_LETTERS]
    forms = np.empty((len(single), FORM * FORM), np.float32)
    for number, (left, top, across, down) in enumerate(single[:, :4].tolist()):
        letter = cv2.resize(kept[top : top + down, left : left + across] * 255, (FORM, FORM), interpolation=cv2.INTER_AREA)
        forms[number] = cv2.GaussianBlur(letter, (3, 3), 0).ravel()
    forms -= forms.mean(axis=1, keepdims=True)
    forms /= np.linalg.norm(forms, axis=1, keepdims=True) + 1e-3
    return forms, np.log(single[:, 2:4].astype(np.float32))


def _leader(stats: NDArray[np.int32], width: int, height: int) -> NDArray[np.bool_] | None:
    """Where the dots run that a form prints for an answer to stand on, from edge to edge; None for a row without. They cut off the
    feet of its letters, which they would join otherwise."""
    left, top, wide, high = (
        stats[1:, column].astype(np.float32) for column in (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)
    )
    small = (high <= _DOT * height) & (wide <= 1.3 * _DOT * height) & (top > 0.4 * height)
    if small.sum() < _FEWEST_DOTS:
        return None
    left, top, wide, high = left[small], top[small], wide[small], high[small]
    x, y = left + wide / 2, top + high / 2
    near = np.abs(y - np.sort(y)[len(y) // 2]) < 3
    slope = _slope(x[near], y[near])
    off = y - slope * x
    near &= np.abs(off - _middle(off[near])) < 1.5
    if near.sum() < _FEWEST_DOTS or np.ptp(x[near]) < 0.25 * width:
        return None
    line = slope * np.arange(width) + float(off[near].mean())
    above = line - float(high[near].max()) / 2 - 0.5
    rows = np.arange(height)[:, None]
    return (rows >= above) & (rows <= line + float(high[near].max()) / 2)


def _slope(x: Measures, y: Measures) -> float:
    x = x - x.mean()
    return float((x @ (y - y.mean())) / max(1.0, float(x @ x)))


def _ways(kept: Gray) -> Measures:
    """The share of edges in each direction."""
    soft = cv2.GaussianBlur(kept * 255, (5, 5), 0)
    strength, way = cv2.cartToPolar(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1), angleInDegrees=True)
    edge = strength > _WEAK
    # Half a bin on, so that upright and level stand in the middle of theirs.
    bins = ((way[edge] * (WAYS / 180) + 0.5).astype(np.int32)) % WAYS
    share = np.bincount(bins, weights=strength[edge], minlength=WAYS)
    return np.asarray(share / max(1.0, share.sum()), np.float32)


def _pieces(kept: Gray, core: float, known: Measures) -> Measures:
    """The share of each known piece among those along the edges."""
    found = _cut_out(kept, core)
    if not len(found):
        return np.zeros(PIECES, np.float32)
    # Neither a piece's mean nor its length changes which of the known ones, all around 0, is most like it.
    return np.asarray(np.bincount((found @ known.T).argmax(axis=1), minlength=PIECES) / len(found), np.float32)


def pieces(kept: Gray, core: float) -> Measures:
    """Pieces of strokes from all along the edges, N × SIDE², each of length 1 around 0; `core` is a small letter's height in pixels."""
    found = _cut_out(kept, core)
    found = found - found.mean(axis=1, keepdims=True)
    return np.asarray(found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-3), np.float32)


def _cut_out(kept: Gray, core: float) -> Measures:
    scale = _CORE / core
    size = (max(SIDE + 1, round(kept.shape[1] * scale)), max(SIDE + 1, round(kept.shape[0] * scale)))
    soft = cv2.GaussianBlur(cv2.resize(kept * 255, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), (3, 3), 0)
    edge = cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, _SQUARE) > _EDGE
    reach = SIDE // 2
    around = cv2.copyMakeBorder(soft, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=(0,))
    corner = np.flatnonzero(edge)
    chosen = corner[np.arange(0, len(corner), max(1.0, len(corner) / _CUT)).astype(np.int64)]
    first = chosen + chosen // size[0] * (2 * reach)  # in the wider picture
    inside = (np.arange(SIDE)[:, None] * around.shape[1] + np.arange(SIDE)).ravel()
    return np.asarray(around.ravel()[first[:, None] + inside], np.float32)


def _wander(x: Measures, y: Measures) -> float:
    """How far points stand from one line, in pixels; a few may hang below it."""
    if len(x) < 3:
        return 0.0
    off = y - x * _slope(x, y)
    return _middle(np.abs(off - _middle(off)))


def _middle(values: Measures, share: float = 0.5) -> float:
    """The value below which a share of `values` lies, linear between neighbours; NumPy's own costs more than all else here."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))
