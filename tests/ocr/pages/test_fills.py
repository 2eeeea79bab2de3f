"""Light words on dark fills are dark words for the reader; what is no such fill keeps its pixels."""

from collections import Counter
from importlib.resources import files

import cv2
import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFont

from ocr.pages import fills
from ocr.pages.model import ALL_STEPS, RawPage
from ocr.pages.prepare import prepare
from ocr.words.reader import load_reader

ROWS = [
    ["STT", "Họ và tên", "Ngày sinh", "Xếp loại"],
    ["1", "Nguyễn Thị Hà", "12/03/2001", "Giỏi"],
    ["2", "Trần Văn Dũng", "09/11/2000", "Khá"],
]
WORDS = Counter(word for row in ROWS for cell in row for word in cell.split()) + Counter(["HỌC", "LỰC", "Giỏi"])
PAPER, INK = (252, 252, 250), (20, 20, 20)


def font(size):
    return ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Bold.ttf"), size)


def marks(fill):
    """A table whose head is filled, and a badge."""
    image = Image.new("RGB", (1654, 900), PAPER)
    pen = ImageDraw.Draw(image)
    for number, row in enumerate(ROWS):
        for left, width, text in zip((100, 220, 760, 1150), (120, 540, 390, 400), row, strict=True):
            top = 100 + number * 70
            pen.rectangle((left, top, left + width, top + 70), fill=PAPER if number else fill, outline=(30, 30, 30), width=2)
            pen.text((left + width // 2, top + 35), text, font=font(32), fill=INK if number else (255, 255, 255), anchor="mm")
    pen.rectangle((100, 500, 400, 760), fill=fill)
    pen.text((250, 560), "HỌC LỰC", font=font(40), fill=(255, 255, 255), anchor="mm")
    pen.text((250, 660), "Giỏi", font=font(56), fill=(255, 255, 255), anchor="mm")
    return cv2.GaussianBlur(np.asarray(image), (0, 0), 0.7)


def reading(page, steps=ALL_STEPS):
    return prepare(RawPage(np.ascontiguousarray(page[:, :, ::-1]), 200.0, (210.0, 114.3), None, "image/jpeg"), steps=steps).reading


def lost(pixels):
    return (WORDS - Counter(word.text for word in load_reader("default").read(pixels, 200.0))).total()


@pytest.mark.parametrize("fill", [(20, 60, 130), (190, 20, 30), (90, 90, 90)], ids=["blue", "red", "grey"])
def test_light_words_on_a_dark_fill_are_read(fill):
    page = marks(fill)
    assert lost(reading(page)) == 0
    assert lost(reading(page, replace(ALL_STEPS, fills=False))) >= 2


def test_under_uneven_light_as_well():
    shade = np.linspace(1.0, 0.6, 1654)[None, :, None]
    assert lost(reading((marks((20, 60, 130)) * shade).astype(np.uint8))) == 0


def patch():
    """The gold contacts of a chip: a fill without words."""
    page = np.full((900, 1654, 3), 240, np.uint8)
    cv2.rectangle(page, (300, 300), (420, 400), (90, 140, 160), -1)
    return page


def portrait():
    """A photograph: dark in part, and nowhere of one brightness."""
    down, across = np.mgrid[0:360, 0:270]
    face = 60 + 120 * np.exp(-((across - 135) ** 2 + (down - 140) ** 2) / 9000)
    page = np.full((900, 1654, 3), 250, np.uint8)
    page[200:560, 200:470] = face[..., None] + np.random.default_rng(1).normal(0, 12, (360, 270, 1)).clip(-40, 40)
    return page


def lines():
    """Print, however large, is no fill."""
    image = Image.new("RGB", (1654, 900), PAPER)
    ImageDraw.Draw(image).multiline_text((100, 100), "GIẤY KHAI SINH\nBẢN SAO", font=font(120), fill=INK)
    return np.asarray(image)


@pytest.mark.parametrize("page", [patch(), portrait(), lines()], ids=["patch", "portrait", "lines"])
def test_what_holds_no_light_words_keeps_its_pixels(page):
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    assert fills.turned(grey, page, 200.0) is grey


def test_a_page_of_any_size_is_taken():
    for shape in ((1, 1), (3, 900), (40, 2)):
        page = np.zeros((*shape, 3), np.uint8)
        assert fills.turned(page[:, :, 0], page, 300.0).shape == shape
