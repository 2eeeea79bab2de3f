"""Which cell of a ruled table answers a label: its own, the one at its right, or the one below it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from ocr.fields.cell_rows import RuledCell
from ocr.fields.label_places import Match
from ocr.fields.label_words import is_label_word
from ocr.fields.layout import Layout, Token
from ocr.fields.second_language import without_second_language
from ocr.model import Box

_RULE = 6.0  # points between two cells that share a rule, on a tilted page
_INSET = 3.0  # points from a cell's box to its paper


class Answer(Struct, frozen=True):
    """The tokens of an answer, the place where it would be written, the height of a line there, and whether it may be another's."""

    tokens: tuple[Token, ...]
    space: Box
    line: float
    doubted: bool = False


def answer_in_cells(layout: Layout, match: Match, labels: AbstractSet[int]) -> Answer | None:
    """The answer of a label; None where it stands in no cell, or in one with other labels. `labels` are the tokens of all labels."""
    last = layout.tokens[match.end - 1]
    cell = last.cell
    if cell is None or not cell.simple:
        return None
    line = last.box[3] - last.box[1]
    if cell.whole:
        return _behind_its_row_s_label(layout, cell, match, line)
    right, under = cell_at_the_right(layout, cell, last), _below(layout, cell)
    beside = _answering(layout, right, labels)
    rest = [token for token in layout.cells[cell] if token.index >= match.end]
    own = _until_a_label(without_second_language(last, rest, answered=beside is not None and _written(beside)), labels)
    if beside is not None and (_is_remark(own) or _is_rest_of_a_label(last, own)):
        own = ()
    if _written(own):
        apart = own[0].row > last.row or own[0].cell_start
        goes_on = own[0].text[:1].islower() and not last.colon
        if last.colon or (apart and not goes_on) or beside is None or not _written(beside):
            return Answer(own, _paper(cell), line)
        return Answer(beside, _paper(right or cell), line, doubted=True)  # the label's last words, which no template has
    if right is not None and beside is not None:
        reaches = any(token.box[2] > cell.box[2] + _INSET for token in layout.cells[cell])  # a word read over the rule holds some of it
        return Answer(beside, _paper(right), line, doubted=reaches or _answers_of_two(layout, right, labels))
    room = cell.box[3] - last.box[3] > 1.4 * line and last.box[1] - cell.box[1] < 0.8 * line
    following = _answering(layout, under, labels)
    if under is None or following is None or not _written(following):
        return Answer((), _rest(cell, last), line)
    if room or last.colon:
        return Answer((), _rest(cell, last), line, doubted=True)  # left empty, or a heading over its answer: nobody can say
    return Answer(following, _paper(under), line)


def _behind_its_row_s_label(layout: Layout, cell: RuledCell, match: Match, line: float) -> Answer:
    """What one of several people says behind the label of its row; in doubt where the label has words that no template has."""
    rest = [token for token in layout.cells[cell] if token.index >= match.end]
    begin = next((at for at, token in enumerate(rest) if token.cell_start), len(rest))
    return Answer(tuple(rest[begin:]), _paper(cell), line, doubted=_written(rest[:begin]))


def _answers_of_two(layout: Layout, cell: RuledCell, labels: AbstractSet[int]) -> bool:
    """True where the next cell answers as well: two people in two columns, and nothing beside the label tells whose is whose."""
    words = layout.cells[cell]
    after = cell_at_the_right(layout, cell, words[-1]) if words else None
    if after is not None and any(token.index in layout.questions for token in layout.cells[after][:1]):
        return False  # the next question, in words that the form does not have
    further = _answering(layout, after, labels)
    return further is not None and _written(further) and not any(token.colon for token in further)


def _answering(layout: Layout, cell: RuledCell | None, labels: AbstractSet[int]) -> tuple[Token, ...] | None:
    """What a cell says up to the next label; None when it begins with one."""
    tokens = [token for token in layout.cells[cell] if token.fold] if cell is not None else []
    if cell is None or (tokens and tokens[0].index in labels):
        return None
    return _until_a_label(layout.cells[cell], labels)


def _until_a_label(tokens: Sequence[Token], labels: AbstractSet[int]) -> tuple[Token, ...]:
    end = next((at for at, token in enumerate(tokens) if token.index in labels), len(tokens))
    return tuple(tokens[:end])


def _is_remark(tokens: Sequence[Token]) -> bool:
    """True for words in brackets alone, "(chủ hộ)": the label's, where another cell answers."""
    words = [token.text for token in tokens if token.fold]
    closed = words[-1].rstrip(":").endswith(")") if words else False
    return bool(words) and words[0].startswith("(") and (closed or words[0][1:2].islower()) and sum(word.count("(") for word in words) == 1


def _is_rest_of_a_label(last: Token, own: Sequence[Token]) -> bool:
    """True for "họ và tên:" below "Vợ (chồng),": where another cell answers, words of labels up to a colon are one."""
    words = [token for token in own if token.fold]
    return bool(words) and not last.colon and own[-1].colon and all(map(is_label_word, words))


def _written(tokens: Sequence[Token]) -> bool:
    return any(token.fold for token in tokens)


def cell_at_the_right(layout: Layout, cell: RuledCell, last: Token) -> RuledCell | None:
    """The cell behind the rule at the right of `cell`, level with the label."""
    level = (last.box[1] + last.box[3]) / 2
    beside = [
        other
        for other in layout.cells
        if other.page == cell.page and abs(other.box[0] - cell.box[2]) < _RULE and _shared(other.box, cell.box, 1) > 0.5
    ]
    return min(beside, key=lambda other: abs((other.box[1] + other.box[3]) / 2 - level), default=None)


def _below(layout: Layout, cell: RuledCell) -> RuledCell | None:
    """The cell behind the rule under `cell`, as wide as it is."""
    under = [
        other
        for other in layout.cells
        if other.page == cell.page and abs(other.box[1] - cell.box[3]) < _RULE and _shared(other.box, cell.box, 0) > 0.8
    ]
    return next((other for other in under if 0.6 < (other.box[2] - other.box[0]) / (cell.box[2] - cell.box[0]) < 1.6), None)


def _shared(one: Box, two: Box, axis: int) -> float:
    """The share of the shorter one's side along `axis` that both have."""
    both = min(one[axis + 2], two[axis + 2]) - max(one[axis], two[axis])
    return both / max(1.0, min(one[axis + 2] - one[axis], two[axis + 2] - two[axis]))


def _paper(cell: RuledCell) -> Box:
    left, top, right, bottom = cell.box
    return (left + _INSET, top + _INSET, right - _INSET, bottom - _INSET)


def _rest(cell: RuledCell, last: Token) -> Box:
    """What is left of a label's own cell: below it, or behind it where nothing fits below."""
    left, top, right, bottom = _paper(cell)
    return (left, last.box[3] + 1, right, bottom) if bottom - last.box[3] > last.box[3] - last.box[1] else (last.box[2], top, right, bottom)
