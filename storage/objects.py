"""Bytes, stored once under their SHA-256 and never written to again (design rule 1).

`Objects` is the interface; `FolderObjects` keeps them in a folder. An object appears under its name only when all of
its bytes are on the disk, so a crash leaves no half object, and storing the same bytes twice costs nothing.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Protocol

import msgspec

from sohoa.disk import is_full
from sohoa.errors import SohoaError

_BLOCK = 1 << 20


class Objects(Protocol):
    """A write-once store keyed by lower-case hexadecimal SHA-256."""

    def put(self, source: Path | bytes) -> str:
        """Store the bytes of `source` and return their SHA-256."""
        ...

    def path(self, sha256: str) -> Path:
        """A local, read-only file with the object's bytes; raises SohoaError object_missing."""
        ...

    def remove(self, sha256: str) -> None:
        """Forget the object; no error when it is not there."""
        ...

    def size(self, sha256: str) -> int | None:
        """Its bytes, None when it is not there."""
        ...

    def list(self) -> Iterable[str]:
        """The SHA-256 of every object."""
        ...

    def damaged(self) -> Iterable[str]:
        """The objects whose bytes no longer have their SHA-256."""
        ...


class FolderObjects:
    """Objects as files `ab/cdef…` below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def root(self) -> Path:
        """The folder; what is not an object in it has a name of more than two letters."""
        return self._root

    def put(self, source: Path | bytes) -> str:
        """Store the bytes of `source`, in one pass, and return their SHA-256.

        Raises SohoaError disk_full or object_write.
        """
        digest = hashlib.sha256()
        try:
            with NamedTemporaryFile(dir=self._root, prefix=".incoming-", delete=False) as draft:
                try:
                    for block in _blocks(source):
                        digest.update(block)
                        draft.write(block)
                    draft.flush()
                    os.fsync(draft.fileno())
                    target = self._target(digest.hexdigest())
                    if not target.exists():
                        target.parent.mkdir(exist_ok=True, mode=0o700)
                        Path(draft.name).chmod(0o400)
                        Path(draft.name).replace(target)
                finally:
                    Path(draft.name).unlink(missing_ok=True)
        except OSError as error:
            raise SohoaError("disk_full" if is_full(error) else "object_write") from error
        return digest.hexdigest()

    def path(self, sha256: str) -> Path:
        """The object's own file, which its mode protects from being written."""
        target = self._target(sha256)
        if not target.is_file():
            raise SohoaError("object_missing", sha256=sha256[:8])
        return target

    def remove(self, sha256: str) -> None:
        """Delete the object's file and its folder when that is empty."""
        target = self._target(sha256)
        target.unlink(missing_ok=True)
        if target.parent.is_dir() and not any(target.parent.iterdir()):
            target.parent.rmdir()

    def size(self, sha256: str) -> int | None:
        """The length of the object's file."""
        target = self._target(sha256)
        return target.stat().st_size if target.is_file() else None

    def list(self) -> Iterator[str]:
        """Every object, in no particular order."""
        for folder in self._root.iterdir():
            if len(folder.name) == 2:
                yield from (folder.name + file.name for file in folder.iterdir())

    def damaged(self) -> Iterator[str]:
        """Read every object again and name those whose bytes have changed."""
        for sha256 in self.list():
            with self.path(sha256).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    yield sha256

    def _target(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return self._root / sha256[:2] / sha256[2:]


def pretty(content: object) -> bytes:
    """JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def replace_file(target: Path, content: bytes) -> None:
    """Write `target` whole or not at all."""
    draft = target.with_name(f".{target.name}.draft")
    draft.write_bytes(content)
    draft.replace(target)


def _blocks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        yield from _read(file)


def _read(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def replace_folder(draft: Path, target: Path) -> None:
    """Put the finished folder `draft` in the place of `target`, whatever stood there.

    A reader sees the old folder, or for an instant none, or the new one; never a mixture.
    """
    old = target.with_name(f".old-{target.name}")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    draft.replace(target)
    shutil.rmtree(old, ignore_errors=True)
