"""Was a value written by hand? Told from shapes alone, for grey pictures and black pens, where colour says nothing.

Its shapes are set beside those of the page's own print (labels, headings): how much a lamp, a lens or a threshold thickens strokes and
rounds corners shows there too, and what is left is the difference between a printer and a hand. What both say together was learnt
from typefaces (`benchmarks/build_handwriting.py`, which also says how it fares with families that it never saw).
One value is little to go by, so the values of its page count too, and how sure a reader of print was of it.
"""

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.fields.draft import Draft
from ocr.fields.hand_shapes import Measures, Shapes, likeness, nearness, shapes
from ocr.fields.layout import Token, union
from ocr.fields.page_ink import Ink
from ocr.fields.pictures import Pictures
from ocr.model import Source

LEGIBLE = 0.25  # below this, what a reader of print makes of handwriting is a guess
_WELL_READ = 0.7
_PEN = 0.45  # of a value's ink is blue where a blue pen wrote it; the rest is dots and rules
_LABEL = 4  # words before a value that tell the colour of its label
_ABOVE = 4  # rows: one of them may be a signature
_BY_HAND = 1.0  # odds (logarithm) from which a value is called handwriting
_CLEAR = 3.0  # no single value says more
_SEEN_MORE = 0.5  # real rows lie nearer to print than the drawn ones that the weights were learnt on
_FIGURES = 0.6  # what the shapes of a number count, which has few
_USUAL_SHARE = 0.1  # of values that hands write, before a page is seen
_USUALLY_READ = 0.86  # how sure a reader is of print
_BADLY_READ = 0.5  # and of the second worst value of a page in a hand, at most: to look at more pages costs a tenth of extraction
_PER_CONFIDENCE = 1.5
_SURE = 1.7  # odds from which a value stands for others
_PER_LIKENESS = 5.0
_GAP = 1.5  # of a row's height between two words, at most
_TURNS = 8
_ROWS_OF_PRINT = 5
_FIRST = 5  # the least sure values of a page, which tell whether to look at the others
_SUSPECT = -1.5


def mark_handwriting(drafts: Sequence[Draft], tokens: Sequence[Token], pictures: Pictures, source: Mapping[int, Source]) -> None:
    """Drafts that a hand wrote get the source "handwriting"; what could not be read among them is no value but a picture for a person.

    `tokens` are all words of the document: those of no draft are the page's own print.
    """
    taken = _places(drafts)
    for page in {draft.page for draft in drafts if draft.page is not None and source[draft.page] == "print"}:
        ink = pictures.of(page)
        written = [draft for draft in drafts if draft.page == page and draft.source == "print" and draft.tokens]
        if ink is None or not written:
            continue
        around = [token for token in tokens if token.page == page and not _among(token, taken)]
        printed = _Printed(around, ink)
        for draft in _by_pen(written, around, ink) or _by_shape(written, printed):
            draft.source = "handwriting"
            if draft.confidence < LEGIBLE and draft.value is not None and not _looks_printed(draft, printed):
                draft.value, draft.reason = None, "handwriting_unread"


class _Printed:
    """A page's words that are no value, and the shapes of their print, which are measured once and only where they are asked for."""

    def __init__(self, around: Sequence[Token], ink: Ink) -> None:
        self.around, self.ink = around, ink

    @cached_property
    def shapes(self) -> Shapes | None:
        """Of its rows with the most letters."""
        rows: dict[int, list[Token]] = {}
        for token in self.around:
            if any(map(str.isalnum, token.text)):
                rows.setdefault(token.row, []).append(token)
        longest = sorted(rows.values(), key=lambda row: -sum(len(token.text) for token in row))[:_ROWS_OF_PRINT]
        found = [one for row in longest if (one := _of(row, self.ink)) is not None]
        return of_print(found) if found else None


def _looks_printed(draft: Draft, printed: _Printed) -> bool:
    """True for typed values in a pen's colour, of which one bad word leaves a person the others."""
    if median(token.confidence for token in draft.tokens) <= _WELL_READ or printed.shapes is None:
        return False
    return _alone(draft, _of(draft.tokens, printed.ink), printed.shapes) < -_SURE


def _places(drafts: Sequence[Draft]) -> dict[int, list[tuple[float, float]]]:
    """From where to where values stand in each row. Words that were spelt anew no longer carry the numbers of those that were read."""
    found: dict[int, list[tuple[float, float]]] = {}
    for draft in drafts:
        for run in _runs(draft.tokens):
            found.setdefault(run[0].row, []).append((run[0].box[0], run[-1].box[2]))
    return found


def _among(token: Token, taken: Mapping[int, Sequence[tuple[float, float]]]) -> bool:
    middle = (token.box[0] + token.box[2]) / 2
    return any(start <= middle <= end for start, end in taken.get(token.row, ()))


def _runs(tokens: Sequence[Token]) -> list[list[Token]]:
    """Words of one row that no other word can stand between."""
    runs: list[list[Token]] = []
    for token in tokens:
        last = runs[-1][-1] if runs else token
        if (
            runs
            and token.row == last.row
            and token.box[2] - last.box[2] >= 0
            and token.box[0] - last.box[2] < _GAP * (last.box[3] - last.box[1])
        ):
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def _by_pen(written: Sequence[Draft], around: Sequence[Token], ink: Ink) -> list[Draft]:
    """Drafts in a blue pen's ink. Where the words before them are blue as well, a stamp was put there, and its blanks may be printed."""
    if ink.pen is None:
        return []
    blue = [draft for draft in written if ink.written([token.box for token in draft.tokens]) > _PEN]
    return [draft for draft in blue if ink.written([token.box for token in _before(draft, around)]) < _PEN]


def _before(draft: Draft, around: Sequence[Token]) -> list[Token]:
    """The words printed before a value in its row or, where there are none, in the rows above."""
    first = draft.tokens[0]
    same = [token for token in around if token.row == first.row and token.index < first.index]
    return same[-_LABEL:] or [token for token in around if first.row - _ABOVE <= token.row < first.row]


def _by_shape(written: list[Draft], page: _Printed) -> list[Draft]:
    """Drafts whose shapes are a hand's and not those of the page's print."""
    written = sorted(written, key=lambda draft: draft.confidence)
    if written[min(1, len(written) - 1)].confidence > _BADLY_READ:
        return []  # a hand that was read well needs no name, and nobody writes one value of a form
    printed = page.shapes
    if printed is None:
        return []
    rows = [_of(draft.tokens, page.ink) for draft in written[:_FIRST]]
    alone = [_alone(draft, row, printed) for draft, row in zip(written, rows, strict=False)]
    if max(alone) < _SUSPECT:
        return []
    rows += [_of(draft.tokens, page.ink) for draft in written[_FIRST:]]
    alone += [_alone(draft, row, printed) for draft, row in zip(written[_FIRST:], rows[_FIRST:], strict=True)]
    odds = together([own + more for own, more in zip(alone, _company(together(alone), rows, printed), strict=True)])
    return [draft for draft, one in zip(written, odds, strict=True) if one > _BY_HAND]


def _company(odds: Sequence[float], rows: Sequence[Shapes | None], printed: Shapes) -> list[float]:
    """Odds to add to each of a page's values, given those of all: one person fills a form, so that what is in doubt is as the sure
    values whose letters its own are more like, written or printed."""
    added = [0.0] * len(rows)
    for number, row in enumerate(rows):
        others = [(one, other) for at, (one, other) in enumerate(zip(odds, rows, strict=True)) if at != number and other is not None]
        hands = [other for one, other in others if one > _SURE]
        if row is not None and hands:
            prints = [printed, *(other for one, other in others if one < -_SURE)]
            added[number] = _PER_LIKENESS * (nearness(row, of_print(hands)) - nearness(row, of_print(prints)))
    return added


def beside(row: Shapes, printed: Shapes) -> Measures:
    """What is judged of a row, 2 COUNT + LIKENESS: its own measures, how far they are from those of print beside it, and its likeness."""
    return np.concatenate([row.measures, row.measures - printed.measures, likeness(row, printed)])


def of_print(rows: Sequence[Shapes]) -> Shapes:
    """The middle of each measure of rows of print, and the forms of all their letters."""
    forms, sizes = np.concatenate([row.forms for row in rows]), np.concatenate([row.sizes for row in rows])
    return Shapes(np.asarray(np.median([row.measures for row in rows], axis=0), np.float32), forms, sizes)


def judge(learnt: Mapping[str, NDArray[Any]], measures: Measures) -> NDArray[np.float64]:
    """How much rows look written by hand: above 0 more than printed. `measures` are what `beside` gives for each."""
    apart = np.clip((measures - learnt["mean"]) / learnt["spread"], -4, 4)
    return np.asarray(np.tanh(apart @ learnt["inner"] + learnt["bias"]) @ learnt["outer"] + learnt["level"], np.float64)


def together(alone: Sequence[float]) -> list[float]:
    """The odds (logarithm) of each of a page's values, given the odds of each alone: how many of them hands wrote is found by
    expectation maximisation and counts for all."""
    odds = np.array(alone)
    share = _USUAL_SHARE
    for _ in range(_TURNS):
        chances = 1 / (1 + np.exp(-(odds + np.log(share / (1 - share)))))
        share = float((_USUAL_SHARE + chances.sum()) / (1 + len(odds)))
    return [float(one) for one in odds + np.log(share / (1 - share))]


def _alone(draft: Draft, row: Shapes | None, printed: Shapes) -> float:
    """The odds of one value by its own shapes, and by how unsure a reader of print was."""
    if row is None:
        return -_CLEAR
    signs = [sign for token in draft.tokens for sign in token.text if sign.isalnum()]
    counts = _FIGURES if sum(map(str.isdigit, signs)) > 0.6 * len(signs) else 1.0
    odds = counts * float(judge(weights(), beside(row, printed)[None])[0]) + _SEEN_MORE
    return min(max(odds + _PER_CONFIDENCE * (_USUALLY_READ - max(0.3, draft.confidence)), -_CLEAR), _CLEAR)


def _of(tokens: Sequence[Token], ink: Ink) -> Shapes | None:
    """The shapes of the longest run of `tokens`."""
    best = max(_runs(tokens), key=_wide, default=None)
    if best is None:
        return None
    x0, y0, x1, y1 = union([token.box for token in best])
    return shapes(ink.part((x0 - 1, y0 - 2, x1 + 1, y1 + 2)), weights()["pieces"])


def _wide(tokens: Sequence[Token]) -> float:
    return tokens[-1].box[2] - tokens[0].box[0]


@cache
def weights() -> dict[str, NDArray[Any]]:
    """What was learnt: the pieces of strokes to count, and the network that judges the counts."""
    with (files("ocr.fields") / "data" / "handwriting.npz").open("rb") as file, np.load(file) as kept:
        return {key: kept[key].astype(np.float32) for key in kept}
