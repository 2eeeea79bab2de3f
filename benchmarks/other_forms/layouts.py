"""Ways to arrange a group of answers: lines, several to a line, ruled tables of one or more pairs a row, cells with the label on top."""

from collections.abc import Iterator

from benchmarks.other_forms.answers import Pen
from benchmarks.other_forms.model import Answer, Group, SideBySide

_ROOM = 84  # letters that find room in a line


def group(pen: Pen, part: Group, layout: str) -> str:
    """The heading and the answers of a group."""
    return heading(pen, part) + LAYOUTS[layout](pen, part.answers, bool(part.heading))


def heading(pen: Pen, part: Group) -> str:
    """The printed heading of a group, if it has one."""
    if not part.heading:
        return ""
    own = pen.style.numbering != "none" and part.number
    return f'<div class="h {pen.style.heading}">{f"{part.number}. " if own else ""}{part.heading}</div>'


def side_by_side(pen: Pen, part: SideBySide, layout: str) -> str:
    """What is asked of two people: one after the other, in two columns, or as a table with a column for each."""
    left, right = part.groups
    how = pen.style.beside
    if how == "one_by_one" or len(left.answers) != len(right.answers):
        return group(pen, left, layout) + group(pen, right, layout)
    if how == "columns":
        columns = "".join(f'<div class="half">{heading(pen, one)}{_lines(pen, one.answers, True)}</div>' for one in part.groups)
        return f'<div class="halves">{columns}</div>'
    head = f"<tr><th></th><th>{left.heading}</th><th>{right.heading}</th></tr>"
    rows = (
        f"<tr><td>{pen.label(one, brief=True)}</td><td>{pen.answer(one, boxes=False)}</td><td>{pen.answer(two, boxes=False)}</td></tr>"
        for one, two in zip(left.answers, right.answers, strict=True)
    )
    return f'<table class="t matrix">{head}{"".join(rows)}</table>'


def rows_of(answers: list[Answer], most: int, room: int = _ROOM) -> Iterator[list[Answer]]:
    """Answers that stand in one row: up to `most` short ones, or a wide one alone."""
    row: list[Answer] = []
    used = 0
    for one in answers:
        size = len(one.label) + (len(one.hint) + 3 if one.hint else 0) + max(len(one.printed), 10) + 6
        if row and (one.wide or len(row) == most or used + size > room):
            yield row
            row, used = [], 0
        row.append(one)
        used += size
        if one.wide:
            yield row
            row, used = [], 0
    if row:
        yield row


def _lines(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return "".join(pen.line(one, brief) for one in answers)


def _flowing(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return "".join(_row(pen, row, brief) for row in rows_of(answers, 3, 74))


def _tabbed(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return "".join(_row(pen, row, brief, "tabs") for row in rows_of(answers, 2, 70))


def _row(pen: Pen, row: list[Answer], brief: bool, look: str = "") -> str:
    if len(row) == 1:
        return pen.line(row[0], brief)
    return f'<div class="row {look}">{"".join(pen.line(one, brief) for one in row)}</div>'


def _under(pen: Pen, answers: list[Answer], brief: bool) -> str:
    colon = pen.style.separator.strip()
    fill = "" if pen.style.leader == "none" else pen.fill()
    parts = []
    for one in answers:
        if one.wide:
            unit = f' <span class="u">{one.unit}</span>' if one.unit else ""
            parts.append(f'<div class="l keep">{pen.label(one, brief)}{colon}</div><div class="l in">{pen.answer(one)}{fill}{unit}</div>')
        else:
            parts.append(pen.line(one, brief))
    return "".join(parts)


def _pairs(pen: Pen, answers: list[Answer], brief: bool, most: int) -> str:
    colon = pen.style.separator.strip() if pen.style.separator in (": ", " : ") else ""
    body = []
    for row in rows_of(answers, most, 110):
        cells = [
            f'<td class="lc">{pen.label(one, brief)}{colon}</td><td{_span(row, number, most)}>{_cell(pen, one)}</td>'
            for number, one in enumerate(row)
        ]
        body.append(f"<tr>{''.join(cells)}</tr>")
    widths = {1: (34, 66), 2: (20, 30, 20, 30), 3: (14, 20, 14, 19, 14, 19)}[most]
    columns = "".join(f'<col style="width:{width}%">' for width in widths)
    return f'<table class="t pairs"><colgroup>{columns}</colgroup>{"".join(body)}</table>'


def _span(row: list[Answer], number: int, most: int) -> str:
    """The last answer of a short row takes the rest of it."""
    return f' colspan="{2 * (most - number) - 1}"' if number == len(row) - 1 and len(row) < most else ""


def _cell(pen: Pen, one: Answer) -> str:
    return pen.answer(one) + (f' <span class="u">{one.unit}</span>' if one.unit and one.printed else "")


def _ruled2(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return _pairs(pen, answers, brief, 1)


def _ruled4(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return _pairs(pen, answers, brief, 2)


def _ruled6(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return _pairs(pen, answers, brief, 3)


def _stacked(pen: Pen, answers: list[Answer], brief: bool) -> str:
    rows = []
    for row in rows_of(answers, 3, 90):
        cells = (_stack_cell(pen, one, brief) for one in row)
        rows.append(f'<div class="cells">{"".join(cells)}</div>')
    return f'<div class="stack">{"".join(rows)}</div>'


def _stack_cell(pen: Pen, one: Answer, brief: bool) -> str:
    share = max(14, len(one.label) + len(one.printed) // 2)
    answer = _cell(pen, one) or "&nbsp;"
    return f'<div class="cell" style="flex:{share}">{pen.label(one, brief)}<div class="below">{answer}</div></div>'


def _aligned(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return _columns(pen, answers, brief, "aligned")


def _zebra(pen: Pen, answers: list[Answer], brief: bool) -> str:
    return _columns(pen, answers, brief, "zebra")


def _columns(pen: Pen, answers: list[Answer], brief: bool, look: str) -> str:
    """Labels in a column, answers in another, without rules: as portals print what was filled in on a screen."""
    colon = pen.style.separator.strip() if look == "aligned" else ""
    body = "".join(f'<tr><td class="lc">{pen.label(one, brief)}{colon}</td><td>{_cell(pen, one)}</td></tr>' for one in answers)
    return f'<table class="t {look}"><colgroup><col style="width:38%"><col></colgroup>{body}</table>'


LAYOUTS = {
    "lines": _lines,
    "flowing": _flowing,
    "tabbed": _tabbed,
    "under": _under,
    "ruled2": _ruled2,
    "ruled4": _ruled4,
    "ruled6": _ruled6,
    "stacked": _stacked,
    "aligned": _aligned,
    "zebra": _zebra,
}
