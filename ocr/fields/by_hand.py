"""Was a value written by hand? Told from shapes alone, for grey scans and black pens, where colour says nothing.

Print has stems that stand straight, strokes that lie level, letters of few heights on one line; a hand has none of these. Each is
measured on the ink of a value, and what they say together was fitted (logistic regression) on 2500 drawn samples: 26 families of type,
upright and oblique, against four scripts with jitter, blurred and compressed like scans. One value is too little to go by, so the
values of its page count as much as itself, and only what a reader of print was unsure of is judged at all: a hand that was read well
needs no name.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.draft import Draft
from ocr.fields.page_ink import Gray
from ocr.fields.pictures import Pictures
from ocr.model import Source
from ocr.pixels import connected

LEGIBLE = 0.25  # below this, what a reader of print makes of handwriting is a guess
_UNSURE = 0.86
_BY_HAND = 2.2
_MOST = 8  # values looked at on a page
_ONE_ROW = 26.0  # points: higher boxes hold several rows
_FEWEST = 4  # letters
_CLEAR = 4.0
# thickness of strokes, wander of the base line, upright stems, ink in a letter's box, level strokes, unlike heights
_MEAN = np.array([0.93, 0.34, 0.57, 0.47, 0.72, 0.17])
_SPREAD = np.array([0.25, 0.36, 0.18, 0.11, 0.27, 0.12])
# one, each of the six, each squared
_WEIGHTS = np.array([-0.83, -0.76, 1.83, 0.1, 1.36, -2.58, 1.75, -0.54, -0.74, 0.85, -0.39, 0.12, 1.59])


def mark_handwriting(drafts: Sequence[Draft], pictures: Pictures, source: Mapping[int, Source]) -> None:
    """Drafts that a hand wrote get the source "handwriting"; what could not be read among them is no value but a picture for a person."""
    for page in {draft.page for draft in drafts if draft.page is not None and source[draft.page] == "print"}:
        written = [draft for draft in drafts if draft.page == page and draft.source == "print" and draft.tokens and draft.box is not None]
        unsure = [draft for draft in written if draft.confidence < _UNSURE]
        if not unsure:
            continue
        looked_at = (unsure + [draft for draft in written if draft.confidence >= _UNSURE])[:_MOST]
        scores = {id(draft): score for draft in looked_at if (score := _of(draft, pictures)) is not None}
        usual = float(np.mean([min(max(score, -_CLEAR), _CLEAR) for score in scores.values()])) if scores else 0.0
        for draft in unsure:
            if id(draft) in scores and scores[id(draft)] + usual > _BY_HAND:
                draft.source = "handwriting"
                if draft.confidence < LEGIBLE and draft.value is not None:
                    draft.value, draft.reason = None, "handwriting_unread"


def _of(draft: Draft, pictures: Pictures) -> float | None:
    ink = pictures.of(draft.page) if draft.page is not None else None
    if ink is None or draft.box is None or draft.box[3] - draft.box[1] > _ONE_ROW:
        return None
    x0, y0, x1, y1 = draft.box
    return by_hand(np.ascontiguousarray(ink.part((x0 - 1, y0 - 2, x1 + 1, y1 + 2))))


def by_hand(ink: Gray) -> float | None:
    """How much the ink of one row (1 where dark, about 200 dpi) looks written by hand: above 0 more than printed. None for too little."""
    shapes = _shapes(ink)
    if shapes is None:
        return None
    apart = np.clip((shapes - _MEAN) / _SPREAD, -_CLEAR, _CLEAR)
    return float(_WEIGHTS @ np.concatenate([[1.0], apart, apart**2]))


def _shapes(ink: Gray) -> NDArray[np.float64] | None:
    """The six measures, in the order of `_MEAN`."""
    height, width = ink.shape
    labels, stats = connected(ink)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    letters = (high >= 0.28 * height) & (wide < 0.8 * width + 8)  # no dots and marks, no rules
    letters[0] = False
    if np.maximum(1, wide[letters] // np.maximum(1, high[letters])).sum() < _FEWEST:  # joined letters are several
        return None
    kept = np.ascontiguousarray((letters & (wide <= 6 * high))[labels], np.uint8)
    own = stats[letters].astype(float)
    total = max(1.0, float(kept.sum()))
    usual = float(np.median(own[:, cv2.CC_STAT_HEIGHT]))
    depth = cv2.distanceTransform(kept, cv2.DIST_L2, 3)
    middle = (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 1e-6) & (kept > 0)
    stems = cv2.morphologyEx(kept, cv2.MORPH_OPEN, np.ones((max(3, int(0.42 * usual)), 1), np.uint8))
    level = cv2.morphologyEx(kept, cv2.MORPH_OPEN, np.ones((1, max(3, int(0.22 * usual))), np.uint8))
    return np.array(
        [
            10 * float(depth[middle].mean()) / usual if middle.any() else 0.0,
            10 * _wander(own) / usual,
            float(stems.sum()) / total,
            total / max(1.0, float((own[:, cv2.CC_STAT_HEIGHT] * own[:, cv2.CC_STAT_WIDTH]).sum())),
            float(level.sum()) / total,
            float(np.std(own[:, cv2.CC_STAT_HEIGHT])) / usual,
        ]
    )


def _wander(stats: NDArray[np.float64]) -> float:
    """How far the feet of letters stand from one line, in pixels; few hang below it."""
    if len(stats) < 3:
        return 0.0
    x = stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] / 2
    feet = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    off = feet - np.polyval(np.polyfit(x, feet, 1), x)
    return float(np.median(np.abs(off - np.median(off))))
