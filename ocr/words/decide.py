"""Which spelling of every token stands: the network's scores and the language model's, over the whole page at once.

A chain over the tokens in reading order is solved exactly by the forward-backward algorithm. The network's own
reading stands unless another is better by a margin: names and rare words must not be pulled to common ones.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.words.company import SAME_SENTENCE, Doubt, company, said
from ocr.words.language import NUMBER, OTHER, START, Language, language
from ocr.words.lattice import Token, core
from ocr.words.word import ALL_MEANS, Means

_SEEN = 0.9  # weight of the network's log-probabilities
_SAID = 0.8  # weight of the language model's
_MARGIN = 1.2  # log odds by which another spelling must beat the network's own

_CERTAIN = np.ones(1)


class Decision(Struct, frozen=True):
    """`text` is what stands; `chance` its share among the token's spellings, 0..1, before any calibration.

    `unheard` when the language model knows the word in no such company: a rare name, or a wrong mark. `contradicted` when the same
    letters with other marks are hundreds of times as likely in this company: a sure network may still be wrong about a mark in a
    typeface that it never saw. `misplaced` when no such word can stand there, whoever saw it (`ocr.words.company`).
    """

    text: str
    chance: float
    unheard: bool = False
    contradicted: bool = False
    misplaced: bool = False


class _Column(Struct, frozen=True):
    numbers: NDArray[np.int64]
    seen: NDArray[np.float64]
    named: NDArray[np.bool_]
    starts_line: bool


_EDGE = _Column(np.array([START]), np.zeros(1), np.zeros(1, bool), False)


class Memory(Struct, frozen=True):
    """What one decision about a page worked out and the next can use: most tokens are the same objects in both.

    `columns` by token (its id, and whether a line starts with it), `stretches` by the ids of their columns; both hold what
    the ids belong to.
    """

    columns: dict[tuple[int, bool], tuple[Token, _Column]] = field(default_factory=dict)
    stretches: dict[tuple[int, ...], list[NDArray[np.float64]]] = field(default_factory=dict)

    def column(self, model: Language, token: Token, starts_line: bool, means: Means) -> _Column:
        known = self.columns.get((id(token), starts_line))
        if known is None:
            known = self.columns[id(token), starts_line] = (token, _column(model, token, starts_line, means))
        return known[1]

    def between(self, model: Language, chain: list[_Column]) -> list[NDArray[np.float64]]:
        key = tuple(map(id, chain))
        if key not in self.stretches:
            self.stretches[key] = _between(model, chain)
        return self.stretches[key]


def decide(lines: Sequence[Sequence[Token]], means: Means = ALL_MEANS, memory: Memory | None = None) -> list[list[Decision]]:
    """One decision per token; `lines` in reading order, so that a sentence may go on in the next line. A `memory` serves one page
    and the same `means` alone."""
    model, memory = language(), memory or Memory()
    # A dash or a bracket on its own stands between two words that still belong together.
    heard = [[token for token in line if _spoken(token)] for line in lines]
    columns = [memory.column(model, token, at == 0, means) for line in heard for at, token in enumerate(line)]
    chances = iter(_posteriors(model, columns, means.language, memory))
    chosen = [[_choose(token, next(chances) if _spoken(token) else _only(token)) for token in line] for line in lines]
    return _with_company(model, chosen)


def _with_company(model: Language, chosen: list[list[Decision]]) -> list[list[Decision]]:
    doubts = iter(company(model, [[decision.text for decision in line] for line in chosen]))
    return [[_marked(decision, next(doubts)) for decision in line] for line in chosen]


def _marked(decision: Decision, doubt: Doubt) -> Decision:
    return replace(decision, unheard=doubt.unheard, contradicted=doubt.contradicted, misplaced=doubt.misplaced) if doubt.any else decision


def _spoken(token: Token) -> bool:
    return said(token.text)


def _column(model: Language, token: Token, starts_line: bool, means: Means) -> _Column:
    if not token.is_word:  # the language model has no say between two numbers, codes or addresses, only between a figure and a letter
        number = NUMBER if any(c.isdigit() for c in token.text) else OTHER
        classes = [model.number(spelling.text) if _alike(spelling.text, token.text) else number for spelling in token.spellings]
        return _Column(np.array(classes), np.array([s.score for s in token.spellings]), np.zeros(len(classes), bool), starts_line)
    words = [spelling.text if _alike(token.text, spelling.text) else core(spelling.text) for spelling in token.spellings]
    seen = np.array([_SEEN * spelling.score for spelling in token.spellings])
    named = np.array([word[:1].isupper() for word in words])
    return _Column(np.array([model.number(word) for word in words]), seen, named, starts_line)


def _alike(letter: str, figure: str) -> bool:
    """True for one letter and one figure: "tháng ó năm" and "tháng 6 năm" are for their company to tell apart."""
    return len(letter) == len(figure) == 1 and letter.islower() and figure.isdecimal()


def _steps(model: Language, before: _Column, after: _Column) -> NDArray[np.float64]:
    go_on = model.chances(before.numbers, after.numbers, after.named)
    if after.starts_line:
        anew = model.chances(np.array([START]), after.numbers, after.named)
        go_on = np.logaddexp(np.log(SAME_SENTENCE) + go_on, np.log(1 - SAME_SENTENCE) + anew)
    return _SAID * go_on.astype(np.float64)


def _posteriors(model: Language, columns: list[_Column], heard: bool, memory: Memory) -> list[NDArray[np.float64]]:
    """For every column the chance of each spelling, given the whole page where it is `heard`.

    A token with one spelling cuts the chain: what lies left of it has no bearing on what lies right.
    """
    if not heard:
        return [np.asarray(np.exp(column.seen - _log_sum(column.seen, 0))) for column in columns]
    chain = [_EDGE, *columns, _EDGE]
    found = [_CERTAIN] * len(chain)
    start = 0
    for stop in range(1, len(chain)):
        if len(chain[stop].numbers) == 1:
            if stop - start > 1:
                found[start + 1 : stop] = memory.between(model, chain[start : stop + 1])
            start = stop
    return found[1:-1]


def _between(model: Language, chain: list[_Column]) -> list[NDArray[np.float64]]:
    """Forward-backward over the open columns of `chain`, whose first and last column have one spelling."""
    steps = [_steps(model, a, b) for a, b in pairwise(chain)]
    forward = [chain[0].seen]
    for step, column in zip(steps, chain[1:], strict=True):
        forward.append(column.seen + _log_sum(forward[-1][:, None] + step, 0))
    backward = [np.zeros(1)]
    for step, column in zip(steps[:0:-1], chain[:0:-1], strict=False):
        backward.append(_log_sum(step + (column.seen + backward[-1])[None], 1))
    together = [a + b for a, b in zip(forward[1:-1], backward[:0:-1], strict=True)]
    return [np.exp(scores - _log_sum(scores, 0)) for scores in together]


def _log_sum(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    top = values.max(axis, keepdims=True)
    total: NDArray[np.float64] = np.log(np.exp(values - top).sum(axis)) + top.squeeze(axis)
    return total


def _only(token: Token) -> NDArray[np.float64]:
    scores = np.array([spelling.score for spelling in token.spellings])
    return np.asarray(np.exp(scores - _log_sum(scores, 0)))


def _choose(token: Token, chances: NDArray[np.float64]) -> Decision:
    best = int(chances.argmax())
    if best and not token.spellings[best].seconded and np.log(chances[best]) - np.log(max(chances[0], 1e-300)) < _MARGIN:
        best = max((0, *(i for i, s in enumerate(token.spellings) if s.seconded)), key=lambda i: float(chances[i]))
    return Decision(token.spellings[best].text, float(chances[best]))
