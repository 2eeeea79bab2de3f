"""A folder that a scanner or a colleague drops files into: each is taken once it has stopped changing, and processed once.

A file is *stable* when its size and time have stayed the same for a while and nobody writes to it; names that programs give to
copies in progress are left alone. What was done stands in the records under the file's bytes: the same file under another
name, or after a restart, is not done twice. A bad file is one row with a code, and the next one goes on.
"""

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace
from watchfiles import watch

from pipeline.batch import rows_of, terms_for
from pipeline.handover import deliver
from pipeline.intake import Intake
from pipeline.job import Job
from pipeline.reporting import write_reports
from pipeline.runner import Place
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.settings import Settings
from storage.records import Document

_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", "~")
_LOOK_MS = 500
_EMPTY = 15  # times as long
_OVERLAP = 5.0  # transactions that began earlier may end later
_MAY_PASS = {"quota_full", "database_unreachable", "database_busy", "store_unreachable", "disk_full", "object_write", "worker_died"}


class Seen(Struct, frozen=True):
    """What a file looked like: bytes, time of change in nanoseconds, and its number in the file system."""

    size: int
    changed: int
    inode: int


class Stability(Struct):
    """Tells which files of a folder, `leave_out` left out, have stayed as they are for `seconds`. `now` is a steady clock.

    An empty file is waited for longer: programs make a file before they fill it.
    """

    seconds: float
    now: Callable[[], float] = time.monotonic
    leave_out: Path | None = None
    _since: dict[Path, tuple[Seen, float]] = field(default_factory=dict)
    _given: dict[Path, Seen] = field(default_factory=dict)

    def stable(self, folder: Path) -> list[Path]:
        """The files that have become stable since the last call, the oldest first; one that changes again comes again."""
        here: dict[Path, Seen] = {}
        for file in _files(folder, self.leave_out):
            if seen := _look(file):
                here[file] = seen
        for gone in self._since.keys() - here.keys():
            del self._since[gone]
            self._given.pop(gone, None)
        moment, ready = self.now(), []
        for file, seen in here.items():
            known = self._since.get(file)
            wait = self.seconds if seen.size else _EMPTY * self.seconds
            if known is None or known[0] != seen:
                self._since[file] = (seen, moment)
            elif moment - known[1] >= wait and self._given.get(file) != seen and not _written_to(file):
                self._given[file] = seen
                ready.append(file)
        return sorted(ready, key=lambda file: (here[file].changed, file.name))

    def again(self, file: Path) -> None:
        """Give this file again, once it has been stable for as long again: what took it could not."""
        self._given.pop(file, None)
        if file in self._since:
            self._since[file] = (self._since[file][0], self.now())


class Watched(Struct, frozen=True):
    """The folder, and what is done with its files; results go to `job.out`. `settle` seconds without a change make a file stable."""

    folder: Path
    job: Job
    office: str = ""
    settle: float = 2.0


class Watcher:
    """Takes stable files into the records; `ring` wakes whoever works. Results are laid out as `sohoa run` does."""

    def __init__(self, what: Watched, place: Place, settings: Settings, child: Child, ring: Callable[[], None]) -> None:
        self._what, self._place, self._ring = what, place, ring
        self._intake = Intake(place.objects, settings.limits.file_megabytes << 20, child)
        self._stability = Stability(what.settle, leave_out=what.job.folder)
        terms = replace(terms_for(what.job, settings, what.office, distributed=True), ring=place.records.shared)
        key = hashlib.sha256(f"{what.folder.resolve()}\0{what.job.encode()}".encode()).hexdigest()[:32]
        self._batch = place.records.open_batch(f"watch:{key}", what.job.encode(), terms)
        self._known = {document.sha256 for document in place.records.documents(self._batch) if document.sha256}
        self._since = 0.0
        self._home: dict[str, float] = {}
        self._stale, self._due = False, 0.0

    def look(self) -> list[Document]:
        """One round: take what is stable, bring home what is over. Returns what came home in this round."""
        for file in self._stability.stable(self._what.folder):
            try:
                self._take(file)
            except SohoaError as error:
                if error.code not in _MAY_PASS:
                    raise
                self._stability.again(file)
        return self._bring()

    def _take(self, file: Path) -> None:
        before = _look(file)
        if before is None:
            return  # it was removed, or renamed: under its new name it is seen again
        new = self._intake.accept([file])
        if _look(file) != before:
            self._stability.again(file)  # it changed while it was read
            return
        named = file.relative_to(self._what.folder).as_posix()
        for one in new:
            # The same bytes are the same paper, whatever they are called now.
            if one.sha256 not in self._known:
                self._place.records.add_document(self._batch, replace(one, source=one.source.replace(str(file), named, 1)))
                self._known |= {one.sha256} - {""}
        self._ring()

    def _bring(self) -> list[Document]:
        """What was over since the last round; on another machine's behalf its folder is laid out here first."""
        fresh = []
        for over, document in self._place.records.over_since(self._batch, self._since - _OVERLAP):
            if self._home.get(document.id) != over:
                target = self._what.job.folder / document.name
                if document.files and not (self._since == 0.0 and target.is_dir()):
                    deliver(self._place.objects, document.files, target)
                fresh.append(document)
            self._home[document.id] = over
        if fresh:
            self._since = max(self._home.values())
            # Only what the next look may show again has to be remembered.
            self._home = {one: over for one, over in self._home.items() if over >= self._since - 2 * _OVERLAP}
            self._stale = True
        self.report()
        return fresh

    def report(self, at_once: bool = False) -> None:
        """Write the reports anew when something came home, but not so often that it takes more than a twentieth of the time: they
        tell of every document there ever was."""
        started = time.monotonic()
        if self._stale and (at_once or started >= self._due):
            write_reports(self._what.job.folder, [one for one in rows_of(self._place, self._batch) if one["status"] != "waiting"])
            self._stale = False
            ended = time.monotonic()
            self._due = ended + 20 * (ended - started)


def changes(folder: Path, stop: threading.Event) -> Iterator[None]:
    """Yields at every change in the folder, and twice a second without one, for a network share tells of none."""
    while not stop.is_set():
        try:
            for _ in watch(folder, stop_event=stop, rust_timeout=_LOOK_MS, yield_on_timeout=True, debounce=200, recursive=True):
                yield
        except (OSError, RuntimeError):  # the folder is away, a share that is mounted anew: look again
            stop.wait(_LOOK_MS / 1000)
            yield


@contextmanager
def one_watcher(folder: Path) -> Iterator[None]:
    """Hold the right to watch `folder`, on this machine."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SohoaError("batch_running") from None
        yield
    finally:
        os.close(handle)


def _files(folder: Path, leave_out: Path | None) -> Iterator[Path]:
    with suppress(OSError):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if leave_out and path.is_relative_to(leave_out):
                continue
            if any(part.startswith((".", "~$")) for part in inside) or path.name.lower().endswith(_UNFINISHED):
                continue
            if path.is_file() and not path.is_symlink():
                yield path


def _look(file: Path) -> Seen | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return Seen(found.st_size, found.st_mtime_ns, found.st_ino)


def _written_to(file: Path) -> bool:
    """Whether a process of this machine has the file open for writing (Linux: a read lease is refused then)."""
    try:
        handle = os.open(file, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # not our file, or a file system without leases: its time and size must do
    finally:
        os.close(handle)
    return False
