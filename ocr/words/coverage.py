"""How much ink no word accounts for: what confidence cannot see.

A red seal over typed text loses words while the mean confidence of the rest stays high; the ink that no box covers
tells. Rules, borders and leaders are ink that nobody reads, so they are left out.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from ocr.pixels import connected, shrunk, straight
from ocr.words.word import Gray, ReadWord

_LONG_SIDE = 1400  # pixels; enough to tell a letter from a dot
_DARK = 140
_RULE = 0.04  # of the long side: no letter's stroke is straight for so long
_SPECK = 0.0022  # of the long side: dots of leaders, dust
_EDGE = 0.012  # of the long side: shadows and punch marks at the border of the scan


def omission(reading: Gray, words: Iterable[ReadWord]) -> float:
    """Share 0..1 of the dark ink of a page (HxW gray) that lies outside every word's box; 0.0 for a page without ink."""
    scale = min(1.0, _LONG_SIDE / max(reading.shape))
    height, width = (max(1, round(side * scale)) for side in reading.shape)
    small = shrunk(reading, width, height)
    ink = (small < _DARK).astype(np.uint8)
    side = max(ink.shape)
    edge = round(_EDGE * side)
    ink[:edge], ink[-edge:], ink[:, :edge], ink[:, -edge:] = 0, 0, 0, 0
    ink = np.asarray(cv2.subtract(ink, _rules(ink, round(_RULE * side))), np.uint8)
    labels, stats = connected(ink)
    speck = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) <= round(_SPECK * side)
    speck[0] = True
    total = int(stats[~speck, cv2.CC_STAT_AREA].sum())
    if not total:
        return 0.0
    for word in words:
        x0, y0, x1, y1 = (scale * edge for edge in word.box)
        margin = 0.15 * (y1 - y0)
        ink[max(0, int(y0 - margin)) : int(np.ceil(y1 + margin)), max(0, int(x0 - margin)) : int(np.ceil(x1 + margin))] = 0
    return int(np.count_nonzero(~speck[labels[ink > 0]])) / total


def _rules(ink: Gray, length: int) -> Gray:
    across, down = straight(ink, length, upright=False), straight(ink, length, upright=True)
    thick = cv2.bitwise_or(cv2.dilate(across, np.ones((3, 1), np.uint8)), cv2.dilate(down, np.ones((1, 3), np.uint8)))
    return np.asarray(thick, np.uint8)
