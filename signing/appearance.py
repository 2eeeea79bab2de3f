"""Draws what a signature shows: text lines or a trimmed picture, as plain PDF values of `signing.typeface`.

Everything is drawn so that a PDF/A file stays one (ISO 19005-2 §6.2): fonts embedded, colours in a calibrated space of
their own (no output intent is needed), and a picture cut out with a 1-bit mask instead of transparency.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from signing.model import POINTS_PER_MM, Profile
from signing.typeface import Stream, Typeface, typeface, wrapped
from sohoa.errors import SohoaError

# The white, gamma and primaries of sRGB (IEC 61966-2-1) as a CalRGB space (ISO 32000-1 §8.6.5.3).
COLOURS: list[Any] = [
    "/CalRGB",
    {
        "/WhitePoint": [0.9505, 1.0, 1.089],
        "/Gamma": [2.2, 2.2, 2.2],
        "/Matrix": [0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505],
    },
]
LEADING = 1.2
_PADDING = 1.5
_PIXELS_PER_POINT = 400 / 72
_MASK_PIXELS_PER_POINT = 1200 / 72
_LARGEST_IMAGE = 40_000_000


class Drawing(Struct, frozen=True):
    """A form's content: `size` in points, operators, and its resource dictionary as plain values."""

    size: tuple[float, float]
    content: bytes
    resources: dict[str, Any]


def draw(
    profile: Profile,
    lines: tuple[str, ...],
    image: str | None,
    image_mm: tuple[float, float] | None,
    room: tuple[float, float] | None,
) -> Drawing:
    """The picture when there is one, else the lines.

    `room` (width, height) in points is a box the caller fixed: a handwriting and lines are fitted to it, a seal keeps
    its true size. Raises SohoaError image_unreadable, appearance_image_too_large.
    """
    if image:
        width, height = image_mm or profile.image_mm
        wanted = (width * POINTS_PER_MM, height * POINTS_PER_MM)
        if room and profile.place.kind != "seal":
            wanted = (min(wanted[0], room[0]), min(wanted[1], room[1]))
        return _picture(image, Path(image).stat().st_mtime_ns, wanted)
    return _lines(profile, lines, room[0] if room else profile.width_mm * POINTS_PER_MM)


def _lines(profile: Profile, lines: tuple[str, ...], width: float) -> Drawing:
    face = typeface(profile.font, "".join(lines))
    size = profile.font_size
    broken = [part for line in lines for part in wrapped(face, line, size, width - 2 * _PADDING)]
    box = (max((face.width(line, size) for line in broken), default=0) + 2 * _PADDING, len(broken) * size * LEADING + 2 * _PADDING)
    first = box[1] - _PADDING - size * LEADING + _drop(face, size)
    operators = [b"q /Ink cs %.3f %.3f %.3f sc BT /F0 %.2f Tf" % (*profile.colour, size)]
    operators += [b"1 0 0 1 %.2f %.2f Tm %s Tj" % (_PADDING, first - i * size * LEADING, face.codes(line)) for i, line in enumerate(broken)]
    return Drawing(box, b"\n".join([*operators, b"ET Q"]), {"/Font": {"/F0": face.resource}, "/ColorSpace": {"/Ink": COLOURS}})


def _drop(face: Typeface, size: float) -> float:
    """How far the baseline stands above the bottom of its line."""
    return size * (LEADING - (face.ascent - face.descent) / 1000) / 2 - face.descent * size / 1000


@lru_cache(maxsize=32)
def _picture(path: str, _changed: int, room: tuple[float, float]) -> Drawing:
    """The picture without its transparent border, as large as `room` allows, in its own proportions."""
    from PIL import Image, ImageStat, UnidentifiedImageError

    try:
        with Image.open(path, formats=("PNG",)) as opened:
            if opened.width * opened.height > _LARGEST_IMAGE:
                raise SohoaError("appearance_image_too_large", megapixels=_LARGEST_IMAGE // 1_000_000)
            picture = opened.convert("RGBA")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        raise SohoaError("image_unreadable") from None
    inked = picture.getchannel("A").point(lambda a: 255 if a >= 128 else 0).getbbox()
    if inked is None:
        raise SohoaError("image_unreadable")
    picture = picture.crop(inked)
    scale = min(room[0] / picture.width, room[1] / picture.height)
    size = (picture.width * scale, picture.height * scale)
    alpha = picture.getchannel("A")
    # Where the picture is transparent its colour is arbitrary, often black: the ink's own colour leaves no dark fringe.
    opaque = alpha.point(lambda a: 255 if a >= 128 else 0)
    ground = Image.new("RGB", picture.size, tuple(round(channel) for channel in ImageStat.Stat(picture.convert("RGB"), opaque).mean))
    colour = Image.composite(picture.convert("RGB"), ground, opaque)
    finest = (max(1, round(size[0] * _PIXELS_PER_POINT)), max(1, round(size[1] * _PIXELS_PER_POINT)))
    if finest[0] < colour.width:
        colour = colour.resize(finest, Image.Resampling.LANCZOS)
    fine = (max(1, round(size[0] * _MASK_PIXELS_PER_POINT)), max(1, round(size[1] * _MASK_PIXELS_PER_POINT)))
    # In a mask a set bit is not painted (ISO 32000-1 §8.9.6.3).
    mask = alpha.resize(fine, Image.Resampling.BICUBIC).point(lambda a: 0 if a >= 128 else 255).convert("1", dither=Image.Dither.NONE)
    drawn = Stream(
        {
            "/Type": "/XObject",
            "/Subtype": "/Image",
            "/Width": colour.width,
            "/Height": colour.height,
            "/BitsPerComponent": 8,
            "/ColorSpace": COLOURS,
            "/Mask": Stream(
                {
                    "/Type": "/XObject",
                    "/Subtype": "/Image",
                    "/Width": mask.width,
                    "/Height": mask.height,
                    "/BitsPerComponent": 1,
                    "/ImageMask": True,
                },
                mask.tobytes(),
            ),
        },
        colour.tobytes(),
    )
    return Drawing(size, b"q %.3f 0 0 %.3f 0 0 cm /Im0 Do Q" % size, {"/XObject": {"/Im0": drawn}})
