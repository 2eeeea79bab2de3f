"""Forms in ruled tables: every answer is read from its own cell."""

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from ocr.fields.extract import extract
from ocr.model import Word

SCALE = 200 / 72
TILT = 0.012  # of a width: the rules of a photographed page rise or fall a little


@pytest.fixture
def table(paper):
    """Draws cells with their rules: `rows` of (width share, lines), the lines of one cell joined by |."""

    def draw(page, rows, tilt=0.0, left=60.0, right=540.0):
        image = np.full((2339, 1654), 255, np.uint8)
        for lines in rows:
            y, x = page.y, left
            high = 6.0 + 15.0 * max(text.count("|") + 1 for _, text in lines)
            for share, text in lines:
                wide = share * (right - left)
                for number, line in enumerate(text.split("|") if text else ()):
                    page.y = y + 4 + 15.0 * number + tilt * (x - left)
                    page.row((x + 4, line), gap=0)
                corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
                points = [(round(a * SCALE), round((b + tilt * (a - left)) * SCALE)) for a, b in corners]
                cv2.polylines(image, [np.array(points, np.int32)], isClosed=True, color=0, thickness=2)
                x += wide
            page.y = y + high
        return image

    return draw


def declaration(paper):
    return paper().title("TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")


@pytest.mark.parametrize("tilt", [0.0, TILT, -TILT])
def test_several_questions_of_one_row_keep_to_their_cells(paper, by_name, table, tilt):
    page = declaration(paper)
    rows = [
        [
            (0.2, "Họ, chữ đệm, tên|người yêu cầu"),
            (0.3, "Lương Thị Hồng Thắm"),
            (0.3, "Quan hệ với người được|cấp Giấy xác nhận tình|trạng hôn nhân"),
            (0.2, "Mẹ"),
        ],
        [(0.2, "Nơi cư trú"), (0.8, "Thôn Hồng Lâm, xã Hòa Thắng,|tỉnh Lâm Đồng")],
        [(0.2, "Họ, chữ đệm,|tên"), (0.3, "Ngô Thanh|Sơn"), (0.3, "Ngày, tháng,|năm sinh"), (0.2, "23/09/1996")],
        [(0.2, "Giới tính"), (0.1, "Nam"), (0.2, "Dân tộc"), (0.1, ""), (0.2, "Quốc tịch"), (0.2, "Việt Nam")],
    ]
    found = by_name(page.read(table(page, rows, tilt)))
    told = {
        name: found[name].value for name in ("ho_ten_nguoi_yeu_cau", "quan_he", "ho_ten", "ngay_sinh", "gioi_tinh", "dan_toc", "quoc_tich")
    }
    assert told == {
        "ho_ten_nguoi_yeu_cau": "Lương Thị Hồng Thắm",
        "quan_he": "Mẹ",
        "ho_ten": "Ngô Thanh Sơn",
        "ngay_sinh": "1996-09-23",
        "gioi_tinh": "Nam",
        "dan_toc": None,
        "quoc_tich": "Việt Nam",
    }
    assert found["noi_cu_tru_nguoi_yeu_cau"].value == "Thôn Hồng Lâm, xã Hòa Thắng, tỉnh Lâm Đồng"


def test_an_answer_stands_below_its_label_in_one_cell(paper, by_name, table):
    page = declaration(paper)
    rows = [
        [(0.5, "Họ, chữ đệm, tên người yêu cầu|Ngô Thanh Bình"), (0.5, "Nơi cư trú|Thôn Hồng Lâm, xã Hòa|Thắng, tỉnh Lâm Đồng")],
        [(0.4, "Họ, chữ đệm, tên|Ngô Thanh Sơn"), (0.3, "Ngày, tháng, năm sinh|23/09/1996"), (0.3, "Giới tính|Nam")],
        [(0.4, "Dân tộc| "), (0.6, "Quốc tịch|Việt Nam")],
    ]
    found = by_name(page.read(table(page, rows)))
    assert (found["ho_ten_nguoi_yeu_cau"].value, found["ho_ten"].value) == ("Ngô Thanh Bình", "Ngô Thanh Sơn")
    assert found["noi_cu_tru_nguoi_yeu_cau"].value == "Thôn Hồng Lâm, xã Hòa Thắng, tỉnh Lâm Đồng"
    assert (found["ngay_sinh"].value, found["gioi_tinh"].value, found["quoc_tich"].value) == ("1996-09-23", "Nam", "Việt Nam")
    assert found["dan_toc"].value is None


def test_an_answer_stands_in_the_cell_below_its_heading(paper, by_name, table):
    page = declaration(paper)
    rows = [
        [(0.4, "Họ, chữ đệm, tên"), (0.3, "Ngày, tháng, năm sinh"), (0.3, "Giới tính")],
        [(0.4, "Ngô Thanh Sơn"), (0.3, "23/09/1996"), (0.3, "Nam")],
        [(0.4, "Dân tộc"), (0.6, "Quốc tịch")],
        [(0.4, ""), (0.6, "Việt Nam")],
    ]
    found = by_name(page.read(table(page, rows)))
    told = [found[name].value for name in ("ho_ten", "ngay_sinh", "gioi_tinh", "dan_toc", "quoc_tich")]
    assert told == ["Ngô Thanh Sơn", "1996-09-23", "Nam", None, "Việt Nam"]


def test_a_merged_cell_with_a_section_s_name_belongs_to_no_answer(birth_form, paper, by_name, table):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    page.row("Họ, chữ đệm, tên: Trần Minh Khang").row("Quê quán: xã Gia Viễn, tỉnh Ninh Bình")
    top = page.y
    rows = [
        [(0.3, "Họ, chữ đệm, tên|người mẹ"), (0.3, "Phạm Thu Hà"), (0.2, "Năm sinh"), (0.2, "1990")],
        [(0.3, "Dân tộc"), (0.3, "Kinh"), (0.2, "Quốc tịch"), (0.2, "Việt Nam")],
    ]
    image = table(page, rows, left=120.0)
    bottom = page.y
    page.y = (top + bottom) / 2 - 6
    page.row((64, "Người mẹ"), gap=0)
    cv2.rectangle(image, (round(60 * SCALE), round(top * SCALE)), (round(120 * SCALE), round(bottom * SCALE)), 0, 2)
    found = by_name(page.read(image))
    told = [found[name].value for name in ("que_quan", "ho_ten_me", "nam_sinh_me", "dan_toc_me", "quoc_tich_me")]
    assert told == ["xã Gia Viễn, tỉnh Ninh Bình", "Phạm Thu Hà", "1990", "Kinh", "Việt Nam"]


def test_words_of_a_label_that_no_template_has_are_never_its_answer(paper, by_name, table):
    page = declaration(paper)
    rows = [
        [(0.3, "Họ, chữ đệm, tên"), (0.7, "Ngô Thanh Sơn")],
        [(0.3, "Quốc tịch gốc"), (0.7, "Việt Nam")],
        [(0.3, "Giới tính"), (0.7, "")],
        [(0.3, "Tuổi"), (0.7, "29")],
    ]
    found = by_name(page.read(table(page, rows)))
    assert (found["quoc_tich"].value in (None, "Việt Nam"), found["quoc_tich"].status) == (True, "review")
    assert (found["gioi_tinh"].value, found["gioi_tinh"].status) == (None, "empty")


def test_ink_that_nobody_read_in_an_answer_s_cell_is_not_told_empty(paper, by_name, table):
    page = declaration(paper)
    rows = [[(0.3, "Họ, chữ đệm, tên"), (0.7, "Ngô Thanh Sơn")], [(0.3, "Dân tộc"), (0.7, "")]]
    image = table(page, rows)
    x, y = round(260 * SCALE), round((page.y - 7) * SCALE)
    cv2.putText(image, "Kinh", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 3)
    assert by_name(page.read(image))["dan_toc"].status == "review"


def test_a_label_s_other_language_is_no_answer_in_any_cell(paper, by_name, table):
    page = declaration(paper)
    rows = [
        [(0.3, "Họ, chữ đệm, tên|người yêu cầu /|Full name"), (0.7, "Ngô Thanh Bình")],
        [(0.3, "Nơi cư trú/|Residence1"), (0.7, "xã Hòa Thắng,|tỉnh Lâm Đồng")],
        [(0.4, "Giới tính|/ Sex Nam"), (0.2, "Dântộc/Ethnic|group"), (0.1, "Kinh"), (0.2, "Quốc tịch/|Nationality"), (0.1, "Việt Nam")],
    ]
    found = by_name(page.read(table(page, rows)))
    told = {name: found[name].value for name in ("ho_ten_nguoi_yeu_cau", "noi_cu_tru_nguoi_yeu_cau", "gioi_tinh", "dan_toc", "quoc_tich")}
    assert told == {
        "ho_ten_nguoi_yeu_cau": "Ngô Thanh Bình",
        "noi_cu_tru_nguoi_yeu_cau": "xã Hòa Thắng, tỉnh Lâm Đồng",
        "gioi_tinh": "Nam",
        "dan_toc": "Kinh",
        "quoc_tich": "Việt Nam",
    }


def test_a_remark_under_a_label_is_not_its_answer(paper, by_name, table):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG")
    rows = [[(0.2, "2/ Chủ|đầu tư|(chủ hộ)"), (0.3, "Ngô Ngọc|Nga"), (0.2, "Người đại|diện"), (0.3, "")]]
    assert by_name(page.read(table(page, rows)))["ten_chu_dau_tu"].value == "Ngô Ngọc Nga"


def test_a_label_in_other_words_ends_with_its_line_in_the_cell(paper, by_name, table):
    page = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP")
    page.row("1. Tên tôi là: Lê Văn An").row("2. Quốc tịch: Việt Nam").row("3. Dân tộc: Kinh")
    rows = [[(1.0, "Mục đích sử dụng Phiếu|Làm hồ sơ du học")], [(1.0, "Số lượng Phiếu lý lịch tư pháp yêu cầu cấp|02 phiếu")]]
    found = by_name(page.read(table(page, rows)))
    assert (found["muc_dich"].value, found["so_luong"].value) == ("Làm hồ sơ du học", 2)


def test_a_capital_that_begins_the_line_below_is_no_label_s(paper, by_name, table):
    page = paper().title("ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI, TÀI SẢN GẮN LIỀN VỚI ĐẤT").row("Kính gửi: Văn phòng đăng ký đất đai")
    paper_of = "Số 037178479612, ngày cấp 24/02/2025, nơi cấp Bộ Công an"
    rows = [[(1.0, "a) Tên|Phạm Hoài Liên")], [(1.0, f"b) Giấy tờ nhân thân!|{paper_of}")], [(1.0, "c) Địa chỉ|xã Xuân Phương")]]
    assert by_name(page.read(table(page, rows)))["giay_to"].value == paper_of


def test_the_number_that_ends_a_label_is_no_answer(paper, by_name, table):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    rows = [
        [(0.5, "Cấp công trình|Cấp II"), (0.5, "DT xây dựng tầng 1|")],
        [(0.5, "Tổng diện tích sàn|876,8 m²"), (0.5, "Chiều cao công trình|21,9 m")],
    ]
    found = by_name(page.read(table(page, rows)))
    assert (found["dien_tich_tang_1"].value, found["tong_dien_tich_san"].value) == (None, 876.8)
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    rows = [[(0.5, "18) Diện tích xây dựng tầng|1:"), (0.5, "69,9 m²")], [(0.5, "19) Tổng diện tích sàn:"), (0.5, "876,8 m²")]]
    assert by_name(page.read(table(page, rows)))["dien_tich_tang_1"].value == 69.9
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    rows = [
        [(0.2, "17) Cấp công|trình"), (0.3, "Cấp IV"), (0.2, "18) Diện tích|xây dựng tầng|1 (tầng trệt)"), (0.3, "70,1 m²")],
        [(0.2, "19) Tổng diện|tích sàn"), (0.3, "42,1 m²"), (0.2, "20) Chiều cao|công trình"), (0.3, "4,6 m")],
    ]
    assert by_name(page.read(table(page, rows)))["dien_tich_tang_1"].value == 70.1


def test_a_household_without_members_is_told(paper, by_name, table):
    page = paper().title("GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH").row("Kính gửi: Phòng Kinh tế xã Vĩnh Mỹ")
    page.row("Tôi là (ghi họ tên bằng chữ in hoa): ĐẶNG THỊ HỒNG LAN").row("6. Chủ thể thành lập hộ kinh doanh:")
    page.row("☐ Cá nhân").row("☒ Các thành viên hộ gia đình").row("7. Thông tin về các thành viên hộ gia đình:")
    heads = ["Họ tên", "Ngày sinh", "Số định danh|cá nhân", "Giới tính", "Quốc tịch", "Dân tộc", "Nơi thường|trú", "Nơi ở|hiện tại"]
    image = table(page, [[(1 / 8, head) for head in heads], [(1 / 8, "")] * 8, [(1 / 8, "")] * 8])
    extraction = page.row("Tôi xin cam kết:").read(image)
    found = by_name(extraction)
    assert (found["chu_the_gia_dinh"].value, found["thanh_vien"].value) == (True, None)
    assert ("household_members_missing", "failed") in {(one.code, one.result) for one in extraction.checks}


def test_a_word_read_over_a_rule_leaves_the_answer_behind_it_in_doubt(paper, by_name, table):
    page = declaration(paper)
    rows = [[(0.2, "Họ, chữ đệm,|tên"), (0.8, "Ngô Thanh Sơn")], [(0.2, "Hiện|trạng hôn|nhân"), (0.8, "|đăng ký kết hôn với ai")]]
    image = table(page, rows)
    at = next(number for number, word in enumerate(page.words) if word.text == "Hiện")
    word = page.words[at]
    page.words[at] = Word("HiệnChưa", (word.box[0], word.box[1], 185.0, word.box[3]), 0.99, word.line)
    assert by_name(page.read(image))["tinh_trang_hon_nhan"].status == "review"


def test_a_question_beside_an_answer_is_no_second_answer(paper, by_name, table):
    page = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP")
    rows = [
        [(0.2, "1. Tên tôi là"), (0.3, "MAI TUẤN TOÀN"), (0.2, "2. Bí danh"), (0.3, "")],
        [(0.3, "3. Ngày, tháng, năm sinh"), (0.2, "10/03/1983"), (0.2, "4. Nam hay nữ"), (0.3, "Nam")],
        [(0.3, "5. Nơi sinh|(theo Giấy khai sinh2"), (0.7, "xã Phú Thượng, tỉnh Ninh Bình")],
        [(0.2, "6. Quốc tịch"), (0.3, "Việt Nam"), (0.2, "7. Dân tộc"), (0.3, "Kinh")],
    ]
    found = by_name(page.read(table(page, rows)))
    assert [found[name].status for name in ("ho_ten", "noi_sinh")] == ["accepted", "accepted"]


@pytest.mark.parametrize("remark", ["(xã, tỉnh)", "(xã/phường, tỉnh)", "(xã, tỉnh)|(theo Giấy khai sinh)"])
def test_two_words_in_brackets_tell_how_to_answer(paper, by_name, table, remark):
    page = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("1. Tên tôi là: Lê Văn An")
    rows = [[(1.0, f"5. Nơi sinh|{remark} xã Gia Viễn, tỉnh Ninh Bình")], [(1.0, "6. Quốc tịch|Việt Nam")]]
    assert by_name(page.read(table(page, rows)))["noi_sinh"].value == "xã Gia Viễn, tỉnh Ninh Bình"


def test_a_page_s_number_below_the_cells_is_no_row(paper, by_name, table):
    first = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("Kính gửi: Sở Tư pháp tỉnh Phú Thọ")
    first.row("QUÁ TRÌNH CƯ TRÚ CỦA BẢN THÂN (Tính từ khi đủ 14 tuổi):")
    heads = "Từ tháng, năm đến|tháng, năm", "Nơi thường trú/Tạm trú", "Nghề nghiệp, nơi|làm việc"
    lives = [("03/2013 - 11/2017", "xã Phước Hậu", "Học sinh"), ("10/2017 - 12/2021", "xã Diên Thạnh", "Lái xe tự do")]
    one = table(first, [[(1 / 3, head) for head in heads], [(1 / 3, text) for text in lives[0]]])
    first.row((297, "1"), gap=30)
    second = paper()
    two = table(second, [[(1 / 3, text) for text in row] for row in (lives[1], ("12/2021 - nay", "xã Diên Thạnh", "Nội trợ"))])
    lived = by_name(extract((first.page(), second.page(2)), {1: one, 2: two}.get))["cu_tru"].value
    assert [row["thoi_gian"] for row in lived] == ["03/2013 - 11/2017", "10/2017 - 12/2021", "12/2021 - nay"]


@pytest.mark.parametrize("tilt", [0.0, TILT, -TILT])
def test_the_only_row_of_a_table_is_one_row_though_its_cells_have_two_lines(paper, by_name, table, tilt):
    page = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("Kính gửi: Sở Tư pháp tỉnh Phú Thọ")
    page.row("QUÁ TRÌNH CƯ TRÚ CỦA BẢN THÂN (Tính từ khi đủ 14 tuổi):")
    heads = "Từ tháng, năm đến|tháng, năm", "Nơi thường trú/Tạm trú", "Nghề nghiệp, nơi|làm việc"
    rows = [
        [(1 / 3, text) for text in heads],
        [(1 / 3, text) for text in ("09/2009 -||06/2014", "xã Mường Khoa,||tỉnh An Giang", "Học sinh")],
    ]
    (row,) = by_name(page.read(table(page, rows, tilt)))["cu_tru"].value
    assert (row["thoi_gian"], row["noi_cu_tru"]) == ("09/2009 - 06/2014", "xã Mường Khoa, tỉnh An Giang")


def test_a_house_s_number_is_no_question_where_questions_are_counted_otherwise(paper, by_name, table):
    page = paper().title("GIẤY KHAI SINH").row("(1) Họ, chữ đệm, tên: VƯƠNG AN").row("(2) Ngày, tháng, năm sinh: 17/07/2022")
    asked = ["(9) Họ, chữ đệm, tên mẹ: Trần Thị Thanh Anh", "(10) Năm sinh: 1991", "(11) Dân tộc: Kinh", "(12) Quốc tịch: Việt Nam"]
    asked += [
        "(13) Nơi cư trú:|92/ Võ Thị Sáu, xã Tân Hưng, huyện Tam Bình",
        "(14) Họ, chữ đệm, tên cha: Vương Quang Nam",
        "(15) Năm sinh: 1992",
    ]
    found = by_name(page.read(table(page, [[(1.0, text)] for text in asked])))
    assert found["noi_cu_tru_me"].value == "92/ Võ Thị Sáu, xã Tân Hưng, huyện Tam Bình"


def test_the_next_question_in_the_table_s_rules_is_no_row_of_it(paper, by_name, table):
    page = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("1/ Tên tôi là: Lê Văn An").row("4/ Giới tính: Nam")
    page.row("6/ Quốc tịch: Việt Nam").row("7/ Dân tộc: Kinh").row("8/ QUÁ TRÌNH CƯ TRÚ CỦA BẢN THÂN (Tính từ khi đủ 14 tuổi):")
    heads = "Từ tháng, năm đến|tháng, năm", "Nơi thường trú/Tạm trú", "Nghề nghiệp, nơi|làm việc"
    asked = "9/ Phần khai về|án tích", "Không có", ""
    rows = [heads, ("09/2009 - 06/2014", "xã Mường Khoa", "Học sinh"), ("06/2014 - nay", "xã Vĩnh Mỹ", "Công nhân"), asked]
    found = by_name(page.read(table(page, [[(1 / 3, text) for text in row] for row in rows])))
    assert [row["thoi_gian"] for row in found["cu_tru"].value] == ["09/2009 - 06/2014", "06/2014 - nay"]


def test_cells_whose_outer_rule_was_cut_off_are_cells(paper, by_name, table):
    page = declaration(paper)
    asked = [("Họ, chữ đệm, tên người|yêu cầu", "Trần Thị Hồng Loan", "Ngày, tháng,|năm sinh", "12/03/1990")]
    asked += [("Nơi cư trú", "Thôn 2, xã Hoa Lư", "Dân tộc", "Kinh"), ("Quốc tịch", "Việt Nam", "Giới tính", "Nữ")]
    asked += [("Số định danh cá|nhân", "001190001234", "Tình trạng hôn|nhân", "Chưa đăng ký kết hôn")]
    image = table(page, [list(zip((0.25, 0.25, 0.25, 0.25), row, strict=True)) for row in asked])
    image[:, round(500 * SCALE) :] = 255  # the last column's rule at 540 and what its cells have behind 500
    found = by_name(page.row("Mục đích sử dụng: Kết hôn").read(image))
    assert [found[name].value for name in ("ngay_sinh", "dan_toc", "gioi_tinh")] == ["1990-03-12", "Kinh", "Nữ"]


def test_the_rest_of_a_label_in_its_cell_is_no_answer_where_another_cell_is_empty(paper, by_name, table):
    page = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("1. Tên tôi là: Lê Văn An")
    rows = [("(15) Họ tên mẹ:", "Lê Thị Hoa", "(16) Ngày, tháng,|năm sinh:", "07/04/1946")]
    rows += [("(17) Vợ (chồng),|họ và tên:", "", "(18) Ngày, tháng,|năm sinh:", ""), ("(19) SĐT:", "0912345678", "(20) E-mail:", "")]
    image = table(page, [list(zip((0.2, 0.3, 0.2, 0.3), row, strict=True)) for row in rows])
    found = by_name(page.row("Tôi xin cam đoan những lời khai trên là đúng sự thật").read(image))
    assert (found["ho_ten_me"].value, found["ho_ten_vo_chong"].value) == ("Lê Thị Hoa", None)


def test_a_rule_read_as_a_sign_before_an_answer_takes_no_word_of_it(paper, by_name, table):
    """The rule between two cells was read as a second colon, in one word with the answer's first."""
    page = declaration(paper)
    rows = [
        [(0.2, "Họ, chữ đệm, tên"), (0.8, "Ngô Thanh Sơn")],
        [(0.2, "Ngày, tháng, năm sinh:"), (0.8, "23/09/1996")],
        [(0.2, "Nơi cư trú:"), (0.8, "xã Hòa Thắng, tỉnh Lâm Đồng")],
    ]
    image = table(page, rows)
    at, first = next((at, word) for at, word in enumerate(page.words) if word.text == "xã")
    rule = 60.0 + 0.2 * 480.0
    box = (2 * rule - first.box[2], first.box[1], first.box[2], first.box[3])  # its middle lies on the rule
    page.words[at] = replace(first, text=":xã", box=box, confidence=0.7)
    assert by_name(page.read(image))["noi_cu_tru"].value == "xã Hòa Thắng, tỉnh Lâm Đồng"


def test_a_label_that_goes_on_below_is_no_shorter_one(paper, by_name, table):
    page = paper().title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    rows = [
        [(0.3, "(18) Nguồn gốc đất:"), (0.2, "Được tặng cho"), (0.25, "(19) Giá trị đất|chuyển giao (đồng):"), (0.25, "5.636.000.000")],
        [(0.3, "(23) Nguồn gốc nhà:"), (0.2, "Nhận tặng cho"), (0.25, "(24) Giá trị|nhà (VNĐ):"), (0.25, "1.951.000.000")],
        [(0.3, "(25) Giá trị nhà,|đất thực tế nhận|chuyển nhượng,|nhận thừa kế,|nhận tặng cho|(đồng):"), (0.7, "7.587.000.000 đồng")],
    ]
    found = by_name(page.read(table(page, rows)))
    assert (found["gia_tri_nha"].value, found["gia_tri_thuc_te"].value) == (1951000000, 7587000000)
