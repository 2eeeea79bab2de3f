"""Nobody wrote anything: whatever form it is, however it came, no value may be made out of what the form prints."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pypdfium2
import pytest
from fpdf import FPDF

from ocr.fields.templates import Entry, Template, load_templates
from ocr.model import Extraction, Page
from ocr.tasks import EXTRACT, INSPECT, READ_PAGE, Extract, Inspect, ReadPage
from sohoa.child import Child

FACE = str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf")
PDF = "application/pdf"
LEFT, RIGHT, FOOT = 25, 190, 275


def _forms() -> list[Template]:
    """The newest version of every form that people fill in."""
    newest: dict[str, Template] = {}
    for template in load_templates(None):
        if template.titles and template.title_at == "top" and sum(entry.place == "after" for entry in template.fields) > 6:
            newest[template.slug] = template
    return [template for slug, template in newest.items() if not slug.startswith(("cccd", "cmnd", "van_ban"))]


FORMS = {template.slug: template for template in _forms()}


def _blank(template: Template, path: Path) -> Path:
    """`template` as it lies in an office: labels, dots, empty boxes and empty tables."""
    pdf = FPDF(format="A4")
    pdf.add_font("serif", "", FACE)
    pdf.set_auto_page_break(False)
    pdf.add_page()
    pdf.set_font("serif", size=12)
    for line in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "", template.titles[0], ""):
        pdf.cell(0, 7, line, align="C", new_x="LMARGIN", new_y="NEXT")
    before = None
    for entry in template.fields:
        twin = entry.place == "below" and before is not None and before.label == entry.label  # office and name stand under one label
        before = entry
        if entry.place in ("header", "code") or twin:
            continue
        if pdf.get_y() > FOOT - 25:
            pdf.add_page()
        pdf.set_x(LEFT)
        _print(pdf, entry)
    pdf.output(str(path))
    return path


def _print(pdf: FPDF, entry: Entry) -> None:
    y = pdf.get_y()
    if entry.place == "date_line":
        pdf.text(100, y + 5, "......, ngày ..... tháng ..... năm ........")
    elif entry.place == "below":
        pdf.text(120, y + 5, entry.label)
        pdf.text(118, y + 11, "(Ký, ghi rõ họ tên)")
        y += 22
    elif entry.place in ("box_after", "box_before"):
        after = entry.place == "box_after"
        pdf.text(LEFT + (0 if after else 7), y + 5, entry.label)
        pdf.rect(LEFT + 1 + (pdf.get_string_width(entry.label) + 2 if after else 0), y + 1.6, 4, 4)
    elif entry.place == "table":
        pdf.text(LEFT, y + 5, entry.label)
        width = (RIGHT - LEFT) / len(entry.columns)
        for number, column in enumerate(entry.columns):
            pdf.set_font("serif", size=8)
            pdf.set_xy(LEFT + number * width, y + 8)
            pdf.multi_cell(width, 4, column.label, align="C")
            pdf.set_font("serif", size=12)
        for row in range(4):
            pdf.line(LEFT, y + 8 + 12 * row, RIGHT, y + 8 + 12 * row)
        for number in range(len(entry.columns) + 1):
            pdf.line(LEFT + number * width, y + 8, LEFT + number * width, y + 44)
        y += 42
    else:
        for line in pdf.multi_cell(RIGHT - LEFT, 6, entry.label, dry_run=True, output="LINES"):
            pdf.text(LEFT, y + 5, line)
            end, y = LEFT + pdf.get_string_width(line), y + 6.5
        if entry.place != "anchor":
            pdf.text(end, y - 1.5, ": " + "." * max(3, int((RIGHT - end) / pdf.get_string_width(".")) - 4))
        pdf.set_y(y)
        return
    pdf.set_y(y + 7)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child(("ocr.warm:load",)) as running:
        yield running


def _read(child: Child, path: Path, media_type: str, work: Path) -> Extraction:
    work.mkdir()
    count = child.call(INSPECT, Inspect(str(path), media_type)).pages
    pages: list[Page] = [child.call(READ_PAGE, ReadPage(str(path), media_type, number, str(work))) for number in range(1, count + 1)]
    found: Extraction = child.call(EXTRACT, Extract(str(path), media_type, str(work), tuple(pages)))
    return found


def _invented(found: Extraction) -> dict[str, object]:
    return {field.name: field.value for field in found.fields if field.value not in (None, False)}


@pytest.mark.parametrize("slug", FORMS)
def test_a_blank_form_has_no_values(slug: str, child: Child, tmp_path: Path) -> None:
    found = _read(child, _blank(FORMS[slug], tmp_path / "blank.pdf"), PDF, tmp_path / "work")
    assert found.template == slug
    assert _invented(found) == {}


@pytest.mark.parametrize("slug", ["to_khai_dang_ky_khai_sinh", "ct01"])
def test_the_picture_of_a_blank_form_has_no_values(slug: str, child: Child, tmp_path: Path) -> None:
    """The first page, as a scanner gives it."""
    with pypdfium2.PdfDocument(_blank(FORMS[slug], tmp_path / "blank.pdf")) as pdf:
        pdf[0].render(scale=200 / 72).to_pil().convert("L").save(tmp_path / "blank.jpg", quality=80, dpi=(200, 200))
    found = _read(child, tmp_path / "blank.jpg", "image/jpeg", tmp_path / "work")
    assert found.template == slug
    assert _invented(found) == {}
