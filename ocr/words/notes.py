"""Note marks such as the raised (1) in "Kính gửi(1):", which forms set behind the labels they explain.

The network takes them for letters of the word. So they are found by their shape, small parts that stand well above the line
with nothing under them, read by themselves enlarged, and taken out of the image before the line is read.
"""

import re
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.pixels import connected
from ocr.words.detect import Line
from ocr.words.recognise import greedy, look
from ocr.words.word import Box, Gray, ReadWord

_DARK = 175
_LETTER = 0.3  # of the line's height, as are all lengths here: what is lower is a mark or a stop
_ABOVE = 0.13
_TALL = (0.26, 0.8)
_NARROW = 0.5
_NEAR = 0.22  # between the parts of a note
_BEHIND = 0.4  # from the last letter to its note, from the note to the colon
_PARTS = 2
_MARK = re.compile(r"^[({\[]?([0-9]{1,2})[)}\]]$|^[({\[]([0-9]{1,2})$")
_STOP = re.compile(r"^[-'.]?([:;.,)]+)")
_CLOSING = re.compile(r"[:;.,)]+$")


class Note(Struct, frozen=True):
    """A raised mark: `text` as "(1)", where it stands in pixels of the page, how sure its figure is (0..1)."""

    text: str
    box: Box
    sure: float


def without_notes(reading: Gray, lines: Sequence[Line]) -> tuple[Gray, tuple[tuple[Note, ...], ...]]:
    """The page without its note marks, and the marks of every line."""
    clean, found = reading, []
    for line in lines:
        notes = []
        for box in _raised(reading, line):
            note = _read(reading, box)
            if note:
                clean = reading.copy() if clean is reading else clean
                x0, y0, x1, y1 = box
                clean[max(0, y0 - 2) : y1 + 2, max(0, x0 - 2) : x1 + 2] = 255
                notes.append(note)
        found.append(tuple(notes))
    return clean, tuple(found)


def _raised(reading: Gray, line: Line) -> list[tuple[int, int, int, int]]:
    """Boxes of rows of raised parts, each behind a letter."""
    height = line.height
    top, left = max(0, int(line.y0 - 0.25 * height)), max(0, int(line.x0))
    ink = (reading[top : int(line.y1) + 1, left : int(line.x1 + height) + 1] < _DARK).astype(np.uint8)
    if not ink.size:
        return []
    parts = connected(ink)[1][1:, :4]
    tall = parts[parts[:, 3] > _LETTER * height]
    if len(tall) < 2 * _PARTS:
        return []
    foot = float(np.median(tall[:, 1] + tall[:, 3]))
    small = (parts[:, 3] > _TALL[0] * height) & (parts[:, 3] < _TALL[1] * height) & (parts[:, 2] < _NARROW * height)
    up = small & (parts[:, 1] + parts[:, 3] < foot - _ABOVE * height)
    standing = parts[~up & (parts[:, 1] + parts[:, 3] >= foot - _ABOVE * height)]
    free = [part for part in parts[up] if not _under(part, standing)]
    rows: list[list[NDArray[Any]]] = []
    for part in sorted(free, key=lambda part: int(part[0])):
        if rows and part[0] - max(p[0] + p[2] for p in rows[-1]) < _NEAR * height:
            rows[-1].append(part)
        else:
            rows.append([part])
    found = []
    for row in rows:
        x0, x1 = min(p[0] for p in row), max(p[0] + p[2] for p in row)
        behind = ((standing[:, 0] < x0) & (standing[:, 0] + standing[:, 2] > x0 - _BEHIND * height)).any()
        if len(row) >= _PARTS and behind:
            y0, y1 = min(p[1] for p in row), max(p[1] + p[3] for p in row)
            found.append((left + int(x0), top + int(y0), left + int(x1), top + int(y1)))
    return found


def _under(part: NDArray[Any], standing: NDArray[Any]) -> bool:
    """Does something stand on the line below the part, as a letter does below its mark?"""
    shared = np.minimum(standing[:, 0] + standing[:, 2], part[0] + part[2]) - np.maximum(standing[:, 0], part[0])
    return bool((shared > 0.4 * part[2]).any())


def _read(reading: Gray, box: tuple[int, int, int, int]) -> Note | None:
    x0, y0, x1, y1 = box
    crop = reading[y0:y1, x0:x1]
    scale = 40 / crop.shape[0]
    grown = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    canvas = np.full((120, grown.shape[1] + 40), 255, np.uint8)
    canvas[40:80, 20 : 20 + grown.shape[1]] = grown
    text, chances = greedy(look(canvas, Line(18, 38, canvas.shape[1] - 18, 82)))
    said = _MARK.match(text.strip())
    return Note(f"({said[1] or said[2]})", box, float(chances.min())) if said else None


def with_notes(words: Sequence[ReadWord], notes: Sequence[Note]) -> list[ReadWord]:
    """The words of one line from left to right, each note behind its word and before the word's colon."""
    found = list(words)
    for note in notes:
        before = [i for i, word in enumerate(found) if word.box[0] < note.box[0]]
        if not before:
            continue
        at = before[-1]
        word = found[at]
        height = word.box[3] - word.box[1]
        closing = _CLOSING.search(word.text) if word.box[2] > note.box[2] else None
        end = closing.start() if closing else len(word.text)
        text, reach = word.text[:end] + note.text + word.text[end:], max(word.box[2], note.box[2])
        after = found[at + 1] if at + 1 < len(found) else None
        stop = _STOP.match(after.text) if after and after.box[0] - note.box[2] < _BEHIND * height else None
        if after and stop:
            text, rest = text + stop[1], after.text[stop.end() :]
            reach = max(reach, after.box[0] + 0.25 * height if rest else after.box[2])
            found[at + 1 : at + 2] = [replace(after, text=rest, box=(reach + 0.1 * height, *after.box[1:]), raw=None)] if rest else []
        sure = round(min(word.confidence, note.sure), 4)
        found[at] = replace(word, text=text, box=(word.box[0], word.box[1], reach, word.box[3]), confidence=sure, raw=None)
    return found
