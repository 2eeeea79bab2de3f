"""Does a signature that was added later stand over words? Whoever signs last could otherwise paint over what was signed.

A visible signature is an allowed addition even to a certified document, so this is the only sign of the sneaky signature
attack (SSA): what it shows covers the page. Where a page has no text of its own (a scan), dark ink counts.

An agency's seal must overlap the officer's signature (NĐ 30/2020/NĐ-CP, Phụ lục I), and so touches the words around it:
the neighbourhood of an earlier visible signature does not count.
"""

from collections.abc import Iterable

import pypdfium2
from msgspec import Struct

from verification.model import Box

_NEIGHBOURHOOD = 60.0  # points: about the position above a signature and the name below it
_PIXELS_ACROSS = 400
_DARK = 110
_INKED = 0.01


class Place(Struct, frozen=True):
    """A box on a page (from 1), from its top left; `corner` is where that lies in PDF's own coordinates.

    `beside` are the boxes of earlier visible signatures on the same page.
    """

    page: int
    box: Box
    corner: tuple[float, float]
    beside: tuple[Box, ...] = ()

    def parts(self) -> list[Box]:
        """What is left of the box without the neighbourhoods of earlier signatures."""
        left = [self.box]
        for x0, y0, x1, y1 in self.beside:
            zone = (x0 - _NEIGHBOURHOOD, y0 - _NEIGHBOURHOOD, x1 + _NEIGHBOURHOOD, y1 + _NEIGHBOURHOOD)
            left = [part for box in left for part in _without(box, zone)]
        return left


def covered_page(data: bytes, places: Iterable[Place]) -> int | None:
    """The first page of `places` whose box covers text or ink of the page itself; None when none does."""
    wanted = [place for place in dict.fromkeys(places) if place.box[2] - place.box[0] > 1 and place.box[3] - place.box[1] > 1]
    if not wanted:
        return None
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            return next((place.page for place in wanted if _covers(document, place)), None)
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, IndexError, UnicodeError):
        return None


def _without(box: Box, zone: Box) -> list[Box]:
    """The parts of `box` above, below, left and right of `zone`."""
    x0, y0, x1, y1 = box
    a, b, c, d = max(x0, zone[0]), max(y0, zone[1]), min(x1, zone[2]), min(y1, zone[3])
    if a >= c or b >= d:
        return [box]
    parts = [(x0, y0, x1, b), (x0, d, x1, y1), (x0, b, a, d), (c, b, x1, d)]
    return [part for part in parts if part[2] - part[0] > 1 and part[3] - part[1] > 1]


def _covers(document: pypdfium2.PdfDocument, place: Place) -> bool:
    page = document[place.page - 1]
    try:
        return any(_part_covers(page, part, place.corner) for part in place.parts())
    finally:
        page.close()


def _part_covers(page: pypdfium2.PdfPage, box: Box, corner: tuple[float, float]) -> bool:
    left, top = corner
    words = page.get_textpage()
    try:
        if words.count_chars():
            inside = words.get_text_bounded(left + box[0], top - box[3], left + box[2], top - box[1])
            return bool(str(inside).strip())
    finally:
        words.close()
    return _inked(page, box)


def _inked(page: pypdfium2.PdfPage, box: Box) -> bool:
    scale = _PIXELS_ACROSS / max(page.get_size())
    bitmap = page.render(scale=scale, may_draw_forms=False, draw_annots=False, grayscale=True)
    x0, y0, x1, y1 = (max(0, int(edge * scale)) for edge in box)
    rows = [bytes(bitmap.buffer)[y * bitmap.stride + x0 : y * bitmap.stride + x1] for y in range(y0, min(y1, bitmap.height))]
    area = b"".join(rows)
    return bool(area) and sum(1 for value in area if value < _DARK) > _INKED * len(area)
