"""A table on paper: the pages of a book or a list as a PDF in embedded fonts, with real text. It parses nothing foreign.

A4 across, margins and typeface of NĐ 30/2020/NĐ-CP Phụ lục I; the head of the table is repeated on every page and pages are
numbered. The same content gives the same bytes.
"""

from pathlib import Path

import pikepdf
from msgspec import Struct

from signing.model import POINTS_PER_MM
from signing.pdf_values import pdf_value, write_pdf
from signing.typeface import Typeface, typeface, wrapped

_WIDTH, _HEIGHT = 297 * POINTS_PER_MM, 210 * POINTS_PER_MM
_LEFT, _RIGHT, _TOP, _BOTTOM = (mm * POINTS_PER_MM for mm in (20, 15, 20, 20))
_SIZE, _LEADING, _PADDING = 11.0, 1.25, 3.0
_REGULAR, _BOLD = "LiberationSerif-Regular", "LiberationSerif-Bold"


class Table(Struct, frozen=True):
    """`head` are centred lines over the first page's table; `columns` are (title, share of the width); `foot` follows the last row.

    `attached` is a file (name, content) that travels inside the PDF for machines.
    """

    head: tuple[str, ...]
    columns: tuple[tuple[str, float], ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()
    attached: tuple[str, bytes] | None = None


def write_table(table: Table, out: Path) -> int:
    """Write the PDF and return its number of pages."""
    said = "".join((*table.head, *table.foot, *(title for title, _ in table.columns), *(cell for row in table.rows for cell in row)))
    faces = {name: typeface(name, said) for name in (_REGULAR, _BOLD)}
    whole = sum(share for _, share in table.columns)
    widths = [(_WIDTH - _LEFT - _RIGHT) * share / whole for _, share in table.columns]
    pages = _Pages(faces, widths, [title for title, _ in table.columns])
    pages.start(table.head)
    for row in table.rows:
        pages.row(row)
    for line in table.foot:
        pages.line(line)
    pdf = pikepdf.new()
    resources = pdf_value(pdf, {"/Font": {"/F0": faces[_REGULAR].resource, "/F1": faces[_BOLD].resource}})
    for content in pages.finished():
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, round(_WIDTH, 2), round(_HEIGHT, 2)],
            Resources=resources,
            Contents=pdf.make_stream(content),
        )
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    if table.attached:
        name, body = table.attached
        pdf.attachments[name] = pikepdf.AttachedFileSpec(
            pdf, body, description="", filename=name, mime_type="application/json", creation_date="", mod_date=""
        )
    write_pdf(pdf, out)
    return len(pages.finished())


class _Pages:
    """The pages as they fill: `y` runs down from the top in points."""

    def __init__(self, faces: dict[str, Typeface], widths: list[float], titles: list[str]) -> None:
        self._faces, self._widths, self._titles = faces, widths, titles
        self._pages: list[list[bytes]] = []
        self._y = 0.0

    def start(self, head: tuple[str, ...] = ()) -> None:
        """A new page: heading lines, then the head of the table."""
        self._pages.append([])
        self._y = _TOP
        for line in head:
            face = self._faces[_BOLD]
            self._text(line, _BOLD, (_WIDTH - face.width(line, _SIZE + 2)) / 2, self._y + _SIZE + 2, _SIZE + 2)
            self._y += (_SIZE + 2) * _LEADING
        self._y += 6 if head else 0
        self._cells(
            [wrapped(self._faces[_BOLD], t, _SIZE, w - 2 * _PADDING) for t, w in zip(self._titles, self._widths, strict=True)], _BOLD
        )

    def row(self, cells: tuple[str, ...]) -> None:
        """One row, on the next page when it does not fit on this one."""
        face = self._faces[_REGULAR]
        broken = [wrapped(face, cell, _SIZE, width - 2 * _PADDING) for cell, width in zip(cells, self._widths, strict=True)]
        if self._y + self._tall(broken) > _HEIGHT - _BOTTOM:
            self.start()
        self._cells(broken, _REGULAR)

    def line(self, text: str) -> None:
        """A line of text under the table."""
        for part in wrapped(self._faces[_REGULAR], text, _SIZE, _WIDTH - _LEFT - _RIGHT):
            if self._y + _SIZE * _LEADING > _HEIGHT - _BOTTOM:
                self._pages.append([])
                self._y = _TOP
            self._text(part, _REGULAR, _LEFT, self._y + _SIZE * _LEADING, _SIZE)
            self._y += _SIZE * _LEADING

    def finished(self) -> list[bytes]:
        """Every page's content, numbered in the centre of the lower margin."""
        face, total = self._faces[_REGULAR], len(self._pages)
        done = []
        for number, operators in enumerate(self._pages, 1):
            text = f"{number}/{total}"
            x = (_WIDTH - face.width(text, _SIZE)) / 2
            done.append(b"\n".join([*operators, self._shown(text, _REGULAR, x, _HEIGHT - _BOTTOM / 2, _SIZE)]))
        return done

    def _tall(self, broken: list[list[str]]) -> float:
        return max(1, *map(len, broken)) * _SIZE * _LEADING + 2 * _PADDING

    def _cells(self, broken: list[list[str]], font: str) -> None:
        tall, x = self._tall(broken), _LEFT
        for lines, width in zip(broken, self._widths, strict=True):
            self._pages[-1].append(b"0.5 w %.2f %.2f %.2f %.2f re S" % (x, _HEIGHT - self._y - tall, width, tall))
            for number, line in enumerate(lines, 1):
                self._text(line, font, x + _PADDING, self._y + number * _SIZE * _LEADING, _SIZE)
            x += width
        self._y += tall

    def _text(self, text: str, font: str, x: float, y: float, size: float) -> None:
        self._pages[-1].append(self._shown(text, font, x, y, size))

    def _shown(self, text: str, font: str, x: float, y: float, size: float) -> bytes:
        name = b"F0" if font == _REGULAR else b"F1"
        return b"BT /%s %.2f Tf 1 0 0 1 %.2f %.2f Tm %s Tj ET" % (name, size, x, _HEIGHT - y, self._faces[font].codes(text))
