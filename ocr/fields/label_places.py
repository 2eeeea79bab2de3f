"""Every place on a paper that could be a label of a form, in spite of reading errors, and what each is worth."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct
from rapidfuzz.distance import Indel

from ocr.fields.date_lines import date_lines, labelled_dates
from ocr.fields.enumerators import COUNT, DASHES, ENUMERATOR
from ocr.fields.folding import fold
from ocr.fields.label_ends import end_of_more_words, label_end, with_its_number
from ocr.fields.label_text import LabelText
from ocr.fields.layout import Layout, Token, union
from ocr.fields.templates import Entry
from ocr.fields.types.registry import normalise

_NUMBER_PIECE = re.compile(r"^[\[\](){}|\d.]{1,4}$")
_LONGEST_OF_A_LIST = 4  # words
_ALIKE, _EXACT = 0.85, 0.95
_EXPLAINING = frozenset({"ro", "muc"})  # "Ghi rõ", "tại mục"
_MORE_WORDS = 1.5  # what each word costs that stands behind a known label up to its colon
RELATIVES = frozenset({"cha", "bo", "me", "vo", "chong", "con"})
_BEFORE = 3  # words of a label before those that the form has
_NUMBERED = 4.0  # worth of the paper's own count before a label, whatever its number
_PARENTHESES = re.compile(r"\([^)]*\)")


class Match(Struct, frozen=True):
    """A label of the template found on the paper.

    `start` and `end` are token positions (`end` one past the label with its colon and brackets); `taken` are the tokens the label
    itself uses, which may lie in several rows of one column. `gain` is its worth in the sequence, `more` says that the paper prints
    words behind it that the form does not.
    """

    entry: int
    start: int
    end: int
    gain: float
    taken: tuple[int, ...]
    similarity: float
    more: bool = False


@lru_cache(maxsize=4096)
def _patterns(label: str, variants: tuple[str, ...]) -> tuple[str | None, tuple[tuple[str, float], ...]]:
    """(printed number, ((folded wording, worth),...)): the label with its brackets, and with less worth without them."""
    number: str | None = None
    patterns: dict[str, float] = {}
    for wording in (label, *variants):
        printed = COUNT.match(wording)
        if printed and number is None:
            number = fold(printed[1]) or printed[1]
        core = COUNT.sub("", wording)
        patterns.setdefault(fold(core), 1.0)
        bare = fold(_PARENTHESES.sub(" ", core))
        if bare:
            patterns.setdefault(bare, 0.9)
    return number, tuple((pattern, worth) for pattern, worth in patterns.items() if pattern)


def places(layout: Layout, text: LabelText, position: int, entry: Entry) -> Iterator[Match]:
    """Where the label of `entry`, the template's number `position`, may stand, each place with its worth."""
    if entry.place in ("header", "code"):
        return
    if entry.place == "date_line":
        gain = 10.0 if entry.name else 9.0  # where a form prints fewer dates than the circular, those with a name are meant
        for taken in (*labelled_dates(layout, list(map(fold, entry.variants))), *date_lines(layout)):
            row = layout.tokens[taken[0]].row
            last = max(at for at in taken if layout.tokens[at].row == row)  # a year below its column stands behind the next columns' dates
            yield Match(position, taken[0], last + 1, gain, taken, 1.0)
        return
    if entry.place == "below":
        yield from _column_candidates(layout, position, entry)
        return
    number, patterns = _patterns(entry.label, entry.variants)
    tokens = layout.tokens
    best: dict[int, Match] = {}
    for pattern, worth in patterns:
        for start, end, similarity in text.windows(pattern):
            window = tokens[start:end]
            if window[0].cell is not window[-1].cell or _explained(tokens, start) or _holds_an_answer(window, layout.answers):
                continue
            if _begins_anew(window, _capitals(entry.label, entry.variants), exact=similarity >= _EXACT):
                continue
            end = with_its_number(tokens, end, entry)
            length = min(len(pattern), 30)
            closed, after = label_end(tokens, end, entry, layout.questions)
            if len(window) == 1 and similarity < _EXACT and not closed and not entry.prose and window[0].text.islower():
                continue  # the kind of unit that an answer names: "phường Hòa Xuân" beside "Xã/phường"
            gain = worth * length * (similarity - 0.55) / 0.45
            numbered = bool(start) and start - 1 in layout.questions
            opens = numbered or tokens[start].cell_start
            if entry.place == "anchor" and number is not None and not opens and _opening(tokens, start, number, prose=True)[0] == start:
                continue  # a heading stands alone: inside a row these are an answer's words
            behind = (
                end_of_more_words(tokens, after, layout.answers)
                if opens and not closed and entry.place == "after" and not entry.prose
                else None
            )
            if behind is not None:
                gain -= _MORE_WORDS * (behind - after)
                closed, after = tokens[behind - 1].colon, behind
            if _another_s(tokens[start:after], entry):
                continue
            gain += _closing(tokens, end, closed, after, entry, text.colonless and opens)
            if entry.place in ("box_after", "box_before"):
                if length <= 6 and first_letter(tokens[start].text).isupper() != first_letter(COUNT.sub("", entry.label)).isupper():
                    continue
                gain += 2.0
            first, opening = _opening(tokens, start, number, entry.prose or entry.place in ("box_after", "box_before"))
            gain += max(opening, _NUMBERED) if numbered and entry.place != "anchor" else opening  # headings are counted apart
            gain -= 1.0 * (tokens[end - 1].row - tokens[start].row)
            wraps = tokens[end - 1].row > tokens[start].row and not tokens[start].cell_start
            if wraps and not entry.prose and entry.place != "anchor":
                if similarity < _ALIKE:
                    continue
                gain -= 6.0  # begun at the end of a row: what stands there is an answer
            if gain > 2.0 and (start not in best or best[start].gain < gain):
                begin = _own_first_word(tokens, start, entry) if first == start else first
                best[start] = Match(position, begin, after, gain, tuple(range(first, after)), similarity, behind is not None)
    yield from best.values()


def _explained(tokens: Sequence[Token], start: int) -> bool:
    """Named by a footnote ("Ghi rõ nội dung đề nghị: …") that says how to answer it."""
    before = tokens[start - 1] if start else None
    return before is not None and before.row == tokens[start].row and before.fold in _EXPLAINING and tokens[start].text[:1].islower()


def _holds_an_answer(window: Sequence[Token], answers: AbstractSet[int]) -> bool:
    """True for words that run from a label into what is answered: over a gap to a number or to a column of `answers`, or to what one of a
    row's people says."""
    cell = window[0].cell
    whole = cell is not None and cell.whole
    return any(token.cell_start and (whole or token.index in answers or token.text[:1].isdigit()) for token in window[1:])


def _begins_anew(window: Sequence[Token], capitals: AbstractSet[str], *, exact: bool) -> bool:
    """True for words that run on into a line whose head has a capital that the label's words have not: "Hiện trạng hôn nhân |
    Hiện tại …". In words that are not `exact`ly the label's such a capital begins an answer on the same line as well, save right behind
    the first, which may be a misread number."""
    return any(
        (token.row != before.row or (not exact and before is not window[0] and (before.text[:1].islower() or before.text.startswith("("))))
        and token.text[:1].isupper()
        and not token.text.isupper()
        and token.fold not in capitals
        for before, token in pairwise(window)
    )


@lru_cache(maxsize=4096)
def _capitals(label: str, variants: tuple[str, ...]) -> frozenset[str]:
    """The folded words with a capital inside a wording; those that open one say nothing of what stands inside another."""
    words = (re.split(r"[\s/]+", COUNT.sub("", wording))[1:] for wording in (label, *variants))
    return frozenset(fold(word) for own in words for word in own if word[:1].isupper())


def _another_s(window: Sequence[Token], entry: Entry) -> bool:
    """True for a label that names another relative than the form does there: of "Họ, chữ đệm, tên mẹ" and "… tên vợ" only the last word
    tells whose name is asked for."""
    named = RELATIVES.intersection(token.fold for token in window)
    return bool(named) and named.isdisjoint(own := _relatives(entry.label, entry.variants)) and bool(own)


@lru_cache(maxsize=4096)
def _relatives(label: str, variants: tuple[str, ...]) -> frozenset[str]:
    return RELATIVES.intersection(fold(word) for wording in (label, *variants) for word in re.split(r"[\s/]+", wording))


def _closing(tokens: Sequence[Token], end: int, closed: bool, after: int, entry: Entry, colonless: bool) -> float:
    if entry.place in ("box_after", "box_before"):
        return 0.0
    if closed:
        return 4.0
    last = tokens[after - 1]
    ends_row = after >= len(tokens) or (tokens[after].row != last.row and not _goes_on_in_its_cell(last, tokens[after]))
    below = tokens[after] if after < len(tokens) and tokens[after].row != last.row else None
    if below is not None and last.text.endswith(",") and below.text[:1].islower() and not entry.prose:
        return -6.0  # another label, which goes on: "Giá trị nhà, | đất thực tế nhận chuyển nhượng"
    if not ends_row and below is not None:
        return -1.0
    if last.leader_after or ends_row or tokens[after].cell_start or (entry.place == "anchor" and last.text.endswith((",", "."))):
        return 2.0
    if entry.prose or entry.place == "anchor":
        return 0.0
    if tokens[after].text[:1] in DASHES:  # also one set against its answer: "Số tầng -1"
        return 3.0
    if colonless or _answered_from_a_list(tokens, after, entry):
        return -1.0
    return -6.0 if after == end else -1.0


def _answered_from_a_list(tokens: Sequence[Token], at: int, entry: Entry) -> bool:
    """True where the rest of the row's cell is one of the few answers there are ("Dân tộc Gia Rai"), or a number ("Số lượng 02 bản"):
    only the colon was not read."""
    if entry.type not in ("ethnicity", "nationality", "int") and not entry.choices:
        return False
    said: list[Token] = []
    while at < len(tokens) and len(said) <= _LONGEST_OF_A_LIST and tokens[at].row == tokens[at - 1].row and not tokens[at].cell_start:
        said.append(tokens[at])
        at += 1
    reading = normalise(entry.type, " ".join(token.text for token in said), entry.choices) if said else None
    return reading is not None and reading.value is not None and reading.sure


def _goes_on_in_its_cell(last: Token, below: Token) -> bool:
    """True for the next line of a cell that goes on in small letters: a label broken by its cell's width."""
    return last.cell is not None and below.cell is last.cell and below.text[:1].islower()


def _opening(tokens: Sequence[Token], start: int, number: str | None, prose: bool) -> tuple[int, float]:
    """(start with its printed number, worth of how it begins)."""
    token = tokens[start]
    before = tokens[start - 1] if start and tokens[start - 1].row == token.row else None
    if before is not None and not token.leader_before and ENUMERATOR.match(before.text):
        told = fold(before.text) or before.text
        worth = 3.0 if told == number else 1.0 if number is None else -1.0
        return (start - 1, worth) if number is not None or before.cell_start else (start, 0.0)
    if number is not None and before is not None:
        # A number that came in pieces ("( 11 )") still belongs to its label.
        first = start
        while first and tokens[first - 1].row == token.row and start - first < 3 and _NUMBER_PIECE.match(tokens[first - 1].text):
            first -= 1
        if first < start and any(fold(piece.text) == number for piece in tokens[first:start]):
            return first, 3.0
    if token.cell_start:
        return start, 2.0
    return start, 0.0 if prose else -1.0


def _own_first_word(tokens: Sequence[Token], start: int, entry: Entry) -> int:
    """Where a label begins that was known from its second word or third on ("Mối quan hệ …", "Thành phần dân tộc"): in small letters,
    though the form begins it with a capital, right behind words that open the row or follow a gap."""
    if entry.prose or not tokens[start].text[:1].islower() or not first_letter(COUNT.sub("", entry.label)).isupper():
        return start
    for at in range(start - 1, max(start - 1 - _BEFORE, -1), -1):
        token, behind = tokens[at], tokens[at + 1]
        if behind.cell_start or behind.row != token.row or token.colon or token.leader_after or any(map(str.isdigit, token.text)):
            return start
        if token.cell_start:
            return at if token.text[:1].isupper() else start
    return start


def first_letter(text: str) -> str:
    """The first letter of a text, past numbers and brackets; "" without one."""
    return next((letter for letter in text if letter.isalpha()), "")


def _column_candidates(layout: Layout, position: int, entry: Entry) -> Iterator[Match]:
    """Labels over a column (signatures): they break into several rows beside other columns' labels, so they are followed word by word."""
    printed = [_PARENTHESES.sub(" ", wording) for wording in (entry.label, *entry.variants)]
    printed += [wording.replace("/", " ") for wording in printed if "/" in wording]
    wordings = [[fold(word) for word in wording.split() if fold(word)] for wording in printed]
    for token in layout.tokens:
        for words in wordings:
            if not _alike(token.fold, words[0]) or (not token.cell_start and token.index and _runs_on(layout, token)):
                continue
            taken = _follow(layout, token, words)
            if taken is None:
                continue
            size = sum(len(word) for word in words)
            gain = min(size, 30) + 1.0
            yield Match(position, taken[0], taken[0] + 1, gain, tuple(taken), 1.0)
            break


def _runs_on(layout: Layout, token: Token) -> bool:
    """True when the token stands inside running text: the word before it is lower case."""
    before = layout.tokens[token.index - 1]
    return before.row == token.row and before.text[:1].islower()


def _alike(read: str, word: str) -> bool:
    if len(word) <= 3:
        return read == word
    return Indel.normalized_similarity(read, word) >= 0.74


def _follow(layout: Layout, first: Token, words: Sequence[str]) -> list[int] | None:
    taken = [first]
    missed = 0
    for word in words[1:]:
        last = taken[-1]
        beside = layout.tokens[last.index + 1] if last.index + 1 < len(layout.tokens) else None
        if beside is not None and beside.row == last.row and _alike(beside.fold, word):
            taken.append(beside)
            continue
        under = layout.rows[last.row + 1] if last.row + 1 < len(layout.rows) else None
        left, _, right, _ = union([token.box for token in taken])
        middle = (left + right) / 2
        fits = [
            token
            for token in (under.tokens if under is not None and under.page == last.page else ())
            if _alike(token.fold, word) and left - 60 < token.box[0] < right + 60 and not token.text.startswith("(")
        ]
        if fits:
            taken.append(min(fits, key=lambda token: abs((token.box[0] + token.box[2]) / 2 - middle)))
            continue
        missed += 1
        if missed > len(words) // 4:
            return None
    return [token.index for token in taken]
