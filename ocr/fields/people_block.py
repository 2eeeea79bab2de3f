"""A block of columns of people, and the rows that are made of it: one person's after the other's."""

from collections.abc import Iterable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from ocr.fields.cell_rows import CellRow, RuledCell
from ocr.model import Box, Word

PageRow = tuple[int, CellRow]  # number of the page, a row of it


class Person(Struct):
    """One column: the section its heading names, None where it names none; its edges in points; its rows and cells as they are made;
    `before` the cell of its last answer on the page before, which may go on."""

    section: str | None
    left: float
    right: float
    rows: list[PageRow] = field(default_factory=list)
    cells: list[RuledCell] = field(default_factory=list)
    before: RuledCell | None = None


class Block(Struct):
    """Columns of people on one page. `claimed` are the numbers of the rows they hold, `cells` the ruled cells that they replace, `last`
    the label cell of their last row; `goes_on` where they go on from the page before."""

    page: int
    people: list[Person]
    goes_on: bool = False
    claimed: set[int] = field(default_factory=set)
    cells: set[RuledCell] = field(default_factory=set)
    last: RuledCell | None = None

    def claim(self, numbers: Iterable[int]) -> None:
        """Takes rows out of the page's own order."""
        self.claimed.update(numbers)

    @property
    def filled(self) -> bool:
        """False where nothing is asked below the headings."""
        return any(row.cell is not None and not row.cell.heads for person in self.people for _, row in person.rows)

    def doubt_last(self) -> None:
        """What was said last may not be all."""
        for person in self.people:
            if person.rows and (cell := person.rows[-1][1].cell) is not None and cell.whole:
                page, row = person.rows[-1]
                person.rows[-1] = (page, replace(row, cell=replace(cell, untold=True)))


def headed(person: Person, rows: Sequence[PageRow], cell: RuledCell | None = None) -> None:
    """Puts its heading over a person's column."""
    for page, row in rows:
        left, top, right, bottom = person.left, row.words[0].box[1], person.right, row.words[0].box[3]
        box = cell.box if cell is not None else (left, top, right, bottom)
        head = RuledCell(page, place_number(box), box, section=person.section, heads=True)
        person.rows.append((page, CellRow(row.words, head)))


def answered(person: Person, page: int, asked: Sequence[Word], words: Sequence[Word], box: Box) -> None:
    """Puts the label `asked` of a row before what a person's cell at `box` says. Without a section the answer stays without a label."""
    if person.section is None:
        if words:
            person.rows.append((page, CellRow(list(words), RuledCell(page, place_number(box), box, untold=True))))
        return
    whole = RuledCell(page, place_number(box), box, section=person.section, whole=True)
    person.rows.append((page, CellRow([*asked, *words], whole, answer=len(asked))))


def place_number(box: Box) -> int:
    """A cell's number by its place: no two made ones have the same."""
    return -1 - round(box[0]) - 2000 * round(box[1])
