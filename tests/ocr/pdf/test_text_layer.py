"""What is selected, copied and searched in the delivered file is what was read, where it was read."""

import re
import subprocess
from unicodedata import normalize

import pdfplumber
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdfminer.high_level import extract_text

from ocr.model import Word
from ocr.pdf.glyphless import glyphless
from ocr.pdf.text_layer import place_line, text_layer

TWO_MM = 2 / 25.4 * 72
LETTERS = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz0123456789.,:;-/()%“”–…°²₫€!?\"'&<>[]"
)


def poppler(path, *options):
    return subprocess.run(["pdftotext", *options, path, "-"], capture_output=True, check=True, text=True)


def pdfium(path, page=0):
    with pypdfium2.PdfDocument(path) as document:
        return document[page].get_textpage().get_text_range()


def said(page):
    lines = {}
    for word in page.words:
        lines.setdefault(word.line, []).append(word.text)
    return [" ".join(words) for words in lines.values()]


def rows(text):
    return [row.strip() for row in text.replace("\f", "\n").splitlines() if row.strip()]


@pytest.mark.parametrize("order", ["-raw", "-nopgbrk"])
def test_poppler_gives_the_lines_that_were_read(letter, build, order):
    answer = poppler(build(letter), order)
    assert rows(answer.stdout) == said(letter)
    assert answer.stderr == ""


def test_pdfium_gives_the_lines_that_were_read(letter, build):
    assert rows(pdfium(build(letter))) == said(letter)


def test_pdfminer_gives_the_lines_that_were_read(letter, build):
    assert rows(extract_text(build(letter))) == said(letter)


def test_two_columns_keep_their_reading_order(draw, build):
    page = draw(
        [
            (150, 150, 12, "ỦY BAN NHÂN DÂN"),
            (170, 200, 12, "XÃ HƯƠNG THỬ"),
            (800, 150, 12, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
            (950, 200, 12, "Độc lập - Tự do - Hạnh phúc"),
        ]
    )
    path = build(page)
    assert rows(pdfium(path)) == said(page)
    assert rows(extract_text(path)) == said(page)


def test_every_vietnamese_letter_comes_back_composed(draw, build):
    small = LETTERS[: LETTERS.index("0")]
    lines = [small[i : i + 12] for i in range(0, len(small), 12)]
    page = draw([(150, 100 + 60 * i, 14, text) for i, text in enumerate([*lines, *(line.upper() for line in lines)])])
    text = poppler(build(page), "-raw").stdout
    assert rows(text) == said(page)
    assert normalize("NFC", text) == text


def test_decomposed_input_is_stored_composed(draw, build):
    page = draw([(150, 150, 14, "Nguyễn")])
    decomposed = Word(normalize("NFD", "Nguyễn"), page.words[0].box, 1.0, 0)
    assert rows(pdfium(build(type(page)(page.pixels, (decomposed,), page.size)))) == ["Nguyễn"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.sampled_from(LETTERS), min_size=1, max_size=9), min_size=1, max_size=8))
def test_any_words_come_back_in_order(draw, build, texts):
    blank = draw([], size=(600, 800))
    words = tuple(Word(text, (20, 20 + 20 * i, 20 + 7 * len(text), 34 + 20 * i), 0.9, i) for i, text in enumerate(texts))
    # PDFium joins a hyphen at a line's end to the next line, so Poppler is asked.
    assert rows(poppler(build(type(blank)(blank.pixels, words, blank.size)), "-raw").stdout) == texts


edges = st.floats(-1000, 3000, allow_nan=False)


@given(boxes=st.lists(st.tuples(edges, edges, edges, edges), min_size=1, max_size=6))
def test_any_boxes_give_a_well_formed_layer(boxes):
    words = [Word("chữ", box, 0.5, 0) for box in boxes]
    layer = text_layer(words, 842, glyphless("chữ")).decode().split("\n")
    assert sum(line.endswith("Tj") for line in layer) == len(words)
    for line in layer:
        for operand in line.split()[:-1]:
            assert re.fullmatch(r"-?\d+(\.\d)?|<[0-9A-F]+>|/F0|Td", operand)
    assert all(word.size > 0 and word.width > 0 for word in place_line(words))


@pytest.mark.parametrize("slope", [0.0, 0.01, -0.02])
def test_a_selection_lies_within_two_millimetres_of_the_ink(letter, draw, build, slope):
    page = (
        letter if slope == 0 else draw([(150, 300 + 90 * i, 13, "Họ và tên người được khai sinh: Phạm Bảo Minh") for i in range(8)], slope)
    )
    with pdfplumber.open(build(page)) as pdf:
        found = pdf.pages[0].extract_words(use_text_flow=True)
    assert [word["text"] for word in found] == [word.text for word in page.words]
    for word, back in zip(page.words, found, strict=True):
        if word.text == "-":
            continue  # a dash is selected at the height of its line
        edges = (back["x0"], back["top"], back["x1"], back["bottom"])
        assert max(abs(a - b) for a, b in zip(word.box, edges, strict=True)) < TWO_MM, word.text


def test_low_words_of_a_large_heading_keep_near_their_ink(draw, build):
    page = draw([(150, 300, 40, "xem Ủy cao Đông")])
    with pdfplumber.open(build(page)) as pdf:
        found = pdf.pages[0].extract_words(use_text_flow=True)
    assert [word["text"] for word in found] == ["xem", "Ủy", "cao", "Đông"]
    for word, back in zip(page.words, found, strict=True):
        assert abs(back["x0"] - word.box[0]) < 1
        assert abs(back["x1"] - word.box[2]) < 1
        assert abs((back["top"] + back["bottom"]) / 2 - (word.box[1] + word.box[3]) / 2) < TWO_MM


def test_words_of_one_line_share_baseline_and_size_although_their_ink_differs(letter):
    line = [word for word in letter.words if word.line == 4]
    placed = place_line(line)
    assert len({(round(word.baseline, 1), word.size) for word in placed}) == 1


def test_a_word_that_stands_elsewhere_does_not_bend_the_line():
    line = [Word(f"chữ{i}", (50 + 40 * i, 100, 85 + 40 * i, 112), 0.9, 0) for i in range(8)]
    stray = Word("dấu", (380, 60, 420, 170), 0.4, 0)
    straight, bent = place_line(line), place_line([*line, stray])
    assert [(w.baseline, w.size) for w in bent[:-1]] == [(w.baseline, w.size) for w in straight]


def test_controls_and_broken_surrogates_are_left_out(draw, build):
    blank = draw([], size=(600, 800))
    words = (Word("A\x00B\u200b\ud800C", (20, 20, 60, 34), 0.9, 0), Word("\x07", (70, 20, 80, 34), 0.9, 0))
    assert rows(pdfium(build(type(blank)(blank.pixels, words, blank.size)))) == ["ABC"]
