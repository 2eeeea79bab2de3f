"""A number of twelve figures written into twelve boxes, read once more box by box from the page image.

A reader of lines takes the rules between the boxes for figures, or loses a narrow 1 beside them. Where the boxes can be seen, every
figure is cut out of its own box and all are read as one line by an engine that knows figures alone.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.page_ink import Ink
from ocr.model import Box
from ocr.pixels import connected
from ocr.words.tesseract import read_signs

_FIGURES = 12
_DIGITS = "0123456789"
_HEIGHT = 44  # pixels of a figure's box in the line that is read
_APART = 14  # white between two figures in it
_EDGE = 9.0  # points: figures of a form's text are not as high
_UNEVEN = 0.18  # of a box's height


def boxes_in(ink: Ink, space: Box) -> list[Box]:
    """The twelve boxes of equal width that stand in `space` (points), from left to right; none when there are fewer or more."""
    x0, y0, x1, y1 = ink.pixels(space)
    part = ink.dark[y0:y1, x0:x1]
    if part.shape[0] < 10 or part.shape[1] < 60:
        return []
    least = int(min(0.5 * part.shape[0], _EDGE * ink.scale_y))
    tall = cv2.morphologyEx(cv2.dilate(part, np.ones((1, 3), np.uint8)), cv2.MORPH_OPEN, np.ones((least, 1), np.uint8))
    found = connected(np.asarray(tall, np.uint8))[1][1:]
    found = found[np.argsort(found[:, cv2.CC_STAT_LEFT])]
    top, high = found[:, cv2.CC_STAT_TOP], found[:, cv2.CC_STAT_HEIGHT]
    middle = found[:, cv2.CC_STAT_LEFT] + (found[:, cv2.CC_STAT_WIDTH] - 1) / 2
    tried: set[bytes] = set()
    for upper, tallness in zip(top.tolist(), high.tolist(), strict=True):
        # Edges of one row of boxes begin and end together; a table's rules and the strokes of figures do not.
        level = (np.abs(top - upper) < _UNEVEN * tallness) & (np.abs(top + high - upper - tallness) < _UNEVEN * tallness)
        if level.tobytes() in tried:
            continue
        tried.add(level.tobytes())
        boxes = _in_a_row(middle[level].tolist(), float(np.median(high[level])))
        if boxes:
            above, below = float(np.median(top[level])), float(np.median((top + high)[level]))
            if above < 1 or below > part.shape[0] - 1:
                continue  # they go on outside of the space: another row's
            return [
                (
                    (x0 + left) / ink.scale_x,
                    (y0 + above) / ink.scale_y,
                    (x0 + right) / ink.scale_x,
                    (y0 + below) / ink.scale_y,
                )
                for left, right in boxes
            ]
    return []


def _in_a_row(edges: Sequence[float], high: float) -> list[tuple[float, float]]:
    """(left, right) of twelve neighbouring boxes of equal width among upright `edges`, `high` pixels high."""
    for start in range(len(edges) - _FIGURES):
        for step in range(1, 3):  # neighbours share an edge, or each box has its own two
            last = start + _FIGURES * step + (1 - step)
            if last >= len(edges):
                break
            pairs = list(zip(edges[start : last + (step == 2) : step], edges[start + 1 : last + 1 : step], strict=False))
            widths = np.array([right - left for left, right in pairs])
            if len(widths) == _FIGURES and widths.min() > 0.75 * widths.max() and 0.4 * high < widths.mean() < 3 * high:
                if any(abs(edge - pairs[-1][1] - widths.mean()) < 0.15 * widths.mean() for edge in edges[last + 1 :]):
                    return []  # a box too many: the number is as wrong as it was written
                return pairs
    return []


def read_boxes(picture: NDArray[Any], size_points: tuple[float, float], boxes: Sequence[Box]) -> tuple[str, float]:
    """(figures read, how sure the least sure one is, 0..1). An empty box gives no figure; ("", 1.0) when all are empty."""
    gray = picture if picture.ndim == 2 else np.ascontiguousarray(picture[..., 0])  # red: stamps fade in it
    height, width = gray.shape
    across, down = width / size_points[0], height / size_points[1]
    line = np.full((_HEIGHT + 20, len(boxes) * (_HEIGHT + _APART) + 40), 255, np.uint8)
    x = 20
    for box in boxes:
        inset = 0.10 * (box[2] - box[0])
        cell = gray[int(box[1] * down) : int(box[3] * down), int((box[0] + inset) * across) : int((box[2] - inset) * across)]
        figure = _figure(cell)
        if figure is not None:
            line[10 : 10 + figure.shape[0], x : x + figure.shape[1]] = figure
            x += figure.shape[1] + _APART
    return ("", 1.0) if x == 20 else read_signs(np.ascontiguousarray(line[:, : x + 20]), _DIGITS)


def _figure(cell: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The figure in a box, without the box's edges, as high as the line; None when the box is empty."""
    if min(cell.shape) < 6:
        return None
    paper = float(np.percentile(cell, 85))
    dark = (cell < 0.68 * paper).astype(np.uint8)
    rules = np.flatnonzero(dark.mean(axis=1) > 0.6)
    above, below = rules[rules < 0.5 * len(dark)], rules[rules > 0.5 * len(dark)]
    top, bottom = (above[-1] + 1 if above.size else 0), (below[0] if below.size else len(dark))
    cell, dark = cell[top:bottom], dark[top:bottom]
    if min(cell.shape) < 6:
        return None
    labels, stats = connected(dark)
    kept = np.zeros_like(dark)
    for label in range(1, len(stats)):
        left, top, wide, high, area = (int(value) for value in stats[label])
        at_edge = top <= 1 or top + high >= cell.shape[0] - 1 or left == 0 or left + wide >= cell.shape[1]
        rule = wide > 0.8 * cell.shape[1] and high < 0.2 * cell.shape[0]
        if area >= 6 and not rule and not (at_edge and (high < 0.3 * cell.shape[0] or wide < 0.12 * cell.shape[1])):
            kept[labels == label] = 1
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    if not rows.size or rows[-1] - rows[0] < 0.25 * cell.shape[0]:
        return None
    clean = np.where(cv2.dilate(kept, np.ones((3, 3), np.uint8)) > 0, cell, paper).astype(np.uint8)
    clean = clean[max(0, rows[0] - 1) : rows[-1] + 2, max(0, columns[0] - 1) : columns[-1] + 2]
    scale = _HEIGHT / clean.shape[0]
    wide = min(max(4, round(clean.shape[1] * scale)), _HEIGHT)
    stretched = cv2.resize(clean, (wide, _HEIGHT), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(np.clip(stretched.astype(np.float32) * 255.0 / max(1.0, paper), 0, 255), np.uint8)
