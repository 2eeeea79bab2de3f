"""Questions in words that no template has, known by their place: between two labels that were found the paper asks as many as the
template does, in the same order. Such an answer is always shown to a person."""

import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec.structs import replace

from ocr.fields.enumerators import ENUMERATOR
from ocr.fields.label_places import Match
from ocr.fields.labels import Alignment
from ocr.fields.layout import Layout, Token
from ocr.fields.templates import Template

_MOST = 12  # words of a label, its number counted
_NUMBER = re.compile(r"\d")
_NOTED = re.compile(r"^[^\W\d_]{2,}\d{1,2}$|^\(?\d{1,2}\)?$|.*\(")  # a word with the number of a footnote, or in brackets


def with_questions_in_order(layout: Layout, template: Template, alignment: Alignment) -> Alignment:
    """`alignment` with the places of labels that only their order tells; `similarity` is 0 there."""
    taken = {index for match in alignment.matches for index in match.taken}
    have = {match.entry for match in alignment.matches}
    found: list[Match] = []
    for one, two in pairwise(alignment.matches):
        between = range(one.entry + 1, two.entry)
        missing = [at for at in between if template.fields[at].name and at not in have]
        if not missing or any(template.fields[at].place != "after" or template.fields[at].prose for at in missing):
            continue
        asked = [(start, end) for start, end in _questions(layout, one.end, two.start) if taken.isdisjoint(range(start, end))]
        needed = [at for at in missing if not template.fields[at].optional]
        entries = missing if len(asked) == len(missing) else needed if len(asked) == len(needed) else []
        cells = [layout.tokens[start].cell for start, _ in asked]
        if any(cell and cell.section not in (None, template.fields[at].section) for cell, at in zip(cells, entries, strict=False)):
            continue
        found += [Match(at, start, end, 0.0, tuple(range(start, end)), 0.0) for at, (start, end) in zip(entries, asked, strict=False)]
    if not found:
        return alignment
    return replace(alignment, matches=tuple(sorted((*alignment.matches, *found), key=lambda match: match.start)))


def _questions(layout: Layout, first: int, last: int) -> Iterator[tuple[int, int]]:
    """(first token, one past the last) of what reads like a label among the tokens from `first` to `last`: at the start of a row or cell,
    up to a colon, or with a number before it up to the gap or rule before its answer. A heading over other questions is none."""
    at = first
    while at < last:
        end = _label_end(layout, at, last) if layout.tokens[at].cell_start else None
        if end is None:
            at += 1
            continue
        if not _is_heading(layout, at, end, last):
            yield at, end
        at = end


def _label_end(layout: Layout, start: int, last: int) -> int | None:
    tokens = layout.tokens
    opens = tokens[start]
    numbered = bool(ENUMERATOR.match(opens.text)) and bool(_NUMBER.search(opens.text))
    if numbered and layout.questions and not any(tokens[at].text[-1:] == opens.text[-1:] for at in layout.questions):
        return None  # where a paper counts its questions, a number of another kind is a house's
    words = start + 1 if numbered else start
    if words >= last or not _is_word(tokens[words]):
        return None
    for at in range(words, min(start + _MOST, last)):
        token = tokens[at]
        if token.row != opens.row or (at > words and token.cell_start):
            return at if numbered else None
        if token.text.endswith(":"):
            return at + 1
        if _NUMBER.search(token.text) and not _NOTED.match(token.text):
            return None  # an answer
    after = min(start + _MOST, last)
    ends_row = numbered and (after == len(tokens) or tokens[after].row != opens.row)
    return after if ends_row and opens.cell is not None else None


def _is_word(token: Token) -> bool:
    return token.text[:1].isupper() and len(token.fold) > 1 and not _NUMBER.search(token.text)


def _is_heading(layout: Layout, start: int, end: int, last: int) -> bool:
    """True where nothing stands behind, no leader leaves room to write, and the next row asks again."""
    closing = layout.tokens[end - 1]
    if closing.leader_after or closing.cell is not None or end >= last:
        return False
    after = layout.tokens[end]
    return after.row != closing.row and _label_end(layout, end, last) is not None and closing.row == layout.tokens[start].row
