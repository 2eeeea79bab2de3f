"""What was not read well, read once more: twelve figures in their boxes, one of a form's few answers, torn cells of tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.fields.draft import Draft
from ocr.fields.filled import Filled
from ocr.fields.folding import fold
from ocr.fields.label_places import Match
from ocr.fields.layout import Token, union
from ocr.fields.page_ink import Ink
from ocr.fields.tables import Cell, Table
from ocr.fields.types.registry import normalise
from ocr.fields.values import Found
from ocr.model import Box
from ocr.pixels import percentiles

_TORN = 0.5  # a cell with a word less sure than this was cut across its lines
_CHOSEN = 0.5  # how sure an answer is that was chosen from the form's: not enough to go without a look
_ROOM = 0.22  # of the height of an answer, around it
_RULE = 1.5  # points from a cell's rule to what is cut out
_MARGIN = 24  # white pixels around a cell


def figures_again(form: Filled, draft: Draft, found: Found) -> None:
    """Twelve figures in twelve boxes, which a reader of lines was not sure of."""
    plain = draft.sure and len(str(draft.value or "")) == 12 and draft.confidence >= 0.85 and not draft.raw_differs
    match = next((one for one in form.alignment.matches if form.template.fields[one.entry] is draft.entry), None)
    if plain or match is None or draft.source not in ("print", "handwriting") or draft.page is None:
        return
    ink = form.pictures.of(draft.page)
    if ink is None:
        return
    from ocr.fields.digit_boxes import read_boxes  # the engine is loaded for boxes alone

    boxes = _boxes(form, ink, match, found)
    picture = form.pictures.picture(draft.page) if boxes else None
    if picture is None:
        return
    figures, sure = read_boxes(picture, form.pictures.size(draft.page), boxes)
    reading = normalise("id12", figures)
    if figures == "" and sure == 1.0:
        draft.value, draft.checks, draft.sure, draft.ink = None, [], True, False
    elif len(figures) == 12 and sure > draft.confidence:
        draft.value, draft.checks, draft.confidence = reading.value, list(reading.checks), sure
        draft.sure, draft.raw_differs, draft.box = reading.sure, False, union(boxes)


def _boxes(form: Filled, ink: Ink, match: Match, found: Found) -> list[Box]:
    """The boxes behind the label on its row, else around the words that were read, else in the rest of the label's cell."""
    from ocr.fields.digit_boxes import boxes_in

    first, last = (form.layout.tokens[at] for at in (match.start, match.end - 1))
    row = form.layout.rows[last.row]
    reach = 0.9 * row.height  # boxes are higher than print
    right = form.pictures.size(found.page)[0] - 10
    if first.page == last.page == found.page:
        top = form.layout.rows[first.row].box[1]
        if boxes := boxes_in(ink, (last.box[2] - 2, top - reach, right, row.box[3] + reach)):
            return boxes
    if found.box is not None:
        boxes = boxes_in(ink, (10, found.box[1] - reach, right, found.box[3] + reach))
        if boxes and boxes[0][0] - row.height < found.box[0] and found.box[2] < boxes[-1][2] + row.height:
            return boxes
    return boxes_in(ink, found.space) if found.space is not None and last.cell is not None else []


def choices_again(form: Filled, made: Mapping[str, Draft], found: Mapping[str, Found]) -> None:
    """What is none of the answers a form allows is one of them badly read, most in handwriting: a person is shown which, and its rules
    are checked. Changes `made`."""
    for name, one in found.items():
        draft = made[name]
        if not draft.entry.choices or draft.source not in ("print", "handwriting") or not one.tokens or draft.sure:
            continue
        picture = form.pictures.picture(one.page)
        said = _chosen(picture, form.pictures.size(one.page), one.tokens, draft.entry.choices) if picture is not None else None
        if said is not None:
            draft.value, draft.sure, draft.confirmed, draft.confidence = said, True, False, min(draft.confidence, _CHOSEN)


def _chosen(picture: NDArray[Any], size_points: tuple[float, float], tokens: Sequence[Token], choices: Sequence[str]) -> str | None:
    from ocr.fields.closed_list import answer  # the network is loaded only where a value needs it

    gray = picture if picture.ndim == 2 else picture[..., 0]  # red: stamps fade in it
    across, down = gray.shape[1] / size_points[0], gray.shape[0] / size_points[1]
    x0, y0, x1, y1 = union([token.box for token in tokens if token.row == tokens[0].row and token.page == tokens[0].page])
    high = y1 - y0
    rows = slice(max(0, int((y0 - _ROOM * high) * down)), int((y1 + _ROOM * high) * down) + 1)
    cut = gray[rows, max(0, int((x0 - _ROOM * high) * across)) : int((x1 + 2 * _ROOM * high) * across)]
    return answer(_on_white(np.ascontiguousarray(cut)), choices) if cut.size else None


def cells_again(form: Filled, table: Table) -> Table:
    """Rows with a cell that came out as no words, read once more cell by cell; where two readings differ a person looks."""
    torn: dict[int, list[Cell]] = {}
    for row in table.rows:
        if any(cell.tokens and least(cell.tokens) < _TORN for cell in row):  # a neighbour may have got a word of it
            for cell in row:
                if cell.box and cell.tokens and form.source[cell.tokens[0].page] == "print":
                    torn.setdefault(cell.tokens[0].page, []).append(cell)
    again: dict[int, Cell] = {}
    for page, cells in torn.items():
        picture = form.pictures.picture(page)
        places = [(cell.box, cell.tokens[0]) for cell in cells if cell.box]
        for cell, tokens in zip(cells, read_cells(picture, form.pictures.size(page), places) if picture is not None else (), strict=False):
            if tokens and least(tokens) > least(cell.tokens):
                again[id(cell)] = replace(cell, tokens=tokens, doubted=False)
            elif [one.fold for one in tokens] != [one.fold for one in cell.tokens]:
                again[id(cell)] = replace(cell, doubted=True)
    return replace(table, rows=tuple(tuple(again.get(id(cell), cell) for cell in row) for row in table.rows))


def least(tokens: Sequence[Token]) -> float:
    """How sure the least sure word is."""
    return min((token.confidence for token in tokens if token.fold), default=1.0)


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


def _on_white(cut: NDArray[Any]) -> NDArray[np.uint8]:
    """`cut` with its paper, 0..255, made white."""
    paper = percentiles(cut, (80,))[0]
    return np.asarray(cv2.convertScaleAbs(cut, alpha=255 / max(1.0, paper)), np.uint8)
