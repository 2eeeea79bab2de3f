"""Columns of people without rules, or in frames of their own: a row of headings wide apart, below it a gutter that no word crosses."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from msgspec.structs import replace

from ocr.fields.cell_rows import CellRow, RuledCell
from ocr.fields.closing_dashes import has_closing_dash
from ocr.fields.enumerators import ENUMERATOR
from ocr.fields.folding import fold
from ocr.fields.page_numbers import is_page_number
from ocr.fields.people_block import Block, PageRow, Person, answered, headed, place_number
from ocr.fields.section_headings import SectionHeadings
from ocr.model import Box, Word

_APART = 1.4  # heights of a word between two headings

_GUTTER = 0.3  # heights at either side of a gutter: more than between two words
_FAR = 3.0  # heights between two rows: what stands below is something else
_LEAST = 2  # questions of each column
_FULL = 0.25  # of a column's width: an answer that ends nearer to its edge may go on
_INDENTED = 3.0  # points
_SAME_PLACE = 12.0  # points between a gutter on two pages
_NUMBER = re.compile(r"^[\[(]?\d{1,2}(?:\.\d{1,2})*[.)\]/](?!\d)")  # no date

Row = list[Word]


def lined_blocks(rows: Sequence[PageRow], headings: SectionHeadings, claimed: AbstractSet[int]) -> list[Block]:
    """Every block of such columns, in the paper's order; `claimed` are rows of other blocks."""
    blocks: list[Block] = []
    taken = set(claimed)
    for at, (page, row) in enumerate(rows):
        cells = _parts(row.words) if at not in taken else []
        told = [headings.of_column([word.text for word in cell]) for cell in cells]
        if len(cells) != 2 or None in told or told[0] == told[1]:
            continue
        people = [Person(section, cell[0].box[0], cell[-1].box[2]) for section, cell in zip(told, cells, strict=True)]
        for person, cell in zip(people, cells, strict=True):
            headed(person, [(page, CellRow(cell))])
        block = Block(page, people)
        gutter = _fill(block, rows, at + 1, taken, cells[0][-1].box[2], cells[1][0].box[0])
        if gutter is None:
            continue
        block.claim([at])
        blocks.append(block)
        taken |= block.claimed
        end = max(block.claimed) + 1
        while end < len(rows) and _is_no_text(rows[end][1].words):
            end += 1
        if end < len(rows) and rows[end][0] == page + 1:
            more = Block(page + 1, [Person(one.section, one.left, one.right, before=_last_cell(one)) for one in people], goes_on=True)
            if _fill(more, rows, end, taken, gutter - _SAME_PLACE, gutter + _SAME_PLACE) is not None:
                blocks.append(more)
                taken |= more.claimed
    return blocks


def _fill(block: Block, rows: Sequence[PageRow], at: int, taken: AbstractSet[int], low: float, high: float) -> float | None:
    """Puts into `block` what stands in two columns from row `at` on, parted between `low` and `high`; the x that parts them."""
    below = list(_together(rows, at, taken))
    if not below:
        return None
    x, count = _gutter(below, low, high)
    count = _end(below[:count], x)
    below = below[:count]
    if not below:
        return None
    halves = [[[word for word in row if (word.box[0] >= x) == bool(side)] for row in below] for side in (0, 1)]
    if (block.goes_on and _goes_on(halves)) or all(sum(map(_asks, half)) >= _LEAST for half in halves):
        for person, half in zip(block.people, halves, strict=True):
            _own_labels(block.page, person, [row for row in half if row])
    elif block.goes_on or not _one_label_for_all(block, below, x):
        return None
    block.claim(range(at, at + count))
    return x


def _goes_on(halves: Sequence[Sequence[Row]]) -> bool:
    """True for two columns at a page's head that ask on, one of them at least; the other may only end an answer, which begins with no
    capital."""
    asked = [any(map(_asks, half)) for half in halves]
    return any(asked) and all(asks or _ends_an_answer(half[0]) for asks, half in zip(asked, halves, strict=True))


def _ends_an_answer(row: Row) -> bool:
    return bool(row) and not row[0].text[:1].isupper() and not ENUMERATOR.match(row[0].text) and not _NUMBER.match(row[0].text)


def _together(rows: Sequence[PageRow], at: int, taken: AbstractSet[int]) -> Iterator[Row]:
    """The rows from `at` on that follow each other on their page, in no ruled table."""
    page = rows[at][0] if at < len(rows) else 0
    for number in range(at, len(rows)):
        of_page, row = rows[number]
        above = rows[number - 1][1].words[0].box if number > at else row.words[0].box
        if of_page != page or row.cell is not None or number in taken or row.words[0].box[1] - above[3] > _FAR * _height(row.words):
            return
        yield row.words


def _gutter(rows: Sequence[Row], low: float, high: float) -> tuple[float, int]:
    """(x between `low` and `high` that no word covers in as many of `rows` as can be, from the first on; how many)."""
    reach: list[tuple[int, int]] = []
    for x in range(round(low), round(high) + 1):
        count = 0
        while count < len(rows) and not _covered(rows[count], x):
            count += 1
        reach.append((count, x))
    if not reach:
        return high, 0
    most = max(count for count, _ in reach)
    runs: list[list[int]] = []
    for count, x in reach:
        if count == most:
            if runs and x == runs[-1][-1] + 1:
                runs[-1].append(x)
            else:
                runs.append([x])
    widest = max(runs, key=len)
    return (widest[0] + widest[-1]) / 2, most


def _covered(row: Row, x: float) -> bool:
    room = _GUTTER * _height(row)
    return any(word.box[0] - room < x < word.box[2] + room for word in row)


def _end(rows: Sequence[Row], x: float) -> int:
    """How many of `rows` are of the two columns: to the last one at the right, and what its left column still says below."""
    rows = rows[: next((number for number, row in enumerate(rows) if _runs_across(rows[:number], row, x)), len(rows))]
    end = max((number + 1 for number, row in enumerate(rows) if row[-1].box[0] >= x), default=0)
    right = max((word.box[2] for row in rows[:end] for word in row if word.box[2] <= x), default=0.0)
    left = min((row[0].box[0] for row in rows[:end]), default=0.0)
    while 0 < end < len(rows) and not _asks(rows[end]):
        above = [word for word in rows[end - 1] if word.box[0] < x]
        goes_on = above and (rows[end][0].text[:1].islower() or right - above[-1].box[2] < _FULL * (right - left))
        if not goes_on or rows[end][0].box[1] - above[0].box[3] > 0.8 * _height(above):
            break
        end += 1
    return end


def _runs_across(above: Sequence[Row], row: Row, x: float) -> bool:
    """True for a row of the whole page's width, one of whose spaces stands where the columns are parted: what follows it there does not
    begin where the right column does."""
    left, right = ([word for word in row if (word.box[0] >= x) == bool(side)] for side in (0, 1))
    begins = next((word.box[0] for before in reversed(above) for word in before if word.box[0] >= x), None)
    if not left or not right or begins is None:
        return False
    return abs(right[0].box[0] - begins) > _INDENTED and right[0].box[0] - left[-1].box[2] < _height(row)


def _own_labels(page: int, person: Person, rows: Sequence[Row]) -> None:
    box = _around([word for row in rows for word in row])
    cell = RuledCell(page, place_number(box), box, simple=False, section=person.section)
    ends = next((at for at, row in enumerate(rows) if not _ends_an_answer(row)), len(rows)) if person.before is not None else 0
    person.rows += [(page, CellRow(row, person.before if at < ends else cell)) for at, row in enumerate(rows)]


def _last_cell(person: Person) -> RuledCell | None:
    return person.rows[-1][1].cell if person.rows else None


def _one_label_for_all(block: Block, rows: Sequence[Row], x: float) -> bool:
    """Rows of a label and what each person answers. False where no third column stands at the left for the labels."""
    first, second = block.people
    left, right = min(row[0].box[0] for row in rows), max(row[-1].box[2] for row in rows)
    edge, count = _gutter(rows, left + 1, min(first.left, x) - 1)
    if count < len(rows):
        return False
    questions: list[tuple[Row, Row, Row]] = []
    doubted = False
    for above, row in pairwise([rows[0], *rows]):
        label, one, two = ([word for word in row if low <= word.box[0] < high] for low, high in ((0, edge), (edge, x), (x, 1e9)))
        if label and (not questions or not label[0].text[:1].islower()):
            questions.append(([], [], []))
        if not questions:
            return False
        doubted |= not label and row is not above and _nearer_below(rows, row)
        for part, words in zip(questions[-1], (label, one, two), strict=True):
            part += words
    if len(questions) < _LEAST or not any(one for _, one, _ in questions) or not any(two for _, _, two in questions):
        return False
    for label, *answers in questions:
        box = _around([word for words in (label, *answers) for word in words])
        for person, words, low, high in zip((first, second), answers, (edge, x), (x, right), strict=True):
            answered(person, block.page, label, words, (low, box[1] - 2, high, box[3] + 2))
    if doubted:
        for person in block.people:
            person.rows = [(page, _doubted(row)) for page, row in person.rows]
    return True


def _nearer_below(rows: Sequence[Row], row: Row) -> bool:
    """True for a line without a label that stands nearer to the next row than to the one above: it may begin that one's answer."""
    at = next(number for number, other in enumerate(rows) if other is row)
    if at + 1 == len(rows):
        return False
    return rows[at + 1][0].box[1] - row[0].box[3] < 0.8 * (row[0].box[1] - rows[at - 1][0].box[3])


def _doubted(row: CellRow) -> CellRow:
    return replace(row, cell=replace(row.cell, untold=True)) if row.cell is not None else row


def _parts(words: Row) -> list[Row]:
    parts: list[Row] = []
    for number, word in enumerate(words):
        if not number or word.box[0] - words[number - 1].box[2] > _APART * _height(words):
            parts.append([])
        parts[-1].append(word)
    return parts


def _asks(row: Row) -> bool:
    """True for a row that begins with a number, or with a label up to its colon or dash."""
    if not row:
        return False
    first = row[0].text
    counted = bool(ENUMERATOR.match(first) or _NUMBER.match(first)) and any(map(_lettered, row))
    closed = any(word.text.endswith(":") and (number or _lettered(word)) for number, word in enumerate(row))
    return counted or closed or (first[:1].isupper() and has_closing_dash([word.text for word in row]))


def _is_no_text(row: Row) -> bool:
    return is_page_number(" ".join(word.text for word in row)) or not any(map(_lettered, row))


def _lettered(word: Word) -> bool:
    return any(map(str.isalpha, fold(word.text)))


def _height(row: Row) -> float:
    return row[0].box[3] - row[0].box[1]


def _around(words: Sequence[Word]) -> Box:
    left, top, right, bottom = zip(*(word.box for word in words), strict=True)
    return (min(left), min(top), max(right), max(bottom))
