"""Readers by name: what they read, in which order, and where."""

import itertools
from collections import Counter
from importlib.resources import files

import pytest
from PIL import ImageFont

from ocr.words.reader import ReadWord, load_reader, omission, upright
from sohoa.errors import UsageError

READERS = ("default", "lines", "tesseract")


def lines_of(words: tuple[ReadWord, ...]) -> list[str]:
    found: dict[int, list[str]] = {}
    for word in words:
        found.setdefault(word.line, []).append(word.text)
    return [" ".join(found[number]) for number in sorted(found)]


@pytest.mark.parametrize("name", READERS)
def test_reads_a_clean_letter_with_at_most_one_word_wrong(name, draw, letter):
    words = load_reader(name).read(draw(letter), 200)
    drawn = Counter(w for _, _, text in letter for w in text.split())
    assert (drawn - Counter(w.text for w in words)).total() <= 1
    assert len(words) == drawn.total()
    assert all(0 <= w.confidence <= 1 for w in words)


@pytest.mark.parametrize("name", ("default", "lines"))
def test_reads_the_agency_before_the_motto_and_keeps_rows_together(name, draw, letter):
    said = lines_of(load_reader(name).read(draw(letter), 200))
    assert said[:3] == ["ỦY BAN NHÂN DÂN", "XÃ TÂN HƯNG", "Số: 338/QĐ-UBND"]
    assert said[3:6] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Tân Hưng, ngày 09 tháng 5 năm 2024"]
    assert said[6:] == [text for _, _, text in letter[6:]]


@pytest.mark.parametrize("name", ("default", "lines"))
def test_fields_side_by_side_make_one_line(name, draw):
    page = draw(
        [
            (200, 300, "Họ và tên: Trần Thị Bích"),
            (1100, 300, "Giới tính: Nữ"),
            (200, 380, "Dân tộc: Kinh"),
            (1100, 380, "Quốc tịch: Việt Nam"),
        ]
    )
    assert lines_of(load_reader(name).read(page, 200)) == ["Họ và tên: Trần Thị Bích Giới tính: Nữ", "Dân tộc: Kinh Quốc tịch: Việt Nam"]


@pytest.mark.parametrize("name", ("default", "lines"))
def test_a_words_box_lies_on_the_word(name, draw):
    text = "Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014"
    font = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), round(13 * 200 / 72))
    words = load_reader(name).read(draw([(200, 300, text)]), 200)
    assert [w.text for w in words] == text.split()
    for i, word in enumerate(words):
        x0 = 200 + font.getlength(" ".join(text.split()[:i]) + (" " if i else ""))
        x1 = 200 + font.getlength(" ".join(text.split()[: i + 1]))
        shared = min(x1, word.box[2]) - max(x0, word.box[0])
        assert shared > 0.6 * (max(x1, word.box[2]) - min(x0, word.box[0]))
        assert word.box[1] < 325 < word.box[3]


@pytest.mark.parametrize("name", ("default", "lines"))
def test_reading_twice_gives_the_same_words(name, draw, letter):
    page = draw(letter)
    assert load_reader(name).read(page, 200) == load_reader(name).read(page, 200)


@pytest.mark.parametrize("name", READERS)
def test_a_blank_page_has_no_words_and_nothing_is_omitted(name, draw):
    page = draw([])
    assert load_reader(name).read(page, 200) == ()
    assert omission(page, ()) == 0.0


def test_an_unknown_reader_is_a_usage_error_that_lists_the_known_ones():
    with pytest.raises(UsageError) as refused:
        load_reader("magic")
    assert refused.value.code == "reader_unknown"
    assert all(name in refused.value.message.next_vi for name in READERS)


def test_missing_vietnamese_data_names_the_package_to_install(monkeypatch, tmp_path):
    from ocr.words import tesseract

    monkeypatch.setattr(tesseract, "_DEBIAN", tmp_path)
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    with pytest.raises(UsageError) as refused:
        tesseract.tessdata()
    assert refused.value.code == "tessdata_missing"
    assert "apt-get install tesseract-ocr tesseract-ocr-vie" in refused.value.message.next_vi


def test_ink_that_no_word_covers_is_counted(draw, letter):
    page = draw(letter)
    words = load_reader("lines").read(page, 200)
    assert omission(page, words) < 0.01
    body = [w for w in words if w.box[1] < 500]
    assert omission(page, body) > 0.3


def test_rules_and_leaders_are_not_omitted_ink(draw, letter):
    page = draw([*letter, (200, 800, "." * 90)]).copy()
    page[700:704, 150:1500] = 0
    page[100:2000, 120:123] = 0
    assert omission(page, load_reader("lines").read(draw(letter), 200)) < 0.02


@pytest.mark.parametrize("turned", (0, 90, 180, 270))
def test_reading_tells_how_to_turn_a_page_upright(turned, draw, letter):
    import numpy as np

    page = np.ascontiguousarray(np.rot90(draw(letter), turned // 90))
    assert upright(page) == turned


def test_a_page_with_nothing_to_read_is_not_turned(draw):
    assert upright(draw([])) == 0


def test_versions_name_the_engine_and_its_models():
    assert {load_reader(name).name for name in READERS} == set(READERS)
    assert len({load_reader(name).version for name in READERS}) == 3


def test_figures_in_boxes_keep_the_words_of_their_label_apart(draw):
    page = draw([(200, 300, "4. Số định danh cá nhân:"), *((700 + 54 * i, 300, digit) for i, digit in enumerate("040065900857"))])
    words = load_reader("default").read(page, 200)
    assert [w.text for w in words[:6]] == ["4.", "Số", "định", "danh", "cá", "nhân:"]
    assert "".join(w.text for w in words[6:]) == "040065900857"
    assert all(a.box[2] <= b.box[0] for a, b in itertools.pairwise(words))
