"""JPEG, PNG, TIFF, HEIC and WebP to upright BGR pixels.

OpenCV decodes plain JPEG and PNG, twice as fast as Pillow; Pillow looks at the header first (size, mode, orientation,
density) and decodes all that is unusual: alpha, palettes, CMYK, 16 bits, bilevel fax pages.
"""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, PngImagePlugin, TiffImagePlugin

import ocr.pixels  # noqa: F401 - which says how OpenCV is to work
from ocr.pages import jpeg_stream
from ocr.pages.model import LARGEST_PIXELS, MM_PER_INCH, Pixels, RawPage
from sohoa.errors import SohoaError

if TYPE_CHECKING:
    import pi_heif

# Pillow warns above its own limit and stops at twice that; ours is checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = LARGEST_PIXELS

_FORMATS = {"image/jpeg": ("JPEG",), "image/png": ("PNG",), "image/tiff": ("TIFF",), "image/webp": ("WEBP",)}
_HEIF = ("image/heic", "image/heif")
_EXIF_ORIENTATION = 0x0112
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_RAW_EXIF = b"Raw profile type exif"
_TURNS: dict[int, Callable[[Pixels], Any]] = {
    2: lambda a: cv2.flip(a, 1),
    3: lambda a: cv2.rotate(a, cv2.ROTATE_180),
    4: lambda a: cv2.flip(a, 0),
    5: cv2.transpose,
    6: lambda a: cv2.rotate(a, cv2.ROTATE_90_CLOCKWISE),
    7: lambda a: cv2.flip(cv2.transpose(a), -1),
    8: lambda a: cv2.rotate(a, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def decode(path: str, media_type: str, number: int) -> RawPage:
    """Frame `number` (from 1). Raises SohoaError: image_damaged, image_too_large, image_type, page_missing."""
    if media_type in _HEIF:
        return _decode_heif(path, media_type, number)
    with _open(path, media_type) as image:
        if number > _frames(image, media_type):
            raise SohoaError("page_missing", number=number)
        try:
            image.seek(number - 1)
            _check_size(*image.size)
            return _decode_open(Path(path), image, media_type)
        except (OSError, SyntaxError, ValueError, EOFError, OverflowError, cv2.error, Image.DecompressionBombError):
            raise SohoaError("image_damaged") from None


def count_pages(path: str, media_type: str) -> int:
    """Frames of a TIFF or HEIC; one for the others (an animation is a picture, its first frame counts)."""
    if media_type in _HEIF:
        return len(_open_heif(path))
    with _open(path, media_type) as image:
        try:
            return _frames(image, media_type)
        except (OSError, SyntaxError, ValueError, EOFError, OverflowError):
            raise SohoaError("image_damaged") from None


def _open(path: str, media_type: str) -> Image.Image:
    if media_type not in _FORMATS:
        raise SohoaError("image_type")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(path, formats=_FORMATS[media_type])
    except Image.DecompressionBombError:
        raise SohoaError("image_too_large", megapixels=LARGEST_PIXELS // 1_000_000) from None
    except (OSError, SyntaxError, ValueError, OverflowError):
        raise SohoaError("image_damaged") from None


def _frames(image: Image.Image, media_type: str) -> int:
    return int(getattr(image, "n_frames", 1)) if media_type == "image/tiff" else 1


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise SohoaError("image_damaged")
    if width * height > LARGEST_PIXELS:
        raise SohoaError("image_too_large", megapixels=LARGEST_PIXELS // 1_000_000)


def _decode_open(path: Path, image: Image.Image, media_type: str) -> RawPage:
    orientation = _orientation(image)
    dpi = _density(image)
    stream = None
    pixels: Pixels | None = None
    if media_type in ("image/jpeg", "image/png") and image.mode in ("RGB", "L", "1", "I;16") and "transparency" not in image.info:
        body = path.read_bytes()
        whole = jpeg_stream.clean(body) if media_type == "image/jpeg" else None
        if media_type == "image/png" or whole:
            pixels = opened(body)
        if orientation == 1:
            stream = whole
    if pixels is None or (media_type == "image/png" and not _png_complete(path)):
        pixels = to_bgr(image)
    turned = np.ascontiguousarray(_TURNS[orientation](pixels)) if orientation in _TURNS else pixels
    height, width = turned.shape[:2]
    size = (width / dpi * MM_PER_INCH, height / dpi * MM_PER_INCH) if dpi else None
    return RawPage(turned, dpi, size, stream, media_type)


def opened(body: bytes) -> Pixels | None:
    """An encoded image as BGR, its EXIF orientation not applied; None when it cannot be decoded."""
    pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if pixels is None else np.asarray(pixels, np.uint8)


def _png_complete(path: Path) -> bool:
    """OpenCV returns the top half of a cut PNG without a word; Pillow raises, so it is asked when the end is missing."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        return b"IEND" in file.read()


def _orientation(image: Image.Image) -> int:
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            return 1  # Pillow turns TIFF frames itself while loading
        if isinstance(image, PngImagePlugin.PngImageFile) and not _png_has_exif(image):
            return 1  # to look for it, Pillow would decode the whole picture
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, OverflowError):
        return 1  # broken metadata must not cost the picture


def _png_has_exif(image: PngImagePlugin.PngImageFile) -> bool:
    """Whether a chunk before or behind the picture may hold EXIF: `eXIf`, or what other programs write as text."""
    file = image.fp
    if file is None:
        return True
    here, at = file.tell(), len(_PNG_SIGNATURE)
    try:
        while file.seek(at) == at and len(head := file.read(8)) == 8:
            if head[4:] == b"eXIf" or (head[4:] in _PNG_TEXTS and file.read(len(_RAW_EXIF)) == _RAW_EXIF):
                return True
            at += 12 + int.from_bytes(head[:4], "big")
        return False
    finally:
        file.seek(here)


def _density(image: Image.Image) -> float | None:
    """Dots per inch as the file claims it, or None when it claims nothing usable or differs across and down."""
    try:
        x, y = (float(v) for v in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not (math.isfinite(x) and math.isfinite(y)) or min(x, y) <= 1 or abs(x - y) > 0.02 * x:
        return None
    return round((x + y) / 2, 2)


def to_bgr(image: Image.Image) -> Pixels:
    """Any Pillow mode as H×W×3 BGR; what is transparent becomes white paper, 16 bits and floats are scaled to 8."""
    if image.mode.startswith("I") or image.mode == "F":
        return np.asarray(cv2.cvtColor(_to_8_bits(np.asarray(image)), cv2.COLOR_GRAY2BGR), np.uint8)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        flat = Image.new("RGBA", image.size, "white")
        flat.alpha_composite(image.convert("RGBA"))
        image = flat
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _to_8_bits(values: Any) -> Pixels:
    """Sixteen-bit greys by their high byte; other integers and floats by their own range."""
    if values.dtype == np.uint16 or (values.dtype.kind == "i" and values.size and 255 < values.max() <= 65535 and values.min() >= 0):
        return np.asarray(values.astype(np.uint32) >> 8, np.uint8)
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    finite = np.nan_to_num(values.astype(np.float32))
    top = float(finite.max()) if finite.size else 0.0
    scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / top
    return np.asarray(np.clip(finite * scale, 0, 255), np.uint8)


def _open_heif(path: str) -> "pi_heif.HeifFile":
    import pi_heif  # few pages need it

    try:
        return pi_heif.open_heif(path, convert_hdr_to_8bit=True, bgr_mode=False)
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError):
        raise SohoaError("image_damaged") from None


def _decode_heif(path: str, media_type: str, number: int) -> RawPage:
    """libheif turns the picture by the container's own boxes (irot, imir), the only place ISO/IEC 23008-12 allows to
    count; the EXIF orientation that phones write beside them must not be applied a second time."""
    file = _open_heif(path)
    if number > len(file):
        raise SohoaError("page_missing", number=number)
    frame = file[number - 1]
    _check_size(*frame.size)
    try:
        image = Image.frombytes(frame.mode, frame.size, bytes(frame.data), "raw", frame.mode, frame.stride)
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError):
        raise SohoaError("image_damaged") from None
    return RawPage(to_bgr(image), None, None, None, media_type)
