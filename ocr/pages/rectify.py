"""From the four corners of a sheet in a photo to its flat, upright picture in one resampling.

The true proportions of a rectangle seen in perspective follow from its four corners when the optical axis meets the
picture's middle (Zhang & He, "Whiteboard scanning and image enhancement", 2007, section 3).
"""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages import paper
from ocr.pages.model import MM_PER_INCH, Pixels
from ocr.pages.sheet import SIDES, Sheet

Array = NDArray[Any]

# What the eye of a recogniser can use; larger photos of a sheet are brought down to it.
_SHARPEST_DPI = 400
_MARGIN = 0.002


def frame(sheet: Sheet, width: int, height: int, card: bool = True) -> tuple[Array, tuple[int, int]]:
    """(3×3 matrix from the photo's pixels to the flat sheet's, (width, height) of the flat sheet).

    `sheet` and `width`×`height` are in the photo's full pixels; `card` is False when its print is too small for a card. A
    little of the desk is kept around the sheet, so that nothing of the sheet is lost.
    """
    corners = _completed(sheet)
    corners = corners + _MARGIN * (corners - corners.mean(0)) * 2
    top, right, bottom, left = (float(np.linalg.norm(corners[(k + 1) % 4] - corners[k])) for k in range(4))
    across, down = max(top, bottom), max(left, right)
    ratio = _mean_ratio(corners) if sheet.cut else paper.seen_ratio(_mean_ratio(corners), _ratio(corners, width, height), card)
    if across / down < ratio:
        across = down * ratio
    else:
        down = across / ratio
    shrink = min(1.0, _SHARPEST_DPI * 297 / MM_PER_INCH / max(across, down))
    size = (max(1, round(across * shrink)), max(1, round(down * shrink)))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32) - np.float32(0.5)
    return cv2.getPerspectiveTransform(corners.astype(np.float32), target), size


def turned(matrix: Array, size: tuple[int, int], turn: int, skew: float) -> tuple[Array, tuple[int, int]]:
    """`matrix` followed by `turn` degrees clockwise and by straightening `skew` degrees, with the new size."""
    width, height = size
    quarter = {
        0: np.eye(3),
        90: np.array([[0, -1, height - 1], [1, 0, 0], [0, 0, 1]]),
        180: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]]),
        270: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]]),
    }[turn]
    if turn % 180:
        width, height = height, width
    level = np.eye(3)
    level[:2] = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), skew, 1.0)
    return level @ quarter @ matrix, (width, height)


def warped(picture: Pixels, matrix: Array, size: tuple[int, int]) -> Pixels:
    """The picture through `matrix`; what lies outside of it is white. Strong reductions are averaged, not sampled."""
    scale = _scale(matrix, picture.shape[1], picture.shape[0])
    while scale < 0.55 and min(picture.shape[:2]) >= 4:  # halving is the fastest true average
        small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        fx, fy = small.shape[1] / picture.shape[1], small.shape[0] / picture.shape[0]
        matrix = matrix @ np.array([[1 / fx, 0, 0.5 / fx - 0.5], [0, 1 / fy, 0.5 / fy - 0.5], [0, 0, 1]])
        picture = np.asarray(small, np.uint8)
        scale /= fx
    # OpenCV takes pixels of four bytes in two thirds of the time that those of three cost it.
    four = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA) if picture.ndim == 3 else picture
    seen = cv2.warpPerspective(four, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(255,) * 4)
    return np.asarray(cv2.cvtColor(seen, cv2.COLOR_BGRA2BGR) if picture.ndim == 3 else seen, np.uint8)


def _scale(matrix: Array, width: int, height: int) -> float:
    middle = np.array([[[width / 2, height / 2]], [[width / 2 + 1, height / 2]], [[width / 2, height / 2 + 1]]], np.float64)
    a, b, c = cv2.perspectiveTransform(middle, matrix)[:, 0]
    return float(max(np.linalg.norm(b - a), np.linalg.norm(c - a)))


def _completed(sheet: Sheet) -> Array:
    """A side that is the picture's border says nothing about the sheet: it is drawn parallel to the side opposite."""
    corners = sheet.corners.astype(float)
    for k, name in enumerate(SIDES):
        if name not in sheet.cut or SIDES[(k + 2) % 4] in sheet.cut:
            continue
        one, two, three, four = (corners[(k + i) % 4] for i in range(4))
        along = three - four
        normal = np.array([along[1], -along[0]]) / max(1e-6, float(np.linalg.norm(along)))
        reach = max(abs(float((one - four) @ normal)), abs(float((two - three) @ normal)))
        for corner, foot in ((k, four), ((k + 1) % 4, three)):
            side = corners[corner] - foot
            height = abs(float(side @ normal))
            if height > 1:
                corners[corner] = foot + side * min(1.5, reach / height)
    return corners


def _mean_ratio(corners: Array) -> float:
    side = [float(np.linalg.norm(corners[(k + 1) % 4] - corners[k])) for k in range(4)]
    return (side[0] + side[2]) / max(1e-6, side[1] + side[3])


def _ratio(corners: Array, width: int, height: int) -> float:
    """Width by height of the rectangle that is seen as `corners`."""
    plain = _mean_ratio(corners)
    m1, m2, m4, m3 = (np.array([x - width / 2, y - height / 2, 1.0]) for x, y in corners)
    k2 = np.cross(m1, m4) @ m3 / (np.cross(m2, m4) @ m3)
    k3 = np.cross(m1, m4) @ m2 / (np.cross(m3, m4) @ m2)
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    if abs(n2[2]) < 1e-3 or abs(n3[2]) < 1e-3:  # no vanishing point: seen straight from above
        return plain
    focal = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
    if not (0.3 * max(width, height)) ** 2 < focal < (4 * max(width, height)) ** 2:
        return plain
    lens = np.array([1 / focal, 1 / focal, 1.0])
    exact = math.sqrt(float((n2 * n2) @ lens) / float((n3 * n3) @ lens))
    return exact if 0.75 < exact / plain < 1.33 else plain
