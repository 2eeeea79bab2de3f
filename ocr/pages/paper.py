"""How large is the paper? Dots per inch that can be believed, and the page's size in millimetres."""

import math

import cv2
import numpy as np

from ocr.pages.model import MM_PER_INCH, Pixels
from ocr.pixels import connected

A4 = (210.0, 297.0)
CARD = (85.6, 53.98)
_A_LONG = (297.0, 210.0, 148.0)
_CARD_SLACK = 0.03
_CARD_ON_SHEET_SLACK = 0.05
_CARD_LETTER_ON_A4_MM = 2.4
_SMALLEST_CARD_LETTER_MM = 0.9
_OUTLINES = (60, 40, 24)
_SMALLEST_LETTER = 0.0057
_LARGEST_LETTER_MM = 3.1
# Below this a sheet of A proportions would be printed in letters that nobody prints: the claim is some program's default.
_SMALLEST_LETTER_MM = 1.35
_SHEET_SLACK = 0.004
_KNOWN_SLACK = 0.025
_KNOWN = (A4, (297.0, 420.0), (148.0, 210.0), (105.0, 148.0), (215.9, 279.4), (215.9, 355.6), (210.0, 330.0), (53.98, 85.6))


def measured(
    width: int,
    height: int,
    claimed: tuple[float, float] | None,
    letter: float | None = None,
    card: float | None = None,
) -> tuple[float, tuple[float, float]]:
    """(dpi, (width, height) in mm) of a page of `width`×`height` pixels.

    `claimed` is the size in mm by the file's metadata where that can be believed (`holds`), None otherwise.
    `letter` is the usual letter's height as a share of the long side, None when there are too few letters to tell; `card`
    the long side of a card that lies or is printed on the sheet, as a share of the sheet's, None without one.
    """
    if claimed:
        return width / claimed[0] * MM_PER_INCH, claimed
    dpi = max(width, height) / (CARD[0] / card if card else _long_side(width, height, letter)) * MM_PER_INCH
    return dpi, (width / dpi * MM_PER_INCH, height / dpi * MM_PER_INCH)


def letter_share(ink: Pixels) -> float | None:
    """The usual letter's height as a share of the page's long side, from the small page's ink map (255 = ink)."""
    stats = connected(np.asarray(ink > 90, np.uint8))[1][1:]
    height, width = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    # The modules of a QR code are smaller than any letter on a card, and there are many.
    letters = height[
        (height >= max(4, _SMALLEST_LETTER * max(ink.shape))) & (width >= 2) & (height < max(ink.shape) / 12) & (width < max(ink.shape) / 6)
    ]
    if len(letters) < 40:
        return None
    # Heights are whole pixels, and one pixel more or less must not decide between A4 and A5.
    middle = np.sort(letters)[2 * len(letters) // 5 : 3 * len(letters) // 5 + 1]
    return float(np.mean(middle)) / float(max(ink.shape))


def card_share(ink: Pixels, letter: float | None) -> float | None:
    """The long side of a card on a larger sheet as a share of the sheet's long side, from the small page's ink map, else None.

    A card shows as an outline with its own proportions (ISO/IEC 7810, ID-1) that takes most of a sheet lying on its side, with
    print no smaller than cards have.
    """
    height, width = ink.shape
    if width < 1.2 * height:
        return None
    shares: list[float] = []
    for faint in _OUTLINES:
        outline = cv2.morphologyEx(np.asarray(ink > faint, np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
        parts = connected(np.asarray(outline, np.uint8))[1][1:]
        across, down = parts[:, cv2.CC_STAT_WIDTH].astype(float), parts[:, cv2.CC_STAT_HEIGHT].astype(float)
        alike = np.abs(across / np.maximum(down, 1) / (CARD[0] / CARD[1]) - 1) < _CARD_ON_SHEET_SLACK
        shares += list(across[alike & (across > 0.5 * width) & (across < 0.96 * width)] / width)
    if not shares:
        return None
    share = float(max(shares))
    return share if letter is None or letter * CARD[0] / share >= _SMALLEST_CARD_LETTER_MM else None


def room_for_card(ink: Pixels, letter: float | None) -> bool:
    """A sheet on its side, whose print would be large on A4."""
    return ink.shape[1] >= 1.2 * ink.shape[0] and letter is not None and letter * A4[1] > _CARD_LETTER_ON_A4_MM


def card_by_sides(across: float, down: float, width: int) -> float | None:
    """A card's share of the sheet's `width`, when the thing `across` × `down` that lies on it has a card's proportions."""
    alike = abs(across / max(1.0, down) / (CARD[0] / CARD[1]) - 1) < _CARD_ON_SHEET_SLACK
    return across / width if alike and 0.5 < across / width < 0.96 else None


def seen_ratio(plain: float, exact: float, card: bool = True) -> float:
    """Width by height of the paper behind a quad seen in perspective.

    `plain` compares the quad's sides, `exact` follows from its vanishing points and is shaky when the sheet is seen almost
    straight. A card is believed only when both say card, and `card` allows it; A4 is what lies on desks; anything
    else keeps its plain ratio.
    """
    wide = plain > 1
    if not wide:
        plain, exact = 1 / plain, 1 / exact
    a4, id_1 = A4[1] / A4[0], CARD[0] / CARD[1]
    border = math.sqrt(a4 * id_1)
    if card and plain > border and exact > border and plain < id_1 * 1.1:
        known = id_1
    elif min(abs(plain / a4 - 1), abs(exact / a4 - 1)) < 0.13:
        known = a4
    else:
        known = plain
    return known if wide else 1 / known


def small_print(letter: float | None) -> bool:
    """Letters too small for a card: the sheet is at least A4."""
    return letter is not None and letter * A4[1] < _LARGEST_LETTER_MM


def believable(width: int, height: int, size: tuple[float, float]) -> bool:
    """Could a scanner have claimed this size in mm? Paper from a card to A3, at the dots per inch that scanners have."""
    dpi = width / size[0] * MM_PER_INCH
    return 90 <= dpi <= 1250 and min(size) >= 40 and max(size) <= 450


def scanned(width: int, height: int, size: tuple[float, float]) -> bool:
    """Does this claim come from a scanner, which sees its whole sheet? Editors write 96 dots per inch into photos too, and a photo
    of twelve megapixels that claims 300 is larger than any paper but A3."""
    dpi = width / size[0] * MM_PER_INCH
    return believable(width, height, size) and (_known(size) or (dpi > 100 and min(size) < A4[0] + 10))


def shaped(width: int, height: int) -> bool:
    """Has a picture the very shape of a sheet of office paper? Cameras and screens are 4:3, 3:2 or 16:9; scanners and scanning
    programs give A-sizes."""
    return abs(max(width, height) / min(width, height) / (A4[1] / A4[0]) - 1) < _SHEET_SLACK


def holds(width: int, height: int, size: tuple[float, float], letter: float | None) -> bool:
    """May the claim stand beside the size of the print? `letter` as in `measured`."""
    if not believable(width, height, size):
        return False
    if letter is None:
        return True
    long, ratio = max(size), max(size) / min(size)
    if abs(ratio / (CARD[0] / CARD[1]) - 1) < _CARD_SLACK / 2 and abs(long / CARD[0] - 1) > _KNOWN_SLACK:
        return letter * CARD[0] < _SMALLEST_CARD_LETTER_MM
    if _known(size) and long > 250:
        return True
    smallest = _SMALLEST_LETTER_MM if abs(ratio / (A4[1] / A4[0]) - 1) < 0.015 else 0.0
    return smallest <= letter * long and (letter * long <= _LARGEST_LETTER_MM * 1.25 or ratio > 2)


def _known(size: tuple[float, float]) -> bool:
    short, long = sorted(size)
    return any(abs(short / a - 1) < _KNOWN_SLACK and abs(long / b - 1) < _KNOWN_SLACK for a, b in _KNOWN)


def _long_side(width: int, height: int, letter: float | None) -> float:
    """In mm. A card has proportions of its own; A4, A5 and A6 differ only in how large print looks on them."""
    if abs(max(width, height) / min(width, height) / (CARD[0] / CARD[1]) - 1) < _CARD_SLACK:
        return CARD[0]
    return next((long for long in _A_LONG if letter is None or letter * long <= _LARGEST_LETTER_MM), _A_LONG[-1])
