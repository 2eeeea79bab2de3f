"""Closed lists settle the marks a scan lost; what they do not hold is never changed, and what they contradict is looked at."""

import pytest

from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.weigh import weigh


@pytest.mark.parametrize(
    ("field", "read", "value"),
    [
        (
            "noi_cu_tru_nguoi_yeu_cau",
            "Sô 9, phố Cát Linh, huyên Gia Viên, tinh Ninh Binh",
            "Số 9, phố Cát Linh, huyện Gia Viễn, tỉnh Ninh Bình",
        ),
        ("noi_cu_tru_nguoi_yeu_cau", "xã Gia Viễn, thành phô Hổ Chí Minh", "xã Gia Viễn, thành phố Hồ Chí Minh"),
        ("noi_cu_tru_nguoi_yeu_cau", "Thôn.3, xã.Gia.Viễn,.tỉnh Ninh.Bình", "Thôn 3, xã Gia Viễn, tỉnh Ninh Bình"),
        ("kinh_gui", "Uy ban nhân dận phường Hoa Lư", "Ủy ban nhân dân phường Hoa Lư"),
        ("kinh_gui", "Ủy ban nhân dân xã Văn Phong", "Ủy ban nhân dân xã Văn Phong"),
        ("noi_sinh", "xã Gia Viễn, hnyện Ứng Hòa, tinb Ninh Bình", "xã Gia Viễn, huyện Ứng Hòa, tỉnh Ninh Bình"),
        (
            "ngay_sinh_bang_chu",
            "ngày hốn tháng một năm hai nghìn không trăm hai mươi",
            "ngày bốn tháng một năm hai nghìn không trăm hai mươi",
        ),
        ("noi_sinh", "xã Bình I ợi, tỉnh Ninh Bình", "xã Bình Lợi, tỉnh Ninh Bình"),
        ("noi_sinh", "CCOD số 037190001234", "CCCD số 037190001234"),
        (
            "giay_to_nguoi_yeu_cau",
            "Cục Cảnh sát quản Lý hành chính về trật tự xã hội cấp",
            "Cục Cảnh sát quản lý hành chính về trật tự xã hội cấp",
        ),
        ("kinh_gui", "Phòng Kinh tế, Hạ tằng và Đô thị phường Hoa Lư", "Phòng Kinh tế, Hạ tầng và Đô thị phường Hoa Lư"),
        ("ho_ten", "Trân Thi Mai", "Trần Thị Mai"),
        ("ho_ten", "NGUYÊN VĂN AN", "NGUYỄN VĂN AN"),
        ("ho_ten", "Hô `Thị Mai", "Hồ Thị Mai"),
        ("ho_ten", "Mai Thế Lân", "Mai Thế Lân"),
        ("noi_sinh", "Bệnh viên Phu sản, tỉnh Thái Bỉnh", "Bệnh viện Phụ sản, tỉnh Thái Bình"),
        ("noi_cu_tru_nguoi_yeu_cau", "Ngô 5 Dương Quảng Hàm, tinh Ninh Bình", "Ngõ 5 Dương Quảng Hàm, tỉnh Ninh Bình"),
        ("noi_sinh", "Tinh Thái Bình", "Tỉnh Thái Bình"),
    ],
)
def test_a_closed_list_settles_what_marks_a_word_bears(birth_form, by_name, answers, field, read, value):
    key = {
        "noi_cu_tru_nguoi_yeu_cau": "noi_cu_tru",
        "ho_ten": "ten",
        "ngay_sinh_bang_chu": "bang_chu",
        "giay_to_nguoi_yeu_cau": "giay_to",
    }.get(field, field)
    found = by_name(birth_form(answers | {key: read}).read())[field]
    assert found.value == value
    assert found.raw.split()[0] == read.split()[0]


def test_figures_are_never_changed(birth_form, by_name, answers):
    read = "CCCD sô 03719O001234 cấp ngày 02/03/2021"
    assert "03719O001234" in by_name(birth_form(answers | {"giay_to": read}).read())["giay_to_nguoi_yeu_cau"].value


@pytest.mark.parametrize(
    ("key", "field", "read"),
    [
        ("ten", "ho_ten", "Đặng Thị Hỹ Thảo"),
        ("ten", "ho_ten", "Đỗ Văn Thể"),
        ("que_quan", "que_quan", "xã Nghĩa Đầng, tỉnh Ninh Bình"),
    ],
)
def test_a_word_no_name_is_made_of_is_looked_at_however_sure_it_was_read(birth_form, by_name, answers, key, field, read):
    found = by_name(birth_form(answers | {key: read}).read())[field]
    assert (found.value, found.status, found.reason_code) == (read, "review", "value_format")


@pytest.mark.parametrize(
    "name", ["Ngô Gia Tự", "Dương Quảng Hàm", "Tô Hiến Thành", "Phó Đức Chính", "Huyền Trân", "Phương Mai", "Quán Toan"]
)
def test_a_name_is_not_taken_for_a_unit_of_the_same_letters(name):
    def words(sure):
        return [Token(i, word, fold(word), (0, 0, 9, 9), sure, False, 1, 0, False) for i, word in enumerate(name.split())]

    surely, barely = weigh(words(0.99), "text"), weigh(words(0.9), "text")
    assert (surely.reading.value, surely.differs) == (name, False)
    assert (barely.reading.value, barely.differs) == (name, True)


@pytest.mark.parametrize(("sure", "status"), [(0.99, "accepted"), (0.93, "review")])
def test_a_change_of_marks_in_a_sentence_is_believed_only_when_the_reader_is_sure(birth_form, by_name, sure, status):
    page = birth_form()
    page.words = [word if word.text != "Sản" else type(word)("Sản", word.box, sure, word.line, raw="Sàn") for word in page.words]
    found = by_name(page.read())["noi_sinh"]
    assert (found.value, found.status) == ("Bệnh viện Sản Nhi, tỉnh Ninh Bình", status)


def test_capitals_are_the_writers_own(paper, by_name, birth_form, answers):
    found = by_name(birth_form({**answers, "noi_sinh": "Trạm y tế xã Tam Nông, tỉnh Phú Thọ"}).read())
    assert found["noi_sinh"].value == "Trạm y tế xã Tam Nông, tỉnh Phú Thọ"


@pytest.mark.parametrize(("read", "said"), [("TUQ CHỦ TỊCH", "TUQ. CHỦ TỊCH"), ("KT, CHỦ TỊCH", "KT. CHỦ TỊCH"), ("CHỦ TỊCH", "CHỦ TỊCH")])
def test_a_signers_title_has_its_full_stop(read, said):
    tokens = [Token(at, text, fold(text), (0, 0, 9, 9), 0.99, False, 1, 0, False) for at, text in enumerate(read.split())]
    assert weigh(tokens, "position").reading.value == said


@pytest.mark.parametrize(("sure", "said"), [(0.995, "Công nhận thuận tình ly hôn"), (0.9, "Công nhân thuận tình ly hôn")])
def test_two_words_read_without_a_doubt_are_not_made_another_trade(sure, said):
    words = ["Công", "nhận", "thuận", "tình", "ly", "hôn"]
    tokens = [Token(at, word, fold(word), (60 * at, 0, 60 * at + 50, 12), sure, False, 1, 0, False) for at, word in enumerate(words)]
    assert weigh(tokens, "text").reading.value == said


@pytest.mark.parametrize(
    ("office", "sure"),
    [
        ("ỦY BAN NHÂN DÂN XÃ PHƯỚC HẬU", True),
        ("ỦY BAN NHÂN DÂN PHƯỜNG 5", True),
        ("CƠ QUAN BẢO HIỂM XÃ HỘI", True),
        ("UBND XÃ EA TUL", True),
        ("ỦY BAN NHÂN DÂN XÃ PHƯỚC HẠU", False),
        ("ỦY BAN NHÂN DÂN PHƯỜNG BÌNH", False),
        ("ỦY BAN NHÂN DÂN XÃ", False),
    ],
)
def test_an_office_in_capitals_is_a_commune_s_by_its_whole_name(office, sure):
    tokens = [Token(at, word, fold(word), (0, 0, 9, 9), 0.97, False, 1, 0, False) for at, word in enumerate(office.split())]
    assert weigh(tokens, "text").reading.sure is sure


def test_in_capitals_too_a_province_settles_the_word_before_it():
    office = "ỦY BAN NHÂN DÂN TÍNH LÂM ĐỒNG"
    tokens = [Token(at, word, fold(word), (0, 0, 9, 9), 0.97, False, 1, 0, False) for at, word in enumerate(office.split())]
    assert weigh(tokens, "text").reading.value == "ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG"
