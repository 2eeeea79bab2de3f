"""What the units in an address are, and what became of them on 1 July 2025 (Resolution 202/2025/QH15: two levels instead of three).

The address as printed is never changed. Beside it stand its parts: the units of before the merger where it names them, the
units of today with their codes, and every candidate where an old commune was divided. An address that no list knows stays
as it is: old streets, misread letters and new units are all possible, so this is for a person to know, no error.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

from msgspec import Struct

from ocr.fields.folding import fold
from ocr.model import Address, Unit

_PROVINCE = re.compile(r"^(?:tỉnh|thành phố|t\.?p\.?)\s*", re.IGNORECASE)
_DISTRICT = re.compile(r"^(?:huyện|quận|thị xã|thành phố|t\.?p\.?|t\.?x\.?|h\.|q\.)\s*", re.IGNORECASE)
_COMMUNE_INSIDE = re.compile(r"(?:(?<=^)|(?<=\s))(?:xã|phường|thị trấn)\s+(?=[^\W\d_a-zà-ỹ])")
_COMMUNE = re.compile(r"^(?:xã|phường|thị trấn|đặc khu|p\.|x\.|tt\.)\s*", re.IGNORECASE)
_KINDS = {"p": "phuong", "x": "xa", "tt": "thitran"}
_BEFORE_A_UNIT = re.compile(r"\s+(?=(?:tỉnh|thành phố|huyện|quận|thị xã|phường|xã|thị trấn|đặc khu)\s+[^\W_])")
_KIND_LETTERS = {"Xã": "xa", "Phường": "phuong", "Thị trấn": "thitran", "Đặc khu": "dackhu"}


class _Commune(Struct, frozen=True):
    code: str
    name: str
    kind: str
    province: str
    district: str = ""
    now: str = ""  # codes of the communes of today, parted by commas


class _Units(Struct, frozen=True):
    """`provinces` and `districts` by code; communes by folded name without their kind."""

    provinces: dict[str, str]
    old_provinces: dict[str, str]
    districts: dict[str, tuple[str, str]]
    new: dict[str, list[_Commune]]
    old: dict[str, list[_Commune]]
    by_code: dict[str, _Commune]


def names_no_known_unit(text: str) -> bool:
    """True for an address of several parts whose units stand in no list: worth a look, no error."""
    return "," in text.strip(" ,.") and parts_of(text).status == "unknown"


@lru_cache(256)
def parts_of(text: str) -> Address:
    """The units `text` names. `status` is "current", "old" (one commune of today holds it), "divided" (several may) or "unknown"."""
    segments = [part for piece in text.split(",") for part in _BEFORE_A_UNIT.split(piece.strip()) if part.strip(" .")]
    units = _units()
    if len(segments) < 2:
        return Address("unknown", text, None, None, None, None, None, ())
    province = _bare(segments[-1], _PROVINCE)
    new_province = next((code for code, name in units.provinces.items() if _bare(name, _PROVINCE) == province), None)
    old_province = next((code for code, name in units.old_provinces.items() if _bare(name, _PROVINCE) == province), None)
    detail = ", ".join(segments[:-2]) or None
    if new_province and (hits := _communes(units.new, segments[-2], "province", new_province)) and len(hits) == 1:
        return Address("current", detail, None, None, None, _unit(hits[0]), Unit(new_province, units.provinces[new_province]), ())
    if old_province is None:
        return Address("unknown", text, None, None, None, None, None, ())
    district = _bare(segments[-2], _DISTRICT)
    in_district = [code for code, (name, of) in units.districts.items() if of == old_province and _bare(name, _DISTRICT) == district]
    found: list[_Commune] = []
    if in_district and len(segments) > 2:
        found = [one for code in in_district for one in _communes(units.old, segments[-3], "district", code)]
        detail = ", ".join(segments[:-3]) or None
    elif not in_district:
        found = _communes(units.old, segments[-2], "province", old_province)
    if not found:
        return Address("unknown", text, None, None, None, None, None, ())
    now = [units.by_code[code] for code in dict.fromkeys(code for one in found for code in one.now.split(",")) if code in units.by_code]
    first = found[0]
    old_district = Unit(first.district, units.districts[first.district][0]) if len({one.district for one in found}) == 1 else None
    old_commune = _unit(first) if len(found) == 1 else None
    old = (old_commune, old_district, Unit(old_province, units.old_provinces[old_province]))
    if len(now) == 1:
        return Address("old", detail, *old, _unit(now[0]), Unit(now[0].province, units.provinces[now[0].province]), ())
    return Address("divided" if now else "unknown", detail, *old, None, None, tuple(map(_unit, now)))


def misspelt_commune(text: str) -> bool:
    """True when the commune named has the letters of communes that exist, but no commune in the country bears these marks."""
    for segment in text.split(","):
        inside = _COMMUNE_INSIDE.search(segment)  # "Ủy ban nhân dân xã Tân Thạnh"
        plain = segment[inside.start() :].strip() if inside else segment.strip()
        kind = _COMMUNE.match(plain)
        letters = fold(plain[kind.end() :]) if kind else ""
        alike = _communes_called(letters)
        if kind and alike and all(_plain(one) != _plain(plain[kind.end() :]) for one in alike):
            return True
    return _misspelt_in_province(text) or _misspelt_without_kind(text)


def _misspelt_in_province(text: str) -> bool:
    """True when the part before a province has the letters of districts or communes there, and the marks of none ("Vũ Thu, Thái Bình")."""
    segments = [part.strip(" .") for part in text.split(",")]
    if len(segments) < 2:
        return False
    units, last = _units(), _bare(segments[-1], _PROVINCE)
    new = {code for code, name in units.provinces.items() if _bare(name, _PROVINCE) == last}
    old = {code for code, name in units.old_provinces.items() if _bare(name, _PROVINCE) == last}
    name = _DISTRICT.sub("", _COMMUNE.sub("", segments[-2]))
    letters = fold(name)
    alike = [_COMMUNE.sub("", one.name) for one in units.new.get(letters, ()) if one.province in new]
    alike += [_COMMUNE.sub("", one.name) for one in units.old.get(letters, ()) if one.province in old]
    alike += [_DISTRICT.sub("", of) for of, province in units.districts.values() if province in old and _bare(of, _DISTRICT) == letters]
    return bool(alike) and all(_plain(one) != _plain(name) for one in alike)


def _misspelt_without_kind(text: str) -> bool:
    """The same of an address that ends in a province and says of no part what it is ("Cấm Lý, Nho Quan, Ninh Bình"), as cards do."""
    segments = [part.strip(" .") for part in text.split(",")]
    if len(segments) < 2 or fold(segments[-1]) not in _province_letters() or _PROVINCE.match(segments[-1]):
        return False
    for segment in segments[-3:-1]:
        letters = fold(segment)
        alike = _communes_called(letters)
        if alike and all(_plain(one) != _plain(segment) for one in alike | _districts_called(letters)):
            return True
    return False


@lru_cache(1024)
def only_spelling(kind: str, name: str) -> str | None:
    """The one way to spell a unit's name of these letters ("xã", "Cấm Lý" → "Cẩm Lý"), where no unit of that kind has these marks; an l
    may have been read as i ("Ea Tui"). None where there is no such unit, or several."""
    letters = fold(name)
    swapped = [letters[:at] + other + letters[at + 1 :] for at, letter in enumerate(letters) if (other := {"i": "l", "l": "i"}.get(letter))]
    named = _communes_called if kind in ("xã", "phường", "trấn") else _districts_called
    found = named(letters) or {one for other in swapped for one in named(other)}
    spelt = {_plain(one): one for one in found}
    return next(iter(spelt.values())) if len(spelt) == 1 and _plain(name) not in spelt else None


def _communes_called(letters: str) -> set[str]:
    """The names without their kind of the communes, of today and of before the merger, that have these folded letters."""
    return {_COMMUNE.sub("", one.name) for of in (_units().new, _units().old) for one in of.get(letters, ())}


def _districts_called(letters: str) -> set[str]:
    return _districts_by_letters().get(letters, set())


@cache
def _districts_by_letters() -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for full, _ in _units().districts.values():
        name = _DISTRICT.sub("", full)
        names.setdefault(fold(name), set()).add(name)
    return names


@cache
def _province_letters() -> frozenset[str]:
    return frozenset(_bare(name, _PROVINCE) for name in (*_units().provinces.values(), *_units().old_provinces.values()))


def is_commune(name: str) -> bool:
    """True for a commune of today or of before the merger, by its name without its kind, marks and all."""
    return any(_plain(one) == _plain(name) for one in _communes_called(fold(name)))


def _communes(communes: dict[str, list[_Commune]], segment: str, level: str, code: str) -> list[_Commune]:
    """The communes of that name in the unit `code`; only those of the kind it says, when it says one."""
    plain = segment.strip(" .")
    said = _COMMUNE.match(plain)
    kind = fold(said[0]) if said else ""
    hits = [one for one in communes.get(fold(plain[said.end() :] if said else plain), ()) if getattr(one, level) == code]
    return [one for one in hits if one.kind == _KINDS.get(kind, kind)] if kind else hits


def _unit(commune: _Commune) -> Unit:
    return Unit(commune.code, commune.name)


def _bare(name: str, kind: re.Pattern[str]) -> str:
    return fold(kind.sub("", name.strip(" .")))


def _plain(name: str) -> str:
    plain = " ".join(name.replace("’", "'").casefold().split()).strip(" .")
    return plain.replace("òa", "oà").replace("óa", "oá").replace("úy", "uý").replace("ủy", "uỷ")


@cache
def _units() -> _Units:
    units = _Units({}, {}, {}, {}, {}, {})
    province = district = ""
    for line in files("ocr").joinpath("fields", "data", "units.tsv").read_text(encoding="utf-8").splitlines():
        sign, _, rest = line.partition("\t")
        if sign.startswith("#"):
            continue
        code, name, *more = rest.split("\t")
        if sign in ("p", "P"):
            province = code
            (units.provinces if sign == "p" else units.old_provinces)[code] = name
        elif sign == "D":
            district = code
            units.districts[code] = (name, province)
        else:
            _add(units, sign, code, name, province, district, more)
    return units


def _add(units: _Units, sign: str, code: str, name: str, province: str, district: str, more: Sequence[str]) -> None:
    letters = more[0]
    kind = next((of for said, of in _KIND_LETTERS.items() if name.startswith(said)), "")
    if sign == "n":
        commune = _Commune(code, name, kind, province)
        units.by_code[code] = commune
        units.new.setdefault(letters, []).append(commune)
    else:
        units.old.setdefault(letters, []).append(_Commune(code, name, kind, province, district, more[1]))
