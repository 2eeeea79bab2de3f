"""Words in brackets behind a label: how to answer, never the answer."""

import math
import re
from collections.abc import Sequence

from ocr.fields.layout import Token

_FOOTNOTE = re.compile(r"(?<=\))\d{1,2}(?=[:;]?$)")  # "(theo Giấy khai sinh)1"
_HOW_MANY = re.compile(r"(?:gồm\s+|đủ\s+)?\d{1,2}(?:\s*(?:hoặc|,|/|-)\s*\d{1,2})*\s*(?:chữ\s*)?số", re.IGNORECASE)  # "(10 hoặc 12 số)"
_NEXT_QUESTION = re.compile(r"\(0\d\)")  # no footnote is counted with a zero
_HINT, _LONGEST_HINT = 3, 20  # words


def is_hint(words: Sequence[str]) -> bool:
    """True for words in brackets that tell how to answer: "(theo nơi đăng ký thường trú)", "(12 chữ số)"."""
    inside = _FOOTNOTE.sub("", " ".join(words)).strip("():; ")
    if _HOW_MANY.fullmatch(inside):
        return True
    least = 2 if "," in inside or "/" in inside else _HINT  # "(xã, tỉnh)"
    return least <= len(inside.split()) <= _LONGEST_HINT and inside[:1].islower() and not any(letter.isdigit() for letter in inside)


def answers_column(bracket: Sequence[Token]) -> float:
    """Where, behind a gap, the answer begins on the first line of words in brackets that go on below it; infinite where none does."""
    first = bracket[0]
    return next((token.box[0] for token in bracket[1:] if token.row == first.row and token.cell_start), math.inf)


def is_remark(tokens: Sequence[Token]) -> bool:
    """True for what labels carry in brackets themselves: "(nếu có)", "(di động)", a footnote's number; "(03)" numbers the next question."""
    if _NEXT_QUESTION.fullmatch("".join(token.text for token in tokens)):
        return False
    words = "".join(token.fold for token in tokens)
    return words in ("", "neuco", "dukien", "batbuoc", "didong") or words.isdigit()
