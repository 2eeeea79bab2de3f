"""Tables open in a spreadsheet with what was read, and with nothing that runs."""

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from ocr.export.delivered import Delivered, DeliveredField, DeliveredPage
from ocr.export.sheets import Row, as_csv, as_xlsx, columns

PAGES = (DeliveredPage(1, (210.0, 297.0), "read"),)


def row(name: str, *fields: tuple[str, str, Any]) -> Row:
    made = tuple(
        DeliveredField(key, key.title(), None, kind, value, str(value), "print", 1, None, "empty" if value is None else "accepted")
        for key, kind, value in fields
    )
    return Row(name, f"in/{name}.pdf", Delivered("ct01", "TT53", PAGES, made))


ROW = row(
    "một",
    ("so_dinh_danh", "id12", "033195000217"),
    ("ngay_sinh", "date", "1995-03-14"),
    ("nam", "date", "1995"),
    ("von", "money", 150000000),
    ("dien_tich", "decimal", 86.5),
    ("chon", "checkbox", True),
    ("ghi_chu", "text", "=HYPERLINK(1)"),
    ("trong", "text", None),
    ("thanh_vien", "table", [{"ho_ten": "@SUM(A1)", "so": "001"}, {"ho_ten": "Lan", "so": "002"}]),
)


def cells(data: bytes, sheet: str = "Tài liệu") -> dict[str, Any]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = list(book[sheet].iter_rows())
    return dict(zip([cell.value for cell in rows[0]], rows[2], strict=True))


def test_the_workbook_holds_real_dates_and_numbers_and_text_that_keeps_its_zero() -> None:
    found = cells(as_xlsx([ROW], "ct01"))
    assert found["so_dinh_danh"].value == "033195000217" and found["so_dinh_danh"].data_type == "s"
    assert found["ngay_sinh"].value == dt.datetime.fromisoformat("1995-03-14") and found["ngay_sinh"].number_format == "dd/mm/yyyy"
    assert found["nam"].value == "1995"
    assert (found["von"].value, found["dien_tich"].value, found["chon"].value) == (150000000, 86.5, True)
    assert found["trong"].value is None and found["trong.trang_thai"].value == "để trống"


def test_nothing_in_the_workbook_is_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx([ROW], "ct01")))
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)
    assert cells(as_xlsx([ROW], "ct01"))["ghi_chu"].value == "=HYPERLINK(1)"


def test_a_table_on_the_paper_has_a_sheet_of_its_own() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx([ROW, row("hai")], "ct01")))
    assert [[cell.value for cell in line] for line in book["thanh_vien"].iter_rows()] == [
        ["ten_tai_lieu", "dong", "ho_ten", "so"], ["một", 1, "@SUM(A1)", "001"], ["một", 2, "Lan", "002"],
    ]  # fmt: skip


def test_the_same_rows_give_the_same_bytes() -> None:
    assert as_xlsx([ROW], "ct01") == as_xlsx([ROW], "ct01")


def test_columns_of_two_versions_stand_in_the_forms_order() -> None:
    old = row("a", ("x", "text", "1"), ("z", "text", "3"))
    new = row("b", ("x", "text", "1"), ("y", "text", "2"), ("z", "text", "3"))
    assert columns([old, new]) == ["x", "y", "z"]


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00")))
def test_no_csv_cell_begins_like_a_formula_and_every_text_comes_back(value: str) -> None:
    data = as_csv([row("a", ("ghi_chu", "text", value))])
    assert data.startswith(b"\xef\xbb\xbf")
    (line,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert not line["ghi_chu"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert line["ghi_chu"].removeprefix("'") == value.removeprefix("'")
