"""The metadata that goes with a digitised paper, by the scheme of a decree or guide (`schemes.yaml`).

Empty stays empty: an element is given when a field says it, else left out. A value that is longer than the scheme allows is
never cut; it is left out and told, as is a required element without a value, and a value that nobody has confirmed yet.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
from lxml import etree
from msgspec import Struct

from ocr.export.delivered import Delivered, DeliveredField
from ocr.fields.people import comparable

Fault = Literal["missing", "too_long", "unconfirmed", "not_a_number"]


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One element: its path in the record, its greatest length, and the fact or field it is taken from."""

    path: str
    source: str = msgspec.field(name="from")
    type: Literal["text", "number", "date"] = "text"
    length: int | None = None
    required: bool = False


class Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one decree or guide asks for, in its order."""

    legal_basis: str
    root: str
    elements: tuple[Element, ...]


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type_names: dict[str, str]
    papers: dict[str, dict[str, str]]
    otherwise: dict[str, list[str]]
    schemes: dict[str, Scheme]


class Problem(Struct, frozen=True):
    """What keeps a record from being handed over as it is."""

    element: str
    fault: Fault
    facts: Mapping[str, int | str]


class Record(Struct, frozen=True):
    """One paper's metadata: values by the element's path, in the scheme's order, and what is wrong with them."""

    scheme: str
    values: Mapping[str, str]
    problems: tuple[Problem, ...]


def record(scheme: str, document: Delivered, facts: Mapping[str, str]) -> Record:
    """The metadata of `document`. `facts` are known from outside: doc_code, organ_id, ordinal, language …, without the $.

    Raises KeyError for a scheme that is not known.
    """
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for element in schemes()[scheme].elements:
        value, doubted = _value(element.source, document, facts)
        fault = _fault(element, value)
        if fault:
            problems.append(fault)
        elif value:
            values[element.path] = value
            if doubted:
                problems.append(Problem(element.path, "unconfirmed", {}))
    return Record(scheme, values, tuple(problems))


def schemes() -> Mapping[str, Scheme]:
    """The schemes by name."""
    return _data().schemes


def as_xml(record: Record) -> bytes:
    """The record as an XML document in UTF-8."""
    root = etree.Element(schemes()[record.scheme].root)
    for path, value in record.values.items():
        place = root
        for name in path.split("/"):
            last = place[-1] if len(place) else None
            inner = name != path.rsplit("/", 1)[-1]
            place = last if inner and last is not None and last.tag == name else etree.SubElement(place, name)
        place.text = "".join(letter for letter in value if letter >= " ")  # XML 1.0 has no place for control characters
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def as_object(record: Record) -> dict[str, Any]:
    """The record as an object for JSON; numbers are numbers."""
    numbers = {element.path for element in schemes()[record.scheme].elements if element.type == "number"}
    made: dict[str, Any] = {}
    for path, value in record.values.items():
        *outer, name = path.split("/")
        place = made
        for part in outer:
            place = place.setdefault(part, {})
        place[name] = int(value) if path in numbers else value
    return made


def said(document: Delivered, what: str) -> DeliveredField | None:
    """The field that says `what` (number, issued, issuer, subject, owner, signer, position, addressee, valid_to, scope)."""
    data = _data()
    own = data.papers.get(document.template or "", {})
    names: Sequence[str] = [own[what]] if what in own else () if document.template in data.papers else data.otherwise.get(what, ())
    fields = (document.field(name) for name in names)
    return next((field for field in fields if field is not None and field.value not in (None, "")), None)


def type_name(document: Delivered) -> str:
    """What kind of paper this is: its form's name, or the kind that an administrative paper prints as its title."""
    if document.template == "van_ban_hanh_chinh":
        field = document.field("ten_loai")
        return sentence(str(field.value)) if field and field.value else ""
    return _data().type_names.get(document.template or "", "")


def _value(source: str, document: Delivered, facts: Mapping[str, str]) -> tuple[str, bool]:
    """(value, whether nobody has confirmed it)."""
    if source in ("$code_number", "$code_notation"):
        field = said(document, "number")
        if field is None:
            return "", False
        number, _, notation = str(field.value).partition("/")
        return (number if source == "$code_number" else notation).strip(), field.status == "review"
    if source == "$type_name":
        return type_name(document) or sentence(facts.get("title", "")), not type_name(document)
    if source == "$pages":
        return str(len(document.pages)), False
    if source.startswith("$"):
        return facts.get(source[1:], ""), False
    field = said(document, source)
    if field is None:
        return "", False
    value = " ".join(str(field.value).split())
    return (comparable("id", value) or value) if source == "owner" else value, field.status == "review"


def _fault(element: Element, value: str) -> Problem | None:
    if not value:
        return Problem(element.path, "missing", {}) if element.required else None
    if element.type == "number" and not value.isdigit():
        return Problem(element.path, "not_a_number", {})
    if element.length is not None and len(value) > element.length:
        return Problem(element.path, "too_long", {"length": len(value), "most": element.length})
    if element.type == "date" and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return Problem(element.path, "missing", {})
    return None


def sentence(text: str) -> str:
    """A title in capitals as it stands in a list: its first letter large."""
    return text[:1].upper() + text[1:].lower() if text.isupper() else text


@cache
def _data() -> _Data:
    return msgspec.yaml.decode(files("ocr").joinpath("export/schemes.yaml").read_bytes(), type=_Data)


def comparable_number(text: str) -> str:
    """The personal number in `text`, "" when there is none."""
    return comparable("id", text)
