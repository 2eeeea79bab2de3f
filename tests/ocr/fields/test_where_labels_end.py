"""Where a label ends and its answer begins, when the paper prints more or other words than the form."""

import pytest

HEAD = "Kính gửi: Sở Tư pháp tỉnh An Giang"
CRIMINAL_RECORD = "TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP"
BIRTH = "TỜ KHAI ĐĂNG KÝ KHAI SINH"


@pytest.fixture
def found(paper, by_name):
    def read(*rows, title=CRIMINAL_RECORD):
        page = paper().title(title).row(HEAD)
        for row in rows:
            page.row(*row) if isinstance(row, tuple) else page.row(row)
        return by_name(page.read())

    return read


@pytest.mark.parametrize(
    ("printed", "status"),
    [
        ("Quốc tịch hiện nay: Việt Nam", "accepted"),  # words that any question may have
        (("Quốc tịch hiện nay", (300, "Việt Nam")), "accepted"),
        ("Quốc tịch hiện nay Việt Nam", "accepted"),
        ("Quốc tịch / Nationality: Việt Nam", "accepted"),
        ("Quốc tịch gốc: Việt Nam", "review"),  # the form has no such word
    ],
)
def test_more_words_of_a_label_are_no_answer(found, printed, status):
    read = found("Họ, chữ đệm, tên: Cao Hữu Cường", "Giới tính: Nam", printed, title=BIRTH)["quoc_tich"]
    assert (read.value, read.status) == ("Việt Nam", status)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("Căn cước công dân số 056086918889, cấp ngày 06/08/2016, nơi cấp: Cục Cảnh sát QLHC về TTXH", "accepted"),
        ("Căn cước công dân số 056086918889, nơi cấp: Bộ Công an Người cha", "review"),  # the heading of who is asked about next
        ("Căn cước công dân số 056086918889, quan hệ: Con", "review"),  # a colon that no identity paper's answer has
    ],
)
def test_an_identity_paper_s_answer_has_colons_of_its_own(found, answer, status):
    read = found("Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường", f"Giấy tờ tùy thân: {answer}", title=BIRTH)
    assert read["giay_to_nguoi_yeu_cau"].status == status


def test_a_phone_s_number_has_no_figure_of_its_label(found):
    read = found("5. Số điện thoại liên lạc chính: 0995 347 507", title="TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ")
    assert read["dien_thoai"].value == "0995347507"


@pytest.mark.parametrize("dash", ["-", "–"])
def test_a_dash_ends_a_label(found, dash):
    read = found(f"12. Nơi sinh {dash} xã Ea Tul, tỉnh Ninh Bình", f"13. Quê quán {dash} xã Gia Viễn, tỉnh Ninh Bình", title=BIRTH)
    assert read["noi_sinh"].value == "xã Ea Tul, tỉnh Ninh Bình"
    assert read["que_quan"].value == "xã Gia Viễn, tỉnh Ninh Bình"


COUNTED = (
    "(1) Tên tôi là Ngô Tuấn Việt",
    "(2) Tên gọi khác (nếu có)",
    "(3) Ngày, tháng, năm sinh 31.12.1990",
    "(4) Giới tính Nam",
    "(5) Nơi sinh xã Mường Khoa, tỉnh An Giang",
    "(6) Quốc tịch Việt Nam",
    "(7) Dân tộc Nùng",
    "(8) Nơi thường trú Buôn Kli A, xã Mường Khoa, tỉnh An Giang và rất lâu rồi vẫn ở đó cùng gia đình",
    "(9) Chỗ trọ 268/26 Ngô Gia Tự, xã Quảng Lộc, tỉnh Cà Mau",
    "(10) Họ tên cha Ngô Đức Nghĩa",
)


def test_the_paper_s_own_numbers_begin_its_questions(found):
    read = found(*COUNTED)
    values = {name: read[name].value for name in ("ho_ten", "ten_goi_khac", "gioi_tinh", "dan_toc", "ho_ten_cha")}
    assert values == {"ho_ten": "Ngô Tuấn Việt", "ten_goi_khac": None, "gioi_tinh": "Nam", "dan_toc": "Nùng", "ho_ten_cha": "Ngô Đức Nghĩa"}


def test_an_answer_never_runs_into_the_next_number(found):
    assert "268/26" not in str(found(*COUNTED)["noi_thuong_tru"].value)


def test_a_number_set_against_its_label_is_no_answer(paper, by_name):
    page = paper().title("GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH").row(HEAD)
    page.row("14/Tên hộ kinh doanh viết bằng tiếng nước ngoài (nếu có):").row("15/Tên hộ kinh doanh viết tắt (nếu có): DT")
    read = by_name(page.read())
    assert (read["ten_nuoc_ngoai"].value, read["ten_viet_tat"].value) == (None, "DT")


def test_a_hint_with_a_footnote_is_no_answer(found):
    read = found("Họ, chữ đệm, tên: Cao Hữu Cường", "Nơi sinh (theo Giấy khai sinh)1 xã Bình Lợi, tỉnh Thanh Hóa", title=BIRTH)
    assert read["noi_sinh"].value == "xã Bình Lợi, tỉnh Thanh Hóa"


def test_a_misread_capital_of_the_second_language_is_the_label_s(found):
    name, paper = "Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường", "Giấy tờ tùy thân / ldentification2: CCCD số 025170049369"
    read = found(name, paper, "Quan hệ với người được khai sinh: Cha", title=BIRTH)
    assert read["giay_to_nguoi_yeu_cau"].value == "CCCD số 025170049369"


def test_a_label_goes_on_up_to_the_column_of_the_answers(found):
    asked = [
        ("2/ Tên chủ hộ", "Hoàng Thế Long"), ("3/ Họ tên người đại diện", "Lê Thị Mai"), ("4/ Chức danh", "Giám đốc"),
        ("5/ Số định danh/Mã số thuế", "0300588569"), ("6/ Số điện thoại", "0912740373"), ("7/ Số thửa đất", "709"),
        ("8/ Diện tích khu đất", "83,2 m²"), ("9/ Tại số nhà", "279"),
    ]  # fmt: skip
    rows = [(label, (300, answer)) for label, answer in asked]
    read = found("Kính gửi: Ủy ban nhân dân phường Phú Thượng", *rows, title="ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG")
    assert read["ma_so"].value == "0300588569"
    assert read["dien_tich_lo_dat"].value is not None


def test_a_heading_is_not_the_question_below_it_that_begins_with_its_words(found):
    rows = ["1. Tên hộ kinh doanh:", "13. Tên hộ kinh doanh viết bằng tiếng Việt: TIỆM BÁNH AN", "4. Vốn kinh doanh:"]
    rows += ["14. Vốn kinh doanh (bằng số): 500 000 000", "15. Bằng chữ: Năm trăm triệu đồng", "5. Thông tin đăng ký thuế:"]
    rows += ["16. Địa chỉ nhận thông báo thuế: Tổ 4, xã An Phú, tỉnh Lâm Đồng", "17. Ngày bắt đầu kinh doanh: 23/03/2024"]
    read = found(*rows, title="GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH")["von_bang_so"]
    assert (read.value, read.status) == (500000000, "accepted")


def test_a_label_that_names_one_relative_never_asks_for_another(found):
    rows = ["11. Họ tên cha: Hà Văn Việt", "La. Họ, chữ đệm, tên mẹ: Lâm Thị Kim Loan", "14. Số điện thoại: 0842113445"]
    read = found("1. Họ tên: HÀ KHÁNH UYÊN", *rows)
    assert read["ho_ten_cha"].value == "Hà Văn Việt"
    assert read["ho_ten_vo_chong"].value is None


@pytest.mark.parametrize("hint", ["(10 hoặc 12 số)", "(gồm 12 chữ số)", "(12 số)"])
def test_how_many_figures_to_write_is_no_figure_of_the_answer(paper, by_name, hint):
    page = (
        paper().title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ").row((220, "(Áp dụng đối với nhà, đất)")).row("[01] Kỳ tính thuế: Theo từng lần phát sinh")
    )
    page.row("[04] Tên người nộp thuế: Trần Minh Phước").row(f"[05] Mã số thuế {hint}", (330, "0100109106")).row(
        "[06] Địa chỉ: Tổ 3, xã Tân Hưng"
    )
    page.row("[12] Tên đại lý thuế (nếu có):").row(f"[13] Mã số thuế {hint}").row("[14] Địa chỉ:")
    read = by_name(page.read())
    assert (read["ma_so_thue"].value, read["ma_so_thue_dai_ly"].value) == ("0100109106", None)


DASHED = (
    "1/ Họ tên – CAO THỊ HƯƠNG",
    "2/ Ngày tháng năm sinh / Dote ofbirth – 10.03.1983",  # slanted small print, misread
    "3/ Giới tính – Nữ",
    "4/ Nơi sinh / Ploce ofbinth – phường Thới Sơn, tỉnh An Giang",
    "5/ Quốc tịch hiện nay / Nationality – Việt Nam",
    "6/ Thành phần dân tộc – Ê Đê",
    "7/ Số điện thoại – 0990.143.571",
)


def test_dashes_close_the_labels_of_a_paper_without_colons(found):
    read = found(*DASHED)
    names = ("ho_ten", "ngay_sinh", "gioi_tinh", "noi_sinh", "quoc_tich", "dan_toc", "dien_thoai")
    told = ("CAO THỊ HƯƠNG", "1983-03-10", "Nữ", "phường Thới Sơn, tỉnh An Giang", "Việt Nam", "Ê Đê", "0990143571")
    assert tuple(read[name].value for name in names) == told


def test_a_dash_inside_an_answer_closes_no_label(found):
    read = found(*(row.replace(" –", ":").replace("Thới Sơn,", "Thới Sơn -") for row in DASHED))
    assert read["noi_sinh"].value == "phường Thới Sơn - tỉnh An Giang"


ANSWERS = 330.0  # points: where their column begins
COLUMN = [
    ("1/ Tên chủ đầu tư", "KIỀU THỊ VY"),
    ("2/ Người đại diện", "Kiều Văn An"),
    ("3/ Chức danh", "Giám đốc"),
    ("4/ Số định danh/Mã số thuế", "4585488981"),
    ("5/ Địa chỉ liên hệ", "Bản Nà Lốc, xã Xuân Phương"),
    ("của chủ đầu tư", ""),
    ("6/ Số điện thoại (di động)", "0874554741"),
]


def test_what_stands_before_a_column_of_answers_is_the_label_s(found):
    read = found(*(((70, label), (ANSWERS, answer)) for label, answer in COLUMN), title="ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG")
    assert (read["dia_chi_lien_he"].value, read["dien_thoai"].value) == ("Bản Nà Lốc, xã Xuân Phương", "0874554741")


def test_a_part_s_heading_in_capitals_asks_for_no_name(found):
    rows = ("LNGƯỜI YÊU CẦU", "01. Họ, tên đệm, tên: TRẦN THỊ MỸ LAN", "02. Nơi cư trú: xã Gia Viễn, tỉnh Ninh Bình")
    others = ("Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho người có tên dưới đây:", "03. Họ, tên đệm, tên: VƯƠNG TUẤN DUY")
    read = found(*rows, *others, title="TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")
    assert read["ho_ten_nguoi_yeu_cau"].value == "TRẦN THỊ MỸ LAN"


ENGLISH = (
    "(1) Họ, chữ đệm, tên / Ffull name TRẦN HỮU LỰC",  # no colon, small slanted print misread
    "(2) Ngày, tháng, năm sinh /Date ofbirth 31/1/2024",
    "(3) Giới tính / Sex Nam",
    "(4) Dân tộc / Ethnic group Khmer",
    "(5) Quốc tịch / Nationality Việt Nam",
    "(6) Nơi sinh / Place ofbith Bệnh viện Phụ sản, xã Ea Tul",
    "(7) Số định danh cá nhân / Personal identification No. 056224966016",
)


def test_the_other_language_ends_before_the_answer_where_nothing_parts_them(found):
    read = found(*ENGLISH, title="GIẤY KHAI SINH")
    names = ("ho_ten", "ngay_sinh", "gioi_tinh", "dan_toc", "quoc_tich", "noi_sinh", "so_dinh_danh")
    told = ("TRẦN HỮU LỰC", "2024-01-31", "Nam", "Khmer", "Việt Nam", "Bệnh viện Phụ sản, xã Ea Tul", "056224966016")
    assert tuple(read[name].value for name in names) == told


def test_dashes_close_labels_without_numbers_too(found):
    rows = [row.partition(" ")[2] for row in DASHED]
    read = found(*rows, "Giấy CMND/CCCD/Hộ chiếu - Số – 086083350397")
    names = ("ho_ten", "ngay_sinh", "gioi_tinh", "noi_sinh", "dien_thoai", "so_giay_to")
    told = ("CAO THỊ HƯƠNG", "1983-03-10", "Nữ", "phường Thới Sơn, tỉnh An Giang", "0990143571", "086083350397")
    assert tuple(read[name].value for name in names) == told


@pytest.mark.parametrize(("small", "value"), [("Sex", "Nữ"), ("Se x", "Nữ"), ("Sex", "Nam")])
def test_a_card_s_small_colon_may_be_lost(paper, by_name, small, value):
    page = paper().title("CĂN CƯỚC CÔNG DÂN").row("Số / No.: 001070704367").row("Họ và tên / Full name:").row("TẠ THỊ MỸ NHUNG")
    page.row("Ngày sinh / Date of birth: 24/06/1970").row(f"Giới tính / {small} {value}").row("Quê quán / Place of origin:").row(
        "Tân Hưng, Hưng Yên"
    )
    assert by_name(page.read())["gioi_tinh"].value == value


def test_one_of_few_answers_may_stand_right_behind_its_label(paper, by_name):
    page = paper().row("Dân tộc Gia Rai", (200, "Tôn giáo: Công giáo"), gap=30).row("Ngón trỏ trái", (230, "DẤU VẾT RIÊNG VÀ DỊ HÌNH"))
    page.row((222, "Sẹo chấm C:2cm trên đuôi mày phải"), gap=40).row((240, "Ngày 15 tháng 03 năm 2015"))
    assert by_name(page.read())["dan_toc"].value == "Gia Rai"


def test_a_heading_below_is_no_address(paper, by_name):
    page = paper().title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT").row("[04] Tên người nộp thuế: Lý Hoài Châu").row("[11] Email:")
    assert by_name(page.row("II.ĐẠILÝTHUẾ").row("[12] Tên đại lý thuế:").row("1. Đất").read())["email"].value is None


def test_a_long_label_leaves_little_room_before_the_column_of_answers(found):
    asked = [(label, answer) for label, answer in COLUMN if answer]
    rows = [((70, label), (ANSWERS, answer)) for label, answer in asked[:5]]
    long = "- Tên tổ chức/cá nhân lập thiết kế theo hồ sơ nộp"
    left = ANSWERS - 8 - sum(5 * len(word) + 3 for word in long.split()) + 3  # eight points are no gap
    rows += [((70, "Chức vụ"), (ANSWERS, "Giám đốc")), ((left, long), (ANSWERS, "Công ty Hồng Hà"))]
    read = found(*rows, title="ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG")
    assert read["ten_don_vi_thiet_ke"].value == "Công ty Hồng Hà"


def test_an_address_goes_on_beside_what_stands_under_a_card_s_photo(paper, by_name):
    page = paper().title("CĂN CƯỚC CÔNG DÂN").row((170, "Số / No.: 010303063492")).row((170, "Họ và tên / Full name:"), gap=15)
    page.row((170, "BÙI THỊ NGỌC TRANG")).row((170, "Ngày sinh / Date of birth: 16/04/2003"))
    page.row((170, "Quê quán / Place of origin:"), gap=15).row((170, "Bình Lợi, Bát Xát, Lào Cai"))
    page.row((170, "Nơi thường trú / Place of residence:"), gap=15).row((170, "Số nhà 403, ngõ 52, phố Cách Mạng Tháng Tám, Bình"), gap=9)
    page.row((40, "Có giá trị đến: 16/04/2028"), gap=6).row((40, "Date of expiry"), (170, "Lợi, Bát Xát, Lào Cai"))
    value = by_name(page.read())["noi_thuong_tru"].value
    assert value == "Số nhà 403, ngõ 52, phố Cách Mạng Tháng Tám, Bình Lợi, Bát Xát, Lào Cai"


def test_a_remark_how_to_answer_leaves_a_usual_label_usual(found):
    where = "Nơi đang cư trú (theo nơi đăng ký thường trú; nếu không có thì ghi nơi tạm trú): Ấp 2, xã Long Thuận, tỉnh Đồng Nai"
    read = found("Họ, chữ đệm, tên người yêu cầu: Phạm Thu Hà", where, title=BIRTH)["noi_cu_tru_nguoi_yeu_cau"]
    assert (read.value, read.status) == ("Ấp 2, xã Long Thuận, tỉnh Đồng Nai", "accepted")


@pytest.mark.parametrize("question", ["9) Nơi tạm trú: xã Gia Viễn", "Tạm trú tại: xã Gia Viễn"])
def test_hanoi_is_no_first_word_of_the_label_below(found, question):
    read = found("8) Nơi thường trú: Xóm Chùa, xã Thới Sơn, thành phố Hà Nội", question)
    assert read["noi_thuong_tru"].value == "Xóm Chùa, xã Thới Sơn, thành phố Hà Nội"


def test_a_question_in_unknown_words_below_an_answer_in_its_column_ends_it(found):
    rows = [("Họ, chữ đệm, tên", (260, "Lê Văn An")), ("Giới tính", (260, "Nam")), ("Dân tộc", (260, "Kinh")),
            ("Quốc tịch", (260, "Việt Nam")), ("Nơi sinh", (260, "Trạm Y tế xã Hương Vĩ, huyện Tam Bình, tỉnh Vĩnh Long")),
            ("Quê quán", (260, "xã Hương Vĩ, huyện Tam Bình, tỉnh Vĩnh Long")), ("Mã của em bé", (260, "086312297931"))]  # fmt: skip
    assert found(*rows, title=BIRTH)["que_quan"].value == "xã Hương Vĩ, huyện Tam Bình, tỉnh Vĩnh Long"


def test_a_bracket_that_is_never_closed_takes_no_rows_below_into_the_label(found):
    rows = ["(01, Kỳ tính thuế: Theo từng lần phát sinh", "(o2 Lần đầu [o3]Bổ sung lần thứ:", "[04] Tên người nộp thuế: Tống Thùy Dung"]
    read = found(*rows, "(05ÌMã số thuế (nếu có): 8000000017", title="TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    assert (read["lan_phat_sinh"].reason_code, read["lan_dau"].reason_code) == ("box_unclear", "box_unclear")
    assert (read["ten_nguoi_nop_thue"].value, read["ma_so_thue"].value) == ("Tống Thùy Dung", "8000000017")


@pytest.mark.parametrize("mark", ["-", "(3)", "/ Marital status (3)"])
def test_an_answer_stands_below_a_dash_or_a_footnote_s_number(found, mark):
    rows = ["Xét đề nghị của bà: Đoàn Hoài Ngân, về việc cấp Giấy xác nhận tình trạng hôn nhân", "XÁC NHẬN:", "Họ tên: Đoàn Hoài Ngân"]
    rows += [f"Tình trạng hôn nhân {mark}", "Chưa đăng ký kết hôn với ai", "Giấy này có giá trị sử dụng trong thời hạn 6 tháng"]
    assert found(*rows, title="GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")["tinh_trang_hon_nhan"].value == "Chưa đăng ký kết hôn với ai"


def test_the_column_of_answers_begins_no_answer_behind_a_colon(found):
    asked = [("2/ Tên chủ hộ", "Hoàng Thế Long"), ("3/ Họ tên người đại diện", "Lê Thị Mai"), ("4/ Chức danh", "Giám đốc")]
    asked += [("5/ Số định danh/Mã số thuế", "0300588569"), ("6/ Số điện thoại", "0912740373"), ("7/ Số thửa đất", "709")]
    address = "5/ Địa chỉ liên hệ: Thôn 2, xã"
    column = 60 + 5 * len(address) + 10
    rows = [((label, (column, answer))) for label, answer in asked]
    rows.insert(4, (address, (column, "An Khánh")))
    assert found(*rows, title="ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG")["dia_chi_lien_he"].value == "Thôn 2, xã An Khánh"


def test_a_hint_ends_at_the_colon_where_its_bracket_was_not_read(found):
    rows = [
        "Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường",
        "Giấy tờ tùy thân (loại giấy tờ, số, nơi cấp, ngày cấp : Căn cước số 066096440823",
    ]
    assert found(*rows, "Quan hệ với người được khai sinh: Cha", title=BIRTH)["giay_to_nguoi_yeu_cau"].value == "Căn cước số 066096440823"


def test_words_that_any_label_may_have_stand_before_its_other_language(found):
    rows = [
        "Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường",
        "Họ, chữ đệm, tên: Cao Minh An",
        "Quốc tịch hiện nay / Nationality",
        "Việt Nam",
    ]
    assert found(*rows, "Quê quán: xã Bình Lợi", title=BIRTH)["quoc_tich"].value == "Việt Nam"


def test_a_hint_below_a_label_stands_beside_the_rest_of_the_answer(found):
    hint = "(loại giấy tờ, số, nơi cấp, ngày cấp) (2)"
    column = 60 + 5 * len(hint) + 10
    rows = [("Người yêu cầu (họ và tên)", (column, "Hà Ngọc Vân")), ("Nơi cư trú", (column, "xã Đông Hải")), ("Dân tộc", (column, "Kinh"))]
    rows += [
        ("Giấy tờ tùy thân", (column, "Thẻ CCCD 040191414586")),
        (hint, (column, "tại Bộ Công an")),
        ("Quốc tịch", (column, "Việt Nam")),
    ]
    rows += [("Ngày, tháng, năm sinh", (column, "20.10.1998")), ("Giới tính", (column, "Nữ"))]
    read = found(*rows, title="TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")
    assert read["ho_ten_nguoi_yeu_cau"].value == "Hà Ngọc Vân"
    assert read["giay_to_nguoi_yeu_cau"].value == "Thẻ CCCD 040191414586 tại Bộ Công an"


def test_an_answer_s_first_words_are_not_the_label_s_though_it_is_worded_otherwise(found):
    rows = ["Xét đề nghị của bà: Dương Thị Hiền, về việc cấp Giấy xác nhận tình trạng hôn nhân", "XÁC NHẬN:", "Họ tên Dương Thị Hiền"]
    rows += ["Hiện trạng hôn nhân2 Hiện tại chưa đăng ký kết hôn với ai", "Giấy này có giá trị sử dụng trong thời hạn 6 tháng"]
    read = found(*rows, title="GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")["tinh_trang_hon_nhan"]
    assert read.value == "Hiện tại chưa đăng ký kết hôn với ai"


def test_the_rest_of_a_label_below_is_no_rest_of_the_answer(found):
    street = "Căn hộ 0307, chung cư Nguyễn Thị Minh Khai, đường Nguyễn Thị Minh Khai nối dài"
    asked = ("Sinh ngày", "16.07.1979"), ("Giới tính", "Nam"), ("Số định danh cá nhân", "034079001234"), ("Điện thoại", "0913748061")
    rows = [
        *((label, (200, answer)) for label, answer in asked),
        "Nơi thường trú:",
        ("Số nhà/phòng, ngách/hẻm,", (200, street)),
        "ngõ/kiệt, đường/phố/đại lộ,",
        "tổ/xóm/ấp/thôn",
    ]
    rows += [("Xã/Phường/Đặc khu", (200, "Xã Hòa Xuân")), ("Tỉnh/Thành phố trực thuộc trung ương", (250, "Tỉnh Lào Cai"))]
    read = found("Tôi là (ghi họ tên bằng chữ in hoa): LÊ THẾ LÂM", *rows, title="GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH")
    assert read["thuong_tru_chi_tiet"].value == street


def test_a_colon_inside_a_hint_does_not_end_it(found):
    rows = [
        "Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường",
        "Nơi cư trú (theo nơi đăng ký thường trú: nếu không có thì ghi nơi tạm trú) Thôn 2",
    ]
    assert found(*rows, "Quan hệ với người được khai sinh: Cha", title=BIRTH)["noi_cu_tru_nguoi_yeu_cau"].value == "Thôn 2"


def test_a_long_hint_is_the_label_s_and_its_answer_stands_below(found):
    hint = "(đất được Nhà nước giao, cho thuê; đất nhận chuyển nhượng; nhận thừa kế, hoặc nhận"
    rows = ["16/ Địa chỉ thửa đất: Thửa đất số 3", "17/ Mục đích sử dụng đất: Đất ở", f"18/ Nguồn gốc nhà đất {hint}", "tặng cho)"]
    rows += ["Nhận chuyển nhượng của ông Lương Bá An", "19/ Giá trị đất thực tế chuyển giao (nếu có): 1.927.000.000 đồng"]
    read = found("[04] Tên người nộp thuế: Lê Văn An", *rows, title="TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    assert read["nguon_goc_dat"].value == "Nhận chuyển nhượng của ông Lương Bá An"


def test_a_heading_is_no_label_of_an_empty_answer_however_it_was_read(found):
    rows = ["ỊNGƯỜIYÊU CẦU", "01. Họ, chữ đệm, tên: Phạm Gia Nhật", "02. Ngày, tháng, năm sinh: 01/02/1990", "03. Nơi cư trú: Thôn 2"]
    assert found(*rows, "05. Quan hệ với người được khai sinh: Cha", title=BIRTH)["ho_ten_nguoi_yeu_cau"].status == "review"


def test_an_answer_of_few_is_no_word_of_a_label_s_other_language(found):
    page = ("Số / No.: 001070704367", "Họ và tên / Full name:", "TẠ THỊ MỸ NHUNG", "Ngày sinh / Date of birth: 24/06/1970")
    assert (
        found(*page, "Giới tính / Se Nam", "Quê quán / Place of origin:", "Tân Hưng", title="CĂN CƯỚC CÔNG DÂN")["gioi_tinh"].value == "Nam"
    )


def test_the_number_of_the_question_beside_is_no_answer_s(found):
    rows = [
        "06. Nơi thường trú:",
        "07. Số nhà, tên đường, thôn/xóm: Ấp 2",
        "08. Phường/xã/đặc khu: Xã Thới Sơn 09. Tỉnh, thành phố: Tỉnh Bắc Ninh",
    ]
    read = found("Tôi là (ghi họ tên bằng chữ in hoa): LÊ THẾ LÂM", *rows, title="GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH")
    assert read["thuong_tru_xa"].value == "Xã Thới Sơn"


def test_an_answer_goes_on_beside_a_label_s_other_language(found):
    asked = ("1. Họ, chữ đệm, tên", "Cao Hữu Cường"), ("2. Nơi cư trú", "Thôn 2"), ("5. Dân tộc", "Kinh"), ("6. Quốc tịch", "Việt Nam")
    rows = [*((label, (260, answer)) for label, answer in asked[:2])]
    rows += [("3. Giấy tờ tùy thân/", (260, "Thẻ căn cước số 086303700112, Cục Cảnh sát quản lý"))]
    rows += [
        ("Identification2:", (260, "hành chính về trật tự xã hội cấp ngày 01/05/2023")),
        ("4. Quan hệ với người được khai sinh:", (300, "Mẹ")),
    ]
    rows += [(label, (260, answer)) for label, answer in asked[2:]]
    whole = "Thẻ căn cước số 086303700112, Cục Cảnh sát quản lý hành chính về trật tự xã hội cấp ngày 01/05/2023"
    assert found(*rows, title=BIRTH)["giay_to_nguoi_yeu_cau"].value == whole


def test_a_footnote_s_figure_behind_a_label_is_no_answer_where_one_stands_below(found):
    asked = "Xác nhận thông tin về cư trú tại Số nhà 367, ngõ 59, phố Bà Triệu, phường Bình Lợi, tỉnh Vĩnh Long"
    rows = [
        "1. Họ, chữ đệm và tên: Chu Thị Ngọc Vy",
        "10. Nội dung đề nghị 2",
        asked,
        "11. Những thành viên trong hộ gia đình cùng thay đổi:",
    ]
    assert found(*rows, title="TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ")["noi_dung_de_nghi"].value == asked


def test_a_hint_is_not_cut_where_answers_begin_elsewhere(found):
    """The comma inside the hint happens to stand where three answers begin."""
    asked = ("Nơi cư trú:", "Thôn 2"), ("Quan hệ với người được khai sinh:", "Cha"), ("Giới tính:", "Nam"), ("Dân tộc:", "Kinh")
    hint, answer = "(số, cơ quan cấp, ngày cấp):", "Căn cước công dân số 045068104109,"
    first = "Số CCCD/Hộ chiếu (số, cơ quan"
    x = 70 + sum(5.0 * len(word) + 3 for word in first.split())
    rows = [(label, (x, said)) for label, said in asked]
    rows.insert(1, ("Số CCCD/Hộ chiếu " + hint + " " + answer,))
    rows.insert(2, ("cấp ngày 05/05/2016, nơi cấp: Bộ Công an",))
    read = found("Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường", *rows, title=BIRTH)
    assert read["giay_to_nguoi_yeu_cau"].value == answer + " cấp ngày 05/05/2016, nơi cấp: Bộ Công an"


def test_the_kind_of_unit_in_an_answer_is_no_label(found):
    rows = [("5. Địa chỉ", (240, "Tổ dân phố số 6")), ("6. Đơn vị cấp xã", (240, "phường Hòa Xuân"))]
    rows += [("7. Tỉnh/Thành phố", (240, "tỉnh Đắk Lắk")), ("8. Điện thoại", (240, "0780888287"))]
    read = found("[04] Tên người nộp thuế: Lê Văn An", *rows, title="TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    assert read["quan_huyen_xa"].value != "Hòa Xuân"


def test_the_ward_may_be_named_before_the_commune(found):
    rows = [("5. Địa chỉ", (240, "Tổ dân phố số 6")), ("6. Phường/xã", (240, "phường Hòa Xuân"))]
    rows += [("7. Tỉnh/Thành phố", (240, "tỉnh Đắk Lắk")), ("8. Điện thoại", (240, "0780888287"))]
    marked = "Thông tư số 40/2025/TT-BTC"
    read = found(marked, "[04] Tên người nộp thuế: Lê Văn An", *rows, title="TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    assert read["quan_huyen_xa"].value == "phường Hòa Xuân"


def test_a_label_that_goes_on_below_in_other_words_is_not_surely_the_form_s(found):
    rows = [("6. Điện thoại", (270, "0780888287")), ("7. Nơi ở hiện tại:",), ("8. Xã/Phường/Đặc khu", (270, "Xã Hòa Xuân"))]
    rows += [("9. Tỉnh/Thành phố", (270, "Tỉnh Lào Cai")), ("Đăng ký hộ kinh doanh do tôi là chủ hộ với các nội dung sau:",)]
    rows += [("1. Tên hộ kinh doanh:",), ("12. Tên hộ kinh doanh viết bằng tiếng", (270, "TIỆM BÁNH GIANG THỊNH")), ("riêng của mình",)]
    rows += [("14. Tên của hộ (nếu có)",), ("15. Tên hộ kinh doanh viết tắt (nếu có)", (290, "HKD Giang"))]
    read = found("Tôi là (ghi họ tên bằng chữ in hoa): LÊ THẾ LÂM", *rows, title="GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH")
    assert read["ten_ho_kinh_doanh"].status == "review"


@pytest.mark.parametrize(
    "hint",
    [
        "/ Residence (ghi rõ số nhà, đường, xã/phường, tỉnh/thành phố) 1:",
        "/ Residence (theo nơi đăng ký thường trú; nếu không có thì ghi nơi tạm trú):",
        "(theo nơi đăng ký thường trú; nếu không có thì ghi nơi tạm trú (2)",
    ],
)
def test_a_hint_behind_a_label_s_other_language_is_no_answer(found, hint):
    rows = ["1) Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường", "2) Nơi cư trú " + hint, "Thôn 2, xã Phú Thượng, huyện Phong Điền"]
    read = found(*rows, "3) Quan hệ với người được khai sinh: Cha", title=BIRTH)
    assert read["noi_cu_tru_nguoi_yeu_cau"].value == rows[2]


def test_no_column_of_answers_begins_where_words_stand_a_space_apart(found):
    """The number inside the answer happens to stand where three answers begin."""
    first = "Căn cước công dân mang số"
    x = 85 + sum(5.0 * len(word) + 3 for word in first.split())
    asked = ("Ngày sinh:", "02/03/2020"), ("Giới tính:", "Nam"), ("Dân tộc:", "Kinh"), ("Quốc tịch:", "Việt Nam")
    answer = first + " 027085899189, cấp ngày 07/07/2017, nơi cấp: Cục Cảnh sát quản lý hành"
    rows = ["3) Giấy tờ tùy thân (số, cơ quan cấp, ngày cấp):", ((85, answer),), ((85, "chính về trật tự xã hội"),)]
    rows += [((70, label), (x, said)) for label, said in asked]
    read = found("1) Họ, chữ đệm, tên người yêu cầu: Cao Hữu Cường", *rows, title=BIRTH)
    assert read["giay_to_nguoi_yeu_cau"].value == answer + " chính về trật tự xã hội"


def test_a_card_is_known_without_its_date_s_label_and_its_only_date_is_not_when_it_expires(paper, by_name):
    page = paper().title("CĂN CƯỚC").row("Số định danh cá nhân / Personal identification number").row("056208400535")
    page.row("Họ, chữ đệm và tên khai sinh / Full name:").row("HOÀNG TRỌNG LONG").row("Ngày, tháng, nã ../Da te .. .. 18/01/2005")
    extraction = page.row("Giới tính / Sex: Nam").row("Quốc tịch / Nationality: Việt Nam").read()
    assert extraction.template == "cccd_mat_truoc"
    assert by_name(extraction)["gia_tri_den"].value is None


def test_the_rest_of_a_label_beside_the_rest_of_its_answer_is_no_answer(found):
    rows = [("1/ Tên người sử dụng đất", (250, "Dương Thị Thanh Ly")), ("2/ Giấy tờ nhân thân/pháp", (250, "Số 079152073912, nơi cấp Bộ"))]
    rows += [("nhân (1)", (250, "Công an")), ("3/ Địa chỉ liên hệ", (250, "Số 184, đường Lê Lợi, xã Quảng Lộc"))]
    read = found(*rows, title="ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI, TÀI SẢN GẮN LIỀN VỚI ĐẤT")
    assert read["giay_to"].value in ("Số 079152073912, nơi cấp Bộ Công an", "Số 079152073912, nơi cấp Bộ")


def test_the_rest_of_a_long_label_below_may_begin_with_its_capital(found):
    asked = ("4. Mã số thuế (nếu có)", "0100109106"), ("5. Địa chỉ", "Tổ dân phố số 6"), ("8. Điện thoại", "0780888287")
    asked += ("14. Địa chỉ nhà, đất", "Thửa đất số 3"), ("16. Mục đích sử dụng đất", "Đất ở"), ("17. Diện tích (m²)", "49,9 m²")
    rows = [(label, (270, answer)) for label, answer in asked]
    rows += [("18. Nguồn gốc nhà đất (đất được", (270, "Nhận thừa kế của ông Vương Trọng Phong, chết năm 2010 tại Đồng Nai"))]
    rows += ["Nhà nước giao, cho thuê; đất", "nhận chuyển nhượng; nhận", "thừa kế, hoặc nhận tặng cho)"]
    read = found(("3. Người nộp thuế", (270, "Lê Văn An")), *rows, title="TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    assert read["nguon_goc_dat"].value == "Nhận thừa kế của ông Vương Trọng Phong, chết năm 2010 tại Đồng Nai"


def test_a_hint_closes_words_of_a_label_that_the_form_has_not(found):
    rows = ["I. NGƯỜI NỘP THUẾ", "[04] Họ tên người nộp thuế: Phan Công Thịnh", "[05] Mã số thuế/Số định danh (10 hoặc 12 số): 0100109106"]
    rows += ["[06] Địa chỉ: Ấp Bình Hòa", "[07] Xã/phường: xã An Khánh", "[08] Tỉnh/Thành phố: tỉnh An Giang"]
    read = found(*rows, title="TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT")
    assert read["ma_so_thue"].value == "0100109106"


def test_a_tenth_question_in_old_style_figures_is_no_answer(found):
    rows = ["7. Dân tộc: Kinh", "8. Nơi thường trú: Thôn 2", ("9. Nơi tạm trú:", (172, "1o.SốcMND/cCCD/Hộchiếu (2): o j 4 jojosl"))]
    assert found("1. Tên tôi là: Lê Văn An", *rows, "Cấp ngày: 09/04/2022")["noi_tam_tru"].value is None


def test_a_dash_closes_a_hint_with_a_footnote(found):
    born = "4/ Nơi sinh (theo Giấy khai sinh)2- phường Thới Sơn, tỉnh An Giang"
    assert found(*DASHED[:3], born, *DASHED[4:])["noi_sinh"].value == "phường Thới Sơn, tỉnh An Giang"


def test_a_misread_word_of_the_other_language_before_one_of_few_answers_is_the_label_s(found):
    rows = ["Họ và tên / Full name:", "TẠ THỊ MỸ NHUNG", "Ngày sinh / Date of birth: 24/06/1970", "Giới tính/ Sec Nữ"]
    assert found("Số / No.: 001170704367", *rows, "Quốc tịch / Nationality: Việt Nam", title="CĂN CƯỚC CÔNG DÂN")["gioi_tinh"].value == "Nữ"


def test_an_answer_s_first_words_behind_a_footnote_are_not_the_label_s(found):
    rows = ["Họ, chữ đệm, tên: Cao Hữu Cường", "Hiện trạng hôn nhân (3) Hiện tại chưa đăng ký kết hôn với ai"]
    rows += ["Trong thời gian cư trú tại: xã Hoa Lư"]
    read = found("Xét đề nghị của ông: Cao Hữu Cường", *rows, title="GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")
    assert read["tinh_trang_hon_nhan"].value == "Hiện tại chưa đăng ký kết hôn với ai"


def test_an_answer_with_a_word_of_the_other_language_glued_to_it_waits(found):
    rows = ["5) Họ, chữ đệm, tên: Lê Văn An", "6) Ngày, tháng, năm sinh: 21/06/2020", "7) Nơi sinh / Place: ofBệnh viện Phụ sản"]
    assert found(*rows, "8) Quê quán: xã Hoa Lư", title="GIẤY KHAI SINH")["noi_sinh"].status == "review"
