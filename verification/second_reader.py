"""A second PDF reader beside qpdf: pyHanko's. Two readers that see different pages mean that people may, too.

Each walks the page tree of the last revision by itself, and what pages show is compared piece by piece (`verification.shown`).
Every object in use must stand at the same place for both. A hybrid file (ISO 32000-2, 7.5.8.4) has two tables, and readers
differ in which they ask first or at all; so the two must not contradict each other.

What pyHanko cannot read at all is no disagreement: it refuses many sound files of other vendors.
"""

from collections.abc import Callable, Iterable
from io import BytesIO
from math import inf
from os import SEEK_CUR
from time import monotonic
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef

from verification.graph import Graph
from verification.shown import MOST_PAGES, SHOWS_NOTHING, Plain, same_shown
from verification.tokens import skip_space
from verification.view import View

_MOST_OBJECTS = 100_000
_NOT_SHOWN = ("/Metadata", "/PieceInfo")
_DEEPEST = 60
_LONG = 4 << 20


def readers_agree(data: bytes, view: View) -> bool | None:
    """Whether both readers see the same pages; None when one of them sees none."""
    if view.problem or view.repaired or not view.pages() or len(view.pages()) > MOST_PAGES:
        return None
    try:
        reader = PdfFileReader(_Uncopied(data), strict=False)
        if not _same_places(data, view, reader):
            return False
        return same_shown(_Qpdf(view), _PyHanko(reader, lambda reference: view.object(reference) is None))
    except Exception:  # noqa: BLE001 - pyHanko raises many kinds on odd files; qpdf does on odd streams
        return None


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


class _Uncopied(BytesIO):
    """A file in memory that hands out long stretches as they lie there: pyHanko reads whole pictures to know how long they are."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._all = memoryview(data)

    def read(self, size: int | None = -1, /) -> Any:
        if size is None or size < _LONG:
            return super().read(size)
        part = self._all[self.tell() : self.tell() + size]
        self.seek(len(part), SEEK_CUR)
        return part


class _Qpdf:
    """Pages as qpdf reads them."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._until = inf

    def begin(self, until: float) -> None:
        self._until = until

    def page_tree(self) -> Plain:
        return self._inner(self._view.root["/Pages"], 0)

    def object(self, reference: tuple[int, int]) -> tuple[Plain, Any]:
        value = self._view.object(reference)
        return self._plain(value), value if isinstance(value, pikepdf.Stream) else None

    def content(self, stream: Any, *, decoded: bool) -> bytes:
        read: bytes = stream.read_bytes() if decoded else stream.read_raw_bytes()
        return read

    def length(self, stream: Any) -> int:
        return int(stream.get("/Length", 0))

    def _plain(self, value: Any, depth: int = 0) -> Plain:
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
            named = ((_name(key.encode("utf-8", "surrogateescape")), one) for key, one in value.items())
            return _entries((key, self._inner(one, depth)) for key, one in named if key not in SHOWS_NOTHING)
        if isinstance(value, pikepdf.Array):
            return [self._inner(one, depth) for one in value]
        if isinstance(value, pikepdf.Name):
            return _name(bytes(value))
        if isinstance(value, pikepdf.String):
            return bytes(value)
        return value if isinstance(value, bool) or value is None else _number(value)

    def _inner(self, value: Any, depth: int) -> Plain:
        if monotonic() > self._until:
            raise TimeoutError
        container = isinstance(value, (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream))
        return value.objgen if container and value.is_indirect else self._plain(value, depth + 1)


class _PyHanko:
    """Pages as pyHanko reads them. It resolves references only where asked to, so that loops stay references."""

    def __init__(self, reader: PdfFileReader, void: Callable[[tuple[int, int]], bool]) -> None:
        """`void`: whether the other reader finds nothing under a reference, either."""
        self._reader: Any = reader
        self._void = void
        self._until = inf
        if reader.encrypted:
            reader.decrypt(b"")

    def begin(self, until: float) -> None:
        self._until = until

    def page_tree(self) -> Plain:
        return self._inner(self._reader.root.raw_get("/Pages"), 0)

    def object(self, reference: tuple[int, int]) -> tuple[Plain, Any]:
        value = self._reader.get_object(generic.Reference(*reference, self._reader))
        return self._plain(value), value if isinstance(value, generic.StreamObject) else None

    def content(self, stream: Any, *, decoded: bool) -> bytes:
        if isinstance(stream.encoded_data, memoryview):
            stream = generic.StreamObject(dict(stream), encoded_data=bytes(stream.encoded_data))
        read: bytes = stream.data if decoded else stream.encoded_data
        return read

    def length(self, stream: Any) -> int:
        return len(stream.encoded_data)

    def _plain(self, value: Any, depth: int = 0) -> Plain:
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        if isinstance(value, generic.DictionaryObject):
            return _entries((key, self._inner(value.raw_get(key), depth)) for key in value if key not in SHOWS_NOTHING)
        if isinstance(value, generic.ArrayObject):
            return [self._inner(value.raw_get(index), depth) for index in range(len(value))]
        if isinstance(value, generic.NameObject):
            return str(value)
        if isinstance(value, (generic.TextStringObject, generic.ByteStringObject)):
            return value.original_bytes
        if isinstance(value, generic.BooleanObject):
            return bool(value)
        return None if isinstance(value, generic.NullObject) else _number(value)

    def _inner(self, value: Any, depth: int) -> Plain:
        if monotonic() > self._until:
            raise TimeoutError
        if isinstance(value, generic.IndirectObject):
            try:
                target = _direct(value)
            except Exception:  # noqa: BLE001 - unreadable itself, it shall not hide what names it
                reference = (value.idnum, value.generation)
                return None if self._void(reference) else reference
            if isinstance(target, (generic.DictionaryObject, generic.ArrayObject)):
                return value.idnum, value.generation
            value = target
        return self._plain(value, depth + 1)


def _entries(pairs: Iterable[tuple[str, Plain]]) -> Plain:
    """A dictionary in the order of its keys; an entry of null is none (ISO 32000-2, 7.3.7)."""
    return dict(sorted((key, value) for key, value in pairs if value is not None))


def _name(written: bytes) -> str:
    """A name as pyHanko spells it: the specification gives names no encoding (ISO 32000-2, 7.3.5)."""
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("latin-1")


def _number(value: Any) -> float:
    return round(float(value), 4)


def _direct(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value
