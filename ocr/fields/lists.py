"""Closed lists that values are held against, kept as data in `ocr/fields/data/lists.yaml` with their legal sources."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

import msgspec.yaml

from ocr.fields.folding import fold

# Words that begin a part of an address, by their letters.
_UNITS = {
    "phuong": {"phường", "phương", "phượng"}, "quan": {"quận", "quán"}, "huyen": {"huyện"}, "tinh": {"tỉnh"}, "thanh":
    {"thành", "thanh", "thạnh"},
    "duong": {"đường", "dương"}, "pho": {"phố", "phó", "phở"}, "thon": {"thôn"}, "xom": {"xóm"}, "ap": {"ấp"},
}  # fmt: skip


@cache
def _lists() -> dict[str, dict[str, str]]:
    text = files("ocr").joinpath("fields", "data", "lists.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = msgspec.yaml.decode(text)
    return loaded


@cache
def ethnicities() -> dict[str, str]:
    """Folded name or spelling → official name of each of the 54 ethnic groups."""
    found: dict[str, str] = {}
    for official, others in _lists()["ethnicities"].items():
        for name in (official, *(others or "").split(",")):
            if name.strip():
                found[fold(name)] = official
    return found


@cache
def _spellings() -> dict[str, dict[str, frozenset[str]]]:
    """List → folded words → the spellings that exist."""
    found: dict[str, dict[str, set[str]]] = {}
    for name, words in _names().items():
        if name in ("phrases", "given_names", "positions", "streets"):
            continue
        for word in words.split() if name == "family_names" else words.split(","):
            found.setdefault(name, {}).setdefault(fold(word), set()).add(_plain(word))
    return {name: {folded: frozenset(words) for folded, words in spellings.items()} for name, spellings in found.items()}


@cache
def _names() -> dict[str, str]:
    loaded: dict[str, str] = msgspec.yaml.decode(files("ocr").joinpath("fields", "data", "names.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def phrases() -> tuple[tuple[str, ...], ...]:
    """The words of every fixed wording."""
    return tuple(tuple(phrase.split()) for phrase in _names()["phrases"].split(","))


@cache
def answers() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Folded answer → the words of its spellings: relations, genders."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name in _names()["common"].split(","):
        found[fold(name)] = (*found.get(fold(name), ()), tuple(name.split()))
    return found


@cache
def provinces() -> dict[str, tuple[str, ...]]:
    """Folded name → the words of a province or city, those merged in 2025 too."""
    return {fold(name): tuple(name.split()) for name in _names()["provinces"].split(",")}


@cache
def streets() -> dict[str, frozenset[str]]:
    """Folded name of a street that many towns have → its spellings, in small letters."""
    found: dict[str, set[str]] = {}
    for name in _names()["streets"].split(","):
        found.setdefault(fold(name), set()).add(_plain(name))
    return {folded: frozenset(names) for folded, names in found.items()}


@cache
def family_names() -> dict[str, tuple[str, ...]]:
    """Folded name → its spellings."""
    found: dict[str, tuple[str, ...]] = {}
    for name in _names()["family_names"].split():
        found[fold(name)] = tuple(dict.fromkeys((*found.get(fold(name), ()), name)))
    return found


@cache
def positions() -> frozenset[str]:
    """The offices that papers are signed in, in small letters."""
    return frozenset(" ".join(name.split()).casefold() for name in _names()["positions"].split(","))


@cache
def _name_words() -> frozenset[str]:
    return frozenset(_plain(word) for word in f"{_names()['family_names']} {_names()['given_names']}".split())


@cache
def _place_words() -> frozenset[str]:
    text = files("ocr").joinpath("fields", "data", "place_words.txt").read_text(encoding="utf-8")
    words = " ".join(line for line in text.splitlines() if not line.startswith("#")).split()
    return frozenset(_plain(word).replace("’", "'") for word in words)


def usual_place(word: str) -> bool:
    """True for a word that names of communes and districts are made of."""
    return _plain(word).replace("’", "'") in _place_words()


def usual_name(word: str) -> bool:
    """True for a word that Vietnamese names are made of. Another may be a rare name, or a misread one."""
    return _plain(word) in _name_words()


def _plain(text: str) -> str:
    small = unicodedata.normalize("NFC", text).casefold()
    return " ".join(small.replace("òa", "oà").replace("óa", "oá").replace("úy", "uý").split())


def misspelt(text: str, *, person: bool) -> bool:
    """True when letters of a closed list stand there with other marks: a family name, a province, a relation.

    Nothing is corrected: it only says that what was read does not exist.
    """
    words = re.sub(r"[.,;:()]", " ", text).split()
    if person:
        spellings = _spellings()["family_names"].get(fold(words[0])) if words else None
        middle = len(words) > 2 and _plain(words[1]) == "thi"  # a middle name is Thị; Thi is a given name and stands last
        return middle or (spellings is not None and _plain(words[0]) not in spellings)
    whole = _spellings()["common"].get(fold(text))
    if whole is not None and _plain(text) not in whole:
        return True
    for segment in text.split(","):
        first = segment.split()[0] if segment.split() else ""
        if fold(first) in _UNITS and _plain(first) not in _UNITS[fold(first)]:
            return True
    for hit in re.finditer(r"(?:tỉnh|tinh|thành phố|thanh pho|TP\.?)\s+([^,;.]+)", text, re.IGNORECASE):
        spellings = _spellings()["provinces"].get(fold(hit[1]))
        if spellings is not None and _plain(hit[1]) not in spellings:
            return True
    return False


def misspelt_street(name: str) -> bool:
    """True for the letters of a street that many towns have with other marks: "Nguyễn Đình Chiêu"."""
    return _plain(name) not in streets().get(fold(name), (_plain(name),))


def known_word(word: str) -> bool:
    """True for a word that some list holds: of persons and places, provinces, streets or fixed wordings."""
    return _plain(word).replace("’", "'") in _known_words()


@cache
def _known_words() -> frozenset[str]:
    lists = (_names()[name] for name in ("provinces", "streets", "phrases", "common", "positions"))
    return frozenset(_plain(word) for text in lists for word in re.split(r"[\s,]+", text)) | _name_words() | _place_words()


def province_of(code: str) -> str | None:
    """The province or city of birth registration that a personal number begins with; None for an unknown code."""
    return _lists()["provinces"].get(code)
