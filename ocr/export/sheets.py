"""Fields as tables: one row for each document of one form, one pair of columns for each field, as CSV and as XLSX.

A spreadsheet must neither run what was read from a paper nor turn it into something else: text is text (an ID keeps its
leading zero), dates and numbers are real ones, and in CSV a value that would be a formula is marked with an apostrophe.
"""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter
from msgspec import Struct

from ocr.export.delivered import Delivered, DeliveredField

_NUMBERS = frozenset({"int", "decimal", "money"})
_STATUS = {"accepted": "đã chấp nhận", "review": "cần xem lại", "empty": "để trống"}
_LARGEST = 10**15  # a cell holds fifteen figures
_LONGEST_CELL = 32_767  # characters; a limit of the file format
_FIRST = ("ten_tai_lieu", "nguon", "phien_ban_mau", "so_trang")


class Row(Struct, frozen=True):
    """One delivered document: its folder's name, its source, its fields."""

    name: str
    source: str
    document: Delivered


def columns(rows: Sequence[Row]) -> list[str]:
    """The field names of all rows in the form's order, those that only some versions have where these have them."""
    order: list[str] = []
    for row in rows:
        at = 0
        for field in row.document.fields:
            if field.name in order:
                at = order.index(field.name) + 1
            else:
                order.insert(at, field.name)
                at += 1
    return order


def as_csv(rows: Sequence[Row]) -> bytes:
    """UTF-8 with a byte order mark and CRLF, as spreadsheets expect; tables inside a cell are JSON."""
    names = columns(rows)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([*_FIRST, *_pairs(names)])
    for row in rows:
        fields = {field.name: field for field in row.document.fields}
        cells: list[str] = [row.name, row.source, row.document.template_version or "", str(len(row.document.pages))]
        for name in names:
            field = fields.get(name)
            cells += ["", ""] if field is None else [_text(field.value), field.status]
        table.writerow([harmless(cell) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_xlsx(rows: Sequence[Row], title: str) -> bytes:
    """A workbook: a sheet of documents with the fields' labels under their names, and a sheet for every table on the papers.

    The same rows give the same bytes.
    """
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": title, "created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)})
        book.formats[0].set_font_name("Times New Roman")
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@"})
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        doubt = book.add_format({"num_format": "@", "bg_color": "#FFE4B5"})
        sheet = book.add_worksheet("Tài liệu")
        names = columns(rows)
        labels = {field.name: field.label for row in reversed(rows) for field in row.document.fields}
        _head(sheet, [*_FIRST, *_pairs(names)], bold)
        _head(sheet, [*("",) * len(_FIRST), *(text for name in names for text in (labels[name], ""))], bold, 1)
        sheet.freeze_panes(2, 1)
        for number, row in enumerate(rows, 2):
            for column, text in enumerate((row.name, row.source, row.document.template_version or "")):
                sheet.write_string(number, column, text, plain)
            sheet.write_number(number, 3, len(row.document.pages))
            fields = {field.name: field for field in row.document.fields}
            for position, name in enumerate(names):
                if (field := fields.get(name)) is not None:
                    column = len(_FIRST) + 2 * position
                    _write(sheet, number, column, field.value, field.type, plain, date)
                    sheet.write_string(
                        number, column + 1, _STATUS.get(field.status, field.status), doubt if field.status == "review" else plain
                    )
        sheet.autofilter(0, 0, len(rows) + 1, len(_FIRST) + 2 * len(names) - 1)
        used = {"Tài liệu"}
        for name in names:
            _table_sheet(book, name, rows, bold, plain, used)
    return target.getvalue()


def harmless(text: str) -> str:
    """`text` marked with an apostrophe when a spreadsheet would run it (=, +, -, @, tab, return at its start)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _pairs(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from (name, f"{name}.trang_thai")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)


def _head(sheet: Any, texts: Sequence[str], style: Any, row: int = 0) -> None:
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, style)
        if row == 0:
            sheet.set_column(column, column, 14 if text.endswith(".trang_thai") else 24)


def _write(sheet: Any, row: int, column: int, value: Any, kind: str, plain: Any, date: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)) and kind in _NUMBERS and abs(value) < _LARGEST:
        sheet.write_number(row, column, value)
    elif kind == "date" and isinstance(value, str) and (day := _day(value)):
        sheet.write_datetime(row, column, day, date)
    else:
        sheet.write_string(row, column, _text(value)[:_LONGEST_CELL], plain)


def _day(value: str) -> dt.datetime | None:
    """A whole date that a spreadsheet can hold: its calendar begins in 1900, and lacks the days before March of that year."""
    try:
        day = dt.datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 - a date without a time
    except ValueError:
        return None
    return day if day >= dt.datetime(1900, 3, 1) else None  # noqa: DTZ001


def _table_sheet(book: Any, name: str, rows: Sequence[Row], bold: Any, plain: Any, used: set[str]) -> None:
    """A sheet with the rows of one table of the form, of all documents; nothing when no document has any."""
    filled: list[tuple[Row, list[dict[str, Any]]]] = [
        (row, field.value)
        for row in rows
        if (field := _table_of(row.document, name)) is not None and isinstance(field.value, list) and field.value
    ]
    if not filled:
        return
    heads = list(dict.fromkeys(key for _, records in filled for entry in records for key in entry))
    sheet = book.add_worksheet(_sheet_name(name, used))
    _head(sheet, ["ten_tai_lieu", "dong", *heads], bold)
    line = 1
    for row, records in filled:
        for number, entry in enumerate(records, 1):
            sheet.write_string(line, 0, row.name, plain)
            sheet.write_number(line, 1, number)
            for column, key in enumerate(heads, 2):
                value = entry.get(key)
                kind = "int" if isinstance(value, (int, float)) else "text"
                _write(sheet, line, column, value, kind, plain, plain)
            line += 1


def _table_of(document: Delivered, name: str) -> DeliveredField | None:
    field = document.field(name)
    return field if field is not None and field.type == "table" else None


def _sheet_name(name: str, used: set[str]) -> str:
    """At most 31 letters, none of []:*?/\\, and no other sheet's."""
    text = re.sub(r"[\[\]:*?/\\]", "_", name)[:28]
    number = 1
    made = text
    while made.casefold() in {one.casefold() for one in used}:
        number += 1
        made = f"{text}_{number}"
    used.add(made)
    return made
