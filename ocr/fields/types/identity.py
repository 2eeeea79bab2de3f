"""Personal identification numbers, tax codes and the people's-card numbers of old papers.

A personal number has twelve digits PPP G YY NNNNNN: place of birth registration, gender with century, year of birth
(Decree 137/2015/NĐ-CP, Circular 59/2021/TT-BCA). It has no check digit. The nine-digit number of the people's card (CMND)
is no longer usable since 1 January 2025 and is never put in its place.
"""

import re

from msgspec import Struct

from ocr.fields.lists import province_of
from ocr.fields.types.digits import LEAST_FIGURES, digits_of
from ocr.fields.types.reading import NOTHING, Reading
from sohoa.checks import Check, check

_TWELVE = re.compile(r"(?<!\d)(\d{12})(?!\d)")
_MST_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


class PersonalNumber(Struct, frozen=True):
    """What a twelve-digit number says of its bearer: `gender` "Nam" or "Nữ", the full `birth_year`, the `province` or None."""

    number: str
    gender: str
    birth_year: int
    province: str | None


def personal_number(digits: str) -> PersonalNumber | None:
    """The parts of a twelve-digit number; None for any other length."""
    if not re.fullmatch(r"\d{12}", digits):
        return None
    code = int(digits[3])
    return PersonalNumber(digits, "Nữ" if code % 2 else "Nam", 1900 + 100 * (code // 2) + int(digits[4:6]), province_of(digits[:3]))


def personal_number_in(text: str) -> PersonalNumber | None:
    """The first twelve-digit number inside a longer text ("CCCD số … cấp ngày …")."""
    hit = _TWELVE.search(text) or _TWELVE.search(re.sub(r"(?<=\d) (?=\d)", "", text))
    return personal_number(hit[1]) if hit else None


def read_id12(text: str) -> Reading:
    """Twelve digits, as printed in boxes or in a row. Any other length fails `id_length`; an unknown province code is a warning."""
    digits, sure = digits_of(text)
    if not digits:
        return NOTHING if not any(letter.isalpha() for letter in text) else Reading(None, sure=False)
    if len(digits) < LEAST_FIGURES:
        return Reading(None, sure=False)  # numbers of labels, or dust
    if len(digits) != 12:
        return Reading(digits, sure, (check("id_length", "failed", digits=len(digits)),))
    if digits[3] > "3":
        sure = False  # a century that has not begun: a figure was misread
    checks: list[Check] = [check("id_length", "passed")]
    if province_of(digits[:3]) is None:
        checks.append(check("id_province", "warning", place=digits[:3]))
    return Reading(digits, sure, tuple(checks))


def read_mst(text: str) -> Reading:
    """A tax code: ten digits with a check digit, ten and three for a branch (`0123456789-001`), or a person's twelve digits
    (TT 86/2024/TT-BTC Điều 5)."""
    digits, sure = digits_of(text)
    if not digits:
        return NOTHING if not any(letter.isalpha() for letter in text) else Reading(None, sure=False)
    if len(digits) == 12:
        return Reading(digits, sure, () if province_of(digits[:3]) else (check("id_province", "warning", place=digits[:3]),))
    if len(digits) < LEAST_FIGURES:
        return Reading(None, sure=False)  # numbers of labels, or dust
    if len(digits) not in (10, 13):
        return Reading(digits, sure, (check("mst_length", "failed", digits=len(digits)),))
    good = mst_check_digit(digits[:9]) == int(digits[9])
    value = digits if len(digits) == 10 else f"{digits[:10]}-{digits[10:]}"
    return Reading(value, sure, (check("mst_check_digit", "passed" if good else "failed"),))


def mst_check_digit(nine: str) -> int:
    """The tenth digit of a tax code from its first nine; ten when no digit fits (such a code is never given)."""
    return 10 - sum(int(digit) * weight for digit, weight in zip(nine, _MST_WEIGHTS, strict=True)) % 11


def read_id(text: str) -> Reading:
    """Any other number made of digits only (an industry code, a card number)."""
    digits, sure = digits_of(text)
    return Reading(digits, sure) if digits else NOTHING if not text.strip() else Reading(None, sure=False)
