"""The words that begin the parts of an address, and the provinces: what stands behind a unit's word leaves no choice about its marks."""

from collections.abc import Sequence
from functools import cache

from msgspec.structs import replace
from rapidfuzz.distance import Levenshtein

from ocr.fields.address import only_spelling
from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.lists import known_word, provinces
from ocr.fields.written import CERTAIN, IN_DOUBT, core_of, plain, written
from ocr.words.syllables import is_syllable

# Words that begin a part of an address; with a digit behind them only those that are numbered.
_UNITS = (
    "tỉnh", "huyện", "quận", "phường", "xã", "đường", "phố", "thôn", "xóm", "ấp", "tổ", "ngõ", "ngách", "hẻm", "khóm", "thửa", "số",
)  # fmt: skip
NUMBERED = frozenset({"so", "to", "thon", "xom", "ap", "ngo", "ngach", "hem", "khom", "thua", "phuong", "quan", "khu"})
_KINDS = frozenset({"xã", "phường", "trấn", "huyện", "quận"})
_LONGEST = 4  # words of a unit's name
_PAIRS = {
    ("thanh", "pho"): ("thành", "phố"),
    ("thi", "tran"): ("thị", "trấn"),
    ("thi", "xa"): ("thị", "xã"),
    ("khu", "pho"): ("khu", "phố"),
}


def units_settled(words: list[Token]) -> list[Token]:
    """`words` of a text with the words of its units and the names of its provinces in the spelling of the lists."""
    return _named_units(_provinces(_unit_words(_near_units(words))))


def _named_units(words: list[Token]) -> list[Token]:
    """Communes and districts that one spelling alone has, where the marks that were read are nobody's: a person looks at them."""
    for at, token in enumerate(words):
        kind = token.text if token.text in _KINDS else ""
        if kind == "xã" and at and words[at - 1].text == "thị":
            kind = "thị xã"
        name = _capitalised(words, at + 1) if kind else []
        spelt = (only_spelling(kind, " ".join(map(core_of, name))) or "").split()
        if spelt and len(spelt) == len(name):
            new = [written(one, word, certain=False, case_read=False) for one, word in zip(name, spelt, strict=True)]
            words[at + 1 : at + 1 + len(name)] = [
                one if one.text == old.text else replace(one, raw_differs=True, confidence=min(one.confidence, IN_DOUBT))
                for one, old in zip(new, name, strict=True)
            ]
    return words


def _capitalised(words: Sequence[Token], at: int) -> list[Token]:
    """The words of a name from `at` up to its comma."""
    name: list[Token] = []
    for token in words[at : at + _LONGEST]:
        if not core_of(token)[:1].isupper() or not core_of(token).isalpha():
            break
        name.append(token)
        if _ends(token):
            break
    return name


def _unit_words(words: list[Token]) -> list[Token]:
    """The word before a place's name or number: "huyên Sóc Sơn", "Sô 81"."""
    units = {fold(unit): unit for unit in _UNITS}
    at = 0
    while at < len(words):
        token = words[at]
        pair = _PAIRS.get((token.fold, words[at + 1].fold)) if at + 1 < len(words) else None
        if pair and _names(words, at + 2) and not _ends(token):
            words[at : at + 2] = [written(token, pair[0], certain=True), written(words[at + 1], pair[1], certain=True)]
            at += 2
            continue
        unit = units.get(token.fold)
        opens = at == 0 or _ends(words[at - 1]) or token.text[:1].islower()
        named = token.fold != "so" and _names(words, at + 1)
        numbered = token.fold in NUMBERED and _numbered(words, at + 1)
        if unit and opens and not _ends(token) and (named or numbered):
            own = not numbered and _own_name(token, unit, words[at + 1])
            words[at] = _in_doubt(token) if own else written(token, unit, certain=True)
        elif token.fold == "tang" and at and words[at - 1].text.isdigit() and core_of(token).islower():
            words[at] = written(token, "tầng", certain=True)  # storeys: nothing else of these letters is counted
        at += 1
    return words


def _own_name(token: Token, unit: str, following: Token) -> bool:
    """True for a name's own first word with the letters of a unit's: "Ngô Gia Tự", "Dương Quảng Hàm", "Tô Hiến Thành", "Quán Toan"."""
    read = core_of(token)
    return read[:1].isupper() and plain(read) != unit and known_word(read) and not (unit == "tỉnh" and following.fold in _first_words())


@cache
def _first_words() -> frozenset[str]:
    """The folded words that names of provinces begin with."""
    return frozenset(fold(words[0]) for words in provinces().values())


def _in_doubt(token: Token) -> Token:
    """`token` as it was read, to be looked at where that was not without a doubt."""
    if token.confidence >= CERTAIN and not token.raw_differs:
        return token
    return replace(token, raw_differs=True, confidence=min(token.confidence, IN_DOUBT))


def _near_units(words: list[Token]) -> list[Token]:
    """A unit's word with one letter misread into what is no word at all, before a name: "hnyện Ứng Hòa", "tinb Thái Bình"."""
    for at, token in enumerate(words):
        core = core_of(token)
        if len(core) < 4 or not core.islower() or not _names(words, at + 1) or _ends(token) or is_syllable(core):
            continue
        near = [unit for unit in _UNITS if len(unit) >= 4 and Levenshtein.distance(fold(unit), token.fold) == 1]
        if len(near) == 1:
            words[at] = written(token, near[0], certain=False)
    return words


def _ends(token: Token) -> bool:
    return token.text.endswith((",", ";", "."))


def _names(words: Sequence[Token], at: int) -> bool:
    return at < len(words) and words[at].text[:1].isupper() and words[at].text[:2].upper() != words[at].text[:2]


def _numbered(words: Sequence[Token], at: int) -> bool:
    return at < len(words) and words[at].text[:1].isdigit()


def _provinces(words: list[Token]) -> list[Token]:
    """Provinces and cities behind "tỉnh", "thành phố", "TP", and where nothing else is said."""
    whole = provinces().get("".join(token.fold for token in words), ())
    if whole and len(whole) == len(words):
        return [written(token, word, certain=True, case_read=False) for token, word in zip(words, whole, strict=True)]
    for at, token in enumerate(words):
        behind = at + 1
        if token.fold == "tinh" or (token.fold == "pho" and at and words[at - 1].fold == "thanh") or token.fold == "tp":
            for size in (4, 3, 2, 1):
                part = words[behind : behind + size]
                if len(part) < size or any(_ends(one) for one in part[:-1]):
                    continue
                letters = "".join(one.fold for one in part)
                spelt, certain = _province(letters)
                if spelt and len(spelt) == size:
                    if certain and token.fold == "tinh" and token.text.isupper():
                        words[at] = written(token, "tỉnh", certain=True)  # "TÍNH LÂM ĐỒNG": capitals leave a hook little room
                    words[behind : behind + size] = [
                        written(one, word, certain=certain, case_read=False) for one, word in zip(part, spelt, strict=True)
                    ]
                    break
    return words


@cache
def _province(letters: str) -> tuple[tuple[str, ...], bool]:
    """(words of the one province with these letters or, but for a letter, none other near; certain)."""
    known = provinces()
    if letters in known:
        return known[letters], True
    near = sorted((Levenshtein.distance(letters, other), other) for other in known)
    best, other = near[0]
    if len(letters) >= 7 and best <= len(letters) // 7 and near[1][0] >= best + 2:
        return known[other], False
    return (), False
