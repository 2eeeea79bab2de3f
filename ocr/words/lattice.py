"""From the network's view of a line to words with alternatives.

The best path gives the words; where a letter of a word is not certain, the other letters the network holds possible
there make further spellings. Only these may be chosen later: nothing is ever proposed that the network did not see.
"""

import math
import re
from functools import cache
from itertools import pairwise

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.network import alphabet
from ocr.words.extent import Extent
from ocr.words.recognise import BLANK
from ocr.words.syllables import is_syllable, unmarked, well_placed

_CERTAIN = 0.9995  # a letter at least this probable has no alternatives
_POSSIBLE = float(np.log(3e-4))
_PER_LETTER = 6
_SPELLINGS = 32
_INSERTED = 0.02
_FAINT = 0.03  # how probable a space must be to part a token that makes no sense
_USUAL_GAP = 0.28  # of the line's height, for a line of one token
_LEAST_GAP = 0.14
_WIDEST_GAP = 0.5
BEFORE_A_TITLE = frozenset({"TM.", "KT.", "TL.", "TUQ."})  # the abbreviations a signer's title opens with (NĐ 30/2020, Phụ lục I)
_ABBREVIATION = 0.9  # capitals that are no syllable and seen so clearly stand as they are: KT, HĐND
_CLOSING = frozenset(",;:)")  # what stands behind a word and never in front of one
_SHAPES = {"0": "OoỌọ", "1": "IlịỊ"}  # letters that are drawn like figures
_AMONG_FIGURES = re.compile(r"^(?=.*[Oo])[\dOo.,/-]+$")
_NUMERIC = frozenset("0123456789.,/-+%")
_WORD = re.compile(r"^([^\w]*)([^\W\d_]+)([^\w]*)$")


class Spelling(Struct, frozen=True):
    """One way to read a token. `score` is its log-probability relative to others of the token.

    `seconded` when Tesseract read the same.
    """

    text: str
    score: float
    seconded: bool = False


class Token(Struct, frozen=True):
    """What stands between two spaces of a line: `first` .. `last` are its steps in the strip, both included.

    `spellings[0]` is what the network reads; only a token that is one word of letters (`is_word`, punctuation around
    it aside) has more than one from the network. `edges` is the probability of the least certain character outside
    those letters, and counts a full stop that may be missing; `weakest` that of the least certain character at all.
    `overlooked` when there is ink beside the letters that none of them accounts for. `figure` is the probability of the least certain
    figure, in whatever shape it is written, and `raw` what the network read where that shape was a letter's.
    """

    first: int
    last: int
    weakest: float
    edges: float
    spellings: tuple[Spelling, ...]
    is_word: bool
    overlooked: bool = False
    figure: float = 1.0
    raw: str | None = None

    @property
    def text(self) -> str:
        """What the network alone reads."""
        return self.spellings[0].text


class _Line(Struct, frozen=True):
    """What is asked of every step of a line again and again: how probable a space is, the log-probability of the likeliest mark,
    and how many steps up to this one are in doubt (`doubts` has one entry more than there are steps)."""

    scores: NDArray[np.float32]
    space: list[float]
    mark: list[float]
    doubts: list[int]


class _Letter(Struct, frozen=True):
    sign: int
    first: int
    last: int
    chance: float
    shape: int | None = None  # the sign that was seen, where that is another


@cache
def _alphabet() -> tuple[str, ...]:
    return ("", *alphabet())


@cache
def _space() -> int:
    return _alphabet().index(" ")


@cache
def _letters_only() -> NDArray[np.bool_]:
    return np.array([len(c) == 1 and c.isalpha() for c in _alphabet()])


@cache
def _marked_otherwise() -> list[tuple[int, ...]]:
    """For every sign, the signs of the same letter and case."""
    alike: dict[str, list[int]] = {}
    for i, c in enumerate(_alphabet()):
        alike.setdefault(unmarked(c), []).append(i)
    return [tuple(alike[unmarked(c)]) for c in _alphabet()]


@cache
def _marks() -> NDArray[np.int64]:
    return np.array([i for i, c in enumerate(_alphabet()) if c and not c.isalnum() and c != " "])


def tokens(seen: Extent) -> tuple[Token, ...]:
    """The line's tokens from left to right."""
    strip = seen.strip
    line = _line(strip.scores)
    groups: list[list[_Letter]] = [[]]
    for letter in _best_path(strip.scores):
        if letter.sign == _space():
            groups.append([])
        else:
            groups[-1].append(letter)
    groups = _closed([group for group in groups if group])
    if not groups:
        return ()
    gaps = [seen.white_between(a[-1].last, b[0].first) for a, b in pairwise(groups)]
    # Fields of a form and figures in boxes stand wide apart; they say nothing about the gap between words.
    usual = min(float(np.median(gaps)), _WIDEST_GAP * strip.line.height) if gaps else _USUAL_GAP * strip.line.height
    groups = [_zeros(strip.scores, _capital_o(group)) for group in groups]
    parted = [part for group in groups for part in _parted(seen, line, group, max(usual, _LEAST_GAP * strip.line.height))]
    stops = [*(part[0].first for part in parted[1:]), len(strip.scores)]
    return tuple(_token(line, part, stop) for part, stop in zip(parted, stops, strict=True))


def _line(scores: NDArray[np.float32]) -> _Line:
    # Between the letters: steps where the best path sees nothing and yet something may be.
    blank = scores[:, BLANK]
    doubts = np.cumsum((blank > np.log(0.5)) & (blank < np.log1p(-_INSERTED)))
    return _Line(scores, np.exp(scores[:, _space()]).tolist(), scores[:, _marks()].max(1).tolist(), [0, *doubts.tolist()])


def _closed(groups: list[list[_Letter]]) -> list[list[_Letter]]:
    """A comma begins no word: in slanting and justified print the network may see the space on its wrong side."""
    found = groups[:1]
    for group in groups[1:]:
        signs = _spell(group[:2])
        if _spell(found[-1]) == "(" and signs[0].isdigit():  # "(1)" in small print
            found[-1] = [*found[-1], *group]
            continue
        if len(signs) == 2 and signs[0] in _CLOSING and signs[1].isalpha():
            found[-1] = [*found[-1], group[0]]
            group = group[1:]
        found.append(group)
    return found


def _capital_o(letters: list[_Letter]) -> list[_Letter]:
    """A round zero in front of small letters that make a word with it is its capital: "0anh" is "Oanh"."""
    text = _spell(letters)
    if text[0] != "0" or not text[1:2].islower() or not is_syllable("O" + core(text[1:])):
        return letters
    return [replace(letters[0], sign=_alphabet().index("O")), *letters[1:]]


def _zeros(scores: NDArray[np.float32], letters: list[_Letter]) -> list[_Letter]:
    """An O among figures is a zero: "3 387 000 O00". It is as sure as the two shapes together."""
    text = _spell(letters)
    if not _AMONG_FIGURES.match(text) or sum(map(str.isdigit, text)) < max(2, text.count("O") + text.count("o") + 1):
        return letters
    zero = _alphabet().index("0")
    return [
        replace(
            letter,
            sign=zero,
            shape=letter.sign,
            chance=min(1.0, letter.chance + math.exp(scores[letter.first : letter.last + 1, zero].max())),
        )
        if sign in "Oo"
        else letter
        for letter, sign in zip(letters, text, strict=True)
    ]


def core(text: str) -> str:
    """The letters of a token without the punctuation around them; "" when it is not one word."""
    found = _WORD.match(text)
    return found[2] if found else ""


def _best_path(scores: NDArray[np.float32]) -> list[_Letter]:
    best = scores.argmax(1)
    edges = np.flatnonzero(np.diff(best)) + 1
    starts = np.concatenate(([0], edges))
    chances = np.exp(np.maximum.reduceat(scores[np.arange(len(best)), best], starts))
    runs = zip(best[starts].tolist(), starts.tolist(), [*edges.tolist(), len(best)], chances.tolist(), strict=True)
    return [_Letter(sign, first, stop - 1, chance) for sign, first, stop, chance in runs if sign != BLANK]


def _spell(letters: list[_Letter]) -> str:
    return "".join(_alphabet()[letter.sign] for letter in letters)


def _parted(seen: Extent, line: _Line, letters: list[_Letter], usual: float) -> list[list[_Letter]]:
    """Part a token where white or the network tells of a space that the best path missed, and both sides make sense."""
    if len(letters) < 2 or _spell(letters) in BEFORE_A_TITLE or is_syllable(core(_spell(letters))):
        return [letters]
    for i in range(1, len(letters)):
        faint = max(line.space[letters[i - 1].last : letters[i].first + 1]) >= _FAINT
        white = seen.white_between(letters[i - 1].last, letters[i].first) / usual
        left, right = _spell(letters[:i]), _spell(letters[i:])
        if right[0] in _CLOSING or left == "(" or left[-1] == right[0] == "I":  # strokes of a numeral stand apart in some faces
            continue
        if is_syllable(core(left)) and is_syllable(core(right)):
            apart = faint or white > 0.6
        elif left[-1] in ",;:" and right[0].isalpha():
            apart = faint or white > 0.5
        elif left[-1].isalpha() and right[0].isalpha():
            # An abbreviation such as UBND begins or ends with a letter that could be a word.
            apart = white > 0.8 and is_syllable(core(left)) and not (min(len(left), len(right)) == 1 and (left + right).isupper())
        elif {left[-1], right[0]} <= _NUMERIC:
            apart = faint and white > 0.8  # a 1 stands in as much white as a narrow space
        else:
            apart = white > 0.8 or (faint and white > 0.5)
        if apart:
            return [*_parted(seen, line, letters[:i], usual), *_parted(seen, line, letters[i:], usual)]
    return [letters]


def _token(line: _Line, letters: list[_Letter], next_first: int) -> Token:
    text = _spell(letters)
    after = line.mark[letters[-1].last + 1 : next_first]
    no_more = 1 - math.exp(max(after)) if after else 1.0
    weakest = min(no_more, *(letter.chance for letter in letters))
    first, last = letters[0].first, letters[-1].last
    found = _WORD.match(text)
    if not found or text in BEFORE_A_TITLE or text + "." in BEFORE_A_TITLE or (weakest > _ABBREVIATION and _abbreviation(found[2])):
        own = sum(math.log(letter.chance) for letter in letters)
        figure = min((_figure(line.scores, letter) for letter, sign in zip(letters, text, strict=True) if sign.isdigit()), default=1.0)
        raw = "".join(_alphabet()[letter.sign if letter.shape is None else letter.shape] for letter in letters)
        return Token(first, last, weakest, weakest, (Spelling(text, own),), False, figure=figure, raw=None if raw == text else raw)
    start, stop = found.span(2)
    edges = min([no_more, *(letter.chance for letter in (*letters[:start], *letters[stop:]))])
    kept = tuple(Spelling(found[1] + s.text + found[3], s.score) for s in _spellings(line, letters, start, stop))
    return Token(first, last, weakest, edges, kept, True)


def _figure(scores: NDArray[np.float32], letter: _Letter) -> float:
    """How probable a figure is, as itself or as a letter of its shape: in a number, O is no other reading than 0."""
    if letter.chance >= _CERTAIN:
        return letter.chance
    shapes = _SHAPES.get(_alphabet()[letter.sign], "")
    alike = [_alphabet().index(sign) for sign in shapes]
    return min(1.0, letter.chance + float(np.exp(scores[letter.first : letter.last + 1, alike].max(0)).sum()))


def _abbreviation(word: str) -> bool:
    return word.isupper() and word.replace("Đ", "D").isascii() and not is_syllable(word)


def _spellings(line: _Line, letters: list[_Letter], start: int, stop: int) -> list[Spelling]:
    """The letters `start`..`stop` of a token in every way the network holds possible, its own reading first."""
    own = well_placed(_spell(letters[start:stop]))
    open_gaps = line.doubts[letters[stop - 1].last + 1] - line.doubts[letters[start].first]
    if not open_gaps and all(letter.chance >= _CERTAIN for letter in letters[start:stop]):
        return [Spelling(own, sum(math.log(letter.chance) for letter in letters[start:stop]))]
    beams: list[tuple[float, str]] = [(0.0, "")]
    for i in range(start, stop):
        if open_gaps and i > start:
            beams = _grown(beams, _between(line.scores, letters[i - 1], letters[i]))
        beams = _grown(beams, _instead(line.scores, letters[i]))
    best: dict[str, float] = {}
    for score, text in beams:
        placed = well_placed(text)
        best[placed] = max(score, best.get(placed, -np.inf))
    mine = best.pop(own, 0.0)
    return [Spelling(own, mine), *(Spelling(text, score) for text, score in best.items() if text)]


def _grown(beams: list[tuple[float, str]], options: list[tuple[float, str]]) -> list[tuple[float, str]]:
    if len(options) == 1 and not options[0][1]:
        return beams
    grown = [(score + more, text + sign) for score, text in beams for more, sign in options]
    grown.sort(key=lambda beam: -beam[0])
    return grown[:_SPELLINGS]


def _instead(scores: NDArray[np.float32], letter: _Letter) -> list[tuple[float, str]]:
    own = (math.log(letter.chance), _alphabet()[letter.sign])
    if letter.chance >= _CERTAIN:
        return [own]
    run = scores[letter.first : letter.last + 1]
    seen = run.max(0)
    nothing = float(run[:, BLANK].sum())
    seen[BLANK] = -np.inf
    seen[~_letters_only()] = -np.inf
    seen[letter.sign] = -np.inf
    # Of a letter's eighteen marks the right one may come behind six others, and the words around know it.
    likely = {*np.argpartition(-seen, _PER_LETTER)[:_PER_LETTER].tolist(), *_marked_otherwise()[letter.sign]}
    options = [own, *((float(seen[s]), _alphabet()[s]) for s in sorted(likely) if seen[s] > _POSSIBLE)]
    return [*options, (nothing, "")] if nothing > np.log(_INSERTED) else options


def _between(scores: NDArray[np.float32], before: _Letter, after: _Letter) -> list[tuple[float, str]]:
    gap = scores[before.last + 1 : after.first]
    if not len(gap):
        return [(0.0, "")]
    seen = gap.max(0)
    seen[~_letters_only()] = -np.inf
    seen[[before.sign, after.sign]] = -np.inf
    sign = int(seen.argmax())
    if seen[sign] < np.log(_INSERTED):
        return [(0.0, "")]
    return [(float(np.log1p(-np.exp(seen[sign]))), ""), (float(seen[sign]), _alphabet()[sign])]
