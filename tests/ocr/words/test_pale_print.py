"""Faded print is read as print; print of the other side that shines through is not read at all."""

from collections import Counter
from importlib.resources import files

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.pages.model import RawPage
from ocr.pages.prepare import prepare
from ocr.words.reader import load_reader, upright

SIZE = (1240, 1400)
FRONT = [
    "ỦY BAN NHÂN DÂN XÃ TÂN LẬP",
    "Số: 125/GM-UBND ngày 12/08/2025",
    "Kính mời ông Nguyễn Văn Sỹ đến dự cuộc họp",
    "về kế hoạch 30.500.000 đồng",
]
BACK = [
    "Điều 1. Phê duyệt danh sách các hộ được hỗ trợ",
    "theo Quyết định số 45/QĐ-UBND ngày 03/05/2024",
    "của Ủy ban nhân dân huyện về việc cấp kinh phí",
    "sửa chữa nhà ở cho người có công với cách mạng",
    "Điều 2. Giao phòng Tài chính chi trả 12.000.000",
    "đồng cho mỗi hộ trước ngày 30 tháng 9 năm 2025",
]


def written(lines, top):
    """Paper 1, ink 0."""
    image = Image.new("L", SIZE, 255)
    font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), 36)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((150, top + 62 * number), line, font=font, fill=0)
    return np.asarray(image, np.float32) / 255


def scanned(page, turn=0):
    noisy = cv2.GaussianBlur(250 * page, (0, 0), 0.7) + np.random.default_rng(1).normal(0, 4, page.shape)
    jpeg = cv2.imencode(".jpg", noisy.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 75])[1]
    pixels = np.ascontiguousarray(np.rot90(cv2.cvtColor(cv2.imdecode(jpeg, 0), cv2.COLOR_GRAY2BGR), turn // 90))
    return RawPage(pixels, 200.0, tuple(side / 200 * 25.4 for side in (pixels.shape[1], pixels.shape[0])), None, "image/jpeg")


def read(raw):
    prepared = prepare(raw, upright)
    return prepared, load_reader().read(prepared.reading, prepared.reading_dpi, prepared.sealed)


def through(lines, strength, blur):
    return 1 - strength * (1 - cv2.GaussianBlur(written(lines, 420)[:, ::-1], (0, 0), blur))


@pytest.mark.parametrize("blur", [1.0, 1.5, 2.5])
@pytest.mark.parametrize("strength", [0.15, 0.25, 0.4])
def test_nothing_of_the_other_side_is_read(strength, blur):
    _, words = read(scanned(np.minimum(written(FRONT, 120), through(BACK, strength, blur))))
    wanted = Counter(" ".join(FRONT).split())
    found = Counter(word.text for word in words)
    assert (wanted - found).total() == 0
    assert (found - wanted).total() <= 1


@pytest.mark.parametrize("ink", [0.5, 0.3, 0.15])
def test_faded_print_is_read_as_print_is(ink):
    _, words = read(scanned(1 - ink * (1 - written(FRONT + BACK, 120))))
    wanted, found = Counter(" ".join(FRONT + BACK).split()), Counter(word.text for word in words)
    assert (wanted - found).total() + (found - wanted).total() <= 1


def test_a_faded_page_is_turned_upright():
    prepared, words = read(scanned(1 - 0.3 * (1 - written(FRONT + BACK, 120)), 180))
    assert prepared.rotation == 180
    assert {"12.000.000", "Nguyễn", "125/GM-UBND"} <= {word.text for word in words}


def test_a_note_in_pencil_on_a_printed_page_stays():
    pencil = 1 - 0.3 * (1 - written(["Đã kiểm tra bản chính, trả ngày 14/08/2025"], 900))
    _, words = read(scanned(np.minimum(written(FRONT, 120), pencil)))
    assert {"kiểm", "chính,", "14/08/2025"} <= {word.text for word in words}


def test_an_empty_sheet_stays_empty_with_the_other_side_shining_through():
    prepared, words = read(scanned(through(BACK, 0.2, 1.5)))
    assert prepared.codes == ("page_blank",)
    assert sum(word.confidence > 0.9 for word in words) <= 1
