"""Labels in words that nobody listed are known by the words they share with the form's."""

import pytest

OFFICE = "Kính gửi: Ủy ban nhân dân xã Hòa Xuân"
BUSINESS, TAX, BIRTH = "GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH", "TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT", "TỜ KHAI ĐĂNG KÝ KHAI SINH"
PERMIT, MARRIAGE = "ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG", "TỜ KHAI CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN"


@pytest.fixture
def read(paper, by_name):
    def fill(title, *rows):
        page = paper().title(title).row(OFFICE)
        for row in rows:
            page.row(row)
        return by_name(page.read())

    return fill


@pytest.mark.parametrize(
    ("title", "printed", "name", "value"),
    [
        (BUSINESS, "Số nhà, tên phố, tổ/xóm/ấp/thôn: Thôn Đông", "thuong_tru_chi_tiet", "Thôn Đông"),
        (BUSINESS, "Số lao động (dự kiến): 6", "so_lao_dong", 6),
        (BUSINESS, "Tên viết tắt (nếu có): HKD Duy", "ten_viet_tat", "HKD Duy"),
        (PERMIT, "Số thửa đất: 729", "lo_dat_so", "729"),
        (PERMIT, "Thời gian thi công dự kiến: 8", "thoi_gian_hoan_thanh", 8),
    ],
)
def test_a_label_is_known_by_the_words_it_shares_with_the_form_s(read, title, printed, name, value):
    before = "Nơi thường trú:" if name == "thuong_tru_chi_tiet" else "Sử dụng cho nhà, đất"
    assert read(title, before, printed)[name].value == value


def test_initials_stand_for_the_words_of_a_label(read):
    found = read(
        TAX,
        "[04] Người nộp thuế: Lê Văn An",
        "[05] MST: 2500150335",
        "[06] Địa chỉ: Thôn Đông",
        "ĐẶC ĐIỂM NHÀ ĐẤT:",
        "1. Đất",
        "2. Nhà",
    )
    assert found["ma_so_thue"].value == "2500150335"


def test_a_label_with_a_strange_word_leaves_its_answer_to_a_person(read):
    found = read(BIRTH, "Họ, chữ đệm, tên: Cao Hữu Cường", "Quê xưa: xã Hòa Xuân, tỉnh Lâm Đồng")["que_quan"]
    assert (found.value, found.status) == ("xã Hòa Xuân, tỉnh Lâm Đồng", "review")


def test_a_label_that_fits_two_questions_answers_neither(read):
    found = read(BIRTH, "Họ, chữ đệm, tên: Cao Hữu Cường", "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:", "Tên người: Lê An")
    assert "Lê An" not in (found["ho_ten_me"].value, found["ho_ten_cha"].value)


def test_words_before_those_of_the_form_are_the_label_s(read):
    found = read(
        MARRIAGE, "Họ, chữ đệm, tên: Ngô Thanh Bình", "Quốc tịch: Việt Nam", "Thành phần dân tộc: Kinh", "Nơi cư trú: Thôn 3, xã Gia Viễn"
    )
    assert (found["dan_toc"].value, found["quoc_tich"].value) == ("Kinh", "Việt Nam")


def test_a_date_in_words_that_a_label_asks_for_dates_no_signature(paper, by_name):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ").row("Kính gửi: Công an xã Yên Thịnh").row("1. Họ, chữ đệm và tên: Hoàng Bình")
    found = by_name(page.row("2. Sinh ngày: ngày 10 tháng 12 năm 2003").row("3. Giới tính: Nam").read())
    assert found["ngay_sinh"].value == "2003-12-10"


def test_an_answer_under_its_label_is_not_told_empty(read):
    found = read("TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH", "Họ, chữ đệm, tên: Cao Hữu Cường", "Giới tính: Nam", "Quyển số", "03/2017")
    assert found["quyen_so"].value == "03/2017" or found["quyen_so"].status == "review"


def test_place_and_date_may_stand_under_the_last_question(read):
    name, copies = "Họ, chữ đệm, tên: Cao Hữu Cường", "Đề nghị cấp bản sao: Có [x] Không [ ] Số lượng: 02"
    found = read(BIRTH, name, copies, "Làm tại: Hòa Xuân, ngày 09 tháng 4 năm 2024")
    assert (found["noi_lam"].value, found["ngay_lam_don"].value) == ("Hòa Xuân", "2024-04-09")


@pytest.mark.parametrize("read", [",ngày 29 tháng 10 năm 2023", "ngày 29 tháng 10 năm 2023"])
def test_a_date_whose_place_was_left_open_is_found(paper, by_name, read):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư")
    page.row((300, "Làm tại:"), (420, read)).row((300, "Người yêu cầu"))
    found = by_name(page.read())
    assert (found["noi_lam"].value, found["ngay_lam_don"].value) == (None, "2023-10-29")
