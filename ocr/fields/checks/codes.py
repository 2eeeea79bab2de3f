"""Codes against print: what a QR code says must be what is printed.

The code of the chip card holds: personal number | old number | name | birth ddMMyyyy | gender | residence | issue ddMMyyyy.
"""

from collections.abc import Sequence

from ocr.fields.draft import Draft
from ocr.fields.folding import fold, without_marks
from sohoa.checks import Check, Result, check


def carry_by_code(drafts: Sequence[Draft]) -> None:
    """Print and QR code of one card side by side: what both say is confirmed; what the print does not give is taken from the code
    and shown to a person, for the code is not signed."""
    by_name = {draft.entry.name: draft for draft in drafts}
    code = by_name.get("qr")
    if code is None or not isinstance(code.value, str) or code.value.count("|") < 6:
        return
    number, _, name, birth, gender, residence, issued = code.value.split("|")[:7]
    said = {
        "so": number,
        "ho_ten": name,
        "ngay_sinh": _iso(birth),
        "gioi_tinh": gender,
        "noi_thuong_tru": residence,
        "ngay_cap": _iso(issued),
    }
    for field, text in said.items():
        draft = by_name.get(field)
        if draft is None or not text:
            continue
        if draft.value is None:
            draft.value, draft.raw, draft.source, draft.page = text, text, "qr", code.page
            draft.confidence, draft.found, draft.reason = code.confidence, True, "read_from_code"
        elif field == "so" and str(draft.value).endswith(text) and len(str(draft.value)) <= len(text) + 2:
            # A letter of the label beside the number was read as a figure of it.
            draft.value, draft.sure, draft.confirmed, draft.raw_differs = text, True, True, False
            draft.checks = [one for one in draft.checks if one.code != "id_length"]
        elif fold(str(draft.value)) == fold(text):
            draft.confirmed = True
            draft.raw_differs = draft.raw_differs and " ".join(str(draft.value).casefold().split()) != " ".join(text.casefold().split())


def _iso(date: str) -> str:
    return f"{date[4:8]}-{date[2:4]}-{date[0:2]}" if len(date) == 8 and date.isdigit() else ""


def qr_check(drafts: Sequence[Draft]) -> Check | None:
    """Compares the fields that code and print share; None without a code or without anything to compare.

    What was itself taken from the code proves nothing. "passed" needs the printed number: a card is told by it alone.
    """
    values = {draft.entry.name: draft.value for draft in drafts if draft.source != "qr" or draft.entry.type == "qr"}
    code = values.get("qr")
    if not isinstance(code, str) or code.count("|") < 6:
        return None
    number, _, name, birth, gender, residence, _ = code.split("|")[:7]
    said = {
        "so": number,
        "ho_ten": fold(name),
        "ngay_sinh": _iso(birth),
        "gioi_tinh": fold(gender),
        "noi_thuong_tru": fold(without_marks(residence)),
    }
    plain = {"so", "ngay_sinh"}
    compared = [name for name, text in said.items() if text and values.get(name)]
    different = [name for name in compared if (str(values[name]) if name in plain else fold(str(values[name]))) != said[name]]
    if not compared:
        return None
    result: Result = "failed" if different else "passed" if "so" in compared else "not_made"
    return check("qr_mismatch", result, (*(different or compared), "qr"))
