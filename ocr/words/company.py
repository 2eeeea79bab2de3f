"""What the words around a word say about it: whether it is known in such company, and what should stand there instead.

Nothing is changed here. A word in doubt is read again, and its confidence is bounded: readers who agree may both have missed a mark.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.words.language import RESERVED, START, Language
from ocr.words.lattice import BEFORE_A_TITLE, core
from ocr.words.syllables import consonants, is_bare_onset, is_syllable, unmarked

SAME_SENTENCE = 0.5  # chance that a line goes on where the one before it stopped
_CONTRADICTED = 5.0  # natural log odds by which company speaks for other letters before a sure word is doubted
_NONE = np.zeros(0, np.int64)
_NUMBERED = re.compile(r"^([^\W\d_]+):\d+/")  # "S:759/GGT-SNNMT": a label run into its code
_LISTED = re.compile(r"[).]|/$")  # behind a letter that numbers an item or stands for a word
_ITEMS = frozenset({"điểm", "khoản", "mục", "tiết", "nhóm", "phần", "chữ", "lớp", "loại", "lô"})
# Capitals that stand in headings, where texts of law write them out; and the hamlet, of which they say little.
_WRITTEN_SHORT = "BH CN DN DT ĐC ĐK ĐT GD HC HK KD KH LĐ MT NN NS QH QL SD SX TC TN TP TT TX VH VP VT XD YT ẤP"
_SHORT = frozenset(_WRITTEN_SHORT.split())
_MARKS = frozenset("xX")  # a cross, or "5 x 10"


class Doubt(Struct, frozen=True):
    """See `ocr.words.decide.Decision`."""

    unheard: bool
    contradicted: bool
    misplaced: bool

    @property
    def any(self) -> bool:
        """Whether there is any doubt."""
        return self.unheard or self.contradicted or self.misplaced


class _Heard(Struct, frozen=True):
    """A word that company tells something about: its place on the page, its text with punctuation, its letters."""

    at: int
    first: bool
    text: str
    word: str


def company(model: Language, lines: Sequence[Sequence[str]]) -> list[Doubt]:
    """One doubt for every text of every line, in order."""
    texts = [text for line in lines for text in line]
    unheard = np.zeros(len(texts), bool)
    spoken = [i for i, text in enumerate(texts) if core(text)]
    if spoken:
        unheard[spoken] = model.unheard(np.array([model.number(core(texts[i])) for i in spoken]))
    contradicted, misplaced = [False] * len(texts), _without_vowel(texts)
    heard = [_Heard(at, first, text, core(text)) for at, (first, text) in enumerate(_places(lines)) if said(text)]
    alike = [_marked_otherwise(model, one.word) for one in heard]
    for one, gain in (*_gains(model, heard, alike), *_gains(model, heard, _going_on(model, heard, alike), strict=True)):
        contradicted[one.at] |= gain >= _CONTRADICTED
    stroked = [_stroked_otherwise(model, one.word) for one in heard]
    for one, gain in (*_gains(model, heard, stroked), *_gains(model, heard, _with_a_letter(model, heard), strict=True)):
        misplaced[one.at] |= gain >= _CONTRADICTED
    return [Doubt(*each) for each in zip(unheard.tolist(), contradicted, misplaced, strict=True)]


def said(text: str) -> bool:
    """Whether a text is more than punctuation."""
    return any(c.isalnum() for c in text)


def _gains(
    model: Language, heard: Sequence[_Heard], rivals: Sequence[NDArray[np.int64]], strict: bool = False
) -> Iterator[tuple[_Heard, float]]:
    """For every word with `rivals`, the log odds that the company on both its sides gives the best of them over it. Any Capitalised
    word may be a name; a `strict` look takes for names only those that a list holds."""
    counts = np.array([len(others) + 1 if len(others) else 0 for others in rivals])
    if not counts.sum():
        return
    numbers = np.array([START, *(model.number(one.word or one.text) for one in heard), START])
    place = np.repeat(np.arange(len(heard)), counts)
    word = np.concatenate([np.append(numbers[k + 1], others) for k, others in enumerate(rivals) if len(others)])
    before, after = numbers[place], numbers[place + 2]
    named = np.array([one.word[:1].isupper() for one in heard])[place] & (model.listed[word] | (not strict))
    next_named, first = np.array([*(one.word[:1].isupper() for one in heard), False])[place + 1], np.array([w.first for w in heard])[place]
    behind = model.one_by_one(before, word, named)
    anew = np.logaddexp(behind, model.one_by_one(np.full_like(before, START), word, named)) + np.log(SAME_SENTENCE)
    chances = np.where(first, anew, behind) + model.one_by_one(word, after, next_named)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))[counts > 0]
    gain = np.maximum.reduceat(chances, starts) - chances[starts]
    yield from zip([one for one, count in zip(heard, counts, strict=True) if count], gain.tolist(), strict=True)


def _places(lines: Sequence[Sequence[str]]) -> list[tuple[bool, str]]:
    return [(i == 0, text) for line in lines for i, text in enumerate(line)]


def _marked_otherwise(model: Language, word: str) -> NDArray[np.int64]:
    return model.spelt_alike.get(unmarked(word.lower()), _NONE) if word else _NONE


def _going_on(model: Language, heard: Sequence[_Heard], alike: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """For capitals that no list of names holds, those of their likes that go on with the next word as texts do: "CỌNG HÒA"."""
    found = [_NONE] * len(heard)
    for k, (one, after) in enumerate(pairwise(heard)):
        if len(alike[k]) and len(one.word) > 1 and one.word.isupper() and not after.first and not model.is_name(one.word):
            found[k] = alike[k][model.heard(alike[k], np.array([model.number(after.word or after.text)]))]
    return found


def _stroked_otherwise(model: Language, word: str) -> NDArray[np.int64]:
    """The same word with Đ for D, or D for Đ: in slanting print the stroke may be thinner than a scanner sees."""
    if word[:1] not in "DĐdđ" or not is_syllable(word):
        return _NONE
    low = word.lower()
    twin = model.number(("đ" if low[0] == "d" else "d") + low[1:])
    return np.array([twin]) if twin >= len(RESERVED) else _NONE


def _with_a_letter(model: Language, heard: Sequence[_Heard]) -> list[NDArray[np.int64]]:
    """For capitals that nobody writes in this company, the words with one letter more that are written there: "TỈNH LM ĐỒNG",
    "TỈNH ÂM ĐỒNG". Both neighbours must know them; one is enough where a row of capitals begins or ends, for what has no vowel."""
    found = [_NONE] * len(heard)
    for k, one in enumerate(heard):
        rivals = model.lacking_a_letter.get(one.word.lower(), _NONE)
        if not len(rivals) or len(one.word) < 2 or not one.word.isupper() or one.text in BEFORE_A_TITLE or one.word in _SHORT:
            continue
        before, own, after = (_number(model, heard, n) for n in (k - 1, k, k + 1))
        if model.heard(before, own).any() or model.heard(own, after).any():
            continue
        behind, ahead = (
            seen & _in_capitals(heard, n) for n, seen in ((k - 1, model.heard(before, rivals)), (k + 1, model.heard(rivals, after)))
        )
        either = consonants(one.word) == one.word.lower() and (one.first or k + 1 == len(heard) or heard[k + 1].first)
        found[k] = rivals[(behind | ahead) if either else (behind & ahead)]
    return found


def _number(model: Language, heard: Sequence[_Heard], k: int) -> NDArray[np.int64]:
    return np.array([model.number(heard[k].word or heard[k].text) if 0 <= k < len(heard) else START])


def _in_capitals(heard: Sequence[_Heard], k: int) -> bool:
    return 0 <= k < len(heard) and heard[k].word.isupper() and len(heard[k].word) > 1


def _without_vowel(texts: Sequence[str]) -> list[bool]:
    """For every text, whether it is the beginning of a syllable alone ("s" of "số") where no item is numbered and no unit stands."""
    return [_misplaced(text, before) for before, text in pairwise(["", *texts])]


def _misplaced(text: str, before: str) -> bool:
    run_in = _NUMBERED.match(text)
    word = run_in[1] if run_in else core(text)
    if len(word) == 1 and word.isupper() and not run_in:
        return word != "I" and unmarked(word) == "I"  # a numeral with a speck above it
    if not is_bare_onset(word.lower()) or (word.isupper() and len(word) > 1):
        return False
    if run_in:
        return True
    return not (word in _MARKS or _LISTED.search(text) or before[-1:].isdigit() or core(before).lower() in _ITEMS)
