"""A page's archive image: stored in the work folder as an ordinary picture file, later embedded without decoding it again.

What is stored follows the source, so that the archive neither loses what was there nor grows beyond it:

    the upload's own JPEG         untouched, when the geometry did not change
    black and white               1 bit a pixel, lossless; CCITT Group 4
    grey or colour from a JPEG    JPEG again with the source's own quantisation tables
    grey or colour, lossless      PNG where that is smaller (drawn pages), else JPEG

JPEG 2000 and JBIG2 are never made: the first is poorly supported, the second swaps look-alike digits when lossy.
"""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin
from zlib_ng import zlib_ng

from ocr.pdf import fax

Pixels = NDArray[np.uint8]

_QUALITY = 85  # for sources that tell no quality of their own: no visible loss on print, about a tenth of the PNG
_COARSER = 1.3  # factor between two attempts to meet the size limit
_ATTEMPTS = 6
_WORST_TABLE = 58.0  # mean of a quantisation table at quality 50: small print must stay legible, whatever the size
_SAMPLE_ROWS = 256
_PNG_EFFORT = 2  # of zlib-ng: 4 takes half as long again for four bytes less in a hundred
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_POOR_FAX_PIXELS = 40  # a byte for fewer pixels than these: even dense print gets a byte for some eighty


class Source(Struct, frozen=True):
    """How the picture was stored in the upload: its JPEG header (tables, profile) if any, and its bytes if known."""

    jpeg: bytes | None = None
    size: int | None = None


def store(archive: Pixels, original: Pixels, source: Source, work: Path, name: str, dpi: float) -> Path:
    """Write `archive` (H×W×3 BGR) as `work/name.jpg`, `.png` or `.tif`; `original`, before geometry, tells its kind of colour.

    `source.size` in bytes is what the picture took in the upload; a lossy result keeps within 1.15 times that, in
    proportion to the pixels, as far as legibility allows.
    """
    kind = colours(original)
    if kind == "bilevel":
        return _store_bilevel(Image.fromarray(archive[:, :, 1] >= 128), work, name, dpi)
    pixels = np.ascontiguousarray(archive[:, :, 1]) if kind == "grey" else archive
    if source.jpeg is None and _lossless_is_smaller(pixels):
        return write(_flat_png(pixels), work / f"{name}.png")
    picture = Image.fromarray(pixels if kind == "grey" else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    pixels_before = original.shape[0] * original.shape[1]
    limit = None if source.size is None else int(1.15 * source.size * picture.width * picture.height / pixels_before)
    return write(_jpeg(picture, source.jpeg, limit, dpi), work / f"{name}.jpg")


def store_jpeg(stream: bytes, work: Path, name: str) -> Path:
    """Write the upload's own JPEG stream, untouched."""
    return write(stream, work / f"{name}.jpg")


def _store_bilevel(picture: Image.Image, work: Path, name: str, dpi: float) -> Path:
    fax_file = fax.tiff(picture)
    if len(fax_file) > picture.width * picture.height / _POOR_FAX_PIXELS:
        # A dithered picture is the one kind of page that Group 4 makes larger.
        png_file = _png(picture, dpi)
        if len(png_file) < len(fax_file):
            return write(png_file, work / f"{name}.png")
    return write(fax_file, work / f"{name}.tif")


def colours(pixels: Pixels) -> str:
    """ "bilevel", "grey" or "colour"; exact, but decided on a few rows when these already show colour."""
    few = pixels[:: max(1, len(pixels) // 64)]
    for rows in (few, pixels):
        if not (np.array_equal(rows[:, :, 0], rows[:, :, 1]) and np.array_equal(rows[:, :, 1], rows[:, :, 2])):
            return "colour"
    for rows in (few, pixels):
        green = rows[:, :, 1]
        if np.any((green != 0) & (green != 255)):
            return "grey"
    return "bilevel"


def _lossless_is_smaller(pixels: Pixels) -> bool:
    """Judged on a sample of rows from the whole height, for PNG is slow to write just to be thrown away."""
    band = 8 * max(1, len(pixels) // _SAMPLE_ROWS)
    rows = np.concatenate([pixels[y : y + 8] for y in range(0, len(pixels), band)])
    return len(_flat_png(rows)) <= len(cv2.imencode(".jpg", rows, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1])


def _flat_png(pixels: Pixels) -> bytes:
    """Without row filters: these help photos, which are never stored so, and cost drawn pages bytes and half the time.

    zlib-ng packs as tightly as OpenCV's zlib in a third of its time.
    """
    height, width = pixels.shape[:2]
    rows = np.empty((height, 1 + pixels[0].size), np.uint8)
    rows[:, 0] = 0  # each row begins with its filter's number
    if pixels.ndim == 2:
        rows[:, 1:] = pixels
    else:
        cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=rows[:, 1:].reshape(height, width, 3))
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    body = zlib_ng.compress(rows, _PNG_EFFORT)
    return _PNG_SIGNATURE + b"".join(_chunk(*one) for one in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib_ng.crc32(kind + content))


def _jpeg(picture: Image.Image, like: bytes | None, limit: int | None, dpi: float) -> bytes:
    tables, sampling, profile = _habits(like, picture.mode)
    worst = max(_WORST_TABLE, _COARSER * _COARSER * sum(tables[0]) / 64)
    body = b""
    for _ in range(_ATTEMPTS):
        body = _encode(picture, dpi, profile, qtables=tables, subsampling=sampling)
        if limit is None or len(body) <= limit:
            break
        coarser = [[min(255, round(v * _COARSER) + 1) for v in table] for table in tables]
        if sum(coarser[0]) / 64 > worst:
            break
        tables = coarser
    return body


def _habits(like: bytes | None, mode: str) -> tuple[list[list[int]], int, bytes | None]:
    """Quantisation tables, chroma subsampling and colour profile of the JPEG `like`, or those of the house."""
    if like:
        with JpegImagePlugin.JpegImageFile(BytesIO(like)) as image:
            tables = _tables(image)
            sampling = JpegImagePlugin.get_sampling(image) if image.mode == "RGB" and mode == "RGB" else 0
            profile = image.info.get("icc_profile") if image.mode == mode else None
            return tables[:2], sampling if sampling >= 0 else 2, profile
    with JpegImagePlugin.JpegImageFile(BytesIO(_encode(Image.new(mode, (16, 16)), 72, None, quality=_QUALITY))) as image:
        return _tables(image), 2 if mode == "RGB" else 0, None


def profile_of(like: bytes | None, mode: str) -> bytes | None:
    """The colour profile of the JPEG `like`, when it fits a picture of `mode`."""
    return _habits(like, mode)[2] if like else None


def _tables(image: JpegImagePlugin.JpegImageFile) -> list[list[int]]:
    return [list(image.quantization[key]) for key in sorted(image.quantization)]


def _encode(picture: Image.Image, dpi: float, profile: bytes | None, **how: Any) -> bytes:
    out = BytesIO()
    extra = {"icc_profile": profile} if profile else {}
    picture.save(out, "JPEG", optimize=True, dpi=(round(dpi), round(dpi)), **extra, **how)
    return out.getvalue()


def _png(picture: Image.Image, dpi: float) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def write(body: bytes, path: Path) -> Path:
    """All or nothing: a child may be killed at any instant, and half an image must not be taken for a page."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_bytes(body)
    return unfinished.replace(path)
