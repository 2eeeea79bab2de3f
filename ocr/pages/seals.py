"""The ink of seals and stamps taken off the words under it, whatever its colour.

Two inks that lie over each other multiply what each lets through, so their optical densities add (Lambert and Beer; as colour
deconvolution separates stains, Ruifrok & Johnston 2001). A stamp's ink shows its density in each channel where it lies alone; black
has the same in all three. Each pixel of the stamp's place is then so much of one and so much of the other, and only the black
is for reading.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pages import light, red, ring_lines, rings
from ocr.pages.model import MM_PER_INCH, Pixels
from ocr.pixels import percentiles, straight

Box = tuple[int, int, int, int]

_COLOURED = 0.22  # how far apart an ink's densities lie at least, of the largest: below, it is grey
_STRONG = 0.25  # densities from here on tell the ink's colour
_BLACK = 1.3  # densities in all channels from where on print has no colour but noise
_FEWEST = 200  # pixels
_AROUND = 0.6  # of a stamp's sides
_STEPS = 255
_BRIGHTNESS = np.array([0.114, 0.587, 0.299])  # of blue, green and red
_TINTED = 0.05  # how far a channel of the paper lies from its brightness, from where on black strokes take its tint
_COARSE = (5, 5)
_LIKE_PEN = 0.86  # of the largest density

# Of a grey page, where a seal is told by its brightness: between print and paper.
_BAND = (46, 190)
_EDGE_MM = 0.38  # of a stroke of print, which is blurred there
_NEAR = 2.0  # pixels
_UNKNOWN = 0.02  # of what lies near is no print: a stroke's inside
_DENSEST = 0.85  # of a seal's usual brightness is its ink at the darkest
_STRAIGHT_MM = 10.0
_APART = 22  # of 255, by which a seal's grey is lighter than print
_PRINT = 25.0  # percent of what is darker than the seal
_CARD_MM = 140.0  # the long side of a card with what it lies on: its fine print and portrait are as grey and as large as a seal
_PALE = 60  # of 255 under paper: the circles printed under a card
_PICTURES = 2  # each costs a reading of the lines under the seal
_FULL = 0.04  # of a seal's box is its ink, at least


class _Ink(Struct, frozen=True, eq=False):
    """`colour` is the density in blue, green and red, the largest being 1, `most` how dense the largest gets."""

    colour: NDArray[np.float32]
    most: float

    @property
    def like_pen(self) -> bool:
        """Densest in red, as blue and green pens are."""
        return bool(self.colour[2] > _LIKE_PEN)


def taken_off(reading: Pixels, colour: Pixels, places: Sequence[Box], rings: Sequence[Box] = ()) -> Pixels:
    """`reading` (H×W, dark on light) without the ink of the stamps in `places` (left, top, right, bottom) of `colour` (H×W×3 BGR).

    `rings` are round seals seen by their rings, which may be as blue as a pen: what no ring encloses of that colour is handwriting.
    """
    places = [place for place in places if not any(middle_in(place, ring) for ring in rings)]
    if not places and not rings:
        return reading
    cleared = reading.copy()
    bare = light.background(reading)
    papers = [light.background(np.asarray(cv2.extractChannel(colour, k), np.uint8)) for k in range(3)]
    for left, top, right, bottom in (*places, *rings):
        ring = (left, top, right, bottom) in rings
        place = (slice(top, bottom), slice(left, right))
        passed = _passed(colour, papers, *place)
        ink = _ink(_density(passed))
        if ink is None or (ink.like_pen and not ring):
            continue
        # Words break a ring to arcs: of a seal that is found in part, the rest lies around.
        aside, above = (0, 0) if ink.like_pen else (round(_AROUND * (right - left)), round(_AROUND * (bottom - top)))
        rows = slice(max(0, top - above), min(len(colour), bottom + above))
        columns = slice(max(0, left - aside), min(colour.shape[1], right + aside))
        if (rows, columns) != place:
            passed = _passed(colour, papers, rows, columns)
        black = np.asarray(_black(passed, ink) * _local(bare, rows, columns), np.uint8)
        cleared[rows, columns] = cv2.max(cleared[rows, columns], black)
    return cleared


def grey_taken_off(even: Pixels, dpi: float) -> tuple[Pixels, ...]:
    """`even` (H×W under even light, paper 255) of a page without colours, without the seals that lie over its words: the picture to read,
    and where there is a seal another one to read its words in as well.

    Black under a seal is as dark as elsewhere and darker than the seal, by which a person tells them apart as well, and rings are told
    by their shape. Taking off all of a seal costs marks as light as it is; taking off its rings alone leaves its letters. Of a card only
    what has rings is taken off.
    """
    millimetre = dpi / MM_PER_INCH
    grey = np.asarray(cv2.inRange(even, *_BAND), np.uint8)
    if cv2.countNonZero(grey) < _FEWEST:
        return (even,)
    for upright in (False, True):  # the rules of a table are no seal
        grey = np.asarray(cv2.subtract(grey, straight(grey, round(_STRAIGHT_MM * millimetre), upright)), np.uint8)
    card = max(even.shape) <= _CARD_MM * millimetre
    bold = np.asarray(255 - cv2.threshold(255 - even, _PALE, 0, cv2.THRESH_TOZERO)[1], np.uint8) if card else even
    round_seals = rings.find_grey(bold, dpi)
    ringless = even.copy() if round_seals else even
    for ring in round_seals:
        ring_lines.taken_off(ringless, ring, millimetre)
    bare = _without(ringless, even, grey, round_seals, millimetre, disc=True)
    if not card:
        step = max(1, round(dpi / red.DPI))
        large = red.large(np.ascontiguousarray(grey[::step, ::step]), millimetre / step)[1]
        places = [(left * step, top * step, right * step, bottom * step) for left, top, right, bottom in large]
        bare = _without(
            bare, even, grey, [place for place in places if not any(middle_in(place, ring) for ring in round_seals)], millimetre
        )
    pictures = [bare, *(one for one in (ringless, even) if one is not bare)]
    return tuple(pictures[:_PICTURES]) if bare is not even else (even,)


def _without(reading: Pixels, even: Pixels, grey: Pixels, places: Sequence[Box], millimetre: float, disc: bool = False) -> Pixels:
    """`reading` without what is lighter than print in `places` (of a `disc` in each), as dark as `even` is where `grey` (H×W, 255) may be
    a seal's; `reading` itself where that is nothing."""
    edge = 2 * max(1, round(_EDGE_MM * millimetre)) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    cleared = reading
    for left, top, right, bottom in places:
        place = (slice(top, bottom), slice(left, right))
        values, seen = even[place], reading[place]
        ink = values[grey[place] > 0]
        if ink.size < _FULL * values.size:
            continue
        level = float(np.median(ink))
        below = values[values < level - _APART]  # print, in the seal's place: elsewhere may be portraits, boxes, another black
        if below.size < _FEWEST:
            continue
        dark = float(percentiles(below, (_PRINT,))[0])
        # The edge of a stroke of print is as light as a seal: what the seal lets through there is what it does beside the stroke.
        beside = np.asarray(cv2.dilate(np.asarray(seen < (level + dark) / 2, np.uint8), around) == 0, np.float32)
        known = cv2.GaussianBlur(beside, (0, 0), _NEAR)
        near = cv2.GaussianBlur(seen * beside, (0, 0), _NEAR) / np.maximum(known, _UNKNOWN)
        through = np.maximum(np.where(beside > 0, seen, np.where(known > _UNKNOWN, near, 255)), _DENSEST * level)
        if disc:
            half = ((right - left) // 2, (bottom - top) // 2)
            through[cv2.ellipse(np.zeros(through.shape, np.uint8), half, half, 0, 0, 360, 1, cv2.FILLED) == 0] = 255
        cleared = cleared.copy() if cleared is reading else cleared
        cleared[place] = np.minimum(seen * (255 / through), 255).astype(np.uint8)
    return cleared


def middle_in(place: Box, ring: Box) -> bool:
    across, down = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    return ring[0] < across < ring[2] and ring[1] < down < ring[3]


def _local(paper: Pixels, rows: slice, columns: slice) -> NDArray[np.float32]:
    """The paper's brightness in a part of the page, of its picture at 1/8 scale."""
    first, left = rows.start // light.SHRINK, columns.start // light.SHRINK
    part = paper[first : -(-rows.stop // light.SHRINK), left : -(-columns.stop // light.SHRINK)]
    if not part.size:
        return np.full((rows.stop - rows.start, columns.stop - columns.start), 255, np.float32)
    grown = cv2.resize(part, (part.shape[1] * light.SHRINK, part.shape[0] * light.SHRINK), interpolation=cv2.INTER_LINEAR)
    top, aside = rows.start - first * light.SHRINK, columns.start - left * light.SHRINK
    grown = cv2.copyMakeBorder(grown, 0, light.SHRINK, 0, light.SHRINK, cv2.BORDER_REPLICATE)
    return grown[top : top + rows.stop - rows.start, aside : aside + columns.stop - columns.start].astype(np.float32)


def _passed(colour: Pixels, papers: Sequence[Pixels], rows: slice, columns: slice) -> NDArray[np.float32]:
    """How much of the light that falls on a part of the page each channel gives back (H×W×3, 1 where paper is bare)."""
    lit = np.stack([_local(paper, rows, columns) for paper in papers], 2)
    passed = np.asarray(colour[rows, columns] / lit, np.float32)
    brightness = lit @ _BRIGHTNESS.astype(np.float32)
    tint = 1 - brightness[..., None] / lit
    if np.abs(tint).max() < _TINTED:
        return passed
    # JPEG keeps the paper's tint half as fine as its brightness, which gives black strokes on yellow paper the colour of red ink.
    seen = np.asarray(colour[rows, columns] @ _BRIGHTNESS.astype(np.float32) / brightness, np.float32)
    return np.asarray(passed + tint * (seen - cv2.blur(seen, _COARSE))[..., None], np.float32)


def _density(passed: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(-np.log(np.clip(passed, 1 / 255, 1)), np.float32)


def _black(passed: NDArray[np.float32], ink: _Ink) -> NDArray[np.float32]:
    """How much light passes the black ink alone, 0..1, where `passed` (H×W×3, of the paper's) passes black and stamp."""
    # Least squares for density = stamp·ink + black·(1, 1, 1): the first row of the pseudo-inverse.
    weights = np.linalg.pinv(np.stack([ink.colour, np.ones(3, np.float32)], 1))[0]
    # JPEG keeps colour coarsely: a black stroke in a stamp has its neighbours' red, so no pixel has more ink than the stamp has, and
    # what is black is told by brightness, which is kept as fine as the picture.
    steps = np.asarray(np.clip(_density(passed) @ weights.astype(np.float32) * (_STEPS / ink.most), 0, _STEPS), np.uint8)
    through = np.exp(-np.arange(_STEPS + 1)[:, None] * (ink.most / _STEPS) * ink.colour) @ _BRIGHTNESS
    return np.asarray(np.minimum(passed @ _BRIGHTNESS.astype(np.float32) / through.astype(np.float32)[steps], 1), np.float32)


def _ink(density: NDArray[np.float32]) -> _Ink | None:
    """The stamp's ink where it lies alone."""
    most, least = density.max(2), density.min(2)
    alone = density[(most > _STRONG) & (least < (1 - _COLOURED) * most) & (least < _BLACK)]
    if len(alone) < _FEWEST:
        return None
    strength = alone.max(1)
    colour: NDArray[Any] = np.median(alone / strength[:, None], axis=0)
    colour = (colour / colour.max()).astype(np.float32)
    return None if colour.min() > 1 - _COLOURED else _Ink(colour, float(np.percentile(strength, 90)))
