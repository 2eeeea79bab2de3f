"""Check boxes: ticked, not ticked, or not clear enough to say.

A box printed as a letter (☐ ☒) says so itself. A drawn box is looked for in the page image beside its label, and the ink
inside it decides; a stroke that only crosses its edge leaves it open.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.fields.box_signs import BRACKETS, EMPTY_GLYPHS, TICKED_GLYPHS
from ocr.fields.layout import Token
from ocr.fields.page_ink import Gray, Ink
from ocr.model import Box
from ocr.pixels import connected

Labels = NDArray[Any]
Shape = tuple[int, int, int, int]  # left, top, width, height in pixels
Points = Callable[[int, int, int, int], Box]

_TICK_LETTERS = frozenset({"x", "X", "v", "V", "×", "✗", "✓", "✔", "√"})
# Shares of the inside that ink covers: an empty box shows its edges at most, a thin tick covers a tenth.
_LEAST_AMONG_LETTERS = 0.62  # of a line's height: a reader may take a box into its word, but letters are smaller than boxes
_EMPTY_SHARE = 0.04
_TICKED_SHARE = 0.10
_BARE = 0.01  # between two brackets
_DISC = 0.85  # of a filled circle's inside is ink, and of a filled square's
_LONG = 1.15  # times as wide as high: no check box alone
_SIDE = 0.9  # of a box's height is ink where it has its side
_ROUND = 0.78  # of a perfect circle's 4πA/P², pixels' corners counted


class BoxState(Struct, frozen=True):
    """`ticked` is None when nobody can say. `confidence` is 0..1; `box` where the check box stands, in points."""

    ticked: bool | None
    confidence: float
    box: Box | None
    raw: str


def state_of(ink: Ink | None, region: Box, tokens: Sequence[Token], height: float, around: Sequence[Token] = ()) -> BoxState | None:
    """The state of the check box inside `region` (points); `tokens` are those a reader saw there, `around` all that
    reach into it. None when there is no box at all."""
    for token in tokens:
        between = BRACKETS.fullmatch(token.text)
        if between:
            return BoxState(bool(between[1]), token.confidence, token.box, between[0])
    if ink is not None:
        seen = drawn(ink, region, height, around)
        if seen is not None:
            return seen
    for token in tokens:
        text = token.text.strip(" ,.;:")
        if text and text[0] in TICKED_GLYPHS | EMPTY_GLYPHS:
            return BoxState(text[0] in TICKED_GLYPHS, token.confidence, token.box, text)
        if text in _TICK_LETTERS:
            return BoxState(True, token.confidence, token.box, text)
    return None


def drawn(ink: Ink, region: Box, height: float, words: Sequence[Token]) -> BoxState | None:
    """The state of the square, circle or pair of brackets drawn inside `region` (points), beside or among `words` of a line of this
    `height`; None without one."""
    part = ink.part(region)
    if part.shape[0] < 8 or part.shape[1] < 8:
        return None
    left, top, _, _ = ink.pixels(region)

    def points(x0: int, y0: int, x1: int, y1: int) -> Box:
        return ((left + x0) / ink.scale_x, (top + y0) / ink.scale_y, (left + x1) / ink.scale_x, (top + y1) / ink.scale_y)

    line = height * ink.scale_y
    labels, stats = connected(part)
    shapes = [(int(x), int(y), int(across), int(down)) for x, y, across, down in stats[1:, :4]]
    circle = _circle(labels, shapes, line, points, words)
    if circle is not None:
        return circle
    square = _square(part, line)
    if square is not None:
        part, square = _without_letter(part, square)
        box = points(*square)
        letter = box[2] - box[0] < _LEAST_AMONG_LETTERS * height and any(_letter_of(word, box) for word in words)
        if not letter or _solid(part, square):
            return _in_square(part, square, box)
    return _brackets(part, labels, shapes, line, points)


def _solid(part: Gray, square: tuple[int, int, int, int]) -> bool:
    """True for a square that is black all over, ■, as no letter is."""
    x0, y0, x1, y1 = square
    return float(part[y0:y1, x0:x1].mean()) > _DISC


def _in_square(part: Gray, square: tuple[int, int, int, int], box: Box) -> BoxState:
    x0, y0, x1, y1 = square
    inset = max(2, round(0.135 * (x1 - x0 + y1 - y0)))
    inside = part[y0 + inset : y1 - inset, x0 + inset : x1 - inset]
    share = float(inside.mean()) if inside.size else 0.0
    crossing = _crossing(part, square)
    if share >= _TICKED_SHARE and not (share < 0.16 and crossing > 2.0 * share):
        return BoxState(True, min(1.0, 0.8 + share), box, "☒")
    if share <= _EMPTY_SHARE and crossing < 0.05:
        return BoxState(False, 0.97, box, "☐")
    return BoxState(None, 0.4, box, "?")


def _circle(labels: Labels, shapes: Sequence[Shape], line: float, points: Points, words: Sequence[Token]) -> BoxState | None:
    """The state of a circle, ○ or ●, among `shapes` of a line `line` pixels high."""
    for number, (x, y, across, down) in enumerate(shapes, 1):
        box = points(x, y, x + across, y + down)
        if not (0.45 * line <= down <= 1.4 * line and 0.85 * down <= across <= 1.18 * down):
            continue
        filled = _disc(np.asarray(labels[y : y + down, x : x + across] == number, np.uint8))
        large = filled is not None and filled > _DISC and down >= _LEAST_AMONG_LETTERS * line  # no letter is as large and black
        if filled is not None and (large or not _among_letters(box, words)):
            return BoxState(filled > _DISC, 0.95, box, "●" if filled > _DISC else "○")
    return None


def _brackets(part: Gray, labels: Labels, shapes: Sequence[Shape], line: float, points: Points) -> BoxState | None:
    """The state of brackets with a cross or nothing between them, which no reader saw as such."""
    width = part.shape[1]
    edges = sorted((*shape, number) for number, shape in enumerate(shapes, 1) if shape[3] >= 0.75 * line and shape[2] <= 0.45 * shape[3])
    for (x, y, across, down, one), (end, level, thick, tall, two) in pairwise(edges):
        gap = end - x - across
        apart = max(abs(y - level), abs(down - tall))
        if apart > 0.2 * line or not 0.2 * line <= gap <= 1.2 * line:
            continue
        if not _opens(labels, (x, y, across, down), one) or not _opens(labels[:, ::-1], (width - end - thick, level, thick, tall), two):
            continue
        inside = part[y : y + down, x + across + 1 : end - 1]
        share = float(inside.mean()) if inside.size else 0.0
        between = [shape for shape in shapes if x + across <= shape[0] and shape[0] + shape[2] <= end and shape[3] > 0.2 * line]
        ticked = len(between) == 1 and between[0][2] > 0.3 * line  # one cross; not the number of a question, "[03]" or "[1]"
        if share <= _BARE or (share >= _TICKED_SHARE and ticked):
            return BoxState(ticked, 0.9, points(x, y, end + thick, y + down), "[x]" if ticked else "[ ]")
    return None


def _disc(shape: Gray) -> float | None:
    """How much of a circle's inside is ink, 0..1; None for what is not round or is open."""
    outlines, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    area, around = cv2.contourArea(outline), cv2.arcLength(outline, True)
    if area < 0.68 * shape.size or area > 0.86 * shape.size or 4 * np.pi * area < _ROUND * around * around:
        return None
    return float(shape.sum()) / area


def _opens(labels: Labels, edge: Shape, number: int) -> bool:
    """True for an opening bracket: its ends reach further to the right than its middle."""
    x, y, across, down = edge
    shape = labels[y : y + down, x : x + across] == number
    reach = [int(row.nonzero()[0].max(initial=-1)) for row in shape]
    ends, third = max(1, down // 8), down // 3
    tips = min(max(reach[:ends]), max(reach[-ends:]))
    return tips > max(reach[third:-third], default=0) and tips >= 0.6 * across


def _among_letters(box: Box, words: Sequence[Token]) -> bool:
    """True for a round shape with letters on both sides, or where a word is read that has such a letter there."""
    middle = (box[0] + box[2]) / 2
    side = box[2] - box[0]
    small = [word for word in words if box[3] - box[1] < _LEAST_AMONG_LETTERS * (word.box[3] - word.box[1])]
    between = any(word.box[0] + 1.2 * side < middle < word.box[2] - side for word in words)
    return between or any(_letter_of(word, box) for word in small)


def _letter_of(word: Token, box: Box) -> bool:
    """True for a square inside a word: a round letter, of which a word's box may cut off the edge."""
    edge = 0.15 * (word.box[3] - word.box[1])
    several = sum(map(str.isalnum, word.text)) > 1
    return several and word.box[0] - edge < box[0] and box[2] < word.box[2] + edge


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


def _without_letter(part: Gray, square: tuple[int, int, int, int]) -> tuple[Gray, tuple[int, int, int, int]]:
    """`part` and its `square`, cut at the square's own side where its edges run on into the feet and the head of a letter that is set
    against it ("☐K")."""
    x0, y0, x1, y1 = square
    high = y1 - y0
    if x1 - x0 < _LONG * high:
        return part, square
    sides = x0 + np.flatnonzero(cv2.dilate(part, np.ones((2, 2), np.uint8))[y0:y1, x0:x1].mean(axis=0) > _SIDE)
    own = [(x0, int(x) + 1) for x in sides] + [(int(x), x1) for x in sides]
    left, right = min(own, key=lambda ends: abs(ends[1] - ends[0] - high), default=(x0, x1))
    if abs(right - left - high) >= (_LONG - 1) * high:
        return part, square
    alone = part.copy()
    if right < x1:
        alone[:, right:] = 0
    if left > x0:
        alone[:, :left] = 0
    return alone, (left, y0, right, y1)


def _crossing(part: Gray, square: tuple[int, int, int, int]) -> float:
    """Ink joined to the box but outside of it, as a share of the box's area."""
    x0, y0, x1, y1 = square
    _, labels = cv2.connectedComponents(part, connectivity=8)
    own = np.unique(labels[y0:y1, x0:x1])
    joined = np.isin(labels, own[own > 0]).astype(np.uint8)
    joined[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = 0
    return float(joined.sum()) / max(1, (x1 - x0) * (y1 - y0))
