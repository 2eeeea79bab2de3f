"""Pages drawn with the product's own fonts, whose words and boxes are therefore known exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.model import Word
from ocr.pdf.archive import About, Sheet, write_archive
from ocr.pdf.images import Source, store

DPI = 200
A4 = (1654, 2339)


@dataclass(frozen=True)
class Drawn:
    """A page as BGR pixels, its words with the boxes of their ink, and its size in points."""

    pixels: NDArray[np.uint8]
    words: tuple[Word, ...]
    size: tuple[float, float]


Draw = Callable[..., Drawn]
Build = Callable[..., Path]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """`draw([(x, y, points, text), ...], slope=0.0)` → `Drawn`; positions in pixels of an A4 page at 200 dpi."""

    def page(lines: Sequence[tuple[int, int, float, str]], slope: float = 0.0, size: tuple[int, int] = A4) -> Drawn:
        image = Image.new("RGB", size, "white")
        pen = ImageDraw.Draw(image)
        words = []
        for number, (x, y, points, text) in enumerate(lines):
            font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), round(points * DPI / 72))
            at = float(x)
            for word in text.split():
                place = (at, y + slope * (at - x))
                pen.text(place, word, font=font, fill=(20, 20, 20))
                box = tuple(edge * 72 / DPI for edge in pen.textbbox(place, word, font=font))
                words.append(Word(word, box, 0.97, number))  # type: ignore[arg-type]
                at += pen.textlength(word + " ", font=font)
        pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
        return Drawn(pixels, tuple(words), (size[0] * 72 / DPI, size[1] * 72 / DPI))

    return page


@pytest.fixture(scope="session")
def letter(draw: Draw) -> Drawn:
    """A short form in one column: headings, a dash, numbers, a line without ascenders."""
    lines = [
        (320, 150, 13, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (480, 210, 13, "Độc lập - Tự do - Hạnh phúc"),
        (400, 330, 18, "TỜ KHAI ĐĂNG KÝ KHAI SINH"),
        (150, 480, 14, "Kính gửi: Ủy ban nhân dân xã Hương Thử"),
        (150, 560, 14, "Họ, chữ đệm, tên người yêu cầu: Nguyễn Thị Ánh Tuyết"),
        (150, 640, 14, "xem vùng nào cần sửa"),
        (150, 720, 14, "Ngày 12/5/2025, số 15/2025/TT-BKHCN, lệ phí 1.500.000 đồng"),
    ]
    return draw(lines)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """`build(page, ..., title=...)` → a PDF of the drawn pages."""

    def write(*pages: Drawn, title: str = "Tờ khai", name: str = "out.pdf", **provenance: str) -> Path:
        sheets = []
        for number, page in enumerate(pages, 1):
            image = store(page.pixels, page.pixels, Source(), tmp_path, f"{number:06d}", DPI)
            sheets.append(Sheet(page.size, image, page.words))
        write_archive(sheets, About(title, b"0123456789abcdef", provenance), tmp_path / name)
        return tmp_path / name

    return write
