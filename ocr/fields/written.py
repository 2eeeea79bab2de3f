"""How a token of a value is spelt anew: the words of a list in the case and between the marks in which they were read."""

import re
import unicodedata

from msgspec.structs import replace

from ocr.fields.folding import fold
from ocr.fields.layout import Token

IN_DOUBT = 0.8  # how sure at most a word is that a person is to see
CERTAIN = 0.985  # a spelling that a closed list proves, its letters read without a doubt about them
_EDGES = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


def written(token: Token, word: str, *, certain: bool, case_read: bool = True, inside: bool = False, small: bool = False) -> Token:
    """`token` spelt as `word`, in the case it was read in when `case_read` and in the word's own when `small`; marks and commas around
    it stay, but not `inside` a wording, where they are the dots that people write on."""
    before, core, after = _split(token.text)
    after = "" if inside else after
    if core.casefold() == word.casefold() and not small:
        word = core  # spelt as the list spells it: capitals are the writer's own ("Trạm y tế")
    elif len(core) > 1 and core.isupper():
        word = word.upper()
    elif case_read:
        word = (word[:1].upper() if core[:1].isupper() else word[:1].lower()) + word[1:]
    text = before + word + after
    sure = max(token.confidence, CERTAIN) if certain else token.confidence
    return replace(token, text=text, fold=fold(text), confidence=sure, raw_differs=token.raw_differs and not certain)


def _split(text: str) -> tuple[str, str, str]:
    hit = _EDGES.match(text)
    return (hit[1], hit[2], hit[3]) if hit else ("", text, "")


def core_of(token: Token) -> str:
    """The word of a token without the marks around it."""
    return _split(token.text)[1]


def plain(text: str) -> str:
    """`text` in small letters, NFC, with its marks."""
    return unicodedata.normalize("NFC", text).casefold()
