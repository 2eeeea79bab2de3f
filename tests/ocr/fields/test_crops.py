"""The pictures of what a person is asked to look at."""

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from fpdf import FPDF

from ocr.fields.crops import cut_crops
from ocr.model import Extraction, Field, FieldStatus, Page, Quality
from ocr.tasks import EXTRACT, READ_PAGE, Extract, ReadPage
from sohoa.child import Child

SIZE_MM = (210.0, 297.0)
SCALE = 300 / 72


def field(name: str, status: FieldStatus, box: tuple[float, float, float, float] | None) -> Field:
    return Field(name, name, None, "text", None, "", 0.5, "print", 1 if box else None, box, status)


def page() -> Page:
    return Page(1, SIZE_MM, 300.0, 0, 0.0, Quality(), "read")


def test_a_field_in_review_gets_the_picture_of_its_place(tmp_path: Path) -> None:
    picture = np.full((3508, 2480, 3), 255, np.uint8)
    picture[round(200 * SCALE) : round(212 * SCALE), round(100 * SCALE) : round(180 * SCALE)] = (200, 30, 30)
    fields = (field("ho_ten", "accepted", (10, 10, 50, 20)), field("noi_sinh", "review", (100, 200, 180, 212)))
    found = cut_crops(Extraction("x", "1", fields), (page(),), lambda _: picture, tmp_path)
    assert [one.crop for one in found.fields] == [None, "review/02-noi_sinh.jpg"]
    crop = cv2.imread(str(tmp_path / "review/02-noi_sinh.jpg"))
    assert 245 < crop.shape[1] < 265 and 60 < crop.shape[0] < 76
    assert np.abs(crop[crop.shape[0] // 2, crop.shape[1] // 2].astype(int) - (30, 30, 200)).max() < 4


def test_a_document_without_doubts_gets_no_folder_and_no_page_is_decoded(tmp_path: Path) -> None:
    def refuse(_: int) -> None:
        raise AssertionError("no picture is needed")

    found = cut_crops(Extraction("x", "1", (field("a", "accepted", (1, 1, 9, 9)),)), (page(),), refuse, tmp_path)
    assert found.fields[0].crop is None
    assert not (tmp_path / "review").exists()


def test_a_field_without_a_place_or_at_the_edge_does_no_harm(tmp_path: Path) -> None:
    picture = np.full((3508, 2480), 255, np.uint8)
    fields = (field("lost", "review", None), field("edge", "review", (590, 838, 620, 900)))
    found = cut_crops(Extraction("x", "1", fields), (page(),), lambda _: picture, tmp_path)
    assert [one.crop for one in found.fields] == [None, "review/02-edge.jpg"]
    assert cv2.imread(str(tmp_path / "review/02-edge.jpg")).size


def born_digital(path: Path) -> Path:
    """A form with a date that no calendar has, as a portal makes it."""
    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.add_font("serif", "", str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf"))
    pdf.set_font("serif", size=13)
    rows = [
        "TỜ KHAI ĐĂNG KÝ KHAI SINH",
        "",
        "Họ, chữ đệm, tên: Trần Minh Khang",
        "Ngày, tháng, năm sinh: 31/02/2024",
        "Quê quán: xã Gia Viễn",
    ]
    for number, row in enumerate(rows):
        pdf.text(60 if number == 0 else 25, 40 + 9 * number, row)
    pdf.output(str(path))
    return path


def scanned(path: Path, original: Path) -> Path:
    with pypdfium2.PdfDocument(original) as pdf:
        pdf[0].render(scale=200 / 72).to_pil().save(path, quality=85, dpi=(200, 200))
    return path


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg"])
def test_extraction_leaves_the_pictures_where_it_is_told(kind: str, tmp_path: Path) -> None:
    """Through the child, of a page with its own text and of a picture; without a folder there are none."""
    path = born_digital(tmp_path / "form.pdf")
    if kind == "image/jpeg":
        path = scanned(tmp_path / "form.jpg", path)
    (tmp_path / "work").mkdir()
    (tmp_path / "out").mkdir()
    with Child(("ocr.warm:load",)) as child:
        pages = (child.call(READ_PAGE, ReadPage(str(path), kind, 1, str(tmp_path / "work"), "tesseract")),)
        found = child.call(EXTRACT, Extract(str(path), kind, str(tmp_path / "work"), pages, crops=str(tmp_path / "out")))
        without = child.call(EXTRACT, Extract(str(path), kind, str(tmp_path / "work"), pages))
    born = next(one for one in found.fields if one.name == "ngay_sinh")
    assert born.status == "review" and born.crop is not None
    crop = cv2.imread(str(tmp_path / "out" / born.crop), cv2.IMREAD_GRAYSCALE)
    assert born.box is not None
    assert abs(crop.shape[1] - (born.box[2] - born.box[0] + 12) / 72 * 200) < 6
    assert 0.02 < (crop < 128).mean() < 0.4, "the date is on it"
    named = {one.crop for one in found.fields if one.crop}
    assert {f"review/{file.name}" for file in (tmp_path / "out" / "review").iterdir()} == named
    assert {one.crop for one in without.fields} == {None}
