"""Codes against print: what a QR code says must be what is printed.

The code of the chip card holds: personal number | old number | name | birth ddMMyyyy | gender | residence | issue ddMMyyyy.
"""

from collections.abc import Mapping
from typing import Any

from ocr.fields.folding import fold, without_marks
from sohoa.checks import Check, check


def qr_check(values: Mapping[str, Any]) -> Check | None:
    """Compares the fields that code and print share; None without a code or without anything to compare."""
    code = values.get("qr")
    if not isinstance(code, str) or code.count("|") < 6:
        return None
    number, _, name, birth, gender, residence, _ = code.split("|")[:7]
    said = {
        "so": number,
        "ho_ten": fold(name),
        "ngay_sinh": f"{birth[4:8]}-{birth[2:4]}-{birth[0:2]}" if len(birth) == 8 else "",
        "gioi_tinh": fold(gender),
        "noi_thuong_tru": fold(without_marks(residence)),
    }
    plain = {"so", "ngay_sinh"}
    compared = [name for name, text in said.items() if text and values.get(name)]
    different = [name for name in compared if (str(values[name]) if name in plain else fold(str(values[name]))) != said[name]]
    if not compared:
        return None
    return check("qr_mismatch", "failed" if different else "passed", (*(different or compared), "qr"))
