"""Figures of book faces that came out as letters are read once more, and a person looks."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

SCALE = 200 / 72
TITLE = "TỜ KHAI ĐĂNG KÝ KHAI SINH"


@pytest.fixture
def drawn():
    """The picture of a page's words where they stand, misread words as they are printed."""

    def draw(page, printed):
        image = Image.new("L", (1654, 2339), 255)
        pen = ImageDraw.Draw(image)
        face = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), round(9.5 * SCALE))
        for word in page.words:
            pen.text((word.box[0] * SCALE, (word.box[3] - 3) * SCALE), printed.get(word.text, word.text), font=face, fill=20, anchor="ls")
        return np.asarray(image)

    return draw


@pytest.mark.parametrize(
    ("read", "printed", "value"), [("1ÿ.o3.202ố", "15.03.2026", "2026-03-15"), ("2z.o4.zor9", "22.04.2019", "2019-04-22")]
)
def test_a_date_s_figures_that_were_read_as_letters(paper, by_name, drawn, read, printed, value):
    page = paper().title(TITLE).row("Họ, chữ đệm, tên: Trần Minh Khang").row(f"Ngày, tháng, năm sinh: {read}").row("Giới tính: Nam")
    found = by_name(page.read(drawn(page, {read: printed})))["ngay_sinh"]
    assert (found.value, found.status) == (value, "review")


def test_figures_inside_an_answer_in_words(paper, by_name, drawn):
    page = paper().title(TITLE).row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà")
    page.row("Giấy tờ tùy thân: Thẻ CCCD 037190001234 cấp ngày 15/oÿ/2oz3 tại Bộ Công an", confidence=0.8).row(
        "Quan hệ với người được khai sinh: Mẹ"
    )
    found = by_name(page.read(drawn(page, {"15/oÿ/2oz3": "15/05/2023"})))["giay_to_nguoi_yeu_cau"]
    assert (found.value, found.status) == ("Thẻ CCCD 037190001234 cấp ngày 15/05/2023 tại Bộ Công an", "review")


def test_letters_that_are_not_like_what_was_seen_stay(paper, by_name, drawn):
    page = paper().title(TITLE).row("Họ, chữ đệm, tên: Trần Minh Khang").row("Quê quán: Tổ 15z, xã Gia Viễn", confidence=0.8)
    assert by_name(page.read(drawn(page, {"15z,": "157,"})))["que_quan"].value == "Tổ 15z, xã Gia Viễn"


@pytest.mark.parametrize(("low", "status"), [(1.0, "accepted"), (0.68, "review")])
def test_a_letter_beside_an_address_s_figures_is_told_by_their_height(paper, by_name, low, status):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an phường An Khánh")
    page.row("Số định danh cá nhân: 038196004827", confidence=0.99).row("Email: kien.ho86@example.vn", confidence=0.99)
    image = Image.new("L", (1654, 2339), 255)
    pen = ImageDraw.Draw(image)
    number = next(word for word in page.words if word.text.isdigit())
    x, y = number.box[0] * SCALE, (number.box[3] - 3) * SCALE
    for figure in number.text:
        size = 9.5 * SCALE * (low if figure in "012" else 1.0)
        face = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), round(size))
        pen.text((x, y), figure, font=face, fill=20, anchor="ls")
        x += (number.box[2] - number.box[0]) / len(number.text) * SCALE
    assert by_name(page.read(np.asarray(image)))["email"].status == status
