"""In the child: where on a page nothing stands, neither words nor ink (stamps, pictures, handwriting, earlier signatures).

The page is rendered as a reader sees it; ink is what is darker than the paper around it, so that the grey of a photo and
the cream of old paper are no ink. Words of the text layer count even where they are not painted. Boxes are as in
`signing.model`: points from the top left of the page as seen.
"""

from typing import Any

import numpy as np
import pypdfium2
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from signing.geometry import PageShape
from signing.model import POINTS_PER_MM, Box, Place

_PER_POINT = 100 / 72
_LARGEST_PIXELS = 12_000_000
# A tile is wider than any letter's stroke and narrower than a shadow.
_TILE = 24
_DARKER = 26
_DARK = 110
# Fewer dark pixels than this in a square of five are dust; the full stop of a 10-point text has more.
_DUST = 4
# Letters must not touch: half a millimetre is kept free around whatever stands on the page.
_CLEAR = 1.5
_STEP = 3.0
_RANK = 0.9


class FreeSpace(Struct, frozen=True):
    """What is taken on one page: `taken` is the summed-area table of pixels, `size` the page's width and height in points.

    `wordless` is the share of the page where there is ink and no word is known.
    """

    size: tuple[float, float]
    taken: NDArray[np.int32]
    per_point: float
    wordless: float = 0.0

    def is_free(self, box: Box) -> bool:
        """Whether nothing stands in `box`, which must lie on the page."""
        return box[0] >= 0 and box[1] >= 0 and box[2] <= self.size[0] and box[3] <= self.size[1] and self._sum(box) == 0

    def nearest(
        self, corner: str, margin_mm: tuple[float, float], size: tuple[float, float], within: tuple[float, float] | None
    ) -> Box | None:
        """The free box of `size` nearest to the point `margin_mm` inside a corner; `within` bounds (width, height) from there in points."""
        left, top = (mm * POINTS_PER_MM for mm in margin_mm)
        across, down = self.size[0] - size[0], self.size[1] - size[1]
        if across < 0 or down < 0:
            return None
        reach = within or self.size
        dx = np.arange(0, min(reach[0], across - left if across > left else 0) + 0.01, _STEP)
        dy = np.arange(0, min(reach[1], down - top if down > top else 0) + 0.01, _STEP)
        x = left + dx if corner.endswith("left") else across - left - dx
        y = top + dy if corner.startswith("top") else down - top - dy
        x, y = np.clip(x, 0, across), np.clip(y, 0, down)
        free = self._sums(x, y, size) == 0
        if not free.any():
            return None
        far = np.where(free, dy[:, None] ** 2 + dx[None, :] ** 2, np.inf)
        row, column = np.unravel_index(int(np.argmin(far)), far.shape)
        return (float(x[column]), float(y[row]), float(x[column]) + size[0], float(y[row]) + size[1])

    def free_rows(self, left: float, right: float, top: float, bottom: float) -> tuple[float, float] | None:
        """The tallest (top, bottom) between `top` and `bottom` in which nothing stands from `left` to `right`."""
        best: tuple[float, float] | None = None
        start = None
        for y in np.arange(top, bottom, 1.0):
            free = self._sum((left, float(y), right, float(y) + 1)) == 0
            if free and start is None:
                start = float(y)
            if not free or y + 1 >= bottom:
                end = float(y) + (1 if free else 0)
                if start is not None and (best is None or end - start > best[1] - best[0]):
                    best = (start, end)
                start = None
        return best

    def _sum(self, box: Box) -> int:
        return int(self._sums(np.array([box[0]]), np.array([box[1]]), (box[2] - box[0], box[3] - box[1]))[0, 0])

    def _sums(self, x: NDArray[Any], y: NDArray[Any], size: tuple[float, float]) -> NDArray[Any]:
        height, width = self.taken.shape
        x0 = np.clip(np.floor(x * self.per_point).astype(int), 0, width - 1)
        y0 = np.clip(np.floor(y * self.per_point).astype(int), 0, height - 1)
        x1 = np.clip(np.ceil((x + size[0]) * self.per_point).astype(int), 0, width - 1)
        y1 = np.clip(np.ceil((y + size[1]) * self.per_point).astype(int), 0, height - 1)
        table = self.taken
        return table[np.ix_(y1, x1)] - table[np.ix_(y0, x1)] - table[np.ix_(y1, x0)] + table[np.ix_(y0, x0)]


def free_space(page: pypdfium2.PdfPage, shape: PageShape, avoid: tuple[Box, ...] = ()) -> FreeSpace:
    """Look at `page`; `avoid` are further boxes that are taken."""
    width, height = shape.size
    per_point = min(_PER_POINT, (_LARGEST_PIXELS / max(1.0, width * height)) ** 0.5)
    grey = page.render(scale=per_point, grayscale=True, may_draw_forms=True).to_numpy()
    ink = _ink(np.asarray(grey, np.uint8).reshape(grey.shape[:2]))
    words = np.zeros_like(ink)
    for box in (*_words(page, shape), *avoid):
        x0, y0 = (max(0, int((v - _CLEAR) * per_point)) for v in box[:2])
        x1, y1 = (max(0, int(np.ceil((v + _CLEAR) * per_point))) for v in box[2:])
        words[y0:y1, x0:x1] = True
    taken = ink | words
    table = np.zeros((taken.shape[0] + 1, taken.shape[1] + 1), np.int32)
    table[1:, 1:] = taken.cumsum(0, np.int32).cumsum(1, np.int32)
    return FreeSpace((width, height), table, per_point, float(np.mean(ink & ~words)))


def place_in(space: FreeSpace, place: Place, size: tuple[float, float]) -> Box | None:
    """The free box nearest to the place's corner, within its search area."""
    reach = (place.search_mm[0] * POINTS_PER_MM, place.search_mm[1] * POINTS_PER_MM)
    return space.nearest(place.corner, place.margin_mm, size, reach)


def _ink(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    height, width = grey.shape
    rows, columns = -(-height // _TILE), -(-width // _TILE)
    padded = np.pad(grey, ((0, rows * _TILE - height), (0, columns * _TILE - width)), mode="edge")
    tiles = padded.reshape(rows, _TILE, columns, _TILE).swapaxes(1, 2).reshape(rows, columns, -1)
    sample = tiles[:, :, ::3]
    rank = int(_RANK * sample.shape[2])
    paper = np.partition(sample, rank, axis=2)[:, :, rank]
    around = Image.fromarray(paper.astype(np.uint8)).resize((columns * _TILE, rows * _TILE), Image.Resampling.BILINEAR)
    ground = np.asarray(around, np.int16)[:height, :width]
    dark = Image.fromarray((((ground - grey) > _DARKER) | (grey < _DARK)).astype(np.uint8) * 255)
    crowded = dark.filter(ImageFilter.BoxBlur(2)).point(lambda share: 255 if share >= _DUST * 10 else 0)
    ink = ImageChops.multiply(dark, crowded).filter(ImageFilter.MaxFilter(2 * max(1, round(_CLEAR * _PER_POINT)) + 1))
    return np.asarray(ink) > 0


def _words(page: pypdfium2.PdfPage, shape: PageShape) -> list[Box]:
    words = page.get_textpage()
    try:
        return [shape.to_seen(words.get_rect(number)) for number in range(words.count_rects())]
    finally:
        words.close()


def segments(page: pypdfium2.PdfPage, shape: PageShape) -> list[tuple[str, Box]]:
    """The text of a page in the pieces in which pdfium sees it, each with its box as seen."""
    words = page.get_textpage()
    try:
        boxes = [words.get_rect(number) for number in range(words.count_rects())]
        found = [(str(words.get_text_bounded(*box)).strip(), shape.to_seen(box)) for box in boxes]
        return [(text, box) for text, box in found if text]
    finally:
        words.close()


def page_shape(page: pypdfium2.PdfPage) -> PageShape:
    """The part of a page that is shown, and its turn."""
    x0, y0, x1, y1 = page.get_bbox()
    return PageShape((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), page.get_rotation() % 360)
