"""The picture of what a person is asked to look at: one small JPEG for every field that waits for review."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.fields.pictures import Images
from ocr.model import Box, Extraction, Field, Page

FOLDER = "review"
_MARGIN = 6.0  # points around the box: the label's end and the dots tell where the value was looked for
DPI = 200  # enough for an eye; finer pictures are reduced
_FOR_AN_EYE = (cv2.IMWRITE_JPEG_QUALITY, 90)  # a tenth of the time and a fifth of the bytes of a PNG
_LEAST = (40.0, 14.0)  # points; a box of an empty answer may be flat


def cut_crops(extraction: Extraction, pages: Sequence[Page], images: Images, folder: Path) -> Extraction:
    """`extraction` whose review fields name their picture in `crop`, written into `folder`/review as <n>-<field>.jpg.

    `n` counts the document's fields from 1. A field without a place on a page, or whose page has no picture, gets none.
    `images` gives a page's picture as delivered (height, width[, 3], RGB) by its number.
    """
    sizes = {page.number: (page.size_mm[0] / 25.4 * 72, page.size_mm[1] / 25.4 * 72) for page in pages}
    fields = []
    for number, field in enumerate(extraction.fields, 1):
        picture = images(field.page) if _wants(field) and field.page is not None else None
        if picture is None or field.box is None or field.page is None:
            fields.append(field)
            continue
        name = f"{FOLDER}/{number:02d}-{re.sub(r'[^a-z0-9_]', '_', field.name)}.jpg"
        (folder / FOLDER).mkdir(exist_ok=True)
        cut = _cut(picture, sizes[field.page], field.box)
        (folder / name).write_bytes(cv2.imencode(".jpg", cut, _FOR_AN_EYE)[1].tobytes())
        fields.append(replace(field, crop=name))
    return replace(extraction, fields=tuple(fields))


def _wants(field: Field) -> bool:
    return field.status == "review" and field.box is not None


def _cut(picture: NDArray[Any], size: tuple[float, float], box: Box) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    across, down = width / size[0], height / size[1]
    wide, high = max(0.0, _LEAST[0] - (box[2] - box[0])) / 2, max(0.0, _LEAST[1] - (box[3] - box[1])) / 2
    x0, x1 = (box[0] - wide - _MARGIN) * across, (box[2] + wide + _MARGIN) * across
    y0, y1 = (box[1] - high - _MARGIN) * down, (box[3] + high + _MARGIN) * down
    left, top = min(max(0, int(x0)), width - 2), min(max(0, int(y0)), height - 2)
    part = picture[top : max(top + 2, int(y1)), left : max(left + 2, int(x1))]
    if across * 72 > 1.2 * DPI:
        factor = DPI / (across * 72)
        part = cv2.resize(np.ascontiguousarray(part, np.uint8), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if part.ndim == 2 or (np.array_equal(part[..., 0], part[..., 1]) and np.array_equal(part[..., 0], part[..., 2])):
        return np.ascontiguousarray(part if part.ndim == 2 else part[..., 0], np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(part, np.uint8), cv2.COLOR_RGB2BGR), np.uint8)
