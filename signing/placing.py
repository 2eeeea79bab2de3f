"""In the child: where a signature's appearance goes, so that the law's place is kept and nothing on the page is covered.

A corner that is taken is left by small steps: the nearest free place within the profile's search area; the same words on
one line, for pages with a narrow margin; the free place nearest to the corner anywhere on the page. A profile whose law does
not make the display a condition of the document's form (`hidden_if_full`) then signs without a display; one that does refuses.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
from msgspec import Struct
from msgspec.structs import replace

from signing.appearance import Drawing, draw
from signing.block import signature_room
from signing.freespace import FreeSpace, free_space, page_shape, place_in, segments
from signing.geometry import PageShape, over_earlier
from signing.model import POINTS_PER_MM, Box, Place, Placement
from signing.tasks import Prepare
from sohoa.errors import SohoaError

# Words stand this share of the earlier appearance away from it.
_BESIDE = -0.05
# Closer to the edge a printer would lose it.
_EDGE_MM = 2.5
_WHOLE_PAGE = (5000.0, 5000.0)
# A plainer arrangement of the words may stand this many points farther from its corner.
_WORTH = 12.0
# A signature block is looked for on the last pages: annexes of the same file may follow it.
_PAGES_BACK = 3
# A page is a picture that has to be read when it has fewer words than this, and this share of it is ink that is no word.
_FEW_WORDS = 10
_WORDLESS = 0.003


class Placed(Struct, frozen=True):
    """An appearance with its place: `page` from 1, `box` as seen; `how` tells when it is not the first choice of the law."""

    page: int
    shape: PageShape
    box: Box
    drawing: Drawing
    how: Placement = ""


class EarlierAppearance(Struct, frozen=True):
    """Where the signature before this one shows itself; `rect` in user space."""

    page: int
    rect: Box


def placed(request: Prepare, pages: int, earlier: EarlierAppearance | None) -> Placed | None:
    """The appearance and its place; None for a signature that shows nothing.

    Raises SohoaError no_free_place, place_not_given, signature_page_missing, signature_page_unread, pdf_not_signable and those of
    `draw`.
    """
    profile = request.profile
    if profile.place.kind == "none":
        return None
    over = earlier if profile.place.kind == "seal" else None
    number = request.page or (over.page if over else None) or (1 if profile.place.page == "first" else pages)
    if not 1 <= number <= pages:
        raise SohoaError("signature_page_missing", page=number)
    with _opened(request.source) as pdf:
        page = pdf[number - 1]
        shape = page_shape(page)
        if request.box:
            box = request.box
            drawing = draw(profile, request.lines, request.image, request.image_mm, (box[2] - box[0], box[3] - box[1]))
            return Placed(number, shape, _around(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), drawing.size), drawing)
        if over:
            drawing = draw(profile, request.lines, request.image, request.image_mm, None)
            # Words over a handwriting would make both unreadable: only a picture of the seal overlaps, words stand beside it.
            share = profile.place.share if request.image else _BESIDE
            return Placed(number, shape, over_earlier(shape.to_seen(over.rect), drawing.size, share), drawing)
        if profile.place.kind in ("given", "seal"):
            return _in_the_block(request, pdf, number)
        return _in_the_corner(request, number, shape, free_space(page, shape, request.avoid))


def _in_the_corner(request: Prepare, number: int, shape: PageShape, space: FreeSpace) -> Placed | None:
    profile = request.profile
    usual = draw(profile, request.lines, request.image, request.image_mm, None)
    drawings, single = [usual], None
    if not request.image and request.lines:
        wide = (shape.size[0] - 2 * _EDGE_MM * POINTS_PER_MM, usual.size[1])
        # The law gives the words and their size, not where the lines break.
        drawings.append(draw(profile, request.lines, None, None, wide))
        single = draw(profile, ("; ".join(request.lines),), None, None, wide)
    edge = min(_EDGE_MM, *profile.place.margin_mm)
    near, narrow = profile.place, replace(profile.place, margin_mm=(edge, edge))
    for place in (near, narrow, replace(narrow, search_mm=_WHOLE_PAGE)):
        how: Placement = "elsewhere" if place.search_mm == _WHOLE_PAGE else ""
        found = [(box, drawing) for drawing in drawings if (box := place_in(space, place, drawing.size))]
        if found:
            by_distance = [_from_corner(box, place, shape) + rank * _WORTH for rank, (box, _) in enumerate(found)]
            return Placed(number, shape, *found[by_distance.index(min(by_distance))], how)
        if single and (box := place_in(space, place, single.size)):
            return Placed(number, shape, box, single, how or "one_line")
    if profile.place.hidden_if_full:
        return None
    raise SohoaError("no_free_place")


def _from_corner(box: Box, place: Place, shape: PageShape) -> float:
    """How far the box stands from its corner's point, in points."""
    x = box[0] if place.corner.endswith("left") else shape.size[0] - box[2]
    y = box[1] if place.corner.startswith("top") else shape.size[1] - box[3]
    return math.hypot(x - place.margin_mm[0] * POINTS_PER_MM, y - place.margin_mm[1] * POINTS_PER_MM)


def _in_the_block(request: Prepare, pdf: pypdfium2.PdfDocument, number: int) -> Placed:
    """Between position and name, found from the page's words: a hand fills the room, a seal stands on its left.

    A page that is a picture has none until somebody has read it, and no earlier page may be taken for it until then.
    """
    profile = request.profile
    wanted = request.image_mm or profile.image_mm
    seal = profile.place.kind == "seal"
    size = (50.0 * POINTS_PER_MM, 20.0 * POINTS_PER_MM) if seal else (wanted[0] * POINTS_PER_MM, wanted[1] * POINTS_PER_MM)
    last = number - 1 if request.page else max(0, number - _PAGES_BACK)
    for candidate in range(number, last, -1):
        page = pdf[candidate - 1]
        shape = page_shape(page)
        seen = next((one.words for one in request.seen if one.number == candidate), None)
        pieces = [*segments(page, shape), *((word.text, word.box) for word in seen or ())]
        space = free_space(page, shape, (*request.avoid, *(word.box for word in seen or ())))
        room = signature_room(pieces, space, size)
        if room is None and seen is None and len(pieces) < _FEW_WORDS and space.wordless >= _WORDLESS:
            raise SohoaError("signature_page_unread", page=candidate)
        if room is None:
            continue
        if seal:
            drawing = draw(profile, request.lines, request.image, request.image_mm, None)
            return Placed(candidate, shape, over_earlier(room, drawing.size, profile.place.share), drawing)
        drawing = draw(profile, request.lines, request.image, request.image_mm, (room[2] - room[0], room[3] - room[1]))
        if drawing.size[1] > room[3] - room[1] + 1 and len(request.lines) > 1:
            drawing = draw(profile, request.lines[:1], None, None, (room[2] - room[0], room[3] - room[1]))
        return Placed(candidate, shape, _around(((room[0] + room[2]) / 2, (room[1] + room[3]) / 2), drawing.size), drawing)
    raise SohoaError("place_not_given")


@contextmanager
def _opened(path: str) -> Iterator[pypdfium2.PdfDocument]:
    try:
        pdf = pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, ValueError):
        raise SohoaError("pdf_not_signable") from None
    try:
        yield pdf
    finally:
        pdf.close()


def _around(middle: tuple[float, float], size: tuple[float, float]) -> Box:
    return (middle[0] - size[0] / 2, middle[1] - size[1] / 2, middle[0] + size[0] / 2, middle[1] + size[1] / 2)
