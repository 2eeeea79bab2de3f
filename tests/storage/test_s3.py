"""Objects on a real S3 server."""

from pathlib import Path

import httpx
import obstore
import pytest

from sohoa.errors import SohoaError, UsageError
from storage.s3 import S3Objects


@pytest.fixture
def objects(s3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3Objects:
    for name, value in s3.KEYS.items():
        monkeypatch.setenv(name, value)
    return S3Objects(s3.bucket(), tmp_path / "cache")


def test_what_is_stored_comes_back_under_its_hash(objects: S3Objects, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x" * 3_000_000)
    sha = objects.put(tmp_path / "x")
    assert objects.put(b"x" * 3_000_000) == sha
    assert list(objects.list()) == [sha]
    assert objects.path(sha).read_bytes() == b"x" * 3_000_000
    objects.remove(sha)
    objects.remove(sha)
    with pytest.raises(SohoaError, match="object_missing"):
        objects.path(sha)


def test_the_server_itself_refuses_a_second_writer(objects: S3Objects) -> None:
    sha = objects.put(b"first")
    with pytest.raises(obstore.exceptions.AlreadyExistsError):
        obstore.put(objects._store, f"{sha[:2]}/{sha[2:]}", b"second", mode="create")


def test_an_object_that_changed_on_the_server_is_named_and_never_used(objects: S3Objects) -> None:
    sha, sound = objects.put(b"first"), objects.put(b"sound")
    obstore.put(objects._store, f"{sha[:2]}/{sha[2:]}", b"other")
    assert list(objects.damaged()) == [sha]
    with pytest.raises(SohoaError, match="object_damaged"):
        objects.path(sha)
    assert objects.path(sound).read_bytes() == b"sound"


def test_copies_on_this_machine_stay_below_their_limit(s3, tmp_path: Path, objects: S3Objects) -> None:
    small = S3Objects(s3.bucket(), tmp_path / "small", cache_bytes=4000)
    for n in range(8):
        small.path(small.put(bytes([n]) * 1000))
    assert sum(file.stat().st_size for file in (tmp_path / "small").glob("??/*")) <= 5000


def test_wrong_keys_and_a_missing_server_have_codes_of_their_own(objects: S3Objects, s3, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(SohoaError, match="store_refused"):
        S3Objects(s3.bucket(), tmp_path / "c").put(b"x")
    with pytest.raises(SohoaError, match="store_unreachable"):
        S3Objects("s3://b?endpoint=http://127.0.0.1:9", tmp_path / "c").put(b"x")
    with pytest.raises(UsageError, match="objects_address"):
        S3Objects("s3://b?endpont=http://127.0.0.1:9", tmp_path / "c")


def test_an_upload_is_put_at_a_signed_address_and_is_no_object(objects: S3Objects, tmp_path: Path) -> None:
    id = "0123456789abcdef" * 2
    address = objects.drops.address(id, 60)
    with pytest.raises(SohoaError, match="upload_missing"):
        objects.drops.fetch(id, tmp_path / "x")
    for url, status in ((address, 200), (address.replace("Signature=", "Signature=0"), 403)):
        assert httpx.put(url, content=b"a scan").status_code == status
    objects.drops.fetch(id, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"a scan"
    assert list(objects.list()) == []
    objects.drops.remove(id)
    objects.drops.remove(id)
    with pytest.raises(SohoaError, match="upload_missing"):
        objects.drops.fetch(id, tmp_path / "x")
