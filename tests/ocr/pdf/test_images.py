"""What becomes of a page's picture on its way into the archive."""

from io import BytesIO

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageCms

from ocr.pdf.archive import About, Sheet, write_archive
from ocr.pdf.embed import usable_profile
from ocr.pdf.images import Source, _flat_png, colours, store, store_jpeg


@pytest.fixture(scope="module")
def photo():
    """A colourful BGR picture with detail everywhere, as a photo has."""
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (60, 45, 3), np.uint8)
    picture = cv2.resize(small, (450, 600), interpolation=cv2.INTER_CUBIC).astype(np.int16) + rng.integers(-12, 12, (600, 450, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


def grey(pixels):
    return np.repeat(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)


def jpeg(pixels, mode="RGB", **how):
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1])).convert(mode).save(out, "JPEG", **how)
    return out.getvalue()


def embedded(image, tmp_path):
    """The image object of a one-page file, and its pixels as pikepdf decodes them."""
    write_archive([Sheet((300, 400), image)], About("", b"0" * 16, {}), tmp_path / "a.pdf")
    pdf = pikepdf.open(tmp_path / "a.pdf")
    return pdf.pages[0].Resources.XObject.Im0, pdf


def test_an_untouched_jpeg_keeps_every_byte(photo, tmp_path):
    body = jpeg(photo, quality=73, progressive=True)
    image, _ = embedded(store_jpeg(body, tmp_path, "000001"), tmp_path)
    assert image.read_raw_bytes() == body
    assert image.ColorSpace == "/DeviceRGB"


def test_a_grey_jpeg_is_grey_in_the_file(photo, tmp_path):
    image, _ = embedded(store_jpeg(jpeg(photo, "L", quality=60), tmp_path, "000001"), tmp_path)
    assert image.ColorSpace == "/DeviceGray"


def test_a_jpeg_with_a_colour_profile_keeps_it(photo, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image, _ = embedded(store_jpeg(jpeg(photo, icc_profile=profile), tmp_path, "000001"), tmp_path)
    assert image.ColorSpace[0] == "/ICCBased"
    assert image.ColorSpace[1].read_bytes() == profile


def test_a_broken_profile_is_left_out(photo, tmp_path):
    image, _ = embedded(store_jpeg(jpeg(photo, icc_profile=b"\0" * 200), tmp_path, "000001"), tmp_path)
    assert image.ColorSpace == "/DeviceRGB"
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert not usable_profile(lab, grey=False)


def test_black_and_white_stays_so_without_any_loss(letter, tmp_path):
    bilevel = np.where(grey(letter.pixels) > 128, 255, 0).astype(np.uint8)
    image, pdf = embedded(store(bilevel, bilevel, Source(), tmp_path, "000001", 200), tmp_path)
    assert image.Filter == "/CCITTFaxDecode"
    assert int(image.BitsPerComponent) == 1
    back = np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("L"))
    assert np.array_equal(back, bilevel[:, :, 0])
    pdf.close()


def test_a_straightened_black_and_white_page_does_not_turn_grey(letter, tmp_path):
    bilevel = np.where(grey(letter.pixels) > 128, 255, 0).astype(np.uint8)
    turn = cv2.getRotationMatrix2D((800, 1100), 1.5, 1)
    straight = cv2.warpAffine(bilevel, turn, bilevel.shape[1::-1], flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    path = store(straight, bilevel, Source(), tmp_path, "000001", 200)
    with Image.open(path) as image:
        assert image.mode == "1"
    assert path.stat().st_size < 40_000


def test_a_dithered_page_is_not_made_larger_by_fax_coding(tmp_path):
    rng = np.random.default_rng(1)
    dots = np.repeat(rng.choice(np.array([0, 255], np.uint8), (400, 300, 1)), 3, axis=2)
    image, pdf = embedded(store(dots, dots, Source(), tmp_path, "000001", 200), tmp_path)
    assert image.Filter == "/FlateDecode"
    assert np.array_equal(np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("L")), dots[:, :, 0])
    pdf.close()


def test_a_drawn_page_is_kept_without_loss(letter, tmp_path):
    image, pdf = embedded(store(letter.pixels, letter.pixels, Source(), tmp_path, "000001", 200), tmp_path)
    assert image.Filter == "/FlateDecode"
    assert np.array_equal(np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("L")), letter.pixels[:, :, 0])
    pdf.close()


def test_a_lossless_colour_page_comes_back_in_colour(letter, tmp_path):
    marked = letter.pixels.copy()
    marked[100:400, 100:400] = (30, 30, 200)
    image, pdf = embedded(store(marked, marked, Source(), tmp_path, "000001", 200), tmp_path)
    assert np.array_equal(np.asarray(pikepdf.PdfImage(image).as_pil_image())[:, :, ::-1], marked)
    pdf.close()


def test_a_photo_without_loss_becomes_a_jpeg(photo, tmp_path):
    path = store(photo, photo, Source(), tmp_path, "000001", 200)
    assert path.suffix == ".jpg"
    back = cv2.imread(str(path)).astype(int)
    assert np.abs(back - photo).mean() < 12


@pytest.mark.parametrize("quality", [35, 60, 85, 95])
def test_encoding_again_does_not_make_a_scan_larger(photo, tmp_path, quality):
    body = jpeg(photo, quality=quality)
    before = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    turn = cv2.getRotationMatrix2D((225, 300), 1.1, 1)
    after = cv2.warpAffine(before, turn, (450, 600), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    path = store(after, before, Source(body, len(body)), tmp_path, "000001", 200)
    assert path.stat().st_size <= 1.15 * len(body)


def test_a_source_of_unknown_tables_is_still_kept_within_its_size(photo, tmp_path):
    path = store(photo, photo, Source(None, 40_000), tmp_path, "000001", 200)
    assert path.stat().st_size <= 46_000


def test_a_grey_scan_stays_grey_when_encoded_again(photo, tmp_path):
    body = jpeg(photo, "L", quality=70)
    page = np.repeat(cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)[:, :, None], 3, axis=2)
    with Image.open(store(page[:-8], page, Source(body, len(body)), tmp_path, "000001", 200)) as image:
        assert image.mode == "L"


def test_one_coloured_pixel_makes_a_page_colour(letter):
    page = grey(letter.pixels)
    assert colours(page) == "grey"
    page[1701, 33] = (10, 10, 200)
    assert colours(page) == "colour"


def test_one_grey_pixel_makes_a_page_grey():
    page = np.full((501, 300, 3), 255, np.uint8)
    assert colours(page) == "bilevel"
    page[253, 7] = 120
    assert colours(page) == "grey"


@pytest.mark.parametrize("height", [1, 2, 37])
@pytest.mark.parametrize("width", [1, 2, 3, 200])
@pytest.mark.parametrize("lay", [np.ascontiguousarray, np.asfortranarray, lambda pixels: pixels[:, ::-1]])
def test_every_pixel_of_a_drawn_page_is_kept_whatever_its_shape(height, width, lay):
    """The rows are written in place: what OpenCV did not fill would be whatever the memory held before."""
    pixels = lay(np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8))
    assert np.array_equal(cv2.imdecode(np.frombuffer(_flat_png(pixels), np.uint8), cv2.IMREAD_COLOR), pixels)
