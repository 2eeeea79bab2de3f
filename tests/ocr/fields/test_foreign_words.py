"""What a form prints beside and below an answer never becomes part of it: hints, footnotes, other wordings, the next paragraph."""

import pytest


@pytest.fixture
def ct01(paper):
    def drawn(*rows):
        page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an xã Hòa Xuân")
        for row in ("1. Họ, chữ đệm và tên khai sinh: BÙI THỊ UYÊN", "2. Ngày, tháng, năm sinh: 29/02/1964", *rows):
            page.row(row)
        return page

    return drawn


def test_a_footnote_that_explains_a_label_is_not_that_label(ct01, by_name):
    page = ct01("9. Số định danh cá nhân của chủ hộ: 079164435935", "10. Nội dung yêu cầu: Đăng ký tạm trú tại Tổ dân phố số 6").row("")
    page.row("2 Ghi rõ nội dung đề nghị: đăng ký thường trú, tách hộ, điều chỉnh thông tin")
    assert by_name(page.read())["noi_dung_de_nghi"].value == "Đăng ký tạm trú tại Tổ dân phố số 6"


def test_the_end_of_an_answer_over_a_heading_is_no_label(paper, by_name):
    page = paper().title("TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH").row("Kính gửi: Ủy ban nhân dân xã Hòa Xuân").row("NGƯỜI YÊU CẦU")
    page.row("Họ và tên: NGHIÊM MẠNH HƯNG").row("Nơi cư trú: xã Hòa Xuân, tỉnh Lâm Đồng")
    assert by_name(page.read())["kinh_gui"].value == "Ủy ban nhân dân xã Hòa Xuân"


@pytest.mark.parametrize("hint", ["(theo nơi đăng ký thường trú; nếu không có thì ghi nơi tạm trú)", "(ghi đầy đủ thôn, xã, tỉnh)"])
def test_a_hint_in_brackets_is_no_answer(paper, by_name, hint):
    page = paper().title("TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN").row("Kính gửi: Ủy ban nhân dân xã Hòa Xuân")
    page.row("Họ, chữ đệm, tên người yêu cầu: TRẦN THỊ HÒA").row(f"Nơi cư trú: {hint}").row("thôn Đông, xã Hòa Xuân")
    page.row("Giấy tờ tùy thân: CCCD số 036165001237")
    found = by_name(page.read())["noi_cu_tru_nguoi_yeu_cau"]
    assert "theo" not in str(found.value)
    assert found.value == "thôn Đông, xã Hòa Xuân" or found.status == "review"


def test_the_other_language_over_an_answer_is_no_part_of_it(paper, by_name):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row("1. Họ, chữ đệm, tên người yêu cầu / Full name of applicant").row("Phạm Thu Hà").row("2. Nơi cư trú / Residence").row(
        "xã Gia Viễn"
    )
    found = by_name(page.read())
    assert found["ho_ten_nguoi_yeu_cau"].value == "Phạm Thu Hà"
    assert found["noi_cu_tru_nguoi_yeu_cau"].value == "xã Gia Viễn"


def test_the_other_language_behind_the_colon_waits_for_a_person(birth_form, by_name, answers):
    found = by_name(birth_form(answers | {"ten": f"/ Mother's full name {answers['ten']}"}).read())["ho_ten"]
    assert found.status == "review"


def test_half_a_name_waits_for_a_person(ct01, by_name):
    page = ct01("3. Giới tính: Nữ", "7. Họ, chữ đệm và tên chủ hộ: Tống", "8. Mối quan hệ với chủ hộ: Con")
    found = by_name(page.read())
    assert (found["ho_ten"].status, found["ho_ten_chu_ho"].status) == ("accepted", "review")


def test_an_e_mail_address_is_no_place(paper, by_name):
    page = paper().title("ĐƠN ĐĂNG KÝ BIẾN ĐỘNG ĐẤT ĐAI, TÀI SẢN GẮN LIỀN VỚI ĐẤT").row("Kính gửi: Văn phòng đăng ký đất đai tỉnh Đắk Lắk")
    page.row("a) Tên: DƯƠNG THỊ LAN").row("c) Địa chỉ: lan_duong45@example.com").row("2. Nội dung biến động về: Tặng cho quyền sử dụng đất")
    found = by_name(page.read())
    assert found["dia_chi"].status == "review"
    assert found["noi_dung_bien_dong"].value == "Tặng cho quyền sử dụng đất"


def test_an_indented_row_opens_a_paragraph_of_its_own(paper, by_name):
    page = paper()
    page.row((60, "UBND TỈNH AN GIANG"), (330, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")).row(
        (80, "SỞ TƯ PHÁP"), (370, "Độc lập - Tự do - Hạnh phúc")
    )
    page.row((80, "Số: 316/STP-VP"), (350, "An Giang, ngày 30 tháng 8 năm 2024")).row((60, "V/v kiện toàn Ban Chỉ đạo"))
    page.row((150, "Kính gửi: Trung tâm Phục vụ hành chính công tỉnh An Giang về việc"))
    page.row((98, "Thực hiện chỉ đạo của Ủy ban nhân dân cấp trên về việc đẩy mạnh cải cách thủ tục hành chính,"))
    page.row((70, "đơn vị đã rà soát toàn bộ hồ sơ tồn đọng và báo cáo kết quả theo quy định của pháp luật."), gap=40)
    page.row((60, "Nơi nhận:"), (370, "KT. GIÁM ĐỐC")).row((60, "- Lưu: VT."), (370, "PHÓ GIÁM ĐỐC"), gap=60).row((375, "Vũ Đức Huy"))
    found = by_name(page.read())["kinh_gui"]
    assert found.value is not None and "Thực hiện" not in found.value


def test_a_number_with_a_comma_for_its_point_counts_a_list(paper, by_name):
    page = paper().title("ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG").row("Kính gửi: Sở Xây dựng tỉnh Vĩnh Long")
    page.row("Gửi kèm theo Đơn này các tài liệu:").row("1, Bản sao Giấy chứng nhận quyền sử dụng đất").row("2. Bản vẽ thiết kế")
    cells = [cell.value for field in page.read().fields for cell in field.cells if field.name == "tai_lieu"]
    assert all(not str(value).startswith("1,") for value in cells)
