"""What stands under a label that heads a column: the office and the name of who signed."""

import re
from collections.abc import Sequence
from functools import cache
from statistics import median

from ocr.fields.folding import fold
from ocr.fields.label_places import Match
from ocr.fields.labels import Alignment
from ocr.fields.layout import Layout, Row, Token, union
from ocr.fields.lists import positions
from ocr.fields.templates import Template
from ocr.words.lattice import BEFORE_A_TITLE

_TALL = 1.6  # times the usual height of the words around
_TIGHT, _CENTRED = 0.9, 1.5  # heights between two lines of a name
_STROKE_LETTERS = 4
_LONG_NAME, _LONG_OFFICE = 5, 8  # words: "CÔNG CHỨC TƯ PHÁP - HỘ TỊCH"


def column_text(layout: Layout, template: Template, alignment: Alignment, match: Match) -> tuple[Row, list[list[Token]]]:
    """(label's row, rows of tokens) under a column label, down to the page's end or the next label across the column."""
    label = [layout.tokens[index] for index in match.taken]
    box = union([token.box for token in label])
    middle = (box[0] + box[2]) / 2
    lowest = max(token.row for token in label)
    neighbours: list[float] = []
    for other in alignment.matches:
        place = template.fields[other.entry].place
        if other.start == match.start or place not in ("below", "after", "anchor"):
            continue
        tokens = [layout.tokens[index] for index in other.taken]
        if tokens[0].page == label[0].page and (
            0 <= tokens[0].row - label[0].row <= 2 or (place == "below" and abs(tokens[0].row - label[0].row) <= 2)
        ):
            spread = union([token.box for token in tokens])
            neighbours.append((spread[0] + spread[2]) / 2)
    margins = layout.margins[label[0].page]
    left = max(
        [(middle + other) / 2 for other in neighbours if other < middle - 20],
        default=min(middle - 130, margins[0]) if middle - margins[0] < 170 else middle - 150,
    )
    right = min([(middle + other) / 2 for other in neighbours if other > middle + 20], default=middle + 150)
    used = {index for other in alignment.matches for index in other.taken}
    rows: list[list[Token]] = []
    for row in layout.rows[lowest + 1 :]:
        if row.page != label[0].page and (row.page != label[0].page + 1 or without_hints(rows) or len(rows) > 2 or row.box[1] > 120):
            break  # a signature at the very foot of a page has its name at the head of the next
        inside = _inside(row, left, right)
        if any(token.index in used for token in inside):
            break
        if inside:
            rows.append(inside)
    return layout.rows[lowest], rows


def _inside(row: Row, left: float, right: float) -> list[Token]:
    """The tokens of a column. A name that reaches over its column's edge is not cut there when nothing stands beside it."""
    cells: list[list[Token]] = []
    for token in row.tokens:
        if token.cell_start or not cells:
            cells.append([])
        cells[-1].append(token)
    found: list[Token] = []
    for cell in cells:
        own = [token for token in cell if left <= (token.box[0] + token.box[2]) / 2 <= right]
        middle = (cell[0].box[0] + cell[-1].box[2]) / 2
        longest = _LONG_OFFICE if is_capital(cell) else _LONG_NAME
        wide = cell[-1].box[2] - cell[0].box[0]
        if len(cell) <= longest and wide < right - left and not any(token.text.startswith("(") for token in cell):
            own = cell if left <= middle <= right else []
        found += own
    return found


_HINT_WORDS = frozenset(
    fold(word) for word in ["ký", "ghi", "rõ", "họ", "tên", "chữ", "đệm", "đóng", "dấu", "nội", "dung", "và", "chức", "vụ", "nếu", "có"]
)


def below_heading(rows: Sequence[Sequence[Token]]) -> list[list[Token]]:
    """Rows of a signature column without the lines that its heading goes on in, above the hint how to sign or the first office: an
    office may stand above the hint as well."""
    offices = list(map(is_title, rows))
    opens = next((at for at, row in enumerate(rows) if offices[at] or _is_hint(row)), 0)
    return [list(row) for at, row in enumerate(rows) if at >= opens or not is_capital(row)]


def is_capital(tokens: Sequence[Token]) -> bool:
    """True when nearly all letters are capitals."""
    letters = re.sub(r"[\W\d_]", "", "".join(token.text for token in tokens))
    return len(letters) >= 2 and sum(letter.isupper() for letter in letters) >= 0.9 * len(letters)


def _is_hint(row: Sequence[Token]) -> bool:
    """True for "(Ký, ghi rõ họ tên)" and its first line."""
    return row[0].text.startswith("(") and row[0].fold == "ky" and any(token.fold in ("ghi", "ho") for token in row)


def is_title(row: Sequence[Token]) -> bool:
    """True for the title of who signs: an office, or what opens with the abbreviation before one, its full stop perhaps unread."""
    first = row[0].text
    return first in BEFORE_A_TITLE or is_office(row) or (first.rstrip(",") + "." in BEFORE_A_TITLE and is_office(row[1:]))


def is_office(row: Sequence[Token]) -> bool:
    """True when the whole row is one of the offices that sign, whatever its marks were read as."""
    return "".join(token.fold for token in row) in _offices()


@cache
def _offices() -> frozenset[str]:
    return frozenset(map(fold, positions()))


def without_hints(rows: Sequence[Sequence[Token]]) -> list[list[Token]]:
    """Rows of a signature column without the printed hints in brackets ("(Ký, ghi rõ họ tên)") and dates."""
    kept: list[list[Token]] = []
    inside = False
    for row in rows:
        line: list[Token] = []
        goes_on = any((token.fold in _HINT_WORDS and token.text.islower()) or token.text.rstrip(".,").endswith(")") for token in row)
        inside = inside and goes_on  # its closing bracket may be misread, or stand outside the column
        for token in row:
            if token.text.startswith("("):
                inside = True
            if not inside:
                line.append(token)
            if token.text.rstrip(".,").endswith(")"):
                if not inside and not any("(" in other.text for other in line):
                    line = []  # the end of a hint that began in the column beside
                inside = False
        words = [token.fold for token in line if token.fold]
        if not words:
            continue
        if all(word in _HINT_WORDS for word in words) and len(words) > 1:
            inside = False
            continue
        kept.append(line)
    return kept


def without_strokes(rows: Sequence[Sequence[Token]]) -> list[list[Token]]:
    """Rows of a signature column without what was read into a signature: a few letters alone, far taller than the words around."""
    usual = median([_height(token) for row in rows for token in row if token.fold] or [0.0])
    return [
        list(row)
        for row in rows
        if sum(len(token.fold) for token in row) > _STROKE_LETTERS or min(_height(token) for token in row) < _TALL * usual
    ]


def person_name(rows: Sequence[Sequence[Token]]) -> list[Token]:
    """The row that is a person's name: two to six capitalised words without digits; the last such row.

    In a narrow column a name may go on in the next row, set as tight as lines of one text are and in the same case.
    """
    best: list[Token] = []
    for row in rows:
        words = [token for token in row if token.fold]
        if is_office(words) or (len(words) == 1 and len(words[0].fold) < 2):
            continue  # of a signature a stroke alone was read
        if not 1 <= len(words) <= 6 or not all(_like_a_name(token) for token in words):
            continue
        goes_on = bool(best) and 0 < words[0].row - best[-1].row <= 2 and _set_tight(best, words) and len(best) + len(words) <= 5
        if goes_on and all(token.text.isupper() == best[0].text.isupper() for token in words):
            best = best + words
        elif len(words) >= 2 or not best:
            best = words
    return best if len(best) >= 2 else []


def _like_a_name(token: Token) -> bool:
    return token.text[:1].isupper() and not any(letter.isdigit() or letter == "/" for letter in token.text)


def _set_tight(above: Sequence[Token], under: Sequence[Token]) -> bool:
    """True for lines of one text; under the middle of the one above a line may stand a little farther off."""
    rows = [[token for token in above if token.row == above[-1].row], under]
    one, two = ((row[0].box[0] + row[-1].box[2]) / 2 for row in rows)
    height = _height(above[-1])
    return under[0].box[1] - above[-1].box[3] < (_CENTRED if abs(one - two) < 0.6 * height else _TIGHT) * height


def _height(token: Token) -> float:
    return token.box[3] - token.box[1]
