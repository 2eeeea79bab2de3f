"""Words of a document put into rows as the eye sees them, cut into tokens that labels and values are made of.

A form prints "Giới tính: ....Dân tộc: ...." in one row; readers may give it as one line, as three lines, or with the
leader dots glued to the next label. Rows are therefore built from geometry, and words are cut at leaders and colons.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from ocr.fields.box_signs import BRACKETS, EMPTY_GLYPHS, TICKED_GLYPHS, with_brackets_closed
from ocr.fields.cell_rows import CellRow, RuledCell, rows_in_order
from ocr.fields.closing_dashes import closing_dashes, with_a_colon, without_a_dash
from ocr.fields.enumerators import DASHES, questions_begin
from ocr.fields.folding import fold
from ocr.fields.people_columns import people_apart
from ocr.fields.ruled_cells import RuledCells
from ocr.fields.section_headings import SectionHeadings
from ocr.fields.side_by_side import Start, answer_starts, joined
from ocr.fields.twin_columns import columns_apart
from ocr.model import Box, Page, Word

_RUN = r"[.…‥·]{2,}|…|_{3,}|-{3,}"  # two dots never stand inside a value, nor do three dashes
LEADER = re.compile(_RUN)
_GLYPHS = "".join(sorted(TICKED_GLYPHS | EMPTY_GLYPHS))
_GLYPH = re.compile(f"[{_GLYPHS}]")
_PIECE = re.compile(
    rf"(?P<leader>{_RUN})|(?P<glyph>[{_GLYPHS}])|(?P<text>(?:(?!{_RUN}|[{_GLYPHS}]).)+)",
)
_COLON_INSIDE = re.compile(r"(?<=[^\W\d_][:])(?!(?<=^[A-Z]:)\d)(?=\S)|(?<=[)¹²³⁴⁵⁶⁷⁸⁹.\]][:])(?=\S)|(?<=^:)(?=\w)")
_NEXT_LABEL = re.compile(r"(?<=[\w)]\.)(?=[^\W\d_]+:)")
_OPENING = re.compile(r"(?<=[^\s(])(?=\((?:[^\W\d]|\d+\)))")
_COUNTER_GLUED = re.compile(r"(?<=^STT)(?=[A-ZĐ])")  # "STTHọ" in a table's heading
_OPENED, _CLOSED = r"[\[({|jlIịỊ]", r"[\])}|jJlIịỊ!]"  # a bracket before and behind a number, or what it is read as
_BEFORE = r"[\[({|jlIịỊGCOQ]"  # a bracket twice, or a check box
_NUMBER_GLUED = re.compile(  # "(02lLần", "(o2lLần"
    rf"(?<=^{_OPENED}[\doO]\d{_CLOSED})(?=[^\W\d_])|(?<=^{_BEFORE}{_OPENED}[\doO]\d{_CLOSED})(?=[^\W\d_])"
)
_NUMBER_MISREAD = re.compile(rf"^{_BEFORE}?{_OPENED}([\doO]\d){_CLOSED}$")
_BOX_GLUED = re.compile(r"(?<=^\d)(?=[CGOQDUL]Số$)|(?<=^\d[CGOQDUL])(?=Số$)")  # "1☐Số 2", its box read as a letter
_CHOICE = r"(?=(?:[Cc]ó|[Kk]hông|[Ss][ốổõỗồ])$)"
_CHOICE_GLUED = re.compile(
    rf"(?<=^[^\W\d_]){_CHOICE}|(?<=^[^\W\d_]{{2}}){_CHOICE}|(?<=^[^\W\d_]{{3}}){_CHOICE}"
)  # "DXÌKhông": its box before
_OTHER_LANGUAGE = re.compile(  # "tộc/Ethnic": a label's English half, set against its slash
    r"(?<=[^\W\d_])(?=/(?:Sex|Gend|Nation|Resid|Perman|Temp|Current|Pla|Date|Year|Full|Ethn|Iden|lden|Person|Addr|Phone|Tele|Purp|Marit"
    r"|Fath|Moth|Relat|Issu|Occup|Appl))"
)
_DATE_GLUED = re.compile(r"(?<=[^\W\d_],)(?=(?:ngày|tháng|năm)$)")  # "Vĩnh Mỹ,ngày 25"
_GLUED = (_NUMBER_GLUED, _BOX_GLUED, _COUNTER_GLUED, _OTHER_LANGUAGE, _DATE_GLUED, _CHOICE_GLUED)
_CUTS = (_COLON_INSIDE, _OPENING, _NEXT_LABEL, *_GLUED)
_COUNT_GLUED = re.compile(r"^\(?(?:\d{1,2}|[tzliI1][oz\d]?(?=/))[.)/]{1,2}(?=[^\W\d_]{2})")  # "15/Tên" at the head of a row, "t/Họ" for 1
_LEADER_ONLY = re.compile(r"^[.…_‥·,\-–—~'`\"]+$")


_ROWS_OF_CELLS = 6
_LABEL = 6  # words
_LITTLE_ROOM = 0.5  # heights of a word: as much as between two words, and more
_EXACTLY = 2.5  # points
_IN_COLUMN = 6.0  # points: scans stand a little aslant
_UPRIGHT = str.maketrans("l1|!i", "IIIII")
# Widths in a book face, measured against its average letter.
_WIDTHS = {**dict.fromkeys(".,:;·'|!ijl", 0.55), **dict.fromkeys("ftrI()[]-/ ", 0.7), **dict.fromkeys("mwMWĐOQG", 1.5), "…": 2.0}


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
    that begin a line of a column of answers, which stands apart from the column of their labels."""

    rows: tuple[Row, ...]
    tokens: tuple[Token, ...]
    margins: dict[int, tuple[float, float]]
    pages: tuple[Page, ...]
    cells: Mapping[RuledCell, Sequence[Token]] = {}
    questions: frozenset[int] = frozenset()
    answers: frozenset[int] = frozenset()


def lay_out(pages: Sequence[Page], tables: Mapping[int, RuledCells] | None = None, sections: Iterable[str] = ()) -> Layout:
    """Rows and tokens of all pages in order. `tables` are the ruled tables of pages that have some, `sections` what the form calls the
    people it asks of: where they have columns, one column follows the other, also from page to page."""
    rows: list[Row] = []
    tokens: list[Token] = []
    margins: dict[int, tuple[float, float]] = {}
    cells: dict[RuledCell, list[Token]] = {}
    drawn: list[tuple[int, CellRow]] = []
    for page in pages:
        ruled = tables.get(page.number) if tables is not None else None
        if ruled is None:
            found = [CellRow(row) for row in _rows_of(page.words)]
        else:
            found, own = rows_in_order(page.number, page.words, ruled, _rows_of)
            cells.update((cell, []) for cell in own)
        drawn += [(page.number, row) for row in found]
    headings = SectionHeadings(sections)
    drawn, used = people_apart(drawn, list(cells), headings)
    cells = {cell: [] for cell in used}
    drawn = [(on, row) for on, part in groupby(drawn, itemgetter(0)) for row in columns_apart(on, [row for _, row in part], headings)]
    for number in dict.fromkeys(number for number, _ in drawn):
        printed = [row.words for on, row in drawn if on == number]
        lefts = sorted(words[0].box[0] for words in printed)
        rights = sorted(max(word.box[2] for word in words) for words in printed)
        margins[number] = (lefts[len(lefts) // 20], rights[-1 - len(rights) // 20])
    starts: list[Start] = []
    for (number, cell, band), part in groupby(drawn, lambda one: (one[0], one[1].cell, one[1].band)):
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
    questions = questions_begin((token.index, token.text) for token in tokens if token.cell_start)
    dashes = closing_dashes([(token.row, token.text, token.cell_start) for token in tokens], questions)
    answers = frozenset(_answers_begin(rows))
    close = frozenset(_close_to_their_labels(rows, [(tokens[at].page, tokens[at].box[0]) for at in answers]))
    if dashes or close:
        behind = {at + 1 for at in dashes}
        tokens = [replace(one, text=without_a_dash(one.text)) if one.index in behind else one for one in tokens]
        tokens = [replace(one, text=with_a_colon(one.text), colon=True) if one.index in dashes else one for one in tokens]
        tokens = [replace(one, cell_start=True) if one.index in close else one for one in tokens]
        rows = [replace(row, tokens=tuple(tokens[row.tokens[0].index : row.tokens[-1].index + 1])) for row in rows]
        cells = {cell: [tokens[token.index] for token in own] for cell, own in cells.items()}
    return Layout(tuple(rows), tuple(tokens), margins, tuple(pages), cells, questions, answers | close)


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
    for piece in pieces:
        home = next((row for row in reversed(rows[-6:]) if _beside(row, piece)), None)
        if home is None:
            rows.append(list(piece))
        else:
            home += piece
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
        cut = list(_cut(word, opens_row=word is words[0]))
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


@lru_cache(maxsize=8192)
def _is_whole(text: str) -> bool:
    """True for a word that nothing in it parts; a page says most of its words again, and is laid out twice."""
    plain = not any(sign in text for sign in (":", "(", "[", "..", "…", "_", "---"))
    return plain and not any(pattern.search(text) for pattern in (_GLYPH, *_GLUED))


def _count_glued(text: str) -> re.Match[str] | None:
    counted = _COUNT_GLUED.match(text)
    return counted if counted and text[counted.end()].isupper() else None


def _cut(word: Word, opens_row: bool = False) -> Iterator[tuple[str, Box, bool]]:
    """The pieces of a word: (text, box, is a leader). Boxes of pieces are shares of the word's width by the usual widths of letters."""
    text = word.text.strip()
    if len(text) > 1 and _LEADER_ONLY.match(text) and not text.strip(".…_‥·,"):
        yield text, word.box, True
        return
    counted = _count_glued(text) if opens_row else None
    if counted is None and _is_whole(text):
        yield text, word.box, False
        return
    x0, y0, x1, y1 = word.box
    ends = list(accumulate((_WIDTHS.get(letter, 1.0) for letter in text), initial=0.0))
    edge = [x0 + (x1 - x0) * end / ends[-1] for end in ends]
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        if piece["leader"]:
            yield piece[0], (edge[start], y0, edge[end], y1), True
            continue
        at = start
        cuts = [start + cut.start() for pattern in _CUTS for cut in pattern.finditer(piece[0])] if piece["text"] else []
        cuts += [start + border for sign in BRACKETS.finditer(piece[0]) for border in sign.span()] if piece["text"] else []
        cuts += [counted.end()] if counted and start < counted.end() < end else []
        for cut in [*sorted(set(cuts)), end]:
            part = text[at:cut]
            if part.strip():
                part = _NUMBER_MISREAD.sub(r"[\1]", part) if cut < end else part
                yield part, (edge[at], y0, edge[cut], y1), False
            at = cut
