"""Did a label take words of its answer, or an answer words of a label? Then nobody can say what was written.

Labels are found in spite of misread letters, so a place may fit that holds a foreign word; and where a label was not found
at all, its words stand in the answer before it. Either is shown to a person, however sure every word was read.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace
from rapidfuzz.distance import Indel

from ocr.fields.folding import fold
from ocr.fields.label_words import is_idle
from ocr.fields.layout import Token
from ocr.fields.second_language import is_foreign
from ocr.fields.templates import Entry, Template
from ocr.fields.types.registry import IN_FIGURES
from ocr.fields.wordings import other_wordings

_BESIDE = re.compile(r"\([^)]*\)|^\s*(?:\[\d+\]|\d+(?:\.\d+)*[.)]?|[a-zđ]\)|[-–])\s+")  # brackets and numbers
_COUNT = re.compile(r"^\s*(?:\[\d+\]|\(?\d+(?:\.\d+)*[.)/]?|[a-zđ]\)|[-–])\s+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_SAME = 0.95
_ENDS_A_LABEL = re.compile(r"[^\W_]\)?:$")
_IDENTITY_PAPER = re.compile(r"(?:thẻ )?(?:căn cước|cccd|cmnd|chứng minh|hộ chiếu|số )", re.IGNORECASE)
_PARTS_OF_ONE = frozenset({"cap", "so", "noi", "ngay"})  # "…, nơi cấp: Bộ Công an"
_OPENING = 2  # words that tell a label at the head of a row
_FOOTNOTE = re.compile(r"(?<=[^\W\d_])\d(?=[:;]?$)")
_LONGEST_ABBREVIATION = 4
_LEAST_LETTERS = 8  # "họ và tên", "năm sinh": what is shorter may be part of an answer


def holds_foreign_words(entry: Entry, label: Sequence[Token], *, answered: bool) -> bool:
    """True when a word among the label's tokens is none of its words, however badly read, or stands there once too often. Where nothing
    is `answered` beside it, a figure at its end may be the answer."""
    wordings = (entry.label, *entry.variants, *other_wordings(entry.label))
    label = [_without_footnote(token) for token in label] if answered else label
    words, letters = _words_of(wordings)
    if _runs_on(label[-1], wordings):
        return True
    label = _telling(label)
    remarked = any("(" in wording for wording in wordings)
    own = [token for token in label if token.fold in words and (remarked or not _in_brackets(token, label))]
    often = Counter(token.fold for token in own if len(token.fold) > 1)
    if any(count > 1 and count > max(_count(wording, word) for wording in wordings) for word, count in often.items()):
        return True
    for token in label:
        read = token.fold
        if len(read) < 2 or read.isdigit() or read in words or _in_brackets(token, label) or is_foreign(token):
            continue
        if len(read) > 4 and any(read in said for said in letters):
            continue  # words that a reader glued
        if (token is not label[-1] or token.colon) and _is_abbreviation(token, wordings):
            continue
        if "/" in token.text and all(fold(part) in words for part in token.text.rstrip(":;").split("/")):
            continue
        likeness = max((Indel.normalized_similarity(read, word) for word in words), default=0.0)
        inside = token is not label[0] and token.text[:1].isupper() and not any(token.text[:1] in said[1:] for said in wordings)
        if likeness < (0.8 if inside else 0.5):
            return True
    return False


def _without_footnote(token: Token) -> Token:
    """Without the raised figure of a footnote, which is read as the word's last sign: "thân2"."""
    bare = _FOOTNOTE.sub("", token.text)
    return replace(token, text=bare, fold=fold(bare)) if bare != token.text else token


def _is_abbreviation(token: Token, wordings: Sequence[str]) -> bool:
    """True for capitals that the label's own words begin with: "DT" of "Tổng diện tích sàn"."""
    letters = token.text.strip(".:;")
    if not letters.isupper() or not 2 <= len(letters) <= _LONGEST_ABBREVIATION:
        return False
    return any(letters.casefold() in "".join(word[:1] for word in _IN_BRACKETS.sub(" ", said).casefold().split()) for said in wordings)


def _runs_on(last: Token, wordings: Sequence[str]) -> bool:
    """True for a label's last word with letters behind it that may be the answer's first: "đếbổ" of "để bổ sung hồ sơ"."""
    ends = {fold(wording.split()[-1]) for wording in wordings}
    return not last.colon and last.fold not in ends and any(end and last.fold.startswith(end) for end in ends)


def is_worded(entry: Entry, label: Sequence[Token]) -> bool:
    """True when all of a label's tokens together are one of the usual ways to word it, but for a letter misread."""
    wordings = {fold(_COUNT.sub("", wording)) for wording in (entry.label, *entry.variants, *other_wordings(entry.label))}
    printed = _COUNT.sub("", " ".join(token.text for token in _telling(label)))
    reads = {fold(printed), fold(_IN_BRACKETS.sub(" ", printed))}  # how to answer is told in brackets
    return any(Indel.normalized_similarity(read, wording) >= _SAME for read in reads for wording in wordings)


def _telling(label: Sequence[Token]) -> list[Token]:
    """The words of a label that tell what is asked: without its other language, and without words that any question may have."""
    own = list(label)
    foreign = next((at for at, token in enumerate(own) if at and (is_foreign(token) or token.text.startswith("/"))), len(own))
    if all(is_foreign(token) or token.text.isascii() for token in own[foreign:]):
        own = own[:foreign]
    return [token for token in own if not is_idle(token)] or own


def holds_a_label(entry: Entry, answer: Sequence[Token], labels: Mapping[str, Sequence[tuple[str, ...]]]) -> bool:
    """True when the answer holds one of the form's `labels`, or a word that ends in a colon as only labels do."""
    if entry.type in IN_FIGURES:
        return False  # their own form tells what does not belong to them
    paper = bool(_IDENTITY_PAPER.match(" ".join(token.text for token in answer[:4])))
    if any(_ends_a_label(before, token) and not (paper and token.fold in _PARTS_OF_ONE) for before, token in _pairs(answer)):
        return True
    read = [token.fold for token in answer]
    rows = [at for at, token in enumerate(answer) if at and token.row != answer[at - 1].row]
    if any(
        tuple(read[at : at + _OPENING]) == words[:_OPENING] for at in rows for words in labels.get(read[at], ()) if len(words) > _OPENING
    ):
        return True  # the next question, whose other words the form does not print
    return any(
        read[at : at + len(words)] == list(words) and (answer[at].text[:1].isupper() or at == 0) and not _named_by(entry, words)
        for at, first in enumerate(read)
        for words in labels.get(first, ())
    )


def _named_by(entry: Entry, words: Sequence[str]) -> bool:
    """True for what the label itself speaks of ("Tên hộ kinh doanh": HỘ KINH DOANH LAN ANH), save the label repeated."""
    own, _ = _words_of((entry.label, *entry.variants))
    return own.issuperset(words) and all(words[0] != first[0] for wording in (entry.label, *entry.variants) if (first := _plainly(wording)))


def labels_of(template: Template) -> dict[str, list[tuple[str, ...]]]:
    """First folded word → the folded words of labels, and of headings of sections, that are long enough not to be part of an answer."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for section in {entry.section for entry in template.fields if entry.section}:
        words = _plainly(section)
        if len(words) > 1:
            found.setdefault(words[0], []).append(words)
    for entry in template.fields:
        if entry.place not in ("after", "anchor") or entry.prose:
            continue
        for wording in (entry.label, *entry.variants, *other_wordings(entry.label)):
            words = _plainly(wording)
            if len(words) > 1 and sum(map(len, words)) >= _LEAST_LETTERS and words not in found.get(words[0], ()):
                found.setdefault(words[0], []).append(words)
    return found


@lru_cache(maxsize=4096)
def _plainly(wording: str) -> tuple[str, ...]:
    return tuple(folded for word in _BESIDE.sub(" ", wording).split() if (folded := fold(word)))


def _ends_a_label(before: Token, token: Token) -> bool:
    """True for a word with a colon; a letter with one ("Sẹo chấm C: 2cm") is no label."""
    text = before.text + token.text if token.text == ":" else token.text
    return _ENDS_A_LABEL.search(text) is not None and not (len(text) == 2 and text[0].isupper())


def _pairs(answer: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """Every token with the one before it, the first with itself."""
    return zip((*answer[:1], *answer), answer, strict=False)


def _in_brackets(token: Token, label: Sequence[Token]) -> bool:
    opened = False
    for other in label:
        opened |= other.text.startswith("(")
        if other is token:
            return opened
        opened &= ")" not in other.text
    return False


def _count(wording: str, word: str) -> int:
    return sum(fold(said) == word for said in re.split(r"[\s/]+", wording))


@lru_cache(maxsize=4096)
def _words_of(wordings: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """(the folded words, each wording's letters in one string)."""
    return frozenset(fold(word) for wording in wordings for word in re.split(r"[\s/]+", wording)), tuple(map(fold, wordings))
