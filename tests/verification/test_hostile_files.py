"""Files built to stall, exhaust or mislead a reader: each gets an answer in time, none of them "valid"."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sohoa.child import Child
from verification.tasks import PRELOAD, Verify, verify_in_child


def pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R", prev: bytes = b"", size: int | None = None) -> bytes:
    """A PDF of these objects, numbered from 1."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    return bytes(out + b"trailer\n<</Size %d %s %s>>\nstartxref\n%d\n%%%%EOF\n" % (size or len(objects) + 1, trailer, prev, table))


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(content), entries, content)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
WITH_CONTENT = PAGE[:-2] + b"/Contents 4 0 R>>"
SEAT = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 10 20 30]/Contents<3080>>>"


def bomb() -> bytes:
    """A few bytes that unpack to 400 MB by way of a second stream."""
    inner = zlib.compress(b"\0" * (400 << 20), 1)
    return zlib.compress(inner, 9)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a table that follows itself": lambda: pdf(CATALOG, PAGES, PAGE, prev=b"/Prev 9"),
    "a table that names its own place": lambda: _own_place(),
    "a page that is its own parent": lambda: pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>", PAGE),
    "pages in a ring": lambda: pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
    "nesting a hundred thousand deep": lambda: pdf(CATALOG, PAGES, PAGE, b"[" * 100_000 + b"]" * 100_000),
    "dictionaries fifty thousand deep": lambda: pdf(CATALOG, PAGES, PAGE, b"<</A" * 50_000 + b" null" + b">>" * 50_000),
    "a field tree in a ring": lambda: pdf(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", PAGES, PAGE, b"<</T(a)/Kids[4 0 R]>>"
    ),
    "a stream that unpacks to 400 MB": lambda: pdf(CATALOG, PAGES, WITH_CONTENT, stream(bomb(), b"/Filter[/FlateDecode/FlateDecode]")),
    "a size of two thousand million objects": lambda: pdf(CATALOG, PAGES, PAGE, size=2_000_000_000),
    "a count of two thousand million pages": lambda: pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", PAGE),
    "ten thousand seats for signatures": lambda: pdf(CATALOG, PAGES, PAGE, *([SEAT] * 10_000)),
    "ten thousand ranges in one place": lambda: pdf(CATALOG, PAGES, PAGE, b"/ByteRange[0 1 2 3]" * 10_000),
    "a megabyte of unclosed strings": lambda: pdf(CATALOG, PAGES, PAGE, b"(" * 1_000_000),
    "a stream that claims to be endless": lambda: pdf(CATALOG, PAGES, PAGE, b"<</Length 99999999999>>\nstream\nx\nendstream"),
    "a length that leads to itself": lambda: pdf(CATALOG, PAGES, WITH_CONTENT, b"<</Length 4 0 R>>\nstream\nx\nendstream"),
    "a ZIP with a PDF behind it": lambda: b"PK\x03\x04" + b"\0" * 26 + pdf(CATALOG, PAGES, PAGE),
    "an HTML page with a PDF inside": lambda: b"<html><script>alert(1)</script>\n" + pdf(CATALOG, PAGES, PAGE, SEAT),
    "numbers of a million digits": lambda: pdf(CATALOG, PAGES, PAGE, b"1" * 1_000_000),
    "names made of escapes": lambda: pdf(CATALOG, PAGES, PAGE, b"<</" + b"#2f" * 300_000 + b" 1>>"),
    "a signature field without a value in a ring": lambda: pdf(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>", PAGES, PAGE, b"<</FT/Sig/T(a)/V 4 0 R/Parent 4 0 R>>"
    ),
}


def _own_place() -> bytes:
    made = pdf(CATALOG, PAGES, PAGE)
    return pdf(CATALOG, PAGES, PAGE, prev=b"/Prev %d" % made.rindex(b"xref\n0"))


@pytest.fixture(scope="module")
def child():
    with Child(PRELOAD) as child:
        yield child


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_gets_an_answer_in_time_and_is_never_valid(child: Child, pki, tmp_path: Path, make: Callable[[], bytes]) -> None:
    file = tmp_path / "hostile.pdf"
    file.write_bytes(make())
    verdict = verify_in_child(child, Verify(str(file), str(pki.trust)))
    assert verdict.verdict in ("unsigned", "indeterminate", "invalid")
    assert verdict.reason_code
    assert verdict.seconds < 10
