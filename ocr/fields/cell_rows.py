"""The rows of a ruled table, cell by cell: a line of one cell never runs into its neighbour's.

Cells side by side come one after the other, each with its lines from top to bottom. Cells that hold a signature's place (print with
white between) are read row by row as the page is, for what stands there is told by columns and not by rules.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec import Struct

from ocr.fields.open_cells import with_open_cells
from ocr.fields.ruled_cells import RuledCells, bands
from ocr.model import Box, Word

_WHITE = 2.2  # heights of a word between two lines: where somebody signs
_LINES = 6  # a cell of more lines that has no neighbour is a part of the form, no question with its answer
_BOX = 24.0  # points: a narrower cell holds one figure
_BOXES = 4  # of them in a row are the boxes of one number

Lines = list[list[Word]]


class RuledCell(Struct, frozen=True):
    """A cell of a ruled table. `simple` when it holds one question, one answer or one of each, and no row of questions.

    In the columns of several people `section` is the form's name of whose it is, and `heads` is true of the heading over a column. A
    `whole` cell is an answer with its row's label put before it: no other cell answers that. In an `untold` column people are asked
    alike and nothing says who.
    """

    page: int
    number: int
    box: Box
    simple: bool = True
    section: str | None = None
    heads: bool = False
    whole: bool = False
    untold: bool = False


class CellRow(Struct, frozen=True):
    """The words of one line, the cell they stand in, and the number of their row of cells; both None where no table is. `answer` is the
    position of the word that begins an answer, where a label was put before it."""

    words: list[Word]
    cell: RuledCell | None = None
    band: int | None = None
    answer: int | None = None


def rows_in_order(
    page: int, words: Sequence[Word], ruled: RuledCells, rows_of: Callable[[Sequence[Word]], Lines]
) -> tuple[list[CellRow], list[RuledCell]]:
    """(all rows of a page with tables in reading order, every trusted cell, also an empty one). `rows_of` makes rows of words."""
    ruled = with_open_cells(ruled, words)
    inside: dict[int, list[Word]] = {}
    outside: list[Word] = []
    for word in words:
        number = ruled.at(_letters(word))
        (outside if number is None else inside.setdefault(number, [])).append(word)
    around = [CellRow(row) for row in rows_of(outside)]
    rows: list[CellRow] = []
    cells: list[RuledCell] = []
    for number, band in enumerate(bands(ruled.boxes)):
        top = min(ruled.boxes[cell][1] for cell in band)
        while around and (around[0].words[0].box[1] + around[0].words[0].box[3]) / 2 < top:
            rows.append(around.pop(0))
        groups = _with_boxes_joined(ruled.boxes, band)
        texts = [rows_of([word for cell in group for word in inside.get(cell, [])]) for group in groups]
        if any(map(_has_white, texts)) or not _side_by_side([ruled.boxes[cell] for cell in band]):
            rows += [CellRow(row) for row in rows_of([word for cell in band for word in inside.get(cell, [])])]
            continue
        for group, lines in zip(groups, texts, strict=True):
            simple = sum(map(_asks, lines)) <= 1 and (len(groups) > 1 or len(lines) <= _LINES)
            cell = RuledCell(page, group[0], _around([ruled.boxes[cell] for cell in group]), simple)
            cells.append(cell)
            rows += [CellRow(line, cell, number if len(groups) > 1 else None) for line in lines]
    return rows + around, cells


def _letters(word: Word) -> Box:
    """The box of a word without the signs before its letters, by their number: a rule right before an answer is read as one (":xã"),
    and that word's middle lies on the rule."""
    x0, y0, x1, y1 = word.box
    signs = next((at for at, letter in enumerate(word.text) if letter.isalnum()), 0)
    return (x0 + (x1 - x0) * signs / len(word.text), y0, x1, y1) if signs else word.box


def _with_boxes_joined(boxes: Sequence[Box], band: Sequence[int]) -> list[list[int]]:
    """The band's cells, the boxes of one number taken together."""
    groups: list[list[int]] = []
    for cell in band:
        narrow = boxes[cell][2] - boxes[cell][0] < _BOX
        if groups and narrow and boxes[groups[-1][-1]][2] - boxes[groups[-1][-1]][0] < _BOX:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    return [part for group in groups for part in ([group] if len(group) >= _BOXES else [[cell] for cell in group])]


def _side_by_side(boxes: Sequence[Box]) -> bool:
    """False where rules were lost and cells lie over each other: nobody can say then what belongs together."""
    return all(after[0] > before[2] - 0.3 * (before[2] - before[0]) for before, after in pairwise(boxes))


def _has_white(lines: Lines) -> bool:
    spaces = ((under[0].box[1] - max(word.box[3] for word in above), under[0].box) for above, under in pairwise(lines))
    return any(space > _WHITE * (box[3] - box[1]) for space, box in spaces)


def _asks(line: Sequence[Word]) -> bool:
    """True for a line with a label: letters up to a colon."""
    return any(word.text.endswith(":") and (number or word.text[0].isalpha()) for number, word in enumerate(line))


def _around(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return (min(left), min(top), max(right), max(bottom))
