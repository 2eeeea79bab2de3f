"""Each type reads what forms print, and invents nothing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields.templates import load_templates
from ocr.fields.types.dates import date_from_words, read_date
from ocr.fields.types.identity import mst_check_digit, personal_number, read_id12, read_mst
from ocr.fields.types.numbers_in_words import number_of
from ocr.fields.types.reading import Reading
from ocr.fields.types.registry import normalise
from ocr.fields.types.texts import read_text

DATES = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))
DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


def in_words(number: int) -> str:
    """A number below a thousand million, as forms write it."""
    if number >= 1_000_000:
        rest = number % 1_000_000
        return f"{in_words(number // 1_000_000)} triệu" + (f" {in_words(rest)}" if rest else "")
    if number >= 1000:
        rest = number % 1000
        tail = f" {'không trăm ' if rest < 100 else ''}{'linh ' if rest < 10 else ''}{in_words(rest)}" if rest else ""
        return f"{in_words(number // 1000)} nghìn{tail}"
    if number >= 100:
        rest = number % 100
        return f"{DIGITS[number // 100]} trăm" + (f" {'linh ' if rest < 10 else ''}{in_words(rest)}" if rest else "")
    if number >= 20:
        unit = {0: "", 1: " mốt", 4: " tư", 5: " lăm"}.get(number % 10, f" {DIGITS[number % 10]}")
        return f"{DIGITS[number // 10]} mươi{unit}"
    if number >= 10:
        return "mười" + ("" if number == 10 else " lăm" if number == 15 else f" {DIGITS[number % 10]}")
    return DIGITS[number]


@given(
    DATES,
    st.sampled_from(
        ["{:%d/%m/%Y}", "{:%d-%m-%Y}", "{:%d.%m.%Y}", "ngày {:%d tháng %m năm %Y}", "{:%d / %m / %Y}", "{:%d%m%Y}", "Ngày {:%d/%m/%Y}."]
    ),
)
def test_a_date_is_read_in_every_way_it_is_printed(date, form):
    assert read_date(form.format(date)).value == date.isoformat()


@given(DATES)
def test_a_date_in_words_says_the_same_day(date):
    said = f"Ngày {in_words(date.day)}, tháng {in_words(date.month)}, năm {in_words(date.year)}"
    assert date_from_words(said) == date.isoformat()


@given(st.integers(1, 999_999_999))
def test_an_amount_in_words_is_the_amount(number):
    assert number_of(in_words(number).capitalize() + " đồng chẵn") == number


@given(st.integers(0, 10**12))
def test_money_is_read_with_dots_and_unit(number):
    assert normalise("money", f"{number:,} đồng".replace(",", ".")).value == number


@given(st.decimals(0, 99999, places=1))
def test_areas_have_a_decimal_comma(number):
    assert normalise("decimal", f"{number} m²".replace(".", ",")).value == float(number)


@pytest.mark.parametrize(
    ("printed", "value"), [("06 bản.", 6), ("13tháng.", 13), ("bản", None), ("… bản", None), ("", None), ("05 Phiếu", 5)]
)
def test_a_count_without_a_number_is_nothing(printed, value):
    assert normalise("int", printed).value == value


@pytest.mark.parametrize("printed", ["31/02/2023", "00/05/2020", "12/13/1990"])
def test_a_date_no_calendar_has_is_said_to_be_impossible(printed):
    read = read_date(printed)
    assert [check.code for check in read.checks if check.result == "failed"] == ["impossible_date"]


@pytest.mark.parametrize("printed", ["", "ngày … tháng … năm …", "…/…/…", "ngày tháng năm"])
def test_a_blank_date_is_nothing(printed):
    assert read_date(printed).value is None


@given(st.text(alphabet="0123456789", min_size=1, max_size=16), st.sampled_from(["", " ", "|", " | "]))
def test_twelve_digits_are_a_personal_number_and_nothing_else_is(digits, between):
    read = read_id12(between.join(digits))
    if len(digits) < 5:
        assert (read.value, read.sure) == (None, False)
        return
    assert read.value == digits
    failed = [check.code for check in read.checks if check.result == "failed"]
    assert failed == ([] if len(digits) == 12 else ["id_length"])


def test_a_people_s_card_number_is_never_filled_up_to_twelve_digits():
    read = read_id12("024163973")
    assert read.value == "024163973"
    assert read.checks[0].result == "failed"


@pytest.mark.parametrize(
    ("number", "gender", "year"),
    [("001085001234", "Nam", 1985), ("037190001234", "Nữ", 1990), ("079215123456", "Nam", 2015), ("092320000001", "Nữ", 2020)],
)
def test_a_personal_number_tells_gender_and_year(number, gender, year):
    person = personal_number(number)
    assert (person.gender, person.birth_year) == (gender, year)


def test_letters_in_a_number_are_read_as_digits_but_never_believed():
    read = read_id12("O01085OO1234")
    assert (read.value, read.sure) == ("001085001234", False)


@given(st.integers(0, 999_999_999))
def test_the_check_digit_of_a_tax_code_catches_every_other_last_digit(number):
    nine = f"{number:09d}"
    right = mst_check_digit(nine)
    for digit in range(10):
        failed = any(check.result == "failed" for check in read_mst(f"{nine}{digit}").checks)
        assert failed == (digit != right)


@pytest.mark.parametrize(
    ("printed", "value"),
    [("+84 912 345 678", "0912345678"), ("0985.580.685", "0985580685"), ("0912 345 678", "0912345678"), ("....", None)],
)
def test_telephone_numbers_are_digits(printed, value):
    assert normalise("phone", printed).value == value


@pytest.mark.parametrize(("printed", "known"), [("Kinh", True), ("Ê-đê", True), ("H'Mông", True), ("Việt Nam", False), ("Kinh tế", False)])
def test_an_ethnic_group_is_one_of_the_fifty_four(printed, known):
    read = normalise("ethnicity", printed)
    assert (read.checks[0].result == "passed") == known


@pytest.mark.parametrize("name", ["Nguyên Quang Sỹ", "Trân Trọng Hùng", "Đoàn Thi Thu Oanh", "Ph4m Hà"])
def test_a_name_that_no_family_bears_is_doubted(name):
    assert not normalise("name", name).sure


@pytest.mark.parametrize("name", ["Nguyễn Quang Sỹ", "TRẦN TRỌNG HÙNG", "Đoàn Thị Thi", "Lê Thi", "H'Hen Niê", "Smith John"])
def test_a_name_as_families_bear_it_is_believed(name):
    assert normalise("name", name).sure


@pytest.mark.parametrize("name", ["Xuân Hiếu", "Thị Thu Thảo", "CÔNG CHỨC TƯ PHÁP HỘ TỊCH", "Văn Tuấn"])
def test_a_name_that_lost_its_first_word_is_doubted(name):
    assert not normalise("name", name).sure


@pytest.mark.parametrize(
    ("office", "sure"),
    [
        ("TM. ỦY BAN NHÂN DÂN CHỦ TỊCH", True), ("KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC", True), ("Công chức Tư pháp - Hộ tịch", True),
        ("TM. ỦY BAN NHÂN DÂN ỊCH", False), ("GIÁM", False), ("LỢI CHỦ TỊCH", False),
    ],
)  # fmt: skip
def test_an_office_that_somebody_signs_in_is_one_of_the_list(office, sure):
    assert normalise("position", office).sure is sure


def test_a_kind_of_document_is_spelt_as_the_decree_has_it():
    (paper,) = (template for template in load_templates(None) if template.slug == "van_ban_hanh_chinh")
    kinds = next(entry for entry in paper.fields if entry.name == "ten_loai").choices
    assert (normalise("enum", "GIÂY PHÉP", kinds).value, normalise("enum", "GIÂY PHÉP", kinds).sure) == ("GIẤY PHÉP", True)


@pytest.mark.parametrize(
    "text",
    [
        "Thôn 2„xã Quảng Phú",
        "Số 7 ~ ngõ 3",
        "thành phố “Buôn Ma Thuột",
        "Số 3 1 B, phố Huế",
        "1 79",
        "phố): Số 9 Lê Lợi",
        "(nếu có) phố): 9",
    ],
)
def test_signs_that_nobody_fills_a_form_with_leave_a_doubt(text):
    assert not normalise("text", text).sure


def test_the_letter_of_a_house_number_belongs_to_it():
    assert normalise("text", "Số 31 B, phố Nguyễn Huệ").value == "Số 31B, phố Nguyễn Huệ"
    assert normalise("text", "Tổ 3 B phố Huế").value == "Tổ 3 B phố Huế"


@pytest.mark.parametrize("text", ["Công an xã Quảng Phú, tỉnh Đông Tháp", "Chông", "phường Quang Trung, quân Hải Châu"])
def test_words_of_closed_lists_with_other_marks_are_doubted(text):
    assert not normalise("text", text).sure


@pytest.mark.parametrize("text", ["TP.HCM, Q.1", "TUQ. CHỦ TỊCH", "mức 3.5", "số 05/QĐ-UBND"])
def test_dots_that_belong_to_a_text_stay(text):
    assert normalise("text", text).value == text


@given(
    st.text(max_size=60),
    st.sampled_from(
        [
            "text",
            "name",
            "date",
            "date_words",
            "id12",
            "mst",
            "phone",
            "email",
            "int",
            "decimal",
            "money",
            "money_words",
            "enum",
            "ethnicity",
            "nationality",
            "so_ky_hieu",
            "id",
        ]
    ),
)
def test_no_text_breaks_a_type(text, kind):
    normalise(kind, text)


@pytest.mark.parametrize("text", ["Căncướccôngdân số 1", "S ở Tư pháp", "tỉnh Đắ k Lắ k", "Ủ y b a n"])
def test_words_torn_or_glued_are_doubted(text):
    assert not normalise("text", text).sure


@pytest.mark.parametrize("text", ["Quận 1, phường 5", "Khu B 12, đường số 7", "ấp Y Khoa", "Cấp III", "phố Nghiêng"])
def test_short_and_long_words_that_exist_are_believed(text):
    assert normalise("text", text).sure


@pytest.mark.parametrize("text", ["đổi từCMND sang thẻ mới", "xã Gia Viễn, tỉnh ì Ninh Bình"])
def test_glued_words_and_lone_letters_are_doubted(text):
    assert not normalise("text", text).sure
    assert normalise("text", text.replace("từCMND", "từ CMND").replace(" ì ", " ")).sure


@pytest.mark.parametrize(
    ("kind", "text"), [("date", "Dân tộc Mường"), ("phone", "không có"), ("id12", "ba"), ("mst", "06"), ("name", "C 1"), ("int", "hai")]
)
def test_what_cannot_be_of_its_type_is_no_value_but_is_looked_at(kind, text):
    read = normalise(kind, text)
    assert (read.value, read.sure) == (None, False)


def test_an_answer_like_none_of_a_closed_list_is_no_value():
    assert normalise("enum", "4 so oocNccomj", ("Nam", "Nữ")).value is None
    assert normalise("enum", "Na", ("Nam", "Nữ")).value == "Na"


def test_a_name_with_a_word_read_twice_is_doubted():
    assert not normalise("name", "LÝ LÝ ĐỨC THĂNG").sure


def test_deputies_are_no_streets():
    assert normalise("text", "PHÓ CHỦ TỊCH").sure


@pytest.mark.parametrize(("text", "sure"), [("07/2014 - 11/2021", True), ("67/2014 - 11/2021", False), ("07/2014 - 11/2921", False)])
def test_a_month_no_calendar_has_is_doubted(text, sure):
    assert normalise("text", text).sure is sure


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("tuyet.53(@thu.example", "tuyet.53@thu.example"),
        ("oanhdt oanhdt_24@thu.example", "oanhdt_24@thu.example"),
        ("oanhdt_24@thu.example oanhdt", "oanhdt_24@thu.example"),
        ("oanhdt..24@thu.example", "oanhdt.24@thu.example"),
    ],
)
def test_an_address_with_what_no_address_has_is_mended_and_looked_at(read, value):
    reading = normalise("email", read)
    assert (reading.value, reading.sure) == (value, False)


def test_what_is_left_of_a_leader_ends_no_address():
    assert normalise("email", "hang_do64@example.vn-").value == "hang_do64@example.vn"


def test_a_letter_among_the_figures_of_a_telephone_number_is_looked_at():
    reading = normalise("phone", "0599.620.80O")
    assert (reading.value, reading.sure) == ("0599620800", False)


def test_an_answer_one_letter_off_is_shown_as_the_form_prints_it():
    near = normalise("enum", "SCTIBS", ("SCT/BS", "SCT/CK"))
    assert (near.value, near.sure) == ("SCT/BS", False)


def test_a_quotation_mark_without_its_other_is_a_speck():
    assert normalise("text", "thành phố “Buôn Ma Thuột").value == "thành phố Buôn Ma Thuột"
    assert normalise("text", "Quán “Hương Quê”").value == "Quán “Hương Quê”"


@pytest.mark.parametrize("text", ["a) Đơn; b) Bản sao", "1) Tờ khai (02 bản)", "5 000 000 đồng", "tầng 3, 12 m (trong đó lửng)"])
def test_lists_brackets_and_thousands_are_no_fault(text):
    assert normalise("text", text).sure


def test_round_figures_read_as_letters_are_shown_as_figures_and_looked_at():
    read = read_date("2oo2")
    assert (read.value, read.sure) == ("2002", False)


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("Hương Vĩ, Buôn H, Đắk Lắk", False),
        ("Số I nhà 277, ngõ 64", False),
        ("(Cục Cảnh sát, I 08/08/2017)", False),
        ("Tổ 4, khu A, phường Hoa Lư", True),
        ("Nhà cấp I", True),
    ],
)
def test_a_single_letter_that_counts_nothing_is_not_sure(text, sure):
    assert read_text(text).sure is sure


@pytest.mark.parametrize("text", ["ngày 3o tháng 6 năm zoz6", "3o/o6/2o26", "Ngày 30 tháng 06 năm 2o26"])
def test_old_style_figures_of_a_date_are_shown_as_figures_and_looked_at(text):
    read = read_date(text)
    assert (read.value, read.sure) == ("2026-06-30", False)


def test_points_between_the_words_of_an_address_are_its_own(paper, by_name):
    page = paper().title("GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH").row("Tôi là: Chu Văn Tiến").row("Thư điện tử: tien . chu47@example . vn")
    page.row("Tên hộ kinh doanh viết bằng tiếng Việt: QUÁN ĂN TIẾN PHÁT").row("Website: www.quanan.example")
    found = by_name(page.read())
    assert found["email"].value == "tien.chu47@example.vn"
    assert found["website"].value == "www.quanan.example"


def test_brackets_around_nothing_are_no_part_of_an_answer():
    assert normalise("text", "Bản sao căn cước công dân ()").value == "Bản sao căn cước công dân"


@pytest.mark.parametrize("printed", ["23/01. / 1981", "23 /01, / 1981", "23/01/1981"])
def test_a_point_of_the_line_beside_a_date_s_stroke(printed):
    assert normalise("date", printed).value == "1981-01-23"


@pytest.mark.parametrize("kind", ["phone", "mst", "id12"])
@pytest.mark.parametrize("read", ["7", "(6)", "1012", "[12] 13"])
def test_a_few_figures_where_a_long_number_belongs_are_no_value(kind, read):
    reading = normalise(kind, read)
    assert (reading.value, reading.sure) == (None, False)


@pytest.mark.parametrize(("printed", "day"), [("26/1 1/1963", "1963-11-26"), ("1 1/12/2020", "2020-12-11"), ("1 1-1 1-2020", "2020-11-11")])
def test_ones_that_stand_far_apart_are_one_number_of_a_date(printed, day):
    assert read_date(printed) == Reading(day)


def test_a_year_that_fell_apart_inside_a_number_is_looked_at():
    assert [read_text(f"theo Bản án số 263/{year}/HNGĐ-ST").sure for year in ("2015", "201 5")] == [True, False]


@pytest.mark.parametrize("day", ["27/082021", "2708/2021", "27/08/20211", "27/08/021", "27.08/2021"])
def test_a_day_that_lost_a_stroke_is_looked_at(day):
    assert not normalise("text", f"CCCD số 034177977851 cấp ngày {day} tại Bộ Công an").sure


@pytest.mark.parametrize("day", ["27/08/2021", "7/8/2021", "27.8.2021", "27-08-2021", "27/8/21", "27/8"])
def test_a_whole_day_is_sure(day):
    assert normalise("text", f"CCCD số 034177977851 cấp ngày {day}, tại Bộ Công an").sure


def test_a_stroke_behind_a_number_belongs_to_what_follows():
    assert normalise("text", "02/").value == "02"
    assert normalise("text", "số 12/4").value == "số 12/4"
