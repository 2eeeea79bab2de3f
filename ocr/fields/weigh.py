"""The words of one value weighed together: their meaning, how sure the least sure is, whether two readings differ in earnest."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace
from rapidfuzz.distance import Levenshtein

from ocr.fields.address import is_commune, misspelt_commune
from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.lists import family_names, known_word, misspelt_street, provinces, usual_name, usual_place
from ocr.fields.separators import separated
from ocr.fields.spelling import settled
from ocr.fields.types.reading import Reading
from ocr.fields.types.registry import normalise
from ocr.words.language import OTHER, language
from ocr.words.lattice import core
from ocr.words.syllables import is_syllable

# Where the reader changed what its network saw, its calibrated confidence already counts the change: most are tone marks that a
# sentence settles. A name has no sentence around it, figures have no spelling, so there a change must be surer to be believed.
_BELIEVED = {"text": 0.965, "enum": 0.93, "ethnicity": 0.93, "nationality": 0.93, "date_words": 0.93, "money_words": 0.93}
_BELIEVED_ELSEWHERE = 0.985
_STRANGE_BELIEVED = 0.86  # a word that is none must be seen this clearly: strokes of a pen are read as "VV", marks as "Hiêú"
_STROKES = re.compile(r"^[XV]*II+\W*$")  # II, III, VIII: a stroke more or less is another number, and no list or spelling tells
_MEASURE = re.compile(r"[A-Z]: \d+(?:,\d+)?|(?:[A-Z]:)?\d+(?:,\d+)? [cm]?m[.,;]?")
_OF_A_MARK = re.compile(r"[A-Z]:\d")  # who sets no space there sets none before the unit either
_NO_SPACE, _NARROW = 0.2, 0.3  # of a word's height
_STROKES_DOUBTED = 0.93
# A number of an identity paper that came in pieces: "CCCD 056184 963029". Twelve figures, nine on old cards, stand without a space.
_BROKEN_NUMBER = re.compile(r"(?:CCCD|CMND|căn cước|công dân|nhân dân|[Ss]ố)(?: số)? (?!\d{9}\b|\d{12}\b)\d{2,11} \d{2,}")


class Weighed(Struct, frozen=True):
    """`confidence` is that of the least sure word, `differs` when two readings of a word differ and neither is sure enough. `words`
    are the tokens as they are spelt in the end."""

    reading: Reading
    confidence: float
    differs: bool
    words: tuple[Token, ...] = ()


def weigh(tokens: Sequence[Token], kind: str, choices: tuple[str, ...] = ()) -> Weighed:
    """The meaning of `tokens` as a value of type `kind`, in the spelling that closed lists leave no choice about."""
    words = _with_measures_whole(settled(tokens, kind))
    if not _own_text(words):
        words = separated(words, kind)
    reading = normalise(kind, " ".join(token.text for token in words).strip(" .…_,;:|"), choices)
    if reading.value is not None and reading.sure and not _own_text(words):
        if kind == "name":
            reading = Reading(reading.value, _usual(words) and not _marks_lost(tokens, words), reading.checks)
        elif kind == "text":
            real = (
                _real_places(words)
                and _real_offices(words)
                and _real_province(words)
                and not misspelt_commune(str(reading.value))
                and _real_names(words)
                and _real_people(words)
                and not _BROKEN_NUMBER.search(str(reading.value))
            )
            reading = Reading(reading.value, real, reading.checks)
    least = _BELIEVED.get(kind, _BELIEVED_ELSEWHERE)
    return Weighed(
        reading,
        min((_sure_of(token) for token in words if token.fold), default=0.0),
        any(token.raw_differs and token.confidence < (_BELIEVED_ELSEWHERE if _is_figure(token) else least) for token in words)
        or any(_STROKES.match(token.text) and (token.raw_differs or token.confidence < _BELIEVED_ELSEWHERE) for token in words)
        or (kind in ("text", "name") and any(token.confidence < _STRANGE_BELIEVED and _strange(token) for token in words)),
        tuple(words),
    )


def _with_measures_whole(words: Sequence[Token]) -> list[Token]:
    """`words` with the pieces of a measure as one where print leaves no space between them: "C:", "1", "cm" of "C:1cm"."""
    whole: list[Token] = []
    for token in words:
        before = whole[-1] if whole else token
        space = _NARROW if _OF_A_MARK.match(before.text) else _NO_SPACE
        apart = token.box[0] - before.box[2] > space * (token.box[3] - token.box[1]) or token.row != before.row
        if whole and not apart and _MEASURE.fullmatch(f"{before.text} {token.text}"):
            text = before.text + token.text
            box = (before.box[0], before.box[1], token.box[2], token.box[3])
            sure, differs = min(before.confidence, token.confidence), before.raw_differs or token.raw_differs
            whole[-1] = replace(before, text=text, fold=fold(text), box=box, confidence=sure, raw_differs=differs)
        else:
            whole.append(token)
    return whole


def _sure_of(token: Token) -> float:
    """A word's confidence; that of strokes which another reading counted otherwise ("II", "III") is never enough."""
    return min(token.confidence, _STROKES_DOUBTED) if token.raw_differs and _STROKES.match(token.text) else token.confidence


def _own_text(words: Sequence[Token]) -> bool:
    """Words that a born-digital page holds itself were not read, so no spelling of theirs is a misreading."""
    return all(token.confidence == 1.0 and not token.raw_differs for token in words)


def stands_apart(value: object, choices: tuple[str, ...]) -> bool:
    """True when no other of the `choices` is a letter away: "Nam" cannot be a misread "Nữ", but II may be a misread III."""
    if not choices or not isinstance(value, str):
        return False
    return all(choice == value or Levenshtein.distance(fold(choice), fold(value)) > 1 for choice in choices)


def _usual(words: Sequence[Token]) -> bool:
    """Every word of a person's name is one that names are made of; what is longer than a name is a body's and is let pass."""
    spoken = [token for token in words if token.fold]
    if len(spoken) > 5:
        return True
    if spoken and spoken[0].fold == "ongba":  # printed by the form
        spoken = spoken[1:]
    if len(spoken) > 2 and spoken[0].text.casefold() in ("ông", "bà") and spoken[1].fold in family_names():
        spoken = spoken[1:]
    return all(usual_name(token.text.strip(" .,;:()")) for token in spoken)


def _marks_lost(read: Sequence[Token], words: Sequence[Token]) -> bool:
    """True when a word of a name had lost its marks. A list gives back those of a family; those of the other words no list knows:
    where "Nguyên" was read for Nguyễn, "Tiên" may be Tiến."""
    if [token.fold for token in read] != [token.fold for token in words]:
        return False
    return any(_core(one) != _core(two) for one, two in zip(read, words, strict=True))


def _core(token: Token) -> str:
    return token.text.strip(" .,;:()").casefold()


_FORMS_OF_ADDRESS = frozenset({"ông", "bà", "anh", "chị", "cháu"})
_COMMUNES = frozenset({"XÃ", "PHƯỜNG", "TRẤN"})
_PRINTED_UNITS = re.compile(r"(?:xã|phường|trấn|huyện|quận|tỉnh)/[^\W\d_]", re.IGNORECASE)
_PLACES = frozenset({"xa", "phuong", "huyen", "quan", "tran"})  # "tran" of "thị trấn"
_ALSO_NAMES = frozenset({"quan", "tran"})  # at the head of a value "QUÁN ĂN" is no district, and Trần Thị Yến no town
_HAMLETS = frozenset({"bản", "buôn", "làng", "plei", "thôn", "xóm", "ấp", "khóm", "phum", "sóc"})
_HAMLET_SURE = 0.97  # of the words of a hamlet's name, which no list holds


def _real_places(words: Sequence[Token]) -> bool:
    """Behind a unit's word come words that places are called by ("xã Nghĩa Đầng" is no place), up to the comma or a lower-case word; and
    nobody leaves open which unit is meant ("xã/phường"), as a form's own print does."""
    for at, token in enumerate(words):
        if _PRINTED_UNITS.search(token.text):
            return False
        if token.fold not in _PLACES or not (token.text.islower() or (at == 0 and _opens_a_place(token))):
            continue
        for following in words[at + 1 : at + 4]:
            word = following.text.strip(" .,;:()")
            if not word[:1].isupper() or _is_figure(following):
                break
            if not usual_place(word) and len(word) > 1 and not is_commune(_name_from(words, at + 1)):
                return False
            if following.text.endswith((",", ";", ".")):
                break
    return True


def _opens_a_place(token: Token) -> bool:
    return token.fold not in _ALSO_NAMES or token.text.casefold() == "quận"


def _real_offices(words: Sequence[Token]) -> bool:
    """The commune in an office's name in capitals is called by words of places, and by two of them at least: "XÃ PHƯỚC HẠU" was misread,
    and of "PHƯỜNG BÌNH" a line was lost."""
    for at, token in enumerate(words):
        if token.text not in _COMMUNES or not all(one.text.isupper() for one in words[at:]):
            continue
        name = _name_from(words, at + 1).split()
        if name[:1] == ["HỘI"] or (at + 1 < len(words) and _is_figure(words[at + 1])):
            continue  # "BẢO HIỂM XÃ HỘI", "PHƯỜNG 5"
        if len(name) < 2 or not (all(map(usual_place, name)) or is_commune(" ".join(name))):
            return False
    return True


def _name_from(words: Sequence[Token], at: int) -> str:
    """The capitalised words from `at` up to the comma."""
    name: list[str] = []
    for token in words[at:]:
        if not token.text[:1].isupper():
            break
        name.append(token.text.strip(" .,;:()"))
        if token.text.endswith((",", ";", ".")):
            break
    return " ".join(name)


def _real_province(words: Sequence[Token]) -> bool:
    """Behind "tỉnh" comes a province of the list: "tỉnh Đắk Tắk" was misread."""
    for at, token in enumerate(words):
        if token.fold != "tinh" or not (token.text.islower() or at == 0) or at + 1 == len(words) or not words[at + 1].text[:1].isupper():
            continue
        letters = [fold("".join(one.text for one in words[at + 1 : at + 1 + size])) for size in (1, 2, 3, 4)]
        if not any(one in provinces() for one in letters):
            return False
    return True


def _real_names(words: Sequence[Token]) -> bool:
    """Streets and bodies are called by words that names are made of ("Bệnh viện Tù Dũ" was misread), known streets by their own."""
    runs: list[list[str]] = [[]]
    sure: dict[str, float] = {}
    for token in words:
        word = token.text.strip(" .,;:()")
        if word.isalpha() and word[:1].isupper():
            runs[-1].append(word)
            sure[word] = min(sure.get(word, 1.0), token.confidence)
        if not word.isalpha() or not word[:1].isupper() or token.text.endswith((",", ";", ".")):
            runs.append([])
    named = [run for run in runs if len(run) > 1]
    known = all(
        all(word.isupper() or known_word(word) for word in run[1:]) or is_commune(" ".join(run)) or _hamlet(run, sure) for run in named
    )
    return known and not any(misspelt_street(" ".join(run)) for run in named)


def _hamlet(run: Sequence[str], sure: Mapping[str, float]) -> bool:
    """A hamlet is called by words of any language ("Bản Nà Lốc"): syllables with their marks, and read surely. One without marks may be
    what was left of a word that is no syllable of Vietnamese ("Buôn Ki A" for Kli)."""
    return run[0].casefold() in _HAMLETS and all(
        known_word(word) or (is_syllable(word) and not word.isascii() and sure[word] >= _HAMLET_SURE) for word in run[1:]
    )


def _real_people(words: Sequence[Token]) -> bool:
    """Whoever is spoken of as "ông" or "bà" is called by words that names are made of: "bà Nghiêm Thị Chỉ" was misread."""
    names = [_name_from(words, at + 1).split() for at, token in enumerate(words) if token.text in _FORMS_OF_ADDRESS]
    return all(len(name) < 2 or all(map(usual_name, name)) for name in names)


def _strange(token: Token) -> bool:
    """No syllable of Vietnamese, and no word or abbreviation that any text uses."""
    letters = core(token.text)
    return bool(letters) and not is_syllable(letters) and language().number(letters) == OTHER


def _is_figure(token: Token) -> bool:
    return any(letter.isdigit() for letter in token.text)
