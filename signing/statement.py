"""In the child: the certification statement (lời chứng) as the last page of a copy (NĐ 23/2015/NĐ-CP Điều 20, TT 01/2020/TT-BTP).

The page is real text in embedded fonts and calibrated colours, so that a PDF/A-2b copy stays PDF/A-2b (ISO 19005-2). A copy
that already bears signatures is refused: another page would break them.
"""

import re
from pathlib import Path

import pikepdf

from signing.appearance import COLOURS
from signing.geometry import over_earlier
from signing.model import POINTS_PER_MM, Box
from signing.pdf_values import pdf_value, write_pdf
from signing.sealing import Code, code, seal_pages
from signing.tasks import StatementLine, StatementPage, WriteStatement
from signing.typeface import typeface, wrapped
from sohoa.errors import SohoaError

# A4 with the margins of NĐ 30/2020/NĐ-CP Phụ lục I, in points.
_WIDTH, _HEIGHT = 210 * POINTS_PER_MM, 297 * POINTS_PER_MM
_LEFT, _RIGHT, _TOP = 30 * POINTS_PER_MM, 20 * POINTS_PER_MM, 25 * POINTS_PER_MM
_BOTTOM = 20 * POINTS_PER_MM
# Where the officer signs: the right side of the page, a room of 50 × 22 mm between position and name.
_BLOCK = (90 * POINTS_PER_MM, _WIDTH - _RIGHT)
_ROOM = (50 * POINTS_PER_MM, 22 * POINTS_PER_MM)
_SEAL = (36 * POINTS_PER_MM, 36 * POINTS_PER_MM)
_SEAL_GAP = 6 * POINTS_PER_MM
_LEADING = 1.35


class _Look:
    """How a style is set: font, size, space above in points, column and alignment."""

    def __init__(self, font: str, size: float, above: float, block: bool, centred: bool, capitals: bool = False) -> None:
        self.font, self.size, self.above, self.block, self.centred, self.capitals = font, size, above, block, centred, capitals


_LOOKS = {
    "heading": _Look("LiberationSerif-Bold", 13, 0, block=False, centred=True, capitals=True),
    "title": _Look("LiberationSerif-Bold", 14, 30, block=False, centred=True),
    "text": _Look("LiberationSerif-Regular", 14, 8, block=False, centred=False),
    "place": _Look("LiberationSerif-Regular", 14, 8, block=False, centred=False),
    "note": _Look("LiberationSerif-Italic", 11.5, 24, block=True, centred=True),
    "position": _Look("LiberationSerif-Bold", 13, 6, block=True, centred=True, capitals=True),
    "signature": _Look("LiberationSerif-Regular", 13, 8, block=True, centred=True),
    "name": _Look("LiberationSerif-Bold", 14, 8, block=True, centred=True),
    "seal_note": _Look("LiberationSerif-Regular", 8.5, 0, block=True, centred=False),
}
_FONTS = sorted({look.font for look in _LOOKS.values()})


def write_statement(request: WriteStatement) -> StatementPage:
    """Append the page. Same source and lines give the same bytes.

    Raises SohoaError pdf_not_signable, pdf_encrypted_for_signing, statement_on_signed, statement_too_long, wording_unreadable.
    """
    try:
        with pikepdf.open(request.source, attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise SohoaError("pdf_encrypted_for_signing")
            if _signed(pdf):
                raise SohoaError("statement_on_signed")
            before = len(pdf.pages)
            facts = {**request.facts, "pages": f"{before:02d}"}
            lines = [StatementLine(line.style, _filled(line.text, facts)) for line in request.lines]
            seal = code(request.seal) if request.seal else None
            unsealed = seal_pages(pdf, request.source, seal) if seal and request.seal_every_page else ()
            room, printed = _append(pdf, lines, seal, request.seal_note)
            write_pdf(pdf, Path(request.out), object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    except pikepdf.PasswordError:
        raise SohoaError("pdf_encrypted_for_signing") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError):
        raise SohoaError("pdf_not_signable") from None
    return StatementPage(before + 1, before + 1, room, over_earlier(room, _SEAL, 1 / 3), printed, unsealed)


def _signed(pdf: pikepdf.Pdf) -> bool:
    """Whether anything in the file is a signature: a /ByteRange, /Perms, or a signature field with a value."""
    if "/Perms" in pdf.Root:
        return True
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary):
            continue
        if "/ByteRange" in item or (item.get("/FT") == "/Sig" and "/V" in item):
            return True
    return False


def _append(pdf: pikepdf.Pdf, lines: list[StatementLine], seal: Code | None, note: str) -> tuple[Box, Box | None]:
    """Draw the page; the room for the signature and the place of the QR seal, as seen."""
    said = [*lines, StatementLine("seal_note", note)]
    faces = {font: typeface(font, "".join(_text(line) for line in said if _look(line).font == font)) for font in _FONTS}
    operators = [b"q /Ink cs 0 0 0 sc BT"]
    y = _TOP
    room: Box | None = None
    for line in lines:
        look = _look(line)
        left, right = _BLOCK if look.block else (_LEFT, _WIDTH - _RIGHT)
        y += look.above
        if line.style == "signature":
            middle = (left + right) / 2
            room = (middle - _ROOM[0] / 2, y, middle + _ROOM[0] / 2, y + _ROOM[1])
            y += _ROOM[1]
            continue
        face = faces[look.font]
        for part in wrapped(face, _text(line), look.size, right - left):
            y += look.size * _LEADING
            x = left + (right - left - face.width(part, look.size)) / 2 if look.centred else left
            place = (_FONTS.index(look.font), look.size, x, _HEIGHT - y, face.codes(part))
            operators.append(b"/F%d %.2f Tf 1 0 0 1 %.2f %.2f Tm %s Tj" % place)
    if room is None:
        raise SohoaError("wording_unreadable")
    printed = None
    if seal:
        # At the foot of the page, where neither the hand nor the agency's seal can touch it.
        face, size = faces[_LOOKS["seal_note"].font], _LOOKS["seal_note"].size
        said_below = wrapped(face, note, size, _WIDTH - _RIGHT - _LEFT)
        below = len(said_below) * size * _LEADING
        top = max(y + _SEAL_GAP, _HEIGHT - _BOTTOM - below - seal.side)
        printed = (_LEFT, top, _LEFT + seal.side, top + seal.side)
        y = printed[3]
        for part in said_below:
            y += size * _LEADING
            place = (_FONTS.index(_LOOKS["seal_note"].font), size, _LEFT, _HEIGHT - y, face.codes(part))
            operators.append(b"/F%d %.2f Tf 1 0 0 1 %.2f %.2f Tm %s Tj" % place)
    operators.append(b"ET")
    if seal and printed:
        operators.append(seal.operators(printed[0], _HEIGHT - printed[3]))
    operators.append(b"Q")
    if y > _HEIGHT - _BOTTOM:
        raise SohoaError("statement_too_long")
    resources = {
        "/Font": {f"/F{i}": faces[font].resource for i, font in enumerate(_FONTS)},
        "/ColorSpace": {"/Ink": COLOURS},
    }
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, round(_WIDTH, 2), round(_HEIGHT, 2)],
        Resources=pdf_value(pdf, resources),
        Contents=pdf.make_stream(b"\n".join(operators)),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return room, printed


def _filled(text: str, facts: dict[str, str]) -> str:
    """Once from left to right, so that braces inside a fact stay what they are."""
    return re.sub(r"\{(\w+)\}", lambda found: facts[found[1]], text)


def _look(line: StatementLine) -> _Look:
    return _LOOKS[line.style]


def _text(line: StatementLine) -> str:
    return line.text.upper() if _look(line).capitals else line.text
