"""An address as printed, and beside it the units it names with their codes."""

import pytest

from ocr.fields.address import misspelt_commune, parts_of


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
