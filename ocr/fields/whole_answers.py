"""When an answer is whole, and when its writer was forced to go on below."""

import re
from collections.abc import Sequence

from ocr.fields.label_places import Match
from ocr.fields.layout import Layout, Row, Token
from ocr.fields.templates import Entry

# A value of these kinds is one word or one short group: once it is there, the next row is something else.
ONE_ROW = frozenset(
    {"date", "id12", "id", "mst", "phone", "email", "int", "decimal", "money", "enum", "ethnicity", "nationality", "so_ky_hieu"}
)
_MILLIONS = re.compile(r"^\d{1,3}[.,]?$")
_THOUSANDS = re.compile(r"^[.,]?\d{3}[.,]?$")
_YEAR = re.compile(r"^(?:19|20)\d{2}[.,;]?$")
_CURRENCY = ("dong", "d", "vnd")
_ROOM = 2.0  # heights of a word: less is no room for another
_RAGGED = 0.12  # of a line's width
_ALIGNED = 8.0  # points


def complete(layout: Layout, entry: Entry, tokens: Sequence[Token]) -> bool:
    """True when nothing more is to come: dots follow, a sentence ends, or the type is one that never goes on."""
    last = tokens[-1]
    if entry.type == "money" and _MILLIONS.match(last.text) and _goes_on_in_thousands(layout, last):
        return False
    if entry.type == "date" and last.fold == "nam" and _begins_with_a_year(layout, last.row + 1):
        return False
    if dots_close(layout, last) or (not entry.prose and last.text.endswith(".") and len(last.fold) >= 3):
        return True
    if entry.prose and entry.type == "date":
        return any(len(token.fold) == 4 and token.fold.isdigit() for token in tokens) or any("/" in token.text for token in tokens)
    return one_row(entry)


def _goes_on_in_thousands(layout: Layout, last: Token) -> bool:
    """True where nothing stands in the row below but the last thousands of an amount: "6 505 000 | 000"."""
    row = layout.rows[last.row + 1] if last.row + 1 < len(layout.rows) else None
    ends = last.index == layout.rows[last.row].tokens[-1].index
    if not ends or row is None or row.page != last.page:
        return False
    figures = [token for token in row.tokens if token.fold not in _CURRENCY]
    return bool(figures) and all(_THOUSANDS.match(token.text) for token in figures)


def _begins_with_a_year(layout: Layout, row: int) -> bool:
    return row < len(layout.rows) and _YEAR.match(layout.rows[row].tokens[0].text) is not None


def one_row(entry: Entry) -> bool:
    """True for answers that never go on below. A relation of two words ("Chủ | hộ") does, when the first filled the row."""
    return entry.type in ONE_ROW and (entry.type != "enum" or bool(entry.choices))


def dots_close(layout: Layout, last: Token) -> bool:
    """True when dots follow `last` over room for another word. At the margin they are but the rest of the line a long answer filled."""
    return last.leader_after and edges(layout, last)[1] - last.box[2] > _ROOM * (last.box[3] - last.box[1])


def edges(layout: Layout, token: Token) -> tuple[float, float]:
    """Where lines begin and end around a token: in its cell or column, else on its page."""
    return (token.cell.box[0], token.cell.box[2]) if token.cell is not None else layout.margins[token.page]


def unfinished(layout: Layout, so_far: list[Token], mine: list[Token], row: Row, labels: list[Match], match: Match) -> bool:
    """True when the first word below would not have fitted on the row above: the writer was forced to go on."""
    last = so_far[-1]
    if dots_close(layout, last):
        return False
    if last.fold == "nam" and _YEAR.match(mine[0].text):
        return True
    left, right = edges(layout, last)
    label_x = layout.tokens[match.start].box[0]
    block = abs(so_far[0].box[0] - label_x) < 6 and so_far[0].row > layout.tokens[match.end - 1].row
    if block and abs(mine[0].box[0] - so_far[0].box[0]) < 6 and row.box[1] - last.box[3] < 0.5 * row.height:
        return True  # a block of rows under its label goes on as long as it is set tight
    after = sorted(layout.tokens[other.start].box[0] for other in labels if other.start > match.start)
    edge = after[0] if after and last.row == layout.tokens[match.end - 1].row else right
    first = mine[0]
    hung = next((token for token in so_far if token.row > so_far[0].row), None)
    if hung is not None and abs(hung.box[0] - so_far[0].box[0]) < _ALIGNED < abs(first.box[0] - so_far[0].box[0]):
        return False  # the answer stands in a column of its own
    missing = last.box[2] + first.box[2] - first.box[0] + 0.4 * row.height - edge
    # Lines end ragged; where only that tells, an indented row opens a paragraph of its own.
    goes_on = any(abs(first.box[0] - x) < _ALIGNED for x in (left, label_x, so_far[0].box[0]))
    if so_far[0].index in layout.answers and so_far[0].box[0] - first.box[0] > _ALIGNED:
        goes_on = False  # in the labels' column, beside an answer in a column of its own, stands the rest of its label
    return missing > 0 or (goes_on and missing > -_RAGGED * (right - left))
