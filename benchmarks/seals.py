"""Words under round seals: how many of them are read, on colour scans, grey scans and phone photos.

Blocks of running text and signatures are drawn in whatever faces the machine has, stamped with ink that lets the print through, in
any colour, strength, place and angle, and then blurred and compressed as scanners and phones do. Each word that the seal's disc
touches counts; the same blocks without a seal say what reading loses anyway.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

from benchmarks.papers import families, invented_name, invented_sentence
from ocr.pages.model import MM_PER_INCH, RawPage
from ocr.pages.prepare import prepare
from ocr.words.cascade import LatticeReader
from ocr.words.word import Box, ReadWord
from samples.conditions import Pixels
from samples.ink import seal

_PAGES = 40
_DPI = 200.0
_SIZE = (1240, 900)  # pixels
_LEFT, _TOP = 120, 70
_PLACES = ("HƯƠNG MẪU", "TÂN HƯNG", "BÌNH MẪU", "PHÚ THƯỢNG", "CẨM LÝ")
_INKS = {
    "red": (203, 22, 32),
    "dark red": (140, 15, 25),
    "orange": (215, 70, 20),
    "purple": (110, 30, 140),
    "blue": (40, 60, 170),
    "pale red": (225, 110, 115),
}
_CONDITIONS = ("colour", "grey", "warm photo")
_TITLES = ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "TL. GIÁM ĐỐC", "KT. TRƯỞNG PHÒNG")
_POSTS = ("CHỦ TỊCH", "PHÓ CHỦ TỊCH", "CHÁNH VĂN PHÒNG", "PHÓ GIÁM ĐỐC", "THẨM PHÁN")
_SURE = 0.98
_SAME_PLACE = 0.5


class Block(Struct, frozen=True, eq=False):
    """A drawn block of text: `pixels` H×W×3 RGB, its words with their boxes in pixels, its seal's middle, radius and ink."""

    pixels: Pixels
    words: tuple[tuple[str, Box], ...]
    middle: tuple[float, float]
    radius: float
    ink: str


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Words under the seals, how many of them were not read right with and without the seal, and how many wrong ones were called sure."""
    reader = LatticeReader()
    figures: dict[str, Any] = {}
    for condition in _CONDITIONS:
        count: Counter[str] = Counter()
        for number in range(_PAGES):
            stamped, bare = (block(number, with_seal) for with_seal in (True, False))
            there = [(word, box) for word, box in stamped.words if under(stamped, box)]
            found = read(reader, taken(stamped, condition, number))
            count["under"] += len(there)
            count["lost"] += len(unread(there, found))
            count["lost_without_seal"] += len(unread(there, read(reader, taken(bare, condition, number))))
            count["sure_wrong"] += sum(
                1 for word, box in there if (seen := at(box, found)) and seen.confidence >= _SURE and seen.text != word
            )
        figures[condition] = dict(count)
        print(condition, figures[condition])
    return {"pages": _PAGES, "conditions": figures}


def block(number: int, with_seal: bool = True) -> Block:
    """The block of that number, the same on every machine with the same faces."""
    chance = random.Random(f"seal/{number}")  # noqa: S311  # made-up pages, the same on every run
    faces = list(families())
    face = faces[number % len(faces)]
    page = Image.new("RGB", _SIZE, (252, 252, 250))
    pen = ImageDraw.Draw(page)
    size = chance.choice((32, 34, 36, 38))
    words: list[tuple[str, Box]] = []
    y = float(_TOP)
    for _ in range(chance.randint(2, 3)):
        for line in _wrapped(invented_sentence(chance), ImageFont.truetype(str(face[""]), size), _SIZE[0] - 2 * _LEFT):
            words += _written(pen, line, _LEFT, y, ImageFont.truetype(str(face[""]), size))
            y += 1.45 * size
    y += 0.6 * size
    middle = chance.uniform(700, 860)
    ink_rows = [(chance.choice(_TITLES), "B"), (chance.choice(_POSTS), "B"), None, (invented_name(chance), "B")]
    signing = y
    for row in ink_rows:
        if row is None:
            y += chance.uniform(1.0, 2.6) * size
            continue
        font = ImageFont.truetype(str(face[row[1]]), size)
        words += _written(pen, row[0].split(), middle - font.getlength(row[0]) / 2, y, font)
        y += 1.45 * size
    ink = chance.choice(list(_INKS))
    radius = chance.uniform(14, 20) * _DPI / MM_PER_INCH
    where = (chance.uniform(middle - 260, middle + 60), chance.uniform(signing - 40, min(y, _SIZE[1] - radius)))
    mark = seal(f"U.B.N.D XÃ {chance.choice(_PLACES)}", f"T. {chance.choice(_PLACES)}", seed=number, colour=_INKS[ink])
    mark = mark.resize((round(2 * radius),) * 2, Image.Resampling.LANCZOS).rotate(chance.uniform(-25, 25), Image.Resampling.BICUBIC)
    strength = chance.uniform(0.6, 1.0)
    pixels = np.asarray(page).copy()
    if with_seal:
        stamp(pixels, mark, (round(where[0] - radius), round(where[1] - radius)), strength)
    return Block(pixels, tuple(words), where, radius, ink)


def taken(drawn: Block, condition: str, number: int) -> Pixels:
    """The block as a scanner or a phone gives it: BGR after JPEG."""
    chance = np.random.default_rng(number)
    pixels: Any = cv2.cvtColor(drawn.pixels, cv2.COLOR_RGB2BGR).astype(np.float32)
    if condition == "grey":
        pixels = cv2.cvtColor(drawn.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    if condition == "warm photo":
        pixels *= np.array([0.70, 0.88, 0.98], np.float32) * np.linspace(0.95, 0.7, _SIZE[0], dtype=np.float32)[None, :, None]
    pixels = cv2.GaussianBlur(pixels, (0, 0), chance.uniform(0.35, 0.95)).reshape(pixels.shape)
    pixels = np.clip(pixels + chance.normal(0, chance.uniform(1, 4), pixels.shape), 0, 255).astype(np.uint8)
    how = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(68, 90)), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", pixels, how)[1], cv2.IMREAD_COLOR), np.uint8)


def read(reader: LatticeReader, pixels: Pixels) -> tuple[ReadWord, ...]:
    """The words of the block as any upload is read whose density is known."""
    prepared = prepare(RawPage(pixels, _DPI, (_SIZE[0] / _DPI * MM_PER_INCH, _SIZE[1] / _DPI * MM_PER_INCH), None, "image/jpeg"))
    return reader.read(prepared.reading, prepared.reading_dpi, prepared.sealed)


def under(drawn: Block, box: Box) -> bool:
    """Does the seal's disc touch the word?"""
    near = (min(max(drawn.middle[0], box[0]), box[2]), min(max(drawn.middle[1], box[1]), box[3]))
    return float(np.hypot(near[0] - drawn.middle[0], near[1] - drawn.middle[1])) < drawn.radius


def unread(wanted: Sequence[tuple[str, Box]], found: Sequence[ReadWord]) -> list[str]:
    """The words that were not read right in their place."""
    return [word for word, box in wanted if (seen := at(box, found)) is None or seen.text != word]


def at(box: Box, found: Sequence[ReadWord]) -> ReadWord | None:
    """The word that shares most of the box."""
    best, most = None, _SAME_PLACE
    for word in found:
        across = min(box[2], word.box[2]) - max(box[0], word.box[0])
        down = min(box[3], word.box[3]) - max(box[1], word.box[1])
        if across > 0 and down > 0 and (share := across * down / ((box[2] - box[0]) * (box[3] - box[1]))) > most:
            best, most = word, share
    return best


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[list[str]]:
    line: list[str] = []
    for word in text.split():
        if line and font.getlength(" ".join([*line, word])) > width:
            yield line
            line = []
        line.append(word)
    yield line


def _written(pen: ImageDraw.ImageDraw, line: Sequence[str], x: float, y: float, font: ImageFont.FreeTypeFont) -> list[tuple[str, Box]]:
    placed = []
    for word in line:
        pen.text((x, y), word, font=font, fill=(20, 20, 22))
        left, top, right, bottom = font.getbbox(word)
        placed.append((word, (x + left, y + top, x + right, y + bottom)))
        x += font.getlength(word + " ")
    return placed


def stamp(pixels: Any, mark: Image.Image, corner: tuple[int, int], strength: float) -> None:
    """What two inks let through is multiplied; changes `pixels`."""
    drawn = np.asarray(mark, np.float32)
    left, top = corner
    rows, columns = slice(max(0, top), min(len(pixels), top + len(drawn))), slice(max(0, left), min(pixels.shape[1], left + len(drawn)))
    drawn = drawn[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    share = drawn[..., 3:] / 255 * strength
    pixels[rows, columns] = (pixels[rows, columns] * (share * drawn[..., :3] / 255 + 1 - share)).astype(pixels.dtype)
