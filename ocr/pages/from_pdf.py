"""PDF pages to pixels: the page's one scanned picture as it is, everything else rendered.

A scanner's PDF is a page with one picture over all of it (and perhaps invisible text). Rendering such a page would
resample it and lose the original JPEG, so the picture itself is taken. Masks, crops, /Decode arrays, odd colour spaces
and annotations all change what a reader sees, and no library lists them completely; therefore the picture found is
compared with a small rendering of the page, and the rendering wins when they differ.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from ocr.pages import jpeg_stream
from ocr.pages.from_image import opened
from ocr.pages.model import LARGEST_PIXELS, MM_PER_INCH, Pixels, RawPage
from sohoa.errors import SohoaError

RENDER_DPI = 300
# A born-digital plan may be as large as A0: at 300 dpi that is more than a reader needs, so larger sheets get fewer dots.
RENDER_PIXELS = 70_000_000
_POINTS = 72.0
_SOURCE = "application/pdf"
_THUMBNAIL = 480
_PASSWORD_ERRORS = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


def decode(path: str, number: int) -> RawPage:
    """Page `number` (from 1). Raises SohoaError: pdf_damaged, pdf_encrypted, page_missing, image_too_large."""
    with _opened(path) as document:
        if number > len(document):
            raise SohoaError("page_missing", number=number)
        page = document[number - 1]
        try:
            width, height = page.get_size()
            if not (math.isfinite(width * height) and width > 1 and height > 1):
                raise SohoaError("pdf_damaged")
            size = (width / _POINTS * MM_PER_INCH, height / _POINTS * MM_PER_INCH)
            picture = _only_picture(page)
            if picture is None:
                return _rendered(page, RENDER_DPI, size)
            return _as_it_is(page, picture, size) or _rendered(page, _native_dpi(page, picture), size)
        finally:
            page.close()


def drawn(path: str, number: int, dpi: float) -> Pixels:
    """Page `number` (from 1) drawn in grey, H×W, for what needs no detail. Raises SohoaError: pdf_damaged, pdf_encrypted."""
    with _opened(path) as document:
        page = document[number - 1]
        try:
            width, height = page.get_size()
            dpi = min(dpi, math.sqrt(RENDER_PIXELS / max(1.0, width * height)) * _POINTS)
            bitmap = page.render(scale=dpi / _POINTS, grayscale=True).to_numpy()
            return np.ascontiguousarray(bitmap.reshape(bitmap.shape[:2]), np.uint8)
        finally:
            page.close()


def count_pages(path: str) -> int:
    """Raises SohoaError: pdf_damaged, pdf_encrypted."""
    with _opened(path) as document:
        return len(document)


@contextmanager
def _opened(path: str) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise SohoaError("pdf_encrypted" if error.err_code in _PASSWORD_ERRORS else "pdf_damaged") from None
    try:
        if len(document) < 1:
            raise SohoaError("pdf_damaged")
        document.init_forms()  # filled fields are part of what a reader sees
        yield document
    except (pypdfium2.PdfiumError, ValueError, cv2.error):
        raise SohoaError("pdf_damaged") from None
    finally:
        document.close()


def _only_picture(page: pypdfium2.PdfPage) -> pypdfium2.PdfImage | None:
    """The picture that covers the whole page when nothing else is visible on it."""
    found = None
    for item in page.get_objects(max_depth=1):
        if item.type == pdfium.FPDF_PAGEOBJ_TEXT:
            if pdfium.FPDFTextObj_GetTextRenderMode(item) != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                return None
        elif item.type != pdfium.FPDF_PAGEOBJ_IMAGE or found is not None:
            return None
        else:
            found = item
    if found is None or pdfium.FPDFPage_GetAnnotCount(page) > 0 or pdfium.FPDFPageObj_HasTransparency(found):
        return None
    return found if _covers(page, found) else None


def _covers(page: pypdfium2.PdfPage, picture: pypdfium2.PdfImage) -> bool:
    a, b, c, d, _, _ = picture.get_matrix().get()
    if a <= 0 or d <= 0 or abs(b) > 0.001 * a or abs(c) > 0.001 * d:
        return False
    box, bounds = page.get_cropbox(), picture.get_bounds()
    slack = 0.005 * max(box[2] - box[0], box[3] - box[1])
    return all(abs(x - y) <= slack for x, y in zip(box, bounds, strict=True))


def _native_dpi(page: pypdfium2.PdfPage, picture: pypdfium2.PdfImage) -> float:
    width, _ = picture.get_px_size()
    left, _, right, _ = picture.get_bounds()
    return float(min(600.0, max(150.0, width / max(1.0, right - left) * _POINTS)))


def _as_it_is(page: pypdfium2.PdfPage, picture: pypdfium2.PdfImage, size: tuple[float, float]) -> RawPage | None:
    width, height = picture.get_px_size()
    _check_size(width, height)
    stream = None
    pixels: Pixels | None = None
    if picture.get_filters() == ["DCTDecode"]:
        body = bytes(picture.get_data())
        stream = jpeg_stream.clean(body)
        if stream:
            pixels = opened(body)
            if pixels is None or pixels.shape[:2] != (height, width):
                return None
    if pixels is None:
        pixels = _bgr(picture.get_bitmap().to_numpy())
    turn = page.get_rotation() // 90 % 4
    if turn:
        pixels, stream = np.ascontiguousarray(np.rot90(pixels, -turn)), None
    if not _looks_like(page, pixels):
        return None
    return RawPage(pixels, pixels.shape[1] / size[0] * MM_PER_INCH, size, stream, _SOURCE)


def _looks_like(page: pypdfium2.PdfPage, pixels: Pixels) -> bool:
    width, height = page.get_size()
    seen = _bgr(page.render(scale=_THUMBNAIL / max(width, height), may_draw_forms=True).to_numpy())
    mine = cv2.resize(pixels, (seen.shape[1], seen.shape[0]), interpolation=cv2.INTER_AREA)
    # Two resamplers differ by a sharp edge's blur; a mask, an inversion or a stamp differs over an area.
    difference = cv2.absdiff(cv2.blur(seen, (7, 7)), cv2.blur(mine, (7, 7)))
    return int(difference.max()) <= 40 and float(difference.mean()) <= 6.0


def _rendered(page: pypdfium2.PdfPage, dpi: float, size: tuple[float, float]) -> RawPage:
    width, height = page.get_size()
    dpi = min(dpi, math.sqrt(RENDER_PIXELS / (width * height)) * _POINTS)
    if dpi < 30:
        raise SohoaError("image_too_large", megapixels=LARGEST_PIXELS // 1_000_000)
    pixels = _bgr(page.render(scale=dpi / _POINTS, may_draw_forms=True).to_numpy())
    return RawPage(pixels, dpi, size, None, _SOURCE)


def _bgr(bitmap: np.ndarray) -> Pixels:
    """PDFium's grey, BGR, BGRx or BGRA bitmap as a BGR array of our own (the bitmap's memory goes with the page)."""
    if bitmap.ndim == 2 or bitmap.shape[2] == 1:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(bitmap.reshape(bitmap.shape[:2])), cv2.COLOR_GRAY2BGR), np.uint8)
    return np.array(bitmap[:, :, :3], order="C")


def _check_size(width: int, height: int) -> None:
    if width * height > LARGEST_PIXELS:
        raise SohoaError("image_too_large", megapixels=LARGEST_PIXELS // 1_000_000)
