"""A value is accepted only when confidence, ink, rules and agreement all allow it."""

import cv2
import numpy as np
import pytest

from ocr.fields.checks.facts import Facts
from ocr.fields.checks.rules import run_rule
from ocr.fields.decide import Evidence, decide
from ocr.fields.folding import fold
from ocr.fields.weigh import stands_apart


def test_an_unsure_word_sends_the_field_to_review(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư", confidence=0.4)
    field = by_name(page.read())["kinh_gui"]
    assert (field.status, field.reason_code, field.confidence) == ("review", "low_confidence", 0.4)


def test_a_language_model_that_decided_otherwise_sends_the_field_to_review(birth_form, by_name):
    page = birth_form()
    page.words = [word if word.text != "Khang" else type(word)("Khang", word.box, 0.97, word.line, raw="Khanq") for word in page.words]
    field = by_name(page.read())["ho_ten"]
    assert (field.status, field.reason_code) == ("review", "reader_disagrees")


def test_ink_that_nobody_read_makes_an_empty_field_doubtful(birth_form, by_name, answers):
    page = birth_form({name: value for name, value in answers.items() if name != "que_quan"})
    label = next(word for word in page.words if word.text == "quán:")
    image = np.full((3508, 2480, 3), 250, np.uint8)
    scale = 300 / 72
    cv2.putText(
        image,
        "xa Gia Vien",
        (round((label.box[2] + 10) * scale), round(label.box[3] * scale)),
        cv2.FONT_HERSHEY_SIMPLEX,
        1.6,
        (30, 30, 90),
        4,
    )
    field = by_name(page.read(image))["que_quan"]
    assert (field.value, field.status, field.reason_code) == (None, "review", "unread_ink")


def test_dots_and_rules_beside_a_label_are_no_unread_ink(birth_form, by_name, answers):
    page = birth_form({name: value for name, value in answers.items() if name not in ("que_quan", "noi_sinh")})
    image = np.full((3508, 2480, 3), 250, np.uint8)
    scale = 300 / 72
    for word, dotted in (("quán:", True), ("sinh(4):", False)):
        label = next(one for one in page.words if one.text == word)
        y = round(label.box[3] * scale) - 4
        if dotted:
            for x in range(round(label.box[2] * scale) + 20, 2300, 14):
                cv2.circle(image, (x, y), 2, (30, 30, 30), -1)
        else:
            cv2.line(image, (round(label.box[2] * scale) + 20, y), (2300, y), (30, 30, 30), 3)
    found = by_name(page.read(image))
    assert (found["que_quan"].status, found["noi_sinh"].status) == ("empty", "empty")


def test_a_label_that_was_not_found_is_not_called_empty(birth_form, birth_rows, by_name, answers):
    field = by_name(birth_form(answers, rows=[row for row in birth_rows if "Quê quán" not in row]).read())["que_quan"]
    assert (field.value, field.status, field.reason_code) == (None, "review", "label_not_found")


def test_a_name_spelt_in_two_ways_on_one_paper_is_doubted_in_both_places(birth_form, by_name, answers):
    found = by_name(birth_form(answers | {"me": "Phạm Thu Hạ"}).read())
    assert (found["ho_ten_nguoi_yeu_cau"].reason_code, found["ho_ten_me"].reason_code) == ("reader_disagrees", "reader_disagrees")


def test_values_of_a_pdf_s_own_text_say_so(paper, by_name):
    page = paper(status="had_text").title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    assert by_name(page.read())["kinh_gui"].source == "pdf_text"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"bang_chu": "Ngày sáu, tháng mười, năm hai nghìn không trăm hai mươi ba"}, "date_words_mismatch"),
        ({"dan_toc": "Việt Nam"}, "ethnicity_invalid"),
        ({"ngay_sinh": "31/02/2023"}, "impossible_date"),
    ],
)
def test_a_contradiction_is_flagged_and_reviewed(birth_form, answers, changed, code):
    extraction = birth_form(answers | changed).read()
    failed = [check for check in extraction.checks if check.result == "failed"]
    assert [check.code for check in failed] == [code] or code in {check.code for check in failed}
    about = {name for check in failed for name in check.fields}
    assert about and all(field.status == "review" for field in extraction.fields if field.name in about)


def test_a_form_without_contradictions_fails_no_check(birth_form):
    told = {check.code for check in birth_form().read().checks if check.result in ("failed", "warning")}
    assert told <= {"address_unknown"}  # its communes are made up


def test_the_mother_s_number_must_be_a_woman_s(birth_form, birth_rows, answers):
    birth_rows.insert(2, "Ngày, tháng, năm sinh: 01/01/1990")
    birth_rows.insert(16, "Giấy tờ tùy thân(3): CCCD số 037090001234")
    checks = {check.code: check for check in birth_form(answers, rows=birth_rows).read().checks}
    assert checks["mother_id_gender"].result == "failed"
    assert checks["mother_id_gender"].text_vi and checks["mother_id_gender"].text_en


@pytest.mark.parametrize(("again", "status"), [("PHẠM THU HÀ", "accepted"), ("Phạm Thu Hà", "review")])
def test_a_name_in_capitals_and_in_small_letters_confirms_itself(birth_form, by_name, answers, again, status):
    page = birth_form(answers | {"me": again})
    page.words = [
        word if fold(word.text) not in ("pham", "thu") else type(word)(word.text, word.box, 0.65, word.line) for word in page.words
    ]
    assert by_name(page.read())["ho_ten_nguoi_yeu_cau"].status == status


def test_a_list_does_not_confirm_what_differs_by_a_stroke():
    assert stands_apart("Nam", ("Nam", "Nữ"))
    assert not stands_apart("II", ("I", "II", "III"))


def test_a_box_beside_a_ticked_one_that_nobody_could_see_is_a_warning():
    facts = Facts({"mot": True, "hai": None}, {})
    assert [one.result for one in run_rule("multiple_boxes", facts, ("mot", "hai"))] == ["warning"]
    assert [one.result for one in run_rule("multiple_boxes", Facts({"mot": True, "hai": False}, {}), ("mot", "hai"))] == ["passed"]


def test_what_language_changed_in_a_name_is_shown_however_sure_it_is(birth_form, by_name):
    page = birth_form()
    page.words = [type(word)(word.text, word.box, 0.97, word.line, "?") if word.text in ("Thu", "Hà") else word for word in page.words]
    found = by_name(page.read())
    assert (found["ho_ten_nguoi_yeu_cau"].status, found["ho_ten_nguoi_yeu_cau"].reason_code) == ("review", "reader_disagrees")


def test_what_language_changed_elsewhere_stands_when_it_is_sure(birth_form, by_name):
    page = birth_form()
    page.words = [type(word)(word.text, word.box, 0.96, word.line, "?") if word.text == "Hoa" else word for word in page.words]
    assert by_name(page.read())["kinh_gui"].status == "accepted"


@pytest.mark.parametrize(("confidence", "status"), [(0.8, "review"), (0.9, "accepted")])
def test_a_word_that_is_none_must_be_seen_clearly(birth_form, by_name, answers, confidence, status):
    page = birth_form(answers | {"kinh_gui": answers["kinh_gui"] + " VV"})
    page.words = [type(word)(word.text, word.box, confidence, word.line) if word.text == "VV" else word for word in page.words]
    assert by_name(page.read())["kinh_gui"].status == status


@pytest.mark.parametrize(("value", "status"), [("7", "review"), (1, "review"), ("4", "accepted"), (17, "accepted")])
def test_a_lone_slanting_stroke_may_be_a_one_or_a_seven(value, status):
    assert decide(Evidence("int", value, True, 0.96, False, False))[0] == status
