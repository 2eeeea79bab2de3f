"""Papers as offices lay them out: tables of labels and answers, answers that wrap, titles beside an agency, stamps without hints."""

import pytest
from msgspec.structs import replace

from ocr.fields.extract import extract
from ocr.fields.folding import fold
from ocr.fields.layout import Token, lay_out
from ocr.fields.templates import load_templates
from ocr.fields.titles import templates_of
from ocr.fields.types.reading import Reading
from ocr.fields.types.registry import normalise
from ocr.fields.weigh import weigh

PLACE = 260.0  # where answers begin on a form of two columns


@pytest.fixture
def marital(paper):
    """A declaration of marital status in two columns; `relation` and `papers` are the rows of two of its questions."""

    def fill(relation=None, papers=None, purpose=None):
        page = paper().title("TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN")
        page.row("Kính gửi:", (PLACE, "UBND xã Hòa Thắng, tỉnh Lâm Đồng"))
        page.row("Họ, chữ đệm, tên người yêu cầu:", (PLACE, "Ngô Thanh Bình"))
        page.row("Nơi cư trú:", (PLACE, "Thôn Hồng Lâm, xã Hòa Thắng, tỉnh Lâm Đồng"))
        for row in papers or (("Giấy tờ tùy thân:", (PLACE, "Thẻ căn cước số 060096003218")),):
            page.row(*row[:2], gap=row[2] if len(row) > 2 else 18.0)
        for row in relation or (("Quan hệ với người được cấp Giấy xác nhận tình trạng hôn nhân:", (380, "Mẹ")),):
            page.row(*row, gap=15.0)
        page.y += 6
        page.row("Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho người có tên dưới đây:")
        page.row("Họ, chữ đệm, tên:", (PLACE, "Ngô Thanh Sơn")).row("Ngày, tháng, năm sinh:", (PLACE, "23/09/1996"))
        page.row("Giới tính:", (PLACE, "Nam")).row("Dân tộc:", (PLACE, "Kinh")).row("Quốc tịch:", (PLACE, "Việt Nam"))
        page.row("Tình trạng hôn nhân:", (PLACE, "Chưa đăng ký kết hôn với ai"))
        for row in purpose or (("Mục đích sử dụng:", (PLACE, "Để đăng ký kết hôn")),):
            page.row(*row)
        return page

    return fill


def test_a_label_that_goes_on_in_a_capital_keeps_its_answer_beside_it(marital, by_name):
    rows = (("Quan hệ với người được cấp", (PLACE, "Bản thân")), ("Giấy xác nhận tình trạng hôn",), ("nhân:",))
    assert by_name(marital(relation=rows).read())["quan_he"].value == "Bản thân"


def test_a_label_level_with_the_middle_of_two_lines_has_both(marital, by_name):
    rows = (((PLACE, "Căn cước công dân số 060096003218 do Cục"), "", 7.0), ("Giấy tờ tùy thân:", "", 7.0), ((PLACE, "Cảnh sát cấp"), ""))
    found = by_name(marital(papers=rows).read())
    assert found["noi_cu_tru_nguoi_yeu_cau"].value == "Thôn Hồng Lâm, xã Hòa Thắng, tỉnh Lâm Đồng"
    assert found["giay_to_nguoi_yeu_cau"].value == "Căn cước công dân số 060096003218 do Cục Cảnh sát cấp"


def test_an_answer_begun_above_its_label_s_row_is_shown_to_a_person(marital, by_name):
    rows = (((PLACE, "Để bổ sung hồ sơ vay vốn"),), ("Mục đích sử dụng:", (PLACE, "ở ngân hàng")))
    assert by_name(marital(purpose=rows).read())["muc_dich"].status == "review"


def test_an_office_in_capitals_below_is_no_part_of_an_answer(paper, by_name):
    page = paper().row((70, "UBND PHƯỜNG THUẬN HÓA"), (330, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")).row((90, "Số: 318/UBND-XNTTHN"))
    page.row((330, "Thuận Hóa, ngày 05 tháng 3 năm 2026")).row((170, "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN"), gap=15)
    page.row((180, "ỦY BAN NHÂN DÂN PHƯỜNG THUẬN HÓA"))
    page.row("Xét đề nghị của bà Hồ Diệu Linh về việc cấp Giấy xác nhận tình trạng hôn nhân cho bà Hồ Diệu Linh")
    page.row((260, "XÁC NHẬN:")).row("Họ, chữ đệm, tên: Hồ Diệu Linh").row("Ngày, tháng, năm sinh: 16/12/1999")
    page.row("Giới tính: Nữ", (240, "Dân tộc: Kinh"), (410, "Quốc tịch: Việt Nam")).row("Tình trạng hôn nhân: Chưa đăng ký kết hôn với ai")
    page.row("Giấy này có giá trị sử dụng trong thời hạn 6 tháng kể từ ngày cấp, được sử dụng để: làm thủ tục mua bán nhà đất", gap=16)
    page.row((90, "NGƯỜI THỰC HIỆN"), (330, "NGƯỜI KÝ GIẤY XÁC NHẬN"))
    page.row((100, "(Ký, ghi rõ họ"), (172, "tên)"), (345, "PHÓ CHỦ TỊCH"), gap=60).row((350, "Đoàn Quang Nhật"))
    extraction = page.read()
    found = by_name(extraction)
    assert extraction.template == "giay_xac_nhan_tinh_trang_hon_nhan"  # an agency's name stands right under the title
    assert found["muc_dich"].value == "làm thủ tục mua bán nhà đất"
    assert (found["chuc_vu_nguoi_ky"].value, found["ho_ten_nguoi_ky"].value) == ("PHÓ CHỦ TỊCH", "Đoàn Quang Nhật")


@pytest.mark.parametrize("hint", ["(Ký, ghi rõ họ tên, chức vụ, đóng dấu)", "(Ký, ghi rõ họ tên, chức vụ, đóng dâ"])
def test_the_heading_of_a_signature_may_take_two_lines_and_its_hint_end_anywhere(paper, by_name, hint):
    page = paper().title("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN").row((260, "XÁC NHẬN:")).row("Họ, chữ đệm, tên: Hồ Diệu Linh")
    page.row("Ngày, tháng, năm sinh: 16/12/1999").row("Giới tính: Nữ", (240, "Dân tộc: Kinh"), (410, "Quốc tịch: Việt Nam"))
    page.row("Tình trạng hôn nhân: Chưa đăng ký kết hôn với ai")
    page.row("Giấy này có giá trị sử dụng trong thời hạn 6 tháng kể từ ngày cấp, được sử dụng để: làm thủ tục mua bán nhà đất", gap=24)
    page.row((290, "NGƯỜI KÝ GIẤY XÁC NHẬN TÌNH TRẠNG")).row((350, "HÔN NHÂN")).row((290, hint)).row((350, "CHỦ TỊCH"), gap=60)
    page.row((345, "Đỗ Quốc Khôi"))
    found = by_name(page.read())
    assert (found["chuc_vu_nguoi_ky"].value, found["ho_ten_nguoi_ky"].value) == ("CHỦ TỊCH", "Đỗ Quốc Khôi")


def test_an_answer_pushed_below_its_label_at_the_margin_is_that_label_s(paper, by_name):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an xã Gia Viễn, tỉnh Ninh Bình")
    page.row("1. Họ, chữ đệm và tên khai sinh: Hoàng Đức Lương").row("4. Số định danh cá nhân: 037079004518")
    page.row("7. Họ, chữ đệm và tên chủ hộ: Hoàng Đức Lâm", (365, "8. Mối quan hệ với chủ hộ:"), gap=15).row("Con đẻ")
    page.row("9. Số định danh cá nhân của chủ hộ: 037051002377").row(
        "10. Nội dung đề nghị: Đăng ký thường trú vào hộ ông Hoàng Đức Lâm ở xã"
    )
    found = by_name(page.read())
    assert (found["ho_ten_chu_ho"].value, found["quan_he_chu_ho"].value) == ("Hoàng Đức Lâm", "Con đẻ")


def test_an_answer_in_capitals_under_the_title_is_no_line_of_it(paper):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH")
    page.y -= 8
    page.row((150, "Kính gửi:"), (220, "ỦY BAN NHÂN DÂN PHƯỜNG HOA LƯ"))
    assert [one.slug for one in templates_of(lay_out([page.page()]), load_templates(None))][:1] == ["to_khai_dang_ky_khai_sinh"]


def test_an_agency_s_last_word_alone_on_its_line_is_no_agency(paper, by_name):
    page = paper().row((70, "UBND TỈNH LÂM ĐỒNG"), (300, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"))
    page.row((60, "SỞ NÔNG NGHIỆP VÀ MÔI"), (330, "Độc lập - Tự do - Hạnh phúc")).row((110, "TRƯỜNG"))
    page.row((80, "Số: 1046/SNNMT-QLĐĐ"), (330, "Lâm Đồng, ngày 09 tháng 4 năm 2026")).row((200, "Kính gửi: Ủy ban nhân dân xã Đơn Dương"))
    page.row("Sở có ý kiến như sau.").row((70, "Nơi nhận:"), (330, "GIÁM ĐỐC"), gap=60).row((335, "Trần Văn Nam"))
    found = by_name(page.read())
    assert (found["co_quan_chu_quan"].value, found["co_quan_ban_hanh"].value) == ("UBND TỈNH LÂM ĐỒNG", "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG")


@pytest.mark.parametrize("stroke", ["Vpw", "AN", "D V"])
def test_a_long_agency_puts_its_number_below_the_date_and_a_signature_is_no_name(paper, by_name, stroke):
    page = paper().row((70, "UBND TỈNH SƠN LA"), (300, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"))
    page.row((50, "ỦY BAN NHÂN DÂN PHƯỜNG XUÂN"), (330, "Độc lập - Tự do - Hạnh phúc"), gap=23)
    page.row((110, "HỒNG"), (330, "Xuân Hồng, ngày 24 tháng 5 năm 2026")).row((90, "Số: 1993/QĐ-UBND"))
    page.row((270, "QUYẾT ĐỊNH")).row((200, "Về việc kiện toàn Ban Chỉ đạo cải cách hành chính"), gap=40)
    page.row("Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;", gap=40)
    page.row((70, "Nơi nhận:"), (370, "CHỦ TỊCH"), gap=14).row((360, stroke), gap=40).row((365, "Trần Thị Mai"))
    page.words = [
        replace(word, box=(*word.box[:3], word.box[1] + 26.0)) if word.text in stroke.split() and word.box[0] >= 360 else word
        for word in page.words
    ]
    found = by_name(page.read())
    assert found["co_quan_ban_hanh"].value == "ỦY BAN NHÂN DÂN PHƯỜNG XUÂN HỒNG"
    assert (found["so_ky_hieu"].value, found["ngay_ban_hanh"].value) == ("1993/QĐ-UBND", "2026-05-24")
    assert (found["chuc_vu"].value, found["nguoi_ky"].value) == ("CHỦ TỊCH", "Trần Thị Mai")


def test_a_certification_stamp_needs_no_hint_to_say_who_certified(paper, by_name):
    page = paper().title("GIẤY CHỨNG NHẬN HOÀN THÀNH KHÓA HỌC").row((180, "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH"))
    page.row((180, "Số chứng thực: 2175 quyển số: 02/2026 - SCT/BS")).row((220, "Ngày 07 tháng 4 năm 2026"))
    page.row((190, "ỦY BAN NHÂN DÂN PHƯỜNG NHA TRANG")).row((240, "PHÓ CHỦ TỊCH"), gap=60).row((240, "Trần Lê Hạnh Dung"))
    found = by_name(page.read())
    assert found["co_quan_chung_thuc"].value == "ỦY BAN NHÂN DÂN PHƯỜNG NHA TRANG"
    assert (found["chuc_vu"].value, found["nguoi_chung_thuc"].value) == ("PHÓ CHỦ TỊCH", "Trần Lê Hạnh Dung")


def test_the_number_of_the_next_label_is_no_answer_however_its_bracket_was_read(paper, by_name):
    page = paper().row((300, "Mẫu số 01/LPTB")).title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ").row("[04] Tên người nộp thuế: Lý Thị Bạch Tuyết")
    page.row("[05] Mã số thuế: 083165004027").row("[06] Địa chỉ: 136 Nguyễn Đình Chiểu")
    page.row("[09] Điện thoại: 0913505928", (260, "[10] Fax:"), (320, "(111"), (345, "Email: tuyetly@gmail.com")).row("ĐẶC ĐIỂM NHÀ ĐẤT:")
    assert by_name(page.read())["fax"].value is None


def test_an_address_of_figures_alone_is_shown_to_a_person(birth_form, answers, by_name):
    found = by_name(birth_form({**answers, "que_quan": "03/11/2025"}).read())
    assert found["que_quan"].status == "review"


def test_the_first_entry_of_a_list_is_kept_when_its_number_was_not_read(paper, by_name):
    page = paper().title("ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI, TÀI SẢN GẮN LIỀN VỚI ĐẤT").row("Kính gửi: Văn phòng đăng ký đất đai")
    page.row("a) Tên: Đỗ Trọng Khiêm").row("3. Nội dung biến động: Nhận chuyển nhượng")
    page.row("5. Giấy tờ liên quan đến nội dung biến động nộp kèm theo đơn này gồm:")
    page.row((90, "I"), (110, "Giấy chứng nhận đã cấp")).row((90, "2."), (110, "Hợp đồng chuyển nhượng"))
    page.row("Tôi/chúng tôi cam đoan nội dung kê khai trên đơn là đúng sự thật")
    assert by_name(page.read())["giay_to_kem"].value == [{"ten": "Giấy chứng nhận đã cấp"}, {"ten": "Hợp đồng chuyển nhượng"}]


def test_a_wide_comma_leaves_a_space_and_is_still_one_number_s():
    assert normalise("decimal", "126, 9 m²") == Reading(126.9, True)


def test_a_measure_is_whole_where_print_leaves_no_space():
    boxes = [("Nốt", 158, 168), ("ruồi", 170, 180), ("C:", 182.5, 188), ("1", 188.8, 191.7), ("cm", 192.6, 200), ("dưới", 203, 215)]
    tokens = [Token(at, text, fold(text), (x0, 90.0, x1, 97.0), 0.99, False, 1, 0, False) for at, (text, x0, x1) in enumerate(boxes)]
    assert weigh(tokens, "text").reading.value == "Nốt ruồi C:1cm dưới"
    near = [replace(token, text=text, fold=fold(text)) for token, text in zip(tokens[3:5], ("C:1", "cm"), strict=True)]
    near[1] = replace(near[1], box=(193.5, 90.0, 201.0, 97.0))
    assert weigh(near, "text").reading.value == "C:1cm"
    apart = [replace(token, box=(token.box[0] + 2 * at, 90.0, token.box[2] + 2 * at, 97.0)) for at, token in enumerate(tokens)]
    assert weigh(apart, "text").reading.value == "Nốt ruồi C: 1 cm dưới"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("decimal", "125,5 5 m²"),
        ("text", "Số 4o2 Lê Văn Hiến"),
        ("text", "Khu phố"),
        ("text", "Thẻ căn cước số 086303700112, Cục Cảnh sát quản lý"),
        ("text", "92/ Võ Thị Sáu, xã Tân Hưng"),
        ("text", "Căn cước công dân số 086057343511, cấp ngày"),
        ("text", "Số 4zo, đường Ngô Gia Tự"),
        ("text", "Căn hộ 131 1, chung cư Tôn Đức Thắng"),
        ("text", "05 2000 - 8 2004"),
        ("text", "CHI] NHÁNH VĂN PHÒNG"),
        ("enum", "Bản"),
    ],
)
def test_what_no_form_is_filled_in_with_is_not_sure(kind, text):
    assert not normalise(kind, text).sure


@pytest.mark.parametrize(
    ("read", "sure"),
    [
        ("Bệnh viện Tù Dũ, Quận 1", False),
        ("Bệnh viện Phụ sản, phường Hải Châu", True),
        ("136 Nguyễn Đình Chiêu", False),
        ("136 Nguyễn Đình Chiểu", True),
        ("số 28, phường Bến Nghé, Quận 1", True),
        ("Song Lãng, Vũ Thu, Thái Bình", False),
        ("Song Lãng, Vũ Thư, Thái Bình", True),
        ("Bản Nà Lốc, phường Hải Châu", True),
        ("Buôn Ki A, phường Hải Châu", False),
        ("QUÁN ĂN HÀ ANH", True),
        ("Trần Thị Bích Yến", True),
        ("Quận Tù Dũ", False),
    ],
)
def test_names_of_places_and_streets_are_those_that_exist(paper, read, sure):
    assert weigh(lay_out([paper().row(read).page()]).tokens, "text").reading.sure is sure


def test_strokes_counted_otherwise_by_another_reading_are_never_settled(paper):
    page = paper().row("II", confidence=0.95)
    page.words[0] = replace(page.words[0], raw="III")
    page.words[0] = replace(page.words[0], confidence=0.994)
    assert weigh(lay_out([page.page()]).tokens, "enum", ("I", "II", "III")).differs
    page.words[0] = replace(page.words[0], confidence=0.95)
    assert weigh(lay_out([page.page()]).tokens, "enum", ("I", "II", "III")).confidence < 0.94
    page.words[0] = replace(page.words[0], text="III", raw="lll")
    assert not lay_out([page.page()]).tokens[0].raw_differs


def notice(page, *, number="Số:      /TB-UBND", kind="THÔNG BÁO", body="UBND XÃ CẦN GIỜ", date="Cần Giờ, ngày 18 tháng 5 năm 2026"):
    page.row((70, body), (300, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")).row((80, number), (330, "Độc lập - Tự do - Hạnh phúc"))
    page.row((330, date), gap=40).row((270, kind)).row((180, "Về việc niêm yết công khai hồ sơ đất đai"), gap=40)
    page.row("Căn cứ Luật Đất đai năm 2024; Ủy ban nhân dân xã thông báo niêm yết công khai danh sách.")
    return page.row((330, "TM. ỦY BAN NHÂN DÂN")).row((370, "CHỦ TỊCH"), gap=60).row((350, "Nguyễn Ngọc Xuân"))


@pytest.mark.parametrize("number", ["S: 759/TB-UBND", "SỐ: 12/TB", "759/TB-UBND"])
def test_an_agency_s_name_ends_above_its_number_however_that_was_read(paper, by_name, number):
    assert by_name(notice(paper(), number=number).read())["co_quan_ban_hanh"].value == "UBND XÃ CẦN GIỜ"


@pytest.mark.parametrize("number", ["Số:      /TB-UBND", ""])
def test_an_administrative_document_needs_neither_receivers_nor_a_number(paper, by_name, number):
    extraction = notice(paper(), number=number).read()
    found = by_name(extraction)
    assert extraction.template == "van_ban_hanh_chinh"
    assert (found["co_quan_ban_hanh"].value, found["ten_loai"].value) == ("UBND XÃ CẦN GIỜ", "THÔNG BÁO")
    assert (found["chuc_vu"].value, found["nguoi_ky"].value) == ("TM. ỦY BAN NHÂN DÂN CHỦ TỊCH", "Nguyễn Ngọc Xuân")


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "ĐƠN XIN NGHỈ PHÉP"},
        {"kind": "GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH"},
        {"body": "CÔNG TY TNHH TÂN PHÁT"},
        {"body": ""},
        {"date": "Tôi tên là Nguyễn Ngọc Xuân"},
    ],
)
def test_a_paper_that_only_resembles_an_administrative_document_is_unknown(paper, other):
    assert notice(paper(), number="", **other).read().template is None


@pytest.mark.parametrize(
    ("answer", "value", "status"),
    [
        ("Nam ☑ Nữ ☐", "Nam", "accepted"),
        ("☐ Nam ☑ Nữ", "Nữ", "accepted"),
        ("Nam ☐ Nữ ☐", None, "review"),
        ("☑ Nam ☑ Nữ", None, "review"),
    ],
)
def test_a_gender_is_told_by_the_ticked_box(birth_form, answers, by_name, answer, value, status):
    found = by_name(birth_form({**answers, "gioi_tinh": answer}).read())["gioi_tinh"]
    assert found.status == status
    assert value is None or found.value == value


def test_a_father_printed_before_the_mother_keeps_his_own_answers(birth_form, answers, birth_rows, by_name):
    first, mother, father, last = birth_rows[:12], birth_rows[12:15], birth_rows[15:18], birth_rows[18:]
    found = by_name(birth_form(answers, rows=[*first, *father, *mother, *last]).read())
    assert (found["ho_ten_cha"].value, found["nam_sinh_cha"].value, found["dan_toc_cha"].value) == ("Trần Văn Bách", "1988-01-12", "Kinh")
    assert (found["ho_ten_me"].value, found["nam_sinh_me"].value, found["dan_toc_me"].value) == ("Phạm Thu Hà", "1990", "Mường")


def test_the_kind_of_a_certification_may_go_on_in_the_next_row(paper, by_name):
    page = paper().title("GIẤY CAM KẾT").row((180, "CHỨNG THỰC CHỮ KÝ"))
    page.row((150, "Số chứng thực: 698 quyển số: 15 - SCT/CK,")).row((290, "ĐC")).row((220, "Ngày 27 tháng 9 năm 2019"))
    found = by_name(page.read())
    assert (found["quyen_so"].value, found["loai_so"].value) == ("15", "SCT/CK, ĐC")


def test_the_office_of_who_certified_is_no_agency_and_the_agency_may_stand_above(paper, by_name):
    page = paper().title("GIẤY CAM KẾT").row((220, "PHÒNG TƯ PHÁP QUẬN 8")).row((230, "CHỨNG THỰC CHỮ KÝ"))
    page.row((150, "Số chứng thực: 0918, quyển số: 01/2026 - SCT/CK, ĐC")).row((220, "Ngày 16 tháng 02 năm 2026"))
    page.row((150, "Người thực hiện chứng thực ký, ghi rõ họ, tên và đóng dấu")).row((260, "TRƯỞNG PHÒNG"), gap=60).row(
        (260, "Võ Minh Thiện")
    )
    found = by_name(page.read())
    assert (found["co_quan_chung_thuc"].value, found["chuc_vu"].value) == ("PHÒNG TƯ PHÁP QUẬN 8", "TRƯỞNG PHÒNG")


@pytest.mark.parametrize(
    ("block", "office"),
    [
        (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH"),
        (("CHỦ TỊCH", "(Ký, đóng dấu)"), "CHỦ TỊCH"),
    ],
)
def test_an_official_signs_beside_the_person_concerned_without_a_heading(paper, by_name, block, office):
    page = paper().title("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN").row("Xét đề nghị của bà Hồ Diệu Linh")
    page.row("Họ, chữ đệm, tên: Hồ Diệu Linh").row("Giới tính: Nữ", (240, "Dân tộc: Kinh"), gap=36)
    beside = ["Người được xác nhận", "(Ký, ghi rõ họ tên)", ""]
    for line, left in zip(block, beside, strict=False):
        page.row(*([(80, left)] if left else []), (400 - 2.5 * len(line), line), gap=16)
    page.y += 50
    found = by_name(page.row((90, "Hồ Diệu Linh"), (370, "Đoàn Quang Nhật")).read())
    assert (found["chuc_vu_nguoi_ky"].value, found["ho_ten_nguoi_ky"].value) == (office, "Đoàn Quang Nhật")


def test_a_label_broken_on_the_next_page_stands_beside_its_answer_in_the_same_column(paper, by_name):
    first = paper().title("TỜ KHAI YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP").row("Kính gửi: Sở Tư pháp tỉnh Phú Thọ")
    asked = ("1. Tên tôi là:", "Vũ Mạnh Khôi"), ("4. Giới tính:", "Nam"), ("5. Nơi sinh:", "xã Thanh Ba"), ("7. Dân tộc:", "Kinh")
    for label, answer in asked:
        first.row(label, (PLACE + 20, answer))
    second = paper().row("Phần khai về án tích, nội dung bị", (PLACE + 20, "Chưa có"), gap=14).row("cấm đảm nhiệm chức vụ, thành", gap=14)
    second.row("lập, quản lý doanh nghiệp, hợp", gap=14).row("tác xã (nếu có):", gap=14)
    second.row("Mục đích yêu cầu cấp Phiếu lý lịch tư pháp:", (PLACE + 120, "Làm hồ sơ du học"))
    assert by_name(extract((first.page(), second.page(2)), lambda _: None))["an_tich"].value == "Chưa có"


@pytest.mark.parametrize("date", ["ngày 24 tháng 7 năm 2018", "24/07/2018"])
def test_the_date_of_a_registration_may_have_its_own_label(paper, by_name, date):
    page = paper().title("TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH").row("Kính gửi: Ủy ban nhân dân xã Quảng Lộc")
    page.row("Họ, chữ đệm, tên người yêu cầu: Hà Ngọc Vân").row("cho người có tên dưới đây:").row("Họ, chữ đệm, tên: Hà Ngọc Vân")
    page.row("Ngày, tháng, năm sinh: 20/10/1998").row("Đã đăng ký tại: UBND xã Quảng Lộc").row(f"Ngày đăng ký: {date}").row("Số: 120")
    page.row("Làm tại: Quảng Lộc, ngày 27 tháng 4 năm 2023")
    found = by_name(page.read())
    assert (found["ngay_da_dang_ky"].value, found["ngay_lam_don"].value) == ("2018-07-24", "2023-04-27")
