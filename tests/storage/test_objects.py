"""Bytes are stored once, never half, never changed."""

import hashlib
from pathlib import Path

import pytest

from sohoa.errors import SohoaError
from storage.objects import FolderObjects, replace_folder


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path / "objects")


def test_an_object_is_found_under_the_hash_of_its_bytes(objects: FolderObjects, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"giay to" * 500_000)
    sha = objects.put(tmp_path / "upload")
    assert sha == hashlib.sha256(b"giay to" * 500_000).hexdigest()
    assert objects.path(sha).read_bytes() == b"giay to" * 500_000
    assert list(objects.list()) == [sha]


def test_the_same_bytes_are_stored_once_and_leave_no_draft(objects: FolderObjects, tmp_path: Path) -> None:
    assert objects.put(b"x") == objects.put(b"x")
    assert len([p for p in (tmp_path / "objects").rglob("*") if p.is_file()]) == 1


def test_an_object_cannot_be_written_by_its_mode(objects: FolderObjects) -> None:
    assert objects.path(objects.put(b"x")).stat().st_mode & 0o777 == 0o400


def test_a_changed_object_is_found(objects: FolderObjects) -> None:
    sound, changed = objects.put(b"sound"), objects.put(b"changed")
    objects.path(changed).chmod(0o600)
    objects.path(changed).write_bytes(b"CHANGED")
    assert list(objects.damaged()) == [changed]
    assert sound in objects.list()


def test_a_missing_object_and_a_name_that_is_no_hash_are_refused(objects: FolderObjects) -> None:
    with pytest.raises(SohoaError, match="object_missing"):
        objects.path("0" * 64)
    with pytest.raises(ValueError, match="SHA-256"):
        objects.path("../../etc/passwd")


def test_a_removed_object_is_gone(objects: FolderObjects) -> None:
    sha = objects.put(b"x")
    objects.remove(sha)
    objects.remove(sha)
    assert list(objects.list()) == []


def test_a_finished_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    for name, text in (("draft", "new"), ("target", "old")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "document.txt").write_text(text)
    (tmp_path / "target" / "leftover").touch()
    replace_folder(tmp_path / "draft", tmp_path / "target")
    assert [p.name for p in tmp_path.iterdir()] == ["target"]
    assert [p.read_text() for p in (tmp_path / "target").iterdir()] == ["new"]
