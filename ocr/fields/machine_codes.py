"""Machine readable codes on identity papers: the QR code of the chip card, and the machine readable zone (ICAO 9303 part 5, TD1).

Neither is signed: they are a cross-check of the print, never a proof.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import zxingcpp
from msgspec import Struct
from numpy.typing import NDArray

from ocr.fields.layout import Layout, Row, union
from ocr.model import Box

_ZONE_LINE = re.compile(r"[A-Z0-9<]{24,36}")
_LARGE = 2600  # pixels: from here on a card's code has modules enough
_LETTERS = 30  # of a TD1 line
_WEIGHTS = (7, 3, 1)
_FIRST = re.compile(r"^[I1]DVNM([0-9OQDISBZ]{22})[<K]{0,4}([0-9OQDISBZ])$")
_SECOND = re.compile(r"^([0-9OQDISBZ]{7})([MF])([0-9OQDISBZ]{7})VNM[<K]{5,14}([0-9OQDISBZ])$")
_FIGURES = str.maketrans("OQDISBZ", "0001582")


class MrzLine(Struct, frozen=True):
    """One line of a machine readable zone."""

    text: str
    confidence: float
    page: int
    box: Box

    @property
    def in_doubt(self) -> bool:
        """True when its fillers may begin a letter earlier: K is what they are misread as, and no check digit covers a name."""
        return re.search(r"K<*$", self.text) is not None


class Mrz(Struct, frozen=True):
    """A zone of three lines; `right` when all its check digits hold."""

    lines: tuple[MrzLine, ...]
    right: bool


def card_code(image: NDArray[Any]) -> str | None:
    """The text of an identity card's QR code on this page: at least seven fields parted by |, the second may be empty.

    Its modules may be two pixels wide, and straightening the page mixed neighbours: such a code is read enlarged.
    """
    found = _card_code(image)
    if found is None and max(image.shape[:2]) < _LARGE:
        grey = image if image.ndim == 2 else cv2.extractChannel(image, 1)
        found = _card_code(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    return found


def _card_code(image: NDArray[Any]) -> str | None:
    for code in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)):
        if code.text.count("|") >= 6 and re.match(r"\d{9,12}\|", code.text):
            return str(code.text)
    return None


def read_mrz(layout: Layout, again: Callable[[int, Sequence[Box]], Sequence[str]] | None = None) -> Mrz | None:
    """The zone of three lines of thirty letters, if it is there.

    Lines that words do not give with right check digits are read `again` (page number, boxes) from the image. Only check digits
    decide whether they are right; all that is completed is the run of fillers, whose length the standard fixes.
    """
    lines = [line for row in layout.rows if (line := _zone_line(row)) is not None]
    start = next((number for number, line in enumerate(lines) if line.text.startswith(("IDVNM", "I<VNM"))), None)
    three = tuple(lines[start : start + 3]) if start is not None and len(lines) >= start + 3 else ()
    if three and check_digits_hold([line.text for line in three]):
        return Mrz(three, True)
    rows = _zone_rows(layout)
    if again is not None and rows:
        texts = completed(again(rows[0].page, [row.box for row in rows]))
        if check_digits_hold(texts):
            return Mrz(tuple(MrzLine(text, 0.99, row.page, row.box) for text, row in zip(texts, rows, strict=True)), True)
        if not three and all(len(text) == _LETTERS for text in texts):
            three = tuple(MrzLine(text, 0.5, row.page, row.box) for text, row in zip(texts, rows, strict=True))
    return Mrz(three, False) if three else None


def _zone_rows(layout: Layout) -> list[Row]:
    """Three rows the first of which says IDVNM and a number, however badly its fillers were read."""
    for number, row in enumerate(layout.rows):
        text = "".join(token.fold for token in row.tokens)
        if re.search(r"[il1]?dvnm[0-9o]{8}", text):
            rows = [other for other in layout.rows[number : number + 3] if other.page == row.page]
            return rows if len(rows) == 3 else []
    return []


def completed(lines: Sequence[str]) -> list[str]:
    """Lines of a Vietnamese zone with their runs of fillers at the standard's length (ICAO 9303-5: thirty letters a line), and
    letters for figures where only figures may stand. Lines of another build stay as they are."""
    if len(lines) != 3:
        return list(lines)
    # One sign may be read as both of two that look alike.
    lines = [re.sub("0O|O0", "0", line, count=len(line) - _LETTERS) if len(line) > _LETTERS else line for line in lines]
    one = _FIRST.match(lines[0])
    two = _SECOND.match(lines[1])
    return [
        f"IDVNM{one[1].translate(_FIGURES)}<<{one[2].translate(_FIGURES)}" if one else lines[0],
        f"{two[1].translate(_FIGURES)}{two[2]}{two[3].translate(_FIGURES)}VNM{'<' * 11}{two[4].translate(_FIGURES)}" if two else lines[1],
        re.sub(r"<<[<K]*$", "", lines[2]).ljust(_LETTERS, "<"),
    ]


def check_digits_hold(lines: Sequence[str]) -> bool:
    """All check digits of a TD1 zone: document number, birth, expiry and the composite (ICAO 9303-5, 4.2.4)."""
    if len(lines) != 3 or any(len(line) != _LETTERS for line in lines):
        return False
    one, two = lines[0], lines[1]
    return (
        check_digit(one[5:14]) == one[14]
        and check_digit(two[0:6]) == two[6]
        and check_digit(two[8:14]) == two[14]
        and check_digit(one[5:30] + two[0:7] + two[8:15] + two[18:29]) == two[29]
    )


def check_digit(text: str) -> str:
    """ICAO 9303-3, 4.9: weights 7 3 1, digits for themselves, letters from A = 10, < is 0."""
    total = 0
    for position, letter in enumerate(text):
        value = 0 if letter == "<" else int(letter) if letter.isdigit() else ord(letter) - 55
        total += value * _WEIGHTS[position % 3]
    return str(total % 10)


def _zone_line(row: Row) -> MrzLine | None:
    """A row that is a zone line; other words on the row (a watermark's letters) are left out."""
    tokens = [token for token in row.tokens if re.fullmatch(r"[A-Z0-9<«‹ \-—–]+", token.text)]
    long = max(tokens, key=lambda token: len(token.text), default=None)
    if long is None:
        return None
    tokens = [token for token in tokens if len(token.text) > 3 or abs(token.box[3] - long.box[3]) < 0.4 * row.height]
    text = "".join(token.text for token in tokens).replace("«", "<<").replace("‹", "<").replace(" ", "").replace("-", "<")
    if not _ZONE_LINE.fullmatch(text) or ("<" not in text):
        return None
    return MrzLine(text, min(token.confidence for token in tokens), row.page, union([token.box for token in tokens]))
