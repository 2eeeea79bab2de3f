"""Spelling that the paper itself leaves no choice about: what stands in closed lists is written as the list writes it.

A worn scan loses marks first: "tinh Đông Tháp", "Trân", "Uy ban nhân dân". No such province, family name or body exists,
and exactly one does that has these letters, so its spelling is taken. Digits are never touched, streets, villages and given names
neither. What a reader really saw stays in the field's raw text.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from msgspec.structs import replace
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocr.fields.folding import fold, without_marks
from ocr.fields.layout import Token, union
from ocr.fields.lists import answers, family_names, phrases
from ocr.fields.types.texts import leaders_out
from ocr.fields.unit_words import NUMBERED, units_settled
from ocr.fields.written import CERTAIN, IN_DOUBT, core_of, plain, written
from ocr.words.language import language
from ocr.words.lattice import BEFORE_A_TITLE
from ocr.words.syllables import is_syllable

_DOUBTFUL = 0.985
_DOT_RUN = re.compile(r"(?<=[^\W\d_])[.,]*\.[.,]+(?=[^\W\d_])|(?<=[^\W\d_])\.,(?=[^\W\d_])")
_GLUED = re.compile(r"(?<=[^\W\d_]{2}),(?=[^\W\d_]{2})")
_NUMBERED_UNIT = re.compile(r"^([^\W\d_]+)\.+(\d+\W*)$")
_COMBINING = {"`": "\u0300", "´": "\u0301", "'": "\u0301"}
_VOWELS = frozenset("aeiouy")
_SHORT = ("CCCD", "CMND", "UBND", "HĐND")
_FORMS_OF_ADDRESS = {"ong": "ông", "ba": "bà"}
_SPOKEN = frozenset(
    [
        "ngày", "tháng", "năm", "một", "hai", "ba", "bốn", "tư", "lăm", "sáu", "bảy", "bẩy", "tám", "chín", "mười", "mươi", "mốt",
        "linh", "lẻ", "không", "trăm", "nghìn", "ngàn", "triệu", "tỷ", "tỉ", "đồng", "chẵn", "và", "mùng",
    ]
)  # fmt: skip


def settled(tokens: Sequence[Token], kind: str) -> list[Token]:
    """The tokens of one value with the spelling of closed lists; `kind` is the field's type. A token keeps its place and box."""
    words = list(tokens)
    if kind in ("text", "name", "enum", "ethnicity", "nationality", "date_words", "money_words"):
        words = _accents_joined([piece for token in words for piece in _cut_at_leaders(token, kind)])
    if kind in ("text", "name", "enum", "nationality", "date_words", "money_words"):
        words = _phrases(words)
    if kind in ("text", "enum"):
        words = _whole(words)
    if kind == "nationality" and Levenshtein.distance("".join(token.fold for token in words), "vietnam") == 1 and len(words) == 2:
        words = [written(token, word, certain=False) for token, word in zip(words, ("Việt", "Nam"), strict=True)]
    if kind in ("text", "position"):
        words = _with_full_stop(words)
    if kind == "text":
        words = units_settled(_abbreviations(_capitals_joined(words)))
    if kind in ("date_words", "money_words"):
        words = _number_words(words)
    if kind == "name":
        words = _person(words)
    return words


def _cut_at_leaders(token: Token, kind: str) -> list[Token]:
    """The words of a token that a reader joined by the dots they are written on: "xã.Nghĩa.Đồng", "Thôn.2"."""
    glued = kind in ("text", "date_words") and _GLUED.search(token.text)
    if glued:  # a comma without its space, or a dot of the line taken for one: which, a person sees
        token = replace(token, text=_GLUED.sub(", ", token.text), raw_differs=True, confidence=min(token.confidence, IN_DOUBT))
    text = re.sub(r"\.+:+\.*", " ", token.text)
    text = _DOT_RUN.sub(" ", leaders_out(text.lstrip(".…") or token.text))
    if kind == "name":
        text = re.sub(r"(?<=[^\W\d_]{2})\.+(?=[^\W\d_]{2})", " ", text)
    parts = [piece for part in text.split() for piece in _unit_and_number(part)]
    if len(parts) < 2:
        return [token if text == token.text else replace(token, text=text, fold=fold(text))]
    return [replace(token, text=part, fold=fold(part)) for part in parts]


def _unit_and_number(part: str) -> list[str]:
    hit = _NUMBERED_UNIT.match(part)
    return [hit[1], hit[2]] if hit and fold(hit[1]) in NUMBERED else [part]


def _accents_joined(tokens: Sequence[Token]) -> list[Token]:
    """A grave mark that stands alone fell off the vowel before it ("Hô `Thị" is "Hồ Thị"): Vietnamese knows no such sign."""
    words = list(tokens)
    for at, token in enumerate(words):
        if token.text[:1] in _COMBINING and at and len(token.text) > 1:
            joined = _with_tone(words[at - 1].text, _COMBINING[token.text[0]]) if token.text[0] != "'" else None
            if joined:
                words[at - 1] = replace(words[at - 1], text=joined, fold=fold(joined))
            words[at] = replace(token, text=token.text[1:])
        elif token.text[-1:] in "`´" and len(token.text) > 1:
            joined = _with_tone(token.text[:-1], _COMBINING[token.text[-1]])
            if joined:
                words[at] = replace(token, text=joined, fold=fold(joined))
    return words


def _with_tone(text: str, tone: str) -> str | None:
    """`text` with `tone` on its last vowel that bears a letter mark; None when it has none or a tone already."""
    for at in range(len(text) - 1, -1, -1):
        if text[at].lower() in "âêôăơư":
            return text[:at] + unicodedata.normalize("NFC", text[at] + tone) + text[at + 1 :]
    return None


def _phrases(words: list[Token]) -> list[Token]:
    """Fixed wordings that every office uses: bodies, kinds of papers, what a form prints into the answer. The longest goes first."""
    folded = [token.fold for token in words]
    doubtful = [token.raw_differs or token.confidence < _DOUBTFUL for token in words]
    free = [True] * len(words)
    for size, exact in _by_size():
        for start in range(len(words) - size + 1):
            if not all(free[start : start + size]):
                continue
            window = words[start : start + size]
            read = folded[start : start + size]
            phrase = exact.get(" ".join(read))
            if phrase is None and size > 2 and any(doubtful[start : start + size]):
                said = " ".join(read)
                near = process.extract_iter(said, exact.keys(), scorer=Levenshtein.distance, score_cutoff=max(1, len(said) // 8))
                phrase = next((exact[letters] for letters, _, _ in near if _reads_like(said, read, letters)), None)
            if phrase is None or (size < 3 and (not _same_case(window, phrase) or _surely_others(window, phrase))):
                continue  # "xã Văn Phong" is a place, "Văn phòng" is a body; "Công nhận" is a decision's word, "Công nhân" a trade
            # Within words that are written as the list writes them, one capital is a misread l or v.
            cased = sum(core_of(token)[:1].isupper() == word[:1].isupper() for token, word in zip(window, phrase, strict=True))
            small = size > 3 and cased == size - 1
            words[start : start + size] = [
                written(token, word, certain=True, case_read=number == 0, inside=number < size - 1, small=small and number > 0)
                for number, (token, word) in enumerate(zip(window, phrase, strict=True))
            ]
            free[start : start + size] = [False] * size
    return words


def _surely_others(window: Sequence[Token], phrase: Sequence[str]) -> bool:
    """True when other words than `phrase`, which texts have side by side as well, were read without a doubt."""
    others = [token for token, word in zip(window, phrase, strict=True) if plain(core_of(token)) != plain(word)]
    if not others or any(token.confidence < CERTAIN or token.raw_differs for token in others):
        return False
    model = language()
    return not model.unheard(np.array([model.number(core_of(token)) for token in window])).any()


def _with_full_stop(words: list[Token]) -> list[Token]:
    """The full stop of the abbreviation that a signer's title opens with: "TUQ CHỦ TỊCH", "KT, CHỦ TỊCH"."""
    opening = words[0].text.rstrip(".,") + "." if words else ""
    if len(words) > 2 and opening in BEFORE_A_TITLE and words[1].text.isupper():
        return [replace(words[0], text=opening), *words[1:]]
    return words


def _abbreviations(words: list[Token]) -> list[Token]:
    """What every office shortens the same way, a letter amiss: "CC(D", "UBNO"."""
    for at, token in enumerate(words):
        core = token.text.strip(" .,;:")
        if len(core) != 4 or core in _SHORT or core[0].islower() or is_syllable(core) or any(letter.isdigit() for letter in core):
            continue
        near = [short for short in _SHORT if sum(one != two for one, two in zip(core, short, strict=True)) == 1]
        if len(near) == 1:
            words[at] = replace(token, text=token.text.replace(core, near[0]), fold=fold(near[0]), raw_differs=True)
    return words


def _capitals_joined(words: list[Token]) -> list[Token]:
    """An L without its foot, torn off its word: "I ợi" is "Lợi"."""
    for at, (token, following) in enumerate(pairwise(words)):
        rest = following.text.strip(" .,;:")
        fits = fold(rest[:1]) in _VOWELS and rest[:1].islower() and is_syllable("L" + rest) and fold(rest) not in NUMBERED
        if token.text in ("I", "l", "|") and fits:
            text, sure = "L" + following.text, min(token.confidence, following.confidence)
            box = union([token.box, following.box])
            whole = replace(token, text=text, fold=fold(text), confidence=sure, raw_differs=True, box=box)
            return [*words[:at], whole, *_capitals_joined(words[at + 2 :])]
    return words


def _whole(words: list[Token]) -> list[Token]:
    """A relation or another one-word answer that only one spelling has: "Chông" is "Chồng"."""
    spelt = answers().get("".join(token.fold for token in words), ())
    if len(spelt) != 1 or len(spelt[0]) != len(words):
        return words
    read = [plain(core_of(token)) for token in words]
    if read == [plain(word) for word in spelt[0]]:
        return words
    return [written(token, word, certain=False) for token, word in zip(words, spelt[0], strict=True)]


@cache
def _by_size() -> tuple[tuple[int, dict[str, tuple[str, ...]]], ...]:
    """(number of words, folded words → wording), the longest first."""
    sizes = sorted({len(words) for words in phrases()}, reverse=True)
    return tuple((size, {" ".join(map(fold, words)): words for words in phrases() if len(words) == size}) for size in sizes)


def _reads_like(said: str, read: Sequence[str], letters: str) -> bool:
    """In a wording of three words and more one letter in eight may be another, and half of a short word."""
    allowed = max(1, len(letters) // 9)
    if abs(len(said) - len(letters)) > allowed or len(letters) < 12:
        return False
    return Levenshtein.distance(said, letters, score_cutoff=allowed) <= allowed and all(
        one == two or (len(one) > 1 and Levenshtein.distance(one, two) <= (len(one) + 1) // 2)
        for one, two in zip(read, letters.split(), strict=True)
    )


def _same_case(window: Sequence[Token], phrase: Sequence[str]) -> bool:
    cores = [core_of(token) for token in window]
    return all(core.isupper() for core in cores) or all(
        core[:1].isupper() == word[:1].isupper() for core, word in zip(cores[1:], phrase[1:], strict=True)
    )


def _number_words(words: list[Token]) -> list[Token]:
    """Numbers and dates in words are made of few words: what is none of them and a letter away from one alone is that one."""
    for at, token in enumerate(words):
        core = core_of(token).casefold()
        if not core or core in _SPOKEN:
            continue
        near = [word for word in _SPOKEN if Levenshtein.distance(word, core) == 1]
        if len(near) == 1 and len(core) > 2:
            words[at] = written(token, near[0], certain=False)
    return words


def _person(words: list[Token]) -> list[Token]:
    """The family name, where only one is written with these letters, and the middle name Thị."""
    spoken = [at for at, token in enumerate(words) if token.fold]
    if not 2 <= len(spoken) <= 6 or any(any(letter.isdigit() for letter in words[at].text) for at in spoken):
        return words
    if len(spoken) > 2 and words[spoken[0]].fold in _FORMS_OF_ADDRESS and words[spoken[1]].fold in family_names():
        words[spoken[0]] = written(words[spoken[0]], _FORMS_OF_ADDRESS[words[spoken[0]].fold], certain=False)
        spoken = spoken[1:]
    first = words[spoken[0]]
    families = family_names().get(first.fold, ())
    if len(families) == 1 and plain(core_of(first)) != plain(families[0]):
        words[spoken[0]] = written(first, families[0], certain=False)
    if len(spoken) > 2 and words[spoken[1]].fold == "thi" and without_marks(core_of(words[spoken[1]])).casefold() == "thi":
        words[spoken[1]] = written(words[spoken[1]], "Thị", certain=True)
    return words
