"""A second PDF reader beside qpdf: pyHanko's. Two readers that see different pages mean that people may, too.

Both walk the page tree of the last revision by themselves and digest, page by page, the decoded content streams and the
boxes. What pyHanko cannot read at all is no disagreement: it refuses many sound files of other vendors.
"""

import hashlib
from io import BytesIO
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from verification.view import View, inherited

_MOST_PAGES = 2000
_BOXES = ("/MediaBox", "/CropBox", "/Rotate")


def readers_agree(data: bytes, view: View) -> bool | None:
    """Whether both readers see the same pages; None when one of them sees none."""
    if view.problem or view.repaired or not view.pages() or len(view.pages()) > _MOST_PAGES:
        return None
    try:
        seen = _pages_by_pyhanko(data)
        own = [_digest(_contents(page), [inherited(page, box) for box in _BOXES]) for page in view.pages()]
    except Exception:  # noqa: BLE001 - pyHanko raises many kinds on odd files; qpdf does on odd streams
        return None
    return seen == own


def _contents(page: Any) -> list[bytes]:
    contents = page.get("/Contents")
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return [stream.read_bytes() for stream in streams if isinstance(stream, pikepdf.Stream)]


def _pages_by_pyhanko(data: bytes) -> list[bytes]:
    reader = PdfFileReader(BytesIO(data), strict=False)
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
