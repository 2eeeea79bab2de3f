"""Lines that a seal broke are joined, and get back the letters at their ends."""

from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.words.detect import Line
from ocr.words.ends import whole

FONT = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Bold.ttf"), 36)


def drawn(ring=False):
    image = Image.new("L", (700, 200), 255)
    pen = ImageDraw.Draw(image)
    pen.text((200, 80), "THẨM PHÁN", font=FONT, fill=20)
    pen.text((560, 80), "9", font=FONT, fill=20)  # another column
    if ring:
        pen.arc((40, -60, 190, 260), 270, 90, fill=90, width=6)
    left, top, right, bottom = pen.textbbox((200, 80), "THẨM PHÁN", font=FONT)
    return np.asarray(image), Line(float(left), float(top + 6), float(right), float(bottom))


def part(line, start, stop):
    return Line(line.x0 + start * (line.x1 - line.x0), line.y0, line.x0 + stop * (line.x1 - line.x0), line.y1)


def test_parts_of_a_line_become_one_with_the_letters_that_were_overlooked():
    page, line = drawn()
    broken = [part(line, 0.4, 1.0), part(line, 0.2, 0.45)]
    (found,) = whole(page, broken, broken)
    assert abs(found.x0 - line.x0) < 4
    assert abs(found.x1 - line.x1) < 4


def test_a_ring_beside_a_line_is_no_letter():
    page, line = drawn(ring=True)
    (found,) = whole(page, [line], [line])
    assert found.x0 >= line.x0 - 2


def test_what_another_line_has_is_its_own():
    page, line = drawn()
    own = part(line, 0.0, 0.45)
    broken = part(line, 0.5, 1.0)
    found = whole(page, [own, broken], [broken])
    assert found[0] == own
    assert found[1].x0 >= own.x1 - 1


def test_lines_that_no_seal_touches_stay():
    page, line = drawn()
    assert whole(page, [part(line, 0.3, 0.5)], []) == [part(line, 0.3, 0.5)]
