"""Small files: what may be lost and what may not."""

from io import BytesIO

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, sampled_from
from PIL import Image

from ocr.pdf import fax
from ocr.pdf.archive import About, Sheet, write_archive
from ocr.pdf.images import Source, store
from ocr.pdf.small import Layers, store_small

SEAL, PEN, PRINT = (60, 50, 200), (150, 60, 40), (25, 25, 25)  # BGR


def office_page(dpi, grain=0):
    """A page of 120 × 160 mm in BGR: dense print, a red seal with print across it, and a blue signature."""
    page = np.full((round(160 / 25.4 * dpi), round(120 / 25.4 * dpi), 3), 235, np.uint8)
    scale = dpi / 200
    for row in range(11):
        for column in range(8):
            place = (round((80 + 98 * column) * scale), round((80 + 55 * row) * scale))
            cv2.putText(page, "Hanh8", place, cv2.FONT_HERSHEY_DUPLEX, 0.75 * scale, PRINT, round(2 * scale), cv2.LINE_AA)
    centre = (round(600 * scale), round(900 * scale))
    cv2.circle(page, centre, round(140 * scale), SEAL, round(6 * scale), cv2.LINE_AA)
    cv2.putText(page, "CHU TICH", (round(500 * scale), round(910 * scale)), cv2.FONT_HERSHEY_DUPLEX, 1.2 * scale, PRINT, round(3 * scale))
    pen = np.array([(400, 1150), (500, 1050), (550, 1200), (700, 1080)]) * scale
    cv2.polylines(page, [pen.astype(np.int32)], False, PEN, round(5 * scale), cv2.LINE_AA)
    if grain:
        noise = np.random.default_rng(2).normal(0, grain, page.shape[:2])[:, :, None]
        page = np.clip(cv2.GaussianBlur(page, (3, 3), 0) + noise, 0, 255).astype(np.uint8)
    return page


def photo(dpi=300, size_mm=(210, 297)):
    rng = np.random.default_rng(4)
    width, height = (round(side / 25.4 * dpi) for side in size_mm)
    small = rng.integers(0, 255, (height // 12, width // 12, 3), np.uint8)
    return np.ascontiguousarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def made(page, dpi, folder, **source):
    """(the archive file, what is delivered instead)"""
    archive = store(page, page, Source(**source), folder, "000001", dpi)
    return archive, store_small(page, Source(**source), archive, folder, "000001", dpi)


def scanned(page, quality=80):
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(page[:, :, ::-1])).save(out, "JPEG", quality=quality)
    return out.getvalue()


def files(small):
    return [small.paper, small.tint, small.ink] if isinstance(small, Layers) else [small]


def rendered(image, page, dpi, folder):
    height, width = page.shape[:2]
    write_archive([Sheet((width * 72 / dpi, height * 72 / dpi), image)], About("", b"0" * 16, {}), folder / "a.pdf")
    with pypdfium2.PdfDocument(folder / "a.pdf") as pdf:
        shown = pdf[0].render(scale=dpi / 72).to_numpy()[:, :, :3]
    return cv2.resize(shown, (width, height), interpolation=cv2.INTER_AREA)


def at(shown, x, y, dpi):
    """The mean BGR colour around a place given in pixels at 200 dpi."""
    x, y = round(x * dpi / 200), round(y * dpi / 200)
    return shown[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3).mean(0)


@pytest.fixture(scope="module", params=[(200, 6), (300, 2)], ids=["scan of 200 dpi", "scan of 300 dpi"])
def case(request, tmp_path_factory):
    dpi, grain = request.param
    folder = tmp_path_factory.mktemp("small")
    page = office_page(dpi, grain)
    body = scanned(page)
    archive, small = made(page, dpi, folder, jpeg=body, size=len(body))
    return page, dpi, archive, small, rendered(small, page, dpi, folder)


def test_a_page_of_print_takes_less_than_half(case):
    _, _, archive, small, _ = case
    assert sum(file.stat().st_size for file in files(small)) < 0.5 * archive.stat().st_size


def test_print_keeps_its_shape(case):
    page, _, _, _, shown = case
    before, after = (picture[:, :, 2] < 130 for picture in (page, shown))
    core, around = (change(np.asarray(before, np.uint8), np.ones((3, 3), np.uint8)) > 0 for change in (cv2.erode, cv2.dilate))
    assert (core & ~after).sum() < 0.01 * before.sum()
    assert (after & ~around).sum() < 0.01 * before.sum()


def test_seal_and_signature_keep_their_colours_and_print_its_black(case):
    _, dpi, _, _, shown = case
    blue, green, red = at(shown, 600 - 140, 900, dpi)
    assert red > 150
    assert max(blue, green) < 110
    blue, green, red = at(shown, 450, 1100, dpi)
    assert blue > 110
    assert red < 90
    dark = shown[shown.max(2) < 110]
    assert len(dark) > 3000
    assert np.ptp(np.median(dark, axis=0)) < 25


def test_paper_keeps_its_brightness(case):
    page, dpi, _, _, shown = case
    assert np.abs(at(shown, 80, 1220, dpi) - at(page, 80, 1220, dpi)).max() < 12


def test_fine_print_is_stored_as_ink_at_the_resolution_of_the_page_and_without_loss(tmp_path):
    page = office_page(300)
    _, small = made(page, 300, tmp_path)
    assert isinstance(small, Layers)
    with Image.open(small.ink) as ink:
        assert (ink.size, ink.mode, ink.info["compression"]) == (page.shape[1::-1], "1", "group4")


def test_finer_scans_are_reduced_to_300_dpi(tmp_path):
    _, small = made(office_page(600), 600, tmp_path)
    with Image.open(small.ink) as ink:
        assert abs(ink.width - 1417) < 2


@pytest.mark.parametrize(("dpi", "size_mm", "least"), [(300, (100, 140), 200), (400, (85.6, 54), 300)], ids=["photo", "identity card"])
def test_photos_and_cards_stay_one_picture_of_sound_resolution(tmp_path, dpi, size_mm, least):
    page = photo(dpi, size_mm)
    _, small = made(page, dpi, tmp_path)
    with Image.open(small) as picture:
        assert picture.width / size_mm[0] * 25.4 >= least - 1
        back = cv2.resize(np.asarray(picture)[:, :, ::-1], page.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    assert np.abs(back.astype(int) - page).mean() < 12


def test_what_is_small_already_stays_as_it_is(letter, tmp_path):
    bilevel = np.repeat(((letter.pixels[:, :, :1] > 128) * 255).astype(np.uint8), 3, axis=2)
    assert made(bilevel, 200, tmp_path)[1] is None
    assert made(np.full((1200, 900, 3), 255, np.uint8), 200, tmp_path)[1] is None


def test_a_grey_page_stays_grey(tmp_path):
    page = np.repeat(cv2.cvtColor(office_page(300, 3), cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    _, small = made(page, 300, tmp_path)
    for file in (small.paper, small.tint):
        with Image.open(file) as picture:
            assert picture.mode == "L"


def test_the_same_page_gives_the_same_bytes(tmp_path):
    page = office_page(300, 3)
    bodies = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        bodies.append([file.read_bytes() for file in files(made(page, 300, tmp_path / name)[1])])
    assert bodies[0] == bodies[1]


def test_layers_are_masked_without_transparency(tmp_path):
    page = office_page(300)
    _, small = made(page, 300, tmp_path)
    rendered(small, page, 300, tmp_path)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        pictures = pdf.pages[0].Resources.XObject
        assert "/Mask" not in pictures.Im0
        mask = pictures.Im1.Mask
        assert (mask.ImageMask, mask.BitsPerComponent, mask.Filter) == (True, 1, "/CCITTFaxDecode")
        assert not {"/ColorSpace", "/Mask", "/SMask"} & set(mask.keys())
        assert not any(
            "/SMask" in item or "/Group" in item for item in pdf.objects if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream))
        )


@given(width=integers(1, 90), height=integers(1, 90), dpi=sampled_from([10, 30, 72, 200, 300, 1200]), seed=integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_pages_of_any_shape_are_written_or_left_alone(tmp_path_factory, width, height, dpi, seed):
    folder = tmp_path_factory.mktemp("any")
    page = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    archive = folder / "000001.png"
    archive.write_bytes(b"0" * 10_000_000)
    small = store_small(page, Source(), archive, folder, "000001", dpi)
    assert all(file.stat().st_size for file in files(small))


def test_fax_coding_loses_nothing():
    black = np.random.default_rng(7).random((61, 83)) > 0.8
    with Image.open(BytesIO(fax.encode(black))) as picture:
        assert np.array_equal(np.asarray(picture), ~black)
