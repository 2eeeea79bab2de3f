"""Only a form's own title chooses its template."""

import pytest
from msgspec.structs import replace

from ocr.fields.extract import extract


@pytest.mark.parametrize(
    "title",
    [
        "TỜ KHAI ĐĂNG KÝ KHAI SINH",
        "TO KHAI ĐĂNG KÝ KHAI SINH",
        "TỜ KHAI ĐẢNG KÝ KHAl SINH",
        "TỜKHAI ĐĂNG KÝ KHAI SINH",
        "TỜ KHAI ĐĂNG KỶ KHAI SIHH",
    ],
)
def test_a_title_is_known_in_spite_of_misread_letters(paper, title):
    assert paper().title(title).read().template == "to_khai_dang_ky_khai_sinh"


@pytest.mark.parametrize(
    "title",
    [
        "TỜ KHAI ĐĂNG KÝ LẠI KHAI SINH",
        "TỜ KHAI ĐĂNG KÝ KHAI TỬ",
        "TỜ KHAI CẤP LẠI GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
        "TỜ KHAI ĐĂNG KÝ KẾT HÔN",
        "TỜ KHAI ĐĂNG KÝ KHAI SINH KẾT HỢP NHẬN CHA MẸ CON",
        "ĐƠN ĐỀ NGHỊ CẤP LẠI GIẤY PHÉP XÂY DỰNG",
        "TRÍCH LỤC KHAI SINH",
        "ĐƠN ĐĂNG KÝ ĐẤT ĐAI, TÀI SẢN GẮN LIỀN VỚI ĐẤT",
        "THẺ CĂN CƯỚC CÔNG DÂN VIỆT NAM",
        "CHỨNG NHẬN CĂN CƯỚC",
        "GIẤY KHAI TỬ",
        "GIẤY CHỨNG SINH",
        "GIẤY PHÉP XÂY DỰNG",
        "PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1",
        "TỜ KHAI LỆ PHÍ TRƯỚC BẠ Ô TÔ",
        "GIẤY ĐỀ NGHỊ ĐĂNG KÝ THAY ĐỔI HỘ KINH DOANH",
        "GIẤY XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ",
    ],
)
def test_another_title_is_unknown(paper, title):
    extraction = paper().title(title).row("Họ, chữ đệm, tên: Trần Minh Khang").read()
    assert extraction.template is None
    assert extraction.fields == ()


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("HỢP ĐỒNG LAO ĐỘNG", ["Số: 15/2025/HĐLĐ-TM", "Bên A: Công ty TNHH Thành Minh", "Mã số thuế: 2700123456"]),
        ("BIÊN LAI THU TIỀN", ["Số: 0045", "Người nộp: Trần Minh Khang", "Số tiền: 500.000 đồng"]),
        ("BẰNG TỐT NGHIỆP", ["Họ và tên: Trần Minh Khang", "Ngày sinh: 12/03/1985", "Số hiệu: A 123456"]),
    ],
)
def test_papers_of_no_form_have_no_template(paper, title, body):
    page = paper().title(title)
    for text in body:
        page.row(text)
    assert page.read().template is None


def test_a_title_may_break_into_two_lines(paper):
    assert paper().title("TỜ KHAI CẤP GIẤY XÁC NHẬN", "TÌNH TRẠNG HÔN NHÂN").read().template == "to_khai_xac_nhan_tinh_trang_hon_nhan"


def test_the_second_line_of_a_title_is_no_title_of_its_own(paper):
    assert paper().title("ĐƠN XIN CẤP LẠI", "GIẤY KHAI SINH").read().template is None


@pytest.mark.parametrize("stamp", ["Ngày: 02/11/2025", "02/ J11/2025"])
def test_a_stamp_beside_the_title_is_not_part_of_it(paper, stamp):
    page = paper().title().row((66, stamp), (190, "TỜ KHAI ĐĂNG KÝ KHAI SINH"))
    assert page.read().template == "to_khai_dang_ky_khai_sinh"


def test_a_title_named_inside_a_sentence_is_no_title(paper):
    page = paper().title("THÔNG BÁO").row("về việc nộp tờ khai đăng ký khai sinh tại phường")
    assert page.read().template is None


def test_a_page_without_words_is_unknown(paper):
    assert paper().read().template is None


def test_words_of_a_title_that_a_reader_finds_higher_belong_to_its_line(paper):
    page = paper().row((280, "TỜ KHAI")).row((180, "YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP")).page()
    high, deep = {"TƯ": 3.0}, {"PHÁP": 5.0}
    words = tuple(
        replace(word, box=(word.box[0], word.box[1] - high.get(word.text, 0), word.box[2], word.box[3] + deep.get(word.text, 0)))
        for word in page.words
    )
    read = extract((replace(page, words=words),), lambda _: None)
    assert read.template == "to_khai_yeu_cau_cap_phieu_ly_lich_tu_phap"


def test_a_line_of_marked_capitals_is_higher_than_one_of_plain_ones(paper):
    page = paper().row("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").row("Độc lập - Tự do - Hạnh phúc", gap=26)
    low = len(page.words)
    page.row((250, "TỜ KHAI"), gap=15)
    high = len(page.words)
    page.row((180, "YÊU CẦU CẤP PHIẾU LÝ LỊCH TƯ PHÁP"))
    y = page.words[low].box[1]
    page.words[low:high] = [replace(word, box=(word.box[0], y, word.box[2], y + 11.4)) for word in page.words[low:high]]
    page.words[high:] = [replace(word, box=(word.box[0], y + 15, word.box[2], y + 32.5)) for word in page.words[high:]]
    page.row("1. Tên tôi là: Tống Thị Hạnh")
    assert page.read().template == "to_khai_yeu_cau_cap_phieu_ly_lich_tu_phap"
