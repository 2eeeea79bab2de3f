"""Images and pages as files: JPEG, HEIC, PNG, TIFF and PDF, without a clock in any of them."""

import io
from collections.abc import Sequence

import img2pdf
import pikepdf
import pillow_heif
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from samples.conditions import Pixels, Shot
from samples.paper import MM

_ORIENTATION = 0x0112
_ON_ITS_SIDE = 6
USER_PASSWORD = "mau-2026"  # noqa: S105 - printed in the truth file: the sample exists to be opened by nobody


def jpeg(shot: Shot, quality: int) -> bytes:
    """A JPEG; a scan says its dpi."""
    out = io.BytesIO()
    dpi = (shot.dpi, shot.dpi) if shot.dpi else (72, 72)
    Image.fromarray(shot.pixels).save(out, "JPEG", quality=quality, dpi=dpi, optimize=True)
    return out.getvalue()


def jpeg_on_its_side(shot: Shot, quality: int) -> bytes:
    """A JPEG as phones store an upright picture: lying, with EXIF orientation 6 telling to turn it clockwise."""
    image = Image.fromarray(shot.pixels).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[_ORIENTATION] = _ON_ITS_SIDE
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif, optimize=True)
    return out.getvalue()


def heic(shot: Shot, quality: int) -> bytes:
    """A HEIC as phones of one maker store pictures. The encoder's fastest preset: its slower ones take ten times as long."""
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(shot.pixels)).save(out, quality=quality, enc_params={"preset": "ultrafast"})
    return out.getvalue()


def png(shot: Shot) -> bytes:
    """A PNG that says its dpi."""
    out = io.BytesIO()
    dpi = (shot.dpi, shot.dpi) if shot.dpi else (72, 72)
    Image.fromarray(shot.pixels).save(out, "PNG", dpi=dpi, compress_level=7)
    return out.getvalue()


def tiff(shots: Sequence[Shot]) -> bytes:
    """A TIFF of several pages, as a scanner with automatic colour writes it.

    The first page is black and white (Group 4), the pages between are grey (deflate), the last is in colour (JPEG).
    """
    out = io.BytesIO()
    with AppendingTiffWriter(out, new=True) as writer:
        for number, shot in enumerate(shots):
            image, options = _tiff_page(shot.pixels, first=number == 0, last=number == len(shots) - 1)
            image.save(writer, "TIFF", dpi=(shot.dpi, shot.dpi), **options)
            writer.newFrame()
    return out.getvalue()


def image_pdf(jpegs: Sequence[bytes], size_mm: tuple[float, float]) -> bytes:
    """A PDF whose pages are one JPEG each and hold no text, as the cheapest scanners write it: no identifier, no dates."""
    layout = img2pdf.get_layout_fun((size_mm[0] * MM, size_mm[1] * MM))
    return bytes(img2pdf.convert(list(jpegs), layout_fun=layout, nodate=True, producer="samples", engine=img2pdf.Engine.internal))


def truncated(pdf: bytes) -> bytes:
    """What is left of a PDF when the upload broke off in the middle.

    The PDF is first written as office programs do today, with its objects packed in streams (ISO 32000-1, 7.5.7): of
    such a file no page can be rebuilt, while older layouts give some programs part of the pages back.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    packed = out.getvalue()
    return packed[: len(packed) // 2]


def encrypted(pdf: bytes) -> bytes:
    """A PDF that asks for a password before it shows anything.

    The cipher is the old RC4 because it is the only one without random bytes in the file.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        lock = pikepdf.Encryption(user=USER_PASSWORD, owner=USER_PASSWORD, R=3, aes=False, metadata=False)
        document.save(out, encryption=lock, static_id=True)
    return out.getvalue()


def _tiff_page(pixels: Pixels, first: bool, last: bool) -> tuple[Image.Image, dict[str, object]]:
    image = Image.fromarray(pixels)
    if first:
        return image.convert("L").point(lambda level: 255 * (level > 150)).convert("1"), {"compression": "group4"}
    if last:
        return image.convert("RGB"), {"compression": "jpeg", "quality": 72}
    # 32 greys: the paper's grain would fill the file and tell a reader nothing.
    return image.convert("L").point(lambda level: min(255, (level + 4) // 8 * 8)), {"compression": "tiff_adobe_deflate"}
