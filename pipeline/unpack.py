"""Opening a ZIP of uploads: its members become documents of their own. Runs in a killable child.

Names inside an archive are only for show: members are written under numbers, so that no name can lead anywhere. What
is unpacked is counted while it is written, whatever the archive's own table claims.
"""

import zipfile
import zlib
from pathlib import Path

from msgspec import Struct

from sohoa.child import Task
from sohoa.errors import SohoaError

_BLOCK = 1 << 20


class Unpack(Struct, frozen=True):
    """Unpack the archive at `path` into the folder `out`: at most `members` files of `most_bytes` each, `total` bytes in all."""

    path: str
    out: str
    most_bytes: int
    members: int = 10_000
    total: int = 8 << 30


class Member(Struct, frozen=True):
    """One file of an archive: its name there, and the file its bytes were written to, or the code of why they were not."""

    name: str
    path: str | None
    code: str | None = None


class Unpacked(Struct, frozen=True):
    """The members in the archive's order; folders and the dust of file managers left out."""

    members: tuple[Member, ...]


UNPACK = Task("pipeline.unpack:unpack", Unpack, Unpacked)


def unpack(asked: Unpack) -> Unpacked:
    """Raises SohoaError zip_damaged, zip_too_many; a single bad member only gets its code."""
    try:
        with zipfile.ZipFile(asked.path) as archive:
            wanted = [info for info in archive.infolist() if not info.is_dir() and not _dust(info.filename)]
            if len(wanted) > asked.members:
                raise SohoaError("zip_too_many", members=len(wanted), most=asked.members)
            left = asked.total
            members = []
            for number, info in enumerate(wanted):
                member, size = _write(archive, info, Path(asked.out) / f"{number:06d}", min(asked.most_bytes, left))
                members.append(member)
                left -= size
            return Unpacked(tuple(members))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError):
        raise SohoaError("zip_damaged") from None


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int) -> tuple[Member, int]:
    if info.flag_bits & 1:
        return Member(info.filename, None, "zip_encrypted"), 0
    size = 0
    try:
        with archive.open(info) as source, target.open("wb") as file:
            while block := source.read(_BLOCK):
                size += len(block)
                if size > most:
                    break
                file.write(block)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError):
        target.unlink(missing_ok=True)
        return Member(info.filename, None, "zip_damaged"), 0
    if size > most:
        target.unlink()
        return Member(info.filename, None, "file_too_large"), 0
    return Member(info.filename, str(target)), size


def _dust(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1].lower() in ("thumbs.db", "desktop.ini")
