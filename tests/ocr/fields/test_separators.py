"""Commas that hide between the dots of a line."""

import pytest
from msgspec.structs import replace

from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.weigh import weigh


def words(text: str, confidence: float = 0.99) -> list[Token]:
    return [
        Token(number, word, fold(word), (40.0 * number, 0.0, 40.0 * number + 35, 12.0), confidence, False, 1, 0, False)
        for number, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("kind", "read", "said"),
    [
        ("text", "Thôn 2, xã Tân Hưng thành phố Đà Nẵng", "Thôn 2, xã Tân Hưng, thành phố Đà Nẵng"),
        ("text", "phường Hoa Lư, huyện Giao Thủy tỉnh Nam Định", "phường Hoa Lư, huyện Giao Thủy, tỉnh Nam Định"),
        ("text", "phường Hoa Lư, huyện Giao Thủy . tỉnh Nam Định", "phường Hoa Lư, huyện Giao Thủy, tỉnh Nam Định"),
        (
            "date_words",
            "ngày bốn, tháng một năm hai nghìn không trăm hai mươi tư",
            "ngày bốn, tháng một, năm hai nghìn không trăm hai mươi tư",
        ),
        (
            "date_words",
            "ngày hai, tháng năm, năm một nghìn chín trăm, tám mươi ba",
            "ngày hai, tháng năm, năm một nghìn chín trăm tám mươi ba",
        ),
    ],
)
def test_a_comma_is_put_back_where_its_like_was_read_and_a_person_looks(kind: str, read: str, said: str) -> None:
    weighed = weigh(words(read), kind)
    assert weighed.reading.value == said
    assert weighed.differs


def test_on_dots_a_comma_is_missed_without_any_other() -> None:
    on_dots = [replace(token, leader_after=token.text == "Nẵng") for token in words("Xóm 4 xã Tân Hưng thành phố Đà Nẵng")]
    weighed = weigh(on_dots, "text")
    assert (weighed.reading.value, weighed.differs) == ("Xóm 4, xã Tân Hưng, thành phố Đà Nẵng", True)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "Xóm 4 xã Tân Hưng thành phố Đà Nẵng"),
        ("text", "Ủy ban nhân dân phường Hải Châu, thành phố Đà Nẵng"),
        ("text", "UBND xã Đại Lãnh, tỉnh Khánh Hòa"),
        ("text", "Số 128/4 đường Nguyễn Trãi, phường Hoa Lư, tỉnh Ninh Bình"),
        ("text", "Thôn 2 - xã Tân Hưng - thành phố Đà Nẵng"),
        ("date_words", "ngày năm tháng năm năm hai nghìn không trăm linh năm"),
    ],
)
def test_who_writes_without_commas_is_left_alone(kind: str, text: str) -> None:
    weighed = weigh(words(text), kind)
    assert (weighed.reading.value, weighed.differs) == (text, False)


def test_a_page_s_own_text_is_never_changed() -> None:
    text = "Thôn 2, xã Tân Hưng thành phố Đà Nẵng"
    assert weigh(words(text, 1.0), "text").reading.value == text
