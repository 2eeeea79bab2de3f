"""What each page shows, digested alike for any reader: contents, boxes, and all that its resources and appearances lead to.

A reader turns PDF objects into plain values (numbers, names, strings, lists, dictionaries, references by object number), and
the digests are made of those: they speak of what was read, not of how a reader writes it. Content streams (a page's own, form
XObjects, tiling patterns: ISO 32000-2, 7.8.2, 8.10 and 8.7.3) count by their decoded bytes. Other streams count by their
dictionary, filters included, and their encoded bytes: the same bytes under the same filters are the same picture or font.
"""

import hashlib
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any, Protocol

MOST_PAGES = 2000
MOST_SECONDS = 2.0
_MOST_OBJECTS = 20_000
_LARGE = 1 << 20
"""Encoded bytes from which on a picture or font counts by its dictionary and length: where it stands is compared apart."""
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_OF_ANNOTATIONS = ("/Subtype", "/Rect", "/F", "/AS", "/OC", "/AP")
_DECODABLE = ("/FlateDecode", "/ASCIIHexDecode", "/ASCII85Decode")
SHOWS_NOTHING = frozenset(("/Parent", "/P", "/V", "/StructParent", "/StructParents", "/Metadata", "/PieceInfo", "/Length"))
"""Entries that lead back, aside or to values: no reader shows them, and `Reader.object` leaves them out."""

Plain = Any
"""None, a number, a str, bytes, a list or a dict of these; a tuple refers to a dictionary, array or stream by number and generation."""


class Reader(Protocol):
    """One reader's eyes. Each method may raise whatever the reader raises."""

    def begin(self, until: float) -> None:
        """Whatever is asked after the moment `until` (of `time.monotonic`) shall raise an error."""
        ...

    def page_tree(self) -> Plain:
        """The root of the page tree, as the catalog names it."""
        ...

    def object(self, reference: tuple[int, int]) -> tuple[Plain, Any]:
        """The object that a reference names (a stream's dictionary), and the stream for `content`, None if it is none."""
        ...

    def content(self, stream: Any, *, decoded: bool) -> bytes:
        """A stream's bytes, its filters taken off or not."""
        ...

    def length(self, stream: Any) -> int:
        """How many bytes a stream has with its filters on."""
        ...


Key = tuple[int, int] | str
"""An object's reference, or "page 3", "contents 3" and "page tree"."""


def same_shown(one: Reader, other: Reader) -> bool | None:
    """Whether two readers see the same of everything that pages show; None when a part was unreadable to one or there was too much
    of it (`MOST_SECONDS` for each reader), the rest alike.

    What one reader cannot read is left out alone, so that a broken piece cannot hide a two-faced one.
    Raises what a reader raises where even the page tree cannot be walked.
    """
    seen, also = _Shown(one).everything(), _Shown(other).everything()
    if any(seen[key] != also[key] for key in seen.keys() & also.keys() if seen[key] and also[key]):
        return False
    if None in seen.values() or None in also.values():
        return None
    return seen.keys() == also.keys()


class _Shown:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[int, int], tuple[Plain, Any]] = {}
        self._digests: dict[Key, bytes | None] = {"page tree": b"a tree"}
        self._waiting: list[tuple[int, int]] = []

    def everything(self) -> dict[Key, bytes | None]:
        """A digest of each page's contents, of what a page says itself, and of each object that these lead to."""
        until = monotonic() + MOST_SECONDS
        self._reader.begin(until)
        for index, (page, inherited) in enumerate(self._pages()):
            if monotonic() > until:
                self._digests["more"] = None
                break
            self._note(f"contents {index}", self._contents, page)
            self._note(f"page {index}", self._page, page, inherited)
        while self._waiting:
            reference = self._waiting.pop()
            if reference in self._digests:
                continue
            if len(self._digests) > _MOST_OBJECTS or monotonic() > until:
                self._digests["more"] = None
                break
            self._note(reference, self._resource, reference)
        return self._digests

    def _pages(self) -> Iterator[tuple[dict[str, Plain], dict[str, Plain]]]:
        count = 0
        parents: set[tuple[int, int]] = set()
        stack: list[tuple[Plain, dict[str, Plain]]] = [(self._reader.page_tree(), {})]
        while stack:
            named, above = stack.pop()
            node = self._of(named)
            inherited = {key: node.get(key, above.get(key)) for key in _INHERITED}
            if "/Kids" in node:
                if named in parents:
                    self._digests["page tree"] = b"a loop"
                    return
                parents.add(named)
                stack += [(kid, inherited) for kid in reversed(self._of(node["/Kids"]))]
                continue
            count += 1
            if count > MOST_PAGES or len(stack) > MOST_PAGES:
                raise ValueError("more pages than are compared")
            yield node, inherited

    def _note(self, key: Key, digest: Callable[..., bytes], *read: Any) -> None:
        try:
            self._digests[key] = digest(*read)
        except Exception:  # noqa: BLE001 - readers raise many kinds on odd objects; the others are still compared
            self._digests[key] = None

    def _contents(self, page: dict[str, Plain]) -> bytes:
        made = hashlib.sha256()
        contents = page.get("/Contents")
        named = self._of(contents)
        for reference in named if isinstance(named, list) else [contents]:
            stream = self._object(reference)[1] if isinstance(reference, tuple) else None
            made.update(b"" if stream is None else hashlib.sha256(self._reader.content(stream, decoded=True)).digest())
        return made.digest()

    def _page(self, page: dict[str, Plain], inherited: dict[str, Plain]) -> bytes:
        notes = [self._of(note) for note in self._of(page.get("/Annots")) or []]
        drawn = [{key: note[key] for key in _OF_ANNOTATIONS if key in note} for note in notes if isinstance(note, dict)]
        rest = {key: self._of(value) if key != "/Resources" else value for key, value in inherited.items()}
        return self._text([rest, page.get("/UserUnit"), page.get("/Group"), drawn])

    def _resource(self, reference: tuple[int, int]) -> bytes:
        plain, stream = self._object(reference)
        return self._text(plain) + (b"" if stream is None else self._streamed(plain, stream))

    def _text(self, value: Plain) -> bytes:
        self._waiting += _references(value)
        return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).digest()

    def _streamed(self, plain: dict[str, Plain], stream: Any) -> bytes:
        drawn = plain.get("/Subtype") == "/Form" or plain.get("/PatternType") == 1
        if drawn and _decodable(plain):
            return hashlib.sha256(self._reader.content(stream, decoded=True)).digest()
        length = self._reader.length(stream)
        return b"%d" % length if length >= _LARGE else hashlib.sha256(self._reader.content(stream, decoded=False)).digest()

    def _of(self, value: Plain) -> Plain:
        return self._object(value)[0] if isinstance(value, tuple) else value

    def _object(self, reference: tuple[int, int]) -> tuple[Plain, Any]:
        if reference not in self._known:
            self._known[reference] = self._reader.object(reference)
        return self._known[reference]


def _decodable(plain: dict[str, Plain]) -> bool:
    filters = plain.get("/Filter") or []
    return "/DecodeParms" not in plain and all(name in _DECODABLE for name in (filters if isinstance(filters, list) else [filters]))


def _references(value: Plain) -> list[tuple[int, int]]:
    """The references in a value."""
    found: list[tuple[int, int]] = []
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, tuple):
            found.append(one)
        elif isinstance(one, (list, dict)):
            stack += one.values() if isinstance(one, dict) else one
    return found
