"""Two people asked the same side by side ("Người mẹ | Người cha"): two columns, each to be read from top to bottom.

Read row by row, the answers of one would go on in the lines of the other. Where a row asks the same twice and what stands around it
asks the same again, in one row or not, the two columns are taken apart. Whose they are, their labels must tell ("Họ và tên người mẹ"):
no heading stands over them.
"""

from collections.abc import Sequence

from ocr.fields.cell_rows import CellRow, RuledCell
from ocr.fields.enumerators import ENUMERATOR
from ocr.fields.folding import fold
from ocr.fields.section_headings import SectionHeadings
from ocr.model import Word

_SAME_PLACE = 3.0  # points: where the lines of a column begin
_LEAST = 2  # questions that both columns ask
_GUTTER = 0.5  # heights of a word between two columns: more than between two words
_TIGHT = 1.3  # heights of a word between two rows of a block


def columns_apart(page: int, rows: Sequence[CellRow], headings: SectionHeadings) -> list[CellRow]:
    """`rows` of a page, those of two columns of like questions one column after the other."""
    for at, row in enumerate(rows):
        x = _asked_twice(row.words) if row.cell is None else None
        if x is not None:
            first, last = _block(rows, at, x)
            block = rows[first : last + 1]
            if len(_labels(block, x, right=False) & _labels(block, x, right=True)) >= _LEAST:
                return [*rows[:first], *_columns(page, block, x, headings), *columns_apart(page, rows[last + 1 :], headings)]
    return list(rows)


def _labels(rows: Sequence[CellRow], x: float, *, right: bool) -> set[str]:
    """What one column asks."""
    found = set()
    for row in rows:
        own = [word for word in row.words if (word.box[0] >= x - _SAME_PLACE) == right]
        colon = next((at for at, word in enumerate(own) if word.text.endswith(":")), None)
        if colon is not None:
            found.add("".join(_uncounted(own[: colon + 1])))
    return found


def _uncounted(words: Sequence[Word]) -> list[str]:
    """The words of a label without the number before it, in which two columns differ."""
    folded = [fold(word.text) for word in words]
    start = next((at for at, text in enumerate(folded) if text.lstrip("0123456789")), 0)
    return [text for text in (folded[start].lstrip("0123456789"), *folded[start + 1 :]) if text]


def _asked_twice(words: Sequence[Word]) -> float | None:
    """Where the second question of a row begins when it is the first once more: "Dân tộc: Hoa Dân tộc: Kinh"."""
    colons = [at for at, word in enumerate(words) if word.text.endswith(":") and at]
    if len(colons) != 2:
        return None
    label = _uncounted(words[: colons[0] + 1])
    start = colons[1] + 1
    again: list[str] = []
    while start > colons[0] + 1 and len(again) < len(label):
        start -= 1
        again = [fold(words[start].text), *again] if fold(words[start].text) else again
    if not label or not again or [again[0].lstrip("0123456789"), *again[1:]] != label:
        return None
    counted = start > colons[0] + 1 and bool(ENUMERATOR.match(words[start - 1].text))
    return words[start - counted].box[0]


def _block(rows: Sequence[CellRow], at: int, x: float) -> tuple[int, int]:
    """(first row, last row) of the block around row `at` that two columns hold, the second beginning at `x`."""
    end = look = first = at
    while look + 1 < len(rows) and _in_columns(rows[look + 1], x) and _tight(rows[look], rows[look + 1]):
        look += 1
        last = rows[look].words[-1]
        if last.box[0] >= x - _SAME_PLACE or (rows[look].words[0].text[:1].islower() and end == look - 1):
            end = look  # lines of the left column alone may be what follows both
    while first and _in_columns(rows[first - 1], x, both=True) and _tight(rows[first - 1], rows[first]):
        first -= 1
    return first, end


def _in_columns(row: CellRow, x: float, *, both: bool = False) -> bool:
    left = [word for word in row.words if word.box[0] < x - _SAME_PLACE]
    right = row.words[len(left) :]
    begins = not right or abs(right[0].box[0] - x) <= _SAME_PLACE
    gutter = _GUTTER * (row.words[0].box[3] - row.words[0].box[1]) if right else 0.0
    return row.cell is None and begins and all(word.box[2] < x - gutter for word in left) and not (both and not (left and right))


def _tight(above: CellRow, under: CellRow) -> bool:
    height = under.words[0].box[3] - under.words[0].box[1]
    return under.words[0].box[1] - above.words[0].box[3] < _TIGHT * height


def _columns(page: int, rows: Sequence[CellRow], x: float, headings: SectionHeadings) -> list[CellRow]:
    words = [word for row in rows for word in row.words]
    top, bottom = min(word.box[1] for word in words), max(word.box[3] for word in words)
    made: list[CellRow] = []
    sides = [
        [line for row in rows if (line := [word for word in row.words if (word.box[0] >= x - _SAME_PLACE) == bool(number)])]
        for number in (0, 1)
    ]
    told = [headings.named([word.text for line in lines for word in line]) for lines in sides]
    for number, lines in enumerate(sides):
        left = min(word.box[0] for line in lines for word in line)
        right = max(word.box[2] for line in lines for word in line)
        section = told[number] if told[0] != told[1] and None not in told else None
        place = (left, top, right, bottom)
        column = RuledCell(page, -1 - number - 2 * round(top), place, simple=False, section=section, untold=section is None)
        made += [CellRow(line, column) for line in lines]
    return made
