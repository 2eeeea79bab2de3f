"""Forms with dotted lines: a label, then what a citizen typed over the dots, then the dots that are left."""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from samples.paper import ASCENT, DESCENT, Box, Paper, Span, around

_REFERENCE = re.compile(r"\(\d\)")
_LABEL_GAP = 4.0


class Form(Struct):
    """A form being filled from the top down. `y` is the baseline of the next line, `filled` False leaves only dots."""

    paper: Paper
    left: float
    right: float
    y: float
    size: float = 12.5
    leading: float = 18.6
    filled: bool = True

    def entry(
        self, name: str, label: str, value: Any, *, raw: str | None = None, type_: str = "text", section: str | None = None,
        at: float | None = None, until: float | None = None, goes_on: bool = False, advance: bool = True,
    ) -> None:  # fmt: skip
        """One labelled entry from `at` to `until`; a long value goes on in the next lines.

        `advance` False stays in the line for another entry, which `goes_on`.
        """
        x0, x1 = at or self.left, until or self.right
        raw = "" if value is None or not self.filled else str(value) if raw is None else raw
        label_line = self.paper.put(x0, self.y, [*label_spans(label, self.size), Span(":", self.size)], goes_on=goes_on)
        start = label_line.box[2] + _LABEL_GAP
        boxes: list[Box] = []
        end = start
        if raw:
            for number, spans in enumerate(self.paper.wrap([Span(raw, self.size)], x1 - x0, x1 - start)):
                if number:
                    self.y += self.leading
                box = self.paper.put(start if number == 0 else x0, self.y, spans, goes_on=number == 0).box
                boxes.append(box)
                end = box[2] + 1
        else:
            boxes.append((start, self.y - ASCENT * self.size, x1, self.y + DESCENT * self.size))
        self.paper.leader(end, x1, self.y, self.size)
        self.paper.note(name, label, section, type_, value if raw else None, raw, around(boxes))
        if advance:
            self.y += self.leading

    def row(self, entries: Sequence[tuple[str, str, Any, str, float]], section: str | None) -> None:
        """Several short entries side by side: (name, label, value, type, share of the width)."""
        x, width = self.left, self.right - self.left
        for number, (name, label, value, type_, share) in enumerate(entries):
            until = x + share * width - 3
            self.entry(name, label, value, type_=type_, section=section, at=x, until=until, goes_on=number > 0, advance=False)
            x += share * width
        self.y += self.leading

    def text(self, text: str, style: str = "", indent: float = 0.0, gap: float = 0.0) -> None:
        """Printed text of the form over its whole width."""
        spans = [Span(text, self.size, style)]
        self.y = gap + self.paper.paragraph(self.left, self.y, self.right - self.left, spans, self.leading, indent)

    def digit_boxes(self, name: str, label: str, value: str | None, count: int = 12, section: str | None = None) -> None:
        """A number with one box for each digit."""
        paper, side = self.paper, 15.0
        label_line = paper.put(self.left, self.y, [*label_spans(label, self.size), Span(":", self.size)])
        x = label_line.box[2] + 6
        top = self.y - 11.5
        for k in range(count):
            paper.frame((x + k * side, top, x + (k + 1) * side, top + side), 0.6)
        if value and self.filled:
            for k, digit in enumerate(value):
                paper.put(x + (k + 0.5) * side, self.y, [Span(digit, self.size)], align="center", goes_on=True)
        box = (x, top, x + count * side, top + side)
        paper.note(name, label, section, "id12", value if self.filled else None, value or "" if self.filled else "", box)
        self.y += self.leading + 1.5


def label_spans(label: str, size: float, style: str = "") -> list[Span]:
    """A label whose references to notes, as in "Kính gửi(1)", stand above the line."""
    spans, start = list[Span](), 0
    for found in _REFERENCE.finditer(label):
        spans += [Span(label[start : found.start()], size, style), Span(found[0], size * 0.62, style, rise=size * 0.34)]
        start = found.end()
    return [*spans, Span(label[start:], size, style)] if label[start:] else spans


def national_header(paper: Paper, centre: float, y: float, size: float = 13.0) -> float:
    """Quốc hiệu and tiêu ngữ with their rule (NĐ 30/2020/NĐ-CP, Phụ lục I); returns the baseline of the rule."""
    paper.put(centre, y, [Span("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size, "B")], align="center")
    motto = paper.put(centre, y + size * 1.25, [Span("Độc lập - Tự do - Hạnh phúc", size + 0.5, "B")], align="center").box
    paper.rule(motto[0], motto[2], y + size * 1.25 + 5)
    return y + size * 1.25 + 5
