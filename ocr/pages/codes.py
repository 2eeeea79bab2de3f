"""The codes in a page's picture."""

from typing import Any

import cv2
import zxingcpp
from numpy.typing import NDArray

from ocr.codes import Code
from ocr.pixels import shrunk

# What offices print; the many other kinds of bar code find themselves in the rules and letters of a form.
_FORMATS = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.PDF417, zxingcpp.BarcodeFormat.Code128]
)
_LEAST_LETTERS = 4
# Three pixels to a module of half a millimetre, the finest that an office printer and a scan keep.
DPI = 150.0


def find_codes(picture: NDArray[Any], size_mm: tuple[float, float], page: int) -> list[Code]:
    """The codes of an upright page `size_mm` (width, height) large, shown as H×W[×3]; boxes in points."""
    grey = picture if picture.ndim == 2 else cv2.extractChannel(picture, 1)
    wide, high = round(size_mm[0] / 25.4 * DPI), round(size_mm[1] / 25.4 * DPI)
    if wide < grey.shape[1] and high < grey.shape[0]:
        grey = shrunk(grey, wide, high)
    across, down = size_mm[0] / 25.4 * 72 / grey.shape[1], size_mm[1] / 25.4 * 72 / grey.shape[0]
    found = []
    # The page stands upright, and nobody prints codes white on black: looking for those costs four times as much.
    for code in zxingcpp.read_barcodes(grey, formats=_FORMATS, try_rotate=False, try_invert=False):
        text = code.text.strip()
        if not code.valid or len(text) < _LEAST_LETTERS:
            continue
        at = code.position
        xs = [corner.x for corner in (at.top_left, at.top_right, at.bottom_left, at.bottom_right)]
        ys = [corner.y for corner in (at.top_left, at.top_right, at.bottom_left, at.bottom_right)]
        box = (round(min(xs) * across, 2), round(min(ys) * down, 2), round(max(xs) * across, 2), round(max(ys) * down, 2))
        found.append(Code(page, code.format.name, text, box))
    return sorted(found, key=lambda code: (code.box[1], code.box[0]))
