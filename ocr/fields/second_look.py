"""A value that stands on its dotted line, read once more from the page image without the dots.

Where print is set right on a leader ("Họ và tên: Hồ.Thị.Bích"), its dots touch the letters and tear the words. Erasing rows of
dots cannot help there, for the dots that stand free between letters are too few to be a row. Whoever knows that the strip is an
answer knows more: its dots stand at one level, and what sticks out at that level with nothing above and below is one of them.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.fields.draft import Draft
from ocr.fields.folding import fold
from ocr.fields.layout import Layout, Token, union
from ocr.fields.page_ink import Ink
from ocr.fields.values import Found
from ocr.model import Box
from ocr.pixels import connected, percentiles, shrunk
from ocr.words.syllables import is_syllable

_FEWEST = 4  # dots at one level
_DPI = 250
_RULE = 1.5  # points from a cell's rule to what is cut out
_MARGIN = 24  # white pixels around a strip


_POINTS_MEAN = frozenset({"decimal", "money", "int", "email"})  # a point inside these may be the writer's own
WEAK = 0.86
_RIVAL = 0.4  # a first reading at least as sure as this leaves a doubt where the second says something else


class Strip(Struct, frozen=True):
    """One row of a value: its tokens, their box, and the box of the whole line it stands on, up to the next label; in points."""

    tokens: tuple[Token, ...]
    box: Box
    line: Box


class _Dots(Struct, frozen=True):
    """The level of the dots: their middle is at `slope` * x + `middle`, they are `high` pixels high."""

    slope: float
    middle: float
    high: float


def weak(draft: Draft) -> bool:
    """True when the value of `draft` was not read so well that it could stand, and no point in it has a meaning."""
    if draft.entry.type in _POINTS_MEAN or draft.source not in ("print", "handwriting"):
        return False
    return draft.value is None or not draft.sure or draft.raw_differs or draft.confidence < WEAK


def better(again: Draft, before: Draft) -> bool:
    """True when the second reading is to be kept. Two readings that are both of the value's form and yet differ in a figure leave
    a doubt, whichever is kept."""
    if again.value is None or again.sure < before.sure:
        return False
    if before.value is not None and before.sure and _figures(again) != _figures(before):
        again.raw_differs, again.confirmed = True, False
    return before.value is None or again.sure > before.sure or again.confidence > before.confidence


def least(tokens: Sequence[Token]) -> float:
    """How sure the least sure word is."""
    return min((token.confidence for token in tokens if token.fold), default=1.0)


def merged(first: Sequence[Token], second: Sequence[Token]) -> tuple[Token, ...]:
    """The second reading; where word stands against word, the surer of the two, and a doubt when both make sense."""
    kept: list[Token] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(
        None, [_letters(token) for token in first], [_letters(token) for token in second]
    ).get_opcodes():
        if kind == "equal":
            kept += [_with_comma(*pair) for pair in zip(first[i1:i2], second[j1:j2], strict=True)]
            continue
        if kind != "replace" or i2 - i1 != j2 - j1:
            kept += second[j1:j2]
            continue
        for before, again in zip(first[i1:i2], second[j1:j2], strict=True):
            old, new = _letters(before), _letters(again)
            possible = is_syllable(old) and before.confidence > _RIVAL
            if possible and (before.confidence > again.confidence or not is_syllable(new)):
                kept.append(replace(before, raw_differs=before.raw_differs or (is_syllable(new) and again.confidence > _RIVAL)))
            else:
                kept.append(replace(again, raw_differs=again.raw_differs or possible))
    return tuple(kept)


def _with_comma(before: Token, again: Token) -> Token:
    """A comma stands where the dots do and may have gone with them."""
    lost = before.text.endswith(",") and before.confidence >= WEAK and again.text[-1:].isalnum()
    return replace(again, text=again.text + ",") if lost else again


def _letters(token: Token) -> str:
    return token.text.strip(" .,;:()").casefold()


def _figures(draft: Draft) -> str:
    return "".join(letter for letter in str(draft.value) if letter.isdigit())


def strips_of(found: Found, layout: Layout) -> list[Strip]:
    """The printed lines of a value. An answer beside a broken label has several in one row."""
    strips: list[Strip] = []
    for number, tokens in ((number, line) for number, row in groupby(found.tokens, key=lambda token: token.row) for line in _lines(row)):
        x0, y0, x1, y1 = union([token.box for token in tokens])
        beside = found.space is not None and found.space[1] < (y0 + y1) / 2 < found.space[3]
        right = found.space[2] if beside and found.space is not None else layout.margins[tokens[0].page][1]
        left = max(x0 - 3, found.space[0]) if beside and found.space is not None else x0 - 3
        height = layout.rows[number].height
        box = (min(left, x0), y0, min(x1 + 0.6 * height, max(right, x1)), y1)
        strips.append(Strip(tokens, box, (box[0], y0, max(right, box[2]), y1)))
    return strips


def _lines(row: Iterable[Token]) -> list[tuple[Token, ...]]:
    lines: list[tuple[Token, ...]] = []
    for token in row:
        begins = not lines or (token.box[0] < lines[-1][-1].box[0] and token.box[1] > (lines[-1][-1].box[1] + lines[-1][-1].box[3]) / 2)
        if begins:
            lines.append((token,))
        else:
            lines[-1] += (token,)
    return lines


def worth_a_look(rows: list[Strip]) -> list[Strip]:
    """The rows of a weak value in which a word was not read well; all of them when none was, for then nobody knows where it is wrong."""
    return [row for row in rows if any(token.raw_differs or token.confidence < WEAK for token in row.tokens)] or rows


def on_dots(ink: Ink, strip: Strip) -> bool:
    """True when the value of `strip` stands on a row of dots."""
    part = ink.part(_grown(strip.line))
    return _dots_of(np.ascontiguousarray(part)) is not None


def read_strips(picture: NDArray[Any], size_points: tuple[float, float], strips: Sequence[Strip]) -> list[tuple[Token, ...]]:
    """The words of every strip, read from `picture` (height, width[, 3], RGB) of a page of `size_points`; empty where nothing is seen."""
    from ocr.words.cascade import LatticeReader  # the networks are loaded only where a value needs them
    from ocr.words.detect import Line
    from ocr.words.word import ALL_MEANS

    cuts, dpi = _cuts(picture, size_points, strips)
    sheet = np.full((sum(len(cut) + _MARGIN for cut in cuts) + _MARGIN, max(cut.shape[1] for cut in cuts) + 2 * _MARGIN), 255, np.uint8)
    tops = []
    top = _MARGIN
    for cut in cuts:
        sheet[top : top + len(cut), _MARGIN : _MARGIN + cut.shape[1]] = cut
        tops.append(top)
        top += len(cut) + _MARGIN
    found: list[list[Token]] = [[] for _ in strips]
    lines = [_line(cut, strip, at, dpi) for cut, strip, at in zip(cuts, strips, tops, strict=True)]
    # Without Tesseract: it would take half of the time and, on the labelled forms, change one value of six hundred. And an answer that a
    # label announces stands on this side of the paper.
    reader = LatticeReader(replace(ALL_MEANS, second_reading=False, this_side=False))
    for word in reader.read_lines(sheet, [Line(*line) for line in lines]):
        middle = (word.box[1] + word.box[3]) / 2
        number = next((at for at, cut in enumerate(cuts) if tops[at] - 4 <= middle <= tops[at] + len(cut) + 4), None)
        if number is None:
            continue
        like = strips[number].tokens[0]
        left = _grown(strips[number].box)[0]
        x0, x1 = ((x - _MARGIN) * 72 / dpi + left for x in (word.box[0], word.box[2]))
        differs = word.raw is not None and word.raw != word.text
        box = (round(x0, 2), like.box[1], round(x1, 2), like.box[3])
        found[number].append(
            Token(like.index, word.text, fold(word.text), box, word.confidence, differs, like.page, like.row, word.text.endswith(":"))
        )
    return [tuple(map(_unbracketed, sorted(words, key=lambda token: token.box[0]))) for words in found]


def _unbracketed(token: Token) -> Token:
    """Without a bracket that has no other: the edge of a letter in a word cut out of its line."""
    lone = token.text.startswith("(") and ")" not in token.text and token.text[1:2].isalpha()
    return replace(token, text=token.text[1:]) if lone else token


def read_cells(picture: NDArray[Any], size_points: tuple[float, float], cells: Sequence[tuple[Box, Token]]) -> list[tuple[Token, ...]]:
    """The words of cells cut out along their rules, in reading order: lines that stand lower than their neighbours' are not mixed
    with them. A cell is its box in points and a token that tells its row."""
    from ocr.words.cascade import LatticeReader  # the networks are loaded only where a value needs them
    from ocr.words.detect import find_lines

    gray = picture if picture.ndim == 2 else picture[..., 0]
    across, down = gray.shape[1] / size_points[0], gray.shape[0] / size_points[1]
    cuts = [
        gray[int((y0 + _RULE) * down) : int((y1 - _RULE) * down), int((x0 + _RULE) * across) : int((x1 - _RULE) * across)]
        for (x0, y0, x1, y1), _ in cells
    ]
    sheet = np.full((sum(len(cut) + _MARGIN for cut in cuts) + _MARGIN, max(cut.shape[1] for cut in cuts) + 2 * _MARGIN), 255, np.uint8)
    tops, top = [], _MARGIN
    for cut in cuts:
        if cut.size:
            sheet[top : top + len(cut), _MARGIN : _MARGIN + cut.shape[1]] = _on_white(cut)
        tops.append(top)
        top += len(cut) + _MARGIN
    found: list[list[Token]] = [[] for _ in cells]
    for word in LatticeReader().read_lines(sheet, find_lines(sheet, max(gray.shape))):
        middle = (word.box[1] + word.box[3]) / 2
        for number, cut in enumerate(cuts):
            if tops[number] <= middle <= tops[number] + len(cut):
                (x0, y0, _, _), like = cells[number]
                left, right = ((x - _MARGIN) / across + x0 + _RULE for x in (word.box[0], word.box[2]))
                upper, lower = ((y - tops[number]) / down + y0 + _RULE for y in (word.box[1], word.box[3]))
                box = (round(left, 2), round(upper, 2), round(right, 2), round(lower, 2))
                differs = word.raw is not None and word.raw != word.text
                found[number].append(
                    replace(like, text=word.text, fold=fold(word.text), box=box, confidence=word.confidence, raw_differs=differs)
                )
    return [tuple(words) for words in found]


def choose(picture: NDArray[Any], size_points: tuple[float, float], strip: Strip, choices: Sequence[str]) -> str | None:
    """The one of a form's `choices` that stands in `strip`; None when that is not clear."""
    from ocr.fields.closed_list import answer  # the network is loaded only where a value needs it

    cuts, _ = _cuts(picture, size_points, [strip])
    return answer(cuts[0], choices)


def _cuts(picture: NDArray[Any], size_points: tuple[float, float], strips: Sequence[Strip]) -> tuple[list[NDArray[np.uint8]], float]:
    """(the strips without their dots, their resolution in dots per inch)."""
    gray = picture if picture.ndim == 2 else picture[..., 0]  # red: stamps fade in it
    across, down = gray.shape[1] / size_points[0], gray.shape[0] / size_points[1]
    scale = min(1.0, _DPI / (across * 72))
    return [_cut(gray, across, down, strip, scale) for strip in strips], across * 72 * scale


def _line(cut: NDArray[np.uint8], strip: Strip, top: int, dpi: float) -> tuple[float, float, float, float]:
    """The letters of `cut` on the sheet."""
    _, y0, _, y1 = strip.box
    reach = (y0 - _grown(strip.box)[1]) * dpi / 72
    inside = np.flatnonzero((cut < 160).any(axis=0))
    left, right = (float(inside[0]), float(inside[-1] + 1)) if inside.size else (0.0, float(cut.shape[1]))
    return (_MARGIN + left, top + reach, _MARGIN + right, top + reach + (y1 - y0) * dpi / 72)


def _grown(box: Box) -> Box:
    reach = 0.22 * (box[3] - box[1])
    return (box[0], box[1] - reach, box[2], box[3] + reach)


def _cut(gray: NDArray[Any], across: float, down: float, strip: Strip, scale: float) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = _grown(strip.line)
    part = np.ascontiguousarray(
        gray[max(0, int(y0 * down)) : int(y1 * down) + 1, max(0, int(x0 * across)) : int(x1 * across) + 1], np.uint8
    )
    if scale < 1:
        part = shrunk(part, max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    paper = percentiles(part, (80,))[0]
    dark = (part < 0.62 * paper).astype(np.uint8)
    dots = _dots_of(dark)
    clean = part if dots is None else _without(part, dark, dots, paper)
    clean = clean[:, : max(8, int((strip.box[2] - x0) * across * scale))]
    return _on_white(clean, paper)


def _on_white(cut: NDArray[Any], paper: float | None = None) -> NDArray[np.uint8]:
    """`cut` with its paper, 0..255, made white."""
    paper = percentiles(cut, (80,))[0] if paper is None else paper
    return np.asarray(cv2.convertScaleAbs(cut, alpha=255 / max(1.0, paper)), np.uint8)


def _dots_of(dark: NDArray[np.uint8]) -> _Dots | None:
    """The level at which most small specks of the strip's lower half stand."""
    height = dark.shape[0]
    if height < 12:
        return None
    stats = connected(dark)[1][1:]
    wide, high, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    middle = stats[:, cv2.CC_STAT_TOP] + high / 2
    small = (high <= max(3, 0.15 * height)) & (wide <= max(4, 0.3 * height)) & (area >= 3) & (middle > 0.5 * height)
    if small.sum() < _FEWEST:
        return None
    middle, high = middle[small], high[small]
    x = stats[small, cv2.CC_STAT_LEFT] + wide[small] / 2
    near = np.abs(middle[:, None] - middle[None, :]) <= max(1.6, 0.05 * height)
    chosen = near[int(near.sum(axis=1).argmax())]
    if chosen.sum() < _FEWEST:
        return None
    slope, level = 0.0, float(np.median(middle[chosen]))
    if np.ptp(x[chosen]) > 6 * height:
        slope, level = (float(value) for value in np.polyfit(x[chosen], middle[chosen], 1))
    return _Dots(slope, level, float(np.median(high[chosen])))


def _without(part: NDArray[np.uint8], dark: NDArray[np.uint8], dots: _Dots, paper: float) -> NDArray[np.uint8]:
    """`part` where columns are paper at the dots' level that have no ink right above and right below it."""
    height, width = part.shape
    columns = np.arange(width)
    centre = dots.slope * columns + dots.middle
    top = np.floor(centre - dots.high / 2).astype(int) - 1
    bottom = np.ceil(centre + dots.high / 2).astype(int) + 1

    def row(at: NDArray[Any]) -> NDArray[np.uint8]:
        return np.asarray(dark[np.clip(at, 0, height - 1), columns], np.uint8)

    free = (row(top - 1) == 0) & (row(top - 2) == 0) & (row(bottom) == 0) & (row(bottom + 1) == 0)
    rows = np.arange(height)[:, None]
    gone = free[None, :] & (rows >= top - 1) & (rows <= bottom)
    return np.asarray(np.where(gone, paper, part), np.uint8)
