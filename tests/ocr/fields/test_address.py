"""An address as printed, and beside it the units it names with their codes."""

import pytest

from ocr.fields.address import misspelt_commune, parts_of
from ocr.fields.cells import table_draft
from ocr.fields.folding import fold
from ocr.fields.layout import Token
from ocr.fields.tables import Cell, Table
from ocr.fields.templates import Column, Entry


def test_two_levels_of_today_have_their_codes():
    address = parts_of("Thôn 2, xã Gia Viễn, tỉnh Ninh Bình")
    assert (address.status, address.detail) == ("current", "Thôn 2")
    assert (address.commune.code, address.commune.name, address.province.code) == ("14464", "Xã Gia Viễn", "37")


def test_three_levels_of_before_lead_to_the_commune_of_today():
    address = parts_of("Tổ 3, P. Bến Nghé, Q. 1, TP. Hồ Chí Minh")
    assert (address.status, address.old_commune.name, address.old_district.name) == ("old", "Phường Bến Nghé", "Quận 1")
    assert (address.commune.name, address.province.name) == ("Phường Sài Gòn", "Thành phố Hồ Chí Minh")


def test_a_divided_commune_has_candidates_and_no_choice():
    address = parts_of("Số 5, phố Cát Linh, phường Cát Linh, quận Đống Đa, thành phố Hà Nội")
    assert (address.status, address.commune) == ("divided", None)
    assert {unit.name for unit in address.candidates} == {"Phường Giảng Võ", "Phường Ô Chợ Dừa"}


@pytest.mark.parametrize("text", ["xã Không Có, tỉnh Ninh Bình", "phố Huế", "", "xã Gia Viễn, tỉnh Nowhere"])
def test_an_unknown_address_is_left_as_it_is(text):
    address = parts_of(text)
    assert (address.status, address.detail, address.candidates) == ("unknown", text, ())


def test_units_without_commas_are_told_apart():
    assert parts_of("Thôn 2 xã Gia Viễn tỉnh Ninh Bình").commune.code == "14464"


def test_a_commune_nobody_spells_so_is_doubted():
    assert misspelt_commune("xã Tần Thạnh, tỉnh Đồng Tháp")
    assert not misspelt_commune("xã Tân Thạnh, tỉnh Đồng Tháp")
    assert not misspelt_commune("xã Mẫu Không Có Thật")


def test_the_printed_address_is_never_replaced(birth_form, by_name, answers):
    printed = "phường Cát Linh, quận Đống Đa, thành phố Hà Nội"
    found = by_name(birth_form(answers | {"que_quan": printed}).read())["que_quan"]
    assert (found.value, found.status) == (printed, "accepted")
    assert [unit.code for unit in found.address.candidates] == ["00025", "00190"]


def test_an_address_in_no_list_is_a_warning_that_holds_nothing_up(birth_form, by_name, answers):
    extraction = birth_form(answers | {"noi_cu_tru": "Thôn 2, xã Vô Danh, tỉnh Ninh Bình"}).read()
    assert "warning" in {check.result for check in extraction.checks if check.code == "address_unknown"}
    assert by_name(extraction)["noi_cu_tru_nguoi_yeu_cau"].status == "accepted"


def test_an_address_in_a_table_names_its_units_too():
    column = Column(name="noi_cu_tru", label="Nơi cư trú", address=True)
    words = ["xã", "Gia", "Viễn,", "tỉnh", "Ninh", "Bình"]
    tokens = tuple(
        Token(at, word, fold(word), (40.0 * at, 100.0, 40.0 * at + 30, 112.0), 0.99, False, 1, 0, False) for at, word in enumerate(words)
    )
    entry = Entry(name="cu_tru", label="Quá trình cư trú", place="table", columns=(column,))
    draft = table_draft(entry, Table(((Cell(column, tokens),),), frozenset()), "print", 1)
    assert draft.cells[0].address.commune.name == "Xã Gia Viễn"


@pytest.mark.parametrize(
    ("text", "misspelt"),
    [("Cấm Lý, Nho Quan, Ninh Bình", True), ("Xóm 7, Cẩm Lý, Nho Quan, Ninh Bình", False), ("Ấp 2, Ea Tul, Thái Nguyên", False)],
)
def test_a_card_s_address_names_communes_that_exist_without_their_kind(text, misspelt):
    assert misspelt_commune(text) is misspelt


@pytest.mark.parametrize(
    ("read", "spelt"),
    [
        ("xã Ea Tui, tỉnh Đắk Lắk", "xã Ea Tul, tỉnh Đắk Lắk"),
        ("thị xã Bim Sơn, tỉnh Thanh Hóa", "thị xã Bỉm Sơn, tỉnh Thanh Hóa"),
        ("xã Cấm Lý, tỉnh Bắc Giang", "xã Cẩm Lý, tỉnh Bắc Giang"),
    ],
)
def test_a_unit_that_one_spelling_alone_has_is_spelt_so_and_looked_at(paper, by_name, read, spelt):
    page = paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân phường Hoa Lư").row(f"Nơi sinh: {read}")
    found = by_name(page.read())["noi_sinh"]
    assert (found.value, found.status) == (spelt, "review")
