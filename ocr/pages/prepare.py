"""From a decoded page to the two images that everything after works on: one for people, one for recognisers.

Every decision (sheet, direction, skew, light) is made on a small picture; the large one is resampled at most once, with
all turns and the perspective in one matrix, and not at all when the page already stands straight.
"""

from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ocr.pages import curl, direction, fills, light, paper, quality, rectify, red, rings, rules, seals, sheet
from ocr.pages.model import ALL_STEPS, MM_PER_INCH, Pixels, PreparedPage, RawPage, Steps
from ocr.pixels import shrunk

Array = NDArray[Any]

# A scan this straight keeps its own pixels: straightening costs sharpness, and the original JPEG.
STRAIGHT_ENOUGH = 0.3
_SMALL = 1300
_PDF = "application/pdf"
# The networks see a line some 20 pixels high and Tesseract 36, so that 8-point print needs no more than this.
READING_DPI = 200.0
_CARD_MM = 160.0  # the long side of a card with what it lies on
_GREY = 3  # of 255, between the channels of a page that was scanned without colours
_WORTH_IT = 1.4  # from this many times as fine on: a photo a little sharper than that reads better as it is


class Layout(Struct, frozen=True, eq=False):
    """What the small picture tells. `picture` is the small picture, `found` the sheet in its pixels, `matrix` and `size`
    lay the sheet flat at full scale, `ink` is the flat small page's ink map (255 = ink), `dpi` that of the flat page, `blank` when
    nothing is written on it, or so faintly (`faint`) that only reading can tell it from what shines through from the other side."""

    picture: Pixels
    found: sheet.Sheet | None
    matrix: Array
    size: tuple[int, int]
    ink: Pixels
    dpi: float
    blank: bool
    faint: bool


def prepare(raw: RawPage, upright: direction.Second | None = None, steps: Steps = ALL_STEPS) -> PreparedPage:
    """The page upright, straight, cut out of its background; see `PreparedPage`.

    `upright` is asked for the clockwise degrees to turn when the direction is unsure.
    """
    layout = laid_out(raw, steps.sheet)
    written = layout.faint or not layout.blank
    card = max(layout.size) / layout.dpi * MM_PER_INCH <= _CARD_MM
    turn, certain = direction.quarter_turns(layout.ink, upright, card=card) if written else (0, True)
    skew = direction.skew(np.ascontiguousarray(np.rot90(layout.ink, -turn // 90))) if written else 0.0
    if abs(skew) <= STRAIGHT_ENOUGH or not steps.straight:
        skew = 0.0
    archive = raw.pixels
    matrix, size = rectify.turned(layout.matrix, layout.size, turn, skew)
    if layout.found or skew:
        archive = rectify.warped(raw.pixels, matrix, size)
    elif turn:
        archive = np.ascontiguousarray(np.rot90(archive, -turn // 90))
    height, width = archive.shape[:2]
    size_mm = (width / layout.dpi * MM_PER_INCH, height / layout.dpi * MM_PER_INCH)
    codes = [fault.said.code for fault in quality.judged(raw, layout.picture, layout.found, layout.dpi)]
    if layout.blank:
        codes = ["page_blank"]
    elif not certain:
        codes.append("page_direction_unsure")
    jpeg = None if layout.found or turn or skew else raw.jpeg
    colour, dpi = _at_reading_dpi(archive, layout.dpi) if steps.reduced else (archive, layout.dpi)
    even = _even(colour, dpi, steps)
    may_bend = steps.flat and not layout.blank and raw.source != _PDF and not _scanned(raw)
    if may_bend and (bend := curl.measured(even)) is not None:
        flat = curl.flattened(archive, bend)
        archive, colour, even, jpeg = flat, flat if colour is archive else curl.flattened(colour, bend), curl.flattened(even, bend), None
    first, *others = seals.grey_taken_off(even, dpi) if steps.seals and _is_grey(archive) else (even,)
    erased = rules.erase(first, dpi) if steps.rules else rules.Erased(first, ())
    sealed = tuple(np.where(first == other, erased.reading, other) for other in others)
    return PreparedPage(
        archive, colour, erased.reading, jpeg, layout.dpi, size_mm, turn, skew, tuple(codes), erased.leaders, sealed, matrix
    )


def _even(colour: Pixels, dpi: float, steps: Steps) -> Pixels:
    """The page's ink under even light, dark on white."""
    grey = light.grey(colour) if steps.ink else np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), np.uint8)
    if steps.red_print or steps.seals:
        found = red.find(colour, dpi)
        round_seals = _rings(colour, dpi) if steps.seals else ()
        grey = seals.taken_off(grey, colour, found.seals, round_seals) if steps.seals else grey
        print_rows = [row for row in found.print_rows if not any(seals.middle_in(row, ring) for ring in round_seals)]
        grey = red.kept(grey, colour, print_rows) if steps.red_print else grey
    grey = fills.turned(grey, colour, dpi) if steps.fills else grey
    even = light.flatten(grey) if steps.light else grey
    return light.strengthened(even) if steps.light and steps.faded else even


def _rings(colour: Pixels, dpi: float) -> tuple[seals.Box, ...]:
    return () if _is_grey(colour) else rings.find(colour, dpi)


def _is_grey(colour: Pixels) -> bool:
    """No colours anywhere, which a few thousand pixels tell."""
    few = colour[::37, ::41].astype(np.int16)
    return bool(np.abs(few - few[..., :1]).max() <= _GREY)


def _at_reading_dpi(colour: Pixels, dpi: float) -> tuple[Pixels, float]:
    """The page no finer than recognisers can use, and its dots per inch: every step after this costs by the pixel."""
    if dpi <= _WORTH_IT * READING_DPI:
        return colour, dpi
    height, width = colour.shape[:2]
    scale = READING_DPI / dpi
    return shrunk(colour, max(1, round(width * scale)), max(1, round(height * scale))), READING_DPI


def laid_out(raw: RawPage, cut_out: bool = True) -> Layout:
    """Find the sheet in the page's small picture (if it is to be `cut_out`) and lay it flat there, neither turned nor straightened yet."""
    picture, scale = small(raw.pixels)
    height, width = raw.pixels.shape[:2]
    found = sheet.find(picture) if cut_out and not _scanned(raw) else None
    matrix, size, flat = np.eye(3), (width, height), picture
    if found:
        matrix, size, flat = _laid_flat(raw.pixels, found, scale)
    even = light.flatten(light.grey(flat))
    ink, blank = np.asarray(255 - light.strengthened(even), np.uint8), quality.is_blank(flat)
    letter = paper.letter_share(ink)
    claimed = raw.size_mm if found is None and raw.size_mm and _holds(raw, raw.size_mm, letter) else None
    dpi, _ = paper.measured(*size, claimed, letter, None if claimed else _card_share(flat, ink, letter))
    return Layout(picture, found, matrix, size, ink, dpi, blank, blank and bool((ink > 255 - even).any()))


def small(pixels: Pixels) -> tuple[Pixels, float]:
    """(the picture halved until its long side is at most 1300 pixels, the scale); halving is the fastest true average."""
    picture = pixels
    while max(picture.shape[:2]) > _SMALL:
        picture = np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return picture, picture.shape[1] / pixels.shape[1]


def _scanned(raw: RawPage) -> bool:
    """An image whose density is a scanner's shows its whole sheet; a PDF's page size may be any program's choice."""
    height, width = raw.pixels.shape[:2]
    return raw.source != _PDF and raw.size_mm is not None and paper.scanned(width, height, raw.size_mm)


def _card_share(flat: Pixels, ink: Pixels, letter: float | None) -> float | None:
    """A card on a larger sheet by its printed outline or, where that is too faint, as a sheet on a sheet; see `paper.card_share`."""
    share = paper.card_share(ink, letter)
    if share or not paper.room_for_card(ink, letter):
        return share
    card = sheet.find(flat)
    if card is None or card.cut:
        return None
    side = np.linalg.norm(np.roll(card.corners, -1, 0) - card.corners, axis=1)
    return paper.card_by_sides(float(side[0] + side[2]) / 2, float(side[1] + side[3]) / 2, flat.shape[1])


def _holds(raw: RawPage, size_mm: tuple[float, float], letter: float | None) -> bool:
    height, width = raw.pixels.shape[:2]
    # A PDF's page size is what it was delivered as; print may be set in it as small as anybody likes.
    return paper.believable(width, height, size_mm) if raw.source == _PDF else paper.holds(width, height, size_mm, letter)


def _laid_flat(pixels: Pixels, found: sheet.Sheet, scale: float) -> tuple[Array, tuple[int, int], Pixels]:
    """(matrix and size of the flat sheet at full scale, its small picture); `found` is in the pixels of a picture `scale`
    times as large."""
    height, width = pixels.shape[:2]
    found = replace(found, corners=(found.corners + 0.5) / scale - 0.5)
    matrix, size = rectify.frame(found, width, height)
    flat = _small_flat(pixels, matrix, size)
    if paper.small_print(paper.letter_share(255 - light.flatten(light.grey(flat)))):
        other, size_other = rectify.frame(found, width, height, card=False)
        if size_other != size:
            return other, size_other, _small_flat(pixels, other, size_other)
    return matrix, size, flat


def _small_flat(pixels: Pixels, matrix: Array, size: tuple[int, int]) -> Pixels:
    scale = min(1.0, _SMALL / max(size))
    shrink = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5], [0, 0, 1]])
    return rectify.warped(pixels, shrink @ matrix, (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
