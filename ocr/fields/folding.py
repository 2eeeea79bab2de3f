"""Text made comparable: what survives a worn scan and a missing tone mark.

Labels and titles are compared without case, tone marks and punctuation, because those are the first things a scan
loses; values are never folded when they are given out.
"""

import re
from functools import lru_cache

from ocr.words.syllables import unmarked

_FOOTNOTE = re.compile(r"\(\s*\d{1,2}\s*\)|[¹²³⁴⁵⁶⁷⁸⁹⁰]+")
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")


class _Bare(dict[int, str]):
    """What is left of each letter without its marks, found when it is first asked for: a page folds thousands of words."""

    def __missing__(self, code: int) -> str:
        self[code] = bare = unmarked(chr(code))
        return bare


_BARE = _Bare({ord("đ"): "d", ord("Đ"): "D"})


def without_marks(text: str) -> str:
    """`text` without Vietnamese tone and letter marks; đ becomes d."""
    return text if text.isascii() else text.translate(_BARE)


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Letters and digits only, lower case, no marks, no spaces: "Kính gửi(1):" becomes "kinhgui"."""
    return _NOT_ALNUM.sub("", without_marks(_FOOTNOTE.sub("", text)).lower())


def fold_words(text: str) -> list[str]:
    """The folded words of `text`, without empty ones."""
    return [folded for word in text.replace("/", " ").split() if (folded := fold(word))]
