"""The people a paper speaks of, and what it says of each: for comparing papers of one dossier with one another.

Nothing is decided here and no value changes. A card's QR code and machine readable zone are witnesses beside its print.
Values are made comparable per aspect: a number to its twelve figures, a date to ISO, a name to its letters in lower case.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
from msgspec import Struct, structs

from ocr.export.delivered import Delivered, DeliveredField
from ocr.fields.folding import fold, without_marks
from ocr.model import Box

Aspect = Literal["id", "name", "birth", "sex", "ethnicity", "nationality", "address", "origin"]

_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below
_CENTURY = {"0": "19", "1": "19", "2": "20", "3": "20"}


class Statement(Struct, frozen=True):
    """One thing a paper says of a person. `value` is as read, `comparable` what is compared; `field` stands in `document.json`."""

    aspect: Aspect
    value: str
    comparable: str
    field: str
    label: str
    page: int | None
    box: Box | None
    source: str
    status: str


class Person(Struct, frozen=True):
    """A person in one paper: `role` is how its field names call them, "" for the paper's subject."""

    role: str
    statements: tuple[Statement, ...]

    def said(self, aspect: Aspect) -> list[str]:
        """The comparable values of one aspect, in the paper's order, without repetition."""
        return list(dict.fromkeys(one.comparable for one in self.statements if one.aspect == aspect))


class _Aspects(msgspec.Struct):
    aspects: dict[Aspect, list[str]]
    without: list[str] = msgspec.field(name="not")
    templates: dict[str, dict[str, Aspect]]


def people(document: Delivered) -> tuple[Person, ...]:
    """Everybody of whom this document says something that identifies them: a number, or a name with a birth date."""
    found: dict[str, list[Statement]] = {}
    for role, statement in _statements(document):
        found.setdefault(role, []).append(statement)
    everybody = (Person(role, tuple(said)) for role, said in found.items())
    return tuple(person for person in everybody if person.said("id") or (person.said("name") and person.said("birth")))


def comparable(aspect: Aspect, value: str) -> str:
    """`value` as it is compared; "" when it says nothing of this aspect."""
    if aspect == "id":
        numbers = _NUMBER.findall(re.sub(r"(?<=\d)[ .](?=\d)", "", value))
        return numbers[0] if numbers else ""
    if aspect == "birth":
        return value if re.fullmatch(r"\d{4}(-\d{2}-\d{2})?", value) else ""
    if aspect == "sex":
        return text if (text := " ".join(map(_spelling, value.casefold().split()))) in _SEXES else ""
    if aspect == "name":
        return " ".join(map(_spelling, value.casefold().split()))
    return fold(value)


def _spelling(word: str) -> str:
    """A syllable with its tone at the end: "hoà" and "hòa" are one spelling of one name."""
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(letter for letter in letters if letter in _TONES)
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in _TONES)) + tones


_SEXES = frozenset(map(_spelling, ("nam", "nữ")))


def _statements(document: Delivered) -> Iterator[tuple[str, Statement]]:
    for field in document.fields:
        if field.type == "table" and isinstance(field.value, list):
            for number, row in enumerate(field.value):
                yield from _of_row(document.template, field, number, row)
        elif field.name == "qr" and isinstance(field.value, str):
            yield from _of_qr(document, field)
        elif isinstance(field.value, str):
            known = _aspect(document.template, field.name)
            if known:
                yield from _one(known[1], known[0], field.value, field)
    yield from _of_zone([field for field in document.fields if re.fullmatch(r"mrz_[123]", field.name)])


def _one(
    role: str, aspect: Aspect, value: str, field: DeliveredField, source: str = "", box: Box | None = None
) -> Iterator[tuple[str, Statement]]:
    if text := comparable(aspect, value):
        yield (
            role,
            Statement(
                aspect, value, text, field.name, field.label, field.page, box or field.box, source or field.source, field.status_as_read
            ),
        )


def _of_row(template: str | None, field: DeliveredField, number: int, row: Mapping[str, Any]) -> Iterator[tuple[str, Statement]]:
    cells = {cell.column: cell for cell in field.cells if cell.row == number}
    for column, value in row.items():
        known = _aspect(template, column)
        if known and not known[1] and isinstance(value, str):
            cell = cells.get(column)
            place = field if cell is None else structs.replace(field, page=cell.page, box=cell.box, status=cell.status)
            yield from _one(f"{field.name}[{number}]", known[0], value, place)


def _of_qr(document: Delivered, field: DeliveredField) -> Iterator[tuple[str, Statement]]:
    """Personal number | old number | name | birth ddMMyyyy | gender | residence | issue ddMMyyyy."""
    parts = field.value.split("|")
    if len(parts) < 7:
        return
    place = next((code.box for code in document.codes if code.text == field.value.strip()), None)
    birth = f"{parts[3][4:8]}-{parts[3][2:4]}-{parts[3][0:2]}" if re.fullmatch(r"\d{8}", parts[3]) else ""
    said: Sequence[tuple[Aspect, str]] = (("id", parts[0]), ("name", parts[2]), ("birth", birth), ("sex", parts[4]), ("address", parts[5]))
    for aspect, value in said:
        yield from _one("", aspect, value, field, "qr", place)


def _of_zone(lines: Sequence[DeliveredField]) -> Iterator[tuple[str, Statement]]:
    """ICAO 9303-5 (TD1) as on Vietnamese cards; only a zone whose check digits hold is a witness."""
    texts = [str(field.value or "") for field in lines]
    if len(texts) != 3 or any(len(text) != 30 for text in texts):
        return
    if any(check.result != "passed" for field in lines for check in field.checks if check.code == "mrz_check_digit"):
        return
    number = texts[0][15:27]
    if not number.isdigit():
        return
    birth, century = texts[1][0:6], _CENTURY.get(number[3])
    said: list[tuple[Aspect, str, int]] = [("id", number, 0), ("name", " ".join(texts[2].replace("<", " ").split()), 2)]
    if century and birth.isdigit():
        said.append(("birth", f"{century}{birth[0:2]}-{birth[2:4]}-{birth[4:6]}", 1))
    if texts[1][7] in "MF":
        said.append(("sex", "Nam" if texts[1][7] == "M" else "Nữ", 1))
    for aspect, value, line in said:
        yield from _one("", aspect, value, lines[line], "mrz")


def same(aspect: Aspect, one: Statement, two: Statement) -> bool:
    """Whether two statements agree: a zone has no marks, a year agrees with a date in it, an address may be longer."""
    a, b = one.comparable, two.comparable
    if a == b:
        return True
    if aspect == "name" and "mrz" in (one.source, two.source):
        return " ".join(without_marks(a).split()) == " ".join(without_marks(b).split())
    if aspect == "birth":
        return min(len(a), len(b)) == 4 and a[:4] == b[:4]
    if aspect in ("address", "origin"):
        return a in b or b in a
    return False


def _aspect(template: str | None, name: str) -> tuple[Aspect, str] | None:
    """(aspect, role) of a field's name, None when it says nothing of a person."""
    known = _known()
    if own := known.templates.get(template or "", {}).get(name):
        return own, ""
    if name in known.without:
        return None
    name = re.sub(r"_\d+$", "", name)
    begins = ((start, aspect) for aspect, starts in known.aspects.items() for start in starts)
    fits = [(start, aspect) for start, aspect in begins if name == start or name.startswith(f"{start}_")]
    if not fits:
        return None
    start, aspect = max(fits, key=lambda fit: len(fit[0]))
    return aspect, name[len(start) :].strip("_")


@cache
def _known() -> _Aspects:
    return msgspec.yaml.decode(files("ocr").joinpath("fields/data/people.yaml").read_bytes(), type=_Aspects)
