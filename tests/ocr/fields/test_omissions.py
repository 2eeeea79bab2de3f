"""A word that was lost between a label and its answer is never passed over in silence."""

import pytest

from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.swallowed import holds_a_label, holds_foreign_words, labels_of
from ocr.fields.templates import Entry, load_templates
from ocr.fields.types.registry import normalise
from ocr.fields.weigh import weigh


def tokens(text, confidence=0.95):
    return [
        Token(at, word, fold(word), (0.0, 0.0, 9.0, 9.0), confidence, False, 1, 0, word.endswith(":"))
        for at, word in enumerate(text.split())
    ]


def test_a_label_with_a_word_too_many_took_it_from_its_answer():
    entry = Entry(label="Nguồn gốc nhà đất (được Nhà nước giao, nhận thừa kế)", name="nguon_goc")
    whole = tokens("Nguồn gốc nhà đất (được Nhà nước giao, nhận thừa kế):")
    assert not holds_foreign_words(entry, whole, answered=True)
    assert holds_foreign_words(entry, tokens("Nguồn gốc nhà đất (được Nhà nước giao, nhận Nhà thừa kế):"), answered=True)


@pytest.mark.parametrize(
    ("label", "printed", "answered", "foreign"),
    [
        ("Giấy tờ tùy thân", "Giấy tờ tùy thân2", True, False),
        ("Số tầng", "Số tầng3", False, True),
        ("Tổng diện tích sàn", "Tổng DT sàn", True, False),
        ("Tên viết tắt hộ kinh doanh", "Tên viết tắt HKD", True, True),
        ("Tên viết tắt hộ kinh doanh", "Tên viết tắt HKD:", True, False),
    ],
)
def test_a_footnote_s_figure_and_an_abbreviation_are_the_label_s(label, printed, answered, foreign):
    assert holds_foreign_words(Entry(label=label, name="x"), tokens(printed), answered=answered) == foreign


@pytest.mark.parametrize(("answer", "held"), [("HỘ KINH DOANH LAN VIỆT", False), ("Tên hộ kinh doanh LAN VIỆT", True)])
def test_what_a_label_speaks_of_is_no_label_in_its_answer(answer, held):
    template = next(one for one in load_templates(None) if one.slug == "giay_de_nghi_dang_ky_ho_kinh_doanh")
    entry = next(one for one in template.fields if one.name == "ten_ho_kinh_doanh")
    assert holds_a_label(entry, tokens(answer), labels_of(template)) == held


def test_a_name_that_was_not_made_out_is_not_empty(paper, by_name, birth_form, answers):
    page = birth_form()
    page.row((330, "Hoa Lư, ngày 05 tháng 10 năm 2023")).row((400, "Người yêu cầu")).row((380, "(Ký, ghi rõ họ, chữ đệm, tên)"))
    page.y += 40
    page.row((400, "ông Dũng"))
    field = by_name(page.read())["ho_ten_nguoi_yeu_cau_2"]
    assert (field.value, field.status) == (None, "review")


def test_a_long_answer_goes_on_below_though_dots_fill_the_last_gap(birth_form, by_name, answers):
    page = birth_form({})
    row = next(word.line for word in page.words if word.text == "Giấy")
    y = next(word.box[1] for word in page.words if word.line == row)
    page.words = [word for word in page.words if word.line != row]
    page.y, page.line = y, 900
    page.row("Giấy tờ tùy thân(3): CCCD số 037190001234, Cục Cảnh sát quản lý hành chính về trật..", gap=14)
    page.row("tự xã hội cấp ngày 09/05/2022", gap=4)
    assert by_name(page.read())["giay_to_nguoi_yeu_cau"].value == (
        "CCCD số 037190001234, Cục Cảnh sát quản lý hành chính về trật tự xã hội cấp ngày 09/05/2022"
    )


def test_a_number_glued_to_its_label_still_begins_it(paper, by_name):
    page = paper().title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ").row((220, "(Áp dụng đối với nhà, đất)"))
    page.row("[01] Kỳ tính thuế: Theo từng lần phát sinh").row("[04] Tên người nộp thuế: Trần Minh Phước")
    page.row("[05] Mã số thuế: 0100109106").row("(06lĐịa chỉ: Tổ 3, xã Tân Hưng").row("[07] Quận/huyện: | huyện Tiền Hải")
    found = by_name(page.read())
    assert found["dia_chi"].value == "Tổ 3, xã Tân Hưng"
    assert found["quan_huyen_xa"].value == "huyện Tiền Hải"


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("tỉnh Đắk Lắk", True),
        ("tỉnh Đắk Tắk", False),
        ("tỉnh Đắk I Lắk", False),
        ("Công an tỉnh Hải Dương cấp", True),
    ],
)
def test_a_province_is_one_that_exists(text, sure):
    assert weigh(tokens(f"xã Tân Lập, {text}"), "text").reading.sure is sure
    assert weigh(tokens(text[:1].upper() + text[1:]), "text").reading.sure is sure


@pytest.mark.parametrize(("text", "confidence", "doubted"), [("Cấp III", 0.95, True), ("Cấp II", 0.99, False), ("Cấp IV", 0.95, False)])
def test_strokes_side_by_side_are_counted_by_a_person(text, confidence, doubted):
    assert weigh(tokens(text, confidence), "text").differs is doubted


def test_the_first_word_of_a_label_is_no_answer_of_the_label_above(paper, by_name):
    page = paper().title("GIẤY KHAI SINH").row("Số: 311/2025").row("Họ, chữ đệm, tên")
    page.row("Ngày, tháng, năm sinh 1: ngày 12 tháng 04 năm 2019....").row(
        "Giới tính: Nam", (240, "Dân tộc: Kinh"), (410, "Quốc tịch: Việt Nam")
    )
    page.row("Nơi sinh: xã Gia Viễn").row("Quê quán: xã Gia Viễn").row("Họ, chữ đệm, tên người mẹ: Vũ Thị Huệ")
    found = by_name(page.read())
    assert found["ho_ten"].value is None
    assert found["noi_sinh"].value == "xã Gia Viễn"


@pytest.mark.parametrize("name", ["NGHIÊM THỊ THÚY", "Nghiêm Thị Thúy", "TRẦN THỊ HÒA"])
def test_a_name_in_capitals_is_known_wherever_its_mark_stands(name):
    assert weigh(tokens(name), "name").reading.sure


@pytest.mark.parametrize(("text", "sure"), [("25/2022", True), ("06/2010 - 67/2014", False)])
def test_a_book_s_number_is_no_month(text, sure):
    assert weigh(tokens(text), "text").reading.sure is sure


@pytest.mark.parametrize(("name", "sure"), [("Nghiêm Thị Chi", True), ("Nghiêm Thị Chỉ", False)])
def test_whoever_is_spoken_of_has_a_name_that_exists(name, sure):
    assert weigh(tokens(f"Nhận chuyển nhượng của bà {name}"), "text").reading.sure is sure


def test_a_form_s_own_print_of_units_is_no_address():
    assert not weigh(tokens("rõ số nhà, đường, xã/phường, 408/4 Lý Thường Kiệt, phường Mường Khoa, tỉnh Hưng Yên"), "text").reading.sure
    assert weigh(tokens("408/4 Lý Thường Kiệt, phường Mường Khoa, tỉnh Hưng Yên"), "text").reading.sure


def test_the_square_of_a_unit_is_no_number():
    assert normalise("decimal", "xây dựng (m2)").value is None


def test_no_price_is_below_a_thousand():
    assert not normalise("money", "7 đồng").sure
    assert normalise("money", "7 073 000 000 đồng").sure


@pytest.mark.parametrize(("begun", "rest"), [("6 505 000", "000"), ("6 505 000", "000 đồng"), ("6", "505 000 000")])
def test_an_amount_s_last_thousands_may_stand_on_the_next_line(paper, by_name, begun, rest):
    page = paper().title("TỜ KHAI LỆ PHÍ TRƯỚC BẠ NHÀ, ĐẤT").row("[04] Tên người nộp thuế: Lê Văn An").row("[05] Mã số thuế: 0100109106")
    page.row("ĐẶC ĐIỂM NHÀ ĐẤT:").row("1. Đất").row("2. Nhà")
    page.row("3. Giá trị nhà, đất thực tế nhận chuyển nhượng, nhận thừa kế, nhận tặng cho (đồng): " + begun).row((70, rest))
    assert by_name(page.row("4. Tài sản thuộc diện được miễn lệ phí trước bạ (lý do):").read())["gia_tri_thuc_te"].value == 6505000000


def test_the_year_of_a_date_may_stand_on_the_next_line(paper, by_name):
    page = (
        paper()
        .title("GIẤY KHAI SINH")
        .row("Họ, chữ đệm, tên: Trần Minh Khang")
        .row("Ngày, tháng, năm sinh: ngày 18 tháng 7 năm")
        .row("1985")
    )
    assert by_name(page.row("Giới tính: Nam").row("Nơi sinh: xã Hoa Lư").read())["ngay_sinh"].value == "1985-07-18"
