"""Draws a page of lines and photographs it: rules, tables, boxes, leaders and seals around the print, then a scanner's faults."""

import random
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.recogniser.faces import face, monospaced
from benchmarks.recogniser.texts import Texts
from benchmarks.seals import stamp
from ocr.pages.model import MM_PER_INCH
from samples.conditions import Pixels
from samples.ink import seal

Ink = NDArray[np.float32]  # HxW, 0 is paper and 1 full ink

_A4 = (210.0, 297.0)  # millimetres
_DPI = (200, 200, 200, 200, 300, 150, 200, 300)
_SIZES = (8, 9, 10, 10.5, 11, 11, 12, 12, 13, 13, 14)  # points
_INKS = ((20, 20, 22), (20, 20, 22), (20, 20, 22), (60, 60, 60), (27, 47, 158), (90, 40, 20))
_SEALS = ((203, 22, 32), (203, 22, 32), (140, 15, 25), (215, 70, 20), (110, 30, 140), (225, 110, 115))


class Row(Struct, frozen=True):
    """Print that stands together: its box in pixels, its words with their left and right edges."""

    x0: float
    y0: float
    x1: float
    y1: float
    words: tuple[tuple[str, float, float], ...]


class Page(Struct, frozen=True, eq=False):
    """A picture (BGR after JPEG) and what stands on it."""

    pixels: Pixels
    dpi: int
    rows: tuple[Row, ...]


class _Rules(Struct, frozen=True):
    """How a page draws its rules."""

    dark: float
    wide: int
    table: bool


def page(chance: random.Random, texts: Texts, families: list[list[str]]) -> Page:
    """One page out of `chance`."""
    c = chance
    dpi = c.choice(_DPI)
    width, height = (int(side / MM_PER_INCH * dpi) for side in _A4)
    paper = c.uniform(235, 255)
    ink = np.zeros((height, width), np.float32)
    usual, base = c.choice(families), c.choice(_SIZES)
    rules = _Rules(c.uniform(0.4, 1), c.choice((1, 1, 2)), c.random() < 0.4)
    rows: list[Row] = []
    y = int(dpi * 0.45)
    while True:
        points = base if c.random() < 0.8 else c.choice((7.5, 8.5, 9, 10, 11, 12, 13, 14, 16))
        size = max(14, round(points * dpi / 72))
        if y + size * 1.9 > height - dpi * 0.4:
            break
        rows += _line(c, texts, families, usual, ink, rules, size, (int(dpi * c.uniform(0.5, 1.0)), y, width - int(dpi * 0.45)))
        y += int(size * c.choice((1.25, 1.4, 1.5, 1.65, 1.9)))
    colour = np.full((height, width, 3), paper, np.float32)
    print_ink = np.array(c.choice(_INKS), np.float32)
    colour = colour * (1 - ink[..., None]) + print_ink * ink[..., None]
    if c.random() < 0.5:
        for _ in range(c.randint(2, 7)):
            _stamp(c, texts, colour, dpi)
    return Page(_taken(c, colour, ink, dpi), dpi, tuple(rows))


def _line(
    c: random.Random,
    texts: Texts,
    families: list[list[str]],
    usual: list[str],
    ink: Ink,
    rules: _Rules,
    size: int,
    at: tuple[int, int, int],
) -> list[Row]:
    """Write one row of print or two beside each other into `ink`; `at` is its left and upper edge and the right margin."""
    x, y, right = at
    asc = int(size * 1.25)
    dark = c.choice((1, 1, 1, 0.9, 0.75, 0.6))
    parts = 1 if c.random() < 0.75 else 2
    small = parts == 2 and c.random() < 0.25  # a card's label before its answer
    rows: list[Row] = []
    for part in range(parts):
        files = usual if c.random() < 0.5 else c.choice(monospaced(families) if c.random() < 0.15 else families)
        text, room, last = texts.line(c), right - x, part == parts - 1
        if not text:
            continue
        if room < 60:
            break
        if c.random() < 0.10:
            if boxed := _boxed(c, texts, ink, rules, c.choice(files), size, dark, (x, y, right)):
                rows.append(boxed)
                x = int(boxed.x1 + size * c.uniform(1.2, 3))
            continue
        own = max(9, int(size * c.uniform(0.5, 0.75))) if small and not last else size
        typed = monospaced(families) if c.random() < 0.6 else families
        drawn, words = _print(c, text, (c.choice(files), c.choice(c.choice(typed))), own, dark)
        limit = room if last else room * c.uniform(0.4, 0.6)
        fit = [word for word in words if word[2] < limit - 8]
        if not fit:
            break
        if len(fit) < len(words):
            drawn = drawn[:, : int((fit[-1][2] + words[len(fit)][1]) / 2)]
        drawn = drawn[:, : ink.shape[1] - x]
        end = x + fit[-1][2]
        if part == 0 and c.random() < 0.05:
            _check_box(c, ink, x, y + asc, size)
        if c.random() < 0.25:
            _under(c, ink, (x, y, right if last else end), size, c.choice(files))
        if rules.table:
            _cell(c, ink, rules, (x, y, end), size)
        _over(ink, drawn, x, y + asc - int(own * 1.25))
        placed = tuple((word, x + left, x + stop) for word, left, stop in fit)
        rows.append(Row(x, y + asc - size * 0.8, x + drawn.shape[1], y + asc + size * 0.25, placed))
        _beside(c, ink, (x, y, end, right), size, dark, c.choice(files), last)
        x = int(end + size * (c.uniform(0.25, 0.7) if small or c.random() < 0.35 else c.uniform(1.2, 4)))
    return rows


def _print(c: random.Random, text: str, two: tuple[str, str], size: int, dark: float) -> tuple[Ink, list[tuple[str, float, float]]]:
    """The text in ink, its base line 1.25 sizes below the top, and its words with their edges; in the first face of `two`, at times with
    numbers that were filled in with the other."""
    file, other = two
    filled = c.random() < 0.2
    figures = ["onum"] if c.random() < 0.3 else None
    font = face(file, size)
    spread = c.uniform(0.5, 3) if c.random() < 0.06 else 0.0
    asc, high = int(size * 1.25), int(size * 1.75)
    width = max(one.getlength(text, features=figures) for one in ((font, face(other, size)) if filled else (font,)))
    canvas = Image.new("L", (int(width + len(text) * (spread + 0.5) + 60), high), 0)
    pen = ImageDraw.Draw(canvas)
    space = font.getlength(" ") * c.choice((1, 1, 1, 1.3, 1.8, 0.85))
    words: list[tuple[str, float, float]] = []
    x = 4.0
    for word in text.split():
        left = x
        own = face(other, size) if filled and any(map(str.isdigit, word)) else font
        for piece in word if spread else (word,):
            pen.text((x, asc), piece, font=own, fill=255, features=figures, anchor="ls")
            x += own.getlength(piece, features=figures) + spread
        words.append((word, left, x))
        x += space + spread
    drawn: Any = np.asarray(canvas)[:, : int(min(canvas.width, x + 12))]
    if c.random() < 0.12:  # slanted print
        slope = float(np.tan(np.radians(c.uniform(4, 15))))
        drawn = cv2.warpAffine(
            drawn, np.array([[1, -slope, slope * asc], [0, 1, 0]], np.float32), (drawn.shape[1] + int(slope * high), high)
        )
    if c.random() < 0.15:  # narrow or wide print
        share = c.uniform(0.82, 1.18)
        how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
        drawn = cv2.resize(drawn, (max(8, int(drawn.shape[1] * share)), high), interpolation=how)
        words = [(word, left * share, stop * share) for word, left, stop in words]
    return drawn.astype(np.float32) / 255 * dark, words


def _boxed(
    c: random.Random, texts: Texts, ink: Ink, rules: _Rules, file: str, size: int, dark: float, at: tuple[int, int, int]
) -> Row | None:
    """Figures in boxes of their own; None where there is no room."""
    x, y, right = at
    text, pitch, asc = texts.figures(c), size * c.uniform(0.75, 1.6), int(size * 1.25)
    end = x + len(text) * pitch
    if end + size > right:
        return None
    font, figures = face(file, size), ["onum"] if c.random() < 0.2 else None
    canvas = Image.new("L", (int(len(text) * pitch) + 4, int(size * 1.9)), 0)
    pen = ImageDraw.Draw(canvas)
    for number, figure in enumerate(text):
        pen.text(((number + 0.5) * pitch, asc), figure, font=font, fill=255, anchor="ms", features=figures)
    _over(ink, np.asarray(canvas, np.float32) / 255 * dark, x, y)
    top, bottom = int(y + asc - size * c.uniform(0.9, 1.15)), int(y + asc + size * c.uniform(0.15, 0.4))
    gap = c.choice((0, 0, 0, 2, 4))
    for number in range(len(text) + 1):
        edge = int(x + number * pitch)
        _rule(ink, rules.dark, slice(top, bottom), slice(edge, edge + rules.wide))
        if gap and number < len(text):
            _rule(ink, rules.dark, slice(top, bottom), slice(int(edge + pitch - gap), int(edge + pitch - gap) + rules.wide))
    if c.random() < 0.8:
        _rule(ink, rules.dark, slice(top, top + rules.wide), slice(x, int(end)))
    _rule(ink, rules.dark, slice(bottom, bottom + rules.wide), slice(x, int(end)))
    return Row(x, y + asc - size * 0.8, end, y + asc + size * 0.25, ((text, x + 0.2 * pitch, end - 0.2 * pitch),))


def _check_box(c: random.Random, ink: Ink, x: int, base: int, size: int) -> None:
    side = int(size * c.uniform(0.6, 0.9))
    left, top = int(x - side - size * c.uniform(0.1, 0.5)), int(base - side * 0.95)
    if left <= 4:
        return
    cv2.rectangle(ink, (left, top), (left + side, top + side), 0.8, 1)
    if c.random() < 0.4:
        cv2.line(ink, (left + 2, top + 2), (left + side - 2, top + side - 2), 0.9, 2)
        cv2.line(ink, (left + side - 2, top + 2), (left + 2, top + side - 2), 0.9, 2)


def _under(c: random.Random, ink: Ink, at: tuple[int, int, float], size: int, file: str) -> None:
    """The dots that the print was written over."""
    x, y, end = at
    font, base = face(file, max(8, int(size * c.uniform(0.85, 1.25)))), int(size * c.uniform(1.2, 1.4))
    piece = c.choice((".", ".", "…", ". "))
    pitch = font.getlength(piece) * (1 if c.random() < 0.6 else c.uniform(0.6, 1.2))
    canvas = Image.new("L", (max(1, int(end - x)), int(size * 1.9)), 0)
    pen, off = ImageDraw.Draw(canvas), c.uniform(0, size)
    for number in range(int((canvas.width + off) / pitch) + 1):
        pen.text((number * pitch - off, base), piece, font=font, fill=255, anchor="ls")
    _over(ink, np.asarray(canvas, np.float32) / 255 * c.uniform(0.5, 1), x, y)


def _cell(c: random.Random, ink: Ink, rules: _Rules, at: tuple[int, int, float], size: int) -> None:
    x, y, end = at
    top, bottom = y - int(size * 0.1), y + int(size * 1.7)
    for edge in (int(x - size * c.uniform(0.05, 0.6)), int(end + size * c.uniform(0.1, 0.8))):
        if edge > 0:
            _rule(ink, rules.dark, slice(top, bottom), slice(edge, edge + rules.wide))
    if c.random() < 0.7:
        for edge in (top, bottom):
            _rule(ink, rules.dark, slice(edge, edge + rules.wide), slice(max(0, int(x - size * 0.6)), int(end + size)))


def _beside(c: random.Random, ink: Ink, at: tuple[int, int, float, int], size: int, dark: float, file: str, last: bool) -> None:
    """A leader behind the print, a rule or a row of dots under it, an upright rule behind it, or nothing."""
    x, y, end, right = at
    base, kind = y + int(size * 1.25), c.random()
    if kind < 0.06 and last:
        canvas = Image.new("L", (max(1, int(right - end)), int(size * 1.75)), 0)
        dots = "." * int((right - end) / (size * 0.28))
        ImageDraw.Draw(canvas).text((size * 0.1, int(size * 1.25)), dots, font=face(file, size), fill=255, anchor="ls")
        _over(ink, np.asarray(canvas, np.float32) / 255 * dark, int(end), y)
    elif kind < 0.12:
        under = int(base + size * c.uniform(0.15, 0.4))
        _rule(ink, 0.8, slice(under, under + max(1, size // 18)), slice(x - 5, right))
    elif kind < 0.15:
        wide = max(1, size // 14)
        for left in range(x, right, max(4, int(size * 0.28))):
            _rule(ink, 0.7, slice(int(base + size * 0.12), int(base + size * 0.12) + wide), slice(left, left + wide))
    elif kind < 0.18:
        left = int(end + size * 0.3)
        _rule(ink, 0.8, slice(y, y + int(size * 1.7)), slice(left, left + 2))


def _rule(ink: Ink, dark: float, rows: slice, columns: slice) -> None:
    ink[rows, columns] = np.maximum(ink[rows, columns], dark)


def _over(ink: Ink, drawn: Ink, x: int, y: int) -> None:
    there = ink[y : y + drawn.shape[0], x : x + drawn.shape[1]]
    np.maximum(there, drawn[: there.shape[0], : there.shape[1]], out=there)


def _stamp(c: random.Random, texts: Texts, colour: Ink, dpi: int) -> None:
    """A seal anywhere on the page, its ink multiplied with what lies under it; changes `colour` (HxWx3 RGB)."""
    radius = int(c.uniform(14, 20) * dpi / MM_PER_INCH)
    drawn = seal(f"U.B.N.D {texts.unit(c).upper()[:14]}", f"T. {texts.unit(c).upper()[:12]}", seed=c.randrange(99), colour=c.choice(_SEALS))
    turned = drawn.resize((2 * radius, 2 * radius), Image.Resampling.LANCZOS).rotate(c.uniform(-25, 25), Image.Resampling.BICUBIC)
    left, top = c.randrange(0, colour.shape[1] - 2 * radius), c.randrange(0, colour.shape[0] - 2 * radius)
    stamp(colour, turned, (left, top), c.uniform(0.6, 1))


def _taken(c: random.Random, colour: Ink, ink: Ink, dpi: int) -> Pixels:
    """As a scanner or a camera gives it: grey or in colour, blurred, resampled, shone through, unevenly lit, noisy, compressed."""
    height, width = ink.shape
    noise = np.random.default_rng(c.randrange(1 << 30))
    page: Any = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)[..., None] if c.random() < 0.5 else colour[..., ::-1].copy()
    if c.random() < 0.25:  # straightened: turned there and back
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), c.uniform(-0.8, 0.8), 1)
        how = c.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))
        for matrix in (turn, cv2.invertAffineTransform(turn)):
            page = cv2.warpAffine(page, matrix, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE).reshape(height, width, -1)
    blur = c.uniform(0.3, 1.0) if c.random() < 0.8 else c.uniform(0.9, 1.4)
    page = cv2.GaussianBlur(page, (0, 0), blur * dpi / 200).reshape(height, width, -1)
    if c.random() < 0.2:  # from further away, as a telephone takes it
        share = c.uniform(0.5, 0.85)
        small = cv2.resize(page, (int(width * share), int(height * share)), interpolation=cv2.INTER_AREA)
        page = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).reshape(height, width, -1)
    if c.random() < 0.3:  # the other side
        page -= np.roll(cv2.GaussianBlur(ink[:, ::-1], (0, 0), 3), c.randrange(-30, 30), 0)[..., None] * c.uniform(5, 25)
    if c.random() < 0.25:
        page *= np.linspace(c.uniform(0.6, 1), c.uniform(0.6, 1), width, dtype=np.float32)[None, :, None]
    page = page + noise.normal(0, c.uniform(0.5, 6), page.shape).astype(np.float32)
    if c.random() < 0.15:
        page = (page - 30) * 1.3
    coded = cv2.imencode(".jpg", np.clip(page, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, c.randint(48, 92)])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
