"""In the child: where a document expects its signer's hand, between position and name (NĐ 30/2020/NĐ-CP Phụ lục I, Phần II, II.7).

TM. ỦY BAN NHÂN DÂN        ô 7a: authority and position, in capitals
      CHỦ TỊCH
                           ô 7c: the room
   Nguyễn Thị Ví Dụ        ô 7b: the name
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from signing.freespace import FreeSpace
from signing.model import POINTS_PER_MM, Box

# A hand needs this much; less is the gap between two lines of text.
_LEAST_ROOM = 8 * POINTS_PER_MM
# Position and name are centred on each other within this.
_ASIDE = 25 * POINTS_PER_MM
_FARTHEST_NAME = 70 * POINTS_PER_MM
_ROOM_WITHOUT_NAME = 30 * POINTS_PER_MM
_NAME_WORDS = (2, 7)
# Words of one line stand no farther apart than this many times their height.
_WORD_GAP = 1.5


class Line(Struct, frozen=True):
    """A line of text with its box as seen."""

    text: str
    box: Box

    @property
    def middle(self) -> float:
        """Its centre across the page."""
        return (self.box[0] + self.box[2]) / 2


class _Titles(msgspec.Struct):
    authority: list[str]
    positions: list[str]


def signature_room(pieces: list[tuple[str, Box]], space: FreeSpace, size: tuple[float, float]) -> Box | None:
    """The free room under the last position on the page and over its name, at most `size`; None when the page has none.

    `pieces` are the page's texts with their boxes. What already stands between the two ("(đã ký)", a stamp) is not covered.
    """
    lines = text_lines(pieces)
    for title in sorted((line for line in lines if is_title(line.text)), key=lambda line: -line.box[3]):
        name = _name_under(title, lines)
        bottom = name.box[1] if name else min(title.box[3] + _ROOM_WITHOUT_NAME, space.size[1])
        middle = (title.middle + name.middle) / 2 if name else title.middle
        for width in (size[0], size[0] * 0.75, size[0] * 0.5):
            found = space.free_rows(middle - width / 2, middle + width / 2, title.box[3], bottom)
            if found and found[1] - found[0] >= _LEAST_ROOM:
                height = min(size[1], found[1] - found[0])
                centre = (found[0] + found[1]) / 2
                return (middle - width / 2, centre - height / 2, middle + width / 2, centre + height / 2)
    return None


def is_title(text: str) -> bool:
    """Whether a line names who signs: it begins with an authority or a position, in capitals."""
    letters = [c for c in text if c.isalpha()]
    if not letters or any(c.islower() for c in letters):
        return False
    plain = _folded(text)
    titles = _titles()
    if re.match(rf"(?:{'|'.join(titles.authority)})\s*\.", plain):
        return True
    return any(re.match(rf"{position}\b", plain) for position in titles.positions)


def text_lines(pieces: list[tuple[str, Box]]) -> list[Line]:
    """Pieces side by side on one height, joined; columns far apart stay lines of their own."""
    lines: list[Line] = []
    for text, box in sorted(pieces, key=lambda piece: (round((piece[1][1] + piece[1][3]) / 2), piece[1][0])):
        height = box[3] - box[1]
        fits = next((n for n, line in enumerate(lines) if _beside(line.box, box, height)), None)
        if fits is None:
            lines.append(Line(text, box))
            continue
        old = lines[fits]
        first, second = (old.text, text) if old.box[0] <= box[0] else (text, old.text)
        both = (min(old.box[0], box[0]), min(old.box[1], box[1]), max(old.box[2], box[2]), max(old.box[3], box[3]))
        lines[fits] = Line(f"{first} {second}", both)
    return lines


def _beside(line: Box, box: Box, height: float) -> bool:
    shared = min(line[3], box[3]) - max(line[1], box[1])
    apart = max(line[0], box[0]) - min(line[2], box[2])
    return shared > 0.5 * min(height, line[3] - line[1]) and apart < _WORD_GAP * max(height, 8.0)


def _name_under(title: Line, lines: list[Line]) -> Line | None:
    """The nearest line under the position that is centred on it, reads like a name, and leaves room for a hand."""
    below = [
        line
        for line in lines
        if title.box[3] + _LEAST_ROOM <= line.box[1] <= title.box[3] + _FARTHEST_NAME
        and abs(line.middle - title.middle) < _ASIDE
        and _is_name(line.text)
    ]
    return min(below, key=lambda line: line.box[1], default=None)


def _is_name(text: str) -> bool:
    words = text.split()
    least, most = _NAME_WORDS
    return least <= len(words) <= most and all(word[0].isupper() and not any(c.isdigit() for c in word) for word in words)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"\s+", " ", "".join(c for c in plain if not unicodedata.combining(c)).upper()).strip()


@cache
def _titles() -> _Titles:
    return msgspec.yaml.decode(files("signing").joinpath("titles.yaml").read_bytes(), type=_Titles)
