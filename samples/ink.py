"""What hands and stamps leave on paper: signatures, round seals, crosses in boxes."""

import math
from collections.abc import Sequence
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samples.paper import MM, Box, Colour, Paper, Point

SEAL_RED = (203, 22, 32)
PEN_BLUE: Colour = (24, 44, 150)
SEAL_MM = 36.0

_SIGNATURES: dict[str, tuple[tuple[Point, ...], ...]] = {
    "loop": (
        ((0.02, 0.62), (0.10, 0.20), (0.20, 0.05), (0.22, 0.35), (0.12, 0.85), (0.20, 0.95), (0.34, 0.45), (0.40, 0.30), (0.38, 0.62)),
        ((0.36, 0.66), (0.46, 0.42), (0.50, 0.66), (0.58, 0.40), (0.62, 0.66), (0.72, 0.34), (0.76, 0.62), (0.90, 0.40), (1.0, 0.30)),
        ((0.10, 0.90), (0.45, 0.78), (0.85, 0.82), (0.60, 0.92)),
    ),
    "wave": (
        (
            (0.0, 0.55),
            (0.12, 0.10),
            (0.18, 0.70),
            (0.28, 0.25),
            (0.34, 0.72),
            (0.44, 0.35),
            (0.50, 0.70),
            (0.64, 0.40),
            (0.80, 0.62),
            (1.0, 0.2),
        ),
        ((0.30, 0.12), (0.36, 0.02), (0.40, 0.12)),
    ),
    "hook": (
        (
            (0.25, 0.0),
            (0.18, 0.50),
            (0.10, 0.98),
            (0.02, 0.80),
            (0.30, 0.40),
            (0.50, 0.30),
            (0.46, 0.62),
            (0.58, 0.40),
            (0.66, 0.60),
            (0.98, 0.45),
        ),
        ((0.05, 0.18), (0.45, 0.06), (0.70, 0.12)),
    ),
}


def sign(paper: Paper, box: Box, shape: str = "loop", colour: Colour = PEN_BLUE, thickness: float = 1.3) -> None:
    """A signature of the given shape, filling the box."""
    for points in _SIGNATURES[shape]:
        placed = [(box[0] + x * (box[2] - box[0]), box[1] + y * (box[3] - box[1])) for x, y in points]
        paper.stroke(smooth(placed), thickness, colour)


def signature(shape: str = "loop", width: int = 460, height: int = 200) -> Image.Image:
    """A signature as transparent RGBA, for the appearance of a digital signature."""
    over = 3
    image = Image.new("RGBA", (width * over, height * over), (*PEN_BLUE, 0))
    pen = ImageDraw.Draw(image)
    for points in _SIGNATURES[shape]:
        placed = smooth([((0.03 + 0.94 * x) * width * over, (0.05 + 0.9 * y) * height * over) for x, y in points])
        pen.line(placed, fill=(*PEN_BLUE, 255), width=6 * over, joint="curve")
    return image.resize((width, height), Image.Resampling.LANCZOS)


def note_picture(lines: Sequence[str], width: int = 708, height: int = 150) -> Image.Image:
    """Small black lines as transparent RGBA at 300 dpi: how an agency's signature shows itself on a digitised copy."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), 40)
    for number, line in enumerate(lines):
        pen.text((4, 4 + 48 * number), line, font=font, fill=(10, 10, 10, 255))
    return image


def cross(paper: Paper, box: Box, colour: Colour = PEN_BLUE) -> None:
    """A cross made by hand: it leaves the box a little."""
    x0, y0, x1, y1 = box
    paper.stroke([(x0 - 1.0, y0 + 0.6), (x1 + 1.4, y1 + 0.4)], 1.2, colour)
    paper.stroke([(x1 + 1.0, y0 - 1.2), (x0 + 0.2, y1 - 0.2)], 1.2, colour)


def seal_box(centre: Point, diameter_mm: float = SEAL_MM) -> Box:
    """Where a seal with that centre lies."""
    radius = diameter_mm * MM / 2
    return (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)


def seal(outer: str, inner: str, seed: int = 7, colour: Colour = SEAL_RED) -> Image.Image:
    """A round seal as transparent RGBA, 36 mm at 300 dpi: `outer` runs around over the top, `inner` along the bottom.

    MẪU (specimen) stands under the star, so that nobody can use it as a seal.
    """
    side, over = 425, 3
    mask = Image.new("L", (side * over, side * over), 0)
    pen = ImageDraw.Draw(mask)
    middle = side * over / 2
    for radius, width in ((0.985, 0.026), (0.925, 0.010), (0.60, 0.012)):
        r = radius * middle
        pen.ellipse((middle - r, middle - r, middle + r, middle + r), outline=255, width=round(width * middle))
    _ring_text(mask, outer, middle, 0.765 * middle, size=0.185 * middle, top=True)
    _ring_text(mask, inner, middle, 0.765 * middle, size=0.165 * middle, top=False)
    star = [
        (middle + r * middle * math.sin(k * math.pi / 5), middle - 0.08 * middle - r * middle * math.cos(k * math.pi / 5))
        for k, r in enumerate([0.36, 0.14] * 5)
    ]
    pen.polygon(star, fill=255)
    pen.text((middle, middle + 0.40 * middle), "MẪU", font=_font(0.2 * middle), fill=255, anchor="mm")
    coverage = np.asarray(mask.resize((side, side), Image.Resampling.LANCZOS), np.float32) / 255
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = (coverage * _uneven_ink(side, seed) * 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


def smooth(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    p = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        steps_on = (k / steps for k in range(steps))
        curve.extend((_catmull(a[0], b[0], c[0], d[0], t), _catmull(a[1], b[1], c[1], d[1], t)) for t in steps_on)
    return [*curve, points[-1]]


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def _ring_text(mask: Image.Image, text: str, middle: float, radius: float, size: float, top: bool) -> None:
    font = _font(size)
    widths = [font.getlength(c) * 1.06 for c in text]
    angle = -sum(widths) / radius / 2
    for letter, width in zip(text, widths, strict=True):
        turn = angle + width / radius / 2
        angle += width / radius
        tile = Image.new("L", (round(size * 2), round(size * 2)), 0)
        ImageDraw.Draw(tile).text((size, size), letter, font=font, fill=255, anchor="mm")
        tile = tile.rotate(-math.degrees(turn) if top else math.degrees(turn), Image.Resampling.BICUBIC)
        x = middle + radius * math.sin(turn)
        y = middle - radius * math.cos(turn) if top else middle + radius * math.cos(turn)
        mask.paste(255, (round(x - size), round(y - size)), tile)


def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Bold.ttf"), round(size))


def _uneven_ink(side: int, seed: int) -> NDArray[np.float32]:
    """How well the ink took, 0..1: stamps are pale where the rubber did not press."""
    chance = np.random.default_rng(seed)
    broad = cv2.resize(chance.random((6, 6), np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    fine = cv2.GaussianBlur(chance.random((side, side), np.float32), (0, 0), 1.2)
    ink = 0.60 + 0.34 * broad + 0.9 * (fine - 0.5)
    return np.clip(ink, 0.15, 0.92).astype(np.float32)
