"""Columns of people in a ruled table: their headings in cells side by side, below them what is said of each.

Either the rows have one label for all, in a column of its own, or every column has its own labels. A table goes on over the page where
the next one begins with a row of cells as wide.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ocr.fields.cell_rows import CellRow, RuledCell
from ocr.fields.folding import fold
from ocr.fields.people_block import Block, PageRow, Person, answered, headed
from ocr.fields.section_headings import SectionHeadings
from ocr.model import Box, Word

_RULE = 6.0  # points between two cells that share a rule, on a tilted page
_SAME_PLACE = 9.0  # points between a column's edges on two pages
_WIDE = 1.35  # times its column: a wider cell is merged with a neighbour
_FITS = 0.6


class _Table(Struct):
    """The cells of all pages with the numbers of their rows."""

    rows: Sequence[PageRow]
    lines: dict[RuledCell, list[int]]

    def words(self, cells: Iterable[RuledCell]) -> list[Word]:
        return [word for cell in cells for number in self.lines[cell] for word in self.rows[number][1].words]

    def numbers(self, cells: Iterable[RuledCell]) -> list[int]:
        return [number for cell in cells for number in self.lines[cell]]

    def written(self, cell: RuledCell) -> bool:
        return any(fold(word.text) for word in self.words([cell]))


def ruled_blocks(rows: Sequence[PageRow], cells: Sequence[RuledCell], headings: SectionHeadings) -> list[Block]:
    """Every table with columns of people, in the paper's order."""
    table = _Table(rows, {cell: [] for cell in cells})
    for number, (_, row) in enumerate(rows):
        if row.cell is not None:
            table.lines.setdefault(row.cell, []).append(number)
    blocks: list[Block] = []
    done: set[RuledCell] = set()
    for cell in cells:
        if cell in done or _told(table, cell, headings) is None:
            continue
        level = _level(table, cell)
        done.update(level)
        block = _block(table, level, headings)
        while block is not None:
            further = _over_the_page(table, block, headings)
            if block.filled or further is not None:  # else a heading and nothing else, at the foot of no page
                blocks.append(block)
                done.update(block.cells)
            block = further
    return blocks


def _told(table: _Table, cell: RuledCell, headings: SectionHeadings) -> str | None:
    """The section that a cell, or its first line over others, is the heading of."""
    lines = table.lines[cell]
    said = [word.text for word in table.words([cell])]
    return headings.of_column(said) or (headings.of_column([word.text for word in table.rows[lines[0]][1].words]) if lines else None)


def _level(table: _Table, cell: RuledCell) -> list[RuledCell]:
    """The cells side by side with `cell`, from left to right, without a gap."""
    beside = sorted((other for other in table.lines if other.page == cell.page and _shared(other.box, cell.box, 1) > 0.5), key=_left)
    at = beside.index(cell)
    first = last = at
    while first and beside[first].box[0] - beside[first - 1].box[2] < _RULE:
        first -= 1
    while last + 1 < len(beside) and beside[last + 1].box[0] - beside[last].box[2] < _RULE:
        last += 1
    return beside[first : last + 1]


def _block(table: _Table, level: Sequence[RuledCell], headings: SectionHeadings) -> Block | None:
    told = [_told(table, cell, headings) for cell in level]
    known = [at for at, section in enumerate(told) if section is not None]
    others = [at for at, cell in enumerate(level) if at > 0 and told[at] is None and table.written(cell)]
    if len(known) < 2 and (known[0] == 0 or table.written(level[0]) or len(level) - 1 != len(known) + len(others)):
        return None
    first = known[0] if len(known) > 1 else 1
    people = [
        Person(section if told.count(section) == 1 else None, cell.box[0], cell.box[2])
        for cell, section in zip(level[first:], told[first:], strict=True)
    ]
    heads = level[first:]
    block = Block(table.rows[table.numbers(heads)[0]][0], people)
    for person, head in zip(people, heads, strict=True):
        lines = table.lines[head]
        over = headings.of_column([word.text for word in table.words([head])]) is None and person.section is not None
        above = lines[:1] if over else lines
        block.claim(above)
        headed(person, [table.rows[number] for number in above], head)
        if over:
            _own(table, block, person, [head], lines[1:])
    if first:
        block.last = level[first - 1]
        _questions(table, block, level[first - 1], people)
    else:
        _columns(table, block, heads)
    block.cells.update(level)
    return block


def _questions(table: _Table, block: Block, above: RuledCell, people: Sequence[Person]) -> None:
    """What rows with one label for all say, from below the cell `above` the labels downwards."""
    label = _under(table, above)
    while label is not None:
        answers = [_answers(table, label, person) for person in people]
        if not all(answers):
            break  # a cell of two people: whose it is nobody can say
        asked = table.words([label])
        if not any(fold(word.text) for word in asked):
            block.doubt_last()  # the rest of a row that the page's end broke, or more than the label asks
            break
        block.claim(table.numbers([label]))
        for person, own in zip(people, answers, strict=True):
            block.claim(table.numbers(own))
            answered(person, label.page, asked, table.words(own), _around(own))
            block.cells.update(own)
        block.cells.add(label)
        block.last = label
        label = _under(table, label)


def _answers(table: _Table, label: RuledCell, person: Person) -> list[RuledCell]:
    """The cells of a person beside a row's label."""
    wide = person.right - person.left
    return [
        cell
        for cell in table.lines
        if cell.page == label.page
        and _shared(cell.box, label.box, 1) > 0.5
        and min(cell.box[2], person.right) - max(cell.box[0], person.left) > _FITS * wide
        and cell.box[2] - cell.box[0] < _WIDE * wide
    ]


def _columns(table: _Table, block: Block, heads: Sequence[RuledCell]) -> None:
    """What stands below each of `heads`, with labels of its own."""
    ends = []
    below: list[list[RuledCell]] = []
    for person, head in zip(block.people, heads, strict=True):
        inside = [
            cell
            for cell in table.lines
            if cell.page == head.page and cell is not head and cell.box[1] > head.box[3] - _RULE
            and person.left - _RULE < cell.box[0] and cell.box[2] < person.right + _RULE
        ]  # fmt: skip
        kept: list[RuledCell] = []
        end = head.box[3]
        for cell in sorted(inside, key=lambda cell: cell.box[1]):
            if cell.box[1] - end > _RULE:
                break
            kept.append(cell)
            end = max(end, cell.box[3])
        below.append(kept)
        ends.append(end)
    for person, kept in zip(block.people, below, strict=True):
        own = [cell for cell in kept if cell.box[3] < min(ends) + _RULE]
        _own(table, block, person, own, sorted(table.numbers(own)))


def _own(table: _Table, block: Block, person: Person, cells: Sequence[RuledCell], numbers: Sequence[int]) -> None:
    made = {cell: replace(cell, section=person.section, untold=person.section is None) for cell in cells}
    block.claim(numbers)
    block.cells.update(cells)
    person.cells += made.values()
    for number in numbers:
        page, row = table.rows[number]
        person.rows.append((page, replace(row, cell=made[row.cell]) if row.cell is not None else row))


def _over_the_page(table: _Table, before: Block, headings: SectionHeadings) -> Block | None:
    """What goes on of a table at the head of the next page without its heading: a row of cells as wide as those before."""
    last = before.last
    if last is None or any(fold(word.text) for page, row in table.rows if page == last.page and row.words[0].box[1] > last.box[3]
                           for word in row.words if any(map(str.isalpha, word.text))):  # fmt: skip
        return None
    page = last.page + 1
    first = next((row for number, row in table.rows if number == page and any(map(str.isalpha, row.words[0].text))), None)
    if first is None or first.cell is None:
        return None
    level = _level(table, first.cell)
    edges = [last.box[:1] + last.box[2:3], *((person.left, person.right) for person in before.people)]
    if len(level) != len(edges) or any(_told(table, cell, headings) for cell in level):
        return None
    shift = level[0].box[0] - last.box[0]
    if any(abs(cell.box[0] - edge[0] - shift) > _SAME_PLACE for cell, edge in zip(level, edges, strict=True)):
        return None
    people = [Person(one.section, cell.box[0], cell.box[2]) for one, cell in zip(before.people, level[1:], strict=True)]
    block = Block(page, people, goes_on=True)
    left, top, right, _ = level[0].box
    above = RuledCell(page, -1, (left, top - _RULE, right, top))
    if not table.written(level[0]):
        _rest_of_a_row(table, block, level, before)
        above = level[0]
    _questions(table, block, above, people)
    if not block.filled:
        before.doubt_last()
        return None
    return block


def _rest_of_a_row(table: _Table, block: Block, level: Sequence[RuledCell], before: Block) -> None:
    """What a row says below the page's end that broke it: the rest of each person's answer, without its label."""
    for person, cell, above in zip(block.people, level[1:], before.people, strict=True):
        answer = above.rows[-1][1].cell if above.rows else None
        person.rows += [(page, CellRow(row.words, answer)) for page, row in (table.rows[number] for number in table.lines[cell])]
        block.claim(table.lines[cell])
    block.cells.update(level)


def _under(table: _Table, cell: RuledCell) -> RuledCell | None:
    """The next cell of a column of labels."""
    wide = cell.box[2] - cell.box[0]
    under = [
        other
        for other in table.lines
        if other.page == cell.page
        and abs(other.box[1] - cell.box[3]) < _RULE
        and abs(other.box[0] - cell.box[0]) < _RULE
        and other.box[2] - other.box[0] < _WIDE * wide
    ]
    return min(under, key=lambda other: abs(other.box[1] - cell.box[3]), default=None)


def _left(cell: RuledCell) -> float:
    return cell.box[0]


def _shared(one: Box, two: Box, axis: int) -> float:
    both = min(one[axis + 2], two[axis + 2]) - max(one[axis], two[axis])
    return both / max(1.0, min(one[axis + 2] - one[axis], two[axis + 2] - two[axis]))


def _around(cells: Sequence[RuledCell]) -> Box:
    left, top, right, bottom = zip(*(cell.box for cell in cells), strict=True)
    return (min(left), min(top), max(right), max(bottom))
