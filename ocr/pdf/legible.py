"""Is a PDF's own text what a person sees on the page? Vietnamese files are older than Unicode, and many lie.

A file set in VNI or TCVN3 (".VnTime") fonts shows "Cộng hòa" and says "Coäng hoøa" or "Céng hßa"; a broken ToUnicode map
says anything; a careless export drops the marks. Such pages are read as images instead. TCVN 6909:2001 (Unicode) is
what the archive must hold.
"""

import re
from collections.abc import Sequence
from typing import Literal
from unicodedata import category, name, normalize

Verdict = Literal["good", "broken", "legacy", "unmarked"]

# One word or name from abroad must not condemn a page, a text full of these letters does.
_FOREIGN = frozenset("äåæçëîïðñöøûüþÿßœžščćłńśźżřěůőű")
# In Vietnamese four words in five carry a mark, in German or Estonian at most half; VNI and TCVN3 turn half of them into odd letters.
_MARKED_SHARE = 0.6
_ODD_SHARE = 0.4
_ODD_WORDS = 5
_BROKEN_SHARE = 0.03
_UNMARKED_SHARE = 0.3
_ENOUGH_WORDS = 40
_SHORTEST_MEAN = 1.7
# Frequent syllables of official Vietnamese that mean little in English, without their marks.
_BARE_TEXT = """cong hoa xa hoi nghia viet nam doc lap hanh phuc nguyen tran ngay thang uy ban nhan dan quyet dinh nghi thong
giay khai duoc nguoi trong cua cac theo khong chung nhung phuong huyen tinh thanh pho quan ly hanh chinh kinh gui dang ky"""
_BARE = frozenset(_BARE_TEXT.split())
_LEGACY_FONT = re.compile(r"^(?:[A-Z]{6}\+)?(?:\.Vn|VNI-|VNI |\.VN)", re.IGNORECASE)
_UNICODE_ONLY = frozenset(map(chr, range(0x1EA0, 0x1EFA))) | frozenset("ăđĩũơư")
_AROUND = "\"'“”‘’«»()[]{}.,;:!?…–—-"
# TCVN3 puts letters where Latin-1 has symbols: "x· héi", "®¨ng ký", "ng­êi".
_SYMBOL_INSIDE = re.compile(r"[^\W\d_][¡-©«-±´-¸»-¿×÷]|[¡-©«-±´-¸»-¿×÷][^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")


def legacy_font(font: str) -> bool:
    """Whether `font` is named like the TCVN3 (.VnTime) and VNI families, whose codes are not Unicode."""
    return bool(_LEGACY_FONT.match(font))


def legacy_letters(text: str) -> bool:
    """Whether `text`, set in a legacy font, is in that font's code: Latin-1 letters, and none that only Unicode's Vietnamese has."""
    return any("\x80" <= c <= "\xff" for c in text) and not any(c in _UNICODE_ONLY for c in text.lower())


def judge(words: Sequence[str], unmapped: float = 0.0) -> Verdict:
    """The verdict on a page's words in any order. `unmapped` is the share of characters without a Unicode value."""
    text = normalize("NFC", " ".join(words))
    letters = [w.lower() for w in _WORD.findall(text)]
    shown = [c for c in text if not c.isspace()]
    if not shown or unmapped > _BROKEN_SHARE or sum(map(_impossible, shown)) > _BROKEN_SHARE * len(shown):
        return "broken"
    if sum(c.isalnum() for c in shown) < 0.5 * len(shown) and not _leaders(text):
        return "broken"
    if sum(map(_mixed, letters)) > _BROKEN_SHARE * max(20, len(letters)):
        return "broken"
    latin = [w for w in letters if "a" <= normalize("NFD", w)[0] <= "z"]
    if len(latin) >= _ENOUGH_WORDS and sum(map(len, latin)) < _SHORTEST_MEAN * len(latin):
        return "broken"  # letters that stand apart: "N g u y ễ n"
    marked = [w for w in (token.strip(_AROUND).lower() for token in text.split()) if not w.isascii()]
    odd = [w for w in marked if _FOREIGN.intersection(w) or _tones(w) > 1 or _SYMBOL_INSIDE.search(w)]
    if len(odd) >= _ODD_WORDS and len(odd) > _ODD_SHARE * len(marked) and len(marked) > _MARKED_SHARE * len(letters):
        return "legacy"
    bare = len(letters) >= _ENOUGH_WORDS and len(marked) < 0.02 * len(letters)
    return "unmarked" if bare and sum(w in _BARE for w in letters) > _UNMARKED_SHARE * len(letters) else "good"


def _impossible(character: str) -> bool:
    return character == "\ufffd" or category(character) in ("Co", "Cn", "Cs") or (category(character) == "Cc" and character not in "\t\r\n")


def _leaders(text: str) -> bool:
    """Blank forms are mostly dots."""
    dots = sum(text.count(c) for c in "._…")
    return dots > 0.3 * len(text)


def _mixed(word: str) -> bool:
    scripts = {name(c, "?").split()[0] for c in word} - {"MODIFIER", "COMBINING", "FEMININE", "MASCULINE"}
    return "LATIN" in scripts and len(scripts) > 1


_TONED = frozenset("àáãèéìíòóõùúýạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹĩũ")


def _tones(word: str) -> int:
    """A syllable carries at most one tone; VNI's spelling of a mark and a tone often shows two."""
    return sum(c in _TONED for c in word)
