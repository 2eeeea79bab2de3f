"""Labels that no list has, known by their words: "Ngày/tháng/năm sinh", "Số phiếu yêu cầu cấp", "Thành phần dân tộc".

What parts a label from its answer (a colon, a dash, a gap, a cell's rule) says how far it goes; which question it is, its words say.
A word counts the more the fewer labels of the form have it. An abbreviation stands for the words that it is the initials of ("MST",
"Tỉnh/TP"). A label that fits two questions is left alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from msgspec import Struct
from rapidfuzz.distance import Indel

from ocr.fields.cell_answers import cell_at_the_right
from ocr.fields.enumerators import COUNT, DASHES, ENUMERATOR
from ocr.fields.folding import fold
from ocr.fields.label_ends import with_its_number
from ocr.fields.label_places import RELATIVES, Match
from ocr.fields.layout import Layout, Token
from ocr.fields.templates import Entry, Template
from ocr.fields.wordings import other_wordings, without_section

_LONGEST = 16  # words
_LEAST, _MARGIN = 0.6, 0.12  # how alike a label must be, and how much more than any other
_BRIEF = 0.25  # β² of the balance: a form's long label is often cut short, seldom filled up
_STRANGE = 0.7  # weight of a word that no label of the form has
_ALIKE = 0.8
_ABBREVIATED = 2  # of a label's words: more capitals are a heading's
_FOOTNOTE = re.compile(r"(?<=[^\W\d_])\d$")
_LITTLE = frozenset({"va", "cua", "tai", "hoac", "neu", "co", "voi", "ve"})


class Printed(Struct, frozen=True):
    """What may be a label on paper: from token `start` to one past `end`, its folded `words`, and its `initials` by their place."""

    start: int
    end: int
    words: tuple[str, ...]
    capitals: frozenset[str]


def worded_otherwise(layout: Layout, template: Template, found: AbstractSet[int], taken: AbstractSet[int], colonless: bool) -> list[Match]:
    """Places of the template's labels that are not among `found`, outside the tokens `taken` by those that are."""
    missing = [at for at, entry in enumerate(template.fields) if at not in found and entry.place == "after" and not entry.optional]
    if not missing:
        return []
    known = _Labels(template)
    matches: list[Match] = []
    sections = {_words(entry.section) for entry in template.fields if entry.section}
    for start in _openings(layout, taken):
        best: tuple[float, Printed, tuple[int, ...], bool] | None = None
        for printed in _ways(layout, start, taken, colonless):
            if set(printed.words) in map(set, sections) or (len(printed.words) < 2 and not _is_closed(layout, printed)):
                continue  # a heading; a word of an answer
            score, entries, own = known.meant(printed)
            closes = best is not None and score == best[0] and layout.tokens[printed.end - 1].colon  # its last words may be figures
            if entries and (best is None or score > best[0] or closes):
                best = (score, printed, entries, own)
        if best is None:
            continue
        score, printed, entries, own = best
        first = start - 1 if start - 1 in layout.questions else start
        gain = 0.8 * min(sum(map(len, printed.words)), 30) * (score - 0.4) / 0.6 + 3.0
        for at in set(entries).intersection(missing):
            end = with_its_number(layout.tokens, printed.end, template.fields[at])
            matches.append(Match(at, first, end, gain, tuple(range(first, end)), score, not own))
    return matches


class _Labels:
    """The labels of a form by their words."""

    def __init__(self, template: Template) -> None:
        self._wordings = [(at, _wordings(entry)) for at, entry in enumerate(template.fields) if entry.place in ("after", "anchor")]
        self._words_at = {at: frozenset(word for words in wordings for word in words) for at, wordings in self._wordings}
        labels = {entry.label: frozenset(_words(entry.label)) for entry in template.fields if entry.place in ("after", "anchor")}
        self._often: dict[str, int] = {}
        for words in labels.values():
            for word in words:
                self._often[word] = self._often.get(word, 0) + 1

    def meant(self, printed: Printed) -> tuple[float, tuple[int, ...], bool]:
        """(how alike, the entries whose label is meant, whether every printed word is that label's); no entries where none fits, or two
        that differ."""
        scores: list[tuple[float, bool, int, tuple[str, ...]]] = []
        read = set(printed.words)
        if read.isdisjoint(self._often) and not printed.capitals:
            return 0.0, (), False
        for at, wordings in self._wordings:
            if not printed.capitals and read.isdisjoint(self._words_at[at]):
                continue
            score, own, wording = max(((*self._likeness(printed, words), words) for words in wordings), default=(0.0, False, ()))
            if score > 0.0:
                scores.append((score, own, at, wording))
        if not scores:
            return 0.0, (), False
        top, own, _, wording = max(scores)
        if top < _LEAST:
            return top, (), False
        meant = tuple(at for score, _, at, _ in scores if score > top - 1e-6)
        rivals = [score for score, _, at, words in scores if at not in meant]
        same = all(self._wordings_of(at) == self._wordings_of(meant[0]) for at in meant)
        if not same or max(rivals, default=0.0) > top - _MARGIN:
            return top, (), False
        return top, meant, own

    def _wordings_of(self, at: int) -> tuple[str, ...]:
        return next(wordings[0] for entry, wordings in self._wordings if entry == at)

    def _likeness(self, printed: Printed, label: tuple[str, ...]) -> tuple[float, bool]:
        """(balance of what of each is found in the other, whether all printed words are the label's)."""
        words = _spelt_out(printed, label)
        named, own = RELATIVES.intersection(words), RELATIVES.intersection(label)
        if named and own and named.isdisjoint(own):
            return 0.0, False  # "Họ, chữ đệm, tên mẹ" is not "… tên vợ", whatever else they share
        pairs = {word: _counterpart(word, label) for word in words}
        both = {other for other in pairs.values() if other is not None}
        if not both:
            return 0.0, False
        shared = sum(map(self._weight, both))
        precision = shared / (shared + sum(self._weight(word) for word, other in pairs.items() if other is None))
        recall = shared / sum(map(self._weight, set(label)))
        balance = (1 + _BRIEF) * precision * recall / (_BRIEF * precision + recall)
        return balance, None not in pairs.values()

    def _weight(self, word: str) -> float:
        often = self._often.get(word, 0)
        weight = 1 / often if often else _STRANGE
        return 0.2 * weight if word in _LITTLE else weight


def _openings(layout: Layout, taken: AbstractSet[int]) -> Iterator[int]:
    """Tokens with which a label may begin."""
    for token in layout.tokens:
        before = layout.tokens[token.index - 1]
        counted = before.index in layout.questions or (before.cell_start and before.row == token.row and ENUMERATOR.match(before.text))
        if (token.cell_start or counted) and token.index not in taken and token.index not in layout.questions:
            letter = next((sign for sign in token.text if sign.isalpha()), "")
            if letter.isupper():
                yield token.index


def _ways(layout: Layout, start: int, taken: AbstractSet[int], colonless: bool) -> Iterator[Printed]:
    """How far a label that begins at `start` may go."""
    words: list[Token] = []
    bracket = beyond = False
    at = start
    # Without a colon an answer behind a gap ("Căn cước số 0660…") looks like a label, unless a known one opens its row.
    opens = layout.rows[layout.tokens[start].row].tokens[0]
    counted = start - 1 in layout.questions or (opens.index == start - 1 and ENUMERATOR.match(opens.text) is not None)
    alone = colonless and (counted or opens.index == start or opens.index in taken)
    while True:
        token = layout.tokens[at] if at < len(layout.tokens) else None
        before = layout.tokens[at - 1]
        apart = token is None or (at > start and (token.cell is not before.cell or before.leader_after))
        apart = apart or (at > start and token is not None and token.row != before.row and token.cell is None)
        apart = apart or (at > start and token is not None and token.row == before.row and token.cell_start)
        if token is None or apart or at in layout.questions or at in taken or len(words) > _LONGEST:
            if words and at not in taken and not beyond:
                yield _printed(start, at, words)
            return
        if token.text in DASHES and words and not bracket:
            yield _printed(start, at + 1, words)
            return
        bracket |= token.text.startswith("(")
        if not bracket:
            over = at > start and token.row != before.row and token.cell is not None and not before.text.endswith(("/", "-"))
            if words and not beyond and not token.text[:1].islower() and (alone or over):
                yield _printed(start, at, words)
                beyond |= over and not _is_answered_beside(layout, token, taken)  # then an answer but for a colon
            words.append(token)
        if ")" in token.text:
            bracket = False
        if token.colon and not bracket:
            yield _printed(start, at + 1, words)
            return
        at += 1


def _is_answered_beside(layout: Layout, token: Token, taken: AbstractSet[int]) -> bool:
    """True where the cell at the right asks nothing itself: all words of the label's own cell are then the label's."""
    right = cell_at_the_right(layout, token.cell, token) if token.cell is not None else None
    said = layout.cells[right] if right is not None else ()
    return right is not None and not any(one.index in taken or one.index in layout.questions for one in said[:1])


def _is_closed(layout: Layout, printed: Printed) -> bool:
    """True when a colon, a dash, a gap or the rule of a cell parts the label from what follows, or the paper counts it."""
    last = layout.tokens[printed.end - 1]
    if last.colon or last.text in DASHES or last.cell is not None or printed.start - 1 in layout.questions:
        return True
    following = layout.tokens[printed.end] if printed.end < len(layout.tokens) else None
    return following is not None and following.row == last.row and following.cell_start


def _printed(start: int, end: int, tokens: Sequence[Token]) -> Printed:
    pieces = [_FOOTNOTE.sub("", piece.strip(".,:;()[]¹²³⁴")) for token in tokens for piece in re.split(r"[/,]", token.text)]
    words = tuple(dict.fromkeys(folded for piece in pieces if len(folded := fold(piece)) > 1 and not folded.isdigit()))
    capitals = [fold(piece) for piece in pieces if piece.isupper() and 2 <= len(piece) <= 5]
    return Printed(start, end, words, frozenset(capitals if len(capitals) <= _ABBREVIATED else ()))


@lru_cache(maxsize=4096)
def _words(label: str) -> tuple[str, ...]:
    plain = re.sub(r"[/,;()]", " ", COUNT.sub("", label))
    return tuple(dict.fromkeys(folded for word in plain.split() if len(folded := fold(word)) > 1))


@lru_cache(maxsize=4096)
def _wordings(entry: Entry) -> tuple[tuple[str, ...], ...]:
    printed = (entry.label, *entry.variants)
    short = without_section(entry.label, entry.section)
    return tuple(
        dict.fromkeys(
            _words(said)
            for said in (*printed, *(other for one in printed for other in other_wordings(one)), *((short,) if short else ()))
            if _words(said)
        )
    )


def _spelt_out(printed: Printed, label: Sequence[str]) -> tuple[str, ...]:
    """The printed words, abbreviations as the words of the label that they are the initials of."""
    if not printed.capitals:
        return printed.words
    first = "".join(word[0] for word in label)
    words: list[str] = []
    for word in printed.words:
        at = first.find(word) if word in printed.capitals and word not in label else -1
        words += label[at : at + len(word)] if at >= 0 else (word,)
    return tuple(dict.fromkeys(words))


def _counterpart(word: str, label: Iterable[str]) -> str | None:
    if word in label:
        return word
    if len(word) < 4:
        return None
    return next((other for other in label if len(other) > 3 and Indel.normalized_similarity(word, other) >= _ALIKE), None)
