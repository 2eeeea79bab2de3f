"""Where a space is on the wrong side of a comma, or missing behind it."""

import pytest


@pytest.mark.parametrize("points", (11, 13))
@pytest.mark.parametrize("text", ["Hà Nội, ngày 09 tháng 6 năm 2024", "(Ký, ghi rõ họ, chữ đệm, tên)"])
def test_a_comma_stays_with_the_word_before_it(draw, text, points):
    from ocr.words.reader import load_reader

    words = load_reader("default").read(draw([(200, 300, text)], points=points, face="Italic"), 200)
    assert [w.text for w in words] == text.split()
