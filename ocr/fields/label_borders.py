"""Was the border between a label and its answer set at the right word? What tells that it may not have been."""

import re
from collections import Counter

from msgspec.structs import replace

from ocr.fields.filled import Filled
from ocr.fields.folding import fold
from ocr.fields.label_places import Match
from ocr.fields.layout import row_gap
from ocr.fields.swallowed import holds_a_label, holds_foreign_words, is_worded, labels_of
from ocr.fields.values import Found

_WORD_FOR_WORD = 0.95  # how alike a label and the form's must be
_GLUED = re.compile(r"(?:of|birth|group|name|residence|sex)[^\W\d_a-z]")  # "ofBệnh viện": a label's other language and its answer
_ALIGNED = 8.0  # points
# What is of such a kind is no answer to another question where a form asks for one of them alone, whatever the words of its label.
_TELLS_ITSELF = frozenset({"phone", "email"})


def doubted_borders(form: Filled, found: dict[str, Found]) -> set[str]:
    """Fields whose label and answer may have been cut at the wrong word; the first word of a label is given back to it."""
    unsure: set[str] = set()
    labels = labels_of(form.template)
    often = Counter(entry.type for entry in form.template.fields if entry.name)
    for match in form.alignment.matches:
        entry = form.template.fields[match.entry]
        if entry.name in found and entry.place == "after":
            label = [form.layout.tokens[index] for index in match.taken]
            unusual = (
                match.similarity == 0
                or _below_other_words(form, match)
                or _goes_on_below(form, match, found[entry.name])
                or (match.more and not is_worded(entry, label))
                or holds_foreign_words(entry, label, answered=bool(found[entry.name].tokens))
            )
            unusual &= not (entry.type in _TELLS_ITSELF and often[entry.type] == 1 and found[entry.name].tokens)
            answer = found[entry.name].tokens
            glued = bool(answer) and _GLUED.match(answer[0].text) is not None
            if unusual or glued or holds_a_label(entry, answer, labels):
                unsure.add(entry.name)
            before = form.layout.tokens[match.start - 1] if match.start else label[0]
            opening = next((word for word in entry.label.split() if fold(word).isalpha()), "")
            torn = before.text.casefold() == opening.casefold() or (before.fold == fold(opening) and before.row == label[0].row)
            if torn and fold(opening) not in (token.fold for token in label[:2]):  # the label's first word ends the answer above
                for name in [name for name, one in found.items() if one.tokens and one.tokens[-1] == before]:
                    unsure.add(name)
                    found[name] = replace(found[name], tokens=found[name].tokens[:-1])
    return unsure


def _below_other_words(form: Filled, match: Match) -> bool:
    """True for a label that begins below words of its own cell which nobody took: they ask, and it may be the answer."""
    first = form.layout.tokens[match.start]
    cell = first.cell
    if cell is None or not cell.simple or not first.text[:1].isupper():
        return False
    taken = {index for other in form.alignment.matches for index in other.taken}
    above = [token for token in form.layout.cells[cell] if token.row < first.row and token.index not in taken]
    return any(len(token.fold) > 1 and token.fold.isalpha() for token in above) and not above[-1].text.endswith(("/", ","))


def _goes_on_below(form: Filled, match: Match, found: Found) -> bool:
    """True for a label that is not the form's word for word, below whose first line stands another that neither it nor an answer
    took, beside or left of the answer: "Tên … viết bằng tiếng" over "Việt" asks for another name than "… nước ngoài" does."""
    tokens, rows = form.layout.tokens, form.layout.rows
    first, last = tokens[match.start], tokens[match.end - 1]
    if match.similarity > _WORD_FOR_WORD or last.colon or not found.tokens or last.row + 1 >= len(rows):
        return False
    under = rows[last.row + 1].tokens
    tight = under[0].page == last.page and row_gap(rows[last.row], rows[last.row + 1]) < rows[last.row].height
    beside = found.tokens[0].row == last.row and under[-1].box[2] < found.tokens[0].box[0]
    taken = {index for other in form.alignment.matches for index in other.taken}
    return tight and beside and abs(under[0].box[0] - first.box[0]) < _ALIGNED and not taken.intersection(t.index for t in under)
