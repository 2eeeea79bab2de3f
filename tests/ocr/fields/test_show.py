"""What was found is drawn where it stands, in the colour of its status."""

import numpy as np


def _colours(picture, box, scale=2.0):
    x0, y0, x1, y1 = (round(value * scale) for value in box)
    edge = np.concatenate([picture[y0, x0:x1], picture[y1, x0:x1]]).astype(int)
    return {tuple(colour) for colour in edge.tolist()}


def test_accepted_and_doubted_values_are_boxed_in_green_and_orange(birth_form, by_name, answers):
    from ocr.fields.show import draw

    extraction = birth_form(answers | {"que_quan": "xã Nghĩa Đầng, tỉnh Ninh Bình"}).read()
    found = by_name(extraction)
    blank = np.full((round(297 / 25.4 * 144), round(210 / 25.4 * 144), 3), 255, np.uint8)
    picture = draw(blank, extraction, (210.0, 297.0))
    assert (blank == 255).all()
    assert picture.shape == blank.shape
    assert (22, 140, 60) in _colours(picture, found["kinh_gui"].box)
    assert (235, 130, 0) in _colours(picture, found["que_quan"].box)


def test_fields_of_another_page_are_not_drawn(birth_form):
    from ocr.fields.show import draw

    blank = np.full((400, 300), 255, np.uint8)
    assert (draw(blank, birth_form().read(), (210.0, 297.0), page=2) == 255).all()
