"""Reading a page of a PDF that is added to and never rewritten: its words where they stand in that very file.

`ocr.work.read_page` tells where words stand on the page as we deliver it, turned, straightened and cut out of its background.
Here the same matrix leads back.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.model import Box
from ocr.pages.decode import PDF, decode
from ocr.pages.model import MM_PER_INCH, PreparedPage, RawPage
from ocr.pages.prepare import prepare
from ocr.tasks import InPlace, ReadInPlace, WordInPlace
from ocr.words.reader import load_reader, upright

_POINTS = 72.0


def read_in_place(request: ReadInPlace) -> InPlace:
    """The words of one page; none of a page that lies on its side or on its head, for nothing can be added upright there.

    Raises SohoaError as `ocr.pages.decode.decode` and `ocr.words.reader.load_reader` do.
    """
    raw = decode(request.path, PDF, request.number)
    prepared = prepare(raw, upright)
    if prepared.rotation:
        return InPlace(prepared.rotation)
    seen = load_reader(request.reader).read(prepared.reading, prepared.reading_dpi, prepared.sealed)
    back = _way_back(raw, prepared)
    return InPlace(0, tuple(WordInPlace(word.text, _led_back(word.box, back)) for word in seen if word.text.strip()))


def _way_back(raw: RawPage, prepared: PreparedPage) -> NDArray[Any]:
    """The 3×3 matrix from pixels of the reading image to points of the page; what a PDF shows is never unrolled."""
    finer = prepared.archive.shape[1] / prepared.reading.shape[1]
    height, width = raw.pixels.shape[:2]
    across, down = raw.size_mm or (width, height)
    points = np.diag([across / MM_PER_INCH * _POINTS / width, down / MM_PER_INCH * _POINTS / height, 1.0])
    return np.asarray(points @ np.linalg.inv(prepared.matrix) @ np.diag([finer, finer, 1.0]))


def _led_back(box: Box, matrix: NDArray[Any]) -> Box:
    x0, y0, x1, y1 = box
    corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float64)
    there = cv2.perspectiveTransform(corners, matrix)[0]
    left, top = there.min(0)
    right, bottom = there.max(0)
    return (float(left), float(top), float(right), float(bottom))
