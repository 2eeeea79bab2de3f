"""Cells of a table, cut out along their rules and read one by one."""

from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.layout import Token
from ocr.fields.second_reading import read_cells

DPI = 200
SIZE = (420.0, 300.0)
FACE = str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf")
LEFT, RIGHT = (40.0, 60.0, 200.0, 110.0), (200.0, 60.0, 380.0, 110.0)


def token(row: int) -> Token:
    return Token(7, "?", "", (0.0, 0.0, 1.0, 1.0), 0.2, False, 3, row, False)


def test_lines_of_neighbouring_cells_at_other_heights_are_not_mixed() -> None:
    scale = DPI / 72
    page = Image.new("L", (round(SIZE[0] * scale), round(SIZE[1] * scale)), 255)
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(FACE, round(12 * scale))
    for x0, y0, x1, y1 in (LEFT, RIGHT):
        pen.rectangle((x0 * scale, y0 * scale, x1 * scale, y1 * scale), outline=20, width=2)
    for x, y, text in ((46, 78, "Nguyễn Thị Bích"), (46, 98, "Phượng"), (206, 86, "Thôn Đông, xã Tân Lập"), (206, 106, "tỉnh Hưng Yên")):
        pen.text((x * scale, y * scale), text, font=font, fill=20, anchor="ls")
    found = read_cells(np.asarray(page), SIZE, [(LEFT, token(4)), (RIGHT, token(4))])
    assert [" ".join(one.text for one in cell) for cell in found] == ["Nguyễn Thị Bích Phượng", "Thôn Đông, xã Tân Lập tỉnh Hưng Yên"]
    for cell, (x0, y0, x1, y1) in zip(found, (LEFT, RIGHT), strict=True):
        for one in cell:
            assert (one.index, one.page, one.row) == (7, 3, 4)
            assert x0 <= one.box[0] < one.box[2] <= x1 + 1
            assert y0 <= one.box[1] < one.box[3] <= y1 + 1
            assert one.confidence > 0.5
