"""Identity cards of three generations, both sides, drawn on a card of 85.6 by 54 mm."""

import base64
import io
from datetime import date
from pathlib import Path

import segno
from PIL import Image

from benchmarks.other_forms.invented import Citizen, Place, citizen, day_between
from benchmarks.other_forms.model import Answer, Form, Free
from benchmarks.other_forms.writer import Writer
from samples import people
from samples.conditions import render
from samples.id_card import portrait
from samples.machine_letters import machine_letters
from samples.paper import Paper

FRONT_CODES = ("id_gender_mismatch", "id_birthyear_mismatch", "qr_mismatch")
NEW_FRONT_CODES = ("id_gender_mismatch", "id_birthyear_mismatch")
BACK_CODES = ("mrz_check_digit",)
_SIDES = Path(__file__).parent / "sides"


def chip_front(w: Writer) -> Form:
    """The front of the card with a chip (2021)."""
    place = Place(w.chance, old=True)
    who = _holder(w, place)
    number = _number(w, who)
    broken = w.breaks("qr_mismatch", "so", "qr")
    issued = day_between(w.chance, date(2021, 3, 1), date(2024, 6, 1))
    until = _expires(who.born, issued)
    text = people.qr_text(who, w.chance.choice(("", "".join(w.chance.choice("0123456789") for _ in range(9)))), issued)
    text = f"{number[:-1]}{(int(number[-1]) + 3) % 10 if broken else number[-1]}{text[12:]}"
    answers = [
        w.ask("so", number),
        w.ask("ho_ten", who.name.upper()),
        w.ask("ngay_sinh", who.born.isoformat(), f"{who.born:%d/%m/%Y}"),
        w.ask("gioi_tinh", who.sex),
        w.ask("quoc_tich", "Việt Nam"),
        w.ask("que_quan", _short(place.whole)),
        w.ask("noi_thuong_tru", _short(who.home)),
        w.ask("gia_tri_den", until.isoformat(), f"{until:%d/%m/%Y}"),
    ]
    body = _side("chip_front", qr=_qr(text), portrait=_png(portrait()))
    return _card(w, body, answers, code=text)


def new_front(w: Writer) -> Form:
    """The front of the card of 2024."""
    place = Place(w.chance)
    who = _holder(w, place)
    answers = [
        w.ask("so", _number(w, who)),
        w.ask("ho_ten", who.name.upper()),
        w.ask("ngay_sinh", who.born.isoformat(), f"{who.born:%d/%m/%Y}"),
        w.ask("gioi_tinh", who.sex),
        w.ask("quoc_tich", "Việt Nam"),
    ]
    body = _side("new_front", portrait=_png(portrait()))
    return _card(w, body, answers)


def chip_back(w: Writer) -> Form:
    """The back of the card with a chip."""
    place = Place(w.chance)
    who = _holder(w, place)
    issued = day_between(w.chance, date(2021, 3, 1), date(2024, 6, 1))
    marks = ("Nốt ruồi C:1,5cm trên trước đầu mày phải", "Sẹo chấm C:1cm dưới trước mắt trái", "Nốt ruồi C:2cm dưới sau mép trái")
    lines = _zone(w, who, issued)
    answers = [
        w.ask("dac_diem", w.chance.choice(marks)),
        w.ask("ngay_cap", issued.isoformat(), f"{issued:%d/%m/%Y}"),
        *_mrz_answers(w, lines),
    ]
    body = _side("chip_back", zone=_zone_picture(lines), officer=citizen(w.chance, place).name)
    return _card(w, body, answers)


def new_back(w: Writer) -> Form:
    """The back of the card of 2024, with its QR code."""
    place = Place(w.chance)
    who = _holder(w, place)
    issued = day_between(w.chance, date(2024, 7, 1), date(2026, 9, 1))
    until = _expires(who.born, issued)
    lines = _zone(w, who, issued)
    text = people.qr_text(who, "", issued)
    answers = [
        w.ask("noi_cu_tru", _short(who.home)),
        w.ask("noi_dang_ky_khai_sinh", _short(place.whole)),
        w.ask("ngay_cap", issued.isoformat(), f"{issued:%d/%m/%Y}"),
        *_mrz_answers(w, lines),
    ]
    body = _side("new_back", qr=_qr(text), zone=_zone_picture(lines), until=f"{until:%d/%m/%Y}")
    return _card(w, body, answers, code=text)


def old_front(w: Writer) -> Form:
    """The front of the paper card with nine figures (until 2024)."""
    place = Place(w.chance, old=True)
    who = _holder(w, place)
    digits = f"{w.chance.randint(0, 38):02}{w.chance.randrange(10**6, 10**7)}"
    answers = [
        w.ask("so", digits),
        w.ask("ho_ten", who.name.upper()),
        w.ask("ngay_sinh", who.born.isoformat(), f"{who.born:%d-%m-%Y}"),
        w.ask("que_quan", _short(place.whole)),
        w.ask("noi_thuong_tru", _short(who.home)),
    ]
    body = _side("old_front", portrait=_png(portrait()))
    return _card(w, body, answers, "#e4efdc")


def old_back(w: Writer) -> Form:
    """The back of the paper card."""
    place = Place(w.chance, old=True)
    who = _holder(w, place)
    issued = day_between(w.chance, date(2006, 1, 1), date(2020, 12, 31))
    answers = [
        w.ask("dan_toc", who.ethnic),
        w.ask("ton_giao", w.chance.choice(("Không", "Không", "Phật giáo", "Công giáo"))),
        w.ask("dac_diem", w.chance.choice(("Nốt ruồi C:1cm dưới mép trái", "Sẹo chấm C:2cm trên đuôi mày phải"))),
        w.ask("ngay_cap", issued.isoformat(), f"Ngày {issued.day:02} tháng {issued.month:02} năm {issued.year}"),
    ]
    body = _side("old_back", officer=citizen(w.chance, place).name, province=place.province.upper())
    return _card(w, body, answers, "#eef2e4")


def _card(w: Writer, body: str, answers: list[Answer], ground: str = "", code: str = "") -> Form:
    tint = ground or w.chance.choice(("#dcebf0", "#e3efe2", "#eee6da", "#e6e4f0"))
    faces = ("FreeSans", "Open Sans", "Inter") if w.style.held_out else ("Liberation Sans",)
    waves = f"repeating-radial-gradient(circle at 60% 50%, {tint} 0 1.1mm, #f7f7f2 1.1mm 1.6mm)"
    style = f"background:{waves};font-family:{w.chance.choice(faces)},sans-serif"
    drawn = f'<div class="card" style="{style}"><div class="specimen">MẪU / SPECIMEN</div>{body}</div>'
    head = [w.ask("qr", code, "")] if code else []
    return Form([], [Free(drawn, answers)], head=head, state=False, card=True)


def _side(name: str, **given: str) -> str:
    """The HTML of a side, with what is no answer filled in."""
    drawn = (_SIDES / f"{name}.html").read_text(encoding="utf8")
    for key, value in given.items():
        drawn = drawn.replace(f"{{{key}}}", value)
    return drawn


def _holder(w: Writer, place: Place) -> Citizen:
    return citizen(w.chance, place, born=(1962, 2006))


def _number(w: Writer, who: Citizen) -> str:
    if w.breaks("id_gender_mismatch", "so", "gioi_tinh"):
        return who.id_with(sex=True)
    return who.id_with(year=True) if w.breaks("id_birthyear_mismatch", "so", "ngay_sinh") else who.id12


def _expires(born: date, issued: date) -> date:
    age = next(age for age in (25, 40, 60, 99) if born.year + age > issued.year + 1)
    return born.replace(year=born.year + age, day=min(born.day, 28))


def _short(address: str) -> str:
    """An address without the words for its units, as cards have it."""
    out = []
    for part in address.split(", "):
        for word in ("xã ", "phường ", "huyện ", "quận ", "tỉnh ", "thành phố ", "Thành phố ", "thị xã "):
            part = part.removeprefix(word)
        out.append(part)
    return ", ".join(out)


def _zone(w: Writer, who: Citizen, issued: date) -> tuple[str, ...]:
    first, second, third = people.mrz(who, _expires(who.born, issued))
    if w.breaks("mrz_check_digit", "mrz_2"):
        second = f"{second[:6]}{(int(second[6]) + 4) % 10}{second[7:]}"
    return first, second, third


def _mrz_answers(w: Writer, lines: tuple[str, ...]) -> list[Answer]:
    return [w.ask(f"mrz_{number}", line) for number, line in enumerate(lines, 1)]


def _zone_picture(lines: tuple[str, ...]) -> str:
    paper = Paper((80, 18), title="MRZ")
    paper.add_page()
    for number, line in enumerate(lines):
        machine_letters(paper, 1.0, 13 + 15 * number, line, 7.45, 7.6)
    shot = render(paper.finish("mrz", "mrz").pdf, 600)[0]
    return f'<img class="at zone" src="{_png(Image.fromarray(shot.pixels))}">'


def _qr(text: str) -> str:
    code = segno.make(text, error="m", micro=False, encoding="utf-8")
    return f'<img src="{code.svg_data_uri(scale=4, border=2, light="#fff")}" style="width:14.5mm">'


def _png(image: Image.Image) -> str:
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
