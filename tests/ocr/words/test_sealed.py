"""Two readings of one word: with a seal's grey taken off, and as it was scanned."""

import numpy as np
import pytest

from ocr.words.sealed import with_second_picture
from ocr.words.word import ReadWord

UNDER = np.full((60, 400), 9, np.uint8)
BOX = (10.0, 10.0, 90.0, 40.0)


def settled(ours: tuple[str, float], theirs: tuple[str, float], box=BOX, changed=UNDER) -> tuple[str, float]:
    word, other = ReadWord(ours[0], BOX, ours[1], 0), ReadWord(theirs[0], box, theirs[1], 0)
    (found,) = with_second_picture((word,), (other,), changed)
    assert found.box == BOX
    return found.text, found.confidence


def test_the_surer_reading_stands():
    assert settled(("Trân", 0.06), ("Trần", 0.35))[0] == "Trần"
    assert settled(("CHỦ", 0.99), ("CỨU", 0.66))[0] == "CHỦ"


@pytest.mark.parametrize(
    ("cleared", "scanned", "text"),
    [
        (("Bao", 0.9995), ("Bảo", 0.9987), "Bảo"),  # its hook went with the seal's grey
        (("Đinh", 0.24), ("-Đình", 0.06), "Đình"),
        (("ngày", 0.99), ("ngay", 0.995), "ngày"),
        (("cho", 0.998), ("chõ", 0.6), "cho"),
        (("PHÓ", 0.98), ("PHỐ", 0.89), "PHÓ"),
        (("họp", 0.95), ("hợp", 0.97), "hợp"),
        (("thôn.", 0.93), ("thôn:", 0.98), "thôn."),
        (("và", 0.99), ("Và", 0.995), "và"),
    ],
)
def test_marks_go_with_a_seal_s_grey_and_signs_come_from_its_strokes(cleared, scanned, text):
    assert settled(cleared, scanned)[0] == text


def test_two_readings_that_are_both_sure_of_different_words_are_not_believed():
    for ours, theirs in ((0.99, 0.99), (0.99, 0.999), (0.999, 0.99)):
        assert settled(("BẠN", ours), ("BAN", theirs))[1] < 0.95
    assert settled(("TRƯỜNG", 0.9989), ("TRUỦNG", 0.13)) == ("TRƯỜNG", 0.95)


def test_readings_that_agree_are_as_sure_as_the_surer():
    assert settled(("BAN", 0.8), ("BAN", 0.97)) == ("BAN", 0.97)


def test_words_that_a_stroke_of_the_seal_joined_are_parted_where_each_is_surer():
    joined = ReadWord("QuũcCường", BOX, 0.09, 4)
    apart = (ReadWord("Quốc", (10.0, 10.0, 45.0, 40.0), 0.7, 0), ReadWord("Cường", (52.0, 10.0, 90.0, 40.0), 0.9, 0))
    assert [(word.text, word.line) for word in with_second_picture((joined,), apart, UNDER)] == [("Quốc", 4), ("Cường", 4)]
    assert with_second_picture((ReadWord("QuũcCường", BOX, 0.8, 4),), apart, UNDER)[0].text == "QuũcCường"


def test_no_reading_outweighs_the_words_that_stand_before_a_title():
    assert settled(("KT.", 0.1), ("KI,", 0.9)) == ("KT.", 0.1)
    assert settled(("IM.", 0.98), ("TM.", 0.61)) == ("TM.", 0.61)


@pytest.mark.parametrize("stroke", ["-", "'", "“", ",."])
def test_a_sign_in_front_of_a_word_that_one_picture_alone_shows_is_a_stroke_of_the_seal(stroke):
    assert settled((stroke + "PHÓ", 0.95), ("PHÓ", 0.9)) == ("PHÓ", 0.9)
    assert settled(("PHÓ", 0.9), (stroke + "PHÓ", 0.95)) == ("PHÓ", 0.9)
    assert settled(("(PHÓ", 0.95), ("PHÓ", 0.6))[0] == "(PHÓ"


@pytest.mark.parametrize(
    ("box", "changed"),
    [((10.0, 10.0, 390.0, 40.0), UNDER), ((10.0, 45.0, 90.0, 58.0), UNDER), (BOX, np.zeros_like(UNDER))],
    ids=["covers two words", "another line", "no seal here"],
)
def test_what_is_not_the_same_word_says_nothing(box, changed):
    assert settled(("Trân", 0.06), ("Trần", 0.9), box, changed) == ("Trân", 0.06)
