"""Words placed invisibly over their image, so that they can be searched, selected and copied.

Readers of PDF put words back into lines by comparing baselines and font sizes. Boxes around ink differ from word to
word ("xem" is half as high as "Độc"), so a font size per word would tear lines apart: the words of one line share a
baseline and a size, fitted to all of them, and only a word that would then lie too far from its own ink gets its own.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from statistics import median
from unicodedata import normalize

from msgspec import Struct

from ocr.model import Word
from ocr.pdf.glyphless import ASCENT, DESCENT, Glyphless

_NEAR = 4.0  # points; 1.4 mm: how far a selection may stand off a word's ink before the word gets its own size
_DROP = -DESCENT / (ASCENT - DESCENT)


class Placed(Struct, frozen=True):
    """A word's place: left end, width, baseline (from the top of the page) and font size, in points."""

    text: str
    x: float
    width: float
    baseline: float
    size: float


def characters(words: Iterable[Word]) -> set[str]:
    """The characters a font for `words` must have."""
    return {c for word in words for c in printable(word.text)}


def printable(text: str) -> str:
    """`text` in NFC without what a text layer cannot hold: controls, lone surrogates, the code points ISO 19005-2 forbids."""
    return "".join(c for c in normalize("NFC", text) if c.isprintable() and c not in "\ufeff\ufffe\uffff")


def text_layer(words: Sequence[Word], height: float, font: Glyphless) -> bytes:
    """The content stream that writes `words` on a page `height` points high; the font is named /F0."""
    out = ["BT", "3 Tr"]
    size = x = y = 0.0
    scale = 100.0
    for _, group in groupby(words, key=lambda word: word.line):
        line = place_line([word for word in group if printable(word.text).strip()])
        for number, word in enumerate(line, 1):
            if word.size != size:
                out.append(f"/F0 {_number(word.size)} Tf")
            natural = font.width(word.text) * word.size / 1000 or 1.0
            new_scale = round(100 * word.width / natural, 1) or 0.1
            if new_scale != scale:
                out.append(f"{_number(new_scale)} Tz")
            here = round(word.x, 1), round(height - word.baseline, 1)
            shown = word.text if number == len(line) else word.text + " "
            out.append(f"{_number(here[0] - x)} {_number(here[1] - y)} Td {font.encode(shown)} Tj")
            size, scale, (x, y) = word.size, new_scale, here
    return "\n".join([*out, "ET"]).encode()


def place_line(words: Sequence[Word]) -> list[Placed]:
    """Where the words of one line stand: on one straight baseline, at one size, unless a word does not fit."""
    if not words:
        return []
    slope = _slope(words)
    middle = _centre(words[0])
    bottoms = sorted(word.box[3] - slope * (_centre(word) - middle) for word in words)
    tops = sorted(word.box[1] - slope * (_centre(word) - middle) for word in words)
    # The outermost tenth is left out: a smudge or a stamp joined to one word must not stretch the whole line.
    bottom = bottoms[round(0.9 * (len(bottoms) - 1))]
    top = tops[round(0.1 * (len(tops) - 1))]
    return [_place(word, top + slope * (_centre(word) - middle), bottom + slope * (_centre(word) - middle)) for word in words]


def _place(word: Word, top: float, bottom: float) -> Placed:
    x0, y0, x1, y1 = word.box
    if y1 <= top or y0 >= bottom or y1 - bottom > _NEAR:
        top, bottom = y0, y1  # it does not stand in this line: a note, an exponent, a stamp
    size = bottom - top
    baseline = bottom - _DROP * size
    if abs(y0 - top) > _NEAR:
        # Low words of a large heading. Not below half the size: a dash is meant to be selected at its line's height.
        size = max((baseline - y0) / (1 - _DROP), size / 2)
    return Placed(printable(word.text), x0, max(x1 - x0, 0.1), baseline, max(round(size, 1), 0.1))


def _slope(words: Sequence[Word]) -> float:
    """Theil and Sen: the median slope between words that stand well apart; robust against descenders and smudges."""
    reach = max(_centre(word) for word in words) - min(_centre(word) for word in words)
    middles = [((word.box[1] + word.box[3]) / 2, word.box[3], _centre(word)) for word in words]
    slopes = [
        (b[1] - a[1]) / (b[2] - a[2])
        for i, a in enumerate(middles)
        for b in middles[i + 1 :]
        if abs(b[2] - a[2]) > reach / 3 and reach > 72
    ]
    slope = median(slopes) if len(slopes) >= 3 else 0.0
    return slope if abs(slope) * reach > 2.0 and abs(slope) < 0.1 else 0.0


def _centre(word: Word) -> float:
    return (word.box[0] + word.box[2]) / 2


def _number(value: float) -> str:
    """One decimal: 0.1 point is 0.035 mm, and short numbers keep the layer small."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
