"""The second reader's opinion, raised figures, leaders: where nothing may be invented."""

from importlib.resources import files

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, ImageDraw, ImageFont

from ocr.network import alphabet
from ocr.words.calibration import confidence
from ocr.words.cascade import _doubtful, _drop_seen_twice, _settled, _Word
from ocr.words.decide import Decision, decide
from ocr.words.detect import Line
from ocr.words.extent import over_columns
from ocr.words.glyphs import is_ghost
from ocr.words.lattice import Spelling, Token, tokens
from ocr.words.reader import load_reader
from ocr.words.recognise import Strip
from ocr.words.reread import matched, with_opinion
from ocr.words.tesseract import Seen, read_line


def seen(text: str, confidence: float = 0.96) -> Seen:
    return Seen(text, (0.0, 0.0, 1.0, 1.0), confidence)


def settled(token: Token) -> str:
    return decide([[token]])[0][0].text


def number(text: str, weakest: float) -> Token:
    return Token(0, 0, weakest, weakest, (Spelling(text, float(np.log(weakest))),), False)


@pytest.mark.parametrize("text", ["KT.", "TM.", "TL.", "TUQ."])
def test_no_other_reader_outweighs_the_abbreviations_before_a_title(text):
    token = Token(0, 0, 0.5, 0.5, (Spelling(text, -0.7),), False)
    word = _Word(token, (0, 0, 9, 9), decide([[token]])[0][0])
    assert [one.token.text for one in _settled([word], [seen("KI:")])] == [text]


@pytest.mark.parametrize(("printed", "joined"), [("8,4", "84m"), ("3", "3m")])
def test_figures_are_not_joined_with_their_unit(printed, joined):
    ours = [_Word(number(text, 0.99), (0, 0, 9, 9), decide([[number(text, 0.99)]])[0][0]) for text in (printed, "m")]
    assert [one.decision.text for one in _settled(ours, [seen(joined)])] == [printed, "m"]


def test_words_are_paired_across_a_missing_space():
    pairs = matched(["số:214", "ngày"], [seen("số:"), seen("214"), seen("ngày")])
    assert [(p.tokens, tuple(s.text for s in p.seen)) for p in pairs] == [((0,), ("số:", "214")), ((1,), ("ngày",))]


def test_a_space_seen_at_different_letters_loses_none_of_them():
    """Two headings whose rule between them is gone: word against word, "STT" would have outweighed "STTHọ"."""
    theirs = [Seen("STT", (0.0, 0.0, 30.0, 10.0), 0.9), Seen("Họtên", (60.0, 0.0, 105.0, 10.0), 0.9)]
    (pair,) = matched(["STTHọ", "tên"], theirs)
    assert (pair.tokens, pair.seen) == ((0, 1), tuple(theirs))
    ours = [
        _Word(token, box, decide([[token]])[0][0])
        for text, box in (("STTHọ", (0.0, 0.0, 80.0, 10.0)), ("tên", (86.0, 0.0, 105.0, 10.0)))
        for token in [Token(0, 0, 0.95, 0.95, (Spelling(text, -0.05),), True)]
    ]
    read = _settled(ours, theirs)
    assert [(word.decision.text, word.box[0], word.box[2]) for word in read] == [
        ("STT", 0.0, 30.0),
        ("Họ", 60.0, 80.0),
        ("tên", 86.0, 105.0),
    ]


def test_nothing_to_pair_gives_no_pairs():
    assert matched([], []) == []


def test_a_sure_number_is_not_overruled():
    assert settled(with_opinion(number("15.000.000", 0.97), seen("16.000.000"))) == "15.000.000"


def test_a_doubtful_number_yields_to_a_sure_second_reading():
    assert settled(with_opinion(number("15.00.000", 0.2), seen("15.000.000"))) == "15.000.000"


def test_a_sure_second_reader_settles_a_mark():
    token = Token(0, 0, 0.55, 1.0, (Spelling("Tống", -0.6), Spelling("Tổng", -0.9)), True)
    assert settled(with_opinion(token, seen("Tổng"))) == "Tổng"


@pytest.mark.parametrize("line", ["Độc lập - Tụ do", "xã họi chủ nghĩa", "thành phô Hà Nội", "Bổ sung hô sơ"])
def test_a_sure_network_is_doubted_about_a_mark_that_its_company_contradicts(line):
    """A typeface that the network never saw makes it wrong about a mark and sure of it."""
    (decided,) = decide([[Token(i, i, 0.9999, 0.9999, (Spelling(word, -1e-4),), word.isalpha()) for i, word in enumerate(line.split())]])
    assert [d.text for d in decided if d.contradicted] == [word for word in line.split() if word in ("Tụ", "họi", "phô", "hô")]


@pytest.mark.parametrize(("said", "least", "most"), [("Hường", 0.96, 1.0), ("Hưởng", 0.0, 0.95), (None, 0.0, 0.95)])
def test_a_name_that_the_model_alone_changed_is_left_open(said, least, most):
    token = Token(0, 0, 0.9, 1.0, (Spelling("Hưởng", -0.9), Spelling("Hường", -1.0)), True)
    decision = replace(decide([[token]])[0][0], text="Hường", chance=0.995)
    assert least <= confidence(token, decision, seen(said) if said else None, asked=True) <= most


@pytest.mark.parametrize("line", ["Độc lập - Tự do", "xã hội chủ nghĩa", "Ủy ban nhân dân thành phố", "bà Trần Thị Lan"])
def test_what_is_usual_is_not_contradicted(line):
    (decided,) = decide([[Token(i, i, 0.9999, 0.9999, (Spelling(word, -1e-4),), word.isalpha()) for i, word in enumerate(line.split())]])
    assert not any(d.contradicted for d in decided)


@pytest.mark.parametrize(("read", "again", "stands"), [("Tụ", "Tự", "Tự"), ("Tụ", "Tụ", "Tụ")])
def test_what_company_contradicts_is_for_the_second_reader_to_settle(read, again, stands):
    """A rare name that both see stands, whatever its company."""
    before, after = ([Token(0, 0, 0.9999, 0.9999, (Spelling(w, -1e-4),), True) for w in words] for words in (("Độc", "lập"), ("do",)))
    doubted = with_opinion(Token(0, 0, 0.9999, 0.9999, (Spelling(read, -1e-4),), True), seen(again))
    (decided,) = decide([[*before, doubted, *after]])
    assert decided[2].text == stands


def test_an_unsure_second_reader_who_agrees_changes_nothing():
    token = Token(0, 0, 0.99, 1.0, (Spelling("Thôn", -0.01), Spelling("Thổn", -7.0)), True)
    assert settled(with_opinion(token, seen("Thôn", 0.13))) == "Thôn"


@pytest.mark.parametrize("text", ["Diện tích: 75 m²", "Khối lượng: 12 m³;"])
def test_raised_figures_are_read_as_such(draw, text):
    words = load_reader("default").read(draw([(200, 300, text)], points=14), 200)
    assert " ".join(w.text for w in words) == text


@pytest.mark.parametrize("points", [11, 13, 14])
@pytest.mark.parametrize("text", ['xã "Mường Khoa", huyện', 'ghi là "nhà ở" của', "cửa hàng 'Hoa Sen' xã"])
def test_straight_quotes_are_told_by_their_strokes(draw, text, points):
    words = load_reader("default").read(draw([(200, 300, text)], points=points), 200)
    assert " ".join(word.text for word in words) == text


def test_a_figure_on_the_line_is_not_raised(draw):
    words = load_reader("default").read(draw([(200, 300, "Lô đất m2 và thửa m3 theo sơ đồ")], points=14), 200)
    assert [w.text for w in words if w.text.startswith("m")] == ["m2", "m3"]


def test_what_is_left_of_a_leader_is_no_word():
    page = np.full((100, 400), 255, np.uint8)
    page[60:63, 20:380:8] = 0
    assert is_ghost(page, (10, 30, 390, 70), "0000.000", 0.3, 40)
    assert is_ghost(page, (10, 30, 390, 70), "......", 0.3, 40)
    page[35:62, 20:380:8] = 0
    assert not is_ghost(page, (10, 30, 390, 70), "1111111", 0.3, 40)


def test_leaders_leave_no_words_behind(draw):
    page = draw([(200, 300, "Họ và tên: " + "." * 80), (200, 380, "Nơi sinh: Hà Nội")])
    words = load_reader("default").read(page, 200)
    assert not [w.text for w in words if any(c.isdigit() for c in w.text)]
    assert [w.text for w in words if w.box[1] > 360] == ["Nơi", "sinh:", "Hà", "Nội"]


def test_identity_numbers_dates_and_codes_come_through_exactly(draw):
    numbers = ["064213901507", "21/09/1976", "338/QĐ-UBND", "1.250.000", "0912.345.678", "79-X1"]
    page = draw([(200, 200 + 80 * i, f"Số {text} ngày") for i, text in enumerate(numbers)])
    words = load_reader("default").read(page, 200)
    assert [w.text for w in words if any(c.isdigit() for c in w.text)] == numbers
    assert all(w.raw is None for w in words if any(c.isdigit() for c in w.text))


def test_pale_print_is_kept(draw):
    page = draw([(200, 300, "Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014;"), (200, 360, "Xét đề nghị của công chức tư pháp")])
    pale = (draw([(200, 200, "GIẤY CHỨNG NHẬN"), (200, 500, "Số: 0010683")]) // 3 + 170).astype(np.uint8)
    words = [w.text for w in load_reader("default").read(np.minimum(page, pale), 200)]
    assert words[:3] == ["GIẤY", "CHỨNG", "NHẬN"]
    assert words[-1] == "0010683"


def test_the_second_reader_adds_no_comma_where_the_first_is_sure_of_none():
    token = Token(0, 0, 0.55, 1.0, (Spelling("dẫu", -0.6), Spelling("dấu", -0.9)), True)
    assert settled(with_opinion(token, seen("dấu,", 0.9))) == "dấu"


@pytest.mark.parametrize("text", ["đạt yêu cầu kỹ thuật!", "xin chân thành cảm ơn!"])
def test_a_sign_the_network_does_not_know_is_not_dropped(draw, text):
    words = load_reader("default").read(draw([(200, 300, text)]), 200)
    assert " ".join(w.text for w in words) == text


def test_ink_behind_the_last_letter_is_noticed(draw):
    line = Line(200, 300, 420, 340)
    for text, unread in (("Tân Hưng", False), ("Tân Hưng  .", True)):
        page = draw([(200, 300, text)])
        columns = np.flatnonzero((page < 150).any(0))
        strip = Strip(line, np.zeros((100, 223), np.float32), 200.0, 2.2)
        end = np.flatnonzero((draw([(200, 300, "Tân Hưng")]) < 150).any(0))[-1]
        seen_line = over_columns(strip, 0, np.asarray((page < 150).any(0)))
        last = int((end - 8 - strip.x0) / strip.per_step)
        assert seen_line.unread(3, last, (float(columns[0]), 300.0, float(columns[-1] + 1), 340.0)) is unread


def test_capitals_that_their_company_contradicts_are_doubted_though_both_readers_agree():
    line = [Token(i, i, 0.9999, 0.9999, (Spelling(word, -1e-4),), True) for i, word in enumerate(["UBND", "TÍNH", "ĐỒNG", "NAI"])]
    decided = decide([line])[0][1]
    assert decided.contradicted
    assert confidence(line[1], decided, seen("TÍNH"), asked=True) < 0.7


@pytest.mark.parametrize(
    ("said", "stated", "least", "most"), [("Diên", 0.96, 0.9, 1.0), ("Diên", 0.75, 0.0, 0.7), ("Diễn", 0.93, 0.0, 0.7)]
)
def test_a_rare_name_is_believed_where_a_sure_second_reader_sees_the_same_marks(said, stated, least, most):
    token = Token(0, 0, 0.9999, 0.9999, (Spelling("Diên", -1e-4),), True)
    decision = replace(decide([[token]])[0][0], contradicted=True)
    assert least <= confidence(token, decision, seen(said, stated), asked=True) <= most


@pytest.mark.parametrize(("text", "asked"), [("Hiến", True), ("Hiên", False)])
def test_a_name_that_may_be_another_name_is_read_again(text, asked):
    rival = Spelling("Hiển" if asked else "Hiểm", -1.9)
    token = Token(0, 0, 0.85, 1.0, (Spelling(text, -0.16), rival), True)
    assert _doubtful(_Word(token, (0, 0, 9, 9), Decision(text, 0.99))) is asked


@pytest.mark.parametrize(("network", "other", "stands"), [("ọ", "9", "9"), ("6", "ó", "6"), ("1", "l", "1")])
def test_a_figure_stands_where_a_date_has_one(network, other, stands):
    """Old-style figures look like letters: the 9 has the shape of a g, the 6 that of an o with a mark."""
    before, after = (
        [Token(0, 0, 0.9999, 0.9999, (Spelling(w, -1e-4),), w.isalpha()) for w in words] for words in (("20", "tháng"), ("năm",))
    )
    token = Token(0, 0, 0.6, 0.999, (Spelling(network, float(np.log(0.6))),), network.isalpha())
    decided = decide([[*before, with_opinion(token, seen(other, 0.83)), *after]])[0][2]
    assert decided.text == stands
    assert confidence(token, decided, seen(other, 0.83), asked=True) < 0.94


def test_a_letter_stays_one_where_no_figure_belongs():
    before, after = ([Token(0, 0, 0.9999, 0.9999, (Spelling(w, -1e-4),), True) for w in words] for words in (("không",), ("điều",)))
    token = Token(0, 0, 0.6, 0.999, (Spelling("ó", -0.5), Spelling("có", -1.0)), True)
    assert not decide([[*before, with_opinion(token, seen("6", 0.8)), *after]])[0][1].text.isdecimal()


def test_a_zero_in_front_of_a_name_is_its_capital(draw):
    words = load_reader("default").read(draw([(200, 300, "Nghiêm Thị Thanh 0anh"), (200, 380, "Tổ 05, ngày 09")]), 200)
    assert " ".join(w.text for w in words) == "Nghiêm Thị Thanh Oanh Tổ 05, ngày 09"


def barred(page, left: int, top: int, count: int, *, bold: int, step: int, height: int = 25):
    """`page` with a numeral of a face without serifs: strokes alone."""
    drawn = page.copy()
    for x in range(left, left + count * step, step):
        drawn[top : top + height, x : x + bold] = 20
    return drawn


@pytest.mark.parametrize(("bold", "step"), [(3, 9), (4, 10), (5, 12), (6, 13)])
@pytest.mark.parametrize("count", [2, 3])
def test_the_strokes_of_a_numeral_are_counted_in_the_ink(draw, count, bold, step):
    page = barred(draw([(200, 300, "Cấp công trình: Cấp")]), 520, 306, count, bold=bold, step=step)
    word = load_reader("default").read(page, 200)[-1]
    assert word.text == "I" * count


@pytest.mark.parametrize(
    ("text", "own", "said"), [("Đỉnh", "Đinh", 0.92), ("Tui,", "Tul,", 0.9), ("TĨNH", "TÍNH", 0.96), ("[Không", "CKhông", 0.6)]
)
def test_a_name_that_became_what_the_other_reader_saw_is_left_to_a_person(text, own, said):
    token = Token(0, 0, 0.8, 1.0, (Spelling(own, -2.0), Spelling(text, -1.0, True)), True)
    assert confidence(token, Decision(text, 0.9), seen(text, said), asked=True) <= 0.8
    comma = Token(0, 0, 0.9, 0.9, (Spelling("5", -2.0), Spelling("5,", -1.0, True)), False)
    assert confidence(comma, Decision("5,", 0.97), seen("5,"), asked=True) > 0.9


@pytest.mark.parametrize(("figure", "least", "most"), [(0.81, 0.0, 0.79), (0.99, 0.9, 1.0)])
def test_a_number_with_an_unsure_figure_is_doubted_though_both_readers_agree(figure, least, most):
    token = replace(number("2015", 0.81), figure=figure)
    assert least <= confidence(token, Decision("2015", 1.0), seen("2015"), asked=True) <= most


def test_a_letter_in_the_shape_of_a_figure_is_no_other_reading_of_a_number():
    signs = ["", *alphabet()]
    for shape, figure in (("O", 0.99), ("8", 0.7)):
        scores = np.full((12, len(signs)), -20.0, np.float32)
        for step, sign in enumerate("120"):
            scores[4 * step + 1 :: 4, 0] = scores[4 * step + 2 :: 4, 0] = scores[4 * step + 3 :: 4, 0] = 0.0
            scores[4 * step, signs.index(sign)] = 0.0
        scores[8, signs.index("0")], scores[8, signs.index(shape)] = np.log(0.7), np.log(0.29)
        line = Line(0, 0, 120, 20)
        (token,) = tokens(over_columns(Strip(line, scores, 0.0, 10.0), 0, np.ones(130, bool)))
        assert (token.text, round(token.figure, 2)) == ("120", figure)


def test_a_name_of_other_letters_in_company_that_no_text_knows_is_left_to_a_person():
    token = Token(0, 0, 0.97, 1.0, (Spelling("Pắc,", -4.9), Spelling("Đắc,", -0.1, True)), True)
    assert confidence(token, Decision("Đắc,", 0.9988, unheard=True), seen("Đắc,", 0.93), asked=True) <= 0.8


@pytest.mark.parametrize(("text", "stands"), [("O00", "000"), ("1o/05/2O24", "10/05/2024"), ("O2", "O2"), ("OO1", "OO1"), ("O00A", "O00A")])
def test_an_o_among_figures_is_a_zero(text, stands):
    signs = ["", *alphabet()]
    scores = np.full((4 * len(text), len(signs)), -20.0, np.float32)
    scores[:, 0] = 0.0
    for step, sign in enumerate(text):
        scores[4 * step, 0] = -20.0
        scores[4 * step, signs.index(sign)] = np.log(0.67 if sign in "Oo" else 0.999)
        scores[4 * step, signs.index("0")] = max(scores[4 * step, signs.index("0")], np.log(0.32))
    strip = Strip(Line(0, 0, 40 * len(text), 20), scores, 0.0, 10.0)
    (token,) = tokens(over_columns(strip, 0, np.ones(40 * len(text) + 10, bool)))
    assert token.text == stands
    assert token.weakest > 0.98 or stands == text
    assert token.raw == (text if stands != text else None)


@pytest.mark.parametrize("beyond", [4, 6])
def test_a_stem_of_the_next_word_is_no_word_of_its_own(beyond):
    image = Image.new("L", (600, 120), 255)
    pen = ImageDraw.Draw(image)
    face = ImageFont.truetype(str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"), 40)
    pen.text((40, 80), "TỈNH ĐẮK", font=face, fill=20, anchor="ls")
    after = 40 + pen.textlength("TỈNH ĐẮK ", font=face)
    pen.text((after, 80), "LẮK", font=face, fill=20, anchor="ls")
    seen = read_line(np.asarray(image), (36, 40, after + 2 - beyond, 92))
    assert [word.text for word in seen] == ["TỈNH", "ĐẮK"]


def test_the_full_stop_of_an_abbreviation_before_a_title_is_the_other_reader_s():
    (token,) = [number("KT", 0.9)]
    word = _Word(token, (0, 0, 9, 9), decide([[token]])[0][0])
    assert [[one.token.text for one in _settled([word], [seen(text)])] for text in ("KT.", "KI")] == [["KT."], ["KT"]]


def test_a_rule_s_edge_read_as_the_next_number_s_first_figure_is_dropped():
    boxes = {"bản": (348.0, 391.0, 397.0, 424.0), "1": (480.0, 391.0, 481.0, 424.0), "12": (481.0, 392.0, 510.0, 421.0)}
    lines = [[_Word(token, box, decide([[token]])[0][0])] for token, box in ((number(text, 0.99), box) for text, box in boxes.items())]
    _drop_seen_twice([3, 3, 3], lines)
    assert [[word.token.text for word in line] for line in lines] == [["bản"], [], ["12"]]
