"""Where the lines of text are: one run of the detector network over the whole page.

The network gives, at half the resolution of its input, the logit that a point lies in the core of a line, and the
distances from there to the line's top and bottom. Dotted leaders, rules and seals, which destroy a layout analysis
made of connected components, do not disturb it.
"""

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.network import meta, session
from ocr.pixels import shrunk
from ocr.words.word import Gray

# What the network has before its last steps, distance = 8 softplus(value), which only the points in lines need.
_WANTED = ("/shuffle/DepthToSpace_output_0",)
_DISTANCE = np.float32(8)
_STRIDE = 2
_MULTIPLE = 32
_SMALL = 9.0  # a median line lower than this many detector pixels is read again enlarged
_ENLARGED = 12.0
_LONGEST = 2048
_ENDS = 0.15  # the core is shorter than the line by this part of its height at either end


class Line(Struct, frozen=True):
    """A horizontal line of text in pixels of the page."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        """From the top of the tallest letter to the bottom of the lowest, in pixels."""
        return self.y1 - self.y0


def find_lines(reading: Gray, page_side: int = 0) -> tuple[Line, ...]:
    """The lines of a page (HxW gray, upright and straight), in no particular order.

    Of a part of a page, `page_side` is the page's longer side in pixels: lines are looked for at the size that a page's print has.
    """
    long_side = round(meta().long_side * max(reading.shape) / max(page_side, *reading.shape))
    found, scale = _detect(reading, long_side)
    if len(found) >= 8:
        middle = float(np.median(found[:, 3] - found[:, 1]))
        enlarged = int(min(_LONGEST, long_side * _ENLARGED / max(middle, 1.0)))
        if middle < _SMALL and enlarged > long_side:
            found, scale = _detect(reading, enlarged)
    height, width = reading.shape
    found = found / scale
    found[:, 0::2] = found[:, 0::2].clip(0, width)
    found[:, 1::2] = found[:, 1::2].clip(0, height)
    return tuple(Line(*map(float, row)) for row in found if row[2] - row[0] >= 2 and row[3] - row[1] >= 2)


def _detect(reading: Gray, long_side: int) -> tuple[NDArray[np.float32], float]:
    height, width = reading.shape
    scale = long_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = shrunk(reading, *size)
    rows, columns = (-(-n // _MULTIPLE) * _MULTIPLE for n in small.shape)
    ink = np.zeros((1, 1, rows, columns), np.float32)
    np.subtract(1.0, small * np.float32(1 / 255), out=ink[0, 0, : small.shape[0], : small.shape[1]])
    planes: NDArray[np.float32] = session("det.onnx", _WANTED, arena=True).run(None, {"x": ink})[0][0]
    return _boxes(planes), scale


def _boxes(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """[3, h, w] core logit, value of the distance to top, to bottom → [N, 4] boxes in pixels of the detector's input."""
    core = (planes[0] > 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=4)
    ys, xs = np.nonzero(core)
    which = labels[ys, xs]
    up, down = _DISTANCE * np.logaddexp(np.float32(0), planes[1:, ys, xs])
    points = np.maximum(np.bincount(which, minlength=count), 1)
    middle = (ys + 0.5) * _STRIDE
    top = np.bincount(which, weights=middle - up, minlength=count) / points
    bottom = np.bincount(which, weights=middle + down, minlength=count) / points
    ends = _ENDS * np.maximum(bottom - top, 1.0)
    left = stats[:, cv2.CC_STAT_LEFT] * _STRIDE - ends
    right = (stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH]) * _STRIDE + ends
    keep = stats[:, cv2.CC_STAT_AREA] >= 2
    keep[0] = False
    boxes: NDArray[np.float32] = np.stack([left, top, right, bottom], 1)[keep].astype(np.float32)
    return boxes
