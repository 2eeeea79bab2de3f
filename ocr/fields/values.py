"""What is written beside a label: on its row, over its dots, on the next rows, or in its column.

A value ends where the next label begins. Rows below belong to it only when it was not finished: a value that ended
before the margin, or was followed by dots, goes no further.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct
from msgspec.structs import replace
from rapidfuzz.distance import Indel, Levenshtein

from ocr.fields.box_signs import EMPTY_GLYPHS, TICKED_GLYPHS
from ocr.fields.cell_answers import answer_in_cells
from ocr.fields.choices_in_boxes import chosen_by_boxes
from ocr.fields.folding import fold
from ocr.fields.labels import ENUMERATOR, Alignment, Match, answers_column, is_hint
from ocr.fields.layout import Layout, Row, Token, union
from ocr.fields.second_language import is_foreign
from ocr.fields.templates import Entry, Template
from ocr.model import Box

# A value of these kinds is one word or one short group: once it is there, the next row is something else.
_ONE_ROW = frozenset(
    {"date", "id12", "id", "mst", "phone", "email", "int", "decimal", "money", "enum", "ethnicity", "nationality", "so_ky_hieu"}
)
_FOOTNOTE = re.compile(r"^\(?\d{1,2}\)[:;.]*$|^\d{1,2}[)\]][:;]$")
_WHOLE_DATE = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}")
_TWELVE_OR_MORE = re.compile(r"\d{12,14}$")
_NUMBERED = re.compile(r"^[NM][\doO0.º°:]{0,2}?(\d{12})$")  # the "No." of a card, set against its number
_CUT_OUT = 0.8  # how sure a number cut out of a longer word is: a person looks at it
_LABEL_NUMBER = re.compile(r"^[\[({|]\s*\d{0,2}\s*(?:[\])}|jJlI!]|1$|$)")  # "[13]" of the next label, however its brackets were read
_REMARK = re.compile(r"\([^)]{6,}\)")
_HEADING = 10  # letters: fewer may be an abbreviation that did not fit on the row above
_BLANK_DATE = ["ngay", "thang", "nam"]
_ROOM = 2.0  # heights of a word: less is no room for another
_LABEL_ENDS = re.compile(r"^(?:về|của|là|tại|gồm|cho|sau)\(?\d{0,2}\)?:$")  # "Nội dung biến động về:" of another wording
_FORM_NUMBER = re.compile(r"^\(?\d{1,2}[.)/]$")
_SYLLABLE = 7  # letters: what is longer is several words run together
_RAGGED = 0.12  # of a line's width
_ALIGNED = 8.0  # points
_GLYPHS = TICKED_GLYPHS | EMPTY_GLYPHS


class Found(Struct, frozen=True):
    """What stands beside a label. `space` is the free area on the label's row where a value would be written, for a look at unread ink;
    in a ruled table its cell, in which lines are `line` points high. `doubted` when it may be another question's."""

    tokens: tuple[Token, ...]
    space: Box | None
    page: int
    line: float | None = None
    doubted: bool = False

    @property
    def text(self) -> str:
        """The value as printed, words joined by one space, without leaders around it."""
        return " ".join(token.text for token in self.tokens).strip(" .…_,;:|")

    @property
    def box(self) -> Box | None:
        """The box of the whole value; None when nothing is written."""
        return union([token.box for token in self.tokens]) if self.tokens else None


def values(layout: Layout, template: Template, alignment: Alignment, spent: frozenset[int]) -> dict[str, Found]:
    """The tokens beside every `after` and `date_line` label. `spent` are tokens that belong to tables, boxes and columns."""
    taken = {index for match in alignment.matches for index in match.taken} | spent
    starts = {match.start: match for match in alignment.matches}
    found: dict[str, Found] = {}
    for match in alignment.matches:
        entry = template.fields[match.entry]
        if entry.place == "date_line":
            tokens = tuple(layout.tokens[index] for index in match.taken)
            found[entry.name] = Found(tokens, None, tokens[0].page)
        elif entry.place == "after":
            answer = _in_cells(layout, template, match, starts, taken) or _beside(layout, template, match, starts, taken)
            found[entry.name] = replace(answer, doubted=True) if _of_another_kind(entry, answer.tokens) else answer
    return found


def _of_another_kind(entry: Entry, tokens: Sequence[Token]) -> bool:
    """Words of the form in brackets or in English, half a name (one word), an e-mail address for words ("Địa chỉ email" is no address)."""
    if tokens and tokens[0].text.startswith("(") and tokens[0].text[1:2].islower():
        return True
    if len(tokens) > 1 and is_foreign(tokens[0]) and is_foreign(tokens[1]):
        return True
    if len(tokens) != 1:
        return False
    return (entry.type == "name" and len(tokens[0].fold) <= _SYLLABLE) or (entry.type == "text" and "@" in tokens[0].text)


def _in_cells(layout: Layout, template: Template, match: Match, starts: dict[int, Match], taken: set[int]) -> Found | None:
    """The answer of a label in a ruled table; None where its cell does not tell."""
    entry = template.fields[match.entry]
    answer = answer_in_cells(layout, match, starts.keys() | taken)
    if answer is None:
        return None
    tokens = list(answer.tokens)
    if entry.type == "name" and len(tokens) == 1 and len(tokens[0].fold) <= 1:
        tokens = []
    chosen = chosen_by_boxes(tokens, entry.choices)
    value = tuple(_trim(_behind_the_label(entry, tokens)) if chosen is None else chosen)
    return Found(value, answer.space, layout.tokens[match.end - 1].page, answer.line, answer.doubted)


def only_value(layout: Layout, alignment: Alignment, kind: str, used: AbstractSet[int]) -> Found | None:
    """The one date or twelve-digit number among the words no label and no value claims; None when there are two or none."""
    pattern = _WHOLE_DATE if kind == "date" else _TWELVE_OR_MORE
    claimed = used | {index for match in alignment.matches for index in match.taken if not pattern.search(layout.tokens[index].text)}
    hits = [token for token in layout.tokens if token.index not in claimed and pattern.search(token.text) and "<" not in token.text]
    if len(hits) != 1:
        return None
    if kind != "date" and re.search("[A-Za-z]", hits[0].text):
        behind = _NUMBERED.match(hits[0].text)
        if behind is None:
            return None
        return Found((replace(hits[0], text=behind[1], confidence=min(hits[0].confidence, _CUT_OUT)),), None, hits[0].page)
    hit = pattern.search(hits[0].text)
    token = hits[0] if hit is None else replace(hits[0], text=hit[0])
    return Found((token,), None, token.page)


def _beside(layout: Layout, template: Template, match: Match, starts: dict[int, Match], taken: set[int]) -> Found:
    entry = template.fields[match.entry]
    last = layout.tokens[match.end - 1]
    row = layout.rows[last.row]
    tokens: list[Token] = []
    numbered = entry.label.startswith("[")
    at = match.end
    while at < len(layout.tokens) and layout.tokens[at].row == last.row and at not in starts:
        if at in taken or _other_label(layout, at, row) or _other_column(layout, template, at, entry, tokens, starts):
            break
        if numbered and layout.tokens[at].text != "|" and _LABEL_NUMBER.match(layout.tokens[at].text):  # a bar is a cell's border
            break
        if entry.type == "date" and tokens and _WHOLE_DATE.search(" ".join(token.text for token in tokens)):
            break
        tokens.append(layout.tokens[at])
        at += 1
    next_x = layout.tokens[at].box[0] if at < len(layout.tokens) and layout.tokens[at].row == last.row else layout.margins[row.page][1]
    space = (last.box[2], last.box[1], next_x, last.box[3])
    if entry.type == "name" and len(tokens) == 1 and len(tokens[0].fold) <= 1:
        tokens = []  # a single letter is no name but dirt or a watermark beside the label
    if not (tokens and _complete(layout, entry, tokens)):
        tokens += _below(layout, template, match, tokens, starts, taken)
    tokens = [*_half_above(layout, match, tokens, starts, taken), *tokens]
    chosen = chosen_by_boxes(tokens, entry.choices)
    return Found(tuple(_trim(_behind_the_label(entry, tokens)) if chosen is None else chosen), space, last.page)


def _behind_the_label(entry: Entry, tokens: list[Token]) -> list[Token]:
    """Without what the label left over: its remark in brackets, or its last word with a letter misread ("người mt: Phạm Thu Hà")."""
    remark = _REMARK.search(entry.label)
    if remark and tokens and tokens[0].text.startswith("("):
        close = next((at for at, token in enumerate(tokens) if ")" in token.text), None)
        if close is not None and Indel.normalized_similarity("".join(one.fold for one in tokens[: close + 1]), fold(remark[0])) > 0.75:
            return tokens[close + 1 :]
    if tokens and tokens[0].fold == "ngay" and fold(entry.label).endswith("tai"):
        return []  # "Làm tại …, ngày …": the place was left open
    if tokens and tokens[0].text.startswith("("):
        close = next((at for at, token in enumerate(tokens) if ")" in token.text), len(tokens) - 1)
        column = answers_column(tokens[: close + 1])
        hint = [token for token in tokens[: close + 1] if token.box[0] < column]
        if is_hint([token.text for token in hint]):
            return [token for token in tokens if token not in hint]
    if len(tokens) < 2 or not tokens[0].text.endswith(":"):
        return tokens
    if _LABEL_ENDS.match(tokens[0].text):
        return tokens[1:]
    own = fold(entry.label.split()[-1]) if entry.label.split() else ""
    return tokens[1:] if own and Levenshtein.distance(tokens[0].fold, own) <= 1 else tokens


def _complete(layout: Layout, entry: Entry, tokens: Sequence[Token]) -> bool:
    """True when nothing more is to come: dots follow, a sentence ends, or the type is one that never goes on."""
    last = tokens[-1]
    if _dots_close(layout, last) or (not entry.prose and last.text.endswith(".") and len(last.fold) >= 3):
        return True
    if entry.prose and entry.type == "date":
        return any(len(token.fold) == 4 and token.fold.isdigit() for token in tokens) or any("/" in token.text for token in tokens)
    return _one_row(entry)


def _one_row(entry: Entry) -> bool:
    """True for answers that never go on below. A relation of two words ("Chủ | hộ") does, when the first filled the row."""
    return entry.type in _ONE_ROW and (entry.type != "enum" or bool(entry.choices))


def _dots_close(layout: Layout, last: Token) -> bool:
    """True when dots follow `last` over room for another word. At the margin they are but the rest of the line a long answer filled."""
    return last.leader_after and _edges(layout, last)[1] - last.box[2] > _ROOM * (last.box[3] - last.box[1])


def _edges(layout: Layout, token: Token) -> tuple[float, float]:
    """Where lines begin and end around a token: in its cell or column, else on its page."""
    return (token.cell.box[0], token.cell.box[2]) if token.cell is not None else layout.margins[token.page]


def _other_column(layout: Layout, template: Template, at: int, entry: Entry, written: Sequence[Token], starts: dict[int, Match]) -> bool:
    """Text of another column on the same row: a signature hint, the place before "ngày … tháng …", or a far cell after a one-word value."""
    token = layout.tokens[at]
    if not token.cell_start:
        return False
    row = layout.rows[token.row]
    gap = token.box[0] - layout.tokens[at - 1].box[2]
    if token.text.startswith("(") and fold(token.text) == "ky":
        return True
    if entry.type in _ONE_ROW and (written or gap > 22 * row.height) and gap > 3 * row.height:
        return True
    dated = [
        match
        for match in starts.values()
        if template.fields[match.entry].place == "date_line" and layout.tokens[match.start].row == token.row
    ]
    return bool(written or entry.type in _ONE_ROW) and gap > 2 * row.height and any(0 < match.start - at <= 5 for match in dated)


def _below(
    layout: Layout, template: Template, match: Match, written: list[Token], starts: dict[int, Match], taken: set[int]
) -> list[Token]:
    """The rows under the label's row that carry its value on."""
    entry = template.fields[match.entry]
    here = layout.rows[layout.tokens[match.end - 1].row]
    more: list[Token] = []
    previous = here
    labels = _labels_on(layout, template, here, starts)
    for row in layout.rows[layout.tokens[match.end - 1].row + 1 :]:
        gap = row.box[1] - previous.box[3]
        if row.page != here.page or gap > 1.1 * max(row.height, here.height) or row.tokens[0].cell is not here.tokens[0].cell:
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
        begins = bool(mine) and mine[0] is row.tokens[0]
        if begins and entry.label.startswith("[") and mine[0].text != "|" and _LABEL_NUMBER.match(mine[0].text):
            break
        if not mine or (begins and (_looks_like_label(mine) or (written and _is_heading(mine, written)))):
            break
        if not written and not more:
            mine = _from_column(mine, layout.tokens[match.start].box[0])
        so_far = written + more
        if so_far and begins and _is_next(layout, row, so_far[0], layout.tokens[match.start], starts):
            break
        if so_far and not (entry.prose or _unfinished(layout, so_far, mine, row, labels, match)):
            break
        more += mine
        previous = row
        if first_label is not None or _complete(layout, entry, written + more):
            break
    return more


def _half_above(layout: Layout, match: Match, below: Sequence[Token], starts: dict[int, Match], taken: set[int]) -> list[Token]:
    """The first line of an answer of two lines whose label stands level with their middle, as in a table's cell."""
    label = layout.tokens[match.end - 1]
    row = layout.rows[label.row]
    if not below or below[0].row != label.row + 1 or not label.row or row.tokens[-1].index != label.index or label.cell is not None:
        return []
    above, under = layout.rows[label.row - 1], layout.rows[below[0].row]
    level = [(one.tokens[0].box[1] + one.tokens[0].box[3]) / 2 for one in (above, row, under)]
    first = above.tokens[0]
    half = max(level[1] - level[0], level[2] - level[1]) < 0.95 * row.height
    mine = not any(token.index in taken or token.index in starts for token in above.tokens)
    if above.page == under.page == row.page and half and mine and abs(first.box[0] - below[0].box[0]) < 6 and first.box[0] > label.box[2]:
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
        if flows and (entry.prose or (own and (pushed or not _one_row(entry)))):
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


def _unfinished(layout: Layout, so_far: list[Token], mine: list[Token], row: Row, labels: list[Match], match: Match) -> bool:
    """True when the first word below would not have fitted on the row above: the writer was forced to go on."""
    last = so_far[-1]
    if _dots_close(layout, last):
        return False
    left, right = _edges(layout, last)
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
    return missing > 0 or (goes_on and missing > -_RAGGED * (right - left))


def _other_label(layout: Layout, at: int, row: Row) -> bool:
    """A label the template does not know: a new cell that runs to a colon. Values never swallow it."""
    token = layout.tokens[at]
    if not token.cell_start:
        return False
    cell = [token]
    for following in row.tokens:
        if following.index <= at:
            continue
        if following.cell_start:
            break
        cell.append(following)
    return _looks_like_label(cell)


def _looks_like_label(cell: Sequence[Token]) -> bool:
    """Letters up to a colon within the first words, beginning with a capital or a number."""
    for position, token in enumerate(cell[:9]):
        if token.text.endswith(":"):
            first = cell[0].text
            words = [other for other in cell[: position + 1] if other.fold and not other.fold.isdigit()]
            return bool(words) and (first.lstrip("0123456789.()[]")[:1].isupper() or bool(ENUMERATOR.match(first)))
    return False


def _is_heading(row: Sequence[Token], written: Sequence[Token]) -> bool:
    """Words in capitals under an answer in small letters: the office of who signs, a part of the form."""
    under, above = ("".join(letter for token in tokens for letter in token.text if letter.isalpha()) for tokens in (row, written))
    return len(under) >= _HEADING and under.isupper() and 2 * sum(map(str.isupper, above)) < len(above)


def _trim(tokens: list[Token]) -> list[Token]:
    """Without the marks that stand around a value but are none of it."""
    while (tokens and (not tokens[-1].fold or tokens[-1].text in _GLYPHS) and tokens[-1].text.strip("²³)]}%\"'”") != "") or (
        tokens and tokens[-1].text in _GLYPHS
    ):
        tokens = tokens[:-1]
    if tokens and tokens[0].text.startswith("("):
        # A remark in brackets that ends in the label's colon is the label's.
        colon = next((at for at, token in enumerate(tokens) if token.text.startswith(":") or token.text.endswith("):")), None)
        if colon is not None and (tokens[colon].text.endswith("):") or tokens[colon - 1].text.endswith(")")):
            rest = tokens[colon].text.lstrip(":") if tokens[colon].text.startswith(":") else ""
            tokens = ([replace(tokens[colon], text=rest)] if rest else []) + tokens[colon + 1 :]
    for size in (3, 2, 1):
        if len(tokens) > size and _FOOTNOTE.match("".join(token.text for token in tokens[:size])):
            tokens = tokens[size:]
            break
    if len(tokens) == 1 and _FOOTNOTE.match(tokens[0].text):
        tokens = []
    while tokens and not tokens[0].fold and tokens[0].text[:1] not in "(\"'“":
        tokens = tokens[1:]
    if [token.fold for token in tokens[-3:]] == _BLANK_DATE:
        tokens = tokens[:-3]  # "Làm tại … ngày … tháng … năm …" that nobody filled in
    return tokens
