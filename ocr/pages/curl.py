"""Curled sheets made flat: the lines of print tell how the paper bends, and one smooth surface is fitted to all of them.

Every long line of print gives its height at many places; what is common to all lines, a polynomial of fifth degree across the
page that changes linearly down it, is the curl (after Lu & Tan, "Document flattening through grid modeling", 2006, in its
simplest form). It acts only on curl that is clearly there and that the surface explains.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages.model import Pixels
from ocr.pixels import connected, shrunk

Array = NDArray[Any]

_WORK = 1000
_INK = 170
_STEP = 6
_FEWEST_LINES = 6
_SPREAD = 0.25  # of the page's height that lines must stand on
_LEAST = 0.0022  # of the page's height: below, readers do not mind
_MOST = 0.08
_UNEXPLAINED = 0.5
_ROBUST = 0.0015
_DEGREE = 5


def measured(reading: Pixels) -> Array | None:
    """How far below its place each part of the page is seen, as shares of its height on a grid of 60×80; None without curl to
    speak of. `reading` is H×W, dark print on white, its lines level on the whole."""
    lines = _lines(reading)
    if len(lines) < _FEWEST_LINES:
        return None
    heights = np.array([v.mean() for _, v in lines])
    if np.ptp(heights) < _SPREAD:
        return None
    return _displacement(lines, (float(heights.min()), float(heights.max())))


def flattened(image: Pixels, bend: Array) -> Pixels:
    """The image, of any scale, without the `measured` curl."""
    height, width = image.shape[:2]
    source = cv2.resize(bend.astype(np.float32) * height, (width, height), interpolation=cv2.INTER_CUBIC)
    source += np.arange(height, dtype=np.float32)[:, None]
    across = np.repeat(np.arange(width, dtype=np.float32)[None], height, 0)
    return np.asarray(cv2.remap(image, across, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _lines(reading: Pixels) -> list[tuple[Array, Array]]:
    """(places across, heights), both as shares of the page, along the middle of every long line of print."""
    height, width = (max(1, round(side * min(1.0, _WORK / max(reading.shape)))) for side in reading.shape)
    small = shrunk(reading, width, height)
    labels, stats = connected(np.asarray(small < _INK, np.uint8))
    tall = stats[1:, cv2.CC_STAT_HEIGHT]
    usual = tall[(tall > 3) & (tall < 30)]
    if len(usual) < 40:
        return []
    letter = float(np.median(usual))
    letters = np.concatenate([[False], (tall < 3 * letter) & (stats[1:, cv2.CC_STAT_WIDTH] < 12 * letter)])
    print_ = letters[labels].astype(np.uint8)
    band = cv2.morphologyEx(print_, cv2.MORPH_CLOSE, np.ones((1, int(3 * letter) | 1), np.uint8))
    band = cv2.morphologyEx(band, cv2.MORPH_OPEN, np.ones((max(2, int(0.5 * letter)), int(2 * letter)), np.uint8))
    labels, stats = connected(np.asarray(band, np.uint8))
    found = []
    for number, (x, y, wide, high, _) in enumerate(stats[1:], 1):
        if wide < 0.25 * width or high > 6 * letter:
            continue
        part = ((labels[y : y + high, x : x + wide] == number) & (print_[y : y + high, x : x + wide] > 0)).astype(np.float32)
        weight, moment = (np.concatenate([[0.0], np.cumsum(v)]) for v in (part.sum(0), np.arange(high, dtype=np.float32) @ part))
        at = np.arange(0, wide, _STEP)
        first, last = np.maximum(0, at - int(2 * letter)), np.minimum(wide, at + int(2 * letter))
        ink = weight[last] - weight[first]
        enough = ink > 8
        if enough.sum() > 12:
            middle = (moment[last] - moment[first])[enough] / ink[enough]
            found.append(((x + at[enough]) / width, (y + middle) / height))
    return found


def _displacement(lines: list[tuple[Array, Array]], reach: tuple[float, float]) -> Array | None:
    """How far below its place, as a share of the height, each of 60×80 places of the page is seen."""
    bases, seen = [], []
    for u, v in lines:
        basis = _basis(u, np.full_like(u, v.mean()))
        bases.append(basis - basis.mean(0))
        seen.append(v - v.mean())
    matrix, bent = np.concatenate(bases), np.concatenate(seen)
    weight = np.ones(len(bent))
    steady = (5e-5) ** 2 * len(bent) * np.eye(matrix.shape[1])
    factors = np.zeros(matrix.shape[1])
    for _ in range(6):
        weighted = matrix * (weight**2)[:, None]
        factors = np.linalg.solve(matrix.T @ weighted + steady, weighted.T @ bent)
        weight = 1 / np.maximum(1, np.abs(bent - matrix @ factors) / _ROBUST)
    fitted = matrix @ factors
    size = float(np.percentile(np.abs(fitted), 95))
    if not _LEAST < size < _MOST or np.median(np.abs(bent - fitted)) > _UNEXPLAINED * np.median(np.abs(bent)):
        return None
    known = np.concatenate([u for u, _ in lines])
    # Beyond the print nothing is known of the surface: it goes on as it was where print ended.
    u, v = np.meshgrid(np.clip(np.linspace(0, 1, 80), *np.percentile(known, (1, 99))), np.clip(np.linspace(0, 1, 60), *reach))
    down = (_basis(u.ravel(), v.ravel()) @ factors).reshape(u.shape)
    return np.asarray(down - down.mean(1, keepdims=True))


def _basis(u: Array, v: Array) -> Array:
    return np.stack([(u - 0.5) ** i * v**j for i in range(1, _DEGREE + 1) for j in (0, 1)], 1)
