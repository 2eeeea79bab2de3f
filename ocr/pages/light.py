"""The reading image: black words on white paper under even light, whatever lamp, seal or shadow was there."""

import cv2
import numpy as np

from ocr.pages.model import Pixels
from ocr.shades import shrunk

SHRINK = 8  # of `background`
_PEN = 0.7
_RIM = 0.025
_DESK = 0.004


def grey(colour: Pixels) -> Pixels:
    """Brightness as ink sees it: red seals fade, black words stay, blue pens are weakened but can still be read.

    The largest of all channels would take blue signatures away too, and with them what citizens filled in by hand.
    """
    blue, red = cv2.extractChannel(colour, 0), cv2.extractChannel(colour, 2)
    return np.asarray(cv2.max(red, cv2.convertScaleAbs(blue, alpha=_PEN)), np.uint8)


def flatten(image: Pixels) -> Pixels:
    """Divide by the paper's own brightness, estimated at 1/8 scale: 255 is bare paper everywhere afterwards."""
    height, width = image.shape
    return np.asarray(
        cv2.divide(image, cv2.resize(background(image), (width, height), interpolation=cv2.INTER_LINEAR), scale=255), np.uint8
    )


def background(image: Pixels) -> Pixels:
    """The bare paper's brightness at 1/8 scale: ink closed away, then smoothed."""
    height, width = image.shape
    small = shrunk(image, max(1, width // SHRINK), max(1, height // SHRINK))
    side = max(3, round(min(small.shape) / 20) | 1)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.maximum(np.asarray(cv2.blur(paper, (side, side)), np.uint8), 1)


def without_rim(reading: Pixels, cut_out: bool) -> Pixels:
    """The reading image with the dark desk or scanner lid along its edges made white; print near the edge stays.

    A sheet `cut_out` of a photo has a strip of the desk around it, narrower than any margin of print.
    """
    height, width = reading.shape
    if cut_out:
        strip = max(1, round(_DESK * max(height, width)))
        reading = reading.copy()
        reading[:strip], reading[-strip:], reading[:, :strip], reading[:, -strip:] = 255, 255, 255, 255
    small = shrunk(reading, max(1, width // 4), max(1, height // 4))
    depth = max(2, round(_RIM * max(small.shape)))
    dark = np.asarray(small < 150, np.uint8)
    dark[depth:-depth, depth:-depth] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) > 2 * depth
    at_edge = np.zeros(count, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_edge[np.unique(edge)] = True
    rim = at_edge & long
    rim[0] = False
    if not rim.any():
        return reading
    gone = cv2.dilate(rim.astype(np.uint8)[labels] * np.uint8(255), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.max(reading, cv2.resize(gone, (width, height), interpolation=cv2.INTER_NEAREST)), np.uint8)
