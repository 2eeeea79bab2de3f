"""How one paper looks: face, layout, separators, leaders, marks in boxes. Both halves have choices of their own."""

import random
import subprocess
from datetime import date
from functools import cache

from msgspec import Struct

_PRINT = (
    (
        "Liberation Serif",
        "Liberation Serif",
        "Liberation Sans",
        "DejaVu Serif",
        "DejaVu Sans",
        "Noto Serif",
        "Noto Sans",
        "Carlito",
        "Roboto",
        "Gentium Plus",
    ),
    (
        "FreeSerif",
        "FreeSerif",
        "FreeSans",
        "Linux Libertine O",
        "Linux Biolinum O",
        "Inter",
        "Open Sans",
        "Lato",
        "EB Garamond",
        "Charis SIL",
        "Andika",
        "Noto Sans Display",
    ),
)
_TYPED = (("Liberation Mono", "DejaVu Sans Mono"), ("FreeMono", "Noto Sans Mono"))
_BROAD = (
    "DejaVu Serif",
    "DejaVu Sans",
    "Noto Serif",
    "Noto Sans",
    "Charis SIL",
    "Andika",
    "Open Sans",
    "Inter",
    "Noto Sans Display",
    "Lato",
    "Roboto",
)

# What follows an answer to the end of its line, and what it stands on: name, words of the leader, border under the answer.
_LEADERS = (
    ("dots", "dots", "ellipses", "under_dots", "around", "none", "none"),
    ("underscores", "dashes", "under_rule", "spaced_dots", "none", "none", "under_dots"),
)
LEADER_WORDS = {"dots": ".", "ellipses": "…", "around": ".", "underscores": "_", "dashes": "- ", "spaced_dots": ". "}
LEADER_BORDERS = {"under_dots": "1.2px dotted #444", "under_rule": "0.8px solid #555"}

# Layouts of a group of answers; a paper has a main one and sometimes a second for some groups.
_LAYOUTS = (
    ("lines", "lines", "flowing", "flowing", "ruled2", "ruled4", "under", "aligned"),
    ("lines", "flowing", "tabbed", "ruled4", "ruled6", "stacked", "stacked", "zebra"),
)
_BESIDE = (("one_by_one", "columns"), ("one_by_one", "matrix", "columns"))
_SEPARATORS = ((": ", ": ", ": ", " : ", "： "), (": ", ": ", " – ", " : ", " "))
_NUMBERINGS = (("own", "own", "own", "none", "1.", "1)"), ("own", "own", "none", "(1)", "1/", "01."))
_HEADINGS = (("bold", "grey", "caps"), ("bar", "italic", "framed", "bold"))
_MARKS = (
    ("glyph_tick", "glyph_cross", "square_fill", "drawn_cross", "drawn_tick", "brackets"),
    ("glyph_mixed", "circle", "round", "drawn_over", "typed_x", "strike"),
)
_LABELS = (("", "", "", "font-weight:600", "font-style:italic"), ("", "", "font-weight:600", "color:#444", "font-size:.92em"))
_ANSWERS = (
    ("", "", "font-weight:bold", "color:#1b2f9e", "font-style:italic"),
    ("", "", "font-weight:600", "color:#123a8c;font-weight:600", "font-style:italic;font-weight:600"),
)


class Style(Struct):
    """Every choice of one paper."""

    held_out: bool
    face: str
    answer_face: str
    size: float  # points
    leading: float
    margins: tuple[float, float, float, float]  # millimetres: top, right, bottom, left
    label_look: str
    answer_look: str
    separator: str
    leader: str
    numbering: str
    heading: str
    layout: str
    second_layout: str
    beside: str
    mark: str
    box_after: bool | None  # None: as the legal form has it
    box_gap: str
    caps: bool
    bilingual: bool
    hints: bool
    footmarks: str  # "", "(1)" or "¹"
    twelve_boxes: bool
    blank_lines: bool
    day_form: str
    money_form: str
    centred_head: bool
    page_numbers: str
    barcode: bool
    arrival: bool
    english_head: bool

    def day(self, day: date) -> str:
        """A date as this paper has them."""
        month = f"{day.month:02}" if day.month < 3 else str(day.month)
        return self.day_form.format(d=day, day=f"{day.day:02}", month=month, bare_day=day.day, bare_month=day.month)

    def money(self, amount: int) -> str:
        """An amount as this paper has them."""
        return f"{amount:,}".replace(",", {"dots": ".", "spaces": " ", "commas": ","}[self.money_form])


def style(chance: random.Random, held_out: bool) -> Style:
    """A look out of the ordinary half or the one held out."""

    def of(halves: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
        return chance.choice(halves[held_out])

    faces = tuple(face for face in _PRINT[held_out] if face in installed()) or ("serif",)
    typed = tuple(face for face in _TYPED[held_out] if face in installed()) or ("monospace",)
    face = chance.choice(faces)
    answer = chance.random()
    broad = face in _BROAD
    layout = of(_LAYOUTS)
    leader, look, separator = of(_LEADERS), of(_ANSWERS), of(_SEPARATORS)
    if separator == " " and not look and leader not in LEADER_BORDERS:
        separator = ": "  # else nobody sees where the label ends
    return Style(
        held_out=held_out,
        face=face,
        answer_face=face if answer < 0.6 else chance.choice(typed) if answer < 0.78 else chance.choice(faces),
        size=chance.choice((10.5, 11, 11.5) if broad else (11.5, 12, 13)),
        leading=chance.choice((1.3, 1.4, 1.5, 1.65)),
        margins=(chance.uniform(13, 20), chance.uniform(14, 19), chance.uniform(14, 20), chance.uniform(18, 29)),
        label_look=of(_LABELS),
        answer_look=look,
        separator=separator,
        leader=leader,
        numbering=of(_NUMBERINGS),
        heading=of(_HEADINGS),
        layout=layout,
        second_layout=of(_LAYOUTS) if chance.random() < 0.35 else layout,
        beside=of(_BESIDE),
        mark=of(_MARKS),
        box_after=chance.choice((None, None, True, False)),
        box_gap=chance.choice(("", " ", "&ensp;")),
        caps=chance.random() < 0.35,
        bilingual=chance.random() < 0.12,
        hints=chance.random() < 0.3,
        footmarks=chance.choice(("", "", "(1)", "¹")),
        twelve_boxes=chance.random() < 0.3,
        blank_lines=chance.random() < 0.25,
        day_form=_day_form(chance, held_out),
        money_form=chance.choice(("dots", "dots", "dots", "commas") if held_out else ("dots", "dots", "spaces")),
        centred_head=chance.random() < 0.7,
        page_numbers=chance.choice(("", "", "Trang {page}/{pages}", "{page}", "- {page} -")),
        barcode=chance.random() < 0.15,
        arrival=chance.random() < 0.2,
        english_head=chance.random() < 0.06,
    )


def _day_form(chance: random.Random, held_out: bool) -> str:
    if held_out:
        return chance.choice(
            ("{day}/{month}/{d.year}", "{day}.{d:%m}.{d.year}", "{bare_day}/{bare_month}/{d.year}", "{day} / {d:%m} / {d.year}")
        )
    return chance.choice(("{d:%d/%m/%Y}", "{d:%d/%m/%Y}", "{d:%d-%m-%Y}", "ngày {day} tháng {month} năm {d.year}"))


@cache
def installed() -> frozenset[str]:
    """The families that the machine has with Vietnamese letters: fontconfig is asked for one with two marks and for đ."""
    listed = subprocess.run(["fc-list", ":charset=1eab 1ed9 1eef 111", "family"], capture_output=True, text=True, check=True).stdout
    return frozenset(name.strip() for line in listed.splitlines() for name in line.split(","))
