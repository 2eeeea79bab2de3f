"""Answers of which a form allows only a few are told from their ink."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.closed_list import answer

SCALE = 200 / 72
FACE = str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf")


@pytest.mark.parametrize(("text", "told"), [("Nam", "Nam"), ("Nữ", "Nữ"), ("Khánh Hòa 15", None)])
def test_ink_is_matched_with_the_answers_that_a_form_allows(text, told):
    page = Image.new("L", (900, 120), 255)
    ImageDraw.Draw(page).text((30, 80), text, font=ImageFont.truetype(FACE, 54), fill=25, anchor="ls")
    assert answer(np.ascontiguousarray(np.asarray(page)[20:110]), ("Nam", "Nữ")) == told


@pytest.mark.parametrize("sex", ["Nam", "Nữ"])
def test_a_sex_that_was_read_as_no_word_is_shown_and_checked(paper, by_name, sex):
    """The figures of the number say the other sex: that is told though the answer itself waits."""
    page = paper().title("TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH").row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà")
    page.row("Họ, chữ đệm, tên: Trần Minh Khang").row("Ngày, tháng, năm sinh: 08/01/2015")
    y = page.y
    page.row("Giới tính:", (130, "N2"), (230, "Dân tộc: Kinh"), (330, "Quốc tịch: Việt Nam"))
    page.row(f"Số định danh cá nhân: 001{3 if sex == 'Nam' else 2}15909736")
    image = Image.new("L", (1654, 2339), 255)
    face = ImageFont.truetype(FACE, round(11 * SCALE))
    ImageDraw.Draw(image).text((130 * SCALE, (y + 10) * SCALE), sex, font=face, fill=20, anchor="ls")
    extraction = page.read(np.asarray(image))
    found = by_name(extraction)["gioi_tinh"]
    assert (found.value, found.status) == (sex, "review")
    assert any(check.code == "id_gender_mismatch" and check.result == "failed" for check in extraction.checks)
