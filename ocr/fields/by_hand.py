"""Was a value written by hand? Told from shapes alone, for grey pictures and black pens, where colour says nothing.

Its shapes are set beside those of the page's own print (labels, headings): how much a lamp, a lens or a threshold thickens strokes and
rounds corners shows there too, and what is left is the difference between a printer and a hand. What both say together was learnt
from typefaces (`benchmarks/build_handwriting.py`, which also says how it fares with families that it never saw).
One value is little to go by, so the values of its page count too, and how sure a reader of print was of it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.fields.draft import Draft
from ocr.fields.hand_shapes import COUNT, Measures, shapes
from ocr.fields.layout import Token, union
from ocr.fields.page_ink import Ink
from ocr.fields.pictures import Pictures
from ocr.model import Source

LEGIBLE = 0.25  # below this, what a reader of print makes of handwriting is a guess
_BY_HAND = 1.0  # odds (logarithm) from which a value is called handwriting
_CLEAR = 3.0  # no single value says more
_SEEN_MORE = 1.5  # real rows lie nearer to print than the drawn ones that the weights were learnt on
_FIGURES = 0.6  # what the shapes of a number count, which has few
_USUAL_SHARE = 0.1  # of values that hands write, before a page is seen
_USUALLY_READ = 0.86  # how sure a reader is of print
_BADLY_READ = 0.5  # and of the second worst value of a page in a hand, at most
_PER_CONFIDENCE = 2.0
_TURNS = 8
_ROWS_OF_PRINT = 5
_FIRST = 5  # the least sure values of a page, which tell whether to look at the others
_SUSPECT = 0.0


def mark_handwriting(drafts: Sequence[Draft], tokens: Sequence[Token], pictures: Pictures, source: Mapping[int, Source]) -> None:
    """Drafts that a hand wrote get the source "handwriting"; what could not be read among them is no value but a picture for a person.

    `tokens` are all words of the document: those of no draft are the page's own print.
    """
    of_values = {token.index for draft in drafts for token in draft.tokens}
    for page in {draft.page for draft in drafts if draft.page is not None and source[draft.page] == "print"}:
        ink = pictures.of(page)
        written = [draft for draft in drafts if draft.page == page and draft.source == "print" and draft.tokens]
        written.sort(key=lambda draft: draft.confidence)
        if ink is None or not written or written[min(1, len(written) - 1)].confidence > _BADLY_READ:
            continue  # a hand that was read well needs no name, and nobody writes one value of a form
        printed = _printed([token for token in tokens if token.page == page and token.index not in of_values], ink)
        if printed is None:
            continue
        alone = [_alone(draft, ink, printed) for draft in written[:_FIRST]]
        if max(alone) < _SUSPECT:
            continue
        alone += [_alone(draft, ink, printed) for draft in written[_FIRST:]]
        for draft, odds in zip(written, together(alone), strict=True):
            if odds > _BY_HAND:
                draft.source = "handwriting"
                if draft.confidence < LEGIBLE and draft.value is not None:
                    draft.value, draft.reason = None, "handwriting_unread"


def judge(learnt: Mapping[str, NDArray[Any]], measures: Measures) -> NDArray[np.float64]:
    """How much rows look written by hand: above 0 more than printed. `measures` is N × 2 COUNT, of the row and of print beside it."""
    own, printed = measures[:, :COUNT], measures[:, COUNT:]
    apart = np.clip((np.concatenate([own, own - printed], axis=1) - learnt["mean"]) / learnt["spread"], -4, 4)
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


def _alone(draft: Draft, ink: Ink, printed: Measures) -> float:
    """The odds of one value by its own shapes, and by how unsure a reader of print was."""
    row = _of(draft.tokens, ink)
    if row is None:
        return -_CLEAR
    signs = [sign for token in draft.tokens for sign in token.text if sign.isalnum()]
    counts = _FIGURES if sum(map(str.isdigit, signs)) > 0.6 * len(signs) else 1.0
    odds = counts * float(judge(weights(), np.concatenate([row, printed])[None])[0]) + _SEEN_MORE
    return min(max(odds + _PER_CONFIDENCE * (_USUALLY_READ - max(0.3, draft.confidence)), -_CLEAR), _CLEAR)


def _printed(tokens: Sequence[Token], ink: Ink) -> Measures | None:
    """The shapes of the page's print: of its rows with the most letters that are no value, the middle of each measure."""
    rows: dict[int, list[Token]] = {}
    for token in tokens:
        if any(map(str.isalnum, token.text)):
            rows.setdefault(token.row, []).append(token)
    longest = sorted(rows.values(), key=lambda row: -sum(len(token.text) for token in row))[:_ROWS_OF_PRINT]
    found = [one for row in longest if (one := _of(row, ink)) is not None]
    return np.asarray(np.median(found, axis=0), np.float32) if found else None


def _of(tokens: Sequence[Token], ink: Ink) -> Measures | None:
    """The shapes of the longest run of `tokens` in one row that no other word stands between."""
    run: list[Token] = []
    best: list[Token] = []
    for token in tokens:
        follows = bool(run) and token.row == run[-1].row and token.index == run[-1].index + 1
        run = [*run, token] if follows else [token]
        best = run if not best or _wide(run) > _wide(best) else best
    if not best:
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
