"""Drawing a page so that the place of every word is known.

Layout is done here and not by fpdf2, because the truth of a sample is the box of each word. All lengths are PDF
points from the top left of the page; `y` is a baseline.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from fpdf import FPDF
from msgspec import Struct, field
from PIL import Image

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Colour = tuple[int, int, int]

MM = 72 / 25.4
A4_MM = (210.0, 297.0)
DRAWN_AT = datetime(2026, 9, 15, 1, 30, tzinfo=UTC)
BLACK: Colour = (20, 20, 22)
# A word's box is as high as the tallest accented capital and the deepest tail of Liberation Serif.
ASCENT, DESCENT = 0.86, 0.21


class Span(Struct, frozen=True):
    """A stretch of text in one face. `style` is fpdf2's "", "B", "I" or "BI"; `rise` lifts it above the baseline."""

    text: str
    size: float = 13.0
    style: str = ""
    rise: float = 0.0
    colour: Colour = BLACK


class TrueWord(Struct, frozen=True):
    """A drawn word and its box."""

    text: str
    box: Box


class TrueLine(Struct, frozen=True):
    """The words that a reader sees as one line, from left to right."""

    words: tuple[TrueWord, ...]

    @property
    def text(self) -> str:
        """The words with one space between them."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The smallest box that holds every word."""
        return around([word.box for word in self.words])


class TruePage(Struct, frozen=True):
    """What stands on one undistorted page, in the order it was drawn."""

    size_mm: tuple[float, float]
    lines: tuple[TrueLine, ...]


class TrueField(Struct, frozen=True):
    """What a reader must find in one field. `raw` is as printed; `value` by type as in `ocr.model.Field`, None when empty."""

    name: str
    label: str
    section: str | None
    type: str
    value: Any
    raw: str
    page: int
    box: Box

    @property
    def empty(self) -> bool:
        """Whether the citizen left it out."""
        return self.value is None


class Drawing(Struct, frozen=True):
    """One drawn paper: the born-digital PDF and its truth. `template` is None when no form template fits."""

    kind: str
    template: str | None
    pdf: bytes
    pages: tuple[TruePage, ...]
    fields: tuple[TrueField, ...]


class Paper(Struct, dict=True):
    """A paper in the making: pages are added, words put on them, fields noted.

    `faces` are font files for the styles "", "B", "I" and "BI"; the project's own serif where one is missing.
    """

    size_mm: tuple[float, float] = A4_MM
    title: str = ""
    fields: list[TrueField] = field(default_factory=list)
    pages: list[list[TrueLine]] = field(default_factory=list)
    faces: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pdf = FPDF(unit="pt", format=(self.size_mm[0] * MM, self.size_mm[1] * MM))
        self.pdf.set_auto_page_break(False)
        self.pdf.set_creation_date(DRAWN_AT)
        self.pdf.set_producer("samples")
        self.pdf.set_title(self.title)
        self.pdf.set_lang("vi-VN")
        for style, face in {"": "Regular", "B": "Bold", "I": "Italic", "BI": "BoldItalic"}.items():
            own = files("sohoa") / "fonts" / f"LiberationSerif-{face}.ttf"
            self.pdf.add_font("Serif", style, str(self.faces.get(style, own)))

    def add_page(self) -> None:
        """Starts the next page; what follows is drawn on it."""
        self.pdf.add_page()
        self.pages.append([])

    def width(self, spans: Sequence[Span]) -> float:
        """How wide the spans are when set without stretching."""
        return sum(self._span_width(span) for span in spans)

    def put(self, x: float, y: float, spans: Sequence[Span], align: str = "left", stretch: float = 0.0, goes_on: bool = False) -> TrueLine:
        """Sets one stretch of text and returns it alone.

        `x` is its left, middle or right edge by `align`; `stretch` widens each space (justified text); with `goes_on` the
        truth has it in one line with what was set before.
        """
        x -= {"left": 0.0, "center": 0.5, "right": 1.0}[align] * self.width(spans)
        words: list[TrueWord] = []
        text, boxes = "", list[Box]()
        for span in spans:
            for index, piece in enumerate(span.text.split(" ")):
                if index:
                    x += self._span_width(Span(" ", span.size, span.style)) + stretch
                    words, text, boxes = _close(words, text, boxes)
                if piece:
                    last = index == span.text.count(" ")
                    start, x = x, x + self._draw(x, y, span, piece, followed_by_space=not last)
                    text += piece
                    boxes.append((start, y - span.rise - ASCENT * span.size, x, y - span.rise + DESCENT * span.size))
        words, _, _ = _close(words, text, boxes)
        line = TrueLine(tuple(words))
        if goes_on:
            line_so_far = self.pages[-1].pop()
            self.pages[-1].append(TrueLine((*line_so_far.words, *words)))
        elif words:
            self.pages[-1].append(line)
        return line

    def wrap(self, spans: Sequence[Span], width: float, first_width: float | None = None) -> list[list[Span]]:
        """Breaks the spans at spaces into lines no wider than `width` (the first: `first_width`)."""
        atoms = [Span(piece, s.size, s.style, s.rise, s.colour) for s in spans for piece in _pieces(s.text)]
        lines: list[list[Span]] = [[]]
        room = width if first_width is None else first_width
        for word in _unbroken(atoms):
            bare = [*word[:-1], _trimmed(word[-1])]
            if lines[-1] and self.width(lines[-1]) + self.width(bare) > room:
                lines.append([])
                room = width
            lines[-1] += word
        return [[*line[:-1], _trimmed(line[-1])] for line in lines if line]

    def paragraph(
        self, x: float, y: float, width: float, spans: Sequence[Span], leading: float, indent: float = 0.0, justify: bool = True
    ) -> float:
        """Sets a paragraph from baseline `y` on; returns the baseline of the line after it."""
        lines = self.wrap(spans, width, width - indent)
        for number, line in enumerate(lines):
            start = x + (indent if number == 0 else 0.0)
            spaces = sum(span.text.count(" ") for span in line)
            spare = x + width - start - self.width(line)
            full = justify and number < len(lines) - 1 and spaces > 0
            self.put(start, y, line, stretch=spare / spaces if full else 0.0)
            y += leading
        return y

    def leader(self, x0: float, x1: float, y: float, size: float = 13.0) -> None:
        """Dots from x0 to x1, as a blank form has them. They are text of the PDF but no words of the truth."""
        dot = self._span_width(Span(".", size))
        count = int((x1 - x0) / dot)
        if count > 0:
            self._draw(x1 - count * dot, y, Span("", size, colour=(70, 70, 70)), "." * count, followed_by_space=False)

    def rule(self, x0: float, x1: float, y: float, thickness: float = 0.7, colour: Colour = BLACK) -> None:
        """A straight horizontal rule."""
        self.line((x0, y), (x1, y), thickness, colour)

    def line(self, start: Point, end: Point, thickness: float = 0.7, colour: Colour = BLACK) -> None:
        """A straight line."""
        self.pdf.set_line_width(thickness)
        self.pdf.set_draw_color(*colour)
        self.pdf.line(*start, *end)

    def frame(self, box: Box, thickness: float = 0.7, colour: Colour = BLACK) -> None:
        """An empty rectangle."""
        self.pdf.set_line_width(thickness)
        self.pdf.set_draw_color(*colour)
        self.pdf.rect(box[0], box[1], box[2] - box[0], box[3] - box[1])

    def fill(self, box: Box, colour: Colour) -> None:
        """A filled rectangle without an edge."""
        self.pdf.set_fill_color(*colour)
        self.pdf.rect(box[0], box[1], box[2] - box[0], box[3] - box[1], style="F")

    def stroke(self, points: Sequence[Point], thickness: float, colour: Colour = BLACK) -> None:
        """A pen stroke with round ends through the points."""
        with self.pdf.new_path() as path:
            path.style.fill_color = None
            path.style.stroke_color = "#{:02x}{:02x}{:02x}".format(*colour)
            path.style.stroke_width = thickness
            path.style.stroke_cap_style = "round"
            path.style.stroke_join_style = "round"
            path.style.auto_close = False
            path.move_to(*points[0])
            for point in points[1:]:
                path.line_to(*point)

    def picture(self, image: Image.Image, box: Box) -> None:
        """An image, its transparency kept."""
        self.pdf.image(image, box[0], box[1], box[2] - box[0], box[3] - box[1])

    def mark(self, text: str, box: Box) -> None:
        """Adds to the truth one word that was drawn by other means than text."""
        self.pages[-1].append(TrueLine((TrueWord(text, box),)))

    def note(self, name: str, label: str, section: str | None, type_: str, value: Any, raw: str, box: Box) -> None:
        """Notes a field of the page being drawn."""
        shown = unicodedata.normalize("NFC", raw)
        self.fields.append(TrueField(name, label, section, type_, value, shown, len(self.pages), box))

    def finish(self, kind: str, template: str | None) -> Drawing:
        """Closes the paper."""
        pages = tuple(TruePage(self.size_mm, tuple(lines)) for lines in self.pages)
        return Drawing(kind, template, bytes(self.pdf.output()), pages, tuple(self.fields))

    def _span_width(self, span: Span) -> float:
        self.pdf.set_font("Serif", span.style, span.size)
        return float(self.pdf.get_string_width(span.text))

    def _draw(self, x: float, y: float, span: Span, piece: str, followed_by_space: bool) -> float:
        """Draws `piece` in the face of `span`. The space goes into the PDF too: copied text must keep its words apart."""
        width = self._span_width(Span(piece, span.size, span.style))
        self.pdf.set_text_color(*span.colour)
        self.pdf.text(x, y - span.rise, piece + (" " if followed_by_space else ""))
        return width


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of `boxes`."""
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _close(words: list[TrueWord], text: str, boxes: list[Box]) -> tuple[list[TrueWord], str, list[Box]]:
    if text:
        words = [*words, TrueWord(unicodedata.normalize("NFC", text), around(boxes))]
    return words, "", []


def _pieces(text: str) -> list[str]:
    """Words with the space that follows them: "a b" is "a ", "b"."""
    parts = text.split(" ")
    return [part + " " for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _unbroken(atoms: Sequence[Span]) -> list[list[Span]]:
    """Atoms joined to words: only a space may end a line, not a change of face."""
    words: list[list[Span]] = []
    for atom in atoms:
        if words and not words[-1][-1].text.endswith(" "):
            words[-1].append(atom)
        else:
            words.append([atom])
    return words


def _trimmed(span: Span) -> Span:
    return Span(span.text.rstrip(" "), span.size, span.style, span.rise, span.colour)
