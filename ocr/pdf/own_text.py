"""The text a PDF page brings along, and whether it may be trusted instead of reading the page's image.

Read with PDFium, because it also tells what a person sees: which text is invisible, which lies under a picture, which
characters have no Unicode value. Annotations are flattened in memory first, for what was filled in is part of the page; what the
fields of a form hold is asked of the fields (`ocr.pdf.form_values`). The file itself is not changed.
"""

import ctypes
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal
from unicodedata import normalize

import pypdfium2
import pypdfium2.raw as pdfium
from msgspec import Struct
from msgspec.structs import replace

from ocr.model import Box, Word
from ocr.pdf.form_values import FormValue, form_values, value_words
from ocr.pdf.legible import judge, legacy_font, legacy_letters
from sohoa.errors import SohoaError

Decision = Literal["good", "blank", "drawing", "no_text", "picture", "broken", "legacy", "unmarked"]

_PICTURE_SHARE = 0.5  # of the page: a picture this large is a scan ...
_TEXT_OVER_PICTURE = 300  # ... unless so many characters stand on top of it
_READABLE_PICTURE = 0.03  # of the page: an identity card is 0.07 of A4, a portrait or a logo less than 0.03
_FEW_SHAPES = 200  # lines and fills of a frame or a plan; text turned into outlines has thousands
_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_LEVEL = 0.98  # cosine of the angle to the displayed horizontal; on a steeper baseline words are told apart by PDFium's own spaces alone
_HYPHENS = (2, 0xFFFE)  # what PDFium says for a hyphen at a line's end
_PASSWORD_ERRORS = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


class OwnText(Struct, frozen=True):
    """`size` is (width, height) in points as displayed; `words` are only given when `decision` is "good".

    `pictures` are the boxes of pictures large enough to hold text that the page's own text knows nothing of: a photo
    of an identity card pasted into a letter.
    """

    decision: Decision
    size: tuple[float, float]
    words: tuple[Word, ...] = ()
    pictures: tuple[Box, ...] = ()


class _Character(Struct, frozen=True):
    text: str
    box: Box
    gap: bool
    level: bool = True


_GAP = _Character(" ", (0, 0, 0, 0), True)


def own_text(path: str, number: int) -> OwnText:
    """The text of page `number` (from 1). Raises SohoaError: pdf_damaged, pdf_encrypted, page_missing."""
    with open_pdf(path) as document:
        if number > len(document):
            raise SohoaError("page_missing", number=number)
        return page_text(document, number)


@contextmanager
def open_pdf(path: str) -> Iterator[pypdfium2.PdfDocument]:
    """The document with its form fields. Raises SohoaError: pdf_damaged, pdf_encrypted."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise SohoaError("pdf_encrypted" if error.err_code in _PASSWORD_ERRORS else "pdf_damaged") from None
    try:
        document.init_forms()
        yield document
    except pypdfium2.PdfiumError:
        raise SohoaError("pdf_damaged") from None
    finally:
        document.close()


def page_text(document: pypdfium2.PdfDocument, number: int) -> OwnText:
    """As `own_text`, of an open document."""
    page = document[number - 1]
    values: list[FormValue] = []
    try:
        if pdfium.FPDFPage_GetAnnotCount(page):
            values = form_values(document, page)
            with suppress(RuntimeError):  # what cannot be flattened is left out; the rest of the page counts
                page.flatten()
            page.close()
            page = document[number - 1]
        return _decide(page, values)
    finally:
        page.close()


def _decide(page: pypdfium2.PdfPage, values: Sequence[FormValue]) -> OwnText:
    size = page.get_size()
    pictures, shapes, hidden = _objects(page)
    area = size[0] * size[1]
    covered = any(_area(picture) > _PICTURE_SHARE * area for picture in pictures)
    text = page.get_textpage()
    try:
        characters, unmapped, old_font = _characters(page, text, hidden)
    finally:
        text.close()
    characters, filled = _filled(characters, values, page)
    shown = sum(not c.text.isspace() for c in characters) + sum(len(word.text) for word in filled)
    if not shown:
        if pictures:
            return OwnText("picture", size)
        return OwnText("blank" if not shapes else "drawing" if shapes < _FEW_SHAPES else "no_text", size)
    if covered and shown < _TEXT_OVER_PICTURE:
        return OwnText("picture", size)
    words = tuple(_words(characters))
    first = max((word.line for word in words), default=-1) + 1
    words += tuple(replace(word, line=first + word.line) for word in filled)
    verdict = "legacy" if legacy_letters(old_font) else judge([word.text for word in words], unmapped)
    if verdict != "good":
        return OwnText(verdict, size)
    return OwnText("good", size, words, tuple(picture for picture in pictures if _area(picture) > _READABLE_PICTURE * area))


def _filled(characters: Sequence[_Character], values: Sequence[FormValue], page: pypdfium2.PdfPage) -> tuple[list[_Character], list[Word]]:
    """(the characters that stand in no filled field, the words of the fields with lines counted from 0)."""
    bounds, turn = page.get_bbox(), page.get_rotation()
    words: list[Word] = []
    for value in values:
        box = _displayed(value.box, bounds, turn)
        inside = [one for one in characters if not one.gap and _holds(box, one.box)]
        taken = {id(one) for one in inside}
        characters = [one for one in characters if id(one) not in taken]
        words += value_words(value.text, box, inside, words[-1].line + 1 if words else 0)
    return list(characters), words


def _holds(box: Box, letter: Box) -> bool:
    x, y = (letter[0] + letter[2]) / 2, (letter[1] + letter[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _objects(page: pypdfium2.PdfPage) -> tuple[list[Box], int, set[int]]:
    """The visible parts of the pictures on the page, the number of shapes, and the text objects that nobody sees."""
    width, height = page.get_size()
    bounds, turn = page.get_bbox(), page.get_rotation()
    pictures: list[Box] = []
    shapes = 0
    seen: set[int] = set()
    hidden: set[int] = set()
    for item in page.get_objects(max_depth=4):
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = _displayed(item.get_bounds(), bounds, turn)
            pictures.append((max(x0, 0.0), max(y0, 0.0), max(x0, min(x1, width)), max(y0, min(y1, height))))
            if _area(pictures[-1]) > _PICTURE_SHARE * width * height:
                hidden |= seen
        elif item.type == pdfium.FPDF_PAGEOBJ_TEXT:
            seen.add(_address(item.raw))
            if pdfium.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE:
                hidden.add(_address(item.raw))
        else:
            shapes += 1
    return pictures, shapes, hidden


def _address(pointer: object) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def _characters(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, hidden: set[int]) -> tuple[list[_Character], float, str]:
    """Visible characters in the page's own order, the share of them without Unicode value, and those set in legacy fonts."""
    bounds, turn = page.get_bbox(), page.get_rotation()
    found: list[_Character] = []
    old_fonts: dict[int, bool] = {}
    old: list[str] = []
    unmapped = 0
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        generated = pdfium.FPDFText_IsGenerated(text, index) == 1
        if generated or code in (0, 9, 10, 13, 32, 160):
            found.append(_GAP)
            continue
        item = _address(pdfium.FPDFText_GetTextObject(text, index))
        if item in hidden:
            continue
        box = _displayed(_loose_box(text, index), bounds, turn)
        if box[2] <= 0 or box[3] <= 0 or box[0] >= max(bounds[2:]) or box[1] >= max(bounds[2:]):
            continue
        if pdfium.FPDFText_HasUnicodeMapError(text, index) == 1:
            unmapped += 1
        if item not in old_fonts:
            old_fonts[item] = legacy_font(_font(text, index))
        if old_fonts[item]:
            old.append(chr(code))
        level = math.cos(pdfium.FPDFText_GetCharAngle(text, index) - math.radians(turn)) > _LEVEL
        found.append(_Character("-" if code in _HYPHENS else chr(code), box, False, level))
    found = _without_leaders(found)
    return found, unmapped / max(1, sum(not c.gap for c in found)), "".join(old)


def _without_leaders(characters: list[_Character]) -> list[_Character]:
    """Leave out the leader dots of a form: they are no text, and where a value is printed over them PDFium mixes both by
    position, so that a reader would see "P.h.ạ..m".

    A leader is a run of six dots or more side by side on one baseline; a full stop has no neighbour.
    """
    dots = sorted((one for one in characters if one.text == "." and not one.gap), key=lambda one: (round(one.box[3]), one.box[0]))
    leaders: set[int] = set()
    spans: dict[int, Box] = {}  # first dot of a run -> its whole box
    run: list[_Character] = []
    for dot in dots:
        if run and not (abs(dot.box[3] - run[-1].box[3]) < 1 and dot.box[0] - run[-1].box[2] < 0.6 * (dot.box[2] - dot.box[0])):
            run = []
        run.append(dot)
        if len(run) >= 6:
            leaders.update(id(one) for one in run)
            spans[id(run[0])] = _around(run)
    if not leaders:
        return characters
    value: list[_Character] = []
    for one in characters:
        if id(one) in leaders:
            continue
        before = value[-1] if value else _GAP
        # With the dots PDFium also loses the spaces they fill; letters of a word touch, a space is a quarter of their height.
        dotted = any(span[0] <= one.box[0] <= span[2] and span[1] < one.box[3] and one.box[1] < span[3] for span in spans.values())
        if dotted and not (before.gap or one.gap) and one.box[0] - before.box[2] > 0.12 * (one.box[3] - one.box[1]):
            value.append(_GAP)
        value.append(one)
    return value


def _loose_box(text: pypdfium2.PdfTextPage, index: int) -> Box:
    rectangle = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text, index, rectangle)
    return (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _font(text: pypdfium2.PdfTextPage, index: int) -> str:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, index, name, 128, flags)
    return name.value.decode("utf8", "replace")


def _displayed(box: Box, bounds: Box, turn: int) -> Box:
    """A box of user space as seen on the turned page, from its top left (ISO 32000-1 7.7.3.3, /Rotate is clockwise)."""
    x0, y0, x1, y1 = box
    left, bottom, right, top = bounds
    if turn == 90:
        return (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
    if turn == 180:
        return (right - x1, y0 - bottom, right - x0, y1 - bottom)
    if turn == 270:
        return (top - y1, right - x1, top - y0, right - x0)
    return (x0 - left, top - y1, x1 - left, top - y0)


def _words(characters: list[_Character]) -> Iterator[Word]:
    """Characters joined into words, and words counted into lines by where they stand."""
    line = 0
    run: list[_Character] = []
    last: Box | None = None
    for character in [*characters, _GAP]:
        if run and (character.gap or (character.level and _apart(run[-1].box, character.box))):
            box = _around(run)
            if last and not _same_line(last, box):
                line += 1
            word = normalize("NFC", "".join(c.text for c in run))
            yield Word(word, tuple(round(v, 2) for v in box), 1.0, line)  # type: ignore[arg-type]
            last, run = box, []
        if not character.gap:
            run.append(character)


def _around(run: list[_Character]) -> Box:
    return (min(c.box[0] for c in run), min(c.box[1] for c in run), max(c.box[2] for c in run), max(c.box[3] for c in run))


def _apart(before: Box, after: Box) -> bool:
    return not _same_line(before, after) or after[0] - before[2] > 0.5 * (before[3] - before[1])


def _same_line(before: Box, after: Box) -> bool:
    """Level with each other, and `after` not far back to the left."""
    height = min(before[3] - before[1], after[3] - after[1])
    level = min(before[3], after[3]) - max(before[1], after[1]) > 0.4 * height
    return level and after[0] > before[0] - height
