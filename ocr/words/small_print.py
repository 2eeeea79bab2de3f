"""Small print in front of large print or behind it, which the detector takes for one line: "Họ tên:" before a card's name.

The network sees a line at the size of its tallest letters. What is half as high it cannot read, and says so; cut out as a line of its
own it is read as well as any other.
"""

from collections.abc import Sequence
from itertools import takewhile

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.words.detect import Line
from ocr.words.recognise import Strip, best_path, look
from ocr.words.word import Gray

_DARK = 200  # small print is often grey
_APART = 0.2  # of the line's height: white between two parts of it
_SMALL = 0.76  # of the height of the line's other print
_SURE = 0.85  # letters are on average that were read, alone or in their line
_WIDE = 1.05  # of a part's height: a letter that takes more room, on average, stands for several
_MORE = 2  # letters are read at least that were not
_LONG = 1.5  # of its height: shorter print is a number before an item, or its full stop
_LEAST = 8.0  # pixels: lower print cannot be read by anybody


class _Part(Struct, frozen=True):
    """Print between two whites: its columns and rows on the page, how many letters were read and how sure they are on average."""

    x0: int
    x1: int
    y0: int
    y1: int
    letters: int
    sure: float

    @property
    def height(self) -> int:
        """From the highest to the lowest ink, in pixels."""
        return self.y1 - self.y0


def parted(reading: Gray, strip: Strip) -> list[Strip]:
    """`strip`, or two in its place where the small print at one of its ends can be read alone."""
    parts = _parts(reading, strip)
    usual = max((part.height for part in parts if part.sure > _SURE), default=0)

    def small(part: _Part) -> bool:
        return part.height <= _SMALL * usual

    ahead = list(takewhile(small, parts))
    behind = list(takewhile(small, reversed(parts)))[::-1]
    for some, rest in ((ahead, parts[len(ahead) :]), (behind, parts[: len(parts) - len(behind)])):
        if some and rest and _unread(some):
            alone = look(reading, _line(some))
            chances = best_path(alone)[2]
            if _sure(chances) > _SURE and len(chances) >= sum(part.letters for part in some) + _MORE:
                others = look(reading, Line(rest[0].x0, strip.line.y0, rest[-1].x1, strip.line.y1))
                return [alone, others] if some is ahead else [others, alone]
    return [strip]


def _unread(parts: Sequence[_Part]) -> bool:
    line = _line(parts)
    letters = sum(part.letters for part in parts)
    wide = line.x1 - line.x0
    few = wide > _WIDE * line.height * letters
    return (
        line.height >= _LEAST and wide > _LONG * line.height and (few or sum(part.letters * part.sure for part in parts) < _SURE * letters)
    )


def _sure(chances: NDArray[np.float32]) -> float:
    return float(chances.mean()) if len(chances) else 0.0


def _parts(reading: Gray, strip: Strip) -> list[_Part]:
    line = strip.line
    left, top = max(0, int(line.x0)), max(0, int(line.y0))
    dark = reading[top : int(line.y1) + 1, left : int(line.x1) + 1] < _DARK
    columns = np.flatnonzero(dark.any(0))
    if not len(columns):
        return []
    breaks = np.flatnonzero(np.diff(columns) > _APART * line.height)
    starts, stops = columns[np.concatenate(([0], breaks + 1))], columns[np.concatenate((breaks, [len(columns) - 1]))] + 1
    steps, _, chances = best_path(strip)
    places = strip.x0 + (steps + 0.5) * strip.per_step
    found = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        rows = np.flatnonzero(dark[:, start:stop].any(1))
        inside = (places > left + start - 1) & (places < left + stop + 1)
        found.append(
            _Part(left + start, left + stop, top + int(rows[0]), top + int(rows[-1]) + 1, int(inside.sum()), _sure(chances[inside]))
        )
    return found


def _line(parts: Sequence[_Part]) -> Line:
    return Line(parts[0].x0, min(part.y0 for part in parts), parts[-1].x1, max(part.y1 for part in parts))
