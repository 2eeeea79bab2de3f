"""What was filled into the fields of a PDF form (AcroForm, ISO 32000-1 12.7), and where it stands.

The value is taken from the field, not from how it is drawn: a program that fills a form often has no Vietnamese letters in the field's
font, or leaves the drawing to the viewer, and "Phạm" would come out as "Phm". The drawing is compared all the same, for it is what
people saw: where it shows something else, or nothing, the words say so (`Word.raw`) and are not believed.
"""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Protocol
from unicodedata import normalize

import pypdfium2
import pypdfium2.raw as pdfium
from msgspec import Struct

from ocr.model import Box, Word

TICKED, EMPTY = "☑", "☐"

_CHOICES = (pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX)
_BUTTONS = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_PASSWORD = 1 << 13  # ISO 32000-1 table 228: its value is not to be shown
_SIZE = 11.0  # points: the letters of an answer that nobody drew
_NARROW = 0.5  # of the size: the width of a letter
_DOUBTED = 0.5  # what nobody saw as it stands in the field


class Drawn(Protocol):
    """A character as the page shows it."""

    @property
    def text(self) -> str: ...
    @property
    def box(self) -> Box: ...


class FormValue(Struct, frozen=True):
    """What one field holds: a text, or `TICKED` or `EMPTY`. `box` in user space, (left, bottom, right, top)."""

    text: str
    box: Box


def form_values(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> list[FormValue]:
    """The filled fields on a page and all its check boxes and radio buttons, in the file's order."""
    if document.formenv is None:
        return []
    found = []
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        widget = pdfium.FPDFPage_GetAnnot(page, index)
        if not widget:
            continue
        try:
            box = pdfium.FS_RECTF()
            shown = pdfium.FPDFAnnot_GetSubtype(widget) == pdfium.FPDF_ANNOT_WIDGET and not pdfium.FPDFAnnot_GetFlags(widget) & _UNSEEN
            if shown and pdfium.FPDFAnnot_GetRect(widget, box) and (text := _value(document.formenv, widget)):
                found.append(FormValue(text, (box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))))
        finally:
            pdfium.FPDFPage_CloseAnnot(widget)
    return found


def _value(form: object, widget: object) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, widget)
    if kind in _BUTTONS:
        return TICKED if pdfium.FPDFAnnot_IsChecked(form, widget) else EMPTY
    if kind in _CHOICES:
        chosen = [
            _text(pdfium.FPDFAnnot_GetOptionLabel, form, widget, option)
            for option in range(max(0, pdfium.FPDFAnnot_GetOptionCount(form, widget)))
            if pdfium.FPDFAnnot_IsOptionSelected(form, widget, option)
        ]
        return "\n".join(chosen) or _text(pdfium.FPDFAnnot_GetFormFieldValue, form, widget)
    if kind == pdfium.FPDF_FORMFIELD_TEXTFIELD and not pdfium.FPDFAnnot_GetFormFieldFlags(form, widget) & _PASSWORD:
        return _text(pdfium.FPDFAnnot_GetFormFieldValue, form, widget)
    return ""


def _text(ask: object, *of: object) -> str:
    """What a function of PDFium writes into a buffer as UTF-16."""
    size = ask(*of, None, 0)  # type: ignore[operator]
    buffer = ctypes.create_string_buffer(size)
    ask(*of, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)  # type: ignore[operator]
    return normalize("NFC", buffer.raw[:size].decode("utf-16-le", "replace").strip("\0 \r\n\t"))


def value_words(text: str, box: Box, drawn: Sequence[Drawn], line: int) -> Iterator[Word]:
    """The words of a field whose `box` is given as displayed; `drawn` are the characters that the page shows in it, `line` the number
    of its first line."""
    if text in (TICKED, EMPTY):
        yield Word(text, _rounded(box), 1.0, line, in_field=True)
        return
    rows = [row.split() for row in text.splitlines() if row.strip()]
    shown = "".join(one.text for one in drawn if not one.text.isspace())
    letters = "".join(word for row in rows for word in row)
    if normalize("NFC", shown) == letters and len(shown) == len(letters):
        yield from _where_drawn([word for row in rows for word in row], [one for one in drawn if not one.text.isspace()], line)
        return
    # A font without Vietnamese letters leaves those out and nothing else.
    seen = bool(shown) and shown == "".join(letter for letter in letters if letter in shown or ord(letter) < 0x100)
    for number, (words, at) in enumerate(_laid_out(rows, box)):
        for word, place in zip(words, at, strict=True):
            yield Word(word, place, 1.0 if seen else _DOUBTED, line + number, None if seen else shown, in_field=True)


def _where_drawn(words: Sequence[str], characters: Sequence[Drawn], line: int) -> Iterator[Word]:
    start, above = 0, None
    for word in words:
        boxes = [one.box for one in characters[start : start + len(word)]]
        start += len(word)
        box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        line += above is not None and box[1] > (above[1] + above[3]) / 2
        above = box
        yield Word(word, _rounded(box), 1.0, line, in_field=True)


def _laid_out(rows: Sequence[Sequence[str]], box: Box) -> Iterator[tuple[list[str], list[Box]]]:
    """Where words of a field stand that nobody drew: from its upper left, or in its middle where it has one row."""
    size = min(_SIZE, box[3] - box[1])
    wide = _NARROW * size
    broken: list[list[str]] = []
    for row in rows:
        kept: list[str] = []
        for word in row:
            if kept and (sum(map(len, kept)) + len(kept) + len(word)) * wide > box[2] - box[0] and box[3] - box[1] > 2 * size:
                broken.append(kept)
                kept = []
            kept.append(word)
        broken.append(kept)
    longest = max((sum(map(len, row)) + len(row) - 1 for row in broken), default=1)
    wide = min(wide, (box[2] - box[0]) / max(1, longest))
    pitch = (box[3] - box[1]) / len(broken) if len(broken) * 1.2 * size > box[3] - box[1] or len(broken) == 1 else 1.2 * size
    for number, row in enumerate(broken):
        middle, x, places = box[1] + (number + 0.5) * pitch, box[0], []
        for word in row:
            places.append(_rounded((x, middle - size / 2, x + len(word) * wide, middle + size / 2)))
            x += (len(word) + 1) * wide
        yield row, places


def _rounded(box: Box) -> Box:
    return (round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2))
