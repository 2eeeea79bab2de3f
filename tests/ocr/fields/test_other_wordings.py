"""Labels that an office prints in other words than the circular, and answers that look like labels."""

import pytest

from ocr.fields.layout import lay_out

OFFICE = "Kính gửi: Ủy ban nhân dân xã Hòa Xuân"
REQUESTER = (
    "Nơi cư trú: Buôn Kli A, xã Hòa Xuân, tỉnh Lâm Đồng",
    "Giấy tờ tùy thân: CCCD số 068056149293",
    "Quan hệ với người được khai sinh: Cha",
    "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:",
)
CHILD = (
    "Họ, chữ đệm, tên: Cao Hữu Cường",
    "Ngày, tháng, năm sinh: 16/10/2022",
    "Giới tính: Nam",
    "Dân tộc: Kinh",
    "Quốc tịch: Việt Nam",
)


@pytest.fixture
def birth(paper):
    def fill(*head):
        page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row(OFFICE)
        for text in (*head, *REQUESTER, "II. NGƯỜI ĐƯỢC KHAI SINH", *CHILD):
            page.row(text)
        return page

    return fill


@pytest.mark.parametrize("heading", ["I. NGƯỜI YÊU CẦU", "L Người yêu cầu", "NGƯỜI YÊU CẦU", "I. THÔNG TIN VỀ NGƯỜI YÊU CẦU"])
def test_a_label_leaves_its_end_to_the_heading_of_its_section(birth, by_name, heading):
    found = by_name(birth(heading, "Họ và tên: Nghiêm Mạnh Hưng").read())
    assert found["ho_ten_nguoi_yeu_cau"].value == "Nghiêm Mạnh Hưng"
    assert found["ho_ten"].value == "Cao Hữu Cường"


def test_a_heading_is_no_label_of_an_empty_answer(birth, by_name):
    assert by_name(birth("I. NGƯỜI YÊU CẦU").read())["ho_ten_nguoi_yeu_cau"].status == "review"


def test_a_requester_who_writes_of_himself_has_his_name(birth, by_name):
    assert by_name(birth("Tôi là: Nghiêm Mạnh Hưng").read())["ho_ten_nguoi_yeu_cau"].value == "Nghiêm Mạnh Hưng"


def test_a_measure_on_a_card_is_no_label(paper, by_name):
    page = paper().row("Đặc điểm nhận dạng / Personal identification:").row("Nốt ruồi C: 1,5cm trên trước đầu mày phải")
    page.row("Ngày, tháng, năm / Date, month, year: 16/04/2021").row("IDVNM0889198988068088919898<<4")
    assert by_name(page.read())["dac_diem"].value == "Nốt ruồi C: 1,5cm trên trước đầu mày phải"


def test_the_status_of_today_is_asked_by_the_label(paper, by_name):
    page = paper().title("TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN").row(OFFICE)
    for text in (
        "Họ, chữ đệm, tên người yêu cầu: Ngô Thanh Bình",
        "Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho người có tên dưới đây:",
        *CHILD,
        "Tình trạng hôn nhân hiện nay : Chưa đăng ký kết hôn với ai",
    ):
        page.row(text)
    assert by_name(page.read())["tinh_trang_hon_nhan"].value == "Chưa đăng ký kết hôn với ai"


@pytest.mark.parametrize(
    ("title", "printed", "name", "value"),
    [
        ("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG", "Tên đơn vị thiết kế: Công ty An Phú", "ten_don_vi_thiet_ke", "Công ty An Phú"),
        ("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG", "Thửa đất số: 504", "lo_dat_so", "504"),
        ("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG", "10) Số nhà: 165", "so_nha", "165"),
        ("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG", "Tên chủ hộ: Công ty Ly Phát", "ten_chu_dau_tu", "Công ty Ly Phát"),
        ("TỜ KHAI ĐĂNG KÝ KHAI SINH", "11) Sinh tại: Bệnh viện Phụ sản", "noi_sinh", "Bệnh viện Phụ sản"),
    ],
)
def test_an_office_s_own_wording_of_a_label(paper, by_name, title, printed, name, value):
    assert by_name(paper().title(title).row(OFFICE).row(printed).read())[name].value == value


def test_an_answer_under_a_heading_on_a_card_stands_farther_off(paper, by_name):
    page = paper().row("Dân tộc: Kinh", (200, "Tôn giáo: Không")).row("Ngón trỏ trái", (220, "DẤU VẾT RIÊNG VÀ DỊ HÌNH"), gap=27.0)
    page.row((221, "Nốt ruồi C:1cm dưới mép trái")).row((230, "Ngày 26 tháng 10 năm 2014"))
    assert by_name(page.read())["dac_diem"].value == "Nốt ruồi C:1cm dưới mép trái"


def test_dates_of_four_columns_go_to_those_who_wrote_them(paper, by_name):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an phường Đông Hải")
    page.row("1. Họ, chữ đệm và tên: Nghiêm Thị Thảo").row("4. Số CCCD (12 số): 068178576426")
    blank = "…ngày…tháng…năm…"
    page.row((40, "ngày 07 tháng 7 năm"), (175, blank), (300, blank), (425, "ngày 08 tháng 7 năm"), gap=14)
    page.row((70, "2026"), (455, "2026"), gap=14)
    page.row((40, "Ý KIẾN CỦA CHỦ HỘ"), (440, "NGƯỜI KÊ KHAI"))
    found = by_name(page.read())
    assert found["ngay_y_kien_chu_ho"].value == "2026-07-07"
    assert found["ngay_ke_khai"].value == "2026-07-08"


def test_dashes_are_leaders_and_one_dash_is_the_value_s(paper, by_name):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row(OFFICE).row("Lô đất số: ----LK8-17-----")
    assert by_name(page.read())["lo_dat_so"].value == "LK8-17"


@pytest.mark.parametrize("counter", ["STT", "TT"])
def test_a_table_s_columns_may_be_headed_otherwise_and_are_no_labels(paper, by_name, counter):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an phường An Khánh").row("Họ tên: Phạm Tuấn Thịnh")
    page.row("Ngày sinh: 19/01/2002").row("Nam/Nữ: Nam").row("Số định danh cá nhân: 038202235147")
    page.row("Họ tên chủ hộ: Nguyễn Thị Vy").row("Là gì của chủ hộ: Chủ hộ").row("Những thành viên trong hộ gia đình cùng thay đổi:")
    page.row((60, counter), (90, "Họ và tên"), (215, "Ngày sinh"), (300, "Giới tính"), (370, "Số CCCD"), (460, "Quan hệ với chủ hộ"))
    page.row((62, "1"), (90, "Nguyễn Thị Thơ"), (215, "27/06/2012"), (300, "Nữ"), (370, "038312755983"), (460, "Con"), gap=60)
    page.row((70, "Ý KIẾN CỦA CHỦ HỘ"), (430, "NGƯỜI KÊ KHAI"), gap=60).row((80, "Nguyễn Thị Vy"), (440, "Phạm Tuấn Thịnh"))
    found = by_name(page.read())
    (row,) = found["thanh_vien"].value
    assert row["ho_ten"] == "Nguyễn Thị Thơ"
    assert row["quan_he"] == "Con"
    assert found["gioi_tinh"].value == "Nam"
    assert found["quan_he_chu_ho"].value != "Con"


def test_a_counter_glued_to_the_next_heading_is_parted(paper):
    page = paper().row("STTHọ tên").row("Ị02ỊLần đầu")
    assert [token.text for token in lay_out([page.page()]).tokens] == ["STT", "Họ", "tên", "[02]", "Lần", "đầu"]


def test_a_question_in_unknown_words_is_known_by_its_place_and_shown_to_a_person(paper, by_name):
    page = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("Kính gửi: Sở Tư pháp tỉnh Khánh Hòa")
    page.row("1. Tên tôi là: Đoàn Thị Kim Giang").row("3. Ngày, tháng, năm sinh: 14/02/1984").row("4. Giới tính: Nữ")
    page.row("5. Chôn rau cắt rốn ở đâu: xã Long Thuận, tỉnh Khánh Hòa").row("6. Quốc tịch hiện nay Việt Nam").row("7. Dân tộc: Kinh")
    page.row("8. Nơi thường trú: Khóm 5, xã Long Thuận, tỉnh Khánh Hòa")
    found = by_name(page.read())
    assert (found["noi_sinh"].value, found["noi_sinh"].status) == ("xã Long Thuận, tỉnh Khánh Hòa", "review")
    assert found["quoc_tich"].value == "Việt Nam"


def test_a_question_that_no_form_asks_is_nobody_s(birth_form, birth_rows, by_name):
    rows = [*birth_rows[:6], "Bí danh: Tý", *birth_rows[6:]]
    found = by_name(birth_form(rows=rows).read())
    assert all(one.value != "Tý" for one in found.values())


def test_usual_wordings_and_hints_need_no_person(paper, by_name):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row(OFFICE).row("1. Thông tin về chủ đầu tư")
    page.row("- Tên chủ đầu tư (tên chủ hộ): Phạm Hoài My").row("- Số điện thoại (di động) 0913 748 061").row("2. Thông tin công trình")
    page.row("- Diện tích lô đất: 133,8 m²").row("- Cấp công trình: Cấp III").row("- Tổng DT sàn: 265,2 m²").row("- Số tầng cao: 3")
    page.row("5. Thời gian thi công dự kiến: 11 tháng")
    found = by_name(page.read())
    read = ("ten_chu_dau_tu", "dien_thoai", "dien_tich_lo_dat", "tong_dien_tich_san", "so_tang", "thoi_gian_hoan_thanh")
    assert [(found[name].value, found[name].status) for name in read] == [
        (value, "accepted") for value in ("Phạm Hoài My", "0913748061", 133.8, 265.2, "3", 11)
    ]


def test_a_dash_set_against_its_answer_closes_a_label(paper, by_name):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row(OFFICE).row("1. Thông tin về chủ đầu tư")
    page.row("- Chủ đầu tư (chủ hộ): Đặng Ngọc Chi").row("2. Thông tin công trình").row("- Tổng diện tích sàn: 265,2 m²").row("Số tầng -1")
    found = by_name(page.row("Dự kiến thời gian hoàn thành công trình: 16 tháng").read())
    assert (found["ten_chu_dau_tu"].value, found["so_tang"].value) == ("Đặng Ngọc Chi", "1")
