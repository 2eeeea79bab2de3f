"""What a batch of signatures has to know after `kill -9`: which file is how far, and what a remote service was asked.

One line of JSON per fact, appended and flushed to the disk before the next step is taken; a line that was cut off by the end
of the process counts as not written. Signatures stand in it, secrets never do.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from signing.model import Approval
from signing.tasks import Prepared
from sohoa.errors import UsageError

State = Literal["drafted", "signed", "whole", "released", "dropped"]


class Line(msgspec.Struct, omit_defaults=True):
    """`item` is a file's key, `target` the path of its result. `drafted` has `prepared` and `at`, and once it was asked for its
    `place` in the list `group`; `signed` has the signature, `whole` the file's SHA-256 and report.

    A line with `request` is a transaction at a remote service instead.
    """

    item: str = ""
    state: State = "drafted"
    target: str = ""
    prepared: Prepared | None = None
    at: str = ""
    group: str = ""
    place: int = 0
    signature: bytes = b""
    sha256: str = ""
    report: dict[str, object] = {}
    request: str = ""
    transaction: str = ""


class Journal:
    """The journal in `file`; threads may add to it.

    It is also the `signing.model.Notes` of a key that is asked for many signatures at once; `listen` hears how such a request
    stands, with the number of signatures.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.lines: dict[str, Line] = {}
        self._transactions: dict[str, str] = {}
        self.listen: Callable[[Approval, int], None] = lambda state, orders: None
        self._lock = threading.Lock()
        for line in _read(file):
            self._take(line)
        self._out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, line: Line, flush: bool = True) -> None:
        """Append `line`; with `flush` it is on the disk when this returns."""
        os.write(self._out, msgspec.json.encode(line) + b"\n")
        if flush:
            os.fdatasync(self._out)
        with self._lock:
            self._take(line)

    def recall(self, request: str) -> str:
        """The transaction kept for `request`, "" when there is none."""
        return self._transactions.get(request, "")

    def keep(self, request: str, transaction: str) -> None:
        """Keep `transaction` on the disk."""
        self.add(Line(request=request, transaction=transaction))

    def tell(self, state: Approval, orders: int) -> None:
        """Pass on how a request stands."""
        self.listen(state, orders)

    def close(self, done: bool) -> None:
        """Close it; when everything is `done` nothing is left of it."""
        os.close(self._out)
        if done:
            self._file.unlink(missing_ok=True)

    def _take(self, line: Line) -> None:
        if line.request:
            self._transactions[line.request] = line.transaction
        elif line.state == "dropped":
            self.lines.pop(line.item, None)
        else:
            before = self.lines.get(line.item)
            if before is not None and line.prepared is None:
                # What a later line does not say holds on.
                said = {name: value for name in Line.__struct_fields__ if (value := getattr(line, name)) or name == "state"}
                line = msgspec.structs.replace(before, **said)
            self.lines[line.item] = line


@contextmanager
def only_one(folder: Path, name: str) -> Iterator[Path]:
    """The journal file of the batch called `name`, for one process alone. Raises UsageError batch_running."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = sha256(name.encode()).hexdigest()[:32]
    with (folder / f"{key}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError("batch_running") from None
        yield folder / f"{key}.jsonl"


def _read(file: Path) -> Iterator[Line]:
    if not file.is_file():
        return
    content = file.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with file.open("r+b") as cut:  # the next line must not be glued to half of one
            cut.truncate(len(whole))
    for line in whole.splitlines():
        try:
            yield msgspec.json.decode(line, type=Line)
        except msgspec.MsgspecError:
            continue
