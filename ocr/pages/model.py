"""What decoding and preparing pass on. Plain frozen objects around arrays; no file handle, no path is kept open."""

from typing import Any

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

LARGEST_PIXELS = 200_000_000
MM_PER_INCH = 25.4


class RawPage(Struct, frozen=True, eq=False):
    """One page or frame as it came, upright only as far as its own metadata say so.

    `pixels` is H×W×3 uint8 BGR. `dpi` and `size_mm` (width, height) are what the file claims, None when it claims
    nothing. `jpeg` is the original JPEG stream without its private metadata (EXIF, GPS, comments), present when the
    page is exactly that one picture, neither cropped, masked nor turned. `source` is the media type.
    """

    pixels: Pixels
    dpi: float | None
    size_mm: tuple[float, float] | None
    jpeg: bytes | None
    source: str


class Steps(Struct, frozen=True):
    """What is done to a page before it is read. Everything, save where a benchmark measures what one step is good for."""

    sheet: bool = True
    straight: bool = True
    ink: bool = True
    red_print: bool = True
    fills: bool = True
    seals: bool = True
    reduced: bool = True
    light: bool = True
    faded: bool = True
    flat: bool = True
    rules: bool = True


ALL_STEPS = Steps()


class PreparedPage(Struct, frozen=True, eq=False):
    """A page in its two images: `archive` for people, `reading` for recognisers.

    `archive` (H×W×3 uint8 BGR) differs from the upload in geometry only. `reading` (H×W uint8, dark ink on white) shows the
    same at no more than `ocr.pages.prepare.READING_DPI`, has even light, no seal colour, no rules and leaders, and is free
    to change; `colour` (H×W×3 uint8 BGR) is the archive as fine as that. `jpeg` is the upload's own stream, passed
    through when the geometry did not change. `rotation` is what was turned clockwise in degrees (0, 90, 180, 270),
    `skew` the degrees straightened (positive: the lines ran down to the right). `codes` are texts of `sohoa/texts`.
    `leaders` are the boxes (x0, y0, x1, y1) in pixels of `reading` where rows of dots were erased. `sealed` are other
    pictures of `reading`, with the seals of a grey page taken off otherwise, and last with them left on; none without seals.
    `matrix` (3×3) leads from pixels of the upload to those of `archive`, save for curl.
    """

    archive: Pixels
    colour: Pixels
    reading: Pixels
    jpeg: bytes | None
    dpi: float
    size_mm: tuple[float, float]
    rotation: int
    skew: float
    codes: tuple[str, ...]
    leaders: tuple[tuple[int, int, int, int], ...] = ()
    sealed: tuple[Pixels, ...] = ()
    matrix: NDArray[Any] = field(default_factory=lambda: np.eye(3))

    @property
    def reading_dpi(self) -> float:
        """Dots per inch of `reading`; `dpi` is that of `archive`."""
        return float(self.dpi * self.reading.shape[1] / self.archive.shape[1])
