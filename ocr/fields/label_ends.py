"""Where a label ends: with its own number, brackets, footnote and colon, or with its other language, and before the answer."""

import math
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import pairwise

from ocr.fields.box_signs import ticked
from ocr.fields.enumerators import COUNT
from ocr.fields.folding import fold
from ocr.fields.hints import answers_column, is_hint, is_remark
from ocr.fields.label_words import is_idle, is_label_word
from ocr.fields.layout import Token
from ocr.fields.second_language import end_of_known_words, end_of_second_language, second_language
from ocr.fields.templates import Entry

_MOST_MORE = 5  # words behind a known label up to its colon
_FOOTNOTE = re.compile(r"\d{1,2}[:;]")  # "(ghi rõ xã, tỉnh) 1:"
_NOTE = re.compile(r"\(\d{1,2}\)[:;]?")
_FOOTNOTED = re.compile(r"(?<=[^\W\d_])\d(?=:?$)")  # "về2:", its raised figure


def label_end(tokens: Sequence[Token], end: int, entry: Entry, questions: AbstractSet[int]) -> tuple[bool, int]:
    """(a colon or the like closes the label of `entry`, position behind all that belongs to it) for a label whose words end at `end`.
    `questions` are the tokens that are numbers of questions."""
    closed, after = _own_end(tokens, end, questions)
    if not closed and " / " in entry.label:
        closed, after = second_language(tokens, after)
    elif not closed and (behind := end_of_second_language(tokens, after)) is not None:
        closed, after = True, behind
    elif not closed and (behind := end_of_known_words(tokens, _past_idle_words(tokens, after))) is not None:
        closed, after = _own_end(tokens, behind, questions)
    return closed, _up_to_a_choice(tokens, _before_a_choice(tokens, after, end, entry), entry)


def _own_end(tokens: Sequence[Token], end: int, questions: AbstractSet[int]) -> tuple[bool, int]:
    """(a colon closes the label, position after colon, footnote marks and brackets that belong to it)."""
    if tokens[end - 1].colon:
        return True, end
    at = end
    while at < len(tokens) and at - end < 40 and tokens[at].cell is tokens[end - 1].cell:
        token = tokens[at]
        if at in questions:
            break
        if token.text in (":", ";", "):") or (at > end and tokens[at - 1].text.endswith(")") and _FOOTNOTE.fullmatch(token.text)):
            return True, at + 1
        if ticked(token.text) is not None:
            break
        if token.text.startswith("(") and not tokens[at - 1].leader_after:
            reach = range(at, min(at + 30, len(tokens)))
            close = next((look for look in reach if ")" in tokens[look].text), None)
            if close is None or any("(" in within.text for within in tokens[at + 1 : close + 1]):
                noted = next((look for look in reach[1:] if _NOTE.fullmatch(tokens[look].text)), None)
                if noted is not None and is_hint([one.text for one in tokens[at:noted]]):
                    return tokens[noted].colon, noted + 1  # its footnote's mark stands where its closing bracket would
                # A bracket that was never closed, or is none: the closing one is another's, and the label's colon may tell its end.
                colon = next((look for look in reach[1:] if tokens[look].text.endswith(":")), None)
                hint = colon is not None and tokens[colon].row == token.row and is_hint([one.text for one in tokens[at : colon + 1]])
                return (True, colon + 1) if colon is not None and hint else (False, at)
            inside = tokens[at : close + 1]
            if answers_column(inside) < math.inf:
                break
            told = tokens[close].colon or _colon_next(tokens, close) or is_remark(inside)
            if not told and not is_hint([token.text for token in inside]):
                break
            at = close + 1
            if tokens[close].colon:
                return True, at
            continue
        if not token.fold and token.text.strip("¹²³⁴⁵⁶⁷⁸⁹⁰*") == "":
            at += 1
            continue
        break
    return False, at


def end_of_more_words(tokens: Sequence[Token], at: int, answers: AbstractSet[int]) -> int | None:
    """One past a word or two of a label that the form does not print ("Quốc tịch hiện nay:"), up to their colon, a gap or the end of
    their line; None where answers or other labels follow. Up to a column of `answers` every word in small letters is the label's."""
    for look in range(at, min(at + _MOST_MORE, len(tokens)) + 1):
        token = tokens[look] if look < len(tokens) else None
        before = tokens[look - 1]
        runs_on = token is not None and token.cell is before.cell and (token.row == before.row or token.cell is not None)
        if token is None or not runs_on or (token.cell_start and token.row == before.row):
            return look if look > at and (look in answers or all(is_label_word(tokens[word]) for word in range(at, look))) else None
        if look > at and token.text.startswith("(") and all(is_label_word(tokens[word]) for word in range(at, look)):
            closed, behind = _own_end(tokens, look, frozenset())
            if closed:
                return behind
        if not token.text[:1].islower() or any(map(str.isdigit, _FOOTNOTED.sub("", token.text))):
            return look if look > at and token.row != before.row and all(is_label_word(tokens[word]) for word in range(at, look)) else None
        if token.colon:
            return look + 1
    return None


def with_its_number(tokens: Sequence[Token], end: int, entry: Entry) -> int:
    """One past the number that the label itself prints behind the word it was found up to: "Diện tích xây dựng tầng 1"."""
    if end >= len(tokens) or not tokens[end].fold.isdigit() or tokens[end].cell is not tokens[end - 1].cell:
        return end
    goes_on = tokens[end].colon or _goes_on_in_brackets(tokens, end, entry)
    if tokens[end].cell_start and (tokens[end].row == tokens[end - 1].row or not goes_on):
        return end  # an answer; a line that begins with the number and a colon or the label's own brackets goes on with the label
    return end + ((tokens[end - 1].fold, tokens[end].fold) in _numbered_words(entry.label, entry.variants))


def _goes_on_in_brackets(tokens: Sequence[Token], at: int, entry: Entry) -> bool:
    """True where behind the token `at` stand brackets that the label itself has: "… tầng | 1 (tầng trệt)"."""
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    if behind is None or behind.row != tokens[at].row or not behind.text.startswith("("):
        return False
    return any(behind.fold == fold(word) for wording in (entry.label, *entry.variants) for word in wording.split() if word.startswith("("))


@lru_cache(maxsize=4096)
def _numbered_words(label: str, variants: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The words of a label with the numbers right behind them, folded."""
    pairs = (pair for wording in (label, *variants) for pair in pairwise(map(fold, COUNT.sub("", wording).split())))
    return frozenset((word, number) for word, number in pairs if number.isdigit())


def _before_a_choice(tokens: Sequence[Token], after: int, end: int, entry: Entry) -> int:
    """Without the answer that the label's other language was taken to go on with: "Giới tính / Se Nam"."""
    last = tokens[after - 1]
    said = after - end > 1 and not last.colon and any(fold(choice) == last.fold for choice in entry.choices)
    return after - 1 if said else after


def _up_to_a_choice(tokens: Sequence[Token], after: int, entry: Entry) -> int:
    """One past a misread word of the other language that stands between the label's slash and one of few answers: "Giới tính/ Sec Nữ"."""
    said = tokens[after : after + 2]
    misread = len(said) == 2 and tokens[after - 1].text.endswith("/") and said[0].text.isascii() and said[1].row == tokens[after - 1].row
    chosen = misread and any(fold(choice) == said[1].fold for choice in entry.choices)
    return after + 1 if chosen and all(fold(choice) != said[0].fold for choice in entry.choices) else after


def _past_idle_words(tokens: Sequence[Token], at: int) -> int:
    """One past the words that any label may have ("Quốc tịch hiện nay / Nationality") at `at` in the row and cell before it."""
    while at < len(tokens) and is_idle(tokens[at]) and tokens[at].row == tokens[at - 1].row and tokens[at].cell is tokens[at - 1].cell:
        at += 1
    return at


def _colon_next(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].text in (":", ";")
