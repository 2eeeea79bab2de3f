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


def marked(kind, draw):
    """An A4 scan at 150 dpi with nothing written on it, or next to nothing."""
    page = np.full((1754, 1240, 3), 250, np.uint8)
    rng = np.random.default_rng(4)
    if kind == "the other side shining through":
        through = cv2.GaussianBlur(cv2.flip(draw.letter(), 1), (0, 0), 2).astype(np.float32)
        page = np.clip(page * (1 - 0.22 * (255 - through) / 255) + rng.normal(0, 2, page.shape), 0, 255).astype(np.uint8)
    elif kind == "scanner noise":
        page = np.clip(page + rng.normal(-12, 12, page.shape), 0, 255).astype(np.uint8)
    elif kind == "dust":
        for x, y in rng.integers(60, 1180, (40, 2)):
            cv2.circle(page, (int(x), int(y)), 1, (60, 60, 60), -1)
    elif kind == "punch holes and a lid":
        for y in (640, 1114):
            cv2.circle(page, (52, y), 17, (70, 70, 70), -1)
        page[:, -25:], page[:20] = 20, 30
    elif kind == "a fold and a scratch":
        cv2.line(page, (0, 880), (1240, 876), (190, 190, 190), 4)
        cv2.line(page, (600, 0), (600, 1754), (110, 110, 110), 2)
    elif kind == "a red seal":
        cv2.circle(page, (750, 1125), 105, (60, 60, 210), 4)
    elif kind == "a name in blue":
        page[400:430, 700:1000] = draw.line("Nguyễn Văn Sỹ", dpi=150, colour=(40, 60, 160))[125:155, 55:355]
    elif kind == "a page number":
        page[70:100, 590:640] = draw.line("2", dpi=150)[125:155, 45:95]
    return page


@pytest.mark.parametrize(
    "kind", ["the other side shining through", "scanner noise", "dust", "punch holes and a lid", "a fold and a scratch"]
)
def test_a_sheet_without_writing_is_blank_whatever_the_scanner_adds(draw, kind):
    assert codes(marked(kind, draw), size_mm=(210, 297)) == ["page_blank"]


@pytest.mark.parametrize("kind", ["a red seal", "a name in blue", "a page number"])
def test_a_sheet_with_little_on_it_is_not_blank(draw, kind):
    assert "page_blank" not in codes(marked(kind, draw), size_mm=(210, 297))


def test_a_photo_in_the_dark_is_too_dark(good):
    said = check_photo(raw(np.clip(good * 0.16, 0, 255).astype(np.uint8)))
    assert "photo_too_dark" in [message.code for message in said]


@pytest.mark.parametrize("pitch", [2.1, 3.4])
def test_a_picture_of_a_screen_is_told_from_one_of_paper(draw, pitch):
    """Each lamp of the screen is `pitch` pixels of the camera wide and has a red, a green and a blue third."""
    page = cv2.resize(draw.letter(dpi=120), None, fx=1.1, fy=1.1, interpolation=cv2.INTER_AREA)[:560, :700]
    lamps = np.zeros((6, 6, 3), np.float32)
    lamps[:5, 0:2, 0], lamps[:5, 2:4, 1], lamps[:5, 4:6, 2] = 2.2, 2.2, 2.2
    lit = np.kron(page.astype(np.float32), np.ones((6, 6, 1), np.float32)) * np.tile(lamps, (*page.shape[:2], 1))
    lit = cv2.GaussianBlur(lit, (0, 0), 2.7 / pitch)
    scale, turn = pitch / 6, np.radians(1.4)
    matrix = np.float32([[scale * np.cos(turn), -scale * np.sin(turn), 20], [scale * np.sin(turn), scale * np.cos(turn), 0]])
    seen = cv2.warpAffine(lit, matrix, (round(690 * pitch), round(550 * pitch)))
    seen = np.clip(seen + np.random.default_rng(3).normal(0, 3, seen.shape), 0, 255).astype(np.uint8)
    assert "photo_of_screen" in codes(seen)
