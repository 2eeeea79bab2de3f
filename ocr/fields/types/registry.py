"""The normaliser of every field type."""

from collections.abc import Callable

from ocr.fields.types.amounts import read_decimal, read_int, read_money
from ocr.fields.types.dates import date_from_words, read_date
from ocr.fields.types.identity import read_id, read_id12, read_mst
from ocr.fields.types.numbers_in_words import number_of
from ocr.fields.types.reading import Reading
from ocr.fields.types.texts import (
    read_email,
    read_enum,
    read_ethnicity,
    read_name,
    read_nationality,
    read_phone,
    read_position,
    read_symbol,
    read_text,
)


def _date_words(text: str) -> Reading:
    read = read_text(text)
    return read if read.value is None else Reading(read.value, sure=date_from_words(text) is not None)


def _money_words(text: str) -> Reading:
    read = read_text(text)
    return read if read.value is None else Reading(read.value, sure=number_of(text) is not None)


_READERS: dict[str, Callable[[str], Reading]] = {
    "text": read_text,
    "name": read_name,
    "date": read_date,
    "date_words": _date_words,
    "id12": read_id12,
    "id": read_id,
    "mst": read_mst,
    "phone": read_phone,
    "email": read_email,
    "int": read_int,
    "decimal": read_decimal,
    "money": read_money,
    "money_words": _money_words,
    "ethnicity": read_ethnicity,
    "nationality": read_nationality,
    "position": read_position,
    "so_ky_hieu": read_symbol,
}


def normalise(kind: str, text: str, choices: tuple[str, ...] = ()) -> Reading:
    """What `text` means as a field of type `kind`. Empty text means nothing."""
    if kind == "enum":
        return read_enum(text, choices)
    return _READERS.get(kind, read_text)(text)


# Types whose values are figures alone, whatever stands around them.
IN_FIGURES = frozenset({"date", "id12", "id", "mst", "phone", "int", "decimal", "money"})

# How a type is called in results: a name is a text whose letters are checked more strictly.
PUBLIC_TYPE = {"name": "text", "position": "text", "ethnicity": "enum", "nationality": "enum"}
