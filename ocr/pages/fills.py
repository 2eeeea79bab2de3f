"""Light words on dark fills, as in the heads of tables and the badges of certificates: turned to dark words on paper for reading.

Even light is found by closing the ink away, which takes a fill larger than a letter for dark paper and its words for glare.
"""

import cv2
import numpy as np

from ocr.pages.model import MM_PER_INCH, Pixels
from ocr.pixels import connected, percentiles

_DPI = 50.0  # enough to see a fill
_DARK = 0.62  # of the paper's brightness is what a fill has at most, in its darkest channel
_AROUND_MM = 30.0  # within which there is paper, or a light word
_STROKE_MM = 1.5  # the thickest print is not as wide
_WORD_MM = 6.0  # what light words open in a fill
_LEAST_MM = (8.0, 4.0)
_FILLED = 0.8  # of its box is a fill, at least
_LETTERS = (0.005, 0.45)  # of a fill are its light words
_FLAT = 0.5  # of a fill has one brightness, more or less; a photograph has not
_MORE_OR_LESS = 0.15  # of the contrast
_CONTRAST = 60


def turned(reading: Pixels, colour: Pixels, dpi: float) -> Pixels:
    """`reading` (H×W grey, dark on light) with the light words on dark fills of `colour` (H×W×3 BGR) dark on light as well."""
    step = max(1, round(dpi / _DPI))
    least = _darkest(colour[::step, ::step])
    millimetre = dpi / step / MM_PER_INCH
    paper = cv2.dilate(least, _square(_AROUND_MM * millimetre))
    dark = cv2.compare(least, cv2.convertScaleAbs(paper, alpha=_DARK), cv2.CMP_LT)
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, _square(_STROKE_MM * millimetre))
    if not cv2.countNonZero(solid):
        return reading
    out = reading
    labels, stats = connected(np.asarray(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, _square(_WORD_MM * millimetre)), np.uint8))
    for number, (left, top, width, height, size) in enumerate(stats.tolist()):
        if not number or width < _LEAST_MM[0] * millimetre or height < _LEAST_MM[1] * millimetre or size < _FILLED * width * height:
            continue
        rows = slice(max(0, (top - 1) * step), (top + height + 1) * step)
        columns = slice(max(0, (left - 1) * step), (left + width + 1) * step)
        part = colour[rows, columns]
        mask = np.asarray(labels[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + width + 1] == number, np.uint8)
        whole = cv2.resize(mask, (mask.shape[1] * step, mask.shape[0] * step), interpolation=cv2.INTER_NEAREST)
        fill = np.asarray(whole[: part.shape[0], : part.shape[1]], np.uint8)
        edge = np.ones((2 * step + 1, 2 * step + 1), np.uint8)
        words = _words(part, fill, edge)
        if words is not None:
            out = out.copy() if out is reading else out
            inside = cv2.dilate(fill, edge) > 0
            out[rows, columns][inside] = words[inside]
    return out


def _words(colour: Pixels, fill: Pixels, edge: Pixels) -> Pixels | None:
    """The words in `fill` (H×W, 1 inside) of `colour` (H×W×3), dark on what is light there; None if it holds none."""
    least = _darkest(colour)
    inside = cv2.erode(fill, edge, borderValue=0) > 0
    values = least[inside]
    if not values.size:
        return None
    ground, light = percentiles(values, (50.0, 99.5))
    contrast = light - ground
    if contrast < _CONTRAST:
        return None
    share = float((values > ground + contrast / 2).mean())
    flat = float((np.abs(values - np.float32(ground)) < _MORE_OR_LESS * contrast).mean())
    if not _LETTERS[0] <= share <= _LETTERS[1] or flat < _FLAT:
        return None
    words = np.asarray(light * np.clip((light - least.astype(np.float32)) / contrast, 0, 1), np.uint8)
    words[~inside] = light  # where the fill ends, light is paper
    return words


def _darkest(colour: Pixels) -> Pixels:
    """The least of the channels: a coloured fill is dark in one of them."""
    return np.asarray(cv2.min(cv2.min(colour[:, :, 0], colour[:, :, 1]), colour[:, :, 2]), np.uint8)


def _square(side: float) -> Pixels:
    return np.ones((round(side) | 1,) * 2, np.uint8)  # an odd one has a middle, and moves nothing
