"""Numbers with Vietnamese separators: 30.000.000 đồng, 210,3 m², 06 bản."""

import re

from ocr.fields.folding import fold
from ocr.fields.types.digits import digits_of
from ocr.fields.types.reading import NOTHING, Reading

_UNITS = frozenset(
    fold(unit)
    for unit in ["bản", "phiếu", "tháng", "người", "lao", "động", "đồng", "vnđ", "vnd", "đ", "m", "m2", "ha", "tầng", "trang", "tờ", "lần"]
) | {
    "laodong",
    "dongvietnam",
}
_NUMBER = re.compile(r"\d[\d.,  ]*")
# Figures apart in another way are two numbers, or one that fell apart; behind its comma the wide comma of some faces leaves a space.
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?[.,]?|\d+, \d{1,2}")
_LEAST_MONEY = 1000  # đồng: nothing costs less, so figures were lost
_GROUPED = re.compile(r"\d{1,3}(?:[.,  ]\d{3})+")


def read_int(text: str) -> Reading:
    """A whole number with its unit dropped ("06 bản" is 6). Only a unit is nothing."""
    number, rest = _split(text)
    if number is None:
        return NOTHING if _only_units(text) else _guess(text)
    return Reading(int(re.sub(r"\D", "", number)), sure=_only_units(rest) and not re.search(r"[.,]\d{1,2}$", number.strip()))


def read_money(text: str) -> Reading:
    """Đồng as an integer: groups of three with dots, commas or spaces."""
    number, rest = _split(text)
    if number is None:
        return NOTHING if _only_units(text) else _guess(text)
    plain = number.strip(" .,")
    amount = int(re.sub(r"\D", "", plain))
    sure = _only_units(rest) and (bool(_GROUPED.fullmatch(plain)) or plain.isdigit())
    return Reading(amount, sure and not 0 < amount < _LEAST_MONEY)


def read_decimal(text: str) -> Reading:
    """A number with a decimal comma (or point), its unit dropped ("129,5m²" is 129.5)."""
    text = re.sub(r"(?<=m)\s?[²2]", "", text)
    number, rest = _split(text)
    if number is None:
        return NOTHING if _only_units(text) else _guess(text)
    plain = number.replace(" ", "").replace(" ", "").strip(".,")
    sure = _only_units(rest) and (" " not in number.strip() or bool(_SPACED.fullmatch(number.strip())))
    if "," in plain and "." in plain:
        plain = plain.replace(".", "").replace(",", ".") if plain.rfind(",") > plain.rfind(".") else plain.replace(",", "")
    elif plain.count(",") == 1:
        plain = plain.replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+", plain):
        plain = plain.replace(".", "")
    try:
        value = float(plain)
    except ValueError:
        return Reading(text.strip(), sure=False)
    return Reading(int(value) if value.is_integer() else value, sure)


def _split(text: str) -> tuple[str | None, str]:
    """(the first number, what stands around it)."""
    hit = _NUMBER.search(text)
    if hit is None:
        return None, text
    return hit[0], text[: hit.start()] + " " + text[hit.end() :]


def _only_units(text: str) -> bool:
    words = [fold(word) for word in text.split()]
    return all(not word or word in _UNITS for word in words) or fold(text) in _UNITS


def _guess(text: str) -> Reading:
    digits, _ = digits_of(text)
    return Reading(int(digits), sure=False) if digits else Reading(None, sure=False)
