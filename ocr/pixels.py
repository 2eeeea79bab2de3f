"""What every step asks of a picture's pixels, by the fastest way there is."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# One page is one core's work. Before the first picture is touched: OpenCV's threads would not live on in a forked worker, and to end
# them while another thread is at work in them can hang the process that forks.
cv2.setNumThreads(1)

_MANY = 4096  # pixels from which OpenCV counts faster than NumPy, which widens them first


def percentiles(grey: NDArray[np.uint8], shares: Sequence[float]) -> tuple[float, ...]:
    """The values below which `shares` (percent) of the pixels lie, linear between neighbours; `grey` has any shape but no size 0."""
    count = (
        cv2.calcHist([grey.reshape(1, -1)], [0], None, [256], [0, 256]) if grey.size > _MANY else np.bincount(grey.ravel(), minlength=256)
    )
    upto = count.ravel().astype(np.int64).cumsum()
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


def connected(ink: NDArray[np.uint8]) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """(labels, statistics as OpenCV orders them) of the parts of `ink` that hang together, corners included; 0 is the ground.

    Labels of 16 bits halve the work unless there are more parts than they can number; then an algorithm that is faster than OpenCV's
    usual one where statistics are wanted, with the same labels.
    """
    try:
        labels, stats = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_16U)[1:3]
    except cv2.error:
        labels, stats = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_BBDT)[1:3]
    return labels, np.asarray(stats, np.int32)


def straight(ink: NDArray[np.uint8], length: int, upright: bool) -> NDArray[np.uint8]:
    """What of `ink` (H×W, light where ink is) lies in straight runs of `length` pixels, level or `upright`: an opening with a bar.

    Spans that are doubled until they are as long as the bar cost a third of what OpenCV's opening does, which looks at every pixel of it.
    """
    before, after = length // 2, (length - 1) // 2
    aside = (before, after, 0, 0) if upright else (0, 0, before, after)
    whole = _joined(cv2.copyMakeBorder(ink, *aside, cv2.BORDER_CONSTANT, value=(255,)), length, upright, cv2.min)
    return _joined(cv2.copyMakeBorder(whole, *aside, cv2.BORDER_CONSTANT, value=(0,)), length, upright, cv2.max)


def _joined(picture: NDArray[Any], length: int, upright: bool, join: Callable[[Any, Any], Any]) -> NDArray[np.uint8]:
    span = 1
    while span < length:
        step = min(span, length - span)
        picture = join(picture[:-step], picture[step:]) if upright else join(picture[:, :-step], picture[:, step:])
        span += step
    return np.asarray(picture, np.uint8)
