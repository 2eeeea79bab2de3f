"""Where the words of a line begin and end, told by the white between them.

The network's steps place a letter to within a few pixels; the white columns of the image say exactly where a word
stops, and a white as wide as the line's other word gaps betrays a space the network missed.
"""

from bisect import bisect_left, bisect_right

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ocr.words.recognise import Strip
from ocr.words.word import Box, Gray

_DARK = 150
_TRIM = 0.08  # of the line's height, off top and bottom: the neighbours' tails
_ALONE = {"-": 0.3, **dict.fromkeys("0123456789", 0.43)}  # of the line's height: how wide these are set, whatever their ink
_UNREAD = 0.2  # of the line's height: ink so far from the nearest letter's step belongs to no letter that was read
_STEP_REACH = 0.22  # of the line's height: how far a letter reaches beyond its step when no white is found


class Extent(Struct, frozen=True):
    """The columns of a line: `ink[i]` tells whether the page is dark anywhere in column `left + i` of the line.

    Run k of white columns is `starts[k]` .. `stops[k]`, the last not included; both count as `ink` does.
    """

    strip: Strip
    left: int
    ink: NDArray[np.bool_]
    starts: list[int]
    stops: list[int]

    def x_of(self, step: float) -> float:
        """The page's x at the middle of `step`."""
        return self.strip.x0 + (step + 0.5) * self.strip.per_step

    def widest_white(self, x0: float, x1: float) -> tuple[float, float] | None:
        """The widest run of white columns between x0 and x1 (pixels of the page)."""
        a, b = max(0, int(x0) - self.left), min(len(self.ink), int(np.ceil(x1)) - self.left)
        if b <= a:
            return None
        first, width = 0, 0
        for k in range(bisect_right(self.stops, a), bisect_left(self.starts, b)):
            start, stop = max(a, self.starts[k]), min(b, self.stops[k])
            if stop - start > width:
                first, width = start, stop - start
        return (float(self.left + first), float(self.left + first + width)) if width else None

    def white_between(self, step: int, later: int) -> float:
        """Width in pixels of the widest white between two letters' steps."""
        white = self.widest_white(self.x_of(step), self.x_of(later))
        return white[1] - white[0] if white else 0.0

    def boxes(self, spans: list[tuple[int, int]]) -> list[Box]:
        """The boxes of words that lie on steps `first`..`last`, from left to right."""
        line, reach = self.strip.line, _STEP_REACH * self.strip.line.height
        found: list[Box] = []
        for i, (first, last) in enumerate(spans):
            before = self.x_of(spans[i - 1][1]) if i else float(self.left)
            after = self.x_of(spans[i + 1][0]) if i + 1 < len(spans) else float(self.left + len(self.ink))
            white_before = self.widest_white(before, self.x_of(first))
            white_after = self.widest_white(self.x_of(last), after)
            x0 = white_before[1] if white_before else max(before, self.x_of(first) - reach)
            x1 = white_after[0] if white_after else min(after, self.x_of(last) + reach)
            found.append((x0, line.y0, max(x0 + 1, x1), line.y1))
        return found

    def unread(self, first: int, last: int, box: Box) -> bool:
        """Is there ink in a word's box in front of its first letter or behind its last, parted from both by white?

        That is what becomes of a full stop that the network overlooked, and of signs that its alphabet lacks.
        """
        away, height = _UNREAD * self.strip.line.height, self.strip.line.height
        before = self.ink[max(0, round(box[0]) - self.left) : max(0, round(self.x_of(first) - away) - self.left)]
        behind = self.ink[max(0, round(self.x_of(last) + away) - self.left) : max(0, round(box[2]) - self.left)]
        return any(_parted(side, 0.04 * height) for side in (before[::-1], behind))


def _parted(ink: NDArray[np.bool_], least: float) -> bool:
    """Seen from a letter: white, and then ink of some width."""
    white = np.flatnonzero(~ink)
    return bool(len(white)) and int(np.count_nonzero(ink[white[0] :])) >= max(2.0, least)


def as_set(box: Box, text: str) -> Box:
    """The box of a lone figure or dash as wide as it is set: a 1 has the room of an 8, and its ink is a third of that."""
    room = _ALONE.get(text, 0.0) * (box[3] - box[1]) - (box[2] - box[0])
    return (box[0] - room / 2, box[1], box[2] + room / 2, box[3]) if room > 0 else box


def extent(reading: Gray, strip: Strip) -> Extent:
    """Look at the line's columns in the page itself."""
    line = strip.line
    trim = _TRIM * line.height
    left = max(0, int(line.x0 - 0.5 * line.height))
    right = min(reading.shape[1], int(np.ceil(line.x1 + 0.5 * line.height)))
    band = reading[int(line.y0 + trim) : max(int(line.y0 + trim) + 1, int(np.ceil(line.y1 - trim))), left:right]
    return over_columns(strip, left, np.asarray((band < _DARK).any(0)))


def over_columns(strip: Strip, left: int, ink: NDArray[np.bool_]) -> Extent:
    """The extent of a line whose columns of ink, from `left` on, are known."""
    edges = np.flatnonzero(np.diff(ink, prepend=True, append=True)).tolist()
    return Extent(strip, left, ink, edges[0::2], edges[1::2])
