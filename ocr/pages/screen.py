"""Was this picture taken of a screen instead of the paper? A screen is a grid of lamps, and paper is not.

The grid, or its beat with the camera's own, stands in the spectrum of every empty place as two sharp peaks in different
directions. The 8×8 blocks of JPEG have peaks of their own, at known places, and are left out; printed patterns of cards and
certificates are coarser or run in one direction.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages import light
from ocr.pages.model import Pixels
from ocr.pages.sheet import Sheet

Array = NDArray[Any]

_TILE = 256
_TILES = 6
_SLOWEST = 44  # cycles in a tile: periods of more than six pixels are print and patterns of the paper
_FEWEST = 4
_PEAK = 300.0  # times the usual amplitude; print, lamps and JPEG stay under 180
_SECOND = 140.0


def is_screen(pixels: Pixels, small: Pixels, found: Sheet | None) -> bool:
    """`pixels` is the picture at full scale, `small` its reduced copy, `found` the sheet in that copy's pixels."""
    places = _empty_places(small, found, small.shape[1] / pixels.shape[1])
    spectra = [_spectrum(tile) for y, x in places if (tile := pixels[y : y + _TILE, x : x + _TILE]).shape[:2] == (_TILE, _TILE)]
    return len(spectra) >= _FEWEST and _has_grid(np.mean(spectra, axis=0))


def _empty_places(small: Pixels, found: Sheet | None, scale: float) -> list[tuple[int, int]]:
    """Top left corners, at full scale, of tiles without print, spread over the sheet."""
    side = max(6, round(_TILE * scale))
    grey = light.grey(small)
    rough = cv2.blur(cv2.absdiff(grey, cv2.medianBlur(grey, 5)), (side, side))
    inside = np.zeros_like(grey)
    if found:
        corners = found.corners
        cv2.fillConvexPoly(inside, np.round(corners + 0.1 * (corners.mean(0) - corners)).astype(np.int32), 255)
    else:
        inside[side:-side, side:-side] = 255
    half = side // 2 + 1
    inside[:half], inside[-half:], inside[:, :half], inside[:, -half:] = 0, 0, 0, 0
    cost = np.where(inside > 0, rough.astype(np.int32), 1000)
    places = []
    for _ in range(_TILES):
        y, x = np.unravel_index(int(cost.argmin()), cost.shape)
        if cost[y, x] >= 1000:
            break
        places.append((round((y - side / 2) / scale), round((x - side / 2) / scale)))
        cost[max(0, y - 2 * side) : y + 2 * side, max(0, x - 2 * side) : x + 2 * side] = 1000
    return places


def _spectrum(tile: Pixels) -> Array:
    """Amplitudes, 1 in the middle."""
    grey = cv2.extractChannel(tile, 1).astype(np.float32)
    spectrum = np.abs(np.fft.rfft2((grey - cv2.blur(grey, (15, 15))) * _WINDOW))
    return np.asarray(spectrum / max(1e-6, float(np.median(spectrum[_WANTED]))))


def _has_grid(spectrum: Array) -> bool:
    """`spectrum` is the mean over several places: what JPEG and grain leave differs from place to place, a screen does not."""
    spectrum = spectrum * _WANTED
    y, x = np.unravel_index(int(spectrum.argmax()), spectrum.shape)
    # The second peak must point elsewhere: ruled paper and engraved lines have one direction, or its multiples.
    first = np.arctan2(_ROWS[y], x)
    apart = np.abs((_ANGLES - first + np.pi / 2) % np.pi - np.pi / 2)
    return bool(spectrum[y, x] > _PEAK and (spectrum * (apart > np.pi / 6)).max() > _SECOND)


_WINDOW = np.outer(np.hanning(_TILE), np.hanning(_TILE)).astype(np.float32)
_ROWS = np.fft.fftfreq(_TILE, 1 / _TILE)
_COLUMNS = np.arange(_TILE // 2 + 1)
_ANGLES = np.arctan2(_ROWS[:, None], _COLUMNS[None])


def _wanted() -> Array:
    step = _TILE // 8
    rows, columns = (np.minimum(np.abs(v) % step, step - np.abs(v) % step) <= 2 for v in (_ROWS, _COLUMNS))
    blocks = rows[:, None] & columns[None]
    return np.asarray((np.hypot(_ROWS[:, None], _COLUMNS[None]) > _SLOWEST) & ~blocks)


_WANTED = _wanted()
