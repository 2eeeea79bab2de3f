"""What came in: every file once, with its type by content and its SHA-256, before anything parses it.

The bytes are copied into the object store and the upload itself is never touched. What is refused here gets a code
and a row like everything else.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from pipeline.media import HEAD, ZIP, media_type
from pipeline.names import folder_names
from pipeline.splitting import SPLIT, Plan, Split
from pipeline.unpack import UNPACK, Member, Unpack
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from storage.objects import Objects
from storage.records import NewDocument
from verification.tasks import IS_SIGNED, IsSigned

_UNSTORED = frozenset({"file_empty", "file_too_large", "file_unreadable"})  # of these no bytes are kept


class Arrival(Struct, frozen=True):
    """One file that came in: how a person would call it, the path its folder is named after, its hash or its code."""

    source: str
    named: Path
    sha256: str
    code: str | None = None


class Intake(Struct, frozen=True):
    """Accepts files into `objects`. `most_bytes` is the size limit of one upload; `child` opens archives."""

    objects: Objects
    most_bytes: int
    child: Child

    def accept(self, inputs: Iterable[Path], leave_out: Path | None = None, plan: Plan | None = None) -> list[NewDocument]:
        """One row per file below `inputs`, in order, refused ones with their code; a ZIP gives a row for each member.

        Raises UsageError input_missing when an argument does not exist. `leave_out` is the output folder, which must
        not be read as input when it lies inside an input folder. A file that `plan` names is accepted as its parts.
        """
        arrivals = [arrival for file in _files(inputs, leave_out) for arrival in self._arrive(file, plan)]
        names = folder_names([(arrival.named, arrival.sha256) for arrival in arrivals])
        return [NewDocument(a.source, name, a.sha256, a.code) for a, name in zip(arrivals, names, strict=True)]

    def _arrive(self, file: Path, plan: Plan | None) -> Iterator[Arrival]:
        code, kind = self._look(file)
        if code or kind != ZIP:
            yield from self._store(str(file), file, file, code, plan)
            return
        with TemporaryDirectory(prefix="sohoa-zip-") as folder:
            try:
                members = self.child.call(UNPACK, Unpack(str(file), folder, self.most_bytes)).members
            except UsageError:
                raise
            except SohoaError as error:
                yield Arrival(str(file), file, "", error.code)
                return
            if not members:
                yield Arrival(str(file), file, "", "zip_empty")
            for member in members:
                yield from self._member(file, member, plan)

    def _member(self, archive: Path, member: Member, plan: Plan | None) -> Iterator[Arrival]:
        source, named = f"{archive}/{member.name}", archive.parent / f"{archive.stem}__{Path(member.name).name}"
        if member.path is None:
            yield Arrival(source, named, "", member.code)
            return
        code, kind = self._look(Path(member.path))
        if code is None and kind == ZIP:
            yield Arrival(source, named, "", "zip_nested")
        else:
            yield from self._store(source, named, Path(member.path), code, plan)

    def _store(self, source: str, named: Path, file: Path, code: str | None, plan: Plan | None) -> Iterator[Arrival]:
        """The bytes of one file, or of the papers it is to be divided into."""
        if code in _UNSTORED:
            yield Arrival(source, named, "", code)
            return
        parts = plan.parts.get(_digest(file)) if plan and code is None else None
        if parts is None:
            yield Arrival(source, named, self.objects.put(file), code)
            return
        with TemporaryDirectory(prefix="sohoa-parts-") as folder:
            try:
                if self.child.call(IS_SIGNED, IsSigned(str(file))).signed:
                    raise SohoaError("split_signed")
                paths = self.child.call(SPLIT, Split(str(file), folder, parts)).paths
            except UsageError:
                raise
            except SohoaError as error:
                yield Arrival(source, named, self.objects.put(file), error.code)
                return
            for (first, last), path in zip(parts, paths, strict=True):
                pages = f"{first}" if first == last else f"{first}-{last}"
                part = named.with_name(f"{named.stem}__p{pages}{named.suffix}")
                yield Arrival(f"{source}#page={pages}", part, self.objects.put(Path(path)))

    def _look(self, file: Path) -> tuple[str | None, str | None]:
        """(code of refusal, media type)."""
        try:
            size = file.stat().st_size
            with file.open("rb") as opened:
                kind = media_type(opened.read(HEAD))
        except OSError:
            return "file_unreadable", None
        if size == 0:
            return "file_empty", None
        if size > self.most_bytes:
            return "file_too_large", None
        return (None if kind else "file_type_unknown"), kind


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


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
