"""Raised note marks behind the labels of forms."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.words.reader import load_reader


def noted(parts: list[tuple[str, bool]], points: float = 13) -> np.ndarray:
    """Parts of one line at 200 dpi, each on the line or raised."""
    image = Image.new("L", (1654, 400), 255)
    pen, x = ImageDraw.Draw(image), 200.0
    for text, raised in parts:
        size = round((0.62 if raised else 1) * points * 200 / 72)
        font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), size)
        pen.text((x, 300 - (0.4 * points * 200 / 72 if raised else 0)), text, font=font, fill=20, anchor="ls")
        x += font.getlength(text)
    return np.asarray(image)


@pytest.mark.parametrize(
    "parts",
    [
        [("Kính gửi", False), ("(1)", True), (": Ủy ban nhân dân xã", False)],
        [("Nơi cư trú", False), ("(2)", True), (": thôn Đoài", False)],
        [("Giấy tờ tùy thân", False), ("(13)", True), (" và ảnh", False)],
    ],
)
def test_a_raised_note_mark_is_read_behind_its_word(parts):
    words = load_reader("default").read(noted(parts), 200)
    assert [w.text for w in words] == "".join(text for text, _ in parts).split()


def test_marks_of_letters_and_figures_on_the_line_are_no_notes():
    for text in ("Ấp Ẩm Ổ khoá ở Ễnh ương (1) và (2)", "“Tranh chấp” 25° 12/QĐ"):
        words = load_reader("default").read(noted([(text, False)]), 200)
        assert not [w.text for w in words if "(" in w.text and not w.text.startswith("(")]
