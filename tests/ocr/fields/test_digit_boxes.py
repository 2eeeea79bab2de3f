"""Twelve figures in twelve boxes, cut out and read one by one."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.digit_boxes import boxes_in, read_boxes
from ocr.fields.page_ink import ink_of

A4 = (595.3, 841.9)
FACES = ("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
SPACE = (180.0, 96.0, 560.0, 126.0)


@pytest.fixture
def drawn():
    """A page at 200 dpi with `number` in boxes of `wide` points, `apart` points between two of them."""

    def draw(number, wide=17.0, apart=0.0, count=12):
        face = next((path for path in FACES if Path(path).is_file()), None)
        if face is None:
            pytest.skip("no face to draw figures with")
        image = Image.fromarray(np.full((2339, 1654), 250, np.uint8))
        pen, scale = ImageDraw.Draw(image), 200 / 72
        for place in range(count):
            x0 = (200 + place * (wide + apart)) * scale
            pen.rectangle((x0, 101 * scale, x0 + wide * scale, 121 * scale), outline=30, width=2)
            if place < len(number):
                pen.text((x0 + 0.3 * wide * scale, 103 * scale), number[place], fill=30, font=ImageFont.truetype(face, 38))
        pen.line((190 * scale, 98 * scale, 500 * scale, 98 * scale), fill=60, width=1)
        return cv2.GaussianBlur(np.asarray(image), (3, 3), 0)

    return draw


def test_thirteen_figures_in_thirteen_boxes_are_not_cut_to_twelve(drawn):
    assert boxes_in(ink_of(drawn("0563028897677", count=13), A4), SPACE) == []


@pytest.mark.parametrize(("wide", "apart"), [(17.0, 0.0), (15.0, 4.0), (22.0, 0.0)])
def test_twelve_figures_are_read_from_their_boxes(drawn, wide, apart):
    page = drawn("001085117234", wide, apart)
    boxes = boxes_in(ink_of(page, A4), SPACE)
    assert len(boxes) == 12
    assert read_boxes(page, A4, boxes)[0] == "001085117234"


def test_empty_boxes_are_empty(drawn):
    page = drawn("")
    assert read_boxes(page, A4, boxes_in(ink_of(page, A4), SPACE)) == ("", 1.0)


def test_a_row_without_boxes_has_none(drawn):
    page = np.full((2339, 1654), 250, np.uint8)
    assert boxes_in(ink_of(page, A4), SPACE) == []


def test_the_form_takes_the_boxes_where_a_line_of_them_was_misread(drawn, paper, by_name):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("1. Họ, chữ đệm và tên khai sinh: Lê Minh Tú")
    page.y = 104
    page.row("4. Số định danh cá nhân:", (205, "0 0 1 0 8 5 1 7 2 3 4"), confidence=0.7)
    page.y = 160
    page.row("5. Số điện thoại liên hệ: 0912345678")
    found = by_name(page.read(np.repeat(drawn("001085117234")[..., None], 3, axis=2)))["so_dinh_danh"]
    assert (found.value, found.status) == ("001085117234", "accepted")


def test_boxes_below_their_label_are_found_around_the_words_that_were_read(drawn, paper, by_name):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("1. Họ, chữ đệm và tên khai sinh: Lê Minh Tú")
    page.y = 82
    page.row((200, "4. Số định danh cá nhân:"))
    page.y = 104
    page.row((205, "01018"), (300, "1)234"), confidence=0.2)
    page.y = 160
    page.row("5. Số điện thoại liên hệ: 0912345678")
    found = by_name(page.read(np.repeat(drawn("001085117234")[..., None], 3, axis=2)))["so_dinh_danh"]
    assert (found.value, found.status) == ("001085117234", "accepted")


def test_boxes_that_go_on_outside_of_the_space_are_another_row_s(drawn):
    page = drawn("001085117234")
    assert boxes_in(ink_of(page, A4), (180.0, 96.0, 560.0, 112.0)) == []
