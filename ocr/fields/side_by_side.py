"""Forms printed as two columns: labels at the left, answers at the right, both free to break into several lines.

Read row by row, "Quan hệ với người được | Con đẻ" over "khai sinh:" would put the answer into the middle of its label. Where
answers begin at one place behind the colons of several rows, a label that goes on in the next row is joined before its answer.
"""

from collections.abc import Sequence
from itertools import pairwise

from ocr.model import Word

_SAME_PLACE = 2.5  # points: where answers of one column begin
_LEAST_ANSWERS = 3
_NO_SPACE = 0.4  # heights between a label and its answer, at least
_MOST_ROWS = 4


Start = tuple[float, bool]  # x of a column in which answers begin, and whether they stand behind colons


def joined(rows: Sequence[Sequence[Word]], starts: Sequence[Start]) -> list[tuple[list[Word], int | None]]:
    """The rows of one page, where a broken label and its answer are one row: (words, position of the answer's first word). Answers
    begin at `starts`.

    The position is None for all other rows, which are given back as they are.
    """
    made: list[tuple[list[Word], int | None]] = []
    at = 0
    while at < len(rows):
        count, start = max(((_label_rows(rows[at : at + _MOST_ROWS], *start), start[0]) for start in starts), default=(0, 0.0))
        if count < 2:
            made.append((list(rows[at]), None))
            at += 1
            continue
        label = [word for row in rows[at : at + count] for word in row if word.box[0] < start - _SAME_PLACE]
        answer = [word for row in rows[at : at + count] for word in row if word.box[0] >= start - _SAME_PLACE]
        made.append((label + answer, len(label)))
        at += count
    return made


def answer_starts(rows: Sequence[Sequence[Word]]) -> list[Start]:
    """Where answers begin: behind the colons, or wide gaps, of three rows and more."""
    behind_colons = _together([after.box[0] for row in rows for before, after in pairwise(row) if before.text.endswith(":")])
    two_cells = [cells[1][0].box[0] for row in rows if len(cells := _cells(row)) == 2]
    starts = [(group[len(group) // 2], True) for group in behind_colons if len(group) >= _LEAST_ANSWERS]
    return starts or [(group[0], False) for group in _together(two_cells) if len(group) > _LEAST_ANSWERS]


def _together(places: Sequence[float]) -> list[list[float]]:
    groups: list[list[float]] = []
    for x in sorted(places):
        if groups and x - groups[-1][0] <= _SAME_PLACE:
            groups[-1].append(x)
        else:
            groups.append([x])
    return groups


def _cells(row: Sequence[Word]) -> list[list[Word]]:
    cells: list[list[Word]] = []
    for number, word in enumerate(row):
        if number == 0 or word.box[0] - row[number - 1].box[2] > 1.4 * (word.box[3] - word.box[1]):
            cells.append([])
        cells[-1].append(word)
    return cells


def _opens_a_bracket(words: Sequence[Word]) -> bool:
    return sum(word.text.count("(") - word.text.count(")") for word in words) > 0


def _label_rows(rows: Sequence[Sequence[Word]], start: float, by_colon: bool) -> int:
    """How many of `rows`, from the first, hold one label with an answer beside it; 0 when they do not.

    A label goes on in small letters and ends with its colon or, where a form prints none, with its last line. One that goes on in
    capitals ("… được cấp | Giấy xác nhận …:") stands well apart from its answer, alone in its later lines, and ends with a colon.
    """
    answered = capital = False
    begin = 0.0

    def ends(number: int, *, here: bool = True) -> int:
        return number if here and answered and number > 1 and not capital else 0

    for number, row in enumerate(rows):
        label = [word for word in row if word.box[0] < start - _SAME_PLACE]
        answer = row[len(label) :]
        if number == 0:
            begin = label[0].box[0] if label else 0.0
        elif label and abs(label[0].box[0] - begin) >= 8:
            return ends(number)
        elif label and not _goes_on(label[0].text, by_colon):
            apart = any(cell[0].box[0] >= start - _SAME_PLACE for cell in _cells(rows[0])[1:])
            if not by_colon or answer or not apart:
                return ends(number)
            capital = True
        if not number and label and answer and answer[0].box[0] - label[-1].box[2] < _NO_SPACE * _height(row):
            return 0  # no more than a space between two words
        if label and answer and _opens_a_bracket(label) and any(")" in word.text for word in answer):
            return ends(number)  # a hint of the label goes on where answers begin elsewhere
        tight = not number or row[0].box[1] - max(word.box[3] for word in rows[number - 1]) < 0.8 * max(
            map(_height, rows[number - 1 : number + 1])
        )
        beside = not answer or (
            abs(answer[0].box[0] - start) <= _SAME_PLACE and not answer[0].text.endswith(":") and not answer[-1].text.endswith(":")
        )
        if number and label and answer and not by_colon:
            return ends(number)  # without colons a row with both is a question of its own
        cells = sum(map(len, (_cells(label), _cells(answer))))
        if not tight or not beside or cells > 2 or (number == 0 and not label) or (label and label[-1].box[2] > start):
            return ends(number, here=not tight or not label)
        if number and not answer and not by_colon and label and label[-1].text.endswith(":"):
            return number + 1 if answered else 0  # a form that prints colons behind some labels only
        answered |= bool(answer)
        colons = [position for position, word in enumerate(label) if word.text.endswith(":")]
        if colons:
            return number + 1 if answered and number and colons == [len(label) - 1] else 0
    return 0


def _height(row: Sequence[Word]) -> float:
    return row[0].box[3] - row[0].box[1]


def _goes_on(text: str, by_colon: bool) -> bool:
    return text[:1].islower() or (by_colon and text[:1] in "(/")
