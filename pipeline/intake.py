"""What came in: every file once, with its type by content and its SHA-256, before anything parses it.

The bytes are copied into the object store and the upload itself is never touched. What is refused here gets a code
and a row like everything else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.names import folder_names
from sohoa.errors import SohoaError, UsageError
from storage.objects import Objects
from storage.records import NewDocument

_HEAD = 1024


def media_type(head: bytes) -> str | None:
    """The media type of a file by its first 1024 bytes, None when it is none that we read.

    A PDF's header may stand anywhere in them (ISO 32000-1 Annex H, implementation note 13).
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "image/tiff"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        return "image/heic"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if b"%PDF-" in head[:_HEAD]:
        return "application/pdf"
    return None


@dataclass(frozen=True)
class Intake:
    """Accepts files into `objects`. `most_bytes` is the size limit of one upload."""

    objects: Objects
    most_bytes: int

    def accept(self, inputs: Iterable[Path], leave_out: Path | None = None) -> list[NewDocument]:
        """One row per file below `inputs`, in order, refused ones with their code.

        Raises UsageError input_missing when an argument does not exist. `leave_out` is the output folder, which must
        not be read as input when it lies inside an input folder.
        """
        files = list(_files(inputs, leave_out))
        stored = [self._store(file) for file in files]
        names = folder_names([(file, sha) for file, (sha, _) in zip(files, stored, strict=True)])
        return [
            NewDocument(source=str(file), name=name, sha256=sha, error_code=code)
            for file, name, (sha, code) in zip(files, names, stored, strict=True)
        ]

    def _store(self, file: Path) -> tuple[str, str | None]:
        try:
            size = file.stat().st_size
            if size == 0:
                return "", "file_empty"
            if size > self.most_bytes:
                return "", "file_too_large"
            with file.open("rb") as opened:
                head = opened.read(_HEAD)
        except OSError:
            return "", "file_unreadable"
        sha256 = self.objects.put(file)
        return sha256, None if media_type(head) else "file_type_unknown"


def sniff(path: Path) -> str:
    """The media type of a stored upload; raises SohoaError file_type_unknown."""
    with path.open("rb") as file:
        found = media_type(file.read(_HEAD))
    if found is None:
        raise SohoaError("file_type_unknown")
    return found


def _files(inputs: Iterable[Path], leave_out: Path | None) -> Iterator[Path]:
    seen: set[Path] = set()
    hidden = leave_out.resolve() if leave_out else None
    for given in inputs:
        if not given.exists():
            raise UsageError("input_missing", path=str(given))
        found = [given] if given.is_file() else sorted(p for p in given.rglob("*") if p.is_file())
        for file in found:
            inside = file.relative_to(given).parts if given.is_dir() else ()
            if any(part.startswith(".") for part in inside):
                continue
            real = file.resolve()
            if real in seen or (hidden and given.is_dir() and real.is_relative_to(hidden)):
                continue
            seen.add(real)
            yield file
