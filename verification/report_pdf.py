"""The report as a PDF/A-2b to be filed or handed over: the sentence, three lamps, the facts of each signature.

Laid out for one A4 page at one or two signatures. Whoever wants it signed hands it to a signing identity afterwards;
this room holds no key.
"""

from datetime import datetime
from importlib.resources import files
from io import BytesIO

import pikepdf
from fpdf import FPDF
from fpdf.enums import DocumentCompliance, XPos, YPos

from verification.model import Verdict
from verification.reading import Lamp, Reading, SignatureReading, read

_INK = (33, 37, 41)
_SOFT = (90, 96, 102)
_COLOURS: dict[str, tuple[int, int, int]] = {
    "good": (24, 121, 78), "bad": (176, 32, 37), "unknown": (176, 112, 0), "off": (140, 146, 152),
    "valid": (24, 121, 78), "invalid": (176, 32, 37), "indeterminate": (176, 112, 0), "unsigned": (90, 96, 102),
}  # fmt: skip
_LABEL_WIDTH = 52.0
_MARGIN = 18.0
_SMALL = 9.0


def report_pdf(verdict: Verdict, file: str) -> bytes:
    """A PDF/A-2b; the same verdict gives the same bytes. Names are masked as in the HTML report."""
    reading = read(verdict, file)
    pdf = _Paper(datetime.fromisoformat(verdict.checked_at), reading.title)
    _head(pdf, reading)
    _lamps(pdf, reading.lamps)
    if reading.seal:
        _heading(pdf, "Con dấu QR trên bản in", _INK)
        _facts(pdf, reading.seal)
        _paragraph(pdf, reading.seal_meaning, _SMALL, _SOFT)
    if reading.copy:
        _heading(pdf, "Bản sao điện tử chứng thực", _INK)
        _facts(pdf, reading.copy)
    for signature in reading.signatures:
        _signature(pdf, signature)
    _doubts(pdf, reading)
    _heading(pdf, "Về tệp này", _INK)
    _facts(pdf, reading.document)
    _paragraph(
        pdf,
        "Phần mềm đọc PDF có thể báo “không xác định” vì chứng thư gốc của Việt Nam chưa nằm trong danh sách tin cậy của Adobe "
        "(AATL) và của châu Âu (EUTL). Đó không phải là lỗi của văn bản.",
        _SMALL,
        _SOFT,
    )
    return _settled(bytes(pdf.output()), verdict.checked_at)


def _settled(content: bytes, moment: str) -> bytes:
    """Without the clock of the moment of writing, and without a wish how to be opened."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        del pdf.Root["/OpenAction"], pdf.trailer["/ID"]
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["xmp:ModifyDate"] = metadata["xmp:MetadataDate"] = moment
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


class _Paper(FPDF):
    """An A4 page with the embedded serif face, a line about its origin at the foot of each page."""

    def __init__(self, made: datetime, title: str) -> None:
        super().__init__(format="A4", enforce_compliance=DocumentCompliance.PDFA_2B)
        folder = files("sohoa").joinpath("fonts")
        self.add_font("serif", fname=str(folder.joinpath("LiberationSerif-Regular.ttf")))
        self.add_font("serif", style="B", fname=str(folder.joinpath("LiberationSerif-Bold.ttf")))
        self.set_creation_date(made)
        self.set_title(f"Kết quả kiểm tra chữ ký số: {title}")
        self.set_lang("vi")
        self.set_producer("sohoa")
        self.set_margins(_MARGIN, 16, _MARGIN)
        self.set_auto_page_break(True, 18)
        self.add_page()

    def footer(self) -> None:
        """The legal basis, and the page's number."""
        self.set_y(-14)
        self.set_font("serif", size=8)
        self.set_text_color(*_SOFT)
        self.cell(0, 4, f"Kết quả do máy lập, căn cứ Thông tư 15/2025/TT-BKHCN, Điều 6. Trang {self.page_no()}", align="C")


def _head(pdf: _Paper, reading: Reading) -> None:
    colour = _COLOURS[reading.verdict]
    pdf.set_font("serif", size=10)
    pdf.set_text_color(*_SOFT)
    pdf.cell(0, 5, "KẾT QUẢ KIỂM TRA CHỮ KÝ SỐ", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_font("serif", "B", 22)
    pdf.set_text_color(*colour)
    pdf.cell(0, 11, reading.title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    _paragraph(pdf, reading.sentence, 13, _INK)
    if reading.next_step:
        _paragraph(pdf, reading.next_step, 11, _SOFT)
    pdf.set_draw_color(*colour)
    pdf.set_line_width(0.8)
    pdf.line(_MARGIN, pdf.get_y() + 1, pdf.w - _MARGIN, pdf.get_y() + 1)
    pdf.ln(4)


def _lamps(pdf: _Paper, lamps: tuple[Lamp, ...]) -> None:
    for lamp in lamps:
        top = pdf.get_y()
        pdf.set_fill_color(*_COLOURS[lamp.light])
        pdf.ellipse(_MARGIN, top + 0.9, 4, 4, style="F")
        pdf.set_x(_MARGIN + 7)
        pdf.set_font("serif", "B", 11)
        pdf.set_text_color(*_INK)
        pdf.cell(48, 6, lamp.question)
        pdf.set_font("serif", size=11)
        pdf.multi_cell(0, 6, lamp.answer, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(1)


def _signature(pdf: _Paper, signature: SignatureReading) -> None:
    _heading(pdf, signature.heading, _COLOURS[signature.verdict])
    _facts(pdf, signature.facts)
    for text, allowed in signature.changes:
        _paragraph(
            pdf, f"{'+' if allowed else '×'} {text}{'' if allowed else ' (không được phép)'}", 10, _INK if allowed else _COLOURS["bad"]
        )


def _doubts(pdf: _Paper, reading: Reading) -> None:
    doubts = [text for result, text in reading.checks if result in ("failed", "not_made", "warning")]
    if doubts:
        _heading(pdf, "Cần lưu ý", _COLOURS["unknown"])
    for text in doubts:
        _paragraph(pdf, f"– {text}", 10, _INK)


def _heading(pdf: _Paper, text: str, colour: tuple[int, int, int]) -> None:
    pdf.ln(2)
    pdf.set_font("serif", "B", 12)
    pdf.set_text_color(*colour)
    pdf.cell(0, 7, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _facts(pdf: _Paper, facts: tuple[tuple[str, str], ...]) -> None:
    for label, value in facts:
        pdf.set_font("serif", size=10)
        pdf.set_text_color(*_SOFT)
        pdf.cell(_LABEL_WIDTH, 5, label)
        pdf.set_text_color(*_INK)
        pdf.multi_cell(0, 5, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _paragraph(pdf: _Paper, text: str, size: float, colour: tuple[int, int, int]) -> None:
    pdf.set_font("serif", size=size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
