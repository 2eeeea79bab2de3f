"""What a person sees change: pages as signed beside pages as they are now."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

from verification.difference import difference


def add_page(data: bytes) -> bytes:
    """The file with another page appended in a later revision, by a tool that knows nothing of signatures."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.writer import PageObject

    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    stream = writer.add_object(generic.StreamObject(stream_data=b"0 0 1 rg 100 100 200 200 re f"))
    writer.insert_page(PageObject(contents=stream, media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_file_that_nobody_changed_has_nothing_to_show(signed: bytes, paper: bytes) -> None:
    assert difference(signed) is None
    assert difference(paper) is None
    assert difference(b"%PDF-1.7 hello") is None


def test_an_invisible_second_signature_changes_nothing_to_the_eye(twice: bytes, signed: bytes) -> None:
    found = difference(twice)
    assert found is not None
    assert (found.signed_end, found.pages) == (len(signed), ())


def test_a_visible_addition_is_framed_on_its_page(sign, signed: bytes) -> None:
    found = difference(sign(signed, "agency", "Sig2", box=(350, 60, 520, 130)))
    assert found is not None
    (page,) = found.pages
    assert page.page == 1
    assert page.signed is not None
    assert page.final is not None
    before, after = (Image.open(BytesIO(png)).convert("RGB") for png in (page.signed, page.final))
    assert before.size == after.size
    red = [(x, y) for x in range(after.width) for y in range(after.height) if after.getpixel((x, y)) == (200, 32, 32)]
    left, right, top, bottom = min(x for x, _ in red), max(x for x, _ in red), min(y for _, y in red), max(y for _, y in red)
    height = after.height
    assert left == pytest.approx(350, abs=8)
    assert right == pytest.approx(520, abs=8)
    assert (top, bottom) == pytest.approx((height - 130, height - 60), abs=8)


def test_a_page_that_was_added_has_no_picture_as_signed(signed: bytes) -> None:
    found = difference(add_page(signed))
    assert found is not None
    last = found.pages[-1]
    assert (last.page, last.signed is None, last.final is not None) == (3, True, True)


def test_the_command_shows_the_pictures_and_gives_back_the_signed_version(sign, signed: bytes, pki, tmp_path: Path) -> None:
    file = tmp_path / "changed.pdf"
    file.write_bytes(add_page(signed))
    command = [
        sys.executable,
        "-m",
        "sohoa",
        "verify",
        file,
        "--trust",
        pki.trust,
        "--html",
        tmp_path / "r.html",
        "--signed-version",
        tmp_path,
    ]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin", "SOHOA_HOME": str(tmp_path / "home")}, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    page = (tmp_path / "r.html").read_text(encoding="utf8")
    assert "data:image/png;base64," in page
    assert "Trang này chưa có lúc ký." in page
    given = tmp_path / "changed.signed-version.pdf"
    assert given.read_bytes() == signed
    assert len(pdfium.PdfDocument(given)) == 2
    assert pikepdf.open(given)
