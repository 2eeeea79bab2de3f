"""What was not read well, read once more: twelve boxes, answers on their dots, torn cells of tables."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from ocr.fields.draft import Draft
from ocr.fields.filled import Filled
from ocr.fields.label_places import Match
from ocr.fields.layout import Token, union
from ocr.fields.page_ink import Ink
from ocr.fields.second_look import Strip, better, choose, least, merged, on_dots, read_cells, read_strips, strips_of, weak, worth_a_look
from ocr.fields.tables import Cell, Table
from ocr.fields.templates import Entry
from ocr.fields.types.registry import normalise
from ocr.fields.values import Found
from ocr.model import Box

_TORN = 0.5  # a cell with a word less sure than this was cut across its lines
_CHOSEN = 0.5  # how sure an answer is that was chosen from the form's: not enough to go without a look


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


def look_again(form: Filled, made: dict[str, Draft], found: Mapping[str, Found], value: Callable[[Entry, Found], Draft]) -> None:
    """What stands on its dots and was not read well, read from the image without them."""
    strips: dict[int, list[tuple[str, Strip]]] = {}
    rows_of: dict[str, list[Strip]] = {}
    for name, one in found.items():
        ink = form.pictures.of(one.page) if one.tokens and one.space and form.source[one.page] == "print" and weak(made[name]) else None
        rows = strips_of(one, form.layout) if ink is not None else []
        if ink is not None and any(on_dots(ink, row) for row in rows):
            rows_of[name] = rows
            strips.setdefault(one.page, []).extend((name, row) for row in worth_a_look(rows))
    for number, named in strips.items():
        picture = form.pictures.picture(number)
        if picture is None:
            continue
        seen = read_strips(picture, form.pictures.size(number), [strip for _, strip in named])
        for name in dict.fromkeys(name for name, _ in named):
            anew = {row.tokens[0].index: words for (of, row), words in zip(named, seen, strict=True) if of == name and words}
            tokens = tuple(token for row in rows_of[name] for token in merged(row.tokens, anew.get(row.tokens[0].index, row.tokens)))
            again = value(made[name].entry, replace(found[name], tokens=_on_dots(tokens))) if anew else None
            if again is not None and better(again, made[name]):
                made[name] = again
    for name, one in found.items():
        draft = made[name]
        if draft.entry.choices and draft.source in ("print", "handwriting") and one.tokens and not draft.sure:
            _choose(form, draft, strips_of(one, form.layout)[0])


def _on_dots(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(replace(token, leader_before=True) for token in tokens)


def _choose(form: Filled, draft: Draft, strip: Strip) -> None:
    """What is none of the answers a form allows is one of them badly read: a person is shown which."""
    picture = form.pictures.picture(strip.tokens[0].page)
    said = choose(picture, form.pictures.size(strip.tokens[0].page), strip, draft.entry.choices) if picture is not None else None
    if said is not None:
        draft.value, draft.sure, draft.confirmed, draft.confidence = said, True, False, min(draft.confidence, _CHOSEN)


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
