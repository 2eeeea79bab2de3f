"""A signature opens doors that an unsigned file does not: pages are compared, evidence is read. None of them may be held open."""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from sohoa.child import Child
from verification.tasks import PRELOAD, Verify, verify_in_child

Change = Callable[[IncrementalPdfFileWriter], None]


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child(PRELOAD) as child:
        yield child


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A few hundred bytes that unpack to 400 MB."""
    return zlib.compress(zlib.compress(b"\0" * (400 << 20), 1), 9)


def name(text: str) -> generic.NameObject:
    return generic.NameObject(text)


def packed(body: bytes, kind: str = "") -> Any:
    entries: dict[Any, Any] = {name("/Filter"): generic.ArrayObject([name("/FlateDecode")] * 2)}
    if kind:
        entries |= {name("/Type"): name("/XObject"), name("/Subtype"): name(kind), name("/BBox"): box(0, 0, 9, 9)}
    return generic.StreamObject(entries, encoded_data=body)


def box(*numbers: int) -> generic.ArrayObject:
    return generic.ArrayObject(generic.NumberObject(n) for n in numbers)


def page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0]


def as_contents(writer: IncrementalPdfFileWriter, body: bytes) -> None:
    page(writer)[name("/Contents")] = writer.add_object(packed(body))
    writer.update_container(page(writer))


def as_annotation(writer: IncrementalPdfFileWriter, body: bytes) -> None:
    looks = generic.DictionaryObject({name("/N"): writer.add_object(packed(body, "/Form"))})
    note = {name("/Type"): name("/Annot"), name("/Subtype"): name("/Stamp"), name("/Rect"): box(40, 40, 90, 90), name("/AP"): looks}
    page(writer)[name("/Annots")] = generic.ArrayObject([writer.add_object(generic.DictionaryObject(note))])
    writer.update_container(page(writer))


def as_evidence(writer: IncrementalPdfFileWriter, body: bytes) -> None:
    lists = generic.ArrayObject([writer.add_object(packed(body)) for _ in range(5)])
    store = {name("/CRLs"): lists, name("/OCSPs"): lists, name("/Certs"): lists}
    writer.root[name("/DSS")] = writer.add_object(generic.DictionaryObject(store))
    writer.update_root()


def as_metadata(writer: IncrementalPdfFileWriter, body: bytes) -> None:
    writer.root[name("/Metadata")] = writer.add_object(packed(body))
    writer.update_root()


def updated(data: bytes, place: Callable[[IncrementalPdfFileWriter, bytes], None], body: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    place(writer, body)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("place", "signed_first"),
    [(as_contents, True), (as_contents, False), (as_annotation, True), (as_evidence, True), (as_metadata, True)],
    ids=["contents added", "contents signed", "annotation added", "evidence added", "metadata added"],
)
def test_a_bomb_in_a_signed_file_gets_an_answer_in_time(child, sign, paper, pki, bomb, tmp_path: Path, place, signed_first) -> None:
    file = tmp_path / "bomb.pdf"
    file.write_bytes(updated(sign(paper), place, bomb) if signed_first else sign(updated(paper, place, bomb)))
    verdict = verify_in_child(child, Verify(str(file), str(pki.trust)))
    assert verdict.seconds < 10
    assert verdict.reason_code
    assert verdict.verdict != "valid" or place in (as_evidence, as_metadata) or not signed_first


def test_five_thousand_revisions_get_an_answer_in_time(child, sign, paper, pki, tmp_path: Path) -> None:
    signed = sign(paper)
    previous = int(signed[signed.rindex(b"startxref") + 9 :].split()[0])
    root = signed[signed.rindex(b"/Root") :].split()[1]
    out = bytearray(signed)
    for _ in range(5_000):
        at = len(out)
        out += b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 99/Root %s 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (root, previous, at)
        previous = at
    file = tmp_path / "long.pdf"
    file.write_bytes(bytes(out))
    verdict = verify_in_child(child, Verify(str(file), str(pki.trust)))
    assert verdict.seconds < 10
    assert verdict.reason_code


@pytest.mark.parametrize("depth", [100, 2000])
def test_deep_nesting_in_a_later_revision_gets_an_answer_in_time(child, sign, paper, pki, tmp_path: Path, depth: int) -> None:
    def nested(writer: IncrementalPdfFileWriter, body: bytes) -> None:
        inner: Any = generic.NullObject()
        for _ in range(depth):
            inner = writer.add_object(generic.ArrayObject([inner]))
        page(writer)[name("/PieceInfo")] = generic.DictionaryObject({name("/A"): inner})
        writer.update_container(page(writer))

    file = tmp_path / "deep.pdf"
    file.write_bytes(updated(sign(paper), nested, b""))
    verdict = verify_in_child(child, Verify(str(file), str(pki.trust)))
    assert verdict.verdict != "valid"
    assert verdict.seconds < 10


@pytest.mark.parametrize("number", [3, 4, 6])
def test_a_table_that_calls_one_object_by_anothers_number_is_answered_by_us(child, twice, pki, tmp_path: Path, number: int) -> None:
    """qpdf takes the one for the other while it still holds it, and its process dies."""
    file = tmp_path / "astray.pdf"
    at = twice.index(b"\n%d 0 obj" % number) + 1
    file.write_bytes(twice[:at] + (b"3" if number != 3 else b"6") + twice[at + 1 :])
    verdict = verify_in_child(child, Verify(str(file), str(pki.trust)))
    assert verdict.verdict in ("invalid", "indeterminate")
    assert verdict.reason_code != "worker_died"
    assert verdict.integrity in ("altered", "unknown")
