"""Dots set against a word: never text, never a lost colon, and the token's whole reach is told."""

import pytest

from ocr.pages import rules
from ocr.words.leaders import with_leaders
from ocr.words.reader import load_reader
from ocr.words.word import ReadWord


def word(text, x0, x1, line=0):
    return ReadWord(text, (x0, 100.0, x1, 140.0), 0.9, line)


def test_a_colon_before_dots_is_read_and_the_dots_are_not(draw):
    erased = rules.erase(draw([(200, 300, "Họ và tên:" + "." * 60), (200, 380, "Nơi sinh:" + "." * 60)]), 200)
    words = with_leaders(load_reader("default").read(erased.reading, 200), erased.leaders)
    assert [w.text for w in words] == ["Họ", "và", "tên:", "Nơi", "sinh:"]
    assert [w.text for w in words if w.leader is not None] == ["tên:", "sinh:"]
    assert all(w.leader > w.box[2] + 300 for w in words if w.leader is not None)


@pytest.mark.parametrize(("start", "glued"), [(303, True), (330, False)])
def test_only_dots_set_without_a_space_belong_to_the_word(start, glued):
    words = with_leaders((word("tên:", 200, 300),), ((start, 130, 900, 134),))
    assert (words[0].leader == 900.0) is glued
    assert words[0].box == (200, 100.0, 300, 140.0)


def test_a_row_that_noise_has_broken_goes_on():
    broken = ((303, 130, 500, 134), (520, 131, 900, 134), (1000, 130, 1100, 134), (510, 330, 950, 334))
    assert with_leaders((word("tên:", 200, 300),), broken)[0].leader == 900.0


def test_dots_of_another_line_and_words_behind_are_left_alone():
    words = (word("ngày", 200, 300), word("tháng", 500, 600), word("năm", 200, 300, line=1))
    assert [w.leader for w in with_leaders(words, ((303, 130, 900, 134),))][:2] == [500, None]
    assert with_leaders(words, ((303, 330, 900, 334),)) == words


def test_a_lone_figure_has_the_room_it_is_set_in(draw):
    one, eight = (load_reader("default").read(draw([(200, 300, f"Điều {figure} quy định")]), 200)[1] for figure in "18")
    assert one.text == "1" and eight.text == "8"
    assert one.box[2] - one.box[0] > 0.8 * (eight.box[2] - eight.box[0])
