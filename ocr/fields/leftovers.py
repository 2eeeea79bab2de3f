"""Words that no label and no answer took, where an answer would stand: an empty field is then not empty, a full one perhaps not whole."""

from collections.abc import Mapping

from ocr.fields.cell_answers import cell_at_the_right
from ocr.fields.columns import is_capital
from ocr.fields.draft import Draft
from ocr.fields.filled import Filled
from ocr.fields.layout import Token, row_gap
from ocr.fields.rows_below import looks_like_label
from ocr.fields.values import Found
from ocr.fields.whole_answers import edges

_COLUMN = 6.0  # points: how exactly an answer begins under its label
_LINES = 1.1  # heights between two rows of one answer, at most
_FULL = 0.25  # of the text's width: an answer that ends nearer to the margin may go on below


def doubt_leftovers(form: Filled, made: Mapping[str, Draft], found: Mapping[str, Found]) -> None:
    """Drafts beside or above such words are shown to a person."""
    claimed = {index for match in form.alignment.matches for index in match.taken} | form.spent
    claimed |= {token.index for one in found.values() for token in one.tokens}
    anchors = {match.start for match in form.alignment.matches if not form.template.fields[match.entry].name}
    starts = {match.start for match in form.alignment.matches}
    for match in form.alignment.matches:
        entry = form.template.fields[match.entry]
        draft = made.get(entry.name)
        if draft is None or entry.place != "after" or entry.name not in found:
            continue
        if draft.value is None:
            left = _beside(form, match.end, starts, anchors, claimed) or _in_its_cells(form, match.end - 1, claimed)
            left = left or _under(form, match.start, match.end - 1, claimed)
            if form.layout.tokens[match.end - 1].text.endswith("/"):
                draft.sure = False  # the label's other language, and the answer behind it, went to the row below
            if entry.type == "email" and any("@" in token.text and token.index not in claimed for token in form.layout.tokens):
                draft.sure = False  # an address too long for the row stands below it
            if left and draft.sure:
                draft.sure, draft.raw, draft.page = False, " ".join(token.text for token in left), left[0].page
        elif entry.address and not any(map(str.isalpha, str(draft.value))):
            draft.sure = False  # no place is a number or a date: it belongs to another label
        elif entry.type in ("text", "name") and (tokens := found[entry.name].tokens):
            draft.sure &= not _goes_on(form, tokens[-1], claimed) and not _begins_above(form, match.end - 1, tokens[0], claimed)
            draft.sure &= not _goes_on_over_the_page(form, tokens[-1], claimed)


def _beside(form: Filled, end: int, starts: set[int], anchors: set[int], claimed: set[int]) -> list[Token]:
    """Unclaimed words between a label's end and the next label on its row; behind printed text only what a gap parts from it."""
    tokens = form.layout.tokens
    row = tokens[end - 1].row
    left: list[Token] = []
    at = end
    apart = True
    while at < len(tokens) and tokens[at].row == row and (at not in starts or at in anchors):
        apart = at not in anchors and (apart or tokens[at].cell_start)
        if at not in claimed and len(tokens[at].fold) > 1 and apart:
            left.append(tokens[at])
        at += 1
    return left


def _under(form: Filled, start: int, end: int, claimed: set[int]) -> list[Token]:
    """Unclaimed words right under a label that are no label themselves: its answer, where labels stand over their answers."""
    first, last = form.layout.tokens[start], form.layout.tokens[end]
    if last.cell is not None:
        return []
    found: list[Token] = []
    for row in form.layout.rows:
        gap, height = row.box[1] - last.box[3], last.box[3] - last.box[1]
        if row.page == last.page and -0.3 * height < gap < max(height, row.height):
            for at, token in enumerate(row.tokens):
                under = token.cell_start and first.box[0] - _COLUMN < token.box[0] < last.box[2] and len(token.fold) > 1
                if under and token.index not in claimed | form.layout.questions and not looks_like_label(row.tokens[at:]):
                    found.append(token)
    return found


def _in_its_cells(form: Filled, end: int, claimed: set[int]) -> list[Token]:
    """Unclaimed words of a ruled table in the label's cell behind it, and in the cell beside."""
    label = form.layout.tokens[end]
    if label.cell is None:
        return []
    beside = cell_at_the_right(form.layout, label.cell, label)
    tokens = [token for token in form.layout.cells[label.cell] if token.index > end] + list(form.layout.cells[beside] if beside else ())
    left = [token for token in tokens if token.index not in claimed and len(token.fold) > 1]
    return left or _level_with(form, label, claimed)


def _level_with(form: Filled, label: Token, claimed: set[int]) -> list[Token]:
    """Unclaimed words right of the label's cell, up to the next label or answer: where every figure has its own box, the cell beside
    is but the first of them."""
    if label.cell is None:
        return []
    _, top, edge, foot = label.cell.box
    level = [
        token
        for token in form.layout.tokens
        if token.page == label.page and token.box[0] >= edge - 1 and top <= (token.box[1] + token.box[3]) / 2 <= foot
    ]
    limit = min((token.box[0] for token in level if token.index in claimed), default=float("inf"))
    return [token for token in level if token.box[2] <= limit and token.index not in claimed and len(token.fold) > 1]


def _begins_above(form: Filled, label: int, first: Token, claimed: set[int]) -> bool:
    """True when the row above the label's, set tight, begins right over the answer and belongs to nobody."""
    at = form.layout.tokens[label].row
    row = form.layout.rows[at]
    above = form.layout.rows[at - 1] if at and row.tokens[0].cell is None else row
    if above is row or above.page != row.page or row.box[1] - above.box[3] > 0.8 * row.height or first.row not in (at, at + 1):
        return False
    if is_capital(above.tokens) and not first.text.isupper():
        return False  # the form's title
    over = abs(above.tokens[0].box[0] - first.box[0]) < 6 and first.box[0] > form.layout.tokens[label].box[2]
    return over and not any(token.index in claimed for token in above.tokens) and len(above.tokens[0].fold) > 1


def _goes_on(form: Filled, last: Token, claimed: set[int]) -> bool:
    """True when the row below, set tight, begins in small letters and belongs to nobody, though `last` came near the margin. In a
    person's column, which is narrow, any row that belongs to nobody may go on with what stands above it."""
    rows = form.layout.rows
    row = rows[last.row]
    if last.cell is not None and last.cell.section is not None and last.row + 1 < len(rows) and last.index == row.tokens[-1].index:
        following = rows[last.row + 1].tokens
        alone = not any(token.index in claimed for token in following) and any(len(token.fold) > 1 for token in following)
        return alone and following[0].cell is not None and following[0].cell.section == last.cell.section
    left, right = form.layout.margins[last.page]
    if last.row + 1 >= len(rows) or last.box[2] < right - _FULL * (right - left) or last.index != max(token.index for token in row.tokens):
        return False
    under = rows[last.row + 1]
    elsewhere = under.page != row.page or under.tokens[0].cell is not last.cell or row_gap(row, under) > _LINES * row.height
    if elsewhere or not under.tokens[0].text[:1].islower():
        return False
    return not any(token.index in claimed for token in under.tokens) and len(under.tokens[0].fold) > 1


def _goes_on_over_the_page(form: Filled, last: Token, claimed: set[int]) -> bool:
    """True when `last` came near the edge on the last line of its page, and the first line of the next one belongs to nobody."""
    left, right = edges(form.layout, last)
    if last.box[2] < right - _FULL * (right - left):
        return False
    printed = [token for token in form.layout.tokens if len(token.fold) > 1 and token.fold.isalpha()]
    if any(token.page == last.page and token.box[1] > last.box[3] for token in printed):
        return False
    over = next((form.layout.rows[token.row] for token in printed if token.page == last.page + 1), None)
    return over is not None and not any(token.index in claimed for token in over.tokens)
