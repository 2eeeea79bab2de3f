"""Syllables by rule, and what the language model may and may not do."""

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr.words.decide import decide
from ocr.words.language import NUMBER, OTHER, RARE, language
from ocr.words.lattice import Spelling, Token, core
from ocr.words.syllables import canonical, is_syllable, syllables, well_placed

CORRECT = "nghiêng quốc gì giếng khuỷu thuở quýnh người được xã Kạn ĐỊNH Nguyễn yêu oằn ngoằn ngoèo quẹt uỷ ủy hoà hòa thuý thúy"
WRONG = "nghang ngiêng kuốc ceo hònh tôp luậch gơu bk tòt đãt hocs thÀnh aa eê"


def word(*spellings: tuple[str, float]) -> Token:
    return Token(0, 0, 0.9, 1.0, tuple(Spelling(text, score) for text, score in spellings), True)


def fixed(text: str) -> Token:
    return Token(0, 0, 0.9, 0.9, (Spelling(text, 0.0),), core(text) != "")


def test_correct_spellings_are_syllables():
    assert [w for w in CORRECT.split() if not is_syllable(w)] == []


def test_impossible_spellings_are_not():
    assert [w for w in WRONG.split() if is_syllable(w)] == []


@given(st.sampled_from(sorted(syllables())))
def test_every_syllable_is_composed_lower_case_and_folds_to_a_syllable(syllable):
    assert unicodedata.is_normalized("NFC", syllable)
    assert syllable == syllable.lower()
    assert canonical(syllable) in syllables()
    assert canonical(canonical(syllable)) == canonical(syllable)


@given(st.sampled_from(sorted(syllables())))
def test_a_syllable_that_ends_in_a_stop_has_the_sharp_or_the_heavy_tone(syllable):
    marks = set(unicodedata.normalize("NFD", syllable)) & set("\u0300\u0301\u0303\u0309\u0323")
    assert len(marks) <= 1
    if syllable.endswith(("p", "t", "c", "ch")):
        assert marks and marks <= {"\u0301", "\u0323"}


def test_a_tone_on_the_wrong_vowel_is_put_right_and_nothing_else():
    wrong = "Hiêú cưả tuôỉ ngươì QUYÊN hoà Lăk abc đươc"
    assert [well_placed(w) for w in wrong.split()] == ["Hiếu", "cửa", "tuổi", "người", "QUYÊN", "hoà", "Lăk", "abc", "đươc"]


@given(st.sampled_from(sorted(syllables())))
def test_what_is_spelt_right_stays_as_it_is(syllable):
    assert well_placed(syllable) == syllable


def test_both_ways_to_place_a_tone_count_as_one_word():
    model = language()
    assert model.number("hoà") == model.number("HÒA") not in (OTHER, RARE)


def test_tokens_with_a_digit_are_one_class():
    assert language().number("12/QĐ-UBND") == NUMBER


def test_the_model_prefers_what_is_said():
    model = language()
    before = np.array([model.number("thủ")])
    after = np.array([model.number("tục"), model.number("túc"), model.number("tuc")])
    said, unsaid, odd = model.chances(before, after, np.zeros(3, bool))[0]
    assert said > unsaid + 2 > odd + 2


def test_an_open_mark_is_settled_by_the_words_around_it():
    line = [fixed("thủ"), word(("tuc", -0.6), ("tục", -0.8), ("túc", -2.0)), fixed("hành"), fixed("chính")]
    assert [d.text for d in decide([line])[0]] == ["thủ", "tục", "hành", "chính"]


def test_a_sentence_goes_on_over_the_end_of_a_line():
    lines = [[fixed("thủ")], [word(("tuc", -0.6), ("tục", -0.8), ("túc", -2.0))]]
    assert decide(lines)[1][0].text == "tục"


def test_a_name_the_network_is_sure_of_is_not_pulled_to_a_common_word():
    line = [fixed("ông"), fixed("Lò"), fixed("Văn"), word(("Phúng", -0.01), ("Phụng", -6.0), ("Phùng", -6.5))]
    assert decide([line])[0][-1].text == "Phúng"


@given(st.from_regex(r"\A[0-9A-ZĐ./@:-]{1,12}[0-9][0-9a-zA-ZĐ./-]{0,6}\Z"), st.floats(-3, 0), st.floats(-9, -3))
def test_the_model_has_no_say_about_numbers_and_codes(text, sure, unsure):
    token = Token(0, 0, 0.5, 0.5, (Spelling(text, sure), Spelling(text.replace("0", "8") + "1", unsure)), False)
    decision = decide([[fixed("số"), token, fixed("ngày")]])[0][1]
    assert decision.text == text
    assert np.isclose(decision.chance, 1 / (1 + np.exp(unsure - sure)))


@given(st.lists(st.lists(st.sampled_from(["ngày", "tháng", "-", "12", "(Ký,", "UBND"]), max_size=6), max_size=4))
def test_certain_tokens_stand_as_they_are(lines):
    assert [[d.text for d in line] for line in decide([[fixed(t) for t in line] for line in lines])] == lines


def test_the_words_of_places_are_known_syllables_or_not():
    model = language()
    for name in ("Krông Pắc", "Ea Tul", "Cư Kuin", "Đắk Mil", "Mường Khoa"):
        first, second = (model.number(one) for one in name.split())
        assert min(first, second) > max(RARE, OTHER, NUMBER), name
        said, other = model.chances(np.array([first]), np.array([second, model.number("đắc")]), np.zeros(2, bool))[0]
        assert said > other, name
