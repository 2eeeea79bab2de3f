"""Tables whose headings are worded or printed otherwise, and lists whose marks are set against their words."""

import numpy as np
import pytest

from ocr.fields.extract import extract

EDGES = (60, 90, 210, 290, 340, 440, 540)  # points
HEADING = ("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Quan hệ với chủ hộ")
MEMBERS = (
    ("1", "Vũ Xuân Sơn", "26/11/1980", "Nam", "001080604197", "Con"),
    ("2", "Vũ Bích Hương", "10/04/1963", "Nữ", "040163529581", "Em ruột"),
)


@pytest.fixture
def household(paper, by_name):
    """The fields of a CT01 whose table of members has rules, its headings in two lines, with these questions above."""

    def read(*questions, headings=HEADING, title="11. Những thành viên trong hộ gia đình cùng thay đổi"):
        page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an xã Yên Thịnh")
        for text in (*questions, *([title] if title else ())):
            page.row(text)
        top = page.y
        columns = tuple(zip(EDGES, (heading.split(" với ") for heading in headings), strict=False))
        page.row(*[(x + 4, heading[0]) for x, heading in columns], gap=16)
        page.row(*[(x + 4, "với " + heading[1]) for x, heading in columns if len(heading) > 1], gap=22)
        rules = [top - 4, page.y - 4]
        for member in MEMBERS:
            page.row(*[(x + 4, cell) for x, cell in zip(EDGES, member, strict=False)], gap=22)
            rules.append(page.y - 4)
        image = np.full((1754, 1240), 255, np.uint8)
        scale = 150 / 72
        for y in rules:
            image[int(y * scale) : int(y * scale) + 2, int(EDGES[0] * scale) : int(EDGES[-1] * scale)] = 0
        for x in EDGES:
            image[int(rules[0] * scale) : int(rules[-1] * scale), int(x * scale) : int(x * scale) + 2] = 0
        return by_name(page.read(image))

    return read


@pytest.mark.parametrize("title", ["11. Những thành viên trong hộ gia đình cùng thay đổi", "Danh sách kèm theo", ""])
def test_a_table_is_known_by_headings_in_other_words(household, title):
    members = household(title=title)["thanh_vien"].value
    assert [member["ho_ten"] for member in members] == ["Vũ Xuân Sơn", "Vũ Bích Hương"]
    assert [member["so_dinh_danh"] for member in members] == ["001080604197", "040163529581"]


def test_a_heading_s_words_may_be_joined(household):
    members = household(headings=("STT", "Họvà tên", "Ngàysinh", "Giớitính", "SốCCCD", "Quanhệ với chủ hộ"))["thanh_vien"].value
    assert [member["so_dinh_danh"] for member in members] == ["001080604197", "040163529581"]


def test_a_table_s_heading_answers_no_question_of_its_words(household):
    found = household("3. Nam/Nữ: Nữ", "8. Là gì của chủ hộ: Chủ hộ")
    assert found["gioi_tinh"].value == "Nữ"
    assert found["quan_he_chu_ho"].value != "Con"


def test_marks_set_against_their_words_count_a_list(paper, by_name):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    page.row("Gửi kèm theo Đơn này các tài liệu:").row("+Bản vẽ mặt bằng").row("+Bản cam kết bảo đảm an toàn").row(
        "+ Bản vẽ thiết kế (02 bộ)"
    )
    listed = by_name(page.read())["tai_lieu"].value
    assert [one["ten"] for one in listed] == ["Bản vẽ mặt bằng", "Bản cam kết bảo đảm an toàn", "Bản vẽ thiết kế (02 bộ)"]


RECORD = (60, 190, 400)  # points: the columns of a life before a clean record is asked for
RECORD_HEADING = ("Từ tháng, năm đến tháng, năm", "Nơi thường trú/Tạm trú", "Nghề nghiệp, nơi làm việc")


@pytest.mark.parametrize("number", ["", "- 1 -", "-1-", "Trang 1/2"])
def test_headings_repeated_on_the_next_page_are_no_row_nor_is_the_page_s_number(paper, by_name, number):
    first = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("Kính gửi: Sở Tư pháp tỉnh Phú Thọ")
    first.row("Nơi thường trú: Khu 3, xã Thanh Ba, tỉnh Phú Thọ")
    first.row("QUÁ TRÌNH CƯ TRÚ CỦA BẢN THÂN (Tính từ khi đủ 14 tuổi)").row(*zip(RECORD, RECORD_HEADING, strict=True))
    first.row(*zip(RECORD, ("05/2013 - 02/2016", "xã Trung Nghĩa, tỉnh Quảng Trị", "Học sinh"), strict=True))
    if number:
        first.y += 80  # far below the table
        first.row((290, number))
    second = paper().row(*zip(RECORD, RECORD_HEADING, strict=True), gap=30)
    second.row(*zip(RECORD, ("12/2016 - 01/2019", "xã Thanh Ba, tỉnh Phú Thọ", "Sinh viên"), strict=True))
    lived = by_name(extract((first.page(), second.page(2)), lambda _: None))["cu_tru"].value
    assert [one["thoi_gian"] for one in lived] == ["05/2013 - 02/2016", "12/2016 - 01/2019"]


def test_the_circle_of_a_choice_below_a_list_is_no_part_of_its_last_entry(paper, by_name):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    page.row("Gửi kèm theo Đơn này các tài liệu:").row("+ Bản vẽ mặt bằng").row("+ Bản cam kết bảo đảm an toàn").row("@")
    listed = by_name(page.read())["tai_lieu"].value
    assert [one["ten"] for one in listed] == ["Bản vẽ mặt bằng", "Bản cam kết bảo đảm an toàn"]


def test_the_number_of_a_page_ends_no_list(paper, by_name):
    first = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    first.row("Gửi kèm theo Đơn này các tài liệu:").row("+ Bản vẽ mặt bằng").row("+ Bản cam kết bảo đảm", gap=60).row((280, "Trang 1/2"))
    second = paper().row("an toàn").row("+ Bản vẽ thiết kế (02 bộ)", gap=40).row((300, "Vĩnh Long, ngày 11 tháng 7 năm 2026"))
    listed = by_name(extract((first.page(), second.row((340, "NGƯỜI LÀM ĐƠN")).page(2)), lambda _: None))["tai_lieu"].value
    assert [one["ten"] for one in listed] == ["Bản vẽ mặt bằng", "Bản cam kết bảo đảm an toàn", "Bản vẽ thiết kế (02 bộ)"]


def test_a_mark_s_plus_may_be_lost_before_its_bracket(paper, by_name):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    page.row("Gửi kèm theo Đơn này các tài liệu:").row(")Bản vẽ mặt bằng").row("+)Bản cam kết").row("+) Bản vẽ thiết kế (02 bộ)")
    assert [one["ten"] for one in by_name(page.read())["tai_lieu"].value] == ["Bản vẽ mặt bằng", "Bản cam kết", "Bản vẽ thiết kế (02 bộ)"]


@pytest.mark.parametrize("last", ["3/ Hợp đồng chuyển nhượng", "s/ Hợp đồng chuyển nhượng"])
def test_numbers_of_entries_that_were_read_as_letters_count_them_and_a_person_looks(paper, by_name, last):
    page = paper().title("ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI, TÀI SẢN GẮN LIỀN VỚI ĐẤT").row("Kính gửi: Văn phòng đăng ký đất đai")
    page.row("5. Giấy tờ liên quan đến nội dung biến động nộp kèm theo đơn này gồm:")
    page.row("v/Bản chính Giấy chứng nhận").row("z/ Trích đo bản đồ địa chính").row(last)
    field = by_name(page.row("Tôi/chúng tôi cam đoan nội dung kê khai trên đơn là đúng sự thật").read())["giay_to_kem"]
    assert [one["ten"] for one in field.value] == ["Bản chính Giấy chứng nhận", "Trích đo bản đồ địa chính", "Hợp đồng chuyển nhượng"]
    assert field.status == "review"


def test_a_name_under_the_middle_of_its_first_line_goes_on_there(paper, by_name):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an phường An Khánh").row("Họ tên: Chu Thị Ngọc Vy")
    page.row((60, "Ý KIẾN CỦA CHỦ HỘ"), (430, "NGƯỜI KÊ KHAI"), gap=60).row((100, "A/"), gap=30)
    page.row((80, "LƯƠNG HỮU"), (440, "CHU THỊ NGỌC VY"), gap=25).row((90, "GIANG"))
    found = by_name(page.read())
    assert (found["ho_ten_chu_ho_2"].value, found["ho_ten_nguoi_ke_khai"].value) == ("LƯƠNG HỮU GIANG", "CHU THỊ NGỌC VY")


def test_a_table_s_heading_is_known_without_a_column_s_first_word(household):
    members = household(headings=("STT", "Họ và tên", "Ngày sinh", "Giới tính", "S CCCD", "Quan hệ với chủ hộ"))["thanh_vien"].value
    assert [member["so_dinh_danh"] for member in members] == ["001080604197", "040163529581"]


def test_a_name_read_without_its_spaces_is_not_empty(paper, by_name):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an phường An Khánh").row("Họ tên: Chu Thị Ngọc Vy")
    page.row((60, "Ý KIẾN CỦA CHỦ HỘ"), (430, "NGƯỜI KÊ KHAI"), gap=60).row((100, "N"), gap=30)
    field = by_name(page.row((80, "LỀHỮUĐẠT"), (440, "CHU THỊ NGỌC VY"), gap=25).read())["ho_ten_chu_ho_2"]
    assert (field.value, field.status) == (None, "review")
