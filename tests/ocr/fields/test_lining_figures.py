"""An o beside figures: their height tells whether it may be a 0."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

SCALE = 200 / 72


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
