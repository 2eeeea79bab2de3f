"""The invented numbers follow the rules real ones follow."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from samples import people


def _fields(drawn: Path, name: str) -> dict[str, Any]:
    truth = json.loads((drawn / f"{name}.json").read_text(encoding="utf8"))
    return {field["name"]: field["value"] for field in truth["fields"]}


@pytest.mark.parametrize(("text", "digit"), [("L898902C3", 6), ("740812", 2), ("120415", 9), ("ZE184226B<<<<<", 1), ("D23145890", 7)])
def test_check_digits_are_those_of_the_examples_in_icao_doc_9303(text: str, digit: int) -> None:
    assert people.check_digit(text) == digit


def test_the_machine_readable_zone_has_right_check_digits(drawn: Path) -> None:
    fields = _fields(drawn, "id-card-back.scan300")
    first, second, third = (fields[f"mrz_{number}"] for number in (1, 2, 3))
    assert len(first) == len(second) == len(third) == 30
    assert first[:5] == "IDVNM"
    for part, digit in (
        (first[5:14], first[14]),
        (first[15:27], first[29]),
        (second[:6], second[6]),
        (second[8:14], second[14]),
        (first[5:30] + second[:7] + second[8:15] + second[18:29], second[29]),
    ):
        values = [int(c, 36) if c != "<" else 0 for c in part]
        assert sum(v * w for v, w in zip(values, [7, 3, 1] * 20, strict=False)) % 10 == int(digit)
    assert first[5:14] == first[18:27]


def test_both_sides_of_the_card_speak_of_one_person(drawn: Path) -> None:
    front, back = _fields(drawn, "id-card-front.scan300"), _fields(drawn, "id-card-back.scan300")
    assert back["mrz_1"][15:27] == front["so"]
    assert back["mrz_2"][:6] == front["ngay_sinh"][2:].replace("-", "")
    assert back["mrz_2"][8:14] == front["gia_tri_den"][2:].replace("-", "")
    assert back["mrz_3"].rstrip("<").replace("<<", " ").replace("<", " ") == people.unaccented(front["ho_ten"])


@pytest.mark.parametrize("name", ["id-card-front.scan300.png", "id-card-front.photo.jpg"])
def test_the_qr_code_can_be_read_and_agrees_with_the_print(name: str, drawn: Path) -> None:
    fields = _fields(drawn, name.rsplit(".", 1)[0])
    with Image.open(drawn / name) as image:
        (code,) = zxingcpp.read_barcodes(image)
    assert code.text == fields["qr"]
    number, _, holder, born, sex, home, _ = code.text.split("|")
    assert number == fields["so"]
    assert holder.upper() == fields["ho_ten"]
    assert born == "".join(reversed(fields["ngay_sinh"].split("-")))
    assert (sex, home) == (fields["gioi_tinh"], fields["noi_thuong_tru"])


@pytest.mark.parametrize(
    ("sex", "year", "start"), [("Nam", 1992, "033092"), ("Nữ", 1995, "033195"), ("Nam", 2021, "033221"), ("Nữ", 2026, "033326")]
)
def test_an_identity_number_tells_province_sex_century_and_year(sex: str, year: int, start: str) -> None:
    number = people.Person("Ai Đó", sex, date(year, 1, 1), "000001").id12
    assert number == f"{start}000001"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 8, 30), "ngày ba mươi, tháng tám, năm hai nghìn không trăm hai mươi sáu"),
        (date(1995, 4, 21), "ngày hai mươi mốt, tháng tư, năm một nghìn chín trăm chín mươi lăm"),
        (date(2005, 11, 15), "ngày mười lăm, tháng mười một, năm hai nghìn không trăm linh năm"),
        (date(2000, 1, 4), "ngày bốn, tháng một, năm hai nghìn"),
        (date(1900, 10, 10), "ngày mười, tháng mười, năm một nghìn chín trăm"),
    ],
)
def test_dates_are_spoken_as_vietnamese_does(day: date, words: str) -> None:
    assert people.date_in_words(day) == words
