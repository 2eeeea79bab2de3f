"""Labels printed in two languages: "Giới tính / Sex:", the slash as often misread as not."""

import re
from collections.abc import Sequence
from functools import lru_cache

from ocr.fields.layout import Token
from ocr.words.syllables import is_syllable

_WORDS = frozenset({
    "sex", "gender", "nationality", "residence", "resident", "permanent", "temporary", "current", "place", "origin",
    "birth", "ofbirth", "date", "year", "full", "name", "ethnic", "ethnicity", "group", "identification", "identity",
    "personal", "paper", "papers", "number", "no", "address", "phone", "telephone", "email", "purpose", "marital",
    "status", "father", "mother", "fathers", "mothers", "registration", "ofregistration", "relation", "relationship",
    "applicant", "issue", "issued", "occupation", "signature", "of", "the", "and",
})  # fmt: skip
_LITTLE = frozenset({"of", "the", "and", "no"})  # not enough to tell the language
_SLASH = re.compile(r"^[/|lI1]?/|^[/|lI]$")  # as it is read in small slanted print
_GLUED = re.compile(f"(?=.{{6}})(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))}){{2,}}")  # "ofapplicant", "Placeoforigin"
_MOST = 8  # words up to the colon
_WORD = 3  # letters


def is_foreign(token: Token) -> bool:
    """True for an English word of labels."""
    return bool(_said(token))


def end_of_second_language(tokens: Sequence[Token], at: int) -> int | None:
    """One past the colon that closes a label's other language, which begins at `at` or a word or two behind; None where none does.
    Behind a slash words without any mark of Vietnamese are of it, however badly its small slanted print was read."""
    foreign, inside = False, 0
    opened = at < len(tokens) and bool(at) and tokens[at].text.startswith("/") and tokens[at].row == tokens[at - 1].row
    for look in range(at, min(at + _MOST, len(tokens))):
        token = tokens[look]
        if token.row != tokens[at].row or token.cell is not tokens[at].cell or re.search(r"\d\d", token.text):
            return None
        opened &= token.text.isascii() or "’" in token.text
        foreign |= (is_foreign(token) and _said(token) not in _LITTLE) or (opened and len(_plain(token)) >= _WORD)
        inside = max(inside + token.text.count("(") - token.text.count(")"), 0)
        if token.colon and not inside:
            return look + 1 if foreign else None
    return None


def end_of_known_words(tokens: Sequence[Token], at: int) -> int | None:
    """One past the last word of a label's other language that a slash at `at` opens and no colon closes, as over an answer in one cell or
    right before one; None where nothing tells that language. A small word behind a known one that no Vietnamese has is its misreading."""
    if at >= len(tokens) or not at or not _SLASH.match(tokens[at].text) or tokens[at].row != tokens[at - 1].row:
        return None
    end, telling = at, False
    for look in range(at, min(at + _MOST, len(tokens))):
        token = tokens[look]
        apart = token.row != tokens[at].row or token.cell is not tokens[at].cell or (look > at and token.cell_start)
        if apart or not (token.text.isascii() or "’" in token.text):
            break
        known = is_foreign(token)
        telling |= known and _said(token) not in _LITTLE
        misread = end == look and look > at and token.text.islower() and token.text.isalpha() and not is_syllable(token.text)
        end = look + 1 if known or misread else end
    return end if telling else None


def without_second_language(label: Token, rest: Sequence[Token], *, answered: bool) -> list[Token]:
    """What stands in a label's cell behind it, without the label's other language. Where the question is `answered` in another cell, a
    misread word of it goes as well; else what follows the last word that is known may be the answer."""
    known = [at for at, token in enumerate(rest[:_MOST]) if is_foreign(token)]
    plain = all(token.text.isascii() for token in rest)
    opened = label.text.endswith("/") or is_foreign(label) or (bool(rest) and rest[0].text.startswith("/"))
    short = len(rest) <= _MOST and not any(re.search(r"\d\d\d", token.text) for token in rest)
    if answered and short and (opened or known) and (plain or rest[-1].colon):
        return []
    behind = known[-1] + 1 if known and (opened or known[0] == 0) and all(token.text.isascii() for token in rest[: known[-1] + 1]) else 0
    return list(rest[behind:])


def second_language(tokens: Sequence[Token], at: int) -> tuple[bool, int]:
    """The label's other language behind a slash, in small print that is often lost: up to its colon, or all of its row."""
    if at >= len(tokens) or not tokens[at].text.startswith("/") or tokens[at].row != tokens[at - 1].row:
        return False, at
    row = tokens[at].row
    look, plain = at, at
    while look < len(tokens) and tokens[look].row == row and look - at < 7 and not re.search(r"\d\d", tokens[look].text):
        gap = tokens[look].box[0] - tokens[look - 1].box[2]
        if look > at and tokens[look].cell_start and gap > 4 * (tokens[at].box[3] - tokens[at].box[1]):
            break
        look += 1
        plain = look if plain == look - 1 and (tokens[plain].text.isascii() or "’" in tokens[plain].text) else plain
        if tokens[look - 1].colon:
            return True, look
    known = end_of_known_words(tokens, at)
    cut = known if known is not None else plain
    if cut < look and (tokens[cut].text[:1].isupper() or tokens[cut].text[:1].isdigit()):
        return True, cut  # what follows is the answer, the colon before it was not read
    ends = look >= len(tokens) or tokens[look].row != row
    return ends, look if ends else at


def _said(token: Token) -> str:
    """The known English word or words, a capital I perhaps read as l; "" for any other."""
    return _english(_plain(token))


@lru_cache(maxsize=4096)
def _english(plain: str) -> str:
    found = next((word for word in (plain, "i" + plain[1:] if plain.startswith("l") else plain) if word in _WORDS), "")
    return found or (plain if _GLUED.fullmatch(plain) else "")


def _plain(token: Token) -> str:
    return (
        re.sub(r"[^a-z]", "", token.text.casefold().replace("'s", "s").replace("’s", "s"))
        if token.text.isascii() or "’" in token.text
        else ""
    )
