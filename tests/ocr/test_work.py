"""Reading a document in the killable child, from the upload to what is delivered."""

import hashlib
import json
import re
import subprocess
import sys
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image, ImageChops, ImageDraw, ImageFont

from ocr.export.document import document_json
from ocr.export.text import plain_text
from ocr.model import Extraction, Page, Quality
from ocr.tasks import ASSEMBLE, EXTRACT, INSPECT, READ_PAGE, Assemble, Assembled, Extract, Inspect, Inspection, ReadPage
from ocr.work import as_delivered
from sohoa.child import Child
from sohoa.errors import SohoaError

FACE = str(files("sohoa") / "fonts" / "LiberationSerif-Regular.ttf")
TEXT = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Họ và tên: Phạm Đức Quỳnh", "Ngày 12 tháng 5 năm 2025"]


@pytest.fixture(scope="module")
def child():
    with Child(("ocr.warm:load",)) as running:
        yield running


@pytest.fixture
def work(tmp_path):
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def picture(skew=0.0, lines=TEXT):
    image = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((250, 300 + 130 * number), line, font=ImageFont.truetype(FACE, 44), fill=(25, 25, 25))
    return image.rotate(skew, Image.Resampling.BICUBIC, fillcolor="white")


def jpeg(path, image=None, **how):
    (image or picture()).save(path, "JPEG", quality=75, dpi=(200, 200), **how)
    return path


def born_digital(path, pages=1, scan=None):
    pdf = FPDF(format="A4")
    pdf.add_font("serif", "", FACE)
    pdf.set_title("Tờ khai")
    for _ in range(pages):
        pdf.add_page()
        pdf.set_font("serif", size=13)
        for number, line in enumerate(TEXT):
            pdf.text(30, 40 + 10 * number, line)
    if scan:
        pdf.add_page()
        pdf.image(scan, 0, 0, 210, 297)
    pdf.output(str(path))
    return path


def media_type(path):
    return {"jpg": "image/jpeg", "pdf": "application/pdf", "tif": "image/tiff"}[path.suffix[1:]]


def read(child, path, work, reader="tesseract"):
    """All pages, a failed one as the pipeline records it."""
    found = child.call(INSPECT, Inspect(str(path), media_type(path)))
    pages = []
    for number in range(1, found.pages + 1):
        try:
            pages.append(child.call(READ_PAGE, ReadPage(str(path), media_type(path), number, str(work), reader)))
        except SohoaError as error:
            pages.append(Page(number, (0.0, 0.0), 0.0, 0, 0.0, Quality(), "failed", error.code))
    return tuple(pages)


def assemble(child, path, pages, work, out, source=None):
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    settings = {"engine": "sohoa 0.1.0", "reader": "tesseract"}
    return child.call(ASSEMBLE, Assemble(str(work), pages, str(out), sha256, "Tờ khai", settings, source))


def rows(text):
    return [row.strip() for row in text.splitlines() if row.strip()]


def test_a_scan_becomes_a_searchable_archive_file(child, work, tmp_path):
    path = jpeg(tmp_path / "scan.jpg")
    pages = read(child, path, work)
    done = assemble(child, path, pages, work, tmp_path / "out.pdf")
    assert done == Assembled("PDF/A-2b")
    assert (pages[0].status, pages[0].size_mm) == ("read", pytest.approx((210.06, 297.05), abs=0.1))
    assert rows(plain_text(pages)) == TEXT
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as pdf:
        assert rows(pdf[0].get_textpage().get_text_range()) == TEXT
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        packet = pdf.Root.Metadata.read_bytes().decode()
    assert "<sohoa:Reader>tesseract " in packet
    assert "<sohoa:Engine>sohoa 0.1.0<" in packet


@pytest.mark.parametrize("reader", ["default", "tesseract"])
def test_a_page_that_hardly_anything_was_read_on_says_so(child, work, tmp_path, reader):
    mirrored = jpeg(tmp_path / "mirrored.jpg", picture(lines=TEXT * 3).transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    upright = jpeg(tmp_path / "upright.jpg", picture(lines=TEXT * 3))
    assert [read(child, path, work, reader)[0].quality.codes for path in (mirrored, upright)] == [("page_read_badly",), ()]


def test_the_same_upload_gives_the_same_file(child, tmp_path):
    path = jpeg(tmp_path / "scan.jpg", picture(skew=1.2))
    bodies = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assemble(child, path, read(child, path, tmp_path / name), tmp_path / name, tmp_path / f"{name}.pdf")
        bodies.append((tmp_path / f"{name}.pdf").read_bytes())
    assert bodies[0] == bodies[1]


def test_a_straight_scan_is_embedded_untouched_and_without_its_private_metadata(child, work, tmp_path):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (21.0, 1.0, 42.0)}
    path = jpeg(tmp_path / "scan.jpg", exif=exif)
    assemble(child, path, read(child, path, work), work, tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        stream = pdf.pages[0].Resources.XObject.Im0.read_raw_bytes()
    scan = path.read_bytes()
    assert stream[stream.index(b"\xff\xda") :] == scan[scan.index(b"\xff\xda") :]
    assert b"Exif" in scan
    assert b"Exif" not in stream


def test_a_crooked_scan_is_straightened_and_does_not_grow(child, work, tmp_path):
    path = jpeg(tmp_path / "scan.jpg", picture(skew=1.5, lines=[line for line in TEXT for _ in range(3)]))
    pages = read(child, path, work)
    assemble(child, path, pages, work, tmp_path / "out.pdf")
    assert abs(abs(pages[0].skew) - 1.5) < 0.3
    assert (tmp_path / "out.pdf").stat().st_size < 1.25 * path.stat().st_size + 8000


def test_born_digital_pages_keep_their_own_words(child, work, tmp_path):
    path = born_digital(tmp_path / "a.pdf", 2)
    found = child.call(INSPECT, Inspect(str(path), "application/pdf"))
    assert found == Inspection(2, True, None, "Tờ khai")
    pages = read(child, path, work)
    assert {page.status for page in pages} == {"had_text"}
    assert rows(plain_text(pages)) == TEXT * 2


def test_a_born_digital_upload_is_delivered_byte_for_byte(child, work, tmp_path):
    path = born_digital(tmp_path / "a.pdf")
    done = assemble(child, path, read(child, path, work), work, tmp_path / "out.pdf", str(path))
    assert done == Assembled(None, "born_digital_kept")
    assert (tmp_path / "out.pdf").read_bytes() == path.read_bytes()


def test_a_born_digital_upload_can_be_built_anew_with_its_own_text(child, work, tmp_path):
    path = born_digital(tmp_path / "a.pdf")
    assert assemble(child, path, read(child, path, work), work, tmp_path / "out.pdf") == Assembled("PDF/A-2b")
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as pdf:
        assert rows(pdf[0].get_textpage().get_text_range()) == TEXT


def test_a_card_pasted_into_a_letter_is_read_too(child, work, tmp_path):
    card = Image.new("RGB", (1720, 600), "white")
    ImageDraw.Draw(card).text((100, 200), "CĂN CƯỚC CÔNG DÂN", font=ImageFont.truetype(FACE, 130), fill=(20, 20, 20))
    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.add_font("serif", "", FACE)
    pdf.set_font("serif", size=13)
    for number, line in enumerate(TEXT):
        pdf.text(30, 40 + 10 * number, line)
    pdf.image(card, 20, 150, 172, 60)
    pdf.output(str(tmp_path / "a.pdf"))
    (page,) = read(child, tmp_path / "a.pdf", work)
    assert page.status == "had_text"
    assert rows(plain_text([page])) == [*TEXT, "CĂN CƯỚC CÔNG DÂN"]
    word = page.words[-1]
    assert word.box[1] > 150 / 25.4 * 72
    assert 0 < word.confidence <= 1


def test_a_scanned_page_among_born_digital_ones_is_read(child, work, tmp_path):
    scan = BytesIO()
    picture().save(scan, "JPEG")
    path = born_digital(tmp_path / "a.pdf", 1, scan)
    assert not child.call(INSPECT, Inspect(str(path), "application/pdf")).born_digital
    pages = read(child, path, work)
    assert [page.status for page in pages] == ["had_text", "read"]
    assert rows(plain_text(pages)) == TEXT * 2
    assert json.loads((work / "000001.json").read_bytes())["own_text"] == "good"
    assert json.loads((work / "000002.json").read_bytes())["own_text"] == "picture"


def test_a_bad_page_keeps_its_place_and_the_others_are_read(child, work, tmp_path):
    scans = [BytesIO() for _ in range(3)]
    for scan in scans:
        picture().save(scan, "JPEG")
    pdf = FPDF(format="A4")
    for scan in scans:
        pdf.add_page()
        pdf.image(Image.open(scan), 0, 0, 210, 297)
    pdf.output(str(tmp_path / "a.pdf"))
    pages = read(child, tmp_path / "a.pdf", work)
    failed = Page(2, (0.0, 0.0), 0.0, 0, 0.0, Quality(), "failed", "time_limit")
    done = assemble(child, tmp_path / "a.pdf", (pages[0], failed, pages[2]), work, tmp_path / "out.pdf")
    assert done.profile == "PDF/A-2b"
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as out:
        assert [rows(page.get_textpage().get_text_range()) for page in out] == [TEXT, [], TEXT]
        dark = out[1].render(scale=0.5).to_pil().convert("L").point(lambda v: 255 * (v < 128)).getbbox()
        assert dark is not None, "its image is still there"


def test_a_page_that_cannot_be_opened_does_not_take_the_document_with_it(child, work, tmp_path):
    path = born_digital(tmp_path / "a.pdf", 3)
    kids = re.search(rb"/Kids \[(\d+) 0 R\s+(\d) 0 R", body := path.read_bytes())
    path.write_bytes(body[: kids.start(2)] + b"0" + body[kids.end(2) :])
    found = child.call(INSPECT, Inspect(str(path), "application/pdf"))
    assert (found.pages, found.born_digital) == (3, False)
    pages = read(child, path, work)
    assert [(page.status, page.code) for page in pages] == [("had_text", None), ("failed", "pdf_damaged"), ("had_text", None)]
    assemble(child, path, pages, work, tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert len(pdf.pages) == 3


def test_a_cmyk_scan_is_delivered_in_colours_the_output_intent_covers(child, work, tmp_path):
    path = jpeg(tmp_path / "scan.jpg", picture().convert("CMYK"))
    assemble(child, path, read(child, path, work), work, tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert pdf.pages[0].Resources.XObject.Im0.ColorSpace in ("/DeviceRGB", "/DeviceGray")
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as pdf:
        assert pdf[0].render(scale=0.2).to_pil().convert("L").getpixel((5, 5)) > 240


def test_a_page_that_never_became_an_image_is_a_blank_sheet_of_its_size(child, work, tmp_path):
    failed = Page(1, (0.0, 0.0), 0.0, 0, 0.0, Quality(), "failed", "image_damaged")
    known = Page(2, (148.0, 210.0), 0.0, 0, 0.0, Quality(), "failed", "image_damaged")
    assemble(child, jpeg(tmp_path / "scan.jpg"), (failed, known), work, tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        sizes = [tuple(round(float(v) / 72 * 25.4) for v in page.MediaBox[2:]) for page in pdf.pages]
        assert sizes == [(210, 297), (148, 210)]
        assert "UnreadPages>1, 2<" in pdf.Root.Metadata.read_bytes().decode()


def test_every_frame_of_a_tiff_is_a_page(child, work, tmp_path):
    frames = [picture(lines=[f"Trang số {number}"]).convert("1") for number in (1, 2, 3)]
    path = tmp_path / "fax.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:], compression="group4", dpi=(200, 200))
    pages = read(child, path, work)
    assemble(child, path, pages, work, tmp_path / "out.pdf")
    assert rows(plain_text(pages)) == ["Trang số 1", "Trang số 2", "Trang số 3"]
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert {str(page.Resources.XObject.Im0.Filter) for page in pdf.pages} == {"/CCITTFaxDecode"}


def test_what_the_recogniser_saw_survives_into_document_json(child, work, tmp_path):
    path = jpeg(tmp_path / "scan.jpg")
    pages = read(child, path, work, "default")
    extraction = child.call(EXTRACT, Extract(str(path), "image/jpeg", str(work), pages))
    found = json.loads(document_json(extraction, pages, Assembled("PDF/A-2b")))
    assert isinstance(extraction, Extraction)
    assert [word["text"] for word in found["words"]] == [word.text for word in pages[0].words]
    assert [word.get("raw") for word in found["words"]] == [word.raw for word in pages[0].words]


def test_a_scan_that_lies_on_its_side_is_delivered_upright_from_its_own_stream(child, work, tmp_path):
    path = jpeg(tmp_path / "scan.jpg", picture(lines=TEXT * 4).rotate(90, expand=True))
    pages = read(child, path, work)
    assemble(child, path, pages, work, tmp_path / "out.pdf")
    assert (pages[0].rotation, rows(plain_text(pages))[:4]) == (90, TEXT)
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        stream = pdf.pages[0].Resources.XObject.Im0.read_raw_bytes()
    scan = path.read_bytes()
    assert stream[stream.index(b"\xff\xda") :] == scan[scan.index(b"\xff\xda") :]
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as pdf:
        width, height = pdf[0].get_size()
        ink = np.asarray(pdf[0].render(scale=200 / 72).to_pil().convert("L")) < 128
    assert height > width
    for word in pages[0].words:
        x0, y0, x1, y1 = (round(edge * 200 / 72) for edge in word.box)
        assert ink[y0:y1, x0:x1].mean() > 0.05


def test_a_small_file_says_that_it_is_small_and_keeps_its_words(child, work, tmp_path):
    grain = Image.effect_noise((1654, 2339), 14)
    path = jpeg(
        tmp_path / "scan.jpg", ImageChops.multiply(picture(lines=TEXT * 4), Image.merge("RGB", [grain] * 3).point(lambda v: 100 + v))
    )
    found = [assemble(child, path, read(child, path, work), work, tmp_path / "archive.pdf")]
    page = child.call(READ_PAGE, ReadPage(str(path), "image/jpeg", 1, str(work), "tesseract", "small"))
    found.append(assemble(child, path, (page,), work, tmp_path / "small.pdf"))
    assert found == [Assembled("PDF/A-2b"), Assembled("PDF/A-2b", None, "small")]
    assert (tmp_path / "small.pdf").stat().st_size < 0.5 * (tmp_path / "archive.pdf").stat().st_size
    with pikepdf.open(tmp_path / "small.pdf") as pdf:
        packet = pdf.Root.Metadata.read_bytes().decode()
    assert "<sohoa:Size>small</sohoa:Size>" in packet
    assert "<sohoa:ReducedPages>1</sohoa:ReducedPages>" in packet
    with pypdfium2.PdfDocument(tmp_path / "small.pdf") as pdf:
        assert rows(pdf[0].get_textpage().get_text_range()) == rows(plain_text((page,)))


def test_the_picture_of_a_page_with_its_own_text_is_made_when_the_file_is_built_anew(child, work, tmp_path):
    path = born_digital(tmp_path / "letter.pdf")
    pages = read(child, path, work)
    assert not [file for file in work.iterdir() if file.suffix != ".json"]
    assemble(child, path, pages, work, tmp_path / "out.pdf")
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as pdf, pypdfium2.PdfDocument(path) as before:
        shown, wanted = (np.asarray(file[0].render(scale=1).to_pil().convert("L")).astype(int) for file in (pdf, before))
    assert np.abs(shown - wanted[: shown.shape[0], : shown.shape[1]]).mean() < 3


def test_fields_are_cut_from_the_page_as_delivered(tmp_path, work, child):
    """Of every kind of stored picture: turned, taken out of the upload, not made yet."""
    lying = jpeg(tmp_path / "lying.jpg", picture(lines=TEXT * 4).rotate(90, expand=True))
    fax = tmp_path / "fax.pdf"
    picture(lines=TEXT * 4).convert("1").rotate(180).save(fax, resolution=200)
    for path in (lying, fax, born_digital(tmp_path / "letter.pdf")):
        pages = read(child, path, work)
        image = as_delivered(Extract(str(path), media_type(path), str(work), pages), 1)
        scale = image.shape[1] / pages[0].size_mm[0] * 25.4 / 72
        for word in pages[0].words:
            x0, y0, x1, y1 = (round(edge * scale) for edge in word.box)
            assert (image[y0:y1, x0:x1] < 128).mean() > 0.04, path.name


def test_a_damaged_upload_has_a_code_and_a_sentence(child, tmp_path):
    path = Path(tmp_path / "a.pdf")
    path.write_bytes(b"%PDF-1.4 cut short")
    with pytest.raises(SohoaError) as caught:
        child.call(INSPECT, Inspect(str(path), "application/pdf"))
    assert caught.value.code == "pdf_damaged"


def test_warming_up_loads_what_the_first_page_would() -> None:
    code = """
from ocr import network, warm
from ocr.fields.templates import load_templates
from ocr.words import tesseract
warm.load()
load_templates(None)
print(network.session.cache_info().currsize, tesseract._engine.cache_info().currsize, load_templates.cache_info().misses)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["3", "1", "1"]


@pytest.mark.parametrize("module", ["ocr.warm", "ocr.work", "ocr.pages.from_image", "ocr.pages.decode"])
def test_opencv_has_one_thread_before_anything_is_read(module: str) -> None:
    code = f"import cv2, {module}; print(cv2.getNumThreads())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "1"
