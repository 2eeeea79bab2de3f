"""Rules and leaders vanish from the reading image; whatever belongs to a word stays."""

import cv2
import numpy as np
import pytest

from ocr.pages import light, rules

DPI = 300


def reading(picture):
    return light.flatten(light.grey(picture))


def ink(image):
    return int(np.count_nonzero(image < 140))


@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("leader", ["." * 60, ". " * 40, "…" * 25])
def test_dotted_leaders_are_erased(draw, leader, dpi):
    before = reading(draw.line(leader, dpi=dpi))
    assert ink(rules.erase(before, dpi).reading) < 0.03 * ink(before)


@pytest.mark.parametrize(
    "text",
    [
        "Họ và tên: Nguyễn Thị Bích Thủy",
        "được họ gọi về ở lại một buổi ị ụ ạ ọ ẹ",
        "1.234.567,89 đồng; -5,0 %; 3.2.1.",
        "viii) xviii) Ôi! Ấy... chứ. v.v...",
        "Số: 12/QĐ-UBND – 01-02-2024 = ÷ :",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Ẫ Ặ Ễ Ộ Ự",
    ],
)
@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_marks_stops_hyphens_and_decimal_points_stay(draw, text, dpi):
    before = reading(draw.line(text, dpi=dpi))
    assert np.array_equal(rules.erase(before, dpi).reading, before)


@pytest.mark.parametrize(
    "text", ["Independence - Freedom - Happiness", "Date of expiry", "some common name on some form", "Ngày cấp; nơi cấp"]
)
@pytest.mark.parametrize(("dpi", "points"), [(300, 4.5), (300, 6), (200, 6)])
def test_small_print_whose_letters_are_as_low_as_dots_stays(draw, text, dpi, points):
    before = reading(draw.line(text, dpi=dpi, points=points))
    assert ink(rules.erase(before, dpi).reading) > 0.97 * ink(before)


def test_a_word_between_leaders_stays_while_they_go(draw):
    page = reading(draw.line("." * 20 + " Nguyễn Văn An " + "." * 20))
    word = reading(draw.line("Nguyễn Văn An"))
    assert ink(rules.erase(page, DPI).reading) == pytest.approx(ink(word), rel=0.05)


def test_tables_and_underlines_are_erased_and_their_words_stay(draw):
    words = draw.line("Khoản mục chi phí")
    lined = words.copy()
    for y in (60, 170):
        cv2.line(lined, (20, y), (1900, y), (0, 0, 0), 3)
    for x in (20, 900, 1900):
        cv2.line(lined, (x, 60), (x, 235), (0, 0, 0), 3)
    after = rules.erase(reading(lined), DPI).reading
    assert ink(after) == pytest.approx(ink(reading(words)), rel=0.04)


def test_letters_crossed_by_a_rule_keep_their_strokes(draw):
    words = draw.line("gỵ pq ggg jjj yyy")
    crossed = words.copy()
    crossed[158:160, 20:1900] = 0
    plain, after = reading(words), rules.erase(reading(crossed), DPI).reading
    at_rule = (plain[158:160] < 140).sum()
    assert (after[158:160] < 140).sum() > 0.5 * at_rule
    assert (after[158:160, 1000:] < 140).sum() == 0


def test_solid_areas_are_no_rules(draw):
    page = np.full((600, 900), 255, np.uint8)
    page[100:300, 100:500] = 40
    assert np.array_equal(rules.erase(page, DPI).reading, page)


def test_a_red_seal_over_black_words_leaves_the_words(draw):
    words = draw.line("TRƯỞNG PHÒNG")
    sealed = words.astype(np.float32)
    disc = np.zeros(words.shape[:2], np.uint8)
    cv2.circle(disc, (300, 130), 100, 255, 12)
    sealed[disc > 0] *= np.float32([60, 60, 215]) / 255
    after = reading(sealed.astype(np.uint8))
    plain = reading(words)
    assert after[(disc > 0) & (plain > 250)].min() > 180
    assert after[(disc > 0) & (plain < 60)].max() < 90


def test_what_citizens_wrote_with_a_blue_pen_stays_dark_enough_to_read(draw):
    written = reading(draw.line("Nguyễn Văn An", colour=(40, 60, 160)))
    assert np.percentile(written[written < 250], 5) < 150
