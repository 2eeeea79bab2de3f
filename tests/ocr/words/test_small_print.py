"""Small print beside large: what a card prints in front of its answers."""

from importlib.resources import files

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFont

from ocr.words.cascade import LatticeReader
from ocr.words.detect import Line
from ocr.words.word import ALL_MEANS


def face(points: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), round(points * 200 / 72))


@pytest.fixture
def card_line():
    """A line at 200 dpi with a label of 5 points, in grey, on the baseline of a name of 10; the detector takes it for one."""
    page = Image.new("L", (900, 200), 250)
    pen = ImageDraw.Draw(page)
    pen.text((60, 110), "Họ tên:", fill=110, font=face(5), anchor="ls")
    left = 60 + face(5).getlength("Họ tên:") + 7
    pen.text((left, 110), "ĐOÀN NGỌC LY", fill=20, font=face(10), anchor="ls")
    return np.asarray(page), Line(56.0, 80.0, left + face(10).getlength("ĐOÀN NGỌC LY") + 4, 119.0)


def read(card_line, means):
    picture, line = card_line
    return " ".join(word.text for word in LatticeReader(means).read_lines(picture, [line]))


def test_a_label_half_as_high_as_its_answer_is_read(card_line):
    assert read(card_line, ALL_MEANS) == "Họ tên: ĐOÀN NGỌC LY"
    assert read(card_line, replace(ALL_MEANS, small_print=False)) != "Họ tên: ĐOÀN NGỌC LY"


def test_a_line_of_one_size_stays_one(card_line):
    page = Image.new("L", (900, 200), 250)
    ImageDraw.Draw(page).text((60, 110), "1. em của ông ĐOÀN NGỌC LY, xem", fill=20, font=face(11), anchor="ls")
    line = Line(56.0, 76.0, 64 + face(11).getlength("1. em của ông ĐOÀN NGỌC LY, xem"), 121.0)
    words = LatticeReader().read_lines(np.asarray(page), [line])
    assert " ".join(word.text for word in words) == "1. em của ông ĐOÀN NGỌC LY, xem"
    assert {word.box[1] for word in words} == {76.0}
