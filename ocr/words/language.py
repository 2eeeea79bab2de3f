"""How likely a Vietnamese syllable is after another: counts from texts of law, and lists of names.

A bigram over syllables in lower case, absolute discounting, pruned; `benchmarks/build_language_model.py` makes the
file from any collection of texts. It only weighs what the recogniser itself holds possible; a token with a digit,
a code or an address never comes here.
"""

from collections.abc import Callable, Collection
from functools import cache, cached_property
from importlib.resources import as_file, files

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.words.syllables import canonical, syllables, unmarked

START = 0  # the beginning of a line
NUMBER = 1  # a token with a digit
OTHER = 2  # a word that is neither a syllable nor known
RARE = 3  # a syllable by rule that the texts do not hold
RESERVED = ("<start>", "<number>", "<other>", "<rare>")

_STEP = 12  # log-probabilities are kept as whole twelfths below zero, up to 255
_IN_A_LIST = -9.0  # a word of the rarest name is at -6.9, one of no list at -11.5
_NAME_SHARE = np.log(0.25)  # how much of a Capitalised word's chance comes from the lists of names


class Language(Struct, frozen=True, dict=True):
    """Natural log-probabilities. `pairs` holds first * size + second, sorted; words are numbered by `number`."""

    numbers: dict[str, int]
    single: NDArray[np.float32]
    name: NDArray[np.float32]
    back_off: NDArray[np.float32]
    pairs: NDArray[np.int64]
    pair_chance: NDArray[np.float32]
    digest: str

    def number(self, word: str) -> int:
        """The number of a token as written on the page, punctuation taken off."""
        if not word.isalpha() and any(c.isdigit() for c in word):
            return NUMBER
        known = self.numbers.get(canonical(word))
        if known is not None:
            return known
        return RARE if word.lower() in syllables() else OTHER

    def is_name(self, word: str) -> bool:
        """Whether the lists of names hold `word`."""
        return bool(self.listed[self.number(word)])

    @cached_property
    def listed(self) -> NDArray[np.bool_]:
        """For every word, whether the lists of names hold it."""
        return np.asarray(self.name > _IN_A_LIST)

    def unheard(self, words: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For every word of a running text: is it known neither after the one before it nor before the one after it?"""
        heard = self.heard(words[:-1], words[1:])
        return ~(np.concatenate(([False], heard)) | np.concatenate((heard, [False])))

    def heard(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each word of `after` is known behind the word at its place in `before`; shapes are broadcast."""
        pairs = before * len(self.single) + after
        at = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
        return np.asarray(self.pairs[at] == pairs)

    def chances(self, before: NDArray[np.int64], after: NDArray[np.int64], named: NDArray[np.bool_]) -> NDArray[np.float32]:
        """[len(before), len(after)] log-probability of every word of `after` behind every word of `before`.

        `named` tells for every word of `after` whether it is written like a name.
        """
        return self.one_by_one(before[:, None], after[None], named[None])

    def one_by_one(self, before: NDArray[np.int64], after: NDArray[np.int64], named: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Log-probability of each word of `after` behind the word at its place in `before`; shapes are broadcast."""
        wanted = before * len(self.single) + after
        at = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
        chance = np.where(self.pairs[at] == wanted, self.pair_chance[at], self.back_off[before] + self.single[after])
        as_name = np.logaddexp(chance, _NAME_SHARE + self.name[after])
        return np.where(named, as_name, chance).astype(np.float32)

    @cached_property
    def spelt_alike(self) -> dict[str, NDArray[np.int64]]:
        """The words of the same letters with any marks, by those letters."""
        return self._by(lambda word: (unmarked(word),))

    @cached_property
    def lacking_a_letter(self) -> dict[str, NDArray[np.int64]]:
        """The words from which a word comes by leaving out a letter, by that word in lower case."""
        return self._by(lambda word: {word[:at] + word[at + 1 :] for at in range(len(word))} if len(word) > 1 else set())

    def _by(self, keys: Callable[[str], Collection[str]]) -> dict[str, NDArray[np.int64]]:
        found: dict[str, list[int]] = {}
        for word, number in self.numbers.items():
            for key in keys(word) if number >= len(RESERVED) else ():
                found.setdefault(key, []).append(number)
        return {letters: np.array(numbers) for letters, numbers in found.items()}


@cache
def language() -> Language:
    """The model shipped with this room, loaded once (some 20 ms)."""
    with as_file(files("ocr.words") / "data" / "language.npz") as path, np.load(path) as held:
        words = bytes(held["words"]).decode("utf8").split("\n")
        pairs = np.cumsum(held["pair_steps"], dtype=np.int64)
        pair_chance, single, name, back_off = (
            held[key].astype(np.float32) / -_STEP for key in ("pair_chance", "single", "name", "back_off")
        )
        digest = bytes(held["digest"]).decode()
    return Language({w: i for i, w in enumerate(words)}, single, name, back_off, pairs, pair_chance, digest)


def quantise(log_probabilities: NDArray[np.float64]) -> NDArray[np.uint8]:
    """What the builder stores and `language` reads back."""
    return np.clip(np.round(-log_probabilities * _STEP), 0, 255).astype(np.uint8)
