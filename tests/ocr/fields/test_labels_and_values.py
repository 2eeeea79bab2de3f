"""Labels are found by their order, values end where the next label begins."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocr.model import Word


def test_a_filled_form_gives_its_answers(birth_form, by_name, answers):
    found = by_name(birth_form().read())
    assert found["ho_ten"].value == answers["ten"]
    assert found["ngay_sinh"].value == "2023-10-05"
    assert found["gioi_tinh"].value == "Nam"
    assert found["noi_sinh"].value == answers["noi_sinh"]
    assert {found[name].status for name in ("ho_ten", "ngay_sinh", "gioi_tinh", "noi_sinh", "que_quan")} == {"accepted"}


def test_labels_that_repeat_belong_to_their_section(birth_form, by_name, answers):
    found = by_name(birth_form().read())
    assert (found["noi_cu_tru_nguoi_yeu_cau"].value, found["noi_cu_tru_me"].value, found["noi_cu_tru_cha"].value) == (
        answers["noi_cu_tru"],
        answers["noi_me"],
        answers["noi_cha"],
    )
    assert (found["dan_toc"].value, found["dan_toc_me"].value, found["dan_toc_cha"].value) == ("Kinh", "Mường", "Kinh")
    assert (found["nam_sinh_me"].value, found["nam_sinh_cha"].value) == ("1990", "1988-01-12")


def test_a_blank_form_gives_no_value_at_all(birth_form):
    extraction = birth_form({}).read()
    assert extraction.template == "to_khai_dang_ky_khai_sinh"
    assert [field.name for field in extraction.fields if field.value is not None] == []


def test_a_blank_form_over_dots_gives_no_value_at_all(birth_form, answers):
    extraction = birth_form(dict.fromkeys(answers, "." * 60)).read()
    assert [field.name for field in extraction.fields if field.value is not None] == []
    assert {field.status for field in extraction.fields if field.name in ("ho_ten", "que_quan", "dan_toc_me")} == {"empty"}


def test_leader_dots_around_a_value_are_not_part_of_it(birth_form, by_name, answers):
    found = by_name(birth_form({name: f"{value}........................" for name, value in answers.items()}).read())
    assert found["ho_ten"].value == "Trần Minh Khang"
    assert found["quoc_tich_me"].value == "Việt Nam"


def test_dots_read_between_words_are_taken_out(birth_form, by_name, answers):
    found = by_name(birth_form(answers | {"que_quan": "xã.Gia.Viễn,.tỉnh.Ninh.Bình"}).read())
    assert found["que_quan"].value == "xã Gia Viễn, tỉnh Ninh Bình"


def test_a_father_left_blank_does_not_take_what_follows(birth_form, by_name, answers):
    blank = {name: value for name, value in answers.items() if "cha" not in name}
    found = by_name(birth_form(blank).read())
    assert [found[name].value for name in ("ho_ten_cha", "nam_sinh_cha", "dan_toc_cha", "quoc_tich_cha", "noi_cu_tru_cha")] == [None] * 5


def test_a_value_goes_on_in_the_next_row_when_it_had_to(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    page.row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà")
    page.row("Nơi cư trú(2): Số 123, ngõ 45, đường Nguyễn Trãi, tổ dân phố số 7, phường Hoa Lư, thành phố")
    page.row("Ninh Bình, tỉnh Ninh Bình")
    page.row("Giấy tờ tùy thân(3): CCCD số 037190001234")
    found = by_name(page.read())
    assert found["noi_cu_tru_nguoi_yeu_cau"].value.endswith("phường Hoa Lư, thành phố Ninh Bình, tỉnh Ninh Bình")
    assert found["giay_to_nguoi_yeu_cau"].value == "CCCD số 037190001234"


def test_a_value_may_stand_on_the_row_below_its_label(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi:").row("Ủy ban nhân dân phường Hoa Lư")
    page.row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà")
    assert by_name(page.read())["kinh_gui"].value == "Ủy ban nhân dân phường Hoa Lư"


def test_a_label_the_template_does_not_know_ends_a_value(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà", (400, "Điện thoại bàn: 0229123456"))
    assert by_name(page.read())["ho_ten_nguoi_yeu_cau"].value == "Phạm Thu Hà"


def test_labels_in_another_order_are_found_in_their_section(birth_form, birth_rows, by_name, answers):
    first, second = birth_rows.index("Nơi sinh(4): {noi_sinh}"), birth_rows.index("Quê quán: {que_quan}")
    birth_rows[first], birth_rows[second] = birth_rows[second], birth_rows[first]
    found = by_name(birth_form(answers, rows=birth_rows).read())
    assert found["que_quan"].value == answers["que_quan"]
    assert found["noi_sinh"].value == answers["noi_sinh"]


def test_the_newer_version_is_told_by_the_labels_only_it_has(birth_form, birth_rows):
    assert birth_form().read().template_version == "TT04/2020/TT-BTP"
    birth_rows.insert(2, "Ngày, tháng, năm sinh: 01/01/1990")
    birth_rows.insert(16, "Giấy tờ tùy thân(3): CCCD số 037190001234")
    assert birth_form(rows=birth_rows).read().template_version == "TT04/2024/TT-BTP"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_misread_letters_in_labels_do_not_move_values(birth_form, by_name, answers, seed):
    dice = random.Random(seed)

    def misread(row: str) -> str:
        head, colon, tail = row.partition(":")
        letters = list(head)
        for position in range(len(letters)):
            if letters[position].isalpha() and dice.random() < 0.04:
                letters[position] = dice.choice("aeiouncklmtr")
        return "".join(letters) + colon + tail

    found = by_name(birth_form(answers, misread=misread).read())
    for name, answer in (("ho_ten_me", "me"), ("noi_cu_tru_cha", "noi_cha"), ("que_quan", "que_quan")):
        assert found[name].value in (answers[answer], None), name


@pytest.mark.parametrize("colon", [":", " :", ";", ""])
def test_a_label_is_found_whatever_became_of_its_colon(paper, by_name, colon):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row(f"Kính gửi(1){colon}", (150, "Ủy ban nhân dân phường Hoa Lư"))
    page.row(f"Họ, chữ đệm, tên người yêu cầu{colon}", (260, "Phạm Thu Hà"))
    found = by_name(page.read())
    assert (found["kinh_gui"].value, found["ho_ten_nguoi_yeu_cau"].value) == ("Ủy ban nhân dân phường Hoa Lư", "Phạm Thu Hà")


def test_a_label_s_number_that_came_in_pieces_is_no_value_of_the_label_before(paper, by_name):
    page = paper().title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ").row((230, "(Áp dụng đối với nhà, đất)")).row("[04] Tên người nộp thuế: Phạm Thu Hà")
    page.row("[09] Điện thoại: 0912345678", (240, "[10] Fax:"), (310, "( 11 ) Email: ha@example.vn"))
    found = by_name(page.read())
    assert (found["fax"].value, found["email"].value) == (None, "ha@example.vn")


def test_a_label_glued_to_a_misread_colon_and_its_footnote_is_found(paper, by_name):
    page = (
        paper()
        .title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
        .row("Kính gửi(1):Ủy ban nhân dân phường Hoa Lư")
        .row("Họ,chữđệm,tênngườiyêucầu:Phạm Thu Hà")
    )
    found = by_name(page.read())
    assert (found["kinh_gui"].value, found["ho_ten_nguoi_yeu_cau"].value) == ("Ủy ban nhân dân phường Hoa Lư", "Phạm Thu Hà")


def test_a_semicolon_inside_a_value_does_not_make_it_a_label(paper, by_name):
    page = paper().title("TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("Tình trạng hôn nhân: Đã đăng ký kết hôn, nhưng vợ đã chết (Trích lục khai tử số 36, do phường Hoa")
    page.row("Lư cấp ngày 06/02/2019); hiện tại chưa đăng ký kết hôn với ai")
    assert by_name(page.read())["tinh_trang_hon_nhan"].value.endswith("06/02/2019); hiện tại chưa đăng ký kết hôn với ai")


def test_text_that_a_pdf_tore_with_leader_dots_is_never_accepted(paper, by_name):
    page = paper(status="had_text").title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: .P.h...ạ..m...T..h.u...H.à.....................")
    assert by_name(page.read())["kinh_gui"].status == "review"


def test_the_printed_words_of_an_unfilled_date_are_no_place(paper, by_name):
    """A reader that leaves the dots out gives "Làm tại: ngày tháng năm" for a line nobody filled in."""
    form = paper().row("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").row("Độc lập - Tự do - Hạnh phúc").row("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    for label in ("Kính gửi:", "Họ, chữ đệm, tên người yêu cầu:", "Ngày, tháng, năm sinh:", "Nơi cư trú:", "Giấy tờ tùy thân:"):
        form.row(label)
    form.row("Làm tại:", (300, "ngày tháng năm"))
    assert by_name(form.read())["noi_lam"].value is None


def test_a_misread_last_word_of_a_label_is_no_part_of_the_value(birth_form, by_name, answers):
    found = by_name(birth_form(answers, misread=lambda row: row.replace("người mẹ:", "người mt:")).read())
    assert found["ho_ten_me"].value == answers["me"]


def test_small_letters_alone_go_on_below_at_wide_spacing(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    page.row("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà, sinh ngày hai mươi ba tháng chín năm 1990", gap=24)
    page.row("Giấy tờ tùy thân: Số 038304463078, ngày cấp 09/03/2023, do Cục Cảnh sát, nơi cấp Bộ Công", gap=24)
    page.words.append(Word("an", (70.0, page.y + 4, 80.0, page.y + 12), 0.99, page.line))  # as high as its letters are
    page.y, page.line = page.y + 24, page.line + 1
    found = by_name(page.row("Quan hệ với người được khai sinh: Mẹ").read())["giay_to_nguoi_yeu_cau"]
    assert found.value.endswith("Bộ Công an")


def test_a_date_set_against_its_place_leaves_the_place_whole(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Họ, chữ đệm, tên: Phạm Thu Hà").row("Làm tại: Vĩnh Mỹ,ngày 25 tháng 8 năm 2020")
    found = by_name(page.read())
    assert (found["noi_lam"].value, found["ngay_lam_don"].value) == ("Vĩnh Mỹ", "2020-08-25")


@pytest.mark.parametrize("asked", ["8/ Hiện trạng hôn nhân", "8/ Tình trạng hôn nhân"])
def test_an_answer_that_begins_as_a_longer_label_would_go_on_stays_whole(paper, by_name, asked):
    page = paper().title("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")
    for label, answer in (("1/ Họ, chữ đệm, tên", "Đinh Thị Thu Hạnh"), ("4/ Dân tộc", "Kinh"), ("5/ Quốc tịch", "Việt Nam")):
        page.row(label, gap=15).row(answer, gap=15)
    page.row("Trong thời gian cư trú tại: phường Yên Thịnh, từ ngày 04 tháng 8 năm 2014 đến ngày 09 tháng 12 năm 2019.", gap=15)
    found = by_name(page.row(asked, gap=15).row("Hiện tại chưa đăng ký kết hôn với ai").read())
    assert found["tinh_trang_hon_nhan"].value == "Hiện tại chưa đăng ký kết hôn với ai"


def test_an_identity_number_in_pieces_is_left_to_a_person(birth_form, by_name, answers):
    for number, status in (("056184963029", "accepted"), ("056184 963029", "review")):
        read = by_name(birth_form({**answers, "giay_to": f"Thẻ CCCD {number} cấp ngày 02/03/2021"}).read())
        assert read["giay_to_nguoi_yeu_cau"].status == status
