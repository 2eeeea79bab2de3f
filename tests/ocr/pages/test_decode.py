"""What comes out of every kind of upload, and what is said about those that cannot be read."""

import io
import struct

import cv2
import numpy as np
import pikepdf
import pillow_heif
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from ocr.pages.decode import count_pages, decode
from ocr.pages.jpeg_stream import clean
from sohoa.errors import SohoaError
from sohoa.messages import message

QUADRANTS = np.zeros((120, 80, 3), np.uint8)
QUADRANTS[:60, :40], QUADRANTS[:60, 40:], QUADRANTS[60:, :40], QUADRANTS[60:, 40:] = (0, 0, 255), (0, 255, 0), (255, 0, 0), (250, 250, 250)
CODES = ("image_damaged", "image_too_large", "image_type", "pdf_damaged", "pdf_encrypted", "page_missing", "page_blank", "page_low_dpi")


def pil(pixels=QUADRANTS):
    return Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))


def same(seen, wanted=QUADRANTS, slack=16):
    return seen.shape == wanted.shape and int(cv2.absdiff(cv2.blur(seen, (3, 3)), cv2.blur(wanted, (3, 3)))[3:-3, 3:-3].max()) <= slack


def with_orientation(value):
    exif = Image.Exif()
    exif[0x0112] = value
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def one_picture_pdf(path, jpeg, size=(80, 120), box=None, content=None, **extra):
    pdf = pikepdf.new()
    box = box or [0, 0, 160, 240]
    picture = pdf.make_stream(jpeg, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=size[0], Height=size[1],
                              ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode, **extra)  # fmt: skip
    page = pdf.add_blank_page(page_size=(160, 240))
    page.MediaBox = box
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
    page.Contents = pdf.make_stream(content or b"q 160 0 0 240 0 0 cm /P Do Q")
    return pdf, path


def jpeg_bytes(pixels=QUADRANTS, **options):
    target = io.BytesIO()
    pil(pixels).save(target, "JPEG", quality=95, subsampling=0, **options)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "JPEG"])
def test_plain_colour_images_keep_their_colours(tmp_path, kind):
    path = tmp_path / "page"
    pil().save(path, kind, quality=98)
    page = decode(str(path), f"image/{kind.lower()}", 1)
    assert same(page.pixels, slack=16 if kind in ("PNG", "TIFF") else 45)
    assert page.pixels.dtype == np.uint8


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_a_jpeg_is_applied_exactly_once(tmp_path, orientation):
    stored = {1: QUADRANTS, 2: cv2.flip(QUADRANTS, 1), 3: cv2.rotate(QUADRANTS, cv2.ROTATE_180), 4: cv2.flip(QUADRANTS, 0),
              5: cv2.transpose(QUADRANTS), 6: cv2.rotate(QUADRANTS, cv2.ROTATE_90_COUNTERCLOCKWISE),
              7: cv2.flip(cv2.transpose(QUADRANTS), -1), 8: cv2.rotate(QUADRANTS, cv2.ROTATE_90_CLOCKWISE)}[orientation]  # fmt: skip
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes(stored, exif=with_orientation(orientation)))
    page = decode(str(path), "image/jpeg", 1)
    assert same(page.pixels)
    assert (page.jpeg is not None) == (orientation == 1)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_heic_photo_is_turned_once_although_two_places_ask_for_it(tmp_path, orientation):
    path = tmp_path / "photo.heic"
    big = cv2.resize(QUADRANTS, (320, 480), interpolation=cv2.INTER_NEAREST)
    turned = {1: big, 3: cv2.rotate(big, cv2.ROTATE_180), 6: cv2.rotate(big, cv2.ROTATE_90_COUNTERCLOCKWISE),
              8: cv2.rotate(big, cv2.ROTATE_90_CLOCKWISE)}[orientation]  # fmt: skip
    heif = pillow_heif.from_pillow(pil(turned))
    heif.info["exif"] = with_orientation(orientation).tobytes()
    heif.save(path, quality=95)
    assert same(decode(str(path), "image/heic", 1).pixels, big, slack=40)


def test_the_jpeg_passed_through_decodes_alike_and_carries_no_private_data(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg_bytes(exif=with_orientation(1), comment=b"taken at home") + b"\0appended motion clip")
    page = decode(str(path), "image/jpeg", 1)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(page.jpeg))), np.asarray(Image.open(path)))
    for private in (b"Exif", b"Camera of somebody", b"taken at home", b"motion clip"):
        assert private not in page.jpeg


def test_density_of_the_file_gives_the_page_size(tmp_path):
    path = tmp_path / "scan.jpg"
    path.write_bytes(jpeg_bytes(dpi=(200, 200)))
    page = decode(str(path), "image/jpeg", 1)
    assert page.dpi == 200
    assert page.size_mm == pytest.approx((10.16, 15.24))


def test_every_frame_of_a_fax_is_a_page_black_on_white(tmp_path):
    path = tmp_path / "fax.tif"
    frames = [Image.new("1", (400, 300), 1) for _ in range(3)]
    for number, frame in enumerate(frames):
        frame.paste(0, (number * 100, 50, number * 100 + 60, 200))
    frames[0].save(path, save_all=True, append_images=frames[1:], compression="group4", dpi=(204, 204))
    assert count_pages(str(path), "image/tiff") == 3
    for number in range(3):
        page = decode(str(path), "image/tiff", number + 1)
        assert page.pixels[100, number * 100 + 30].tolist() == [0, 0, 0]
        assert page.pixels[10, 10].tolist() == [255, 255, 255]


def test_sixteen_bits_are_scaled_not_cut(tmp_path):
    path = tmp_path / "deep.tif"
    Image.fromarray(np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)).save(path)
    grey = decode(str(path), "image/tiff", 1).pixels[:, :, 0].ravel().astype(int)
    assert np.abs(grey - np.arange(256)).max() <= 1


def test_cmyk_becomes_the_colours_a_printer_means(tmp_path):
    path = tmp_path / "print.tif"
    Image.new("CMYK", (50, 50), (0, 255, 255, 0)).save(path)
    blue, green, red = decode(str(path), "image/tiff", 1).pixels[20, 20].astype(int)
    assert red > 200 and blue < 60 and green < 60


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparent_parts_are_white_paper(tmp_path, kind):
    image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (10, 10, 30, 30))
    image.save(tmp_path / "seal", kind, lossless=True)
    pixels = decode(str(tmp_path / "seal"), f"image/{kind.lower()}", 1).pixels
    assert pixels[50, 50].tolist() == [255, 255, 255]
    assert pixels[20, 20].tolist() == [0, 0, 200]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.6])
def test_a_cut_file_is_damaged_never_half_a_page(tmp_path, kind, share):
    body = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (300, 200, 3), np.uint8)
    pil(noise).save(body, kind)
    path = tmp_path / "cut"
    path.write_bytes(body.getvalue()[: int(len(body.getvalue()) * share)])
    with pytest.raises(SohoaError) as told:
        decode(str(path), f"image/{kind.lower()}", 1)
    assert told.value.code == "image_damaged"


def test_a_picture_beyond_the_limit_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / "huge.png"
    Image.new("1", (20_000, 10_100)).save(path)
    with pytest.raises(SohoaError) as told:
        decode(str(path), "image/png", 1)
    assert told.value.code == "image_too_large"


def test_a_pdf_of_one_scan_gives_its_jpeg_back_byte_for_byte(tmp_path):
    jpeg = jpeg_bytes()
    pdf, path = one_picture_pdf(tmp_path / "scan.pdf", jpeg)
    pdf.save(path)
    page = decode(str(path), "application/pdf", 1)
    assert page.jpeg == clean(jpeg)
    assert same(page.pixels)
    assert page.size_mm == pytest.approx((160 / 72 * 25.4, 240 / 72 * 25.4))
    assert page.dpi == pytest.approx(36)


def test_invisible_text_over_a_scan_does_not_cost_the_original_picture(tmp_path):
    jpeg = jpeg_bytes()
    pdf, path = one_picture_pdf(tmp_path / "ocr.pdf", jpeg, content=b"q 160 0 0 240 0 0 cm /P Do Q BT /F 12 Tf 3 Tr 20 20 Td (x) Tj ET")
    pdf.pages[0].Resources.Font = pikepdf.Dictionary(
        F=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    pdf.save(path)
    assert decode(str(path), "application/pdf", 1).jpeg == clean(jpeg)


@pytest.mark.parametrize("what", ["decode_array", "crop", "stamp", "mask", "mirrored"])
def test_a_page_that_shows_its_picture_otherwise_is_rendered_as_seen(tmp_path, what):
    box = [20, 20, 140, 220] if what == "crop" else None
    extra = {"Decode": pikepdf.Array([1, 0, 1, 0, 1, 0])} if what == "decode_array" else {}
    content = {"stamp": b"q 160 0 0 240 0 0 cm /P Do Q 0 0 0 rg 60 100 60 60 re f",
               "mirrored": b"q -160 0 0 240 160 0 cm /P Do Q"}.get(what)  # fmt: skip
    pdf, path = one_picture_pdf(tmp_path / "odd.pdf", jpeg_bytes(), box=box, content=content, **extra)
    if what == "mask":
        mask = pdf.make_stream(bytes(80 * 120), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=80, Height=120,
                               ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8)  # fmt: skip
        pdf.pages[0].Resources.XObject.P.SMask = mask
    pdf.save(path)
    page = decode(str(path), "application/pdf", 1)
    assert page.jpeg is None
    corner = page.pixels[8, 8].astype(int)
    red_there = corner[2] > 200 and corner[1] < 60
    assert red_there == (what in ("crop", "stamp"))


def test_a_turned_page_is_upright_and_lossless(tmp_path):
    pdf, path = one_picture_pdf(tmp_path / "turned.pdf", jpeg_bytes(cv2.rotate(QUADRANTS, cv2.ROTATE_180)))
    pdf.pages[0].Rotate = 180
    pdf.save(path)
    page = decode(str(path), "application/pdf", 1)
    assert page.pixels.shape == QUADRANTS.shape and same(page.pixels)
    assert page.jpeg is None


def test_a_born_digital_page_is_rendered_at_300_dpi(tmp_path):
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Contents = pdf.make_stream(b"1 0 0 rg 100 100 200 200 re f")
    pdf.save(tmp_path / "born.pdf")
    seen = decode(str(tmp_path / "born.pdf"), "application/pdf", 1)
    assert seen.dpi == 300 and abs(seen.pixels.shape[0] - 3508) <= 2
    assert seen.pixels[-900, 700].tolist() == [0, 0, 255]


def test_a_plan_as_large_as_a_wall_is_rendered_within_the_limit(tmp_path):
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(5000, 7000))
    pdf.save(tmp_path / "plan.pdf")
    seen = decode(str(tmp_path / "plan.pdf"), "application/pdf", 1)
    assert seen.pixels.shape[0] * seen.pixels.shape[1] <= 71_000_000 and 30 < seen.dpi < 300


def test_locked_and_broken_pdfs_are_told_apart(tmp_path):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="secret", owner="secret"))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of use")
    for name, code in (("locked", "pdf_encrypted"), ("broken", "pdf_damaged")):
        for call in (lambda path: decode(path, "application/pdf", 1), lambda path: count_pages(path, "application/pdf")):
            with pytest.raises(SohoaError) as told:
                call(str(tmp_path / f"{name}.pdf"))
            assert told.value.code == code


def test_a_page_that_is_not_there_is_said_to_be_missing(tmp_path):
    pil().save(tmp_path / "one.png")
    for number in (0, 2):
        with pytest.raises(SohoaError) as told:
            decode(str(tmp_path / "one.png"), "image/png", number)
        assert told.value.code == "page_missing"


@pytest.mark.parametrize(
    "code", [*CODES, "photo_blurred", "photo_glare", "photo_cut_edge", "photo_too_small", "page_direction_unsure", "page_read_badly"]
)
def test_every_code_says_what_happened_and_what_to_do_in_both_languages(code):
    said = message(code, megapixels=200, number=2, dpi=120)
    assert all((said.vi, said.en, said.next_vi, said.next_en))
    assert "?" not in said.vi + said.en


@pytest.mark.parametrize("kind", ["progressive", "grey", "cmyk"])
def test_unusual_jpegs_show_what_a_viewer_shows(tmp_path, kind):
    path = tmp_path / "page.jpg"
    image = {"progressive": pil(), "grey": pil().convert("L"), "cmyk": pil().convert("CMYK")}[kind]
    image.save(path, "JPEG", quality=97, subsampling=0, **({"progressive": True} if kind == "progressive" else {}))
    wanted = cv2.cvtColor(cv2.cvtColor(QUADRANTS, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR) if kind == "grey" else QUADRANTS
    page = decode(str(path), "image/jpeg", 1)
    assert same(page.pixels, wanted, slack=24)
    assert (page.jpeg is None) == (kind == "cmyk")


@pytest.mark.parametrize("kind", ["palette", "palette with a transparent colour", "two colours", "sixteen bits"])
def test_unusual_pngs_show_what_a_viewer_shows(tmp_path, kind):
    path = tmp_path / "page.png"
    wanted = QUADRANTS
    if kind == "palette":
        pil().convert("P", palette=Image.Palette.ADAPTIVE).save(path)
    elif kind == "palette with a transparent colour":
        image = pil().convert("P", palette=Image.Palette.ADAPTIVE)
        image.save(path, transparency=image.getpixel((5, 5)))
        wanted = QUADRANTS.copy()
        wanted[:60, :40] = 255
    elif kind == "two colours":
        wanted = np.where(QUADRANTS.sum(2, keepdims=True) > 400, 255, 0).astype(np.uint8).repeat(3, 2)
        pil(wanted).convert("1").save(path)
    else:
        deep = cv2.cvtColor(QUADRANTS, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257
        Image.fromarray(deep).save(path)
        wanted = cv2.cvtColor(cv2.cvtColor(QUADRANTS, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert same(decode(str(path), "image/png", 1).pixels, wanted, slack=6)


def test_a_tiff_of_mixed_pages_gives_each_page_with_its_own_size_and_density(tmp_path):
    path = tmp_path / "mixed.tif"
    frames = [
        (pil(), {"compression": "tiff_lzw", "dpi": (200, 200)}),
        (pil(cv2.resize(QUADRANTS, (160, 100))).convert("L"), {"compression": "tiff_adobe_deflate", "dpi": (100, 100)}),
        (Image.new("1", (64, 48), 1), {"compression": "group4", "dpi": (300, 300)}),
    ]
    with AppendingTiffWriter(str(path), True) as writer:
        for image, options in frames:
            image.save(writer, "TIFF", **options)
            writer.newFrame()
    pages = [decode(str(path), "image/tiff", number) for number in (1, 2, 3)]
    assert [page.pixels.shape[:2] for page in pages] == [(120, 80), (100, 160), (48, 64)]
    assert [page.dpi for page in pages] == [200, 100, 300]
    assert same(pages[0].pixels)


def test_a_tiled_tiff_is_put_together(tmp_path):
    picture = cv2.resize(QUADRANTS, (160, 240), interpolation=cv2.INTER_NEAREST)
    path = tmp_path / "tiled.tif"
    tiles = [picture[y : y + 16, x : x + 16, ::-1].tobytes() for y in range(0, 240, 16) for x in range(0, 160, 16)]
    entries = [
        (256, 3, 1, 160),
        (257, 3, 1, 240),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (277, 3, 1, 3),
        (322, 3, 1, 16),
        (323, 3, 1, 16),
    ]
    count, start = len(tiles), 8 + 2 + 12 * 10 + 4 + 8
    offsets = [start + 8 * len(tiles) + 768 * k for k in range(count)]
    entries += [(324, 4, count, start), (325, 4, count, start + 4 * count)]
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    body = struct.pack(f"<{count}I", *offsets) + struct.pack(f"<{count}I", *[768] * count) + b"".join(tiles)
    path.write_bytes(head.ljust(start, b"\0") + body)
    assert same(decode(str(path), "image/tiff", 1).pixels, picture, slack=2)


def test_a_mirrored_heic_is_mirrored_back_once(tmp_path):
    path = tmp_path / "selfie.heic"
    big = cv2.resize(QUADRANTS, (320, 480), interpolation=cv2.INTER_NEAREST)
    heif = pillow_heif.from_pillow(pil(cv2.flip(big, 1)))
    heif.info["exif"] = with_orientation(2).tobytes()
    heif.save(path, quality=95)
    assert same(decode(str(path), "image/heic", 1).pixels, big, slack=40)
