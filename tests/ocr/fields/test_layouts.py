"""The same form in other layouts: two columns, other wordings, names that break."""

import pytest


def test_a_label_broken_beside_its_answer_is_one_label(birth_form, by_name, paper):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    rows = [
        ("Kính gửi:", "Ủy ban nhân dân phường Hoa Lư"),
        ("Họ, chữ đệm, tên người yêu cầu:", "Phạm Thu Hà"),
        ("Nơi cư trú:", "phường Hoa Lư, tỉnh Ninh Bình"),
        ("Giấy tờ tùy thân:", "CCCD số 037190001234"),
        ("Quan hệ với người được", "Mẹ"),
        ("khai sinh:", ""),
    ]
    for label, answer in rows:
        page.row((70, label), *([(260, answer)] if answer else []), gap=15)
    page.row("Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:").row((70, "Họ, chữ đệm, tên:"), (260, "Trần Minh Khang"))
    found = by_name(page.read())
    assert (found["quan_he"].value, found["quan_he"].status) == ("Mẹ", "accepted")
    assert found["giay_to_nguoi_yeu_cau"].value == "CCCD số 037190001234"


@pytest.mark.parametrize(
    ("usual", "other", "field", "value"),
    [
        ("Họ, chữ đệm, tên:", "Họ tên:", "ho_ten", "Trần Minh Khang"),
        ("Ngày, tháng, năm sinh:", "Sinh ngày:", "ngay_sinh", "2023-10-05"),
        ("Quê quán:", "Nguyên quán:", "que_quan", "xã Gia Viễn, tỉnh Ninh Bình"),
    ],
)
def test_a_label_in_another_usual_wording_is_known(birth_form, by_name, usual, other, field, value):
    found = by_name(birth_form(misread=lambda row: row.replace(usual, other)).read())[field]
    assert (found.value, found.status) == (value, "accepted")


def test_a_hint_under_a_signature_is_no_label(birth_form, by_name, answers):
    page = birth_form(misread=lambda row: row.replace("Họ, chữ đệm, tên: {ten}", "{ten}"))
    page.row((400, "Người yêu cầu")).row((380, "(Ký, ghi rõ họ tên)"), gap=60).row((390, "Phạm Thu Hà"))
    found = by_name(page.read())
    assert found["ho_ten"].value is None
    assert found["ho_ten_nguoi_yeu_cau_2"].value == "Phạm Thu Hà"


def test_a_name_broken_in_a_narrow_column_is_whole(birth_form, by_name):
    page = birth_form().row((400, "Người yêu cầu"), gap=60)
    page.row((380, "Nguyễn Thị Thanh"), gap=14).row((400, "Hương"))
    assert by_name(page.read())["ho_ten_nguoi_yeu_cau_2"].value == "Nguyễn Thị Thanh Hương"


@pytest.mark.parametrize("more", ["Ghi chú: không", "Họ và tên khai sinh: Lê An"])
def test_an_answer_that_holds_a_label_goes_to_a_person(birth_form, by_name, answers, more):
    found = by_name(birth_form(answers | {"que_quan": f"xã Gia Viễn {more}"}).read())["que_quan"]
    assert (found.status, found.reason_code) == ("review", "value_format")


def test_a_number_without_a_figure_is_doubted(paper, by_name):
    page = paper().title("GIẤY KHAI SINH").row("Số: Cộng Hòa").row("Họ, chữ đệm, tên: Trần Minh Khang")
    assert by_name(page.read())["so"].status == "review"


def test_two_parents_asked_side_by_side_keep_their_answers(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Họ, chữ đệm, tên: Trần Minh Khang")
    page.row("Quê quán: xã Gia Viễn, tỉnh Ninh Bình").row((130, "Người mẹ"), (380, "Người cha"))
    for left, right in (
        ("Họ và tên người mẹ: Phạm Thu Hà", "Họ và tên người cha: Trần Văn Bách"),
        ("Năm sinh: 1990", "Năm sinh: 1988"),
        ("Dân tộc: Mường", "Dân tộc: Kinh"),
        ("Quốc tịch: Việt Nam", "Quốc tịch: Việt Nam"),
        ("Nơi cư trú: Xóm Chùa, xã Gia Viễn, tỉnh", "Nơi cư trú: Số 301, phường Hoa"),
        ("Ninh Bình", "Lư, tỉnh Ninh Bình"),
    ):
        page.row((70, left), (310, right), gap=15)
    found = by_name(page.row("Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, được sự thỏa thuận").read())
    told = [[found[f"{name}_{who}"].value for name in ("ho_ten", "nam_sinh", "dan_toc", "noi_cu_tru")] for who in ("me", "cha")]
    assert told == [
        ["Phạm Thu Hà", "1990", "Mường", "Xóm Chùa, xã Gia Viễn, tỉnh Ninh Bình"],
        ["Trần Văn Bách", "1988", "Kinh", "Số 301, phường Hoa Lư, tỉnh Ninh Bình"],
    ]


@pytest.mark.parametrize("behind", [" / Nationality:", " /Nationality :", " Nationality:", " 1 Nationality:"])
def test_a_label_s_other_language_is_no_part_of_the_answer(birth_form, by_name, behind):
    page = birth_form(misread=lambda row: row.replace("Quốc tịch:", "Quốc tịch" + behind).replace("Giới tính:", "Giới tính / Sex:"))
    found = by_name(page.read())
    assert [(found[name].value, found[name].status) for name in ("gioi_tinh", "quoc_tich", "quoc_tich_me")] == [
        ("Nam", "accepted"),
        ("Việt Nam", "accepted"),
        ("Việt Nam", "accepted"),
    ]


def test_parents_side_by_side_whose_rows_are_not_level(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Họ, chữ đệm, tên: Hà Hoài Phương").row("Quê quán: xã Quảng Lộc, tỉnh Đồng Nai")
    page.row((130, "Người mẹ"), (380, "Người cha"), gap=15)
    rows = (
        ("Họ, chữ đệm, tên: Nguyễn Thị Mỹ", "Họ, chữ đệm, tên: Hà Quốc Khuê"),
        ("Tâm", "Năm sinh: 1982"),
        ("Năm sinh: 1999", "Dân tộc: Gia Rai"),
        ("Dân tộc: Khmer", "Quốc tịch: Việt Nam"),
        ("Quốc tịch: Việt Nam", ""),
    )
    for left, right in rows:
        page.row((70, left), *([(310, right)] if right else []), gap=15)
    found = by_name(page.row("Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật").read())
    assert (found["nam_sinh_me"].value, found["dan_toc_me"].value) == ("1999", "Khmer")
    assert (found["nam_sinh_cha"].value, found["dan_toc_cha"].value) == ("1982", "Gia Rai")


def test_what_stands_under_one_parent_s_heading_is_never_the_other_s(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Họ, chữ đệm, tên: Cao Hữu Cường").row("Quê quán: xã Nghĩa Đức, tỉnh Hưng Yên")
    for heading, english, name, year in (
        ("Người mẹ", "Mother", "Đoàn Ngọc Nhung", "2003"),
        ("Người cha", "Father", "Cao Thế Dũng", "1985"),
    ):
        page.row(heading).row(f"Họ, chữ đệm, tên / {english}'s full name: {name}").row(f"Năm sinh / Year of birth: {year}")
        page.row("Dân tộc / Ethnic group: Hoa").row("Quốc tịch / Nationality: Việt Nam")
    found = by_name(page.read())
    assert [found[name].value for name in ("nam_sinh_me", "nam_sinh_cha")] == ["2003", "1985"]
    assert found["ho_ten_me"].value in (None, "Đoàn Ngọc Nhung") and found["ho_ten_cha"].value in (None, "Cao Thế Dũng")
