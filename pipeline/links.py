"""Documents of a batch that are the same paper, or two sides of one: shown to a person, never merged or dropped.

Three ways to know: the same bytes; the same number of the paper, or the same person's number on the same form, with almost
the same text; and, where no form is known, the same text with the same figures and the same people. A sheet captured twice, with a
sticky note and without it (TT 01/2023/TT-VPCP Điều 8 khoản 2 điểm d), is found although the note hides part of the text.

A batch may have many thousands of documents: of each text only a sketch is kept, and it is read again where two look alike.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise, takewhile
from typing import Any
from zlib import crc32

import numpy as np
from msgspec import Struct
from rapidfuzz.distance import Levenshtein

from ocr.export.delivered import DeliveredField
from ocr.fields.folding import fold, fold_words
from ocr.fields.lists import family_names
from pipeline.dossiers import Paper
from sohoa.messages import message

_LEAST_WORDS = 12
_TEXT = 0.7  # share of the shorter text's word pairs that stand in the other; a form's printed words alone give more
_FIGURES = 0.8  # share of the figures; two fillings of one form differ here
_VALUES = 0.8  # share of the values that must be alike
_TEXT_READ = 0.75  # likeness of a text that was read twice
_NUMBER_READ = 0.85  # of a number or date: one figure of a date, two of a personal number
_OTHER = 0.6  # below, two texts are two texts
_SKETCH = 96
_SHARED = 6  # numbers of two sketches in common that make them worth comparing
_COMMON = 40  # a pair of words that stands in more papers than this is what a form prints
_LONGEST_NAME = 8  # words that differ in one place: more is text that hides, not another name
_NAMES = ("ho_ten", "ten")  # how the names of fields begin that hold a person's or a firm's
_SIDES = frozenset({"cccd_mat_truoc", "cccd_mat_sau"})


class Text(Struct, frozen=True):
    """A document's text: `sketch` are its least pairs of neighbouring words, as numbers in order; `read` gives it whole."""

    sketch: "array[int]"
    read: Callable[[], str]


class Whole(Struct, frozen=True):
    """What is compared of a text: neighbouring words, and the figures in it. `words` are all in their order, as written and folded."""

    pairs: frozenset[int]
    figures: frozenset[str]
    words: tuple[tuple[str, str], ...]


def text_of(read: Callable[[], str]) -> Text:
    """The text that `read` gives, made comparable."""
    return Text(array("I", sorted(_whole(read()).pairs)[:_SKETCH]), read)


def _whole(plain: str) -> Whole:
    """Marks and case do not count, for they are read differently each time."""
    words = fold_words(plain)
    pairs = frozenset(crc32(f"{a} {b}".encode()) for a, b in pairwise(words))
    written = tuple((word, folded) for word in plain.replace("/", " ").split() if (folded := fold(word)))
    return Whole(pairs, frozenset(re.findall(r"\d{2,}", " ".join(words))), written)


def links(papers: Sequence[tuple[Paper, str, Text]]) -> list[dict[str, Any]]:
    """Proposals for a batch's documents, each given with its SHA-256 and its text."""
    found: list[dict[str, Any]] = []
    by_bytes: defaultdict[str, list[Paper]] = defaultdict(list)
    for paper, sha, _ in papers:
        by_bytes[sha].append(paper)
    found += [_proposal("same_file", same) for same in by_bytes.values() if len(same) > 1]
    known: set[tuple[str, str]] = {(a.name, b.name) for same in by_bytes.values() for a, b in combinations(same, 2)}

    @lru_cache(maxsize=_COMMON)
    def whole(number: int) -> Whole:
        return _whole(papers[number][2].read())

    for i, j in sorted(set(_candidates(papers))):
        one, two = papers[i][0], papers[j][0]
        if (one.name, two.name) in known:
            continue
        if _two_sides(one, two):
            found.append(_proposal("two_sides", [one, two]))
        elif (alike := _alike(one, two, lambda: (whole(i), whole(j)))) is not None:  # noqa: B023 - called before the next turn
            found.append(_proposal("same_paper", [one, two]) | {"similarity": round(alike, 3)})
    return found


def _proposal(kind: str, papers: Sequence[Paper]) -> dict[str, Any]:
    said = message(kind)
    return {"kind": kind, "documents": [{"name": p.name, "source": p.source} for p in papers], "text_vi": said.vi, "text_en": said.en}


def _candidates(papers: Sequence[tuple[Paper, str, Text]]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing: a number in common, or enough of the rarer pairs of words."""
    by_key: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (paper, _, _) in enumerate(papers):
        for key in _keys(paper):
            by_key[key].append(i)
    for members in by_key.values():
        yield from combinations(members[:_COMMON], 2)
    yield from _sharing([text.sketch for _, _, text in papers])


def _sharing(sketches: "Sequence[array[int]]") -> Iterator[tuple[int, int]]:
    """Pairs of sketches that have `_SHARED` numbers in common, not counting what stands in too many of them."""
    sizes = [len(sketch) for sketch in sketches]
    numbers = np.concatenate([np.zeros(0, np.uint32), *(np.frombuffer(sketch, np.uint32) for sketch in sketches if sketch)])
    owners = np.repeat(np.arange(len(sketches), dtype=np.uint32), sizes)
    order = np.argsort(numbers, kind="stable")
    numbers, owners = numbers[order], owners[order]  # the owners of one number stand together, the first paper first
    starts = np.flatnonzero(np.diff(numbers, prepend=numbers[:1] + 1))
    counts = np.diff(starts, append=len(numbers))
    rare = (counts > 1) & (counts <= _COMMON)
    groups = [owners[start : start + count] for start, count in zip(starts[rare], counts[rare], strict=True)]
    member_of: list[list[int]] = [[] for _ in sketches]
    for number, group in enumerate(groups):
        for owner in group.tolist():
            member_of[owner].append(number)
    for i, mine in enumerate(member_of):
        if len(mine) >= _SHARED:
            others, times = np.unique(np.concatenate([groups[number] for number in mine]), return_counts=True)
            yield from ((i, int(j)) for j in others[times >= _SHARED] if j > i)


def _keys(paper: Paper) -> Iterator[tuple[str, str]]:
    template = paper.template
    if template in _SIDES:
        template = "card"
    for person in paper.people:
        if not person.role:
            yield from ((f"{template} id", number) for number in person.said("id"))
    for name, value in paper.numbers.items():
        if len(fold(value)) > 2:
            yield f"{template} {name}", fold(value)


def _two_sides(one: Paper, two: Paper) -> bool:
    if {one.template, two.template} != _SIDES:
        return False
    numbers = [{number for person in paper.people for number in person.said("id")} for paper in (one, two)]
    return bool(numbers[0] & numbers[1])


def _alike(one: Paper, two: Paper, texts: Callable[[], tuple[Whole, Whole]]) -> float | None:
    """How alike two captures are, None when they are two papers. On a form the filled values decide, else text and figures."""
    if one.template != two.template:
        return None
    if one.template:
        return _same_filling(one, two)
    text, other = texts()
    if min(len(text.pairs), len(other.pairs)) < _LEAST_WORDS:
        return None
    pairs = _contained(text.pairs, other.pairs)
    figures = _contained(text.figures, other.figures) if text.figures and other.figures else 1.0
    return pairs if pairs >= _TEXT and figures >= _FIGURES and not _another_person(text, other) else None


def _another_person(one: Whole, two: Whole) -> bool:
    """Between the same words one text names somebody and the other somebody else: an invitation to each neighbour, say.

    A name is capitalised and begins with a family's; one that was misread is still like itself.
    """
    upto = (0, 0)
    for block in Levenshtein.opcodes([folded for _, folded in one.words], [folded for _, folded in two.words]):
        if block.tag != "equal":
            continue
        gaps = one.words[upto[0] : block.src_start], two.words[upto[1] : block.dest_start]
        names = [_name_in(gap, whole.words[:at]) for gap, whole, at in zip(gaps, (one, two), upto, strict=True)]
        if all(names) and max(map(len, gaps)) <= _LONGEST_NAME and Levenshtein.normalized_similarity(*names) < _OTHER:
            return True
        upto = block.src_end, block.dest_end
    return False


def _name_in(gap: Sequence[tuple[str, str]], before: Sequence[tuple[str, str]]) -> str:
    """The part of a name, folded, that stands in `gap`; it may begin in the words `before` it. Empty for none."""
    begun = any(folded in family_names() for _, folded in takewhile(lambda word: word[0][:1].isupper(), reversed(before[-3:])))
    for at, (word, folded) in enumerate(gap):
        if word[:1].isupper() and (begun or folded in family_names()):
            return "".join(folded for _, folded in takewhile(lambda word: word[0][:1].isupper(), gap[at:]))
        begun = False
    return ""


def _contained(one: frozenset[Any], two: frozenset[Any]) -> float:
    return len(one & two) / min(len(one), len(two))


def _same_filling(one: Paper, two: Paper) -> float | None:
    """The share of values that are alike on two papers of one form; None when they are two fillings of it.

    Letters may be misread in either capture. Two values that were both accepted and differ tell two papers apart, however much
    else is the same: a person files the same form again.
    """
    values = _values(one), _values(two)
    both = [name for name in values[0] if name in values[1]]
    alike = 0
    for name in both:
        a, b = values[0][name], values[1][name]
        likeness = Levenshtein.normalized_similarity(fold(str(a.value)), fold(str(b.value)))
        number = any(letter.isdigit() for letter in str(a.value))
        if a.status_as_read == b.status_as_read == "accepted" and _is_other(name, str(a.value), str(b.value), likeness, number=number):
            return None
        alike += likeness >= (_NUMBER_READ if number else _TEXT_READ)
    named = any(any(letter.isdigit() for letter in str(values[0][name].value)) for name in both)
    return alike / len(both) if len(both) > 1 and named and alike >= _VALUES * len(both) else None


def _is_other(name: str, one: str, two: str, likeness: float, *, number: bool) -> bool:
    """True when two accepted values of a field say different things: numbers and names in any letter or mark, for the forms of twins
    differ in little else ("Minh Hùng", "Minh Hưng"); texts when hardly a part of them is alike."""
    if name.startswith(_NAMES):
        return one.casefold().split() != two.casefold().split()
    return likeness < 1 and (number or likeness < _OTHER)


def _values(paper: Paper) -> Mapping[str, DeliveredField]:
    return {field.name: field for field in paper.read().fields if isinstance(field.value, str) and fold(field.value)}
