"""Is this photo good enough? The answer for the person who still holds the paper (`sohoa check-photo`, the check page)."""

from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.pages import quality
from ocr.pages.decode import count_pages, decode
from ocr.pages.model import Pixels, RawPage
from ocr.pages.prepare import Layout, laid_out
from ocr.pages.quality import Fault
from ocr.pages.sheet import Sheet
from ocr.tasks import CheckPhoto, PhotoChecked
from sohoa.messages import Message, message

_SHOWN = 640
_GOOD, _BAD = (80, 160, 40), (40, 40, 220)  # BGR
_SIDE_OF = {(0, 1): 0, (1, 2): 1, (2, 1): 2, (1, 0): 3}


class Checked(Struct, frozen=True, eq=False):
    """What is wrong with one picture, and what was seen of it."""

    faults: tuple[Fault, ...]
    layout: Layout


def check_file(asked: CheckPhoto) -> PhotoChecked:
    """The first `most_pages` pages of a file; raises what `decode` raises."""
    count = count_pages(asked.path, asked.media_type)
    pages, pictures = list[tuple[Message, ...]](), list[bytes]()
    for number in range(1, min(count, asked.most_pages) + 1):
        checked = check(decode(asked.path, asked.media_type, number))
        pages.append(tuple(fault.said for fault in checked.faults))
        if asked.pictures:
            pictures.append(shown(checked))
    return PhotoChecked(tuple(pages), tuple(pictures), count)


def check_photo(raw: RawPage) -> tuple[Message, ...]:
    """What to do better, the worst first; empty when the picture can be read. At most one message per code."""
    return tuple(fault.said for fault in check(raw).faults)


def check(raw: RawPage) -> Checked:
    """The same with the places of what is wrong."""
    layout = laid_out(raw)
    if layout.blank:
        code = "photo_too_dark" if quality.is_dark(layout.picture, layout.found) else "page_blank"
        return Checked((Fault(message(code)),), layout)
    return Checked(quality.judged(raw, layout.picture, layout.found, layout.dpi), layout)


def shown(checked: Checked) -> bytes:
    """The picture at most 640 pixels long as JPEG, the sheet outlined, what is doubtful in red. Nothing of its metadata is left."""
    picture = checked.layout.picture
    scale = min(1.0, _SHOWN / max(picture.shape[:2]))
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    corners = _corners(checked.layout.found, picture) * scale
    _outline(small, corners, checked)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])


def _outline(small: Pixels, corners: NDArray[Any], checked: Checked) -> None:
    if checked.layout.found:
        cv2.polylines(small, [np.round(corners).astype(np.int32)], True, _GOOD, 2, cv2.LINE_AA)
    for fault in checked.faults:
        if fault.said.code == "photo_cut_edge":
            for side in (_SIDE_OF[cell] for cell in fault.cells):
                start, end = (tuple(int(v) for v in np.round(corners[(side + k) % 4])) for k in (0, 1))
                cv2.line(small, start, end, _BAD, 7, cv2.LINE_AA)
            continue
        for row, column in fault.cells:
            cell = np.round(_cell(corners, row, column)).astype(np.int32)
            red = small.copy()
            cv2.fillConvexPoly(red, cell, _BAD)
            small[:] = cv2.addWeighted(red, 0.25, small, 0.75, 0)
            cv2.polylines(small, [cell], True, _BAD, 3, cv2.LINE_AA)


def _cell(corners: NDArray[Any], row: int, column: int) -> NDArray[Any]:
    """The four corners of a cell of the 3×3 grid over the sheet's bounds, as `quality` names places."""
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    x, y = np.linspace(left, right, 4), np.linspace(top, bottom, 4)
    return np.array([(x[column], y[row]), (x[column + 1], y[row]), (x[column + 1], y[row + 1]), (x[column], y[row + 1])])


def _corners(found: Sheet | None, picture: Pixels) -> NDArray[Any]:
    height, width = picture.shape[:2]
    return found.corners if found else np.array([(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)], float)
