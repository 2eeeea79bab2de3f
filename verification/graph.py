"""The objects of one revision as comparable text, and which object refers to which.

Two revisions are compared object by object. An object that changed under an unchanged number is harmless only if
*every* way to it is a way on which that change is allowed; so the references between objects are needed, too.
"""

import hashlib
import re
from typing import Any

import pikepdf

from verification.view import Reference, View

_REFERENCE = re.compile(rb"(?<![0-9])(\d{1,10}) (\d{1,5}) R(?![A-Za-z])")
_HEX = re.compile(rb"<[0-9a-f]{100,}>")
_LONG = 1000
_XREF_STREAM = ("/Prev", "/XRefStm", "/Length", "/Filter", "/DecodeParms", "/Type", "/W", "/Index", "/Size")
TRAILER: Reference = (0, 65535)
"""Stands for the trailer among the referrers."""
_INTERNAL = (pikepdf.Name("/XRef"), pikepdf.Name("/ObjStm"))


class Graph:
    """The objects of `view`. With `base`, the graph of an earlier revision, only what differs is read anew.

    `last` is the graph of the file's last revision: what stands still to the end is looked at there, once for all revisions.
    """

    def __init__(self, view: View, base: "Graph | None" = None, last: "Graph | None" = None) -> None:
        self.view = view
        self.places = view.xref()
        self._base = base
        self._last = last
        self._names: dict[Reference, frozenset[Reference]] = {}
        self._void: set[Reference] = set()
        self._text: dict[Reference, bytes] = {}
        self._out: dict[Reference, frozenset[Reference]] | None = None
        self._in: dict[Reference, set[Reference]] | None = None
        self._touched: tuple[Graph, set[Reference]] | None = None

    def touched_since(self, earlier: "Graph") -> set[Reference]:
        """Objects that stand elsewhere than in `earlier` or mean something else now: all that a later revision could have changed."""
        if self._touched is None or self._touched[0] is not earlier:
            moved = self._moved_since(earlier)
            self._touched = (earlier, moved | self._woken_since(earlier, moved))
        return self._touched[1]

    def _moved_since(self, earlier: "Graph") -> set[Reference]:
        moved = {key for key in self.places.keys() | earlier.places.keys() if self.places.get(key) != earlier.places.get(key)}
        containers = {number for number, _ in moved}
        moved |= {key for key, (kind, stream, _) in self.places.items() if kind == 2 and stream in containers}
        return moved

    def _woken_since(self, earlier: "Graph", moved: set[Reference]) -> set[Reference]:
        """Objects that stood still and mean something else all the same: what they need came to life behind them.

        A reference to no object is nothing (ISO 32000-2, 7.3.10), and so is an object that a table places beyond the end of the
        file, or that runs into it. Whoever prepares a file for signing may leave such a thing behind and add what it lacks
        afterwards: a page shows other things although not one of its bytes was touched.
        """
        still = self.places.keys() & earlier.places.keys() - moved
        born = self.places.keys() - earlier.places.keys() | {key for key in earlier.void() & self.places.keys() if self.text(key)}
        if not born:
            return set()
        woken = born & still
        last = self._last or self
        lost = {key for key in born if last.bytes_at(key) != self.bytes_at(key)}
        for key in still:
            same_bytes = last.bytes_at(key) == self.bytes_at(key)
            named = (last if same_bytes else self).names(key)
            if not born.isdisjoint(named) or (same_bytes and lost and not lost.isdisjoint(self.names(key))):
                woken.add(key)
        return woken

    def void(self) -> set[Reference]:
        """Objects that a table names and nobody can read here."""
        self.references()
        return self._void

    def bytes_at(self, key: Reference) -> tuple[object, ...]:
        """Where an object's bytes stand: its own place, and that of the object stream it is in."""
        place = self.places.get(key)
        return (place, self.places.get((place[1], 0))) if place and place[0] == 2 else (place,)

    def names(self, key: Reference) -> frozenset[Reference]:
        """The objects that one object names, as far as there are such in this revision."""
        if key not in self._names:
            self._names[key] = frozenset(_named_in(_outline(self.view.object(key))))
        return self._names[key]

    def text(self, key: Reference) -> bytes:
        """One object written out, streams by digest; b"" for null, missing, and the file's own book-keeping."""
        if key not in self._text:
            self._text[key] = written(self.view.object(key))
        return self._text[key]

    def references(self) -> dict[Reference, frozenset[Reference]]:
        """For every object, the objects that it names."""
        if self._out is None:
            if self._base is not None:
                self._out = dict(self._base.references())
                fresh = self.touched_since(self._base)
            else:
                self._out, fresh = {}, set(self.places)
            self._out[TRAILER] = self._named_by_trailer()
            for key in fresh - {TRAILER}:
                self._out[key] = frozenset(_named_in(self.text(key)))
            before = self._base.void() - fresh if self._base is not None else set()
            self._void = before | {key for key in fresh & self.places.keys() if not self.text(key)}
        return self._out

    def referrers(self, key: Reference) -> set[Reference]:
        """The objects that name `key`."""
        if self._in is None:
            self._in = {}
            for source, targets in self.references().items():
                for target in targets:
                    self._in.setdefault(target, set()).add(source)
        return self._in.get(key, set())

    def _named_by_trailer(self) -> frozenset[Reference]:
        trailer: Any = self.view.pdf.trailer if self.view.pdf is not None else {}
        named = (value for key, value in trailer.items() if key not in _XREF_STREAM)
        return frozenset(reference for value in named for reference in references_in(value))

    def reachable(self) -> set[Reference]:
        """Every object that the trailer leads to."""
        out = self.references()
        stack: list[Reference] = [TRAILER]
        seen: set[Reference] = set()
        while stack:
            key = stack.pop()
            if key not in seen:
                seen.add(key)
                stack += out.get(key, ())
        return seen


def references_in(value: object) -> list[Reference]:
    """The objects that a value names, itself included; what they name in turn is not followed."""
    return _named_in(value.unparse()) if isinstance(value, pikepdf.Object) else []


def _named_in(text: bytes) -> list[Reference]:
    if len(text) > _LONG:  # a signature's own bytes name nothing, and are slow to search
        text = _HEX.sub(b"", text)
    return [(int(number), int(generation)) for number, generation in _REFERENCE.findall(text)]


def written(value: object) -> bytes:
    """A value as canonical text, references kept as references; a stream as its dictionary and a digest of its content."""
    if value is None:
        return b""
    if isinstance(value, pikepdf.Stream):
        if value.get("/Type") in _INTERNAL:
            return b""
        try:
            content = value.read_bytes()
        except Exception:  # noqa: BLE001 - an image codec qpdf does not open, or damage: the raw bytes then
            content = value.read_raw_bytes() + str(value.get("/Filter")).encode()
        return b"stream " + value.stream_dict.unparse() + hashlib.sha256(content).hexdigest().encode()
    if isinstance(value, pikepdf.Object):
        return value.unparse(resolved=True)
    return repr(value).encode()


def _outline(value: object) -> bytes:
    """A value as text without the content of a stream: all that can hold references."""
    if isinstance(value, pikepdf.Stream):
        return value.stream_dict.unparse()
    if isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value:  # a signature's own bytes name nothing, and are long
        return b" ".join(entry.unparse() for key, entry in value.items() if key != "/Contents" and isinstance(entry, pikepdf.Object))
    return value.unparse(resolved=True) if isinstance(value, pikepdf.Object) else b""


def same(one: object, other: object) -> bool:
    """Whether two values are written alike; what they refer to is not followed."""
    return _shallow(one) == _shallow(other)


def _shallow(value: object) -> bytes:
    if value is None:
        return b""
    if isinstance(value, pikepdf.Object):
        return value.unparse()
    return repr(value).encode()
