"""A second pair of eyes: Tesseract reads what the lattice is unsure of, and both opinions are weighed.

Tesseract's recogniser is right about the marks of Vietnamese, slower by a factor of ten, and knows the characters
that the fast network's alphabet lacks. Where both saw the same number of words, its reading becomes one more
spelling of the token, with the weight its own confidence deserves, and the language model decides again. Where they
disagree about spaces, the reading that makes words wins.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from rapidfuzz.distance import Levenshtein

from ocr.words.lattice import Spelling, Token, core
from ocr.words.syllables import is_bare_onset, is_syllable
from ocr.words.tesseract import Seen

_EVEN = 0.734  # Tesseract's stated confidence at which it is right as often as wrong (measured)
_SLOPE = 25.0
_SUREST = 0.996
_UNSEEN = -6.0  # log-probability of a spelling that the network did not hold possible at all
_CUT_OFF = -1.0  # the same for a syllable of which the network saw the beginning alone
_LEAST = 1e-4
_ANY = (float("inf"), (0, 0))
_SURE_EDGES = 0.99
_MOVED = 0.5  # edits that a space at another letter counts for
_KNOWN = frozenset(".,;:()/-")  # punctuation of the network's own alphabet


class Pair(Struct, frozen=True):
    """Tokens `first`..`last` of the asked span (both included) and the words Tesseract saw in their place."""

    tokens: tuple[int, ...]
    seen: tuple[Seen, ...]


def trust(confidence: float) -> float:
    """How often Tesseract is right when it states `confidence` (both 0..1)."""
    return float(min(_SUREST, 1 / (1 + np.exp(-_SLOPE * (confidence - _EVEN)))))


def matched(texts: Sequence[str], seen: Sequence[Seen]) -> list[Pair]:
    """Pair the span's token texts with Tesseract's words, one to one, one to two or two to one, by least edits; two to two where they
    see a space at different letters ("STTHọ tên", "STT Họtên"): word against word, letters would be lost."""
    if list(texts) == [word.text for word in seen]:
        return [Pair((i,), (word,)) for i, word in enumerate(seen)]
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    moves = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (1, 5), (1, 6), (1, 0), (0, 1), (2, 2))
    for i in range(len(texts) + 1):
        for j in range(len(seen) + 1):
            if (i, j) not in best:
                continue
            cost = best[i, j][0]
            for di, dj in moves:
                if i + di > len(texts) or j + dj > len(seen):
                    continue
                ours, theirs = "".join(texts[i : i + di]), "".join(s.text for s in seen[j : j + dj])
                known = best.get((i + di, j + dj), _ANY)[0]
                least = cost + 0.3 * abs(di - dj) + (_MOVED if (di, dj) == (2, 2) else 0.0)
                if least + abs(len(ours) - len(theirs)) < known and (total := least + Levenshtein.distance(ours, theirs)) < known:
                    best[i + di, j + dj] = (total, (di, dj))
    pairs = []
    i, j = len(texts), len(seen)
    while i or j:
        di, dj = best[i, j][1]
        pairs.append(Pair(tuple(range(i - di, i)), tuple(seen[j - dj : j])))
        i, j = i - di, j - dj
    return pairs[::-1]


def with_opinion(token: Token, seen: Seen) -> Token:
    """`token` with Tesseract's reading among its spellings, each weighed by what Tesseract saw."""
    right = trust(seen.confidence)
    theirs = _with_edges_of(token, seen.text)
    if _digits(token.text) != _digits(theirs):
        right = min(right, 0.9)  # the network reads digits better, and no grammar catches a wrong one
    known = {spelling.text for spelling in token.spellings}
    if theirs in known:
        right = max(right, 0.5)  # an unsure second witness who says the same is no witness against
    agree, differ = np.log(right), np.log(max(1 - right, _LEAST))
    spellings = [replace(s, score=s.score + (agree if s.text == theirs else differ), seconded=s.text == theirs) for s in token.spellings]
    if not token.is_word:
        doubt = max(1 - token.weakest, _LEAST)
        spellings[0] = replace(spellings[0], score=float(np.log(max(token.weakest, _LEAST)) + (agree if token.text == theirs else differ)))
        if theirs not in known:
            spellings.append(Spelling(theirs, float(np.log(doubt) + agree), True))
        return replace(token, spellings=tuple(spellings))
    if theirs not in known:
        if _goes_on(core(token.text), core(theirs)):
            spellings.append(Spelling(theirs, _CUT_OFF + float(agree), True))
        elif core(theirs):
            floor = max(_UNSEEN, float(np.log(max(1 - token.weakest, _LEAST)))) if core(theirs) != core(token.text) else _edge_floor(token)
            spellings.append(Spelling(theirs, floor + float(agree), True))
        elif token.edges < 0.5 or not is_syllable(core(token.text)) or (theirs.isdecimal() and len(theirs) == len(token.text) == 1):
            spellings.append(Spelling(theirs, _UNSEEN + float(agree), True))
    return replace(token, spellings=tuple(spellings))


def _with_edges_of(token: Token, theirs: str) -> str:
    """Their letters between our punctuation where the network is sure of it: Tesseract adds commas to words it is unsure of."""
    mine, other = core(token.text), core(theirs)
    if not token.is_word or not mine or not other or mine == other or token.edges < _SURE_EDGES:
        return theirs
    start = token.text.index(mine)
    if not _KNOWN.issuperset(theirs.replace(other, "", 1)):
        return theirs
    return token.text[:start] + other + token.text[start + len(mine) :]


def _goes_on(mine: str, theirs: str) -> bool:
    """True where the network saw the beginning of a syllable and they the whole of it: "s", "số"."""
    return is_bare_onset(mine.lower()) and is_syllable(theirs) and theirs.startswith(mine)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _edge_floor(token: Token) -> float:
    """The letters agree and only the punctuation differs: what the network left open for that."""
    return float(np.log(max(1 - token.edges, 2e-3)))


def sensible(texts: Sequence[str]) -> float:
    """Share of characters that stand in syllables or numbers: which of two ways to part a span makes sense."""
    total = sum(map(len, texts))
    good = sum(len(t) for t in texts if is_syllable(core(t)) or any(c.isdigit() for c in t))
    return good / total if total else 0.0
