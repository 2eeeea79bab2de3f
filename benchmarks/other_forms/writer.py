"""Makes the answers of one paper: names and types of its template, wordings of its half, at most one planted contradiction."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

from benchmarks.other_forms.invented import day_between
from benchmarks.other_forms.model import Answer, Dated, Sentence
from benchmarks.other_forms.style import Style
from benchmarks.other_forms.templates import template
from benchmarks.other_forms.wordings import number_of, wording

_PLANTED = 0.6  # of the kinds that have rules; four papers of ten over all
_TYPES = {"name": "text", "ethnicity": "enum", "nationality": "enum", "position": "text"}
_FIRST, _LAST = date(2019, 1, 1), date(2026, 10, 31)


class Writer:
    """What the kinds of paper are written with."""

    def __init__(self, file: str, style: Style, chance: random.Random, codes: Sequence[str] = ()) -> None:
        self.template, self.style, self.chance = template(file), style, chance
        self.checks: dict[str, dict[str, Any]] = {}
        self.daring = chance.choice((0.0, 0.25, 0.5, 0.8))  # how much of the wording departs from the legal form
        self.headed = chance.random() < 0.45  # whether groups have headings
        self._plan = chance.choice(codes) if codes and chance.random() < _PLANTED else ""

    def breaks(self, code: str, *fields: str, note: str = "") -> bool:
        """Whether this paper breaks that rule on purpose; if so, its truth says it."""
        if code != self._plan:
            return False
        self.checks[code] = {"fields": list(fields), "note": note}
        return True

    def ask(self, name: str, value: Any, printed: str | None = None, **more: Any) -> Answer:
        """The answer to a field of the template. `value` None or "" leaves it empty."""
        asked = self.template.fields[name]
        said = self.said(asked.label)
        empty = value is None or value == ""
        if not empty and asked.type == "name" and self.style.caps:
            value = str(value).upper()
        return Answer(
            **{
                "name": name,
                "label": said.label,
                "value": "" if empty else value,
                "printed": "" if empty else str(value) if printed is None else printed,
                "type": _TYPES.get(asked.type, asked.type),
                "section": asked.section,
                "number": number_of(asked.label),
                "hint": said.hint,
                "english": said.english,
                **more,
            }
        )

    def said(self, label: str) -> Any:
        """The words for a label of a legal form in this paper."""
        return wording(label, self.chance, self.style.held_out, self.daring)

    def day(self, name: str, day: date | None, **more: Any) -> Answer:
        """A date, as this paper has dates."""
        return self.ask(name, day.isoformat(), self.style.day(day), **more) if day else self.ask(name, None, **more)

    def amount(self, name: str, value: int | None, **more: Any) -> Answer:
        """An amount of money in figures."""
        return self.ask(name, value, None if value is None else self.style.money(value), **more)

    def number(self, name: str, value: float | None, **more: Any) -> Answer:
        """A decimal, with a comma."""
        return self.ask(name, value, None if value is None else f"{value:g}".replace(".", ","), **more)

    def box(self, name: str, ticked: bool, **more: Any) -> Answer:
        """A check box."""
        asked = self.template.fields[name]
        label = more.pop("label", asked.label)
        return Answer(name=name, label=label, value=ticked, printed="", type="checkbox", section=asked.section, group=asked.group, **more)

    def cell(self, table: str, row: int, column: str, value: Any, printed: str | None = None) -> Answer:
        """The cell of a table or list of the template, its row from 1."""
        asked = self.template.fields[table]
        label, kind = asked.columns[column]
        return Answer(
            name=f"{table}_{row}_{column}",
            label=label,
            value=value,
            printed=str(value) if printed is None else printed,
            type=_TYPES.get(kind, kind),
            section=asked.section,
            cell=(table, row, column),
        )

    def to(self, office: str) -> Sentence:
        """The line that says to whom the paper goes."""
        return Sentence([f"Kính gửi{self.style.separator if ':' in self.style.separator else ': '}", self.ask("kinh_gui", office)])

    def dated(self, name: str, day: date | None, place: Answer | str = "", lead: str = "") -> Dated:
        """The line "ngày … tháng … năm …" of a paper."""
        return Dated(self.ask(name, day.isoformat(), spoken(day)) if day else self.ask(name, None), place, lead)

    def filed(self) -> date:
        """A day on which the version of the form was in force."""
        return day_between(self.chance, max(_FIRST, self.template.first), min(_LAST, self.template.last))

    def remark(self) -> str:
        """What stands in the corner of the form: its number and the law that has it; some leave it out."""
        marks = [mark for mark in self.template.marks if not mark.endswith(":")]
        laws = [
            f"{'Nghị định' if 'NĐ-CP' in mark else 'Thông tư'} số {mark}"
            for mark in marks
            if mark.endswith(("NĐ-CP", "BTP", "BCA", "BTC", "BKHĐT"))
        ]
        forms = [
            mark if mark[0] in "MP" else f"Mẫu số {mark}" for mark in marks if mark.startswith(("Mẫu", "Phụ")) or mark.endswith("LLTP")
        ]
        if self.chance.random() < 0.15:
            return ""
        law = f"(Ban hành kèm theo {laws[0]})" if laws else ""
        return " ".join((*forms, law)).strip()

    def maybe(self, value: Any, left_out: float = 0.15) -> Any:
        """The value, or nothing: people leave things out."""
        return None if self.chance.random() < left_out else value


def spoken(day: date) -> str:
    """ "ngày 05 tháng 3 năm 2026": months have a nought only where they could be changed (NĐ 30/2020/NĐ-CP)."""
    return f"ngày {day.day:02} tháng {day.month if day.month > 2 else f'{day.month:02}'} năm {day.year}"
