"""Words of a document put into rows as the eye sees them, cut into tokens that labels and values are made of.

A form prints "Giới tính: ....Dân tộc: ...." in one row; readers may give it as one line, as three lines, or with the
leader dots glued to the next label. Rows are therefore built from geometry, and words are cut at leaders and colons.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ocr.fields.box_signs import with_brackets_closed
from ocr.fields.cell_rows import CellRow, RuledCell, rows_in_order
from ocr.fields.closing_dashes import closing_dashes, with_a_colon, without_a_dash
from ocr.fields.enumerators import DASHES, questions_begin
from ocr.fields.folding import fold
from ocr.fields.people_columns import people_apart
from ocr.fields.pieces import cut_up
from ocr.fields.ruled_cells import RuledCells
from ocr.fields.section_headings import SectionHeadings
from ocr.fields.side_by_side import Start, answer_starts, joined
from ocr.fields.twin_columns import columns_apart
from ocr.model import Box, Page, Word

_ROWS_OF_CELLS = 6
_LABEL = 6  # words
_LITTLE_ROOM = 0.5  # heights of a word: as much as between two words, and more
_EXACTLY = 2.5  # points
_IN_COLUMN = 6.0  # points: scans stand a little aslant
_UPRIGHT = str.maketrans("l1|!i", "IIIII")

_Placed: TypeAlias = tuple[int, CellRow]  # a row on the page of this number


class Token(Struct, frozen=True):
    """A piece of a word. `index` counts the document's tokens in reading order, `row` its rows.

    `leader_before` and `leader_after` tell that a run of dots stood there; `colon` that the piece ends in a colon, `in_field` that it was
    filled into a field of a PDF form, `cell` in which cell of a ruled table it stands.
    """

    index: int
    text: str
    fold: str
    box: Box
    confidence: float
    raw_differs: bool
    page: int
    row: int
    colon: bool
    leader_before: bool = False
    leader_after: bool = False
    cell_start: bool = False
    in_field: bool = False
    cell: RuledCell | None = None


class Row(Struct, frozen=True):
    """Tokens side by side. `box` holds them all; `height` is the usual height of a word in it, in points. In a ruled table a row is one
    line of one cell; those of cells side by side have the same `band`."""

    page: int
    box: Box
    height: float
    tokens: tuple[Token, ...]
    band: int | None = None


class Layout(Struct, frozen=True):
    """A document as rows, and all their tokens in one sequence. `margins` gives (left, right) of the text per page in points, `cells`
    the tokens of every cell of a ruled table, also of an empty one, `questions` the tokens that are numbers of questions, `answers` those
    that begin a line of a column of answers, which stands apart from the column of their labels. `order` is what the rows were made of."""

    rows: tuple[Row, ...]
    tokens: tuple[Token, ...]
    margins: dict[int, tuple[float, float]]
    pages: tuple[Page, ...]
    cells: Mapping[RuledCell, Sequence[Token]] = {}
    questions: frozenset[int] = frozenset()
    answers: frozenset[int] = frozenset()
    order: Sequence[_Placed] = ()


def lay_out(
    pages: Sequence[Page], tables: Mapping[int, RuledCells] | None = None, sections: Iterable[str] = (), before: Layout | None = None
) -> Layout:
    """Rows and tokens of all pages in order. `tables` are the ruled tables of pages that have some, `sections` what the form calls the
    people it asks of: where they have columns, one column follows the other, also from page to page. `before` is a layout of the same
    pages with less known of them, and is returned where the rest changes nothing."""
    order, known = _in_order(pages, tables or {}, SectionHeadings(sections))
    if before is not None and not known and order == before.order:
        return before
    rows, tokens, cells = _rows_and_tokens(order, known)
    questions = questions_begin((token.index, token.text) for token in tokens if token.cell_start)
    dashes = closing_dashes([(token.row, token.text, token.cell_start) for token in tokens], questions)
    answers = frozenset(_answers_begin(rows))
    close = frozenset(_close_to_their_labels(rows, [(tokens[at].page, tokens[at].box[0]) for at in answers]))
    if dashes or close:
        tokens = _with_borders(tokens, dashes, close)
        rows = [replace(row, tokens=tuple(tokens[row.tokens[0].index : row.tokens[-1].index + 1])) for row in rows]
        cells = {cell: [tokens[token.index] for token in own] for cell, own in cells.items()}
    return Layout(tuple(rows), tuple(tokens), _margins(order), tuple(pages), cells, questions, answers | close, order)


def _in_order(
    pages: Sequence[Page], tables: Mapping[int, RuledCells], headings: SectionHeadings
) -> tuple[list[_Placed], Sequence[RuledCell]]:
    """(the rows of all pages as they are to be read, every trusted cell of a table)."""
    order: list[_Placed] = []
    cells: list[RuledCell] = []
    for page in pages:
        if page.number in tables:
            found, own = rows_in_order(page.number, page.words, tables[page.number], _rows_of)
            cells += own
        else:
            found = [CellRow(row) for row in _rows_of(page.words)]
        order += [(page.number, row) for row in found]
    order, used = people_apart(order, cells, headings)
    return [(on, row) for on, part in groupby(order, itemgetter(0)) for row in columns_apart(on, [row for _, row in part], headings)], used


def _margins(order: Sequence[_Placed]) -> dict[int, tuple[float, float]]:
    margins: dict[int, tuple[float, float]] = {}
    for number in dict.fromkeys(number for number, _ in order):
        printed = [row.words for on, row in order if on == number]
        lefts = sorted(words[0].box[0] for words in printed)
        rights = sorted(max(word.box[2] for word in words) for words in printed)
        margins[number] = (lefts[len(lefts) // 20], rights[-1 - len(rights) // 20])
    return margins


def _rows_and_tokens(order: Sequence[_Placed], known: Sequence[RuledCell]) -> tuple[list[Row], list[Token], dict[RuledCell, list[Token]]]:
    rows: list[Row] = []
    tokens: list[Token] = []
    cells: dict[RuledCell, list[Token]] = {cell: [] for cell in known}
    starts: list[Start] = []
    for (number, cell, band), part in groupby(order, lambda one: (one[0], one[1].cell, one[1].band)):
        lines = [row for _, row in part]
        if cell is None or not cell.simple:
            printed = [row.words for row in lines]
            here = answer_starts(printed)
            starts = here or starts
            apart = joined(printed, here or (starts if cell is None else ()))  # a form's last rows, on its next page, keep to its columns
        else:
            apart = [(row.words, row.answer) for row in lines]
        for row_words, answer in apart:
            made = tuple(_tokens_of(row_words, number, len(rows), len(tokens), answer, cell))
            if not made:
                continue
            tokens += made
            if cell is not None:
                cells.setdefault(cell, []).extend(made)
            height = median(word.box[3] - word.box[1] for word in row_words)
            rows.append(Row(number, union(token.box for token in made), height, made, band))
    return rows, tokens, cells


def _with_borders(tokens: Sequence[Token], dashes: AbstractSet[int], close: AbstractSet[int]) -> list[Token]:
    """`tokens` with a colon where a dash closes a label, and a cell's start where an answer stands `close` to its label."""
    behind = {at + 1 for at in dashes}
    made = [replace(one, text=without_a_dash(one.text)) if one.index in behind else one for one in tokens]
    made = [replace(one, text=with_a_colon(one.text), colon=True) if one.index in dashes else one for one in made]
    return [replace(one, cell_start=True) if one.index in close else one for one in made]


def _answers_begin(rows: Sequence[Row]) -> Iterator[int]:
    """The tokens behind the first gap of their rows that begin at one place in many rows of a page, and ask nothing themselves."""
    for _, part in groupby(rows, lambda row: row.page):
        behind = [next((token for token in row.tokens[1:] if token.cell_start and not token.leader_before), None) for row in part]
        starts = sorted((token.box[0], token.index) for token in behind if token is not None and not _asks(rows[token.row], token))
        for left, index in starts:
            if sum(abs(other - left) < _IN_COLUMN for other, _ in starts) >= _ROWS_OF_CELLS:
                yield index


def _close_to_their_labels(rows: Sequence[Row], columns: Sequence[tuple[int, float]]) -> Iterator[int]:
    """The tokens that begin exactly where their page's column of answers does, behind labels so long that little room is left."""
    lefts: dict[int, list[float]] = {}
    for page, left in columns:
        lefts.setdefault(page, []).append(left)
    for row in rows:
        apart = any(token.cell_start for token in row.tokens[1:])
        closed = next((at for at, token in enumerate(row.tokens) if token.colon), len(row.tokens))  # behind a colon the answer has begun
        for before, token in pairwise(() if apart or row.page not in lefts else row.tokens[: closed + 1]):
            begins = token.text[:1].isupper() or token.text[:1].isdigit() or before.text.endswith(")")
            room = token.box[0] - before.box[2] > _LITTLE_ROOM * row.height
            if begins and room and sum(abs(left - token.box[0]) < _EXACTLY for left in lefts[row.page]) >= _ROWS_OF_CELLS // 2:
                yield token.index


def _asks(row: Row, opens: Token) -> bool:
    """True where the words from `opens` on are closed as a label is."""
    words = [token for token in row.tokens if token.index >= opens.index][:_LABEL]
    return any(token.colon or token.text in DASHES for token in words)


def has_cells(layout: Layout, page: int) -> bool:
    """True when several rows of a page stand apart as a table's cells do: drawing a PDF's page to look for rules takes long."""
    rows = (row for row in layout.rows if row.page == page)
    return sum(any(token.cell_start and not token.leader_before for token in row.tokens[1:]) for row in rows) >= _ROWS_OF_CELLS


def row_gap(above: Row, row: Row) -> float:
    """The space between two rows in points; small letters alone ("an") leave more of it than there is between lines."""
    return min(row.box[1] - above.box[3], row.box[3] - above.box[3] - above.height)


def union(boxes: Iterator[Box] | Sequence[Box]) -> Box:
    """The smallest box that holds all `boxes`."""
    columns = list(zip(*boxes, strict=True))
    return (min(columns[0]), min(columns[1]), max(columns[2]), max(columns[3]))


def _rows_of(words: Sequence[Word]) -> list[list[Word]]:
    lines: dict[int, list[Word]] = {}
    for word in words:
        if word.text.strip():
            lines.setdefault(word.line, []).append(word)
    # A line is cut where its words do not run on beside each other, so that a value set a little higher still joins the right row.
    pieces = [sorted(line, key=lambda word: word.box[0]) for line in lines.values()]
    pieces.sort(key=lambda piece: median((word.box[1] + word.box[3]) / 2 for word in piece))
    rows: list[list[Word]] = []
    heights: list[tuple[float, float]] = []  # top and bottom of each row: most lie clear of a piece
    for piece in pieces:
        top, bottom = min(word.box[1] for word in piece), max(word.box[3] for word in piece)
        near = (at for at in range(len(rows) - 1, max(-1, len(rows) - 7), -1) if heights[at][0] < bottom and top < heights[at][1])
        home = next((at for at in near if _beside(rows[at], piece)), None)
        if home is None:
            rows.append(list(piece))
            heights.append((top, bottom))
        else:
            rows[home] += piece
            heights[home] = min(heights[home][0], top), max(heights[home][1], bottom)
    for row in rows:
        row.sort(key=lambda word: word.box[0])
    rows.sort(key=lambda row: median((word.box[1] + word.box[3]) / 2 for word in row))
    return rows


def _beside(row: Sequence[Word], piece: Sequence[Word]) -> bool:
    """True when `piece` stands in the same printed row: level with its nearest neighbours and not over them."""
    left, right = piece[0].box[0], max(word.box[2] for word in piece)
    nearest = min(row, key=lambda word: max(left - word.box[2], word.box[0] - right, 0.0))
    anchor = piece[0] if nearest.box[0] < left else piece[-1]
    overlap = min(nearest.box[3], anchor.box[3]) - max(nearest.box[1], anchor.box[1])
    if overlap < 0.6 * min(nearest.box[3] - nearest.box[1], anchor.box[3] - anchor.box[1]):
        return False
    printed = [word for word in row if fold(word.text)]
    for other in (word for word in piece if fold(word.text)):
        for word in printed:
            common = min(word.box[2], other.box[2]) - max(word.box[0], other.box[0])
            if common > 0.4 * min(word.box[2] - word.box[0], other.box[2] - other.box[0]):
                return False
    return True


def _tokens_of(
    words: Sequence[Word], page: int, row: int, first: int, answer: int | None = None, cell: RuledCell | None = None
) -> Iterator[Token]:
    """The tokens of one row; `answer` is the word that begins a cell wherever it stands."""
    opens = words[answer] if answer is not None and answer < len(words) else None
    pieces: list[tuple[str, Box, Word, bool]] = []  # text, box, word, leader before
    leader = False
    trailing: set[int] = set()
    torn: set[int] = set()
    words = with_brackets_closed(words)
    for word in words:
        cut = list(cut_up(word, opens_row=word is words[0]))
        letters = [text for text, _, is_leader in cut if not is_leader]
        # Leader dots printed through the letters tear a PDF's own words: nothing of such a word can be trusted.
        is_torn = len(letters) > 3 and sum(map(len, letters)) <= 3 * len(letters)
        for text, box, is_leader in cut:
            if is_torn:
                torn.add(id(word))
            if is_leader:
                leader = True
                if pieces:
                    trailing.add(len(pieces) - 1)
                continue
            pieces.append((text, box, word, leader))
            leader = False
    height = median(word.box[3] - word.box[1] for word in words)
    for position, (text, box, word, leader_before) in enumerate(pieces):
        gap = box[0] - pieces[position - 1][1][2] if position else None
        yield Token(
            index=first + position,
            text=text,
            fold=fold(text),
            box=box,
            confidence=word.confidence,
            raw_differs=id(word) in torn or (word.raw is not None and word.raw != word.text and not _same_strokes(word.raw, word.text)),
            page=page,
            row=row,
            colon=text.endswith((":", ";")),
            leader_before=leader_before,
            leader_after=position in trailing,
            cell_start=gap is None or gap > 1.4 * height or leader_before or (word is opens and pieces[position - 1][2] is not word),
            in_field=word.in_field,
            cell=cell,
        )


def _same_strokes(one: str, two: str) -> bool:
    """True for as many upright strokes in other letters: "lll" is III."""
    return two.strip(".,") in ("II", "III") and one.strip(".,").translate(_UPRIGHT) == two.strip(".,")
