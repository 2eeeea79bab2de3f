"""Answers in columns of people: "Người mẹ | Người cha" over two columns, in whatever order an office prints them.

Whose an answer is says the heading over its column, what it answers the label of its row or the one before it. So the columns are read
one after the other: all of the mother's, then all of the father's, also where they go on over the page. In a table whose rows have one
label for all, each answer gets its row's label before it. A column whose heading tells no section gets no labels: nobody can say whose
its answers are.
"""

from collections.abc import Sequence

from ocr.fields.cell_rows import RuledCell
from ocr.fields.people_block import Block, PageRow
from ocr.fields.people_grid import ruled_blocks
from ocr.fields.people_lines import lined_blocks
from ocr.fields.section_headings import SectionHeadings


def people_apart(rows: Sequence[PageRow], cells: Sequence[RuledCell], headings: SectionHeadings) -> tuple[list[PageRow], list[RuledCell]]:
    """(`rows` of all pages, those of columns of people one column after the other; `cells` as they are then)."""
    blocks = ruled_blocks(rows, cells, headings)
    claimed = {number for block in blocks for number in block.claimed}
    blocks += lined_blocks(rows, headings, claimed)
    if not blocks:
        return list(rows), list(cells)
    blocks.sort(key=lambda block: min(block.claimed))
    starts: dict[int, list[PageRow]] = {}
    for group in _groups(blocks):
        sections = {person.section: None for block in group for person in block.people}
        starts[min(group[0].claimed)] = [
            row
            for section in sorted(sections, key=lambda one: one is not None)  # whose heading tells nobody comes first, under no heading
            for block in group
            for person in block.people
            if person.section == section
            for row in person.rows
        ]
    claimed = {number for block in blocks for number in block.claimed}
    made: list[PageRow] = []
    for number, row in enumerate(rows):
        made += starts.get(number, [])
        if number not in claimed:
            made.append(row)
    replaced = {cell for block in blocks for cell in block.cells}
    own = [cell for block in blocks for person in block.people for cell in person.cells]
    return made, [cell for cell in cells if cell not in replaced] + own


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks that are one table over several pages."""
    groups: list[list[Block]] = []
    for block in blocks:
        before = groups[-1][-1] if groups else None
        told = [person.section for person in block.people]
        again = before is not None and block.page == before.page + 1 and told == [person.section for person in before.people]
        if groups and (block.goes_on or again):
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups
