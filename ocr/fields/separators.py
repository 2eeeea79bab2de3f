"""Commas between the parts of an address or of a date in words, where the dots under the words hide them.

Who writes "xã Tân Hưng, thành phố Đà Nẵng" on a dotted line gives the reader a comma between dots. Where another part of the same
answer has its comma, or the answer stands on dots, one that is missing was most likely lost: it is put back and a person looks.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from ocr.fields.layout import Token

_UNITS = frozenset({"xa", "phuong", "thitran", "huyen", "quan", "tinh", "thanhpho", "thixa"})  # a street follows its number without one
_BODIES = frozenset({"thue", "ubnd", "hdnd", "cong", "so", "ban", "phong", "chicuc"})  # "Thuế huyện", "UBND xã" are one name
_THOUSANDS = frozenset({"hai", "mot"})  # "năm hai nghìn …", "năm một nghìn chín trăm …"
_DOUBT = 0.8


def separated(tokens: Sequence[Token], kind: str) -> list[Token]:
    """`tokens` with the commas that were lost between parts, each word before one in doubt. Other kinds than text and dates in words
    have none."""
    if kind not in ("text", "date_words"):
        return list(tokens)
    words = [token for token in tokens if token.text.strip(".…")]  # a dot that stands alone is a leader's
    borders = _units(words) if kind == "text" else _parts(words)
    bare = [at for at in borders if not words[at].text.endswith((",", ";", "-", "–"))]
    on_dots = any(token.leader_before or token.leader_after or re.search(r"[^\W_]\.+[^\W_]", token.text) for token in words)
    if bare and (len(bare) < len(borders) or on_dots):
        for at in bare:
            word = words[at]
            words[at] = replace(word, text=word.text.rstrip(".") + ",", confidence=min(word.confidence, _DOUBT), raw_differs=True)
    if kind == "date_words" and borders:
        # The words of a year have no comma: one among them was a dot.
        for at, word in enumerate(words[borders[-1] + 1 : -1], borders[-1] + 1):
            if word.text.endswith(","):
                words[at] = replace(word, text=word.text.rstrip(","), confidence=min(word.confidence, _DOUBT), raw_differs=True)
    return words


def _units(words: Sequence[Token]) -> list[int]:
    """Positions of words after which a further unit of an address begins: "Hưng" in "xã Tân Hưng thành phố Đà Nẵng"."""
    found = []
    for at, (before, token) in enumerate(pairwise(words)):
        pair = token.fold + (words[at + 2].fold if at + 2 < len(words) else "")
        size = 2 if pair in _UNITS else 1 if token.fold in _UNITS else 0
        named = at + 1 + size < len(words) and words[at + 1 + size].text[:1].isupper()
        if size and named and token.text[:1].islower() and _ends_a_name(before):
            found.append(at)
    return found


def _ends_a_name(token: Token) -> bool:
    core = token.text.strip(' .,;:()"“”')
    return (core[:1].isupper() or core[:1].isdigit()) and token.fold not in _BODIES and not (len(core) > 2 and core.isupper())


def _parts(words: Sequence[Token]) -> list[int]:
    """Positions of words before "tháng" and before "năm" of a date in words; a number "năm" is none."""
    found: list[int] = []
    for at, token in enumerate(words[1:]):
        thousands = at + 2 < len(words) and words[at + 2].fold in _THOUSANDS
        if token.fold == "thang" or (token.fold == "nam" and len(found) == 1 and thousands):
            found.append(at)
    return found if len(found) == 2 else []
