"""What every step asks of a picture's pixels, by the fastest way there is: percentiles by counting, and smaller pictures by halves."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def percentiles(grey: NDArray[np.uint8], shares: Sequence[float]) -> tuple[float, ...]:
    """The values below which `shares` (percent) of the pixels lie, linear between neighbours; `grey` has any shape but no size 0."""
    upto = np.bincount(grey.ravel(), minlength=256).cumsum()
    found = []
    for share in shares:
        place = share / 100 * (grey.size - 1)
        below, above = np.searchsorted(upto, (int(place), min(int(place) + 1, grey.size - 1)), side="right").tolist()
        found.append(below + (above - below) * (place - int(place)))
    return tuple(found)


def shrunk(picture: NDArray[Any], width: int, height: int) -> NDArray[np.uint8]:
    """`picture` (H×W[×3] of bytes) at `width` × `height`: halved as long as that is possible, for averages of two by two cost a tenth
    of averages over any other area, and the rest, less than half or an enlargement, linear between neighbours."""
    while picture.shape[1] >= 2 * width and picture.shape[0] >= 2 * height:
        picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if picture.shape[:2] != (height, width):
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(picture, np.uint8)
