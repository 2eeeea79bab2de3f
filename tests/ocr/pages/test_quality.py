"""What a citizen is told about a photo, and that a good one passes in silence."""

import time

import cv2
import numpy as np
import pytest

from ocr.pages.check import check_photo
from ocr.pages.model import RawPage

CORNERS = np.float32([[190, 170], [1010, 130], [1070, 1420], [140, 1440]]) * 1.5
BIG = (2400, 1800)


def raw(pixels, size_mm=None):
    return RawPage(np.ascontiguousarray(pixels), None, size_mm, None, "image/jpeg")


@pytest.fixture(scope="module")
def good(draw):
    return draw.photo(draw.letter(dpi=200), CORNERS, "wood", *BIG)


def codes(pixels, **more):
    return [said.code for said in check_photo(raw(pixels, **more))]


def test_a_good_photo_passes_in_silence(good):
    assert codes(good) == []


def test_a_good_scan_passes_in_silence(draw):
    assert codes(draw.letter(dpi=200), size_mm=(210, 297)) == []


def test_a_photo_out_of_focus_is_blurred(good):
    assert "photo_blurred" in codes(cv2.GaussianBlur(good, (0, 0), 4))


def test_blur_in_one_corner_is_said_with_the_corner(good):
    soft = good.copy()
    soft[1500:, 1000:] = cv2.GaussianBlur(good, (0, 0), 5)[1500:, 1000:]
    said = check_photo(raw(soft))
    assert [message.code for message in said] == ["photo_blurred"]
    assert "góc dưới bên phải" in said[0].vi and "bottom right" in said[0].en
    assert "góc trên bên trái" not in said[0].vi


def test_a_flash_in_the_middle_is_glare(good):
    y, x = np.mgrid[0 : good.shape[0], 0 : good.shape[1]].astype(np.float32)
    flash = 400 * np.exp(-(((x - 900) / 130) ** 2 + ((y - 1200) / 130) ** 2))
    dim = good * 0.75 + flash[..., None]
    said = check_photo(raw(np.clip(dim, 0, 255).astype(np.uint8)))
    assert [message.code for message in said] == ["photo_glare"]
    assert "giữa ảnh" in said[0].vi


def test_a_sheet_partly_out_of_the_picture_is_cut_where_it_is_cut(draw):
    photo = draw.photo(draw.letter(dpi=200), CORNERS + np.float32([0, 500]), "wood", *BIG)
    said = check_photo(raw(photo))
    assert said[0].code == "photo_cut_edge"
    assert "cạnh dưới" in said[0].vi and "cạnh trên" not in said[0].vi


def test_a_sheet_far_away_is_too_small(draw):
    middle = CORNERS.mean(0)
    photo = draw.photo(draw.letter(dpi=200), middle + (CORNERS - middle) * 0.45, "wood", *BIG)
    assert "photo_too_small" in codes(photo)


def test_a_scan_under_200_dpi_is_low(draw):
    assert codes(draw.letter(dpi=110), size_mm=(210, 297)) == ["page_low_dpi"]


def test_an_empty_sheet_is_blank(draw):
    empty = draw.letter(lines=0)
    empty[:] = 245
    assert codes(draw.photo(empty, CORNERS, "wood", *BIG)) == ["page_blank"]


def test_twelve_megapixels_take_less_than_a_second_of_processor_time(draw):
    photo = cv2.resize(draw.photo(draw.letter(dpi=200), CORNERS, "wood", *BIG), (3000, 4000))
    start = time.process_time()
    check_photo(raw(photo))
    assert time.process_time() - start < 1.0
