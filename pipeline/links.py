"""Documents of a batch that are the same paper, or two sides of one: shown to a person, never merged or dropped.

Three ways to know: the same bytes; the same number of the paper, or the same person's number on the same form, with almost
the same text; and, where no form is known, the same text with the same figures. A sheet captured twice, with a sticky note
and without it (TT 01/2023/TT-VPCP Điều 8 khoản 2 điểm d), is found although the note hides part of the text.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any
from zlib import crc32

from rapidfuzz.distance import Levenshtein

from ocr.export.delivered import DeliveredField
from ocr.fields.folding import fold, fold_words
from ocr.fields.people import people
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
_COMMON = 40  # a pair of words that stands in more papers than this is what a form prints
_NUMBERS = ("so_ky_hieu", "so", "so_chung_thuc")
_SIDES = frozenset({"cccd_mat_truoc", "cccd_mat_sau"})


@dataclass(frozen=True)
class Text:
    """What is compared of a document's text: neighbouring words, and the figures in it."""

    pairs: frozenset[int]
    figures: frozenset[str]


def text_of(plain: str) -> Text:
    """`plain` made comparable; marks and case do not count, for they are read differently each time."""
    words = fold_words(plain)
    pairs = frozenset(crc32(f"{a} {b}".encode()) for a, b in pairwise(words))
    return Text(pairs, frozenset(re.findall(r"\d{2,}", " ".join(words))))


def links(papers: Sequence[tuple[Paper, str, Text]]) -> list[dict[str, Any]]:
    """Proposals for a batch's documents, each given with its SHA-256 and its text."""
    found: list[dict[str, Any]] = []
    by_bytes: defaultdict[str, list[Paper]] = defaultdict(list)
    for paper, sha, _ in papers:
        by_bytes[sha].append(paper)
    found += [_proposal("same_file", same) for same in by_bytes.values() if len(same) > 1]
    known: set[tuple[str, str]] = {(a.name, b.name) for same in by_bytes.values() for a, b in combinations(same, 2)}
    for i, j in sorted(set(_candidates(papers))):
        (one, _, text), (two, _, other) = papers[i], papers[j]
        if (one.name, two.name) in known:
            continue
        if _two_sides(one, two):
            found.append(_proposal("two_sides", [one, two]))
        elif (alike := _alike(one, two, text, other)) is not None:
            found.append(_proposal("same_paper", [one, two]) | {"similarity": round(alike, 3)})
    return found


def _proposal(kind: str, papers: Sequence[Paper]) -> dict[str, Any]:
    said = message(kind)
    return {"kind": kind, "documents": [{"name": p.name, "source": p.source} for p in papers], "text_vi": said.vi, "text_en": said.en}


def _candidates(papers: Sequence[tuple[Paper, str, Text]]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing: a number in common, or enough of the rarer pairs of words."""
    by_key: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    by_pair: defaultdict[int, list[int]] = defaultdict(list)
    for i, (paper, _, text) in enumerate(papers):
        for key in _keys(paper):
            by_key[key].append(i)
        for pair in sorted(text.pairs)[:_SKETCH]:
            by_pair[pair].append(i)
    for members in by_key.values():
        yield from combinations(members[:_COMMON], 2)
    shared: defaultdict[tuple[int, int], int] = defaultdict(int)
    for members in by_pair.values():
        if len(members) <= _COMMON:
            for pair_of in combinations(members, 2):
                shared[pair_of] += 1
    yield from (pair_of for pair_of, count in shared.items() if count >= 6)


def _keys(paper: Paper) -> Iterator[tuple[str, str]]:
    template = paper.document.template
    if template in _SIDES:
        template = "card"
    for person in people(paper.document):
        if not person.role:
            yield from ((f"{template} id", number) for number in person.said("id"))
    for name in _NUMBERS:
        field = paper.document.field(name)
        if field and isinstance(field.value, str) and len(fold(field.value)) > 2:
            yield f"{template} {name}", fold(field.value)


def _two_sides(one: Paper, two: Paper) -> bool:
    if {one.document.template, two.document.template} != _SIDES:
        return False
    numbers = [{number for person in people(paper.document) for number in person.said("id")} for paper in (one, two)]
    return bool(numbers[0] & numbers[1])


def _alike(one: Paper, two: Paper, text: Text, other: Text) -> float | None:
    """How alike two captures are, None when they are two papers. On a form the filled values decide, else text and figures."""
    if one.document.template != two.document.template:
        return None
    if one.document.template:
        return _same_filling(one, two)
    if min(len(text.pairs), len(other.pairs)) < _LEAST_WORDS:
        return None
    pairs = _contained(text.pairs, other.pairs)
    figures = _contained(text.figures, other.figures) if text.figures and other.figures else 1.0
    return pairs if pairs >= _TEXT and figures >= _FIGURES else None


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
        if likeness < 1 and a.status_as_read == b.status_as_read == "accepted" and (number or likeness < _OTHER):
            return None
        alike += likeness >= (_NUMBER_READ if number else _TEXT_READ)
    named = any(any(letter.isdigit() for letter in str(values[0][name].value)) for name in both)
    return alike / len(both) if len(both) > 1 and named and alike >= _VALUES * len(both) else None


def _values(paper: Paper) -> Mapping[str, DeliveredField]:
    return {field.name: field for field in paper.document.fields if isinstance(field.value, str) and fold(field.value)}
