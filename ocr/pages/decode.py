"""From an upload's bytes to pixels, one page at a time.

PDF pages go to `ocr.pages.from_pdf`, everything else is an image. Orientation noted in the file is applied exactly
once, here; EXIF (GPS, camera, owner) goes no further. Runs in the killable child only (design rule 7).
"""

from ocr.pages import from_image, from_pdf
from ocr.pages.model import RawPage
from sohoa.errors import SohoaError

PDF = "application/pdf"


def decode(path: str, media_type: str, number: int) -> RawPage:
    """Page `number` (from 1) of the file at `path`.

    Raises SohoaError: image_damaged, image_too_large, image_type, pdf_damaged, pdf_encrypted, page_missing.
    """
    if number < 1:
        raise SohoaError("page_missing", number=number)
    if media_type == PDF:
        return from_pdf.decode(path, number)
    return from_image.decode(path, media_type, number)


def count_pages(path: str, media_type: str) -> int:
    """How many pages (PDF) or frames (TIFF, HEIC) the file has; other images have one.

    Raises SohoaError as `decode` does.
    """
    if media_type == PDF:
        return from_pdf.count_pages(path)
    return from_image.count_pages(path, media_type)
