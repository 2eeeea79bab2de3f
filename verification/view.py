"""One revision of a PDF as qpdf reads it, without repair: the page tree, the form and what it says of signatures.

A revision is the file up to some byte. It is opened with `attempt_recovery=False`: a reader that must guess may guess
otherwise than the reader on a citizen's screen, so a needed repair is a finding and not a convenience.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from msgspec import Struct

from verification.model import Box
from verification.tokens import object_header, skip_space

_DEEPEST_FORM = 32
_MOST_FIELDS = 20_000
_MOST_PAGES = 100_000

# Inherited page attributes must stay where they are: pushed into the pages, they would look like changes.
_OPENING: dict[str, Any] = {"suppress_warnings": True, "inherit_page_attributes": False}

Reference = tuple[int, int]


class FormSignature(Struct, frozen=True):
    """A signature value that the form, or /Perms, leads to. `place` is the byte where its object starts, None inside an object stream."""

    field: str | None
    reference: Reference
    place: int | None
    direct: bool
    lock: "Lock | None"
    widget: Reference | None


class Lock(Struct, frozen=True):
    """A FieldMDP or field lock: `action` All, Include or Exclude (ISO 32000-2, 12.8.2.4)."""

    action: str
    fields: frozenset[str]


class View:
    """A revision opened for reading. `problem` is pdf_encrypted, pdf_damaged or None; `repaired` when qpdf had to guess."""

    def __init__(self, data: bytes, end: int) -> None:
        self.end = end
        self.problem: str | None = None
        self.repaired = False
        self.pdf: pikepdf.Pdf | None = None
        self._pages: list[Any] | None = None
        self._signatures: list[FormSignature] = []
        self._unread = self._find_signatures()
        self._xref: dict[Reference, tuple[int, int, int]] | None = None
        part = data if end == len(data) else data[:end]
        try:
            self.pdf = pikepdf.open(BytesIO(part), attempt_recovery=False, **_OPENING)
        except pikepdf.PasswordError:
            self.problem = "pdf_encrypted"
        except Exception:  # noqa: BLE001 - qpdf's and pikepdf's errors are many; all mean: not readable as it stands
            self._repair(part)
        if self.pdf is not None and self._leads_astray(part):
            self.pdf, self.problem = None, "pdf_damaged"

    def _leads_astray(self, part: bytes) -> bool:
        """Whether the table calls an object by another one's number. qpdf takes the one for the other, and may die of it."""
        places = ((key, place) for key, (kind, place, _) in self.xref().items() if kind == 1 and place > 0)
        headers = ((key, object_header(part, skip_space(part, place))) for key, place in places)
        return any(header is not None and header[:2] != key for key, header in headers)

    def _repair(self, part: bytes) -> None:
        self.repaired = True
        try:
            self.pdf = pikepdf.open(BytesIO(part), attempt_recovery=True, **_OPENING)
            _page_tree(self.pdf.Root)
        except Exception:  # noqa: BLE001 - as above
            self.pdf, self.problem = None, "pdf_damaged"

    @property
    def root(self) -> Any:
        """The document catalog. Only to be asked of a view without a problem."""
        if self.pdf is None:
            raise ValueError("this revision could not be read")
        return self.pdf.Root

    def pages(self) -> list[Any]:
        """The page dictionaries in order; empty when the page tree cannot be walked."""
        if self._pages is None:
            try:
                self._pages = _page_tree(self.root) if self.pdf is not None else []
            except Exception:  # noqa: BLE001 - a damaged page tree
                self.repaired, self._pages = True, []
        return self._pages

    def object(self, reference: Reference) -> Any:
        """An object by number and generation; None when it is null, missing or unreadable."""
        if self.pdf is None:
            return None
        try:
            return self.pdf.get_object(reference)
        except Exception:  # noqa: BLE001 - a damaged object is as good as none
            return None

    def xref(self) -> dict[Reference, tuple[int, int, int]]:
        """Every object's place: (1, byte, 0) in the file, (2, stream number, index) in an object stream."""
        if self._xref is None:
            table = self.pdf.get_xref_table() if self.pdf is not None else {}
            self._xref = {key: _place(entry) for key, entry in table.items()}
        return self._xref

    def form_signatures(self) -> Iterator[FormSignature]:
        """Every signature value that a field or /Perms leads to, the form's newest first; whoever has found one need not go on."""
        yield from self._signatures
        for one in self._unread:
            self._signatures.append(one)
            yield one

    def _find_signatures(self) -> Iterator[FormSignature]:
        if self.pdf is None:
            return
        table = self.xref()
        known: set[Reference] = set()
        with contextlib.suppress(Exception):
            for name, field in form_fields(self.root):
                value = inherited(field, "/V")
                if str(inherited(field, "/FT")) == "/Sig" and isinstance(value, pikepdf.Dictionary):
                    found = _form_signature(name, field, value, table)
                    known.add(found.reference)
                    yield found
        with contextlib.suppress(Exception):
            values = list((self.root.get("/Perms") or pikepdf.Dictionary()).values())
            for value in (v for v in values if isinstance(v, pikepdf.Dictionary) and v.objgen not in known):
                yield _form_signature(None, value, value, table)

    def certification(self) -> int | None:
        """The DocMDP permission of a certified document, 1 to 3; None when it is not certified (ISO 32000-2, 12.8.2.2)."""
        try:
            signature = self.root.get("/Perms", {}).get("/DocMDP")
            return None if signature is None else docmdp_of(signature)
        except Exception:  # noqa: BLE001 - an odd /Perms grants nothing
            return 1


def docmdp_of(signature: Any) -> int | None:
    """The permission a signature's DocMDP transform grants; None without one."""
    for reference in signature.get("/Reference", []):
        if str(reference.get("/TransformMethod")) == "/DocMDP":
            permission = int(reference.get("/TransformParams", {}).get("/P", 2))
            return permission if permission in (1, 2, 3) else 1
    return None


def form_fields(root: Any) -> Iterator[tuple[str, Any]]:
    """Every field of the form with its full name, terminal or not; loops and depth are bounded."""
    form = root.get("/AcroForm")
    if form is None:
        return
    seen: set[Reference] = set()
    stack = [("", field, 0) for field in form.get("/Fields", [])]
    while stack and len(seen) < _MOST_FIELDS:
        parent, field, depth = stack.pop()
        if not isinstance(field, pikepdf.Dictionary) or depth > _DEEPEST_FORM:
            continue
        if field.is_indirect:
            if field.objgen in seen:
                continue
            seen.add(field.objgen)
        own = str(field.get("/T", ""))
        name = f"{parent}.{own}" if parent and own else parent or own
        yield name, field
        stack += [(name, kid, depth + 1) for kid in field.get("/Kids", []) if isinstance(kid, pikepdf.Dictionary) and "/T" in kid]


def corner(page: Any) -> tuple[float, float]:
    """Left and top edge of what a page shows, in PDF's own coordinates; a page without a box counts as A4."""
    try:
        left, bottom, right, top = (float(v) for v in inherited(page, "/CropBox") or inherited(page, "/MediaBox"))
    except (TypeError, ValueError):
        return 0.0, 842.0
    return min(left, right), max(bottom, top)


def annotations_of(page: Any) -> list[Any]:
    """The page's annotations that are objects of their own."""
    listed = page.get("/Annots")
    items = list(listed) if isinstance(listed, pikepdf.Array) else []
    return [item for item in items if isinstance(item, pikepdf.Dictionary) and item.is_indirect]


def box_on(page: Any, annotation: Any) -> Box | None:
    """An annotation's rectangle from its page's top left; None without a usable one."""
    try:
        left, top = corner(page)
        x0, y0, x1, y1 = (float(v) for v in annotation["/Rect"])
    except (KeyError, TypeError, ValueError):
        return None
    return (min(x0, x1) - left, top - max(y0, y1), max(x0, x1) - left, top - min(y0, y1))


def inherited(field: Any, key: str) -> Any:
    """A field's attribute, its own or its ancestors'."""
    for _ in range(_DEEPEST_FORM):
        if key in field:
            return field[key]
        field = field.get("/Parent")
        if not isinstance(field, pikepdf.Dictionary):
            return None
    return None


def _page_tree(root: Any) -> list[Any]:
    """The pages by our own walk: pikepdf's `pages` writes inherited attributes into the pages, which must stay as they are."""
    pages: list[Any] = []
    seen: set[Reference] = set()
    stack = [root["/Pages"]]
    while stack:
        node = stack.pop()
        if not isinstance(node, pikepdf.Dictionary) or (node.is_indirect and node.objgen in seen and "/Kids" in node):
            raise ValueError("the page tree is broken")
        if node.is_indirect:
            seen.add(node.objgen)
        if "/Kids" in node:
            stack += reversed(list(node["/Kids"]))
        else:
            pages.append(node)
        if len(pages) > _MOST_PAGES:
            raise ValueError("too many pages")
    return pages


def page_digest(page: Any) -> str:
    """A digest of what one page shows: its decoded content streams and its boxes, as this reader sees them."""
    made = hashlib.sha256()
    contents = page.get("/Contents")
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if isinstance(stream, pikepdf.Stream):
            try:
                made.update(stream.read_bytes())
            except pikepdf.PdfError:
                made.update(stream.read_raw_bytes())
        made.update(b"\n")
    return made.hexdigest()


def _place(entry: Any) -> tuple[int, int, int]:
    if entry.type == 1:
        return 1, entry.offset, 0
    return (2, entry.obj_stream_number, entry.obj_stream_index) if entry.type == 2 else (0, 0, 0)


def _form_signature(name: str | None, field: Any, value: Any, table: dict[Reference, tuple[int, int, int]]) -> FormSignature:
    holder = value if value.is_indirect else field
    kind, place, _ = table.get(holder.objgen, (0, 0, 0))
    return FormSignature(
        field=name,
        reference=holder.objgen,
        place=place if kind == 1 else None,
        direct=not value.is_indirect,
        lock=_lock(field, value),
        widget=field.objgen if field.is_indirect else None,
    )


def _lock(field: Any, value: Any) -> Lock | None:
    """What the signature itself locks (its FieldMDP transform), else what its field asked for."""
    given = field.get("/Lock")
    for reference in value.get("/Reference", []):
        if str(reference.get("/TransformMethod")) == "/FieldMDP":
            given = reference.get("/TransformParams")
    if not isinstance(given, pikepdf.Dictionary):
        return None
    return Lock(str(given.get("/Action", "/All")).lstrip("/"), frozenset(str(name) for name in given.get("/Fields", [])))
