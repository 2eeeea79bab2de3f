"""Tables: their headings give the columns, the white between columns gives their borders, numbers or first cells give the rows.

A printed rule decides where it can be seen in the page image; words alone do otherwise.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import median

from msgspec import Struct
from msgspec.structs import replace
from rapidfuzz.distance import Indel

from ocr.fields.folding import fold, fold_words
from ocr.fields.layout import Layout, Row, Token, union
from ocr.fields.page_ink import Ruling
from ocr.fields.page_numbers import is_page_number
from ocr.fields.templates import Column, Entry
from ocr.fields.wordings import other_wordings
from ocr.model import Box

_JOINED = (2, 3)  # words of a heading that may be read as one
_TELLING = 4  # letters of a word by which a heading is known without its first
_RESTATED = 0.85  # how like a column's heading a cell must read


class Cell(Struct, frozen=True):
    """The tokens of one cell of a table row, in reading order. `doubted` when a word may belong to a neighbour; `box` where rules
    bound its row."""

    column: Column
    tokens: tuple[Token, ...]
    doubted: bool = False
    box: Box | None = None


class Table(Struct, frozen=True):
    """Rows of cells, every column present in each; `used` are all tokens of headings and body."""

    rows: tuple[tuple[Cell, ...], ...]
    used: frozenset[int]


def read_table(layout: Layout, entry: Entry, start: int, end: int, ruling: Callable[[int], Ruling | None]) -> Table | None:
    """The table of `entry` between token positions `start` and `end`; None when its heading is not there."""
    rows = whole_rows([row for row in layout.rows if row.tokens[0].index >= start and row.tokens[-1].index < end])
    heading = heading_of(rows, entry.columns)
    if heading is None:
        return None
    # A table may go on at the top of the next page, in the same columns.
    spans, first_body, heading_tokens = heading
    asks = layout.questions if not entry.columns[0].counter else frozenset[int]()
    body = _body(list(itertools.takewhile(lambda row: row.tokens[0].index not in asks, rows[first_body:])), spans)
    used = frozenset(token.index for token in heading_tokens) | frozenset(token.index for row in body for token in row.tokens)
    if not body:
        return Table((), used)
    made: list[tuple[Cell, ...]] = []
    before: list[float] | None = None
    for page in sorted({row.page for row in body}):
        part = [row for row in body if row.page == page]
        head = heading_tokens if page == rows[0].page else []
        borders = before = _borders(spans, part, head, ruling(page), before)
        edges = (min(row.box[0] for row in part) - 4, *borders, max(row.box[2] for row in part) + 6)
        for tokens, bounds in _rows_of_body(part, borders, entry.columns, ruling(page)):
            by_column = [tuple(token for token in tokens if _column_at(borders, token) == number) for number in range(len(entry.columns))]
            cells = tuple(
                Cell(
                    column,
                    own,
                    doubted=any(_crosses(borders, token) for token in own),
                    box=(edges[number], bounds[0], edges[number + 1], bounds[1]) if bounds else None,
                )
                for number, (column, own) in enumerate(zip(entry.columns, by_column, strict=True))
            )
            if any(token.fold for cell in cells if not cell.column.counter for token in cell.tokens) and not _restates_heading(cells):
                made.append(cells)
    return Table(tuple(made), used)


def _restates_heading(cells: Sequence[Cell]) -> bool:
    """True for a row that says the headings again, as a table does at the top of a new page: two cells read like the heading of
    their column, and no other cell reads like anything else."""
    filled = [(cell.column, fold(cell_text(cell)).replace(" ", "")) for cell in cells if any(token.fold for token in cell.tokens)]
    if len(filled) < 2:
        return False
    return all(
        any(Indel.normalized_similarity(read, "".join(words)) >= _RESTATED for words in _wordings(column)) for column, read in filled
    )


def whole_rows(rows: Sequence[Row]) -> list[Row]:
    """`rows` with the lines of cells side by side taken together."""
    whole: list[Row] = []
    for row in rows:
        if row.band is not None and whole and (whole[-1].page, whole[-1].band) == (row.page, row.band):
            before = whole[-1]
            whole[-1] = replace(before, tokens=before.tokens + row.tokens, box=union([before.box, row.box]))
        else:
            whole.append(row)
    return whole


def heading_of(rows: Sequence[Row], columns: Sequence[Column]) -> tuple[list[tuple[float, float]], int, list[Token]] | None:
    """(x range of every column's heading, number of the first body row, tokens of the heading)."""
    for first in range(min(4, len(rows))):
        best: tuple[float, list[tuple[float, float]], int, list[Token]] | None = None
        for last in range(first, min(first + 5, len(rows))):
            block = [token for row in rows[first : last + 1] for token in row.tokens]
            spans = _heading_spans(block, columns)
            if spans is not None:
                score, ranges = spans
                if best is None or score > best[0] + 0.02:
                    best = (score, ranges, last + 1, block)
        if best is not None and best[0] > 0.72:
            _, ranges, last, block = best
            while last < len(rows) and _only_heading(rows[last], columns, block):
                block = [*block, *rows[last].tokens]
                last += 1
            return ranges, last, block
    return None


@lru_cache(maxsize=1024)
def _wordings(column: Column) -> tuple[tuple[str, ...], ...]:
    """The folded words of a column's heading in each of the ways in which offices print it."""
    printed = (column.label, *column.variants)
    return tuple(tuple(fold_words(wording)) for wording in (*printed, *(other for one in printed for other in other_wordings(one))))


@lru_cache(maxsize=1024)
def opening_words(column: Column) -> frozenset[str]:
    """The folded words with which a column's heading may begin, alone or joined with the next ones."""
    return frozenset("".join(words[:count]) for words in _wordings(column) for count in (1, *_JOINED) if words)


def _only_heading(row: Row, columns: Sequence[Column], block: Sequence[Token]) -> bool:
    """True for a row that holds nothing but words of headings, set as tight as a heading is: the last line of a high heading."""
    words = {word for column in columns for wording in _wordings(column) for word in wording}
    tight = row.box[1] - max(token.box[3] for token in block) < 0.5 * row.height
    return tight and all(token.fold in words for token in row.tokens) and not any(token.fold.isdigit() for token in row.tokens)


def _heading_spans(block: Sequence[Token], columns: Sequence[Column]) -> tuple[float, list[tuple[float, float]]] | None:
    """Each heading's words found from left to right in the block; (share of words found, x ranges)."""
    left = [token for token in block if token.fold]
    ranges: list[tuple[float, float]] = []
    found, wanted = 0, 0
    least_x = -1.0
    lost: int | None = None
    for number, column in enumerate(columns):
        best: list[Token] = []
        said, best_words = 0, tuple[str, ...]()
        for number_of, words in enumerate(_wordings(column)):
            if best and said == len(best_words) and number_of > len(column.variants):
                break  # as the form itself words it
            picked, count = _pick(left, words, least_x)
            if not best or 3 * count - len(words) > 3 * said - len(best_words):  # a word found outweighs one that is missed
                best, said, best_words = picked, count, words
        if not best and column.counter and number == 0:
            lost = number  # "TT" is small and often misread; its column is what stands left of the next one
            continue
        if not best:
            return None
        wanted += len(best_words)
        found += said
        box = union([token.box for token in best])
        ranges.append((box[0], box[2]))
        least_x = box[0]
        left = [token for token in left if token not in best]
    if lost is not None and ranges:
        ranges.insert(0, (ranges[0][0] - 30, ranges[0][0] - 10))
    if any(after[0] < before[1] - 6 for before, after in itertools.pairwise(ranges)):
        return None
    return (found - 0.5 * len(left)) / max(1, wanted), ranges


def _pick(tokens: Sequence[Token], words: tuple[str, ...], least_x: float) -> tuple[list[Token], int]:
    """Tokens that read like `words` and stand together in one column, and how many of the words they say."""
    best: tuple[list[Token], int] = [], 0
    for start in sorted((token for token in tokens if token.box[0] > least_x), key=lambda token: token.box[0]):
        said = at = _said(start.fold, words)
        if not at and len(words) > 1 and len(words[1]) >= _TELLING:
            said = _said(start.fold, words[1:])  # "S CCCD": the first word was not read
            at = 1 + said if said else 0
        if not at:
            continue
        picked = [start]
        while at < len(words):
            box = union([token.box for token in picked])
            near = [
                (token.row, token.index, count, token)
                for token in tokens
                if token.index > start.index
                and box[0] - 45 < token.box[0] < box[2] + 14
                and token not in picked
                and (count := _said(token.fold, words[at:]))
            ]
            if not near:
                at += 1
                continue
            _, _, count, token = min(near, key=lambda one: one[:2])
            picked.append(token)
            said, at = said + count, at + count
        if said > best[1]:
            best = picked, said
    return best


@lru_cache(maxsize=16384)
def _said(read: str, words: tuple[str, ...]) -> int:
    """How many of the opening `words` one token says: readers join the words of narrow headings ("Nơithường trú")."""
    joined = (count for count in _JOINED if count <= len(words) and len(read) >= 4)
    whole = next((count for count in joined if Indel.normalized_similarity(read, "".join(words[:count])) >= 0.9), 0)
    return whole or int(_alike(read, words[0]))


def _alike(read: str, word: str) -> bool:
    return read == word if len(word) <= 2 else Indel.normalized_similarity(read, word) >= 0.7


def _body(rows: Sequence[Row], spans: Sequence[tuple[float, float]]) -> list[Row]:
    """Rows under the heading while they stay close and inside the table's width; dates over signatures are no body, nor are the numbers
    of pages that it goes on over."""
    body: list[Row] = []
    left, right = spans[0][0], spans[-1][1]
    for row in rows:
        if is_page_number(" ".join(token.text for token in row.tokens)) or (body and _is_bare_page_number(row, body[-1])):
            continue  # it stands far below
        if body and row.page == body[-1].page and row.box[1] - body[-1].box[3] > 45:
            break
        inside = [token for token in row.tokens if left - 25 <= (token.box[0] + token.box[2]) / 2 <= right + 60]
        if len(inside) < len(row.tokens):
            break
        body.append(row)
    return body


def _is_bare_page_number(row: Row, above: Row) -> bool:
    """True for a figure alone outside the ruled cells that the table has so far."""
    alone = len(row.tokens) == 1 and row.tokens[0].text.isdigit()
    return alone and row.tokens[0].cell is None and above.tokens[0].cell is not None


def _borders(
    spans: Sequence[tuple[float, float]], body: Sequence[Row], heading: Sequence[Token], ruling: Ruling | None, earlier: list[float] | None
) -> list[float]:
    """x of the border after each column but the last: a printed rule, else that of the page before (`earlier`), else the widest white
    between the two headings' middles."""
    boxes = [token.box for row in body for token in row.tokens] + [token.box for token in heading]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    reach = max(0.0, 30 - (bottom - top)) / 2  # the stems of a single row's letters are as high as the row, rules are higher
    rules = ruling.vertical(top - reach, bottom + reach) if ruling is not None else []
    borders: list[float] = []
    for before, after in itertools.pairwise(spans):
        low, high = (before[0] + before[1]) / 2, (after[0] + after[1]) / 2
        printed = [x for x in rules if low < x < high]
        if printed:
            borders.append(min(printed, key=lambda x: abs(x - (before[1] + after[0]) / 2)))
            continue
        if earlier is not None:
            borders.append(earlier[len(borders)])
            continue
        borders.append(_widest_white(low, high, boxes, (before[1] + after[0]) / 2))
    return borders


def _widest_white(low: float, high: float, boxes: Sequence[tuple[float, float, float, float]], middle: float) -> float:
    edges = sorted({low, high, *[x for box in boxes for x in (box[0], box[2]) if low < x < high]})
    best = (len(boxes) + 1, 0.0, middle)
    for one, two in itertools.pairwise(edges):
        x = (one + two) / 2
        crossed = sum(box[0] < x < box[2] for box in boxes)
        best = min(best, (crossed, -(two - one), x))
    return best[2]


def _crosses(borders: Sequence[float], token: Token) -> bool:
    """True when a good part of the word stands on the other side of a border: readers join words of neighbouring cells."""
    left, _, right, _ = token.box
    return any(min(border - left, right - border) > 0.2 * (right - left) for border in borders if left < border < right)


def _column_at(borders: Sequence[float], token: Token) -> int:
    middle = (token.box[0] + token.box[2]) / 2
    return sum(border < middle for border in borders)


def _rows_of_body(
    body: Sequence[Row], borders: Sequence[float], columns: Sequence[Column], ruling: Ruling | None
) -> list[tuple[list[Token], tuple[float, float] | None]]:
    """The tokens of each table row, with its top and bottom where rules are printed. Rules part the rows; else the numbers of a
    counter column; else the first column's entries."""
    tokens = [token for row in body for token in row.tokens]
    box = union([token.box for token in tokens])
    lines = ruling.horizontal(box[0], box[2], box[1] - 30, box[3] + 6) if ruling is not None else []
    if len(lines) >= 2 or (lines and len(body) > 1):
        groups: dict[int, list[Token]] = {}
        for token in tokens:
            groups.setdefault(sum(line < (token.box[1] + token.box[3]) / 2 for line in lines), []).append(token)
        low = box[3] + 5  # below the last word, where the lowest rule was not looked for
        bounds = {key: (lines[key - 1], lines[key] if key < len(lines) else low) if key else None for key in groups}
        return [(groups[key], bounds[key]) for key in sorted(groups)]
    if len(body) == 1 and len({token.cell for token in tokens if token.cell is not None}) > 1:
        return [(tokens, None)]  # the ruled cells of one row, however many lines each has, on a page aslant
    return [(tokens, None) for tokens in _unruled_rows(body, borders, columns, tokens)]


def _unruled_rows(body: Sequence[Row], borders: Sequence[float], columns: Sequence[Column], tokens: Sequence[Token]) -> list[list[Token]]:
    leading = [token for token in tokens if _column_at(borders, token) == 0 and token.fold]
    if not columns[0].counter:
        rows = sorted({token.row for token in leading})
        anchors = [min(token.box[1] for token in leading if token.row == row) for row in rows]
        height = median(row.height for row in body)
        anchors = [anchor for number, anchor in enumerate(anchors) if number == 0 or anchor - anchors[number - 1] > 1.6 * height]
        if not anchors:
            return [list(row.tokens) for row in body]
        grouped: list[list[Token]] = [[] for _ in anchors]
        for token in tokens:
            grouped[max(0, sum(anchor - 3 <= token.box[1] for anchor in anchors) - 1)].append(token)
        return grouped
    numbers = [(token.box[1] + token.box[3]) / 2 for token in leading if token.fold.isdigit()]
    if not numbers:
        return [list(row.tokens) for row in body]
    groups: dict[int, list[Token]] = {}
    middles = [(row.box[1] + row.box[3]) / 2 for row in body]
    half = 0.6 * median(row.height for row in body)
    # Where nothing stands above the first number, every number stands in the first line of its row.
    on_top = min(middles) > numbers[0] - half and max(middles) > numbers[-1] + half
    for row, middle in zip(body, middles, strict=True):
        if on_top:
            nearest = max(0, sum(number - half <= middle for number in numbers) - 1)
        else:
            nearest = min(range(len(numbers)), key=lambda number: abs(numbers[number] - middle))
        groups.setdefault(nearest, []).extend(row.tokens)
    return [groups[key] for key in sorted(groups)]


def cell_text(cell: Cell) -> str:
    """The words of a cell joined by one space, empty for dots alone."""
    text = " ".join(token.text for token in cell.tokens)
    return text if fold(text) else ""
