"""What hands and stamps leave on paper: signatures, round seals, crosses in boxes, a portrait, machine-readable letters."""

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
        paper.stroke(_smooth(placed), thickness, colour)


def cross(paper: Paper, box: Box, colour: Colour = PEN_BLUE) -> None:
    """A cross made by hand: it leaves the box a little."""
    x0, y0, x1, y1 = box
    paper.stroke([(x0 - 1.0, y0 + 0.6), (x1 + 1.4, y1 + 0.4)], 1.2, colour)
    paper.stroke([(x1 + 1.0, y0 - 1.2), (x0 + 0.2, y1 - 0.2)], 1.2, colour)


def seal_box(centre: Point, diameter_mm: float = SEAL_MM) -> Box:
    """Where a seal with that centre lies."""
    radius = diameter_mm * MM / 2
    return (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)


def seal(outer: str, inner: str, seed: int = 7) -> Image.Image:
    """A round red seal as transparent RGBA, 36 mm at 300 dpi: `outer` runs around over the top, `inner` along the bottom.

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
    pixels[..., :3] = SEAL_RED
    pixels[..., 3] = (coverage * _uneven_ink(side, seed) * 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


def portrait(width: int = 300, height: int = 400) -> Image.Image:
    """A head and shoulders without a face."""
    image = Image.new("RGB", (width * 2, height * 2), (196, 214, 228))
    pen = ImageDraw.Draw(image)
    w, h = width * 2, height * 2
    pen.ellipse((0.27 * w, 0.14 * h, 0.73 * w, 0.60 * h), fill=(70, 62, 66))
    pen.rectangle((0.42 * w, 0.50 * h, 0.58 * w, 0.74 * h), fill=(205, 176, 158))
    pen.ellipse((0.02 * w, 0.68 * h, 0.98 * w, 1.35 * h), fill=(92, 104, 128))
    pen.ellipse((0.31 * w, 0.20 * h, 0.69 * w, 0.62 * h), fill=(214, 186, 168))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def machine_letters(paper: Paper, x: float, y: float, text: str, pitch: float, height: float) -> Box:
    """Letters of a machine-readable zone at a fixed pitch, drawn as strokes in the manner of OCR-B; returns their box."""
    for index, letter in enumerate(text):
        left = x + index * pitch + 0.12 * pitch
        for points in _LETTERS[letter]:
            placed = [(left + px / 6 * 0.76 * pitch, y - height + py / 10 * height) for px, py in points]
            paper.stroke(placed if len(points) < 4 or letter in _ANGULAR else _smooth(placed), 0.085 * height + 0.35, (25, 25, 28))
    return (x, y - height - 0.5, x + len(text) * pitch, y + 0.5)


def _smooth(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    p = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        for t in (k / steps for k in range(steps)):
            curve.append((_catmull(a[0], b[0], c[0], d[0], t), _catmull(a[1], b[1], c[1], d[1], t)))
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


# Strokes on a grid 6 wide and 10 high, origin top left.
_ANGULAR = set("AEFHIKLMNTVWXYZ147<")
_LETTERS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "A": (((0, 10), (3, 0), (6, 10)), ((1.1, 6.8), (4.9, 6.8))),
    "B": (((0, 0), (0, 10)), ((0, 0), (3.6, 0), (5.2, 0.9), (5.4, 2.4), (4.9, 3.9), (3.2, 4.6), (0, 4.7)),
          ((3, 4.7), (4.9, 5.2), (6, 7.2), (5.2, 9.3), (3.4, 10), (0, 10))),
    "C": (((6, 1.4), (4.6, 0.2), (3, 0), (1, 1.2), (0, 3.6), (0, 6.4), (1, 8.8), (3, 10), (4.6, 9.8), (6, 8.6)),),
    "D": (((0, 0), (0, 10)), ((0, 0), (3, 0), (5.2, 1.6), (6, 5), (5.2, 8.4), (3, 10), (0, 10))),
    "E": (((6, 0), (0, 0), (0, 10), (6, 10)), ((0, 4.8), (4.8, 4.8))),
    "F": (((6, 0), (0, 0), (0, 10)), ((0, 4.8), (4.8, 4.8))),
    "G": (((6, 1.4), (4.6, 0.2), (3, 0), (1, 1.2), (0, 3.6), (0, 6.4), (1, 8.8), (3, 10), (4.8, 9.8), (6, 9)), ((6, 9), (6, 5.4), (3.6, 5.4))),
    "H": (((0, 0), (0, 10)), ((6, 0), (6, 10)), ((0, 4.8), (6, 4.8))),
    "I": (((3, 0), (3, 10)), ((1, 0), (5, 0)), ((1, 10), (5, 10))),
    "J": (((5, 0), (5, 7.4), (4.4, 9.2), (2.8, 10), (1.2, 9.4), (0.5, 8)),),
    "K": (((0, 0), (0, 10)), ((5.8, 0), (0, 5.8)), ((1.8, 4.2), (6, 10))),
    "L": (((0, 0), (0, 10), (6, 10)),),
    "M": (((0, 10), (0, 0), (3, 5), (6, 0), (6, 10)),),
    "N": (((0, 10), (0, 0), (6, 10), (6, 0)),),
    "O": (((3, 0), (1, 1.1), (0, 3.4), (0, 6.6), (1, 8.9), (3, 10), (5, 8.9), (6, 6.6), (6, 3.4), (5, 1.1), (3, 0)),),
    "P": (((0, 0), (0, 10)), ((0, 0), (3.8, 0), (5.6, 1.0), (6, 2.8), (5.6, 4.6), (3.8, 5.6), (0, 5.6))),
    "Q": (((3, 0), (1, 1.1), (0, 3.4), (0, 6.6), (1, 8.9), (3, 10), (5, 8.9), (6, 6.6), (6, 3.4), (5, 1.1), (3, 0)), ((3.6, 7), (6.2, 10.4))),
    "R": (((0, 0), (0, 10)), ((0, 0), (3.8, 0), (5.6, 1.0), (6, 2.6), (5.6, 4.2), (3.8, 5.2), (0, 5.2)), ((3, 5.2), (6, 10))),
    "S": (((5.8, 1.4), (4.6, 0.3), (3, 0), (1.2, 0.5), (0.4, 2.2), (1.2, 4), (3, 4.8), (5, 5.8), (5.8, 7.6), (4.8, 9.5), (3, 10), (1.2, 9.6), (0, 8.4)),),
    "T": (((0, 0), (6, 0)), ((3, 0), (3, 10))),
    "U": (((0, 0), (0, 6.8), (1, 9.2), (3, 10), (5, 9.2), (6, 6.8), (6, 0)),),
    "V": (((0, 0), (3, 10), (6, 0)),),
    "W": (((0, 0), (1.4, 10), (3, 3.5), (4.6, 10), (6, 0)),),
    "X": (((0, 0), (6, 10)), ((6, 0), (0, 10))),
    "Y": (((0, 0), (3, 5), (6, 0)), ((3, 5), (3, 10))),
    "Z": (((0, 0), (6, 0), (0, 10), (6, 10)),),
    "0": (((3, 0), (1.3, 0.9), (0.4, 3.4), (0.4, 6.6), (1.3, 9.1), (3, 10), (4.7, 9.1), (5.6, 6.6), (5.6, 3.4), (4.7, 0.9), (3, 0)),),
    "1": (((0.8, 2.2), (3.2, 0), (3.2, 10)), ((1, 10), (5.4, 10))),
    "2": (((0.4, 2), (1.4, 0.5), (3, 0), (4.8, 0.6), (5.6, 2.4), (5, 4.4), (2.6, 7), (0.4, 10)), ((0.4, 10), (5.8, 10))),
    "3": (((0.6, 0), (5.4, 0)), ((5.4, 0), (2.6, 3.9)), ((2.6, 3.9), (4.4, 4.2), (5.7, 5.8), (5.5, 8.2), (4, 9.7), (2, 10), (0.4, 9.2))),
    "4": (((3.6, 0), (0, 7), (6, 7)), ((4.4, 4.4), (4.4, 10))),
    "5": (((5.2, 0), (1, 0)), ((1, 0), (0.8, 4.4)), ((0.8, 4.4), (2.8, 3.9), (4.8, 4.7), (5.7, 6.7), (5, 9), (3, 10), (0.4, 9.4))),
    "6": (((4.2, 0), (2.2, 2.6), (0.7, 5.2), (0.3, 7.2), (1.2, 9.3), (3, 10), (4.9, 9.3), (5.7, 7.2), (4.9, 5.2), (3, 4.5), (1.4, 5), (0.5, 6.2)),),
    "7": (((0.2, 0), (5.8, 0), (2.4, 10)),),
    "8": (((3, 0), (1.3, 0.6), (0.7, 2.3), (1.3, 3.9), (3, 4.6), (4.9, 5.5), (5.7, 7.3), (4.9, 9.3), (3, 10), (1.1, 9.3), (0.3, 7.3),
           (1.1, 5.5), (3, 4.6), (4.7, 3.9), (5.3, 2.3), (4.7, 0.6), (3, 0)),),
    "9": (((1.8, 10), (3.8, 7.4), (5.3, 4.8), (5.7, 2.8), (4.8, 0.7), (3, 0), (1.1, 0.7), (0.3, 2.8), (1.1, 4.8), (3, 5.5), (4.6, 5), (5.5, 3.8)),),
    "<": (((5.4, 1.6), (0.6, 5), (5.4, 8.4)),),
}  # fmt: skip
