"""What is written beside a label: on its row, over its dots, on the next rows, or in its column.

A value ends where the next label begins; what carries it on below its row is found in `rows_below`.
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
from ocr.fields.closing_dashes import without_a_dash
from ocr.fields.folding import fold
from ocr.fields.hints import answers_column, is_hint
from ocr.fields.label_places import Match
from ocr.fields.label_words import is_idle, is_label_word, rest_of_a_label
from ocr.fields.labels import Alignment
from ocr.fields.layout import Layout, Row, Token, union
from ocr.fields.rows_below import LABEL_NUMBER, below, half_above, looks_like_label
from ocr.fields.second_language import is_foreign
from ocr.fields.templates import Entry, Template
from ocr.fields.whole_answers import ONE_ROW, complete
from ocr.model import Box

_COUNTED = re.compile(r"^\(?(\d{1,2})([.)/\]]+)$")
_FOOTNOTE = re.compile(r"^\(?\d{1,2}\)[:;.]*$|^\d{1,2}[)\]][:;]$")
_WHOLE_DATE = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}")
_TWELVE_OR_MORE = re.compile(r"\d{12,14}$")
_NUMBERED = re.compile(r"^[NM][\doO0.º°:]{0,2}?(\d{12})$")  # the "No." of a card, set against its number
_CUT_OUT = 0.8  # how sure a number cut out of a longer word is: a person looks at it
_REMARK = re.compile(r"\([^)]{6,}\)")
_BLANK_DATE = ["ngay", "thang", "nam"]
_LABEL_ENDS = re.compile(r"^(?:về|của|là|tại|gồm|cho|sau)\(?\d{0,2}\)?:$")  # "Nội dung biến động về:" of another wording
_SYLLABLE = 7  # letters: what is longer is several words run together
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
        if entry.place == "date_line" and entry.name:
            tokens = tuple(layout.tokens[index] for index in match.taken)
            found[entry.name] = Found(tokens, None, tokens[0].page)
        elif entry.place == "after":
            answer = _in_cells(layout, template, match, starts, taken) or _beside(layout, template, match, starts, taken)
            cell = layout.tokens[match.end - 1].cell
            doubted = _of_another_kind(entry, answer.tokens) or (cell is not None and cell.untold and entry.section is not None)
            found[entry.name] = replace(answer, doubted=True) if doubted else answer
    return found


def _of_another_kind(entry: Entry, tokens: Sequence[Token]) -> bool:
    """Words of the form in brackets, also a part of them, in English or behind its slash, half a name (one word), an e-mail address for
    words ("Địa chỉ email" is no address), a figure for words."""
    text = " ".join(token.text for token in tokens)
    if text.startswith("/") or (entry.type in ("text", "name") and text.count("(") != text.count(")")):
        return True
    if tokens and tokens[0].text.startswith("(") and tokens[0].text[1:2].islower():
        return True
    if len(tokens) > 1 and is_foreign(tokens[0]) and is_foreign(tokens[1]):
        return True
    if len(tokens) != 1:
        return False
    if _is_note(entry, tokens):
        return True
    return (entry.type == "name" and len(tokens[0].fold) <= _SYLLABLE) or (entry.type == "text" and "@" in tokens[0].text)


def _is_note(entry: Entry, tokens: Sequence[Token]) -> bool:
    """A figure alone, the number of a footnote, where no number is asked for."""
    alone = len(tokens) == 1 and tokens[0].fold.isdigit() and len(tokens[0].fold) == 1
    return alone and entry.type == "text" and "so" not in map(fold, entry.label.split())


def _is_bare_note(entry: Entry, label: Token, tokens: Sequence[Token]) -> bool:
    """One that stands behind a label without a colon, whose answer may stand below: "Nội dung biến động 2"."""
    return _is_note(entry, tokens) and not label.colon


def _in_cells(layout: Layout, template: Template, match: Match, starts: dict[int, Match], taken: set[int]) -> Found | None:
    """The answer of a label in a ruled table; None where its cell does not tell."""
    entry = template.fields[match.entry]
    answer = answer_in_cells(layout, match, starts.keys() | taken)
    if answer is None:
        return None
    last = layout.tokens[match.end - 1]
    rest = 0 if entry.prose else rest_of_a_label(last, answer.tokens)
    tokens = list(answer.tokens[rest:])
    if entry.type == "name" and len(tokens) == 1 and len(tokens[0].fold) <= 1:
        tokens = []
    chosen = chosen_by_boxes(tokens, entry.choices)
    value = tuple(_trim(_behind_the_label(entry, tokens)) if chosen is None else chosen)
    return Found(value, answer.space, last.page, answer.line, answer.doubted or not all(map(is_idle, answer.tokens[:rest])))


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
        if (
            at in taken
            or at in layout.questions
            or _other_label(layout, at, row)
            or (at not in layout.answers and _other_column(layout, template, at, entry, tokens, starts))
        ):
            break
        if tokens and _is_next_number(row.tokens[0].text, layout.tokens[at].text):
            break
        if numbered and layout.tokens[at].text != "|" and LABEL_NUMBER.match(layout.tokens[at].text):  # a bar is a cell's border
            break
        if entry.type == "date" and tokens and _WHOLE_DATE.search(" ".join(token.text for token in tokens)):
            break
        tokens.append(layout.tokens[at])
        at += 1
    next_x = layout.tokens[at].box[0] if at < len(layout.tokens) and layout.tokens[at].row == last.row else layout.margins[row.page][1]
    space = (last.box[2], last.box[1], next_x, last.box[3])
    apart = 0 if entry.prose else next((place for place, token in enumerate(tokens) if token.index in layout.answers), 0)
    bracket = next((place for place, token in enumerate(tokens[:apart]) if token.text.startswith("(")), apart)  # to the answer: a hint
    strange = not all(map(is_idle, tokens[:bracket]))
    tokens = tokens[apart:]
    if entry.type == "name" and len(tokens) == 1 and len(tokens[0].fold) <= 1:
        tokens = []  # a single letter is no name but dirt or a watermark beside the label
    if all(not token.fold or _FOOTNOTE.match(token.text) for token in tokens):
        tokens = []  # a dash or a footnote's number behind the label: what answers it stands below
    note = tokens if _is_bare_note(entry, last, tokens) and row.tokens[-1] is tokens[0] else []
    tokens = tokens if not note else []
    if not (tokens and complete(layout, entry, tokens)):
        tokens += below(layout, template, match, tokens, starts, taken)
    tokens = tokens or note
    rest = 0 if entry.prose or apart else rest_of_a_label(last, tokens)
    strange |= not all(map(is_idle, tokens[:rest]))
    tokens = [*half_above(layout, match, tokens, starts, taken), *tokens[rest:]]
    chosen = chosen_by_boxes(tokens, entry.choices)
    doubted = strange or any(_of_an_unknown_question(layout, token, tokens, taken) for token in tokens if token.row > last.row)
    return Found(tuple(_trim(_behind_the_label(entry, tokens)) if chosen is None else chosen), space, last.page, doubted=doubted)


def _is_next_number(own: str, other: str) -> bool:
    """True for the number of the question beside, set like that of the row's own: "08. Xã: Xã Thới Sơn 09. Tỉnh: …"."""
    one, two = _COUNTED.match(own), _COUNTED.match(other)
    return one is not None and two is not None and one[2] == two[2] and int(two[1]) == int(one[1]) + 1


def _of_an_unknown_question(layout: Layout, token: Token, answer: Sequence[Token], taken: AbstractSet[int]) -> bool:
    """True for a word behind another label on its row, which the form does not have: the word may answer that one."""
    row = layout.rows[token.row].tokens
    return row[0] not in answer and taken.isdisjoint(one.index for one in row) and row[-1] is answer[-1] and looks_like_label(row)


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
    if is_foreign(tokens[0]):
        return tokens[1:]  # "Nationality:" of a label whose own language was not read
    if _LABEL_ENDS.match(tokens[0].text):
        return tokens[1:]
    own = fold(entry.label.split()[-1]) if entry.label.split() else ""
    return tokens[1:] if own and Levenshtein.distance(tokens[0].fold, own) <= 1 else tokens


def _other_column(layout: Layout, template: Template, at: int, entry: Entry, written: Sequence[Token], starts: dict[int, Match]) -> bool:
    """Text of another column on the same row: a signature hint, the place before "ngày … tháng …", or a far cell after a one-word value."""
    token = layout.tokens[at]
    if not token.cell_start:
        return False
    row = layout.rows[token.row]
    gap = token.box[0] - layout.tokens[at - 1].box[2]
    if token.text.startswith("(") and fold(token.text) == "ky":
        return True
    answered = any(not is_label_word(one) for one in written)  # "Tổng số | vốn bằng số        20.000.000"
    if entry.type in ONE_ROW and (answered or gap > 22 * row.height) and gap > 3 * row.height:
        return True
    dated = [
        match
        for match in starts.values()
        if template.fields[match.entry].place == "date_line" and layout.tokens[match.start].row == token.row
    ]
    return bool(written or entry.type in ONE_ROW) and gap > 2 * row.height and any(0 < match.start - at <= 5 for match in dated)


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
    return looks_like_label(cell)


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
    if tokens:
        tokens = [replace(tokens[0], text=without_a_dash(tokens[0].text)), *tokens[1:]]
    if [token.fold for token in tokens[-3:]] == _BLANK_DATE:
        tokens = tokens[:-3]  # "Làm tại … ngày … tháng … năm …" that nobody filled in
    return tokens
