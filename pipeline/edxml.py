"""A package for the national document axis (QCVN 102:2016/BTTTT): header, references, and the signed PDF inside.

What the header says, in which order and how long it may be, is data (`edxml.yaml`). Empty stays empty: an element without a
value is left out, and when it is required that is told. The package is read again before it leaves.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files

import msgspec
from lxml import etree
from msgspec import Struct

from ocr.export.metadata import Problem
from sohoa.errors import SohoaError

NEW = "0"  # BussinessDocType: a new document
_XLINK = "http://www.w3.org/1999/xlink"


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One element of the header."""

    path: str
    source: str = msgspec.field(name="from")
    type: str = "text"
    length: int | None = None
    required: bool = False
    repeat: bool = False


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header in its order."""

    legal_basis: str
    namespace: str
    elements: tuple[Element, ...]


class Attachment(Struct, frozen=True):
    """A file of the package."""

    name: str
    media_type: str
    content: bytes

    @property
    def id(self) -> str:
        """Its content id, from its bytes: the same file gives the same package."""
        return sha256(self.content).hexdigest()[:32]


class Package(Struct, frozen=True):
    """What a package says: values by the element's path, those of a repeated element in their order, and its files."""

    values: Mapping[str, tuple[str, ...]]
    attachments: tuple[Attachment, ...]


@cache
def schema() -> Schema:
    """The schema of `edxml.yaml`."""
    return msgspec.yaml.decode(files("pipeline").joinpath("edxml.yaml").read_bytes(), type=Schema)


def facts_of(record: Mapping[str, str], known: Mapping[str, str], moment: datetime) -> dict[str, str]:
    """The values that elements are taken from: a metadata record's, the office's own, and those of this package."""
    facts = {**known, **record}
    day, timestamp = record.get("IssuedDate", "").replace("-", "/"), moment.strftime("%Y/%m/%d %H:%M:%S")
    parts = (known.get("organ_id", ""), day, record.get("CodeNumber", ""), record.get("CodeNotation", ""))
    name = f"{parts[0]},{day},{parts[2]}/{parts[3]}" if all(parts) else ""
    return facts | {"document_id": name, "timestamp": timestamp, "business": NEW}


def fill(facts: Mapping[str, str], to: Mapping[str, str]) -> tuple[dict[str, tuple[str, ...]], tuple[Problem, ...]]:
    """(values by path, what keeps the package from being sent). `to` gives the addressees, name by id."""
    values: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for element in schema().elements:
        several = {"to_id": tuple(to), "to_name": tuple(to.values())}.get(element.source) if element.repeat else None
        found = several if several is not None else tuple(filter(None, (facts.get(element.source, ""),)))
        if element.type == "date":
            found = tuple(one.replace("-", "/") for one in found)
        if element.required and not any(found):
            problems.append(Problem(element.path, "missing", {}))
        elif element.length is not None and any(len(one) > element.length for one in found):
            longest = max(map(len, found))
            problems.append(Problem(element.path, "too_long", {"length": longest, "most": element.length}))
        elif any(found):
            values[element.path] = found
    return values, tuple(problems)


def pack(package: Package) -> bytes:
    """The package as XML in UTF-8; raises SohoaError output_not_sound when reading it again gives anything else."""
    name = schema().namespace
    root = etree.Element(f"{{{name}}}edXML", nsmap={None: name, "edXML": name})
    envelope = etree.SubElement(root, f"{{{name}}}edXMLEnvelope")
    header = etree.SubElement(envelope, f"{{{name}}}edXMLHeader")
    for group, members in _groups(package.values):
        for number in range(max(len(package.values[path]) for path in members)):
            place = _down(header, group, new=True)
            for path in members:
                if number < len(package.values[path]):
                    last = etree.SubElement(place, f"{{{name}}}{path.rpartition('/')[2]}")
                    last.text = _plain(package.values[path][number])
    body = etree.SubElement(envelope, f"{{{name}}}edXMLBody")
    manifest = etree.SubElement(body, f"{{{name}}}edXMLManifest", version="1.0")
    encoded = etree.SubElement(root, f"{{{name}}}AttachmentEncoded")
    for one in package.attachments:
        href = {f"{{{_XLINK}}}href": f"cid:{one.id}", f"{{{_XLINK}}}type": "simple"}
        reference = etree.SubElement(manifest, f"{{{name}}}Reference", href, nsmap={"xlink": _XLINK})
        inside = etree.SubElement(encoded, f"{{{name}}}Attachment")
        content = base64.b64encode(one.content).decode()
        for place, pairs in (
            (reference, {"AttachmentName": one.name, "ContentType": one.media_type, "ContentId": f"cid:{one.id}"}),
            (
                inside,
                {
                    "ContentType": one.media_type,
                    "ContentId": one.id,
                    "ContentTransferEncoded": content,
                    "AttachmentName": one.name,
                },
            ),
        ):
            for tag, text in pairs.items():
                etree.SubElement(place, f"{{{name}}}{tag}").text = text
    made = bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
    again = unpack(made)
    cleaned = {path: tuple(map(_plain, texts)) for path, texts in package.values.items()}
    if again.values != cleaned or again.attachments != package.attachments:
        raise SohoaError("output_not_sound")
    return made


def unpack(content: bytes) -> Package:
    """What a package says. For our own ones; a foreign one is read in a killable child. Raises SohoaError edxml_unreadable."""
    name = schema().namespace
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        root = etree.fromstring(content, parser)
        header = root.find(f"{{{name}}}edXMLEnvelope/{{{name}}}edXMLHeader")
        if header is None:
            raise SohoaError("edxml_unreadable")
        values = {}
        for element in schema().elements:
            found = header.findall("/".join(f"{{{name}}}{part}" for part in element.path.split("/")))
            if found:
                values[element.path] = tuple(one.text or "" for one in found)
        inside = {one.findtext(f"{{{name}}}ContentId"): one for one in root.iterfind(f"{{{name}}}AttachmentEncoded/{{{name}}}Attachment")}
        attachments = []
        for reference in root.iter(f"{{{name}}}Reference"):
            one = inside[(reference.findtext(f"{{{name}}}ContentId") or "").removeprefix("cid:")]
            body = base64.b64decode(one.findtext(f"{{{name}}}ContentTransferEncoded") or "", validate=True)
            called, kind = (one.findtext(f"{{{name}}}{tag}") or "" for tag in ("AttachmentName", "ContentType"))
            attachments.append(Attachment(called, kind, body))
    except (etree.XMLSyntaxError, KeyError, binascii.Error):
        raise SohoaError("edxml_unreadable") from None
    return Package(values, tuple(attachments))


def _groups(values: Mapping[str, tuple[str, ...]]) -> Sequence[tuple[str, list[str]]]:
    """Paths by the element they stand in, in the schema's order."""
    groups: dict[str, list[str]] = {}
    for element in schema().elements:
        if element.path in values:
            groups.setdefault(element.path.rpartition("/")[0], []).append(element.path)
    # An element that stands in a group by itself between others keeps its place.
    ordered: list[tuple[str, list[str]]] = []
    for element in schema().elements:
        group = element.path.rpartition("/")[0]
        if element.path not in values:
            continue
        if group.count("/") == 0:
            ordered.append((group, [element.path]))
        elif group in groups:
            ordered.append((group, groups.pop(group)))
    return ordered


def _down(header: etree._Element, group: str, new: bool) -> etree._Element:
    """The element that `group` names: its last part anew, unless it stands at the top."""
    place, name = header, schema().namespace
    parts = group.split("/")
    for number, part in enumerate(parts):
        last = place[-1] if len(place) else None
        fresh = new and number == len(parts) - 1 and number > 0
        if last is None or last.tag != f"{{{name}}}{part}" or fresh:
            last = etree.SubElement(place, f"{{{name}}}{part}")
        place = last
    return place


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter >= " ")  # XML 1.0 has no place for control characters
