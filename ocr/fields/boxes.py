"""Check boxes: ticked, not ticked, or not clear enough to say.

A box printed as a letter (☐ ☒) says so itself. A drawn box is looked for in the page image beside its label, and the ink
inside it decides; a stroke that only crosses its edge leaves it open.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from msgspec import Struct

from ocr.fields.box_signs import BRACKETS, EMPTY_GLYPHS, TICKED_GLYPHS
from ocr.fields.layout import Token
from ocr.fields.page_ink import Gray, Ink
from ocr.model import Box
from ocr.pixels import connected

_TICK_LETTERS = frozenset({"x", "X", "v", "V", "×", "✗", "✓", "✔", "√"})
# Shares of the inside that ink covers: an empty box shows its edges at most, a thin tick covers a tenth.
_LEAST_AMONG_LETTERS = 0.62  # of a line's height: a reader may take a box into its word, but letters are smaller than boxes
_EMPTY_SHARE = 0.04
_TICKED_SHARE = 0.10


class BoxState(Struct, frozen=True):
    """`ticked` is None when nobody can say. `confidence` is 0..1; `box` where the check box stands, in points."""

    ticked: bool | None
    confidence: float
    box: Box | None
    raw: str


def state_of(ink: Ink | None, region: Box, tokens: Sequence[Token], height: float, label: Sequence[Token] = ()) -> BoxState | None:
    """The state of the check box inside `region` (points); `tokens` are those a reader saw there, `label` those of its label.
    None when there is no box at all."""
    for token in tokens:
        between = BRACKETS.fullmatch(token.text)
        if between:
            return BoxState(bool(between[1]), token.confidence, token.box, between[0])
    if ink is not None:
        seen = _drawn(ink, region, height, [token.box for token in label])
        if seen is not None:
            return seen
    for token in tokens:
        text = token.text.strip(" ,.;:")
        if text and text[0] in TICKED_GLYPHS | EMPTY_GLYPHS:
            return BoxState(text[0] in TICKED_GLYPHS, token.confidence, token.box, text)
        if text in _TICK_LETTERS:
            return BoxState(True, token.confidence, token.box, text)
    return None


def _drawn(ink: Ink, region: Box, height: float, letters: Sequence[Box]) -> BoxState | None:
    part = ink.part(region)
    if part.shape[0] < 8 or part.shape[1] < 8:
        return None
    square = _square(part, height * ink.scale_y)
    if square is None:
        return None
    x0, y0, x1, y1 = square
    side = (x1 - x0 + y1 - y0) / 2
    inset = max(2, round(0.27 * side))
    inside = part[y0 + inset : y1 - inset, x0 + inset : x1 - inset]
    share = float(inside.mean()) if inside.size else 0.0
    crossing = _crossing(part, square)
    left, top, _, _ = ink.pixels(region)
    box = ((left + x0) / ink.scale_x, (top + y0) / ink.scale_y, (left + x1) / ink.scale_x, (top + y1) / ink.scale_y)
    if box[2] - box[0] < _LEAST_AMONG_LETTERS * height and any(word[0] < box[0] and box[2] < word[2] for word in letters):
        return None  # a round letter of the label
    if share >= _TICKED_SHARE and not (share < 0.16 and crossing > 2.0 * share):
        return BoxState(True, min(1.0, 0.8 + share), box, "☒")
    if share <= _EMPTY_SHARE and crossing < 0.05:
        return BoxState(False, 0.97, box, "☐")
    return BoxState(None, 0.4, box, "?")


def _square(part: Gray, height: float) -> tuple[int, int, int, int] | None:
    """(x0, y0, x1, y1) in pixels of a drawn square of 0.4 to 1.5 line heights; the one with the fullest edges."""
    least = max(6, int(0.42 * height))
    thick = cv2.dilate(part, np.ones((2, 2), np.uint8))
    flat = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, least), np.uint8))
    stats = connected(np.asarray(flat, np.uint8))[1]
    sides = [tuple(int(value) for value in stats[label][:4]) for label in range(1, len(stats))]
    best: tuple[float, tuple[int, int, int, int]] | None = None
    for number, (ax, ay, aw, ah) in enumerate(sides):
        candidates = [(ay, ay + ah)] if ah > 0.5 * aw else []
        x0, x1 = ax, ax + aw
        for other, (bx, by, bw, bh) in enumerate(sides):
            # The other edge may be longer: a tick can join it to the letter beside the box.
            if other != number and bw >= 0.85 * aw and bx <= ax + 0.2 * aw and bx + bw >= ax + 0.8 * aw:
                candidates.append((min(ay, by), max(ay + ah, by + bh)))
        for y0, y1 in candidates:
            if not 0.4 * height <= aw <= 1.7 * height or not 0.65 * aw <= y1 - y0 <= 1.45 * aw:
                continue
            frame = thick[y0:y1, x0:x1]
            edge = max(2, aw // 7)
            covered = [
                float(frame[:edge].max(axis=0).mean()),
                float(frame[-edge:].max(axis=0).mean()),
                float(frame[:, :edge].max(axis=1).mean()),
                float(frame[:, -edge:].max(axis=1).mean()),
            ]
            # A tick closes smaller squares with the corners of its box, so size counts too.
            worth = sum(covered) + 4.0 * aw / height
            if min(covered) > 0.75 and (best is None or worth > best[0]):
                best = (worth, (x0, y0, x1, y1))
    return best[1] if best else None


def _crossing(part: Gray, square: tuple[int, int, int, int]) -> float:
    """Ink joined to the box but outside of it, as a share of the box's area."""
    x0, y0, x1, y1 = square
    _, labels = cv2.connectedComponents(part, connectivity=8)
    own = np.unique(labels[y0:y1, x0:x1])
    joined = np.isin(labels, own[own > 0]).astype(np.uint8)
    joined[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = 0
    return float(joined.sum()) / max(1, (x1 - x0) * (y1 - y0))
