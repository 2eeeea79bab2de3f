"""Where uploads are dropped before they are taken in: a folder beside the objects, or a corner of the bucket.

A portal sends its file straight there, past our server's memory; only when the portal names the place in a request are the
bytes hashed and stored as an object. Two shapes of the same thing, chosen by where the objects lie.
"""

import contextlib
import shutil
import time
from pathlib import Path
from typing import Protocol

from sohoa.errors import SohoaError
from storage.objects import FolderObjects, Objects


class DropPlaces(Protocol):
    """Bytes by a drop's id, until they are taken."""

    def address(self, id: str, seconds: float) -> str | None:
        """Where to PUT the bytes without asking us; None when they come to our own server."""
        ...

    def fetch(self, id: str, target: Path) -> None:
        """Write what lies there to `target`; raises SohoaError upload_missing."""
        ...

    def remove(self, id: str) -> None:
        """Forget it; no error when it is not there."""
        ...


class FolderPlaces:
    """Files in one folder; what nobody took is removed after `keep` seconds."""

    def __init__(self, folder: Path, keep: float = 86400.0) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.iterdir():
            with contextlib.suppress(OSError):
                if old.stat().st_mtime < time.time() - keep:
                    old.unlink()

    def path(self, id: str) -> Path:
        """Where our own server writes what it receives for this drop."""
        if len(id) != 32 or not set(id) <= set("0123456789abcdef"):
            raise SohoaError("upload_missing")
        return self._folder / id

    def address(self, id: str, seconds: float) -> None:
        """Nowhere else: the bytes come to us."""

    def fetch(self, id: str, target: Path) -> None:
        """Copy the file; it stays until it is removed, for the taking may have to be repeated."""
        try:
            shutil.copyfile(self.path(id), target)
        except OSError:
            raise SohoaError("upload_missing") from None

    def remove(self, id: str) -> None:
        """Delete the file."""
        self.path(id).unlink(missing_ok=True)


def drop_places(objects: Objects) -> DropPlaces:
    """The places that belong to where the objects lie, so that every server finds what was dropped at another."""
    if isinstance(objects, FolderObjects):
        return FolderPlaces(objects.root / "drops")
    from storage.s3 import S3Objects

    if isinstance(objects, S3Objects):
        return objects.drops
    raise TypeError(type(objects).__name__)
