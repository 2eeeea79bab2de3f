"""Old-style figures of book faces, whose 0 is as low as an o and whose 2, 5 and 9 look like z, s and g: read once more by an engine that
knows figures alone.

What a reader of words makes of them ("2o2ố", "o72455342o") has as many signs as there are figures, each like the figure it stands for.
Where the second reading agrees with that sign by sign, it is what was printed; a person still looks.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.fields.draft import Draft
from ocr.fields.filled import Filled
from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.second_look import WEAK
from ocr.fields.templates import Entry
from ocr.fields.types.registry import IN_FIGURES
from ocr.fields.values import Found
from ocr.pixels import percentiles

_LIKE = {"0": "oOQD", "1": "iIlịrtj!|", "2": "zZa", "3": "ʒ", "5": "sSÿ", "6": "ốóbô", "7": "y", "8": "B", "9": "gqọyợ", "4": "+"}
_SIGN = "".join(sorted({sign for signs in _LIKE.values() for sign in signs}))
_SIGNS = "0123456789/.,-"
_MAY_BE = re.compile(rf"[\d{re.escape(_SIGN)}][\d{re.escape(_SIGN)}/.,-]*")
_NUMERIC = IN_FIGURES | {"so_ky_hieu"}
_LOW = "ozsIriịgyqÿọốó"  # without b: "15b" is a house
_IN_TEXT = re.compile(rf"(?=(?:\D*\d){{2}})[\d{_LOW}/.,-]*[{_LOW}][\d{_LOW}/.,-]*")
_SERIES = re.compile(r"[A-ZĐ]{2,4}-(?=.)")  # "HNT-" before the figures of a certificate
_MOST = 16  # words of a document: more are a hand's, which neither engine reads
_DATE = re.compile(r"\d{2}[/.]\d{2}[/.]\d{4}")
_LOST = 3  # signs of a date that the first reading may have lost
_SURE, _FAIR, _DOUBT = 0.9, 0.6, 0.8
_AROUND = 0.28  # of a word's height, above and below it
_BESIDE = 0.8  # points


def book_figures_again(form: Filled, made: dict[str, Draft], found: Mapping[str, Found], value: Callable[[Entry, Found], Draft]) -> None:
    """Replaces drafts whose figures came out as letters by what the second reading says."""
    left = _MOST
    for name, one in found.items():
        draft = made[name]
        numeric = draft.entry.type in _NUMERIC
        plain = draft.value is not None and draft.sure and (numeric or (not draft.raw_differs and draft.confidence >= WEAK))
        if plain or draft.source != "print" or (not numeric and draft.entry.type != "text"):
            continue
        at = [place for place, token in enumerate(one.tokens) if _looks_like_figures(token, draft.entry.type)][:left]
        picture = form.pictures.picture(one.page) if at else None
        if picture is None:
            continue
        left -= len(at)
        tokens = list(one.tokens)
        for place in at:
            tokens[place] = _again(tokens[place], picture, form.pictures.size(tokens[place].page), numeric=numeric)
        if tokens == list(one.tokens):
            continue
        again = value(draft.entry, replace(one, tokens=tuple(tokens)))
        if again.value is not None and (again.sure or not draft.sure):
            made[name] = again


def _looks_like_figures(token: Token, kind: str) -> bool:
    core = _SERIES.sub("", token.text.strip(".,;:()"))
    if not any(map(str.isalpha, core)) or (len(core) == 1 and kind != "date"):  # a stroke alone is dirt, but for a month
        return False
    return bool((_MAY_BE if kind in _NUMERIC else _IN_TEXT).fullmatch(core))


def _again(token: Token, picture: NDArray[Any], size: tuple[float, float], *, numeric: bool) -> Token:
    from ocr.words.tesseract import read_signs  # the engine is loaded only where figures need it

    series = _SERIES.match(token.text)
    head, read = (series[0], token.text[series.end() :]) if series else ("", token.text)
    seen, sure = read_signs(_cut(picture, size, token), _SIGNS)
    seen = seen.split("-", 1)[-1] if series else seen
    core = read.strip(".,;:()")
    seen = seen.strip(".,-/")
    whole = _DATE.fullmatch(seen) is not None and abs(len(core) - len(seen)) < _LOST
    if not seen or not (_agree(core, seen) or (numeric and sure > _SURE and len(core) == len(seen)) or (whole and sure > _FAIR)):
        return token
    text = head + read.replace(core, seen)
    return replace(token, text=text, fold=fold(text), confidence=min(token.confidence, _DOUBT), raw_differs=True)


def _agree(read: str, seen: str) -> bool:
    """True when every sign that was read is the figure that was seen, or like it."""
    return len(read) == len(seen) and all(one == two or one in _LIKE.get(two, "") for one, two in zip(read, seen, strict=True))


def _cut(picture: NDArray[Any], size: tuple[float, float], token: Token) -> NDArray[np.uint8]:
    gray = picture if picture.ndim == 2 else picture[..., 0]  # red: stamps fade in it
    across, down = gray.shape[1] / size[0], gray.shape[0] / size[1]
    x0, y0, x1, y1 = token.box
    more = _AROUND * (y1 - y0)
    rows = slice(max(0, int((y0 - more) * down)), int((y1 + more) * down) + 1)
    cut = gray[rows, max(0, int((x0 - _BESIDE) * across)) : int((x1 + _BESIDE) * across) + 1]
    paper = int(percentiles(cut, (80,))[0])
    return np.pad(np.asarray(cut, np.uint8), ((0, 0), (len(cut) // 3,) * 2), constant_values=paper)  # a neighbour's letter is no border
