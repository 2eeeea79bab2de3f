"""Codes on a page are read where they stand, and only what a pattern knows is taken from them."""

import io

import cv2
import numpy as np
import pytest
import segno

from ocr.codes import check_patterns, values_of
from ocr.pages.codes import find_codes
from sohoa.errors import UsageError

TEXT = "Mã hồ sơ: 000.16.27.H29-250101-0012|1.004222|Giấy khai sinh"


def page(text, turn=0.0):
    """An A4 page at 200 dpi with a QR code whose top left corner stands 20 mm from the left and 15 mm from the top."""
    paper = np.full((2339, 1654), 255, np.uint8)
    rng = np.random.default_rng(7)
    for y in range(500, 2200, 45):
        paper[y : y + 18, 200 : int(rng.integers(700, 1450))] = 40
    if text:
        drawn = io.BytesIO()
        segno.make(text, error="m").save(drawn, kind="png", scale=5, border=0)
        code = cv2.imdecode(np.frombuffer(drawn.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
        paper[118 : 118 + code.shape[0], 157 : 157 + code.shape[1]] = code
    if turn:
        paper = cv2.warpAffine(paper, cv2.getRotationMatrix2D((827, 1170), turn, 1), (1654, 2339), borderValue=255)
    return cv2.GaussianBlur(paper, (3, 3), 0)


@pytest.mark.parametrize("turn", [0.0, 1.5])
def test_a_qr_code_is_read_with_its_place_in_points(turn):
    (code,) = find_codes(page(TEXT, turn), (210.0, 297.0), 2)
    assert (code.page, code.format, code.text) == (2, "QRCode", TEXT)
    if not turn:
        assert code.box[0] == pytest.approx(20 / 25.4 * 72, abs=2) and code.box[1] == pytest.approx(15 / 25.4 * 72, abs=2)


def test_lines_and_rules_are_no_codes():
    assert find_codes(page(""), (210.0, 297.0), 1) == []


def test_patterns_find_the_dossier_and_the_papers_own_code():
    patterns = check_patterns({})
    assert values_of(TEXT, patterns) == {"dossier": "000.16.27.H29-250101-0012"}
    assert values_of("H29.16-250101-0012", patterns) == {"dossier": "H29.16-250101-0012"}
    assert values_of("https://x.vn/?d=G06.01_CV_000021_V1", patterns) == {"doc_code": "G06.01_CV_000021_V1"}
    assert values_of("033195000217||Trịnh Thị Huyền|14031995|Nữ|xã Hương Mẫu|18112024", patterns) == {}


def test_an_office_sets_its_own_patterns_and_named_groups():
    patterns = check_patterns({"dossier": r"HS(?P<dossier>\d+)/(?P<year>\d{4})"})
    assert values_of("HS0012/2026", patterns) == {"dossier": "0012", "year": "2026"}
    with pytest.raises(UsageError) as refused:
        check_patterns({"dossier": "(["})
    assert refused.value.code == "pattern_invalid"
