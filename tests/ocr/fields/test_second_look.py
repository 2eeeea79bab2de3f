"""Values that stand on their dots, and answers of which a form allows only a few."""

from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.closed_list import answer
from ocr.fields.draft import Draft
from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.page_ink import ink_of
from ocr.fields.second_look import Strip, better, merged, on_dots, read_strips
from ocr.fields.templates import Entry

DPI = 300
SIZE = (400.0, 60.0)


def written(text: str, *, dots: bool) -> NDArray[np.uint8]:
    """A page of `SIZE` points with `text` on a row of dots."""
    scale = DPI / 72
    page = Image.new("RGB", (int(SIZE[0] * scale), int(SIZE[1] * scale)), "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), round(13 * scale))
    pen.text((20 * scale, 40 * scale), text, font=font, fill=(25, 25, 25), anchor="ls")
    for x in np.arange(20, 380, 3.2) if dots else ():
        pen.ellipse((x * scale, 39.2 * scale, x * scale + 3, 39.2 * scale + 3), fill=(25, 25, 25))
    return np.asarray(page)


def token(text: str, confidence: float = 0.5) -> Token:
    return Token(0, text, fold(text), (20.0, 28.0, 20.0 + 7 * len(text), 44.0), confidence, False, 1, 0, False)


def strip(text: str) -> Strip:
    box = (20.0, 28.0, 22.0 + 7 * len(text), 44.0)
    return Strip((token(text),), box, (20.0, 28.0, 380.0, 44.0))


@pytest.mark.parametrize("text", ["Phạm Thị Bích Hường", "huyện Kiến Xương, tỉnh Thái Bình"])
def test_words_on_dots_are_read_without_the_dots(text: str) -> None:
    picture = written(text, dots=True)
    found = read_strips(picture, SIZE, [strip(text)])
    assert " ".join(one.text for one in found[0]) == text


@pytest.mark.parametrize("text", ["Đỗ Thị Bích Hường", "Nguyễn Đỗ Quyên", "Hồ Thị Kỷ", "Lê Thị Hồng Gấm", "Đặng Thái Sơn"])
def test_a_word_read_wrong_the_second_time_is_not_called_sure(text: str) -> None:
    (found,) = read_strips(written(text, dots=True), SIZE, [strip(text)])
    assert len(found) == len(text.split())
    assert all(one.text == true or one.confidence < 0.86 for one, true in zip(found, text.split(), strict=True))


def test_dots_under_words_are_seen_and_plain_words_have_none() -> None:
    text = "Đỗ Thị Bích Hường"
    assert on_dots(ink_of(written(text, dots=True), SIZE), strip(text))
    assert not on_dots(ink_of(written(text, dots=False), SIZE), strip(text))


def test_a_word_the_first_reading_was_surer_of_stays() -> None:
    kept = merged([token("Hải", 0.9), token("Châu", 0.9)], [token("Hải", 0.9), token("Chân", 0.6)])
    assert [one.text for one in kept] == ["Hải", "Châu"]
    assert kept[1].raw_differs


def test_two_readings_with_other_figures_leave_a_doubt() -> None:
    entry = Entry(name="ngay", label="Ngày", type="date")
    before = Draft(entry, "2024-01-04", "04/01/2024", 0.8, "print", 1, None)
    again = Draft(entry, "2024-01-07", "07/01/2024", 0.95, "print", 1, None)
    assert better(again, before)
    assert again.raw_differs


@pytest.mark.parametrize("text", ["Nam", "Nữ"])
def test_ink_is_matched_with_the_answers_that_a_form_allows(text: str) -> None:
    row = np.ascontiguousarray(written(text, dots=False)[100:190, 60:260, 0])
    assert answer(row, ("Nam", "Nữ")) == text


def test_ink_that_is_none_of_the_answers_is_not_guessed() -> None:
    row = np.ascontiguousarray(written("Khánh Hòa 15", dots=False)[100:190, 60:500, 0])
    assert answer(row, ("Nam", "Nữ")) is None
