"""Vietnamese numbers in words: "hai nghìn không trăm hai mươi tư" is 2024, "ba trăm triệu đồng chẵn" 300 000 000."""

import re

from ocr.fields.folding import without_marks

_DIGITS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_SCALES = {"nghin": 10**3, "ngan": 10**3, "trieu": 10**6, "ty": 10**9, "ti": 10**9}
_SILENT = {"dong", "chan", "viet", "vnd", "va", "so", "bang", "chu", "d"}


def number_of(text: str) -> int | None:
    """The number the words say; None when a word is no number word. Case, marks and punctuation do not matter."""
    words = [word for word in re.sub(r"[^a-z0-9 ]+", " ", without_marks(text).lower()).split() if word not in _SILENT]
    if not words:
        return None
    if all(word.isdigit() for word in words):
        return int("".join(words))
    if all(word in _DIGITS for word in words) and len(words) >= 3:
        return int("".join(str(_DIGITS[word]) for word in words))
    total, group = 0, 0
    pending: int | None = None
    for word in words:
        if word in _DIGITS:
            if pending is not None:
                return None
            pending = _DIGITS[word]
        elif word in ("muoi", "chuc"):
            group += (1 if pending is None else pending) * 10
            pending = None
        elif word == "tram":
            group += (pending or 0) * 100
            pending = None
        elif word in ("linh", "le"):
            if pending is not None:
                return None
        elif word in _SCALES:
            group += pending or 0
            pending = None
            scale = _SCALES[word]
            if scale == 10**9 and total:
                total = (total + group) * scale
            else:
                total += (group or (0 if total else 1)) * scale
            group = 0
        else:
            return None
    return total + group + (pending or 0)
