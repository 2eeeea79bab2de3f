"""A page's picture for small files: about a third of a usual scan, in colour, read as well as the full one.

    print at 250 dpi or more     three layers (mixed raster content, ISO/IEC 16485): the black and blue ink as a bilevel
                                 picture at full resolution, its colours a coarse picture, paper and seals a picture of
                                 moderate resolution in which the place of the ink is filled in
    print below 250 dpi          one picture whose paper is quietened: half of a scan's bytes are the grain of its paper.
                                 Cut into black and white so few pixels lose thin marks, and Vietnamese is made of them
    photos and cards             one picture at 200 dpi or more

Bilevel pictures are coded without loss (CCITT Group 4); where none of this is smaller, the archive picture stays.
"""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from msgspec import Struct
from PIL import Image

from ocr.pdf import fax
from ocr.pdf.images import Source, colours, profile_of, write
from ocr.pdf.ink import MM_PER_INCH, Ink, Pixels, filled, find_ink, paper_only, to_pixels

FINEST_DPI = 300.0
_LAYERS_FROM_DPI = 250.0
_PAPER_DPI = 150.0  # a seal's smallest letters (1.5 mm) are nine pixels high
_TINT_DPI = 40.0
_PHOTO_DPI = 220.0
_CARD_MM = 135.0  # long side of what is a card: guilloche, portrait and small print are all over it
_QUALITIES = {"quiet": 32, "paper": 50, "tint": 50, "photo": 50, "card": 70}
_CELL_MM = 5.0
_DARK_PAPER = 0.6  # of the page's usual paper: below it there is no paper to see
_TEXTURE = 14.0  # grey levels of deviation in a cell of the filled-in paper: noise and folds stay below, faces do not
_PHOTO_SHARE = 0.25
_WORTH_IT = 0.8
_GRAIN = 14  # grey levels off the smoothed paper; a pencil line or a stamp's edge is further off


class Layers(Struct, frozen=True):
    """Files of one page in layers: `paper` and `tint` are JPEG, `ink` a TIFF of one Group 4 strip; `tint` shows through `ink`."""

    paper: Path
    tint: Path
    ink: Path


def store_small(page: Pixels, source: Source, archive: Path, work: Path, name: str, dpi: float) -> Path | Layers | None:
    """Write `page` (H×W×3 BGR) as small as it may be; None when the `archive` file is hardly larger."""
    kind = colours(page)
    if kind == "bilevel":
        return None
    mode = "L" if kind == "grey" else "RGB"
    profile = profile_of(source.jpeg, mode)
    parts = {
        kind: _jpeg(pixels, mode, kind, profile) if kind != "ink" else fax.encode(pixels) for kind, pixels in _parts(page, dpi).items()
    }
    if sum(map(len, parts.values())) > _WORTH_IT * archive.stat().st_size:
        return None
    if "ink" not in parts:
        (body,) = parts.values()
        return write(body, work / f"{name}.small.jpg")
    paths = {kind: write(body, work / f"{name}.{kind}.{'tif' if kind == 'ink' else 'jpg'}") for kind, body in parts.items()}
    return Layers(paths["paper"], paths["tint"], paths["ink"])


def _parts(page: Pixels, dpi: float) -> dict[str, Pixels]:
    """Pictures by what they are: "card", "photo" or "quiet" alone, or "paper", "tint" and "ink" together."""
    if max(page.shape[:2]) / dpi * MM_PER_INCH < _CARD_MM:
        return {"card": _at_most(page, dpi, FINEST_DPI)[0]}
    page, dpi = _at_most(page, dpi, FINEST_DPI)
    ink = find_ink(page, dpi)
    # Print has a grey rim in every scan; one that stayed would frame each letter.
    rim = np.asarray(cv2.dilate(ink.mask, np.ones((5, 5), np.uint8)), np.uint8)
    scale = min(1.0, _PAPER_DPI / dpi)
    paper = paper_only(page, rim, (max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale))))
    if _is_photo(paper, ink.brightness):
        return {"photo": _at_most(page, dpi, _PHOTO_DPI)[0]}
    if dpi < _LAYERS_FROM_DPI:
        return {"quiet": _quiet(page, rim)}
    return {"paper": paper, "tint": _tint(page, ink, dpi), "ink": ink.mask}


def _at_most(page: Pixels, dpi: float, most: float) -> tuple[Pixels, float]:
    """`page` with about `most` dots per inch at most, and how many it has."""
    if dpi <= most * 1.1:
        return page, dpi
    size = (max(1, round(page.shape[1] * most / dpi)), max(1, round(page.shape[0] * most / dpi)))
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8), most


def _is_photo(paper: Pixels, brightness: Pixels) -> bool:
    """Whether a quarter of the page is no paper: dark, or full of detail although the ink is taken out."""
    usual = float(np.percentile(brightness, 80))
    grey = cv2.cvtColor(paper, cv2.COLOR_BGR2GRAY).astype(np.float32)
    cell = max(2, round(_CELL_MM / MM_PER_INCH * _PAPER_DPI))
    size = (max(1, grey.shape[1] // cell), max(1, grey.shape[0] // cell))
    mean = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    deviation = np.sqrt(np.maximum(0, cv2.resize(grey * grey, size, interpolation=cv2.INTER_AREA) - mean * mean))
    dark = cv2.resize(brightness, size, interpolation=cv2.INTER_AREA) < _DARK_PAPER * usual
    return bool(np.mean(dark | (deviation > _TEXTURE)) > _PHOTO_SHARE)


def _quiet(page: Pixels, near: Pixels) -> Pixels:
    """`page` with its paper smoothed wherever nothing but grain is on it; what is `near` ink stays as it is."""
    height, width = near.shape
    smooth = cv2.resize(paper_only(page, near, (max(1, width // 4), max(1, height // 4))), (width, height), interpolation=cv2.INTER_LINEAR)
    off = cv2.absdiff(cv2.blur(page, (3, 3)), smooth)
    off = cv2.max(cv2.max(cv2.extractChannel(off, 0), cv2.extractChannel(off, 1)), cv2.extractChannel(off, 2))
    drawn = cv2.bitwise_or(cv2.dilate(np.asarray(off > _GRAIN, np.uint8), np.ones((3, 3), np.uint8)), near)
    return np.asarray(cv2.copyTo(page, drawn, smooth), np.uint8)


def _tint(page: Pixels, ink: Ink, dpi: float) -> Pixels:
    """The colour of the ink, of its darkest pixels above all, in cells of `_TINT_DPI`."""
    height, width = ink.mask.shape
    scale = min(1.0, _TINT_DPI / dpi)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    ys, xs = np.nonzero(ink.mask)
    cells = (ys * down // height) * across + xs * across // width
    weights = ink.depth[ys, xs].astype(float) ** 2
    count = across * down
    weight = np.bincount(cells, weights, count).reshape(down, across)
    total = np.stack([np.bincount(cells, weights * page[ys, xs, channel], count).reshape(down, across) for channel in range(3)], 2)
    unit = max(1.0, float(weight.max()))
    return to_pixels(filled((total / unit).astype(np.float32), (weight / unit).astype(np.float32)))


def _jpeg(pixels: Pixels, mode: str, kind: str, profile: bytes | None) -> bytes:
    picture = Image.fromarray(pixels[:, :, 1] if mode == "L" else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    out = BytesIO()
    how = {"icc_profile": profile} if profile else {}
    sampling = {} if mode == "L" else {"subsampling": "4:2:0"}
    picture.save(out, "JPEG", quality=_QUALITIES[kind], optimize=True, progressive=True, **how, **sampling)
    return out.getvalue()
