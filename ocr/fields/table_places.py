"""Where a form's tables stand: their headings are worded as questions are ("Giới tính"), and are none."""

from msgspec import Struct

from ocr.fields.label_places import Match
from ocr.fields.layout import Layout, Row
from ocr.fields.tables import heading_of, opening_words, whole_rows
from ocr.fields.templates import Entry, Template
from ocr.model import Box

_SHARE = 0.6  # of a table's columns whose headings begin on its first line
_ROWS = 8  # that a heading may take
_RULE = 6.0  # points from a rule over the next row of cells, on a tilted page
_AT_ITS_HEADING = 9.0  # worth: any label of the table itself, printed above, is worth more


class TablePlace(Struct, frozen=True):
    """The tokens of one table from its heading's first, `start`, to one past its last, `end`. `entry` is the template's number of it."""

    entry: int
    start: int
    end: int


def table_places(layout: Layout, template: Template) -> list[TablePlace]:
    """The tables whose heading stands on the paper, each once."""
    tables = [(position, entry) for position, entry in enumerate(template.fields) if entry.place == "table"]
    if not tables:
        return []
    found: list[TablePlace] = []
    rows = whole_rows(layout.rows)
    for position, entry in tables:
        for at, row in enumerate(rows):
            place = _at(layout, rows[at : at + _ROWS], position, entry) if _may_be_heading(row, entry) else None
            if place is not None:
                found.append(place)
                break
    return found


def outside_tables(tables: list[TablePlace], candidates: list[Match]) -> list[Match]:
    """`candidates` without those inside a table."""
    return [match for match in candidates if not any(table.start <= match.start < table.end for table in tables)]


def at_headings(tables: list[TablePlace]) -> list[Match]:
    """A place for each table right at its heading, should nothing be printed above."""
    return [Match(table.entry, table.start, table.start, _AT_ITS_HEADING, (), 1.0) for table in tables]


def _may_be_heading(row: Row, entry: Entry) -> bool:
    read = {token.fold for token in row.tokens}
    begun = sum(not read.isdisjoint(opening_words(column)) for column in entry.columns)
    return begun >= _SHARE * len(entry.columns) and begun > 1


def _in_columns(box: Box, edges: set[int]) -> bool:
    return all(any(abs(edge - x) < _RULE for edge in edges) for x in (box[0], box[2]))


def _at(layout: Layout, rows: list[Row], position: int, entry: Entry) -> TablePlace | None:
    found = heading_of(rows, entry.columns)
    if found is None or found[2][0].index != rows[0].tokens[0].index:
        return None
    heading = found[2]
    start, end = min(token.index for token in heading), max(token.index for token in heading) + 1
    cell = rows[0].tokens[0].cell
    columns = {round(edge) for token in heading if token.cell is not None for edge in (token.cell.box[0], token.cell.box[2])}
    while cell is not None and end < len(layout.tokens):
        token = layout.tokens[end]
        if token.cell is None or token.page != cell.page or not _in_columns(token.cell.box, columns):
            break
        end += 1
    return TablePlace(position, start, end)
