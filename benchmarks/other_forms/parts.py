"""The parts of a paper as HTML: questions with boxes, tables, lists, running text, dates, signatures."""

import base64
import html
import io
import random

from PIL import Image

from benchmarks.other_forms import layouts
from benchmarks.other_forms.answers import Pen
from benchmarks.other_forms.model import (
    Answer,
    Boxes,
    Dated,
    Free,
    Grid,
    Group,
    Items,
    Part,
    Sentence,
    SideBySide,
    Signatures,
    Signer,
    Words,
)
from samples.ink import seal, signature

_SHAPES = ("loop", "wave", "hook")


def part(pen: Pen, one: Part, chance: random.Random) -> str:
    """Any part of a paper."""
    match one:
        case Group():
            return layouts.group(pen, one, pen.style.layout if chance.random() < 0.7 else pen.style.second_layout)
        case SideBySide():
            return layouts.side_by_side(pen, one, pen.style.layout)
        case Boxes():
            return _boxes(pen, one)
        case Grid():
            return _grid(pen, one, chance)
        case Items():
            return _items(pen, one, chance)
        case Sentence():
            return f'<div class="s {one.look}">{"".join(_piece(pen, piece) for piece in one.pieces)}</div>'
        case Words():
            return f'<div class="w {one.look}">{one.text}</div>'
        case Dated():
            return f'<div class="dated">{dated(pen, one)}</div>'
        case Signatures():
            return _signatures(pen, one, chance)
        case Free():
            return _free(pen, one)


def answers_of(one: Part) -> list[Answer]:
    """The answers of a part, in the order in which they are read."""
    match one:
        case Group():
            return one.answers
        case SideBySide():
            return one.groups[0].answers + one.groups[1].answers
        case Boxes():
            return one.boxes + one.tail
        case Grid():
            return [cell for row in one.rows for cell in row if isinstance(cell, Answer)]
        case Items() | Free():
            return one.answers
        case Sentence():
            return [piece for piece in one.pieces if isinstance(piece, Answer)]
        case Words():
            return []
        case Dated():
            return ([one.place] if isinstance(one.place, Answer) else []) + [one.date]
        case Signatures():
            over = [signer.over.date for signer in one.signers if signer.over]
            lines = [line for signer in one.signers for line in signer.title if isinstance(line, Answer)]
            positions = [signer.position for signer in one.signers if signer.position]
            return over + lines + positions + [signer.name for signer in one.signers if signer.name]


def _free(pen: Pen, one: Free) -> str:
    drawn = one.html
    for number, answer in enumerate(one.answers):
        drawn = drawn.replace(f"{{{number}}}", pen.answer(answer, boxes=False))
    return drawn


def _piece(pen: Pen, piece: str | Answer) -> str:
    if isinstance(piece, str):
        return html.escape(piece)
    return pen.answer(piece, boxes=False) if piece.printed else f'<span class="v">{pen.few()}</span>'


def _boxes(pen: Pen, one: Boxes) -> str:
    style = pen.style
    ticked = sum(bool(box.value) for box in one.boxes)
    kept = style.mark
    if kept == "strike" and (len(one.boxes) != 2 or ticked != 1):
        style.mark = "drawn_cross"
    number = pen.number(one.number)
    joint = " / " if style.mark == "strike" else '<span class="tab"></span>'
    boxes = joint.join(pen.tick_box(box, one.after) for box in one.boxes)
    style.mark = kept
    colon = style.separator.strip() or ":"
    question = f"{number}{html.escape(one.question)}{colon} " if one.question else ""
    tail = "".join(pen.line(answer, numbered=False) for answer in one.tail)
    return f'<div class="row q"><div class="qs">{question}{boxes}</div>{tail}</div>'


def _grid(pen: Pen, one: Grid, chance: random.Random) -> str:
    head = "".join(f'<th style="width:{100 * share:.0f}%">{html.escape(words)}</th>' for words, share in one.columns)
    body = []
    rows: list[list[Answer | str]] = one.rows + [["" for _ in one.columns] for _ in range(one.blank)]
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f"<td>{_grid_cell(pen, cell, number if one.numbered and place == 0 else None)}</td>" for place, cell in enumerate(row)
        )
        body.append(f"<tr>{cells}</tr>")
    colon = pen.style.separator.strip() if chance.random() < 0.8 else ""
    label = (
        f'<div class="l keep"><span class="lb">{pen.number(one.number)}{html.escape(one.label)}{colon}</span></div>' if one.label else ""
    )
    return f'{label}<table class="t grid"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def _grid_cell(pen: Pen, cell: Answer | str, number: int | None) -> str:
    if isinstance(cell, str):
        return str(number) if number is not None and not cell else html.escape(cell) or "&nbsp;"
    if cell.type == "checkbox":
        return f'<span class="v">{"X" if cell.value else "&nbsp;"}</span>'
    return pen.answer(cell, boxes=False) or "&nbsp;"


def _items(pen: Pen, one: Items, chance: random.Random) -> str:
    bullet = chance.choice(("({})", "{}.", "- ") if not pen.style.held_out else ("{})", "+ ", "{}/"))
    fill = "" if pen.style.leader == "none" else pen.fill()
    label = f'<div class="l keep"><span class="lb">{pen.number(one.number)}{html.escape(one.label)}:</span></div>'
    lines = (f'<div class="l in">{bullet.format(number)} {pen.answer(answer)}{fill}</div>' for number, answer in enumerate(one.answers, 1))
    return label + "".join(lines)


def dated(pen: Pen, one: Dated) -> str:
    """Place and date as running text."""
    words = pen.answer(one.date) if one.date.printed else '<span class="v">ngày ...... tháng ...... năm ........</span>'
    place = pen.answer(one.place) if isinstance(one.place, Answer) else html.escape(one.place)
    if isinstance(one.place, Answer) and not one.place.printed:
        place = f'<span class="v">{pen.few(14)}</span>'
    return f"<i>{one.lead}{' ' if one.lead else ''}{place}{', ' if place else ''}{words}</i>"


def _signatures(pen: Pen, one: Signatures, chance: random.Random) -> str:
    dated_at_all = any(signer.over for signer in one.signers)
    day = f"{chance.randint(1, 28):02}/{chance.randint(3, 9):02}/2026"
    stamp = f'<div class="arrival">ĐẾN<br>Số: {chance.randint(100, 9999)}<br>Ngày: {day}</div>'
    left = stamp if pen.style.arrival and len(one.signers) == 1 else ""
    blank = f'<div class="signer">{left}</div>' if len(one.signers) == 1 else ""
    return f'<div class="signers">{blank}{"".join(_signer(pen, signer, chance, dated_at_all) for signer in one.signers)}</div>'


def _signer(pen: Pen, signer: Signer, chance: random.Random, dated_at_all: bool) -> str:
    title = "<br>".join(pen.answer(line) if isinstance(line, Answer) else line for line in signer.title)
    note = f'<div class="note">{signer.note}</div>' if signer.note else ""
    over = (
        f'<div class="over">{dated(pen, signer.over) if signer.over else "<i>...ngày...tháng...năm...</i>"}</div>' if dated_at_all else ""
    )
    ink = ""
    if signer.name and signer.name.printed:
        turn, shift = chance.uniform(-9, 9), chance.uniform(-8, 8)
        picture = _picture(signature(chance.choice(_SHAPES)))
        ink = f'<img src="{picture}" style="height:14mm;transform:translateX({shift:.0f}mm) rotate({turn:.0f}deg)">'
        if signer.seal:
            ring = _picture(seal(*signer.seal, seed=chance.randrange(99)))
            ink += f'<img class="seal" src="{ring}" style="left:{chance.uniform(-8, 5):.0f}mm">'
    name = pen.answer(signer.name) if signer.name else ""
    position = f"<div><b>{pen.answer(signer.position)}</b></div>" if signer.position else ""
    below = f'<div class="ink-place">{ink}</div><div class="named">{name}&nbsp;</div>'
    return f'<div class="signer">{over}<b>{title}</b>{note}{position}{below}</div>'


def _picture(image: Image.Image) -> str:
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
