"""A second PDF reader beside qpdf: pyHanko's. Two readers that see different pages mean that people may, too.

Both walk the page tree of the last revision by themselves and digest, page by page, the decoded content streams and the
boxes. What else pages are made of (pictures, fonts, appearances) need not be digested twice: each reader's cross-reference
table must lead to the same bytes for every object in use. A hybrid file (ISO 32000-2, 7.5.8.4) has two tables, and readers
differ in which they ask first or at all; so the two must not contradict each other.

What pyHanko cannot read at all is no disagreement: it refuses many sound files of other vendors.
"""

import hashlib
from io import BytesIO
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef

from verification.graph import Graph
from verification.tokens import skip_space
from verification.view import View, inherited

_MOST_PAGES = 2000
_MOST_OBJECTS = 100_000
_NOT_SHOWN = ("/Metadata", "/PieceInfo")
_BOXES = ("/MediaBox", "/CropBox", "/Rotate")


def readers_agree(data: bytes, view: View) -> bool | None:
    """Whether both readers see the same pages; None when one of them sees none."""
    if view.problem or view.repaired or not view.pages() or len(view.pages()) > _MOST_PAGES:
        return None
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if not _same_places(data, view, reader):
            return False
        seen = _pages_by_pyhanko(reader)
        own = [_digest(_contents(page), [inherited(page, box) for box in _BOXES]) for page in view.pages()]
    except Exception:  # noqa: BLE001 - pyHanko raises many kinds on odd files; qpdf does on odd streams
        return None
    return seen == own


def _same_places(data: bytes, view: View, reader: PdfFileReader) -> bool:
    """Whether every object in use stands at the same place for both readers, and hybrid tables name one place only."""
    table = view.xref()
    if len(table) > _MOST_OBJECTS:
        return True
    differ = {key for key, place in table.items() if not _same_place(data, place, _place(reader.xrefs[generic.Reference(*key, reader)]))}
    differ |= {(number, 0) for number in _named_twice(reader)}
    if differ and differ & Graph(view).reachable():
        return False
    return not reader.xrefs.hybrid_xrefs_present or not _hidden_on_pages(view, reader)


def _hidden_on_pages(view: View, reader: PdfFileReader) -> bool:
    """Whether a page needs an object that a hybrid file shows to pyHanko alone: qpdf takes the first table's word that it is free."""
    named = {r for revision in range(reader.xrefs.total_revisions) for r in reader.xrefs.explicit_refs_in_revision(revision)}
    hidden = {(r.idnum, r.generation) for r in named if reader.xrefs[r] is not None} - view.xref().keys()
    seen: set[tuple[int, int]] = set()
    stack: list[Any] = [reader.root.raw_get("/Pages")] if hidden else []
    while stack and len(seen) <= _MOST_OBJECTS:
        value = stack.pop()
        if isinstance(value, generic.IndirectObject):
            key = (value.idnum, value.generation)
            if key in hidden:
                return True
            if key in seen:
                continue
            seen.add(key)
            value = _direct(value)
        if isinstance(value, generic.DictionaryObject):
            stack += [value.raw_get(entry) for entry in value if entry not in _NOT_SHOWN]
        elif isinstance(value, generic.ArrayObject):
            stack += [value.raw_get(index) for index in range(len(value))]
    return False


def _place(found: Any) -> tuple[int, int, int]:
    """A place as `View.xref` writes it."""
    if isinstance(found, ObjStreamRef):
        return 2, found.obj_stream_id, found.ix_in_stream
    return (0, 0, 0) if found is None else (1, found, 0)


def _same_place(data: bytes, one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Offsets may point at the white space in front of an object; readers skip it."""
    return one == other or (one[0] == other[0] == 1 and skip_space(data, one[1]) == skip_space(data, other[1]))


def _named_twice(reader: PdfFileReader) -> set[int]:
    """The objects that both tables of one hybrid section name, at different places."""
    found: set[int] = set()
    for revision in range(reader.xrefs.total_revisions):
        table = reader.xrefs.get_xref_data(revision)
        if table.hybrid is not None:
            hidden = table.hybrid.xref_data
            found |= {
                n
                for n, place in table.standard_xrefs.items()
                if n in hidden.xrefs_in_objstm or hidden.standard_xrefs.get(n, place) != place
            }
    return found


def _contents(page: Any) -> list[bytes]:
    contents = page.get("/Contents")
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return [stream.read_bytes() for stream in streams if isinstance(stream, pikepdf.Stream)]


def _pages_by_pyhanko(reader: PdfFileReader) -> list[bytes]:
    if reader.encrypted:
        reader.decrypt(b"")
    found: list[bytes] = []
    stack: list[tuple[Any, dict[str, Any]]] = [(reader.root["/Pages"], {})]
    while stack and len(found) <= _MOST_PAGES:
        node, above = stack.pop()
        node = _direct(node)
        boxes = {box: node[box] if box in node else above.get(box) for box in _BOXES}
        if "/Kids" in node:
            stack += [(kid, boxes) for kid in reversed(list(node["/Kids"]))]
            continue
        contents = node["/Contents"] if "/Contents" in node else None  # noqa: SIM401 - get() skips decryption
        streams = list(contents) if isinstance(contents, generic.ArrayObject) else [contents]
        found.append(_digest([s.data for s in map(_direct, streams) if isinstance(s, generic.StreamObject)], list(boxes.values())))
    return found


def _digest(contents: list[bytes], boxes: list[Any]) -> bytes:
    made = hashlib.sha256()
    for content in contents:
        made.update(hashlib.sha256(content).digest())
    made.update(repr([None if box is None else _numbers(box) for box in boxes]).encode())
    return made.digest()


def _numbers(box: Any) -> list[float]:
    try:
        return [round(float(edge), 3) for edge in box]
    except TypeError:
        return [float(box)]


def _direct(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value
