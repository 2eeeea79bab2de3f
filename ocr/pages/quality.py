"""Is this picture good enough to read, and if not, what should be done differently next time?

Said before anything is recognised, so that a citizen still holds the paper when they hear it. Works on the small picture
and a few samples of the large one: well under a second for a 12-megapixel photo.
"""

import math
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.pages import light, paper, rectify, screen
from ocr.pages.model import Pixels, RawPage
from ocr.pages.sheet import Sheet
from ocr.pixels import connected, percentiles
from sohoa.messages import Message, message

Array = NDArray[Any]

# An archive scan has 200 dpi or more (NĐ 30/2020/NĐ-CP, Phụ lục I); a photo that is only read needs less.
SCAN_DPI = 200
PHOTO_DPI = 140
_ROUNDING = 0.97
# Standard deviation of the blur, in millimetres on the paper: half a stroke of 10-point print.
_BLUR_MM = 0.21
_TILE = 96
_GLARE_SHARE = 0.003
_SPOT = 32
_BLANK_PIXELS = 12
_WRITTEN = 75
_DUST = 0.0042
# Of 255, where white paper should be 150 and more.
_DARK = 55

_PLACES = {
    (0, 0): ("góc trên bên trái", "top left corner"),
    (0, 1): ("cạnh trên", "top"),
    (0, 2): ("góc trên bên phải", "top right corner"),
    (1, 0): ("cạnh trái", "left side"),
    (1, 1): ("giữa ảnh", "middle"),
    (1, 2): ("cạnh phải", "right side"),
    (2, 0): ("góc dưới bên trái", "bottom left corner"),
    (2, 1): ("cạnh dưới", "bottom"),
    (2, 2): ("góc dưới bên phải", "bottom right corner"),
}
_WHOLE = ("toàn bộ ảnh", "whole picture")
_SIDES = {"top": (0, 1), "right": (1, 2), "bottom": (2, 1), "left": (1, 0)}


def is_blank(flat: Pixels) -> bool:
    """Nothing written on it? `flat` is the small flat page (BGR); its rim, where desks and lids show, is left out.

    Seals and pens of any colour are writing. Dust, punch holes, a fold or a scratch on the glass are not, nor is what
    shines through from the other side.
    """
    darkest = np.asarray(cv2.min(cv2.min(*cv2.split(flat)[:2]), cv2.extractChannel(flat, 2)), np.uint8)
    height, width = darkest.shape
    rim = max(1, round(0.03 * max(height, width)))
    ink = (light.flatten(darkest) < 255 - _WRITTEN)[rim:-rim, rim:-rim].astype(np.uint8)
    if int(np.count_nonzero(ink)) < _BLANK_PIXELS:
        return True
    third = ink.shape[0] // 3
    # A page with print has some in its middle third, and need not be looked at as a whole.
    return not (_is_written(ink[third : 2 * third], (width, height), third) or _is_written(ink, (width, height)))


def _is_written(ink: Pixels, page: tuple[int, int], cut: int = 0) -> bool:
    """Is there writing in `ink`, a stretch `cut` out of a `page` (width, height), as far as it shows whole parts of it?"""
    width, height = page
    stats = connected(ink)[1][1:]
    if cut:
        stats = stats[(stats[:, cv2.CC_STAT_TOP] > 0) & (stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] < ink.shape[0])]
    left, top, wide, high, area = (stats[:, k].astype(float) for k in range(5))
    dust = np.maximum(wide, high) < _DUST * max(height, width)
    line = ((high > 0.5 * height) & (wide < 0.015 * width)) | ((wide > 0.5 * width) & (high < 0.015 * height))
    above, below = top + cut, ink.shape[0] + cut - top - high
    edge = np.minimum.reduce([left, above, ink.shape[1] - left - wide, below])
    round_ = (np.abs(wide - high) <= 0.2 * np.maximum(wide, high)) & (np.abs(area / (wide * high) - math.pi / 4) < 0.12)
    hole = round_ & (wide > 0.012 * max(height, width)) & (wide < 0.032 * max(height, width)) & (edge < 0.06 * max(height, width))
    hole |= (edge <= 0) & (np.maximum(wide, high) < 0.025 * max(height, width))  # the rim took a part of it
    return float(area[~(dust | line | hole)].sum()) >= _BLANK_PIXELS


class Fault(Struct, frozen=True):
    """What is wrong, and in which cells (row, column) of a 3×3 grid over the sheet; no cells when it is the whole picture."""

    said: Message
    cells: tuple[tuple[int, int], ...] = ()


def judged(raw: RawPage, small: Pixels, found: Sheet | None, dpi: float) -> tuple[Fault, ...]:
    """What is wrong with the picture, the worst first. `small` is its reduced copy, `found` the sheet in that copy's pixels,
    `dpi` the dots per inch of the sheet in the large picture."""
    faults = []
    photo = found is not None
    if found and found.cut:
        faults.append(_placed("photo_cut_edge", [_SIDES[side] for side in found.cut]))
    if photo and dpi < PHOTO_DPI:
        faults.append(Fault(message("photo_too_small", dpi=round(dpi))))
    if is_dark(small, found):
        faults.append(Fault(message("photo_too_dark")))
    blurred, read = _blurred(raw.pixels, small, found, dpi)
    if blurred:
        faults.append(_placed("photo_blurred", blurred, read))
    if found and (glare := _glare(small, found)):
        faults.append(_placed("photo_glare", glare))
    if (photo or (raw.size_mm is None and not paper.shaped(*raw.pixels.shape[1::-1]))) and screen.is_screen(raw.pixels, small, found):
        faults.append(Fault(message("photo_of_screen")))
    if not photo and dpi < SCAN_DPI * _ROUNDING:
        faults.append(Fault(message("page_low_dpi", dpi=round(dpi))))
    return tuple(faults)


def is_dark(small: Pixels, found: Sheet | None) -> bool:
    """So little light that the paper itself is dark: what is left of the print is mostly the camera's noise."""
    grey = cv2.extractChannel(small, 1)
    if found:
        inside = np.zeros_like(grey)
        cv2.fillConvexPoly(inside, np.round(found.corners).astype(np.int32), 255)
        return percentiles(np.asarray(grey[inside > 0], np.uint8), (80,))[0] < _DARK
    return percentiles(np.asarray(grey, np.uint8), (90,))[0] < _DARK


def _placed(code: str, cells: list[tuple[int, int]], out_of: int = 9) -> Fault:
    """The code's sentences with the place named; the code alone (as a page's quality codes keep it) has sentences without."""
    if len(cells) > 3 and len(cells) > out_of / 2:
        where = _WHOLE
    else:
        names = [_PLACES[cell] for cell in cells[:3]]
        where = (", ".join(name[0] for name in names), ", ".join(name[1] for name in names))
    return Fault(replace(message(f"{code}_where", where=where[0], where_en=where[1]), code=code), tuple(cells))


# ------------------------------------------------------------------------------------------------------------- blur


class _Sample(Struct, frozen=True):
    cell: tuple[int, int]
    blur: float


def _blurred(pixels: Pixels, small: Pixels, found: Sheet | None, dpi: float) -> tuple[list[tuple[int, int]], int]:
    """(cells of a 3×3 grid whose print is blurred, the most blurred first; how many cells have print)."""
    samples = _samples(pixels, small, found)
    limit = max(_BLUR_MM * dpi / 25.4, 1.2)
    by_cell: dict[tuple[int, int], list[float]] = {}
    for sample in samples:
        by_cell.setdefault(sample.cell, []).append(sample.blur)
    middle = {cell: float(np.percentile(blurs, 30)) for cell, blurs in by_cell.items()}
    bad = sorted((cell for cell, blur in middle.items() if blur > limit), key=lambda cell: -middle[cell])
    return bad, len(middle)


def _samples(pixels: Pixels, small: Pixels, found: Sheet | None) -> list[_Sample]:
    """Blur, in pixels, of up to four tiles of print in each cell of the sheet."""
    scale = small.shape[1] / pixels.shape[1]
    side = max(8, round(_TILE * scale))
    grey = light.grey(small)
    paper = cv2.resize(light.background(grey), (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    print_ = cv2.compare(cv2.subtract(paper, grey), cv2.addWeighted(paper, 0.2, paper, 0, 0), cv2.CMP_GT)
    rim = max(1, round(0.04 * max(print_.shape)))  # scanner lids and desks end here, softly
    print_[:rim], print_[-rim:], print_[:, :rim], print_[:, -rim:] = 0, 0, 0, 0
    if found:
        inside = np.zeros_like(print_)
        shrunk = found.corners + 0.04 * (found.corners.mean(0) - found.corners)
        cv2.fillConvexPoly(inside, np.round(shrunk).astype(np.int32), 255)
        print_ = cv2.bitwise_and(print_, inside)
        left, top = found.corners.min(0)
        right, bottom = found.corners.max(0)
    else:
        (left, top), (bottom, right) = (0, 0), grey.shape
    rows, columns = print_.shape[0] // side, print_.shape[1] // side
    if not rows or not columns:
        return []
    share = np.asarray(cv2.resize(print_[: rows * side, : columns * side], (columns, rows), interpolation=cv2.INTER_AREA), float) / 255
    ys, xs = np.nonzero((share > 0.05) & (share < 0.5))
    cells = np.stack([3 * ((ys + 0.5) * side - top) / (bottom - top), 3 * ((xs + 0.5) * side - left) / (right - left)], 1)
    cells = np.clip(cells.astype(int), 0, 2)
    samples = []
    for cell in _PLACES:
        here = np.flatnonzero((cells == cell).all(1))
        for index in here[np.argsort(-share[ys[here], xs[here]])][:4]:
            y, x = round(ys[index] * side / scale), round(xs[index] * side / scale)
            blur = _edge_width(pixels[y : y + _TILE, x : x + _TILE])
            if blur:
                samples.append(_Sample(cell, blur))
    return samples


def _edge_width(tile: Pixels) -> float | None:
    """Standard deviation of the blur in pixels, from the steepest edges of the tile's print against its contrast."""
    if min(tile.shape[:2]) < 16:
        return None
    grey = light.grey(tile)
    dark, bright = percentiles(grey, (3, 90))
    if bright - dark < 25:
        return None
    step = np.maximum(cv2.absdiff(grey[1:-1, 2:], grey[1:-1, :-2]), cv2.absdiff(grey[2:, 1:-1], grey[:-2, 1:-1]))
    steepest = percentiles(step, (98.5,))[0] / 2
    return (bright - dark) / (math.sqrt(2 * math.pi) * max(steepest, 1e-3))


# ------------------------------------------------------------------------------------------------------------ glare


def _glare(small: Pixels, found: Sheet) -> list[tuple[int, int]]:
    """Cells where a lamp or flash burnt the paper out: full white, and a spot that is brighter than the paper all around it
    (a lamp to one side makes paper white too, but gradually, and its print stays)."""
    grey = light.grey(rectify.warped(small, *rectify.frame(found, small.shape[1], small.shape[0])))
    paper = light.background(grey)
    kernel = max(5, round(0.25 * max(paper.shape)) | 1)
    around = cv2.morphologyEx(paper, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (kernel, kernel)))
    burnt = (paper > 246) & (cv2.subtract(paper, around) > _SPOT)
    if float(burnt.mean()) < _GLARE_SHARE:
        return []
    height, width = burnt.shape
    rows, columns = (np.array_split(np.arange(length), 3) for length in (height, width))
    share = {cell: float(burnt[np.ix_(rows[cell[0]], columns[cell[1]])].mean()) for cell in _PLACES}
    return sorted((cell for cell in share if share[cell] > 2 * _GLARE_SHARE), key=lambda cell: -share[cell])
