"""What came in: typed by content, stored once, refused with a code."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.intake import Intake
from pipeline.media import media_type
from sohoa.child import Child
from sohoa.errors import UsageError
from storage.objects import FolderObjects


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    with Child() as child:
        yield Intake(FolderObjects(tmp_path / "objects"), most_bytes=1000, child=child)


def write(folder: Path, **files: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\n\n garbage %PDF-1.4", "application/pdf"),
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00*", "image/tiff"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1", "image/heic"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"MZ\x90\x00", None),
        (b"plain words", None),
    ],
)
def test_the_type_is_found_by_content(head: bytes, kind: str | None) -> None:
    assert media_type(head) == kind


def test_the_name_of_a_file_does_not_make_it_a_pdf(intake: Intake, tmp_path: Path) -> None:
    (new,) = intake.accept([write(tmp_path / "in", a_pdf=b"these are only words")])
    assert new.error_code == "file_type_unknown"


def test_empty_and_oversized_files_are_rows_with_a_code(intake: Intake, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a_pdf=b"", b_pdf=b"%PDF-" + b"x" * 2000, c_pdf=b"%PDF-1.7")
    assert [new.error_code for new in intake.accept([folder])] == ["file_empty", "file_too_large", None]


def test_byte_equal_uploads_are_stored_once_and_each_have_a_row(intake: Intake, tmp_path: Path) -> None:
    rows = intake.accept([write(tmp_path / "in", a_pdf=b"%PDF-1.7", b_pdf=b"%PDF-1.7")])
    assert len(rows) == 2
    assert len(list(intake.objects.list())) == 1


def test_the_upload_itself_is_not_touched(intake: Intake, tmp_path: Path) -> None:
    file = write(tmp_path / "in", a_pdf=b"%PDF-1.7") / "a.pdf"
    before = file.stat()
    intake.accept([file])
    after = file.stat()
    assert (before.st_mtime_ns, before.st_mode, before.st_ino) == (after.st_mtime_ns, after.st_mode, after.st_ino)


def test_results_and_hidden_files_are_not_taken_for_input(intake: Intake, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a_pdf=b"%PDF-1.7")
    write(folder / "out" / "a", document_pdf=b"%PDF-1.7 result")
    write(folder / ".cache", x_pdf=b"%PDF-1.7 hidden")
    assert [Path(new.source).name for new in intake.accept([folder], leave_out=folder / "out")] == ["a.pdf"]


def test_a_file_named_twice_is_one_input(intake: Intake, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a_pdf=b"%PDF-1.7")
    assert len(intake.accept([folder, folder / "a.pdf"])) == 1


def test_a_missing_argument_is_a_usage_error(intake: Intake, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="input_missing"):
        intake.accept([tmp_path / "nothing"])


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return held.getvalue()


def test_the_members_of_a_zip_are_documents_named_after_it(intake: Intake, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", hồ_zip=b"")
    (folder / "hồ.zip").write_bytes(zipped(a_pdf=b"%PDF-1.7 a", sub__b_jpg=b"\xff\xd8\xff b", sub__c_txt=b"words", sub__Thumbs_db=b"dust"))
    rows = intake.accept([folder])
    assert [(row.name, row.error_code) for row in rows] == [("hồ__a", None), ("hồ__b", None), ("hồ__c", "file_type_unknown")]
    assert rows[1].source == f"{folder}/hồ.zip/sub/b.jpg"


def test_a_bomb_a_nested_a_damaged_and_an_empty_zip_get_codes(intake: Intake, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.zip").write_bytes(zipped(bomb_pdf=b"%PDF-" + bytes(10_000_000), good_pdf=b"%PDF-1.7"))
    (folder / "2.zip").write_bytes(zipped(inner_zip=zipped(a_pdf=b"%PDF-1.7")))
    (folder / "3.zip").write_bytes(zipped(a_pdf=b"%PDF-1.7")[:40])
    (folder / "4.zip").write_bytes(zipped())
    codes = [(row.name, row.error_code) for row in Intake(intake.objects, 1_000_000, intake.child).accept([folder])]
    assert codes == [("1__bomb", "file_too_large"), ("1__good", None), ("2__inner", "zip_nested"), ("3", "zip_damaged"), ("4", "zip_empty")]


def test_a_name_in_a_zip_leads_nowhere(intake: Intake, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr("../../../outside.pdf", b"%PDF-1.7")
        archive.writestr("/etc/absolute.pdf", b"%PDF-1.7 2")
    rows = intake.accept([folder])
    assert [(row.name, row.error_code) for row in rows] == [("x__outside", None), ("x__absolute", None)]
    assert not list(tmp_path.parent.rglob("outside.pdf"))
