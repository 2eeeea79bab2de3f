"""The check boxes of a form, each looked for beside its label."""

from collections.abc import Sequence

from ocr.fields.box_signs import ticked
from ocr.fields.boxes import BoxState, drawn, state_of
from ocr.fields.draft import Draft
from ocr.fields.filled import Filled
from ocr.fields.label_places import Match
from ocr.fields.layout import Token, union
from ocr.fields.struck_out import chosen_by_striking
from ocr.fields.templates import Entry
from ocr.model import Box


def tick_boxes(form: Filled) -> dict[str, Draft]:
    """All check boxes: first on the side where this form prints them, then, for those still without a box, on the other side; and
    choices that were made by striking out the other."""
    made: dict[str, Draft] = {}
    matches = [match for match in form.alignment.matches if form.template.fields[match.entry].place in ("box_after", "box_before")]
    after = _sides(form, matches)
    for other_side in (False, True):
        for match in matches:
            entry = form.template.fields[match.entry]
            seen = made.get(entry.name)
            if seen is None or (other_side and seen.box is None):
                draft = _box(form, entry, match, after=after[match.entry] != other_side)
                claimed = other_side and any(
                    draft.box is not None and other.box is not None and _same_place(draft.box, other.box) for other in made.values()
                )
                if not claimed:
                    made[entry.name] = draft
    return made | chosen_by_striking(form, made)


def _sides(form: Filled, matches: Sequence[Match]) -> dict[int, bool]:
    """Whether the box of each entry stands behind its label: as the template has it, but where a whole row of boxes begins before its
    first label and ends before its last ("[x] Có [ ] Không"), or the other way round, the paper tells."""
    tokens = form.layout.tokens
    sides = {match.entry: form.template.fields[match.entry].place == "box_after" for match in matches}
    rows: dict[int, list[Match]] = {}
    for match in matches:
        rows.setdefault(tokens[match.start].row, []).append(match)
    for row in rows.values():
        first, last = min(row, key=lambda match: match.start), max(row, key=lambda match: match.start)
        opens = _is_sign(tokens, first.start) or _is_sign(tokens, first.start - 1)
        closes = _is_sign(tokens, last.end - 1) or _is_sign(tokens, last.end)
        same_row = tokens[min(last.end, len(tokens) - 1)].row == tokens[last.start].row or _is_sign(tokens, last.end - 1)
        closes = closes and same_row
        if not opens and not closes:
            opens = _drawn_beside(form, first, after=False) is not None
            closes = _drawn_beside(form, last, after=True) is not None
        if opens != closes:
            sides |= {match.entry: not opens for match in row}
        elif opens and closes and len(row) == 1:
            sides[first.entry] = _is_nearer_behind(form, first)
    return sides


def _is_sign(tokens: Sequence[Token], at: int) -> bool:
    return 0 <= at < len(tokens) and ticked(tokens[at].text) is not None


def _drawn_beside(form: Filled, match: Match, *, after: bool) -> Box | None:
    ink = form.pictures.of(form.layout.tokens[match.start].page)
    region, height, around, _ = _beside(form, match, after=after)
    found = drawn(ink, region, height, around) if ink is not None else None
    return found.box if found is not None else None


def _is_nearer_behind(form: Filled, match: Match) -> bool:
    """Of the boxes before and behind a label one is the neighbour's, whose label was not read."""
    label = union([form.layout.tokens[index].box for index in match.taken])
    before, behind = (_drawn_beside(form, match, after=after) for after in (False, True))
    return before is not None and behind is not None and behind[0] - label[2] < label[0] - before[2]


def _beside(form: Filled, match: Match, *, after: bool) -> tuple[Box, float, list[Token], list[Token]]:
    """(where the box of a label may stand behind or before it, the line's height, all words that reach in there, those in it)."""
    label = [form.layout.tokens[index] for index in match.taken]
    first = next((token for token in label if any(letter.isalpha() for letter in token.text) and token.text[0] not in "[("), label[0])
    last = label[-1]
    row = form.layout.rows[last.row if after else first.row]
    height = row.height
    others = [form.layout.tokens[other.start] for other in form.alignment.matches if other is not match]
    ends = [form.layout.tokens[other.end - 1] for other in form.alignment.matches if other is not match and other.end]
    # A reader may take the box into the word beside it, so the search begins inside the label and ends inside the next.
    if after:
        limit = min((token.box[0] for token in others if token.row == last.row and token.box[0] > last.box[0]), default=1e9)
        region = (
            last.box[2] - 1.3 * height,
            last.box[1] - 0.45 * height,
            min(limit + height, last.box[2] + 3.2 * height),
            last.box[3] + 0.45 * height,
        )
    else:
        limit = max((token.box[2] for token in ends if token.row == first.row and token.box[2] < first.box[0]), default=0.0)
        region = (
            max(limit - height, first.box[0] - 3.2 * height),
            first.box[1] - 0.45 * height,
            first.box[0] + 1.3 * height,
            first.box[3] + 0.45 * height,
        )
    near = [
        token
        for token in row.tokens
        if region[0] <= (token.box[0] + token.box[2]) / 2 <= region[2] and (token.index not in match.taken or token.text[0] in "[]()")
    ]
    around = [token for token in row.tokens if region[0] < token.box[2] and token.box[0] < region[2]]
    return region, height, around, near


def _box(form: Filled, entry: Entry, match: Match, *, after: bool) -> Draft:
    region, height, around, near = _beside(form, match, after=after)
    page = form.layout.tokens[match.start].page
    form.spent.update({token.index for token in near})
    state = state_of(form.pictures.of(page), region, near, height, around) or BoxState(None, 0.0, None, "")
    draft = Draft(entry, state.ticked, state.raw, state.confidence, form.source[page], page, state.box, confirmed=True)
    if state.ticked is None:
        draft.reason = "box_unclear"
    return draft


def _same_place(one: Box, two: Box) -> bool:
    return abs(one[0] - two[0]) < 4 and abs(one[1] - two[1]) < 4
