"""What a person would see change: each page as it was signed beside the page as the file shows it now.

Evidence for people, not a check: the verdict never depends on rendering. Only files with later revisions are rendered,
by pdfium at screen size, and only pages that look different are kept, the differing area framed in red.
"""

import ctypes
import zlib
from struct import pack

import pypdfium2 as pdfium
from msgspec import Struct

from verification.model import Difference, PageDifference
from verification.raw import scan

_SCALE = 1.0  # pixels a point: 72 dpi, enough to see a word
_MOST_COMPARED = 60
_MOST_SHOWN = 6
_LARGEST_SIDE = 2000
_FRAME = (32, 32, 200)  # blue, green, red
_DOCUMENT_TIMESTAMP = "ETSI.RFC3161"


def difference(data: bytes) -> Difference | None:
    """What changed to the eye since the first signature; None when nothing came after it, or it cannot be told."""
    ends = sorted(s.end for s in scan(data).signatures if not s.placeholder and not s.problem and s.subfilter != _DOCUMENT_TIMESTAMP)
    if not ends or not data[ends[0] :].strip():
        return None
    try:
        before, after = pdfium.PdfDocument(data[: ends[0]]), pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return None
    with before, after:
        for document in (before, after):
            document.init_forms()  # without it, pdfium leaves out what signature fields show
        found: list[PageDifference] = []
        for number in range(min(max(len(before), len(after)), _MOST_COMPARED)):
            one = _compared(_render(before, number), _render(after, number), number + 1, len(found) < _MOST_SHOWN)
            if one is not None:
                found.append(one)
    return Difference(ends[0], tuple(found[:_MOST_SHOWN]), max(0, len(found) - _MOST_SHOWN))


class _Picture(Struct, frozen=True):
    """BGRx pixels, `width` × `height`, no padding."""

    width: int
    height: int
    pixels: bytes


def _render(document: pdfium.PdfDocument, number: int) -> _Picture | None:
    if number >= len(document):
        return None
    try:
        page = document[number]
        scale = min(_SCALE, _LARGEST_SIDE / max(*page.get_size(), 1))
        bitmap = page.render(scale=scale, may_draw_forms=True, rev_byteorder=False, force_bitmap_format=pdfium.raw.FPDFBitmap_BGRx)
    except pdfium.PdfiumError:
        return None
    row = bitmap.width * 4
    raw = ctypes.string_at(bitmap.buffer, bitmap.stride * bitmap.height)
    pixels = raw if bitmap.stride == row else b"".join(raw[y * bitmap.stride : y * bitmap.stride + row] for y in range(bitmap.height))
    return _Picture(bitmap.width, bitmap.height, pixels)


def _compared(before: _Picture | None, after: _Picture | None, page: int, shown: bool) -> PageDifference | None:
    if before == after:
        return None
    if not shown:
        return PageDifference(page, None, None)
    if before is None or after is None or (before.width, before.height) != (after.width, after.height):
        return PageDifference(page, _png(before) if before else None, _png(after) if after else None)
    box = _differing(before, after)
    return PageDifference(page, _png(_framed(before, box)), _png(_framed(after, box)))


def _differing(before: _Picture, after: _Picture) -> tuple[int, int, int, int]:
    """The smallest box, in pixels, that holds every difference."""
    row = before.width * 4
    left, right, rows = before.width, 0, []
    for y in range(before.height):
        one, other = before.pixels[y * row : (y + 1) * row], after.pixels[y * row : (y + 1) * row]
        if one == other:
            continue
        rows.append(y)
        changed = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
        left = min(left, (row * 8 - changed.bit_length()) // 32)
        right = max(right, before.width - ((changed & -changed).bit_length() - 1) // 32)
    return left, rows[0], right, rows[-1] + 1


def _framed(picture: _Picture, box: tuple[int, int, int, int]) -> _Picture:
    pixels = bytearray(picture.pixels)
    x0, y0 = max(0, box[0] - 4), max(0, box[1] - 4)
    x1, y1 = min(picture.width, box[2] + 4), min(picture.height, box[3] + 4)
    line = bytes((*_FRAME, 255))
    for y in range(y0, y1):
        thick = y < y0 + 2 or y >= y1 - 2
        for start, stop in ((x0, x1),) if thick else ((x0, min(x0 + 2, x1)), (max(x1 - 2, x0), x1)):
            at = (y * picture.width + start) * 4
            pixels[at : at + (stop - start) * 4] = line * (stop - start)
    return _Picture(picture.width, picture.height, bytes(pixels))


def _png(picture: _Picture) -> bytes:
    """RGB, eight bits, no filter (ISO/IEC 15948): the base installation has no imaging library."""
    rgb = bytearray(picture.width * picture.height * 3)
    for target, source in ((0, 2), (1, 1), (2, 0)):
        rgb[target::3] = picture.pixels[source::4]
    row = picture.width * 3
    rows = b"".join(b"\0" + rgb[y * row : (y + 1) * row] for y in range(picture.height))
    header = pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 6)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))
