#!/usr/bin/env python3
"""Makes ocr/words/data/language.npz, the counts behind the default reader, from texts and the lists of names.

    python benchmarks/build_language_model.py TEXTS.txt[.xz] [--least 3] [-o ocr/words/data/language.npz]

TEXTS holds one sentence or clause a line (UTF-8). The shipped file was made from 17 million tokens of Vietnamese
laws, decrees and circulars, which are outside copyright (Luật Sở hữu trí tuệ, Điều 15). Only quantised
probabilities of single syllables and of pairs seen at least `--least` times are kept, no text. Same input, same file.
"""

import argparse
import hashlib
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from ocr.words.language import NUMBER, OTHER, RARE, RESERVED, START, quantise
from ocr.words.syllables import canonical, syllables, unmarked

DATA = Path(__file__).parent.parent / "ocr" / "words" / "data"
UNITS = Path(__file__).parent.parent / "ocr" / "fields" / "data" / "units.tsv"
KIND = re.compile(r"^(?:Xã|Phường|Thị trấn|Thị xã|Thành phố|Tỉnh|Huyện|Quận|Đặc khu)\s+")
DISCOUNT = 0.75
FOREIGN_LEAST = 150  # a word that is no syllable must be this frequent to be known (internet, ubnd, km)
PHRASE_WEIGHT = 60  # what one entry of the lists counts for beside 17 million tokens
UNIT_WEIGHT = 6  # of a commune's, a district's or a province's name: there are thousands
RARE_CHANCE = 3e-8  # of any one syllable that the texts do not hold
OTHER_CHANCE = 2e-9
SLIP = 0.004  # of the most frequent pair of the same letters
PUNCTUATION = ".,;:()[]\"'“”‘’!?…-–—/"


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("texts", type=Path)
    ap.add_argument("--least", type=int, default=3)
    ap.add_argument("-o", "--out", type=Path, default=DATA / "language.npz")
    a = ap.parse_args()
    groups = names(DATA / "names.txt")
    singles, pairs = count(a.texts)
    slips = without_slips(singles, pairs)
    for heading, entries in groups.items():
        for entry in entries:
            tokens = [canonical(w) for w in entry.split()]
            singles.update(dict.fromkeys(tokens, PHRASE_WEIGHT))
            pairs.update(dict.fromkeys(pairwise(tokens), PHRASE_WEIGHT * (3 if heading == "forms" else 1)))
    units = unit_names(UNITS)
    for unit in units:
        tokens = [canonical(w) for w in unit.split()]
        singles.update(dict.fromkeys(tokens, UNIT_WEIGHT))
        pairs.update(dict.fromkeys(pairwise(tokens), UNIT_WEIGHT))
    listed = {canonical(w) for unit in units for w in unit.split()}
    np.savez_compressed(a.out, **tables(singles, pairs, groups, a.least, listed))
    print(f"{a.out}: {a.out.stat().st_size / 1e6:.2f} MB; {slips} pairs taken for slips of whoever typed the texts")


def tokens_of(line: str) -> Iterator[str]:
    """What the reader's language model will be asked about: words in lower case, numbers and oddities as classes."""
    for chunk in line.split():
        for part in re.split(r"[-–/](?=\D)", chunk):
            word = part.strip(PUNCTUATION)
            if not word:
                continue
            yield RESERVED[NUMBER] if any(c.isdigit() for c in word) else canonical(word)


def count(path: Path) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    singles: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    with lzma.open(path, "rt", encoding="utf8") if path.suffix == ".xz" else path.open(encoding="utf8") as lines:
        for line in lines:
            words = [RESERVED[START], *tokens_of(line)]
            singles.update(words)
            pairs.update(pairwise(words))
    return singles, pairs


def without_slips(singles: Counter[str], pairs: Counter[tuple[str, str]]) -> int:
    """Takes mistyped pairs out of the counts, and says how many kinds there were.

    Texts of law are full of lost and wrong marks ("xã họi chủ nghĩa"): rare as each is, it is the only company that a syllable such
    as "họi" was ever met in, so that a wrong reading would look well founded. A pair is a slip when the same letters with other
    marks stand in the same company hundreds of times as often.
    """
    letters = {word: unmarked(word) for word in singles}
    after: dict[tuple[str, str], int] = {}
    before: dict[tuple[str, str], int] = {}
    for (a, b), n in pairs.items():
        after[a, letters[b]] = max(n, after.get((a, letters[b]), 0))
        before[letters[a], b] = max(n, before.get((letters[a], b), 0))
    slips = [(a, b) for (a, b), n in pairs.items() if n < SLIP * max(after[a, letters[b]], before[letters[a], b])]
    for a, b in slips:
        singles[b] -= pairs.pop((a, b))
    return len(slips)


def names(path: Path) -> dict[str, list[str]]:
    """Heading → entries of the hand-written lists."""
    groups = {}
    for line in path.read_text(encoding="utf8").splitlines():
        if line and not line.startswith("#"):
            heading, _, entries = line.partition(":")
            groups[heading] = [e.strip() for e in entries.split(",")]
    return groups


def unit_names(path: Path) -> list[str]:
    """The names of all administrative units, new and old, without "Xã" before them."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf8").splitlines() if line and not line.startswith("#"))
    found = {KIND.sub("", row[2]) for row in rows if len(row) > 2}
    return sorted(name for name in found if not any(map(str.isdigit, name)))


def tables(
    singles: Counter[str], pairs: Counter[tuple[str, str]], groups: dict[str, list[str]], least: int, listed: set[str]
) -> dict[str, np.ndarray]:
    rule = syllables()
    known = sorted(
        w
        for w, n in singles.items()
        if w not in RESERVED and ((w in rule and n >= 2) or (w.isalpha() and (n >= FOREIGN_LEAST or w in listed)))
    )
    words = [*RESERVED, *known]
    number = {w: i for i, w in enumerate(words)}
    held = np.zeros(len(words))
    for w, n in singles.items():
        held[number.get(w, OTHER)] += n
    held[START] = singles[RESERVED[START]]
    total = held.sum() - held[START]
    single = np.log(np.maximum(held, 0.3) / total)
    single[RARE], single[OTHER], single[START] = np.log(RARE_CHANCE), np.log(OTHER_CHANCE), -21.0

    kept = sorted((number[a] * len(words) + number[b], n) for (a, b), n in pairs.items() if n >= least and a in number and b in number)
    keys = np.array([k for k, _ in kept], np.int64)
    counts = np.array([n for _, n in kept], float)
    first = keys // len(words)
    after = np.maximum(np.bincount(first, weights=counts, minlength=len(words)), held)
    used = np.bincount(first, weights=counts - DISCOUNT, minlength=len(words))
    left_over = np.where(after > 0, 1 - used / np.maximum(after, 1), 1.0)
    back_off = np.log(np.clip(left_over, 1e-3, 1.0))
    second = keys % len(words)
    chance = np.logaddexp(np.log((counts - DISCOUNT) / after[first]), back_off[first] + single[second])

    name = np.full(len(words), np.log(1e-5))  # any syllable may be somebody's name
    name[RARE], name[OTHER] = np.log(1e-6), np.log(1e-8)
    headings = ("surnames", "middle", "given", "places", "streets", "peoples")
    called = Counter(canonical(w) for heading in headings for entry in groups[heading] for w in entry.split())
    called.update({canonical(w): 4 for w in groups["surnames"][:16]})
    for w, n in called.items():
        if w in number:
            name[number[w]] = np.log((n + 1) / (called.total() + len(called)))
    digest = hashlib.sha256(keys.tobytes() + counts.tobytes()).hexdigest()[:12]
    return {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "single": quantise(single),
        "name": quantise(name),
        "back_off": quantise(back_off),
        "pair_steps": np.diff(keys, prepend=0).astype(np.uint32),
        "pair_chance": quantise(chance),
        "digest": np.frombuffer(digest.encode(), np.uint8),
    }


if __name__ == "__main__":
    main()
