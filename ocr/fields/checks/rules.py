"""The rules of forms by their codes: each looks at the fields its template names, in that order.

A rule answers only when the values it needs are there: an empty field breaks no rule of comparison. It returns the result
and the fields it is about, or nothing.
"""

import calendar
import datetime as dt
import re
from collections.abc import Callable, Sequence

from ocr.fields.checks.facts import Facts
from ocr.fields.folding import fold
from ocr.fields.types.dates import date_from_words
from ocr.fields.types.identity import PersonalNumber, personal_number_in
from ocr.fields.types.numbers_in_words import number_of
from sohoa.checks import Check, Result, check

Answer = tuple[Result, tuple[str, ...]] | None
Rule = Callable[[Facts, Sequence[str]], Answer | list[Answer]]


def run_rule(code: str, facts: Facts, fields: Sequence[str]) -> list[Check]:
    """The checks that rule `code` makes of `fields`."""
    answer = RULES[code](facts, fields)
    answers = answer if isinstance(answer, list) else [answer]
    return [check(code, result, tuple(dict.fromkeys(about))) for result, about in (one for one in answers if one is not None)]


def _said(good: bool, about: Sequence[str]) -> Answer:
    return ("passed" if good else "failed"), tuple(about)


def _head_of_household(facts: Facts, fields: Sequence[str]) -> Answer:
    relation, name, head_name, number, head_number = fields
    if fold(facts.text(relation)) not in ("chuho", "lachuho"):
        return None
    pairs = [(name, head_name), (number, head_number)]
    there = [(one, two) for one, two in pairs if facts.text(one) and facts.text(two)]
    if not there:
        return None
    wrong = [pair for pair in there if fold(facts.text(pair[0])) != fold(facts.text(pair[1]))]
    return _said(not wrong, [relation, *[name for pair in (wrong or there) for name in pair]])


def _copies(facts: Facts, fields: Sequence[str]) -> Answer:
    box, quantity = fields
    if facts.ticked(box) is not True:
        return None
    number = facts.number(quantity)
    return _said(number is not None and number >= 1, fields)


def _date_words(facts: Facts, fields: Sequence[str]) -> Answer:
    figures, words = fields
    if not facts.text(figures) or not facts.text(words):
        return None
    said = date_from_words(facts.text(words))
    if said is None:
        return "not_made", tuple(fields)
    return _said(said == facts.text(figures), fields)


def _six_months(facts: Facts, fields: Sequence[str]) -> Answer:
    issued, until = _day(facts.text(fields[0])), _day(facts.text(fields[1]))
    if issued is None or until is None:
        return None
    month = issued.month + 6
    year, month = issued.year + (month - 1) // 12, (month - 1) % 12 + 1
    wanted = dt.date(year, month, min(issued.day, calendar.monthrange(year, month)[1]))
    return _said(abs((until - wanted).days) <= 1, fields)


def _floor_area(facts: Facts, fields: Sequence[str]) -> Answer:
    total, ground = facts.number(fields[0]), facts.number(fields[1])
    return None if total is None or ground is None else _said(total >= ground, fields)


def _gift(facts: Facts, fields: Sequence[str]) -> Answer:
    origin, value = fields
    if not re.search("tangcho|thuake|duoctang|chotang", fold(facts.text(origin))):
        return None
    return _said(not facts.number(value) and not facts.text(value), fields)


def _members(facts: Facts, fields: Sequence[str]) -> Answer:
    box, table = fields
    if facts.ticked(box) is not True or facts.rows(table) is None:
        return None
    return _said(bool(facts.rows(table)), fields)


def _id_pairs(facts: Facts, fields: Sequence[str]) -> list[tuple[PersonalNumber, str, tuple[str, ...]]]:
    """(personal number, the other value, fields) for two fields, or for two columns of a table ("thanh_vien.so_dinh_danh")."""
    number, other = fields
    table, _, column = number.partition(".")
    pairs: list[tuple[PersonalNumber | None, str, tuple[str, ...]]]
    if column:
        rows = facts.rows(table) or []
        pairs = [(personal_number_in(str(row.get(column) or "")), str(row.get(other.partition(".")[2]) or ""), (table,)) for row in rows]
    else:
        pairs = [(personal_number_in(facts.text(number)), facts.text(other), (number, other))]
    return [(person, value, about) for person, value, about in pairs if person is not None and value]


def _gender(facts: Facts, fields: Sequence[str]) -> list[Answer]:
    return [
        _said(fold(person.gender) == fold(value), about)
        for person, value, about in _id_pairs(facts, fields)
        if fold(value) in ("nam", "nu")
    ]


def _birth_year(facts: Facts, fields: Sequence[str]) -> list[Answer]:
    pairs = [(person, re.match(r"\d{4}", value), about) for person, value, about in _id_pairs(facts, fields)]
    return [_said(person.birth_year == int(year[0]), about) for person, year, about in pairs if year]


def _parent(gender: str) -> Rule:
    def rule(facts: Facts, fields: Sequence[str]) -> Answer:
        person = personal_number_in(facts.text(fields[0]))
        return None if person is None else _said(person.gender == gender, fields)

    return rule


def _money_words(facts: Facts, fields: Sequence[str]) -> Answer:
    figures = facts.number(fields[0])
    if figures is None or not facts.text(fields[1]):
        return None
    said = number_of(facts.text(fields[1]))
    if said is None:
        return "not_made", tuple(fields)
    return _said(said == figures, fields)


def _one_box(facts: Facts, fields: Sequence[str]) -> Answer:
    ticked = [name for name in fields if facts.ticked(name)]
    if not ticked:
        return None
    if len(ticked) == 1 and any(name in facts.values and facts.ticked(name) is None for name in fields):
        return "warning", tuple(fields)  # the other box may be ticked as well: nobody could see it
    return _said(len(ticked) == 1, ticked if len(ticked) > 1 else fields)


def _exactly_one_box(facts: Facts, fields: Sequence[str]) -> Answer:
    states = [facts.ticked(name) for name in fields]
    if None in states:
        return ("failed", tuple(fields)) if states.count(True) > 1 else None
    return _said(states.count(True) == 1, fields)


def _serial(facts: Facts, fields: Sequence[str]) -> Answer:
    serial = re.sub(r"[\s.\-]", "", facts.text(fields[0]))
    return _said(bool(re.fullmatch(r"[^\W\d_]{2}\d{6,8}", serial)), fields) if serial else None


def _certifies_copy(facts: Facts, fields: Sequence[str]) -> Answer:
    said = fold(" ".join(facts.text(name) for name in fields))
    if not said:
        return None
    return _said(not ("sctck" in said or "chuky" in said), fields)


def _main_industry(facts: Facts, fields: Sequence[str]) -> Answer:
    table, _, column = fields[0].partition(".")
    rows = facts.rows(table)
    if not rows:
        return None
    return _said(sum(row.get(column) is True for row in rows) == 1, (table,))


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


RULES: dict[str, Rule] = {
    "chu_ho_mismatch": _head_of_household,
    "copies_missing": _copies,
    "date_words_mismatch": _date_words,
    "expiry_not_6_months": _six_months,
    "floor_area_lt_ground": _floor_area,
    "gift_with_value": _gift,
    "household_members_missing": _members,
    "id_birthyear_mismatch": _birth_year,
    "id_gender_mismatch": _gender,
    "mother_id_gender": _parent("Nữ"),
    "father_id_gender": _parent("Nam"),
    "money_words_mismatch": _money_words,
    "multiple_boxes": _one_box,
    "seri_format": _serial,
    "signature_certification": _certifies_copy,
    "tax_method": _exactly_one_box,
    "two_main_industries": _main_industry,
}
