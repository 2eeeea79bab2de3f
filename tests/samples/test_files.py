"""Each file is in the condition its name says."""

import asyncio
import io
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pillow_heif
import pypdfium2
import pytest
from PIL import Image, ImageSequence, UnidentifiedImageError
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

# One file's case, as conftest.py builds it.
Case = Any


def _expected(drawn: Path, stem: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((drawn / f"{stem}.json").read_text(encoding="utf8"))
    return truth["expect"]


def test_the_truncated_pdf_cannot_be_opened(drawn: Path) -> None:
    assert _expected(drawn, "bad.truncated")["code"] == "pdf_damaged"
    data = (drawn / "bad.truncated.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(data)
    with pytest.raises(pikepdf.PdfError):
        pikepdf.open(io.BytesIO(data))


def test_the_encrypted_pdf_opens_with_its_password_only(drawn: Path) -> None:
    expected = _expected(drawn, "bad.encrypted")
    assert expected["code"] == "pdf_encrypted"
    path = drawn / "bad.encrypted.pdf"
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(path)
    with pikepdf.open(path, password=expected["password"]) as document:
        assert len(document.pages) == 1


def test_the_file_that_is_no_image_is_text(drawn: Path) -> None:
    assert _expected(drawn, "bad.not-an-image")["code"] == "file_type_unknown"
    path = drawn / "bad.not-an-image.pdf"
    assert path.read_text(encoding="utf8").startswith("Kính gửi")
    with pytest.raises(UnidentifiedImageError):
        Image.open(path)


def test_one_photo_lies_on_its_side_and_says_so(drawn: Path) -> None:
    with Image.open(drawn / "birth-registration.photo.jpg") as image:
        assert image.getexif()[0x0112] == 6
        assert image.size == (3200, 2400)


def test_the_heic_is_a_heic_of_a_phones_size(drawn: Path) -> None:
    picture = pillow_heif.open_heif(drawn / "ct01.photo.heic")
    assert picture.mimetype == "image/heic"
    assert picture.size == (2400, 3200)


def test_the_tiff_has_three_pages_in_three_compressions(drawn: Path) -> None:
    with Image.open(drawn / "decision.scan300.tif") as image:
        pages = [(page.info["compression"], page.mode, round(page.info["dpi"][0])) for page in ImageSequence.Iterator(image)]
    assert pages == [("group4", "1", 300), ("tiff_adobe_deflate", "L", 300), ("jpeg", "RGB", 300)]


@pytest.mark.parametrize("name", ["decision.scan200.pdf", "certificate.scan-signed.pdf"])
def test_a_pdf_of_scans_holds_pictures_and_no_text(name: str, drawn: Path) -> None:
    document = pypdfium2.PdfDocument((drawn / name).read_bytes())
    for page in document:
        assert page.get_textpage().count_chars() == 0
        assert [obj.type for obj in page.get_objects()] == [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]


def test_scans_of_paper_with_a_seal_are_in_colour(drawn: Path) -> None:
    with Image.open(drawn / "certificate.scan300.jpg") as image:
        red, green, _ = np.moveaxis(np.asarray(image, np.int16), -1, 0)
    assert (red - green > 90).sum() > 20_000


def test_signatures_are_intact_and_trusted_by_the_demo_root_alone(signed: Case, drawn: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    expected = signed.truth["expect"]
    root = load_cert_from_pemder(str(drawn / expected["trust"]))
    reader = PdfFileReader(io.BytesIO(signed.path.read_bytes()))
    assert [found.field_name for found in reader.embedded_signatures] == [said["field"] for said in expected["signatures"]]
    for found, said in zip(reader.embedded_signatures, expected["signatures"], strict=True):
        trusting = ValidationContext(trust_roots=[root], allow_fetching=False)
        status = asyncio.run(async_validate_pdf_signature(found, trusting))
        assert status.bottom_line
        assert status.signing_cert.subject.native["common_name"] == said["signer"]
        assert found.sig_object["/SubFilter"] == f"/{said['sub_filter']}"
        stranger = ValidationContext(trust_roots=[], allow_fetching=False)
        assert not asyncio.run(async_validate_pdf_signature(found, stranger)).trusted
