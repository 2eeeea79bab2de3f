"""Lines as the reader will see them: drawn pages go through the product's own preparation and detector, each line found gets its text."""

import os
import pickle
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recogniser.faces import families
from benchmarks.recogniser.pages import Page, Row, page
from benchmarks.recogniser.signs import signs
from benchmarks.recogniser.texts import Texts
from ocr.pages.model import MM_PER_INCH, RawPage
from ocr.pages.prepare import prepare
from ocr.words.detect import Line, find_lines
from ocr.words.recognise import crop

Drawn = tuple[NDArray[np.uint8], str]  # ink map [96, w], 255 for ink, and what it says

_SAME_LINE = 0.5
_TOUCHED = 0.25
_TALL = (0.75, 1.6)  # a line's height beside that of its print: others hold two lines, or half of one
_SHOWN = 0.6  # line heights beside it that a crop shows


def draw(texts: Path, out: Path, pages: int, seed: int, held_out: bool = False) -> None:
    """Writes `pages` files of lines into `out`; a file that is there stays."""
    out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(partial(_page_of_lines, texts, out, seed, held_out), range(pages)))


def load(folder: Path) -> list[Drawn]:
    """All lines drawn so far."""
    return [line for file in sorted(folder.glob("*.pickle")) for line in pickle.loads(file.read_bytes())]  # noqa: S301  # written by `draw`


def _page_of_lines(texts: Path, out: Path, seed: int, held_out: bool, number: int) -> None:
    file = out / f"{seed}-{number:05}.pickle"
    if file.is_file():
        return
    cv2.setNumThreads(1)
    chance = random.Random(f"{seed}/{number}")  # noqa: S311  # made-up pages, the same on every run
    drawn = page(chance, _texts(texts), families(held_out))
    file.with_suffix(".part").write_bytes(pickle.dumps(list(_lines(drawn, chance))))
    file.with_suffix(".part").rename(file)


@cache
def _texts(clauses: Path) -> Texts:
    return Texts(clauses, signs())


def _lines(drawn: Page, chance: random.Random) -> Iterator[Drawn]:
    height, width = drawn.pixels.shape[:2]
    size = (width / drawn.dpi * MM_PER_INCH, height / drawn.dpi * MM_PER_INCH)
    prepared = prepare(RawPage(drawn.pixels, float(drawn.dpi), size, None, "image/jpeg"))
    if prepared.rotation or prepared.skew:
        return
    scale = prepared.reading.shape[1] / width
    rows = [
        Row(*(scale * side for side in (r.x0, r.y0, r.x1, r.y1)), tuple((w, scale * a, scale * b) for w, a, b in r.words))
        for r in drawn.rows
    ]
    for line in find_lines(prepared.reading):
        text = _text(line, rows)
        if not text:
            continue
        for picture in (prepared.reading, *prepared.sealed):
            where = (slice(int(max(0, line.y0)), int(line.y1) + 1), slice(int(max(0, line.x0)), int(line.x1) + 1))
            if picture is not prepared.reading and np.array_equal(picture[where], prepared.reading[where]):
                continue
            ink, _, _ = crop(picture, _moved(line, chance))
            yield (ink * 255 + 0.5).astype(np.uint8), text


def _text(line: Line, rows: list[Row]) -> str:
    """What the line shows; empty where another row or half a word is in the picture."""
    near = [row for row in rows if min(line.y1, row.y1) - max(line.y0, row.y0) > _TOUCHED * (row.y1 - row.y0)]
    there = [row for row in near if min(line.y1, row.y1) - max(line.y0, row.y0) > _SAME_LINE * (row.y1 - row.y0)]
    if not there or len({round(row.y0) for row in near}) != 1:
        return ""
    shown = _SHOWN * line.height
    words = sorted((word for row in there for word in row.words), key=lambda word: word[1])
    inside = [word for word in words if line.x0 - 0.1 * line.height <= (word[1] + word[2]) / 2 <= line.x1 + 0.1 * line.height]
    cut = any(word not in inside and word[2] > line.x0 - shown and word[1] < line.x1 + shown for word in words)
    if not inside or cut or inside[0][1] < line.x0 - shown or inside[-1][2] > line.x1 + shown:
        return ""
    if not _TALL[0] < line.height / (there[0].y1 - there[0].y0) < _TALL[1]:
        return ""
    return " ".join(word for word, _, _ in inside)


def _moved(line: Line, c: random.Random) -> Line:
    """The line with its edges a little elsewhere."""
    by = [c.uniform(-share, share) * line.height for share in (0.08, 0.05, 0.08, 0.05)]
    return Line(line.x0 + by[0], line.y0 + by[1], line.x1 + by[2], line.y1 + by[3])
