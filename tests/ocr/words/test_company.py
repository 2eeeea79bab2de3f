"""Words that cannot stand where they were read: doubted whoever saw them, and what is no doubt."""

import pytest

from ocr.words.calibration import confidence
from ocr.words.cascade import _doubtful, _Word
from ocr.words.decide import Decision, decide
from ocr.words.lattice import Spelling, Token
from ocr.words.reread import with_opinion
from ocr.words.tesseract import Seen

_ABBREVIATIONS = ("UBND", "HĐND", "TP", "CCCD", "LPTB", "QLHC", "TTXH", "NĐ", "CP", "VT", "ĐT", "TNHH")


def seen(text: str, confidence: float = 0.96) -> Seen:
    return Seen(text, (0.0, 0.0, 1.0, 1.0), confidence)


def token(text: str) -> Token:
    letters = text.strip("(),.:;")
    return Token(0, 0, 0.9999, 0.9999, (Spelling(text, -1e-4),), letters.isalpha() and letters not in (*_ABBREVIATIONS, "LM", "CNG"))


def read(line: str) -> list[tuple[Token, Decision]]:
    found = [token(text) for text in line.split()]
    return list(zip(found, decide([found])[0], strict=True))


def sure_of(line: str, word: str) -> float:
    """How sure `word` of `line` is when the second reader sees the same."""
    ((read_as, decided),) = [pair for pair in read(line) if pair[1].text == word]
    return confidence(read_as, decided, seen(word), asked=True)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("Chỗ ở: s nhà 12,", "s"),
        ("Vĩnh Phúc, Ng tháng", "Ng"),
        ("phường th trấn", "th"),
        ("S:759/GGT-SNNMT CỘNG HÒA", "S:759/GGT-SNNMT"),
        ("TỈNH LM ĐỒNG", "LM"),
        ("TỈNH ÂM ĐỒNG", "ÂM"),
        ("CNG HÒA XÃ HỘI", "CNG"),
        ("CỌNG HÒA XÃ HỘI", "CỌNG"),
        ("UBND phường Dông Hải, tỉnh", "Dông"),
        ("Bản Dính chính sai sót", "Dính"),
        ("Phần Ì THÔNG TIN", "Ì"),
    ],
)
def test_what_cannot_stand_there_is_doubted_though_both_readers_agree(line, word):
    (pair,) = [pair for pair in read(line) if pair[1].text == word]
    assert _doubtful(_Word(pair[0], (0, 0, 9, 9), pair[1]))
    assert sure_of(line, word) <= 0.6


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("Liên b) Giấy tờ", "b)"),
        ("theo điểm d khoản 1", "d"),
        ("diện tích 12,5 m và", "m"),
        ("đánh dấu x vào ô", "x"),
        ("cho bên B thuê căn nhà", "B"),
        ("tại TP Hồ Chí Minh", "TP"),
        ("CHỦ TỊCH UBND HUYỆN", "UBND"),
        ("HĐND VÀ UBND TỈNH", "HĐND"),
        ("Lưu: VT, VP.", "VT,"),
        ("SỞ GD VÀ ĐT TỈNH", "ĐT"),
        ("Cục Cảnh sát QLHC về", "QLHC"),
        ("về TTXH cấp ngày", "TTXH"),
        ("Mẫu số 01/LPTB ban", "01/LPTB"),
        ("số CCCD hoặc", "CCCD"),
        ("bà Trần Thị Dung sinh", "Dung"),
        ("XÃ DIÊN THẠNH", "DIÊN"),
        ("Ấp Bình Hòa, xã", "Ấp"),
    ],
)
def test_what_may_stand_there_stays_sure(line, word):
    assert sure_of(line, word) > 0.9


def test_the_second_reader_completes_a_syllable_that_begins_alone():
    before, cut, after = token("ở"), with_opinion(token("s"), seen("số")), token("nhà")
    decided = decide([[before, cut, after]])[0][1]
    assert decided.text == "số"
    assert not decided.misplaced


def test_a_syllable_seen_by_the_second_reader_doubts_capitals_that_are_none():
    ours = with_opinion(token("CNG"), seen("CỘNG"))
    assert confidence(ours, Decision("CNG", 0.98), seen("CỘNG"), asked=True) <= 0.6
