"""The upload's own picture goes into the archive as it came, whenever it shows the same."""

from io import BytesIO
from struct import pack

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from ocr.pages.decode import decode
from ocr.pages.model import PreparedPage
from ocr.pdf import fax
from ocr.pdf.archive import About, Sheet, write_archive
from ocr.pdf.original import store_original

TURNED = {0: None, 90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@pytest.fixture(scope="module")
def page(letter):
    """Print with one corner marked in pale red, BGR, 40 pixels from a square."""
    pixels = np.ascontiguousarray(cv2.resize(letter.pixels, (760, 800), interpolation=cv2.INTER_AREA))
    pixels[:80, :80] = (130, 130, 220)
    return pixels


def jpeg(pixels, **how):
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1])).save(out, "JPEG", quality=85, **how)
    return out.getvalue()


def jbig2(black):
    """One lossless generic region in MMR coding (ITU-T T.88, 7.4.6), which is Group 4, in the form that PDF embeds."""
    height, width = black.shape
    coded = fax.strip(fax.encode(~black))
    assert coded.black_is_one, "the coder's black is what was given as white"
    info = pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = pack(">IIIIBB", width, height, 0, 0, 0, 1) + coded.data
    return b"".join(pack(">IBBBI", number, kind, 0, 1, len(body)) + body for number, kind, body in ((0, 48, info), (1, 39, region)))


def scan_pdf(path, rotate=0, **image):
    """A page with nothing but one picture; `data` holds its stream, everything else its dictionary."""
    with pikepdf.new() as pdf:
        stream = pikepdf.Stream(pdf, image.pop("data"))
        for key, value in {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image, **image}.items():
            stream[f"/{key}"] = value
        width, height = int(stream.Width), int(stream.Height)
        pdf.add_blank_page(page_size=(width, height))
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=stream))
        pdf.pages[0].Contents = pikepdf.Stream(pdf, f"q {width} 0 0 {height} 0 0 cm /Scan Do Q".encode())
        if rotate:
            pdf.pages[0].Rotate = rotate
        pdf.save(path)
    return path


def prepared(raw, rotation=0, skew=0.0):
    """What preparing would make of a page that needs no more than a quarter turn."""
    archive = np.ascontiguousarray(np.rot90(raw.pixels, -rotation // 90))
    untouched = None if rotation or skew else raw.jpeg
    return PreparedPage(archive, archive, archive[:, :, 1], untouched, 100.0, (200.0, 200.0), rotation, skew, ())


def delivered(path, media_type, work, rotation=0):
    """(the stored picture, what it looks like in the PDF, the archive image)"""
    raw = decode(str(path), media_type, 1)
    page = prepared(raw, rotation)
    found = store_original(raw, page, str(path), 1, work, "000001")
    if found is None:
        return None, None, page.archive
    height, width = page.archive.shape[:2]
    write_archive([Sheet((width, height), found.path, (), found.turn)], About("", b"0" * 16, {}), work / "out.pdf")
    with pypdfium2.PdfDocument(work / "out.pdf") as pdf:
        shown = pdf[0].render(scale=1).to_numpy()[:, :, :3]
    return found, shown, page.archive


def stream_of(work):
    with pikepdf.open(work / "out.pdf") as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        return image.read_raw_bytes(), str(image.Filter), set(image.keys())


def alike(shown, archive):
    return shown.shape == archive.shape and np.abs(shown.astype(int) - archive).mean() < 1.0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_jpeg_that_was_only_turned_keeps_its_stream_and_stands_upright(page, tmp_path, rotation):
    body = jpeg(page)
    (tmp_path / "scan.jpg").write_bytes(body)
    _, shown, archive = delivered(tmp_path / "scan.jpg", "image/jpeg", tmp_path, rotation)
    assert stream_of(tmp_path)[0] == body
    assert alike(shown, archive)


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("rotation", [0, 90])
def test_a_jpeg_that_its_camera_noted_as_turned_keeps_its_picture(page, tmp_path, orientation, rotation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    (tmp_path / "scan.jpg").write_bytes(jpeg(page, exif=exif))
    _, shown, archive = delivered(tmp_path / "scan.jpg", "image/jpeg", tmp_path, rotation)
    stream = stream_of(tmp_path)[0]
    assert stream[stream.index(b"\xff\xda") :] == jpeg(page)[jpeg(page).index(b"\xff\xda") :]
    assert b"Exif" not in stream
    assert alike(shown, archive)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_jpeg_on_a_turned_pdf_page_keeps_its_stream(page, tmp_path, rotate):
    body = jpeg(page)
    size = {"Width": page.shape[1], "Height": page.shape[0], "BitsPerComponent": 8}
    colour = {"ColorSpace": pikepdf.Name.DeviceRGB, "Filter": pikepdf.Name.DCTDecode}
    path = scan_pdf(tmp_path / "a.pdf", rotate, data=body, **size, **colour)
    _, shown, archive = delivered(path, "application/pdf", tmp_path)
    assert stream_of(tmp_path)[0] == body
    assert alike(shown, archive)


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_fax_page_of_a_pdf_keeps_its_stream(page, tmp_path, rotation):
    coded = fax.strip(fax.encode(page[:, :, 1] < 128))
    parameters = pikepdf.Dictionary(K=-1, Columns=coded.width, Rows=coded.height, BlackIs1=coded.black_is_one)
    size = {"Width": coded.width, "Height": coded.height, "BitsPerComponent": 1}
    colour = {"ColorSpace": pikepdf.Name.DeviceGray, "Filter": pikepdf.Name.CCITTFaxDecode, "DecodeParms": parameters}
    path = scan_pdf(tmp_path / "a.pdf", data=coded.data, Interpolate=True, Name=pikepdf.Name.Scan, **size, **colour)
    found, shown, archive = delivered(path, "application/pdf", tmp_path, rotation)
    assert found.turn == rotation
    assert stream_of(tmp_path)[:2] == (coded.data, "/CCITTFaxDecode")
    assert not stream_of(tmp_path)[2] & {"/Interpolate", "/Name"}
    assert alike(shown, archive)


def test_a_jbig2_page_of_a_pdf_keeps_its_stream(page, tmp_path):
    data = jbig2(page[:, :, 1] < 128)
    size = {"Width": page.shape[1], "Height": page.shape[0], "BitsPerComponent": 1}
    path = scan_pdf(tmp_path / "a.pdf", data=data, **size, ColorSpace=pikepdf.Name.DeviceGray, Filter=pikepdf.Name.JBIG2Decode)
    _, shown, archive = delivered(path, "application/pdf", tmp_path)
    assert stream_of(tmp_path)[:2] == (data, "/JBIG2Decode")
    assert alike(shown, archive)


def test_a_lossless_colour_page_of_a_pdf_keeps_its_pixels(page, tmp_path):
    size = {"Width": page.shape[1], "Height": page.shape[0], "BitsPerComponent": 8}
    path = scan_pdf(tmp_path / "a.pdf", data=page[:, :, ::-1].tobytes(), **size, ColorSpace=pikepdf.Name.DeviceRGB)
    _, _, archive = delivered(path, "application/pdf", tmp_path)
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        kept = np.asarray(pikepdf.PdfImage(pdf.pages[0].Resources.XObject.Im0).as_pil_image())[:, :, ::-1]
    assert np.array_equal(kept, archive)


def test_another_geometry_or_another_picture_is_not_passed_off_as_the_original(page, tmp_path):
    (tmp_path / "scan.jpg").write_bytes(jpeg(page))
    raw = decode(str(tmp_path / "scan.jpg"), "image/jpeg", 1)
    straightened = prepared(raw, 90, skew=0.8)
    assert store_original(raw, straightened, str(tmp_path / "scan.jpg"), 1, tmp_path, "000001") is None
    changed = prepared(raw, 90)
    changed.archive[400:420, 400:420] = 0
    assert store_original(raw, changed, str(tmp_path / "scan.jpg"), 1, tmp_path, "000001") is None


def test_colours_that_the_output_intent_does_not_cover_are_not_kept(page, tmp_path):
    cmyk = np.concatenate([255 - page[:, :, ::-1], np.zeros_like(page[:, :, :1])], 2)
    size = {"Width": page.shape[1], "Height": page.shape[0], "BitsPerComponent": 8}
    path = scan_pdf(tmp_path / "a.pdf", data=cmyk.tobytes(), **size, ColorSpace=pikepdf.Name.DeviceCMYK)
    assert delivered(path, "application/pdf", tmp_path)[0] is None
