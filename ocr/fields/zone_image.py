"""The lines of a machine readable zone read once more from the page image, by a reader that knows only its 37 signs.

A reader of Vietnamese takes the fillers of OCR-B for dashes and letters K. What is read here is judged by its check digits alone.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.model import Box
from ocr.words.tesseract import read_signs

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
_HEIGHT = 40  # pixels of a line with the white around it


def read_zone(picture: NDArray[Any], size_points: tuple[float, float], lines: Sequence[Box]) -> list[str]:
    """The text of each line, whose boxes are points of the page; spaces left out."""
    gray = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    across, down = width / size_points[0], height / size_points[1]
    left = min(box[0] for box in lines)
    right = max(box[2] for box in lines)
    letter = (right - left) / 30
    found = []
    for box in lines:
        margin = 0.35 * (box[3] - box[1])
        x0, x1 = int((left - 1.5 * letter) * across), int((right + 1.5 * letter) * across)
        y0, y1 = int((box[1] - margin) * down), int((box[3] + margin) * down)
        part = gray[max(0, y0) : y1, max(0, x0) : x1]
        if part.shape[0] < 6 or part.shape[1] < 60:
            found.append("")
            continue
        scale = _HEIGHT / part.shape[0]
        line = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        found.append(read_signs(np.ascontiguousarray(line, np.uint8), _SIGNS)[0])
    return found
