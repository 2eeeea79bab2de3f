"""The rows under a label's row that carry its value on.

A value goes on below only when it was not finished: what ended before the margin, or was followed by dots, goes no further. Under
several labels of one row each has its own column; running text belongs to the last of them.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from ocr.fields.enumerators import ENUMERATOR
from ocr.fields.folding import fold
from ocr.fields.label_places import Match
from ocr.fields.layout import Layout, Row, Token, row_gap
from ocr.fields.second_language import is_foreign
from ocr.fields.templates import Entry, Template
from ocr.fields.whole_answers import complete, one_row, unfinished

LABEL_NUMBER = re.compile(r"^[\[({|]\s*\d{0,2}\s*(?:[\])}|jJlI!]|1$|$)")  # "[13]" of the next label, however its brackets were read
_TENTH = re.compile(r"^(\d)[oO](?=[.)/])")  # "1o." in old-style figures
_NOTE = re.compile(r"^\(\d{1,2}\)$")
_HEADING = 10  # letters: fewer may be an abbreviation that did not fit on the row above
_FORM_NUMBER = re.compile(r"^\(?\d{1,2}[.)/]$")
_ALIGNED, _FAR = 8.0, 20.0  # points
_UNDER_A_HEAD = 1.6  # heights


def below(layout: Layout, template: Template, match: Match, written: list[Token], starts: dict[int, Match], taken: set[int]) -> list[Token]:
    """The rows under the label's row that carry its value on."""
    entry = template.fields[match.entry]
    here = layout.rows[layout.tokens[match.end - 1].row]
    more: list[Token] = []
    previous = here
    labels = _labels_on(layout, template, here, starts)
    for row in layout.rows[layout.tokens[match.end - 1].row + 1 :]:
        beside = _under_beside_others(layout, row, written + more, here, taken | starts.keys())
        if beside is not None and not (beside and not unfinished(layout, written + more, beside, row, labels, match)):
            more += beside
            previous = row if beside else previous
            continue
        gap = row_gap(previous, row)
        heads = not written and not more and _heads(layout, match, row)
        over_the_page = row.page != previous.page  # the column of one person goes on there
        if (
            row.tokens[0].cell is not here.tokens[0].cell
            or (over_the_page and row.tokens[0].cell is None)
            or (not over_the_page and gap > (_UNDER_A_HEAD if heads else 1.1) * max(row.height, here.height))
            or row.tokens[0].index in layout.questions
        ):
            break
        if any(token.index in starts and template.fields[starts[token.index].entry].place == "date_line" for token in row.tokens):
            break
        free = [token for token in row.tokens if token.index not in taken]
        first_label = next((token.index for token in row.tokens if token.index in starts), None)
        if first_label is not None:
            free = [token for token in free if token.index < first_label]
        alone = len(labels) == 1 and here.tokens[0].index in match.taken and row.tokens[0].box[0] < here.tokens[0].box[0] - 20
        if first_label is not None and not free and not written and not more and alone:
            return _under_in_column(layout, row, layout.tokens[match.start].box[0], taken)
        if any(match.start < other.start < row.tokens[0].index <= other.end - 1 for other in starts.values()):
            break  # the next label begins above and ends here
        if first_label is not None and free and free[0] is row.tokens[0] and _FORM_NUMBER.match(free[0].text):
            break  # "03. Họ tên" of a label whose other words were found
        mine = [token for token in free if _is_mine(layout, template, token, free, labels, match, written)]
        mine = _in_its_column(layout, entry, written, mine)
        begins = bool(mine) and mine[0] is row.tokens[0]
        if begins and entry.label.startswith("[") and mine[0].text != "|" and LABEL_NUMBER.match(mine[0].text):
            break
        if not mine or (begins and (looks_like_label(mine) or (written and _is_heading(mine, written)))):
            break
        if not written and not more:
            mine = _from_column(mine, layout.tokens[match.start].box[0])
        so_far = written + more
        if so_far and begins and all(_is_of_the_label(entry, token) for token in mine):
            break
        if so_far and begins and _is_next(layout, row, so_far[0], layout.tokens[match.start], starts):
            break
        if so_far and not (entry.prose or unfinished(layout, so_far, mine, row, labels, match)):
            break
        more += mine
        previous = row
        if first_label is not None or complete(layout, entry, written + more):
            break
    return more


def _is_of_the_label(entry: Entry, token: Token) -> bool:
    """True for the rest of a long label that stands below its first line: "ngõ/kiệt, đường/phố/đại lộ,"."""
    own = _words_of(entry.label)
    parts = [fold(part) for part in re.split(r"[/,;:()]", token.text)]
    printed = token.text[:1].islower() or token.text.strip(",;:()") in entry.label.split()
    return all(part in own for part in parts if part) and printed


@lru_cache(maxsize=1024)
def _words_of(label: str) -> frozenset[str]:
    return frozenset(fold(part) for part in re.split(r"[\s/,;:()]+", label))


def _in_its_column(layout: Layout, entry: Entry, written: Sequence[Token], mine: list[Token]) -> list[Token]:
    """Of a row's words those under an answer that stands in a column of its own, without the rest of the label beside it; none where a
    question of its own begins there, and all of them where nothing begins in the answers' column."""
    if not written:
        return mine
    x = written[0].box[0]
    at = next((at for at, token in enumerate(mine) if at and token.cell_start and abs(token.box[0] - x) < _ALIGNED), None)
    if at is None:
        return mine
    if all(_is_of_the_label(entry, token) or _NOTE.match(token.text) for token in mine[:at]):
        return mine[at:]
    if written[0].index not in layout.answers:
        return mine
    return [] if mine[0].text[:1].isupper() and not is_foreign(mine[0]) else mine[at:]


def _under_beside_others(layout: Layout, row: Row, so_far: Sequence[Token], here: Row, others: AbstractSet[int]) -> list[Token] | None:
    """The words of a row that stand right under an answer which began below its label, where other print stands left of them, as under a
    card's photo; no words where the row holds but such print; None for any other row."""
    if not so_far or so_far[0].row <= here.tokens[0].row or row.page != here.page:
        return None
    x, last = so_far[0].box[0], so_far[-1]
    if row.tokens[0].box[0] > x - _FAR or row.box[1] - last.box[3] > row.height or row.tokens[0].cell is not last.cell:
        return None
    at = next((at for at, token in enumerate(row.tokens) if token.box[2] > x - 2), len(row.tokens))
    own = list(row.tokens[at:])
    if own and (not own[0].cell_start or abs(own[0].box[0] - x) > 3 or any(token.index in others for token in own)):
        return None
    return own


def _heads(layout: Layout, match: Match, row: Row) -> bool:
    """True for a label in capitals without a colon right over `row`, as cards have it: a heading stands farther off than a line."""
    label = [layout.tokens[index] for index in match.taken]
    capitals = all(token.text.isupper() for token in label) and not label[-1].colon
    middles = [(words[0].box[0] + words[-1].box[2]) / 2 for words in (row.tokens, label)]
    under = abs(row.tokens[0].box[0] - label[0].box[0]) < _ALIGNED or abs(middles[0] - middles[1]) < _ALIGNED
    return capitals and under


def half_above(layout: Layout, match: Match, answer: Sequence[Token], starts: dict[int, Match], taken: set[int]) -> list[Token]:
    """The first line of an answer of two lines whose label stands level with their middle, as in a table's cell."""
    label = layout.tokens[match.end - 1]
    row = layout.rows[label.row]
    if not answer or answer[0].row != label.row + 1 or not label.row or row.tokens[-1].index != label.index or label.cell is not None:
        return []
    above, under = layout.rows[label.row - 1], layout.rows[answer[0].row]
    level = [(one.tokens[0].box[1] + one.tokens[0].box[3]) / 2 for one in (above, row, under)]
    first = above.tokens[0]
    half = max(level[1] - level[0], level[2] - level[1]) < 0.95 * row.height
    mine = not any(token.index in taken or token.index in starts for token in above.tokens)
    if above.page == under.page == row.page and half and mine and abs(first.box[0] - answer[0].box[0]) < 6 and first.box[0] > label.box[2]:
        return list(above.tokens)
    return []


def _is_next(layout: Layout, row: Row, answer: Token, label: Token, starts: dict[int, Match]) -> bool:
    """True when `row` is the upper line of the next label's answer: that label stands level with the middle of two lines, or at the
    foot of several, which begin in another place than this answer does."""
    at = row.tokens[0].row + 1
    under = layout.rows[at] if at < len(layout.rows) else row
    following = starts.get(under.tokens[0].index)
    if following is None or under.page != row.page:
        return False
    x, beside = row.tokens[0].box[0], [token for token in under.tokens if token.index >= following.end]
    if not beside:
        level = (under.box[1] + under.box[3] - row.box[1] - row.box[3]) / 2
        return level < 0.95 * row.height and x > under.tokens[-1].box[2]
    elsewhere = all(abs(x - place) > 8 for place in (answer.box[0], label.box[0], layout.margins[row.page][0]))
    return elsewhere and abs(x - beside[0].box[0]) < 6


def _from_column(tokens: list[Token], x: float) -> list[Token]:
    """Without what stands left of the label's column, when a cell begins right under the label: the words on a card's photo."""
    for at, token in enumerate(tokens):
        off = abs(token.box[0] - x)
        # Close by, only another label's colon before it tells that the row holds two values.
        apart = token.cell_start or (off < 2 and any(":" in other.text for other in tokens[:at]))
        if at and off < 8 and apart and tokens[at - 1].box[2] < x - 3:
            return tokens[at:]
    return tokens


def _under_in_column(layout: Layout, row: Row, x: float, taken: set[int]) -> list[Token]:
    """The value of a label in a right-hand column, beside another label's row at the left (identity cards): what begins under
    the label, and rows below."""
    found: list[Token] = []
    previous = row
    for under in layout.rows[row.tokens[0].row :]:
        if under.page != row.page or under.box[1] - previous.box[3] > 0.8 * row.height:
            break
        inside = [token for token in under.tokens if token.box[0] > x - 8 and token.index not in taken]
        if not inside or inside[0].box[0] - x > 20:
            break
        found += inside
        previous = under
    return found


def _labels_on(layout: Layout, template: Template, row: Row, starts: dict[int, Match]) -> list[Match]:
    """Labels whose value begins on this row, from left to right. An anchor right before a label is but its beginning."""
    on_row = [match for match in starts.values() if match.end and match.taken and layout.tokens[match.end - 1].row == row.tokens[0].row]
    return [match for match in on_row if template.fields[match.entry].name or match.end not in starts]


def _is_mine(
    layout: Layout, template: Template, token: Token, free: Sequence[Token], labels: list[Match], match: Match, written: list[Token]
) -> bool:
    """When several labels share a row, what stands under them belongs by column; running text belongs to the last one."""
    if len(labels) < 2:
        return True
    ordered = sorted(labels, key=lambda other: other.start)
    last = ordered[-1]
    cell = _cell_of(token, free)
    x = cell[0].box[0]
    left = layout.margins[token.page][0]
    columns = [layout.tokens[other.start].box[0] for other in ordered]
    under = max((number for number, column in enumerate(columns) if column - 8 <= x), default=0)
    if under == 0 and abs(x - left) < 14:
        end = layout.tokens[last.end - 1]
        filled = [other for other in layout.rows[end.row].tokens if other.index >= last.end]
        edge = filled[-1] if filled else end
        flows = not edge.leader_after and edge.box[2] > layout.margins[token.page][1] - 60
        first = ordered[0]
        own = [other for other in layout.rows[end.row].tokens if first.end <= other.index < ordered[1].start]
        entry = template.fields[last.entry]
        pushed = not filled and end.colon  # its label filled the row to the margin, so its whole answer stands below
        if flows and (entry.prose or (own and (pushed or not one_row(entry)))):
            return match is last
        return match is first
    return ordered[under] is match


def _cell_of(token: Token, free: Sequence[Token]) -> list[Token]:
    cell: list[Token] = []
    for other in free:
        if other.cell_start and other.index > token.index:
            break
        if other.cell_start:
            cell = []
        cell.append(other)
    return cell or [token]


def looks_like_label(cell: Sequence[Token]) -> bool:
    """Letters up to a colon within the first words, beginning with a capital or a number."""
    for position, token in enumerate(cell[:9]):
        if token.text.endswith(":"):
            first = _TENTH.sub(r"\g<1>0", cell[0].text)
            words = [other for other in cell[: position + 1] if other.fold and not other.fold.isdigit()]
            if position and len(token.fold) == 1 and position + 1 < len(cell) and cell[position + 1].text[:1].isdigit():
                return False  # "Nốt ruồi C:1,5cm trên mép trái": how far off something is
            return bool(words) and (first.lstrip("0123456789.()[]")[:1].isupper() or bool(ENUMERATOR.match(first)))
    return False


def _is_heading(row: Sequence[Token], written: Sequence[Token]) -> bool:
    """Words in capitals under an answer in small letters: the office of who signs, a part of the form."""
    under, above = ("".join(letter for token in tokens for letter in token.text if letter.isalpha()) for tokens in (row, written))
    return len(under) >= _HEADING and under.isupper() and 2 * sum(map(str.isupper, above)) < len(above)
