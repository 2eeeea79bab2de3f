"""Where "ngày … tháng … năm …" stands, filled or blank, in one row or broken inside its column."""

import re
from collections.abc import Collection, Iterator

from ocr.fields.layout import Layout, Row, Token

_PLACE = 150.0  # points that the name of a place may take before its date
_WHOLE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_YEAR = re.compile(r"\d{4}")


def labelled_dates(layout: Layout, labels: Collection[str]) -> Iterator[tuple[int, ...]]:
    """Token positions of dates behind one of the folded `labels` and its colon, in words of the form or in figures alone."""
    wanted = frozenset(labels)
    for row in layout.rows if wanted else ():
        for at, token in enumerate(row.tokens[:-1]):
            words = row.tokens[: at + 1]
            said = ["".join(one.fold for one in words[first:]) for first in range(len(words))]
            if not token.colon or wanted.isdisjoint(said):
                continue
            answer = row.tokens[at + 1]
            if _WHOLE.fullmatch(answer.text.strip(".,;")):
                yield (answer.index,)
            else:
                yield from (taken for taken in date_lines(layout, behind=token.index) if taken[0] == answer.index)


def date_lines(layout: Layout, behind: int | None = None) -> Iterator[tuple[int, ...]]:
    """Token positions of every "ngày … tháng … năm …", filled or blank, also when it breaks inside its column. One behind a colon answers
    a label and is left out, save `behind` the token of that position."""
    tokens = layout.tokens
    for token in tokens:
        if not token.fold.endswith("ngay") or (token.text.endswith(",") and token.fold == "ngay" and not token.leader_after):
            continue
        if _in_a_table(layout.rows[token.row]):
            continue
        before = tokens[token.index - 1] if token.index else None
        place = before is not None and (before.fold == "tai" or token.text.startswith(","))  # "Làm tại:      , ngày …", left open
        if before is not None and before.row == token.row and before.colon and not place and before.index != behind:
            continue  # the answer of a label
        taken = [token.index]
        wanted, passed = ["thang", "nam"], False
        for following in _column_run(layout, token):
            if len(taken) > 9:
                break
            if wanted and following.fold.startswith(wanted[0]) and not (following.text.endswith(",") and not following.leader_after):
                wanted.pop(0)
                taken.append(following.index)
            elif following.colon:
                break  # a label, not the year
            elif passed and (following.row == token.row or following.box[0] > tokens[taken[-1]].box[2]):
                continue
            elif following.fold.isdigit() or (len(following.fold) <= 2 or (not following.fold.isalpha() and len(following.fold) <= 4)):
                taken.append(following.index)
                if not wanted and _YEAR.search(following.text):
                    break
            elif not wanted and following.row == token.row and following.cell_start:
                passed = True  # the column beside; the year may stand below, in this column
            else:
                break
        if not wanted and not _goes_on(layout, taken[-1]):
            yield tuple(sorted(taken))


def _goes_on(layout: Layout, last: int) -> bool:
    """True when the sentence goes on behind the year: "ngày 05 tháng 3 năm 2020 của Chính phủ" says when a law was made."""
    year = layout.tokens[last]
    after = layout.tokens[last + 1] if last + 1 < len(layout.tokens) else None
    beside = after is not None and after.row == year.row and not after.cell_start
    return beside and after is not None and after.text.islower() and after.text.isalpha() and year.text[-1:].isdigit()


def _column_run(layout: Layout, token: Token) -> Iterator[Token]:
    """The tokens after `token` in its cell, then those of the next row under the same cell."""
    row = layout.rows[token.row]
    cell = [token]
    for following in row.tokens:
        if following.index <= token.index:
            continue
        beside = following.fold.endswith("ngay") and following.box[0] - cell[-1].box[2] > row.height
        if following.cell_start and (beside or following.box[0] - cell[-1].box[2] > 4 * row.height):
            break  # another column, which may begin right beside with a date of its own
        cell.append(following)
        yield following
    if token.row + 1 < len(layout.rows):
        under = layout.rows[token.row + 1]
        left = min(other.box[0] for other in _up_to(row, token))
        right = max(other.box[2] for other in cell)
        if under.page == row.page and under.box[1] - row.box[3] < row.height:
            ends_row = cell[-1] is row.tokens[-1]
            yield from (
                other
                for other in under.tokens
                if (left - 4 <= other.box[0] and other.box[2] <= right + 4) or (ends_row and other.row == token.row + 1 and _alone(under))
            )


def _up_to(row: Row, token: Token) -> Iterator[Token]:
    """`token` and what stands before it in its column, as a place does: not the date of the column beside."""
    yield token
    for other in reversed(row.tokens):
        if other.index < token.index:
            if token.box[0] - other.box[2] >= _PLACE or other.fold.endswith("nam") or _YEAR.search(other.text):
                return
            yield other


def _in_a_table(row: Row) -> bool:
    """True for a row that begins with its number and holds several cells: a date among them is one cell's."""
    cells = sum(token.cell_start for token in row.tokens)
    return row.tokens[0].fold.isdigit() and len(row.tokens[0].fold) <= 2 and cells >= 4


def _alone(row: Row) -> bool:
    return len(row.tokens) <= 3
